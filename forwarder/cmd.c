/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "forwarder/config.h"

#define REQUEST_LOG_MODE 0600

static int replace_text(char **text, const char *by, struct err *err)
{
	char *copy;

	if (!by)
		return 0;
	copy = strdup(by);
	if (!copy)
		return err_nomem(err);
	free(*text);
	*text = copy;
	return 0;
}

int cmd_load(const struct options *o, enum config_use use, struct settings *ret, struct err *err)
{
	if (options_config_is_absent(o) && errno == ENOENT)
		return err_set(err, ERR_CONFIG, 0, "there is no '%s' (see skantd.yaml(5)); --config names another",
			       o->config);
	if (config_load(o->config, &o->profile, use, ret, err))
		return -1;
	if (replace_text(&ret->state_dir, o->state_dir, err)) {
		settings_done(ret);
		return -1;
	}
	return 0;
}

int cmd_open_log(const struct options *o, int *ret_fd, struct err *err)
{
	*ret_fd = -1;
	if (!o->request_log)
		return 0;
	*ret_fd = open(o->request_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, REQUEST_LOG_MODE);
	return *ret_fd < 0 ? err_set(err, ERR_USAGE, errno, "cannot open the request log '%s'", o->request_log) : 0;
}

int cmd_print(struct view text, struct err *err)
{
	return file_write_full(STDOUT_FILENO, text) ? err_set(err, ERR_IO, errno, "cannot write to standard output")
						    : 0;
}

void cmd_note_failure(struct err *first, const struct err *why)
{
	if (first->kind == ERR_NONE)
		*first = *why;
	else
		log_error("%s", why->text);
}

const struct settings_sink *cmd_find_sink(const struct settings *settings, const char *name, struct err *err)
{
	DEFER(buf_done) struct buf names = BUF_INIT(ERR_TEXT_BYTES);

	for (size_t i = 0; i < settings->sink_count; i++) {
		if (strcmp(settings->sinks[i].name, name) == 0)
			return &settings->sinks[i];
		if (buf_addf(&names, "%s%s", i ? ", " : "", settings->sinks[i].name)) {
			err_nomem(err);
			return NULL;
		}
	}
	err_set(err, ERR_USAGE, 0, "there is no sink '%s'; there are: %s", name, names.ptr ? names.ptr : "none");
	return NULL;
}
