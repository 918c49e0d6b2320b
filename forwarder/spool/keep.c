/* SPDX-License-Identifier: Apache-2.0 */
/* What goes, and how large what stays is. Bodies and rows go from the oldest on, and marks say how far that has come:
 * what is not there behind a mark has been taken away by somebody else.
 *
 * Pages that become free are used again before the file grows. What is free beyond a quarter of the file, as after a
 * long outage of a receiver, is given back to the file system, a little a step. */
#include <string.h>

#include "common/base/bounds.h"
#include "forwarder/spool/base.h"

#define FREE_PAGES_KEPT 4096

struct pages {
	uint64_t count, free, bytes;
};

static int count_pages(struct base *base, struct pages *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_PAGES, err);
	int status;

	*ret = (struct pages){ .count = 0 };
	if (!s)
		return -1;
	status = base_step(base, s, err);
	if (status > 0) {
		*ret = (struct pages){ base_u64(s, 0), base_u64(s, 1), base_u64(s, 2) };
		base_reset(s);
	}
	return status < 0 ? -1 : 0;
}

int pages_used(struct base *base, uint64_t *ret_bytes, struct err *err)
{
	struct pages pages;

	if (count_pages(base, &pages, err))
		return -1;
	*ret_bytes = (pages.count - pages.free) * pages.bytes;
	return 0;
}

/* The last event that the sink needs no more. */
static int find_done(struct base *base, const char *sink, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_GET_CURSOR, err);
	uint64_t held = 0;
	int status;

	*ret = 0;
	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(sink));
	status = base_step(base, s, err);
	if (status > 0) {
		*ret = base_u64(s, 0) < base_u64(s, 2) ? base_u64(s, 0) : base_u64(s, 2);
		base_reset(s);
	}
	s = status < 0 ? NULL : base_statement(base, BASE_HELD_BY_REPLAYS, err);
	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(sink));
	status = base_step(base, s, err);
	if (status > 0) {
		held = base_u64(s, 0);
		base_reset(s);
	}
	if (held && held - 1 < *ret)
		*ret = held - 1;
	return status < 0 ? -1 : 0;
}

/* The last of the bodies up to seq, the first behind mark, that one step takes. */
static int limit_step(struct base *base, uint64_t mark, uint64_t *seq, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_BODY_SIZES, err);
	uint64_t last = *seq, bytes = 0;
	unsigned count = 0;
	int status = 1;

	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, (int64_t)mark + 1);
	(void)sqlite3_bind_int64(s, 2, (int64_t)*seq);
	(void)sqlite3_bind_int(s, 3, SPOOL_TRIM_ROWS);
	while (status > 0 && bytes < SPOOL_TRIM_BYTES) {
		status = base_step(base, s, err);
		if (status > 0) {
			last = base_u64(s, 0);
			bytes += base_u64(s, 1);
			count++;
		}
	}
	base_reset(s);
	if (count == SPOOL_TRIM_ROWS || bytes >= SPOOL_TRIM_BYTES)
		*seq = last;
	return status < 0 ? -1 : 0;
}

static int run_with_seq(struct base *base, enum base_statement statement, uint64_t seq, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, statement, err);

	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, (int64_t)seq);
	return base_run(base, s, err);
}

/* What a step takes away: bodies and rows up to these, nothing when they are where the marks are. */
struct step {
	struct spool_head bodies, ledger;
	bool has_bodies, has_ledger;
};

static int plan_bodies(struct spool *spool, const struct spool_keep *keep, struct step *step, struct err *err)
{
	uint64_t last;

	if (mark_get(&spool->base, MARK_BODIES, &step->bodies, err) ||
	    time_find(spool, spool->options.now_ns() - keep->bodies_ns, &last, err))
		return -1;
	last--;
	for (size_t i = 0; i < keep->sink_count; i++) {
		uint64_t done;

		if (find_done(&spool->base, keep->sinks[i], &done, err))
			return -1;
		last = done < last ? done : last;
	}
	if (last <= step->bodies.seq)
		return 0;
	if (limit_step(&spool->base, step->bodies.seq, &last, err))
		return -1;
	step->bodies.seq = last;
	step->has_bodies = true;
	return 0;
}

