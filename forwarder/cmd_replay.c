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

struct dead_letters {
	const struct spool_replay *wanted;
	uint64_t count;
};

static int count_dead(void *context, const char *sink, const struct spool_exception *e, struct err *err)
{
	struct dead_letters *dead = context;

	(void)sink;
	(void)err;
	dead->count += e->is_rejected && e->seq >= dead->wanted->from_seq && e->seq <= dead->wanted->to_seq;
	return 0;
}

/* How many events of the range there are to be sent; those whose body has gone among them. */
static int count_wanted(struct spool *spool, const char *sink, const struct spool_replay *wanted, uint64_t *ret,
			struct err *err)
{
	struct dead_letters dead = { .wanted = wanted };

	*ret = wanted->from_seq <= wanted->to_seq ? wanted->to_seq - wanted->from_seq + 1 : 0;
	if (!wanted->dead_only || !*ret)
		return 0;
	if (spool_exception_each(spool, sink, count_dead, &dead, err))
		return -1;
	*ret = dead.count;
	return 0;
}

static void tell_nothing(const struct options *o)
{
	if (o->dead_only)
		log_info("'%s' has no dead letters%s: nothing is sent", o->sink,
			 o->from || o->to ? " of that time" : "");
	else
		log_info("there is nothing in that time");
}

static void tell_sent(const struct options *o, const struct spool_replay *wanted, uint64_t count, bool is_running)
{
	const char *when = is_running ? "" : " as soon as skantd runs";

	if (o->dead_only)
		log_info("%" PRIu64 " dead letter%s of '%s' %s sent again%s", count, count == 1 ? "" : "s", o->sink,
			 count == 1 ? "is" : "are", when);
	else
		log_info("events %" PRIu64 " to %" PRIu64 " are sent to '%s' again%s", wanted->from_seq, wanted->to_seq,
			 o->sink, when);
}

static int replay(const struct settings *settings, const struct options *o, struct err *err)
{
	/* Beside a running daemon: the lock is its, the row is ours. */
	const struct spool_options options = { .dir = settings->state_dir, .is_guest = true };
	DEFER(spool_freep) struct spool *spool = spool_open(&options, err);
	DEFER(buf_done) struct buf reply = BUF_INIT(REPLY_BYTES);
	struct spool_replay wanted;
	uint64_t count;
	int status;

	if (!spool || ask_for(spool, o, &wanted, err) || count_wanted(spool, o->sink, &wanted, &count, err))
		return -1;
	if (!count) {
		tell_nothing(o);
		return 0;
	}
	if (spool_replay_add(spool, o->sink, &wanted, err))
		return -1;
	status = control_ask(settings->state_dir, "wake", &reply, err);
	if (status < 0)
		return -1;
	tell_sent(o, &wanted, count, status > 0);
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
