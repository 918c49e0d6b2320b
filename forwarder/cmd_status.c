/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"
#include "forwarder/bulletin.h"
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
	struct bulletin *bulletin = spool ? bulletin_new(spool, err) : NULL;
	struct status status = { .spool = spool, .bulletin = bulletin };
	int ret;

	if (!bulletin)
		return -1;
	ret = as_json ? status_add_json(text, &status, err) : status_add_text(text, &status, err);
	if (!ret && as_json && buf_add_byte(text, '\n'))
		ret = err_nomem(err);
	bulletin_free(bulletin);
	return ret;
}

/* What the daemon of that folder says: 1; 0 when none runs; -1 with err. */
static int from_daemon(const char *dir, bool as_json, struct buf *text, struct err *err)
{
	int status = control_ask(dir, as_json ? "status json" : "status", text, err);

	if (status > 0 && text_starts(buf_view(text), VIEW("error: ")))
		return err_set(err, ERR_LATER, 0, "the daemon: %.*s", (int)text->len - 8, text->ptr + 7);
	return status;
}

int cmd_status(const struct options *o, const char *file, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(STATUS_BYTES);
	struct settings settings;
	int status;

	(void)file;
	if (cmd_load(o, CONFIG_TO_ASK, &settings, err)) {
		/* A daemon goes on with the configuration from before, and says so. */
		const char *dir = o->state_dir ? o->state_dir : CONFIG_STATE_DIR;

		if (from_daemon(dir, o->as_json, &text, NULL) <= 0)
			return -1;
		log_warn("%s; what follows is of the skantd that has the state folder '%s'", err->text, dir);
		return cmd_print(buf_view(&text), err);
	}
	status = from_daemon(settings.state_dir, o->as_json, &text, err);
	if (status == 0)
		status = from_spool(&settings, o->as_json, &text, err);
	if (status >= 0)
		status = cmd_print(buf_view(&text), err);
	settings_done(&settings);
	return status;
}
