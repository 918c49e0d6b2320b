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

/* What of it can be sent, and what not as its bodies have gone. */
struct extent {
	struct spool_replay wanted; /* from the first event on that has its body still */
	uint64_t gone_from_seq;     /* what was asked for before that began here, and has */
	uint64_t count, gone;       /* so many events */
};

static int count_dead(void *context, const char *sink, const struct spool_exception *e, struct err *err)
{
	struct extent *x = context;

	(void)sink;
	(void)err;
	x->count += e->is_rejected && e->seq >= x->wanted.from_seq && e->seq <= x->wanted.to_seq;
	x->gone += e->is_rejected && e->seq >= x->gone_from_seq && e->seq < x->wanted.from_seq;
	return 0;
}

/* Dead letters whose body has gone stay what they are. */
static int measure(struct spool *spool, const char *sink, struct extent *x, struct err *err)
{
	struct spool_replay *wanted = &x->wanted;
	struct spool_size size;
	uint64_t kept;

	if (spool_size(spool, &size, err))
		return -1;
	kept = size.oldest_body_seq ? size.oldest_body_seq : spool_head(spool) + 1;
	if (kept > wanted->to_seq)
		kept = wanted->to_seq + 1;
	x->gone_from_seq = wanted->from_seq;
	if (wanted->from_seq < kept)
		wanted->from_seq = kept;
	if (wanted->dead_only)
		return spool_exception_each(spool, sink, count_dead, x, err);
	x->count = wanted->from_seq <= wanted->to_seq ? wanted->to_seq - wanted->from_seq + 1 : 0;
	x->gone = wanted->from_seq - x->gone_from_seq;
	return 0;
}

static void tell_gone(const struct options *o, const struct extent *x)
{
	if (o->dead_only)
		log_warn("%" PRIu64 " dead letter%s of '%s' cannot be sent any more: what %s is not kept "
			 "(retention.bodies)",
			 x->gone, x->gone == 1 ? "" : "s", o->sink, x->gone == 1 ? "it held" : "they held");
	else
		log_warn("events %" PRIu64 " to %" PRIu64
			 " cannot be sent any more: what they held is not kept (retention.bodies)",
			 x->gone_from_seq, x->wanted.from_seq - 1);
}

static void tell_nothing(const struct options *o)
{
	if (o->dead_only)
		log_info("'%s' has no dead letters%s: nothing is sent", o->sink,
			 o->from || o->to ? " of that time" : "");
	else
		log_info("there is nothing in that time");
}

static void tell_sent(const struct options *o, const struct extent *x, bool is_running)
{
	const char *when = is_running ? "" : " as soon as skantd runs";

	if (o->dead_only)
		log_info("%" PRIu64 " dead letter%s of '%s' %s sent again%s", x->count, x->count == 1 ? "" : "s",
			 o->sink, x->count == 1 ? "is" : "are", when);
	else
		log_info("events %" PRIu64 " to %" PRIu64 " are sent to '%s' again%s", x->wanted.from_seq,
			 x->wanted.to_seq, o->sink, when);
}

static int replay(const struct settings *settings, const struct options *o, struct err *err)
{
	/* Beside a running daemon: the lock is its, the row is ours. */
	const struct spool_options options = { .dir = settings->state_dir, .is_guest = true };
	DEFER(spool_freep) struct spool *spool = spool_open(&options, err);
	DEFER(buf_done) struct buf reply = BUF_INIT(REPLY_BYTES);
	struct extent x = { .count = 0 };
	int status;

	if (!spool || ask_for(spool, o, &x.wanted, err) || measure(spool, o->sink, &x, err))
		return -1;
	if (x.gone)
		tell_gone(o, &x);
	else if (!x.count)
		tell_nothing(o);
	if (!x.count)
		return 0;
	if (spool_replay_add(spool, o->sink, &x.wanted, err))
		return -1;
	status = control_ask(settings->state_dir, "wake", &reply, err);
	if (status < 0)
		return -1;
	tell_sent(o, &x, status > 0);
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