/* A row whose body is there stays, and so does the last one. */
static int plan_ledger(struct spool *spool, const struct spool_keep *keep, struct step *step, struct err *err)
{
	uint64_t head = spool_head(spool), first, last;

	if (mark_get(&spool->base, MARK_LEDGER, &step->ledger, err) ||
	    time_find(spool, spool->options.now_ns() - keep->ledger_ns, &last, err))
		return -1;
	last--;
	last = step->bodies.seq < last ? step->bodies.seq : last;
	if (last >= head)
		last = head ? head - 1 : 0;
	first = step->ledger.seq;
	if (last <= first)
		return 0;
	if (last - first > SPOOL_TRIM_ROWS)
		last = first + SPOOL_TRIM_ROWS;
	if (mark_last(&spool->base, last, &step->ledger, err))
		return -1;
	step->ledger.seq = last;
	step->has_ledger = true;
	return 0;
}

static int take_step(struct base *base, const struct step *step, struct err *err)
{
	if (step->has_bodies && (run_with_seq(base, BASE_TRIM_BODIES, step->bodies.seq, err) ||
				 mark_set(base, MARK_BODIES, &step->bodies, err)))
		return -1;
	if (step->has_ledger && (run_with_seq(base, BASE_TRIM_LEDGER, step->ledger.seq, err) ||
				 run_with_seq(base, BASE_TRIM_EXCEPTIONS, step->ledger.seq, err) ||
				 mark_set(base, MARK_LEDGER, &step->ledger, err)))
		return -1;
	return 0;
}

/* Gives free pages back when they are many. */
static int shrink(struct base *base, bool *ret_more, struct err *err)
{
	struct pages pages;
	sqlite3_stmt *s;

	if (count_pages(base, &pages, err))
		return -1;
	if (pages.free <= FREE_PAGES_KEPT || pages.free <= pages.count / 4)
		return 0;
	*ret_more = true;
	s = base_statement(base, BASE_VACUUM, err);
	return s ? base_run(base, s, err) : -1;
}

static int trim(struct spool *spool, const struct spool_keep *keep, bool *ret_more, struct err *err)
{
	struct step step = { .has_bodies = false };

	if (plan_bodies(spool, keep, &step, err) || plan_ledger(spool, keep, &step, err))
		return -1;
	if (!step.has_bodies && !step.has_ledger)
		return shrink(&spool->base, ret_more, err);
	if (base_begin(&spool->base, err) || base_end(&spool->base, !take_step(&spool->base, &step, err), err))
		return -1;
	*ret_more = true; /* perhaps; the step that finds nothing to do says so */
	return 0;
}

int spool_trim(struct spool *spool, const struct spool_keep *keep, bool *ret_more, struct err *err)
{
	int status;

	*ret_more = false;
	pthread_mutex_lock(&spool->mutex);
	status = trim(spool, keep, ret_more, err);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

static int size_of(struct spool *spool, struct spool_size *ret, struct err *err)
{
	struct spool_head head, ledger, bodies;

	*ret = (struct spool_size){ .max_bytes = spool->options.max_bytes };
	/* The head last: beside a running daemon it is never behind the others. */
	if (pages_used(&spool->base, &ret->bytes, err) || mark_get(&spool->base, MARK_LEDGER, &ledger, err) ||
	    mark_get(&spool->base, MARK_BODIES, &bodies, err) || mark_head(&spool->base, &head, err))
		return -1;
	ret->events = head.seq > ledger.seq ? head.seq - ledger.seq : 0;
	ret->bodies = head.seq > bodies.seq ? head.seq - bodies.seq : 0;
	ret->oldest_seq = ret->events ? ledger.seq + 1 : 0;
	ret->oldest_body_seq = ret->bodies ? bodies.seq + 1 : 0;
	return 0;
}

int spool_size(struct spool *spool, struct spool_size *ret, struct err *err)
{
	int status;

	pthread_mutex_lock(&spool->mutex);
	status = size_of(spool, ret, err);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}
