/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/cmd.h"
#include "forwarder/daemon.h"

static void picked(void *, enum api_operation operation, enum credential_kind kind)
{
	log_debug("%s: with the credential '%s'", api_operation_name(operation), credential_kind_names[kind]);
}

static int load(void *context, struct settings *ret, struct err *err)
{
	return cmd_load(context, CONFIG_TO_RUN, ret, err);
}

int cmd_run(const struct options *o, const char *file, struct err *err)
{
	struct options own = *o;
	struct daemon_options options = { .load = load,
					  .context = &own,
					  .is_once = o->is_once,
					  .api = { .timeout_ms = o->timeout_ms,
						   .max_retries = o->max_retries,
						   .request_log_fd = -1,
						   .picked = log_is_on(LOG_DEBUG) ? picked : NULL } };
	DEFER(closep) int log_fd = -1;

	(void)file;
	if (cmd_open_log(o, &log_fd, err))
		return -1;
	options.api.request_log_fd = log_fd;
	return daemon_run(&options, err);
}
