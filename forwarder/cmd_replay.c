/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "forwarder/cmd.h"
#include "forwarder/config.h"
#include "forwarder/control.h"
#include "forwarder/spool/spool.h"

#define REPLY_BYTES (64u << 10)

static int ask_for(struct spool *spool, const struct options *o, struct spool_replay *ret, struct err *err)
{
	int64_t from_ns, to_ns;
	uint64_t end;

	*ret = (struct spool_replay){ .from_seq = 1, .to_seq = spool_head(spool), .dead_only = o->dead_only };
	if (!o->from && !o->to)
		return 0;
	if (options_range(o, &from_ns, &to_ns, err) || spool_seq_at(spool, from_ns, &ret->from_seq, err) ||
	    spool_seq_at(spool, to_ns, &end, err))
		return -1;
	ret->to_seq = end - 1;
	return 0;
}

static int replay(const struct settings *settings, const struct options *o, struct err *err)
{
	/* Beside a running daemon: the lock is its, the row is ours. */
	const struct spool_options options = { .dir = settings->state_dir, .is_guest = true };
	DEFER(spool_freep) struct spool *spool = spool_open(&options, err);
	DEFER(buf_done) struct buf reply = BUF_INIT(REPLY_BYTES);
	struct spool_replay wanted;
	int status;

	if (!spool || ask_for(spool, o, &wanted, err))
		return -1;
	if (wanted.from_seq > wanted.to_seq) {
		log_info("there is nothing in that time");
		return 0;
	}
	if (spool_replay_add(spool, o->sink, &wanted, err))
		return -1;
	status = control_ask(settings->state_dir, "wake", &reply, err);
	if (status < 0)
		return -1;
	log_info("events %" PRIu64 " to %" PRIu64 " are sent to '%s' again%s", wanted.from_seq, wanted.to_seq, o->sink,
		 status ? "" : " as soon as skantd runs");
	return 0;
}

int cmd_replay(const struct options *o, const char *file, struct err *err)
{
	struct settings settings;
	int status;

	(void)file;
	if (!o->sink)
		return err_set(err, ERR_USAGE, 0, "--sink NAME was expected: which sink the events are sent to again");
	if (!o->from && !o->to && !o->dead_only)
		return err_set(err, ERR_USAGE, 0, "--from TIME (and --to TIME) or --dead was expected");
	if (cmd_load(o, CONFIG_TO_ASK, &settings, err))
		return -1;
	status = cmd_find_sink(&settings, o->sink, err) ? replay(&settings, o, err) : -1;
	settings_done(&settings);
	return status;
}
