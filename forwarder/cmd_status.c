/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"
#include "forwarder/cmd.h"
#include "forwarder/config.h"
#include "forwarder/control.h"
#include "forwarder/status.h"

#define STATUS_BYTES (16u << 20)

static int from_spool(const struct settings *settings, bool as_json, struct buf *text, struct err *err)
{
	const struct spool_options options = { .dir = settings->state_dir,
					       .max_bytes = settings->retention.max_bytes,
					       .read_only = true };
	DEFER(spool_freep) struct spool *spool = spool_open(&options, err);
	struct status status = { .spool = spool };

	if (!spool)
		return -1;
	if (!as_json)
		return status_add_text(text, &status, err);
	if (status_add_json(text, &status, err))
		return -1;
	return buf_add_byte(text, '\n') ? err_nomem(err) : 0;
}

int cmd_status(const struct options *o, const char *file, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(STATUS_BYTES);
	struct settings settings;
	int status;

	(void)file;
	if (cmd_load(o, &settings, err))
		return -1;
	status = control_ask(settings.state_dir, o->as_json ? "status json" : "status", &text, err);
	if (status == 0)
		status = from_spool(&settings, o->as_json, &text, err) ? -1 : 1;
	if (status > 0 && text_starts(buf_view(&text), VIEW("error: ")))
		status = err_set(err, ERR_LATER, 0, "the daemon: %.*s", (int)text.len - 8, text.ptr + 7);
	if (status > 0)
		status = cmd_print(buf_view(&text), err);
	settings_done(&settings);
	return status < 0 ? -1 : 0;
}
