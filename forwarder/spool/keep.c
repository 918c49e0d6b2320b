/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "forwarder/spool/base.h"
#include "forwarder/spool/chain.h"

#define TRIM_ROWS 2000 /* a step: some tens of milliseconds */

/* The last event whose body no sink that is configured needs any more. */
static int find_free(struct spool *spool, const struct spool_keep *keep, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *s;
	uint64_t held;

	*ret = spool_head(spool);
	for (size_t i = 0; i < keep->sink_count; i++) {
		uint64_t needed = 0;
		int status;

		s = base_statement(&spool->base, BASE_GET_CURSOR, err);
		if (!s)
			return -1;
		base_bind_text(s, 1, view_of(keep->sinks[i]));
		status = base_step(&spool->base, s, err);
		if (status < 0)
			return -1;
		if (status > 0) {
			needed = base_u64(s, 0) < base_u64(s, 2) ? base_u64(s, 0) : base_u64(s, 2);
			base_reset(s);
		}
		*ret = needed < *ret ? needed : *ret;
	}
	if (base_first(&spool->base, BASE_HELD_BY_REPLAYS, &held, err))
		return -1;
	if (held && held - 1 < *ret)
		*ret = held - 1;
	return 0;
}

/* Deletes up to TRIM_ROWS rows up to (or before) seq that are older than before_ns; adds how many. */
static int trim_rows(struct spool *spool, enum base_statement statement, uint64_t seq, int64_t before_ns, int *count,
		     struct err *err)
{
	sqlite3_stmt *s = base_statement(&spool->base, statement, err);

	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, (int64_t)seq);
	(void)sqlite3_bind_int64(s, 2, before_ns);
	(void)sqlite3_bind_int(s, 3, TRIM_ROWS);
	if (base_run(&spool->base, s, err))
		return -1;
	*count = sqlite3_changes(spool->base.db);
	return 0;
}

static int run_plain(struct spool *spool, enum base_statement statement, struct err *err)
{
	sqlite3_stmt *s = base_statement(&spool->base, statement, err);

	return s ? base_run(&spool->base, s, err) : -1;
}

static int trim(struct spool *spool, const struct spool_keep *keep, bool *ret_more, struct err *err)
{
	int64_t now_ns = spool->options.now_ns();
	uint64_t unneeded, first_body;
	int bodies = 0, rows = 0;

	if (find_free(spool, keep, &unneeded, err) ||
	    trim_rows(spool, BASE_TRIM_BODIES, unneeded, now_ns - keep->bodies_ns, &bodies, err) ||
	    base_first(&spool->base, BASE_FIRST_BODY, &first_body, err))
		return -1;
	/* A row that has its body stays, and so does the last one: the next event's number and chain follow from it. */
	if (!first_body || first_body > spool_head(spool))
		first_body = spool_head(spool);
	if (trim_rows(spool, BASE_TRIM_LEDGER, first_body, now_ns - keep->ledger_ns, &rows, err))
		return -1;
	if (rows && run_plain(spool, BASE_TRIM_EXCEPTIONS, err))
		return -1;
	*ret_more = bodies == TRIM_ROWS || rows == TRIM_ROWS;
	return bodies || rows ? run_plain(spool, BASE_VACUUM, err) : 0;
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
	sqlite3_stmt *s = base_statement(&spool->base, BASE_PAGES, err);
	uint64_t head = spool_head(spool);

	*ret = (struct spool_size){ .max_bytes = spool->options.max_bytes };
	if (!s || base_step(&spool->base, s, err) < 0)
		return -1;
	ret->bytes = base_u64(s, 0) * base_u64(s, 1);
	base_reset(s);
	if (base_first(&spool->base, BASE_FIRST, &ret->oldest_seq, err) ||
	    base_first(&spool->base, BASE_FIRST_BODY, &ret->oldest_body_seq, err))
		return -1;
	/* Rows go from the oldest on, and numbers have no gaps. */
	ret->events = ret->oldest_seq ? head - ret->oldest_seq + 1 : 0;
	ret->bodies = ret->oldest_body_seq ? head - ret->oldest_body_seq + 1 : 0;
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

int spool_entry_each(struct spool *spool, uint64_t from_seq, uint64_t to_seq,
		     int (*tell)(void *context, const struct spool_entry *entry, struct err *err), void *context,
		     struct err *err)
{
	struct base base;
	sqlite3_stmt *s;
	int status = 1;

	if (base_open(&base, spool->path, SQLITE_OPEN_READONLY, err))
		return -1;
	s = base_statement(&base, BASE_ENTRIES, err);
	if (s) {
		(void)sqlite3_bind_int64(s, 1, (int64_t)from_seq);
		(void)sqlite3_bind_int64(s, 2, (int64_t)to_seq);
	} else {
		status = -1;
	}
	while (status > 0) {
		struct spool_entry entry = { .has_body = false };

		status = base_step(&base, s, err);
		if (status <= 0)
			break;
		row_read(s, &entry.event);
		entry.has_body = entry.event.body.len > 0;
		if (tell(context, &entry, err))
			status = -1;
	}
	base_close(&base);
	return status;
}

struct audit {
	int (*tell)(void *context, uint64_t seq, enum spool_fault fault, struct err *err);
	void *context;
	unsigned char chain[DIGEST_SHA256_BYTES];
	uint64_t next, checked;
	bool has_chain; /* of the row before next */
};

static int audit_entry(void *context, const struct spool_entry *entry, struct err *err)
{
	unsigned char hash[DIGEST_SHA256_BYTES];
	const struct event *e = &entry->event;
	struct audit *a = context;

	for (; a->next < e->seq; a->next++) {
		a->has_chain = false;
		if (a->tell(a->context, a->next, SPOOL_MISSING, err))
			return -1;
	}
	digest_sha256(e->body, hash);
	if (entry->has_body && memcmp(hash, e->hash, sizeof(hash)) != 0 &&
	    a->tell(a->context, e->seq, SPOOL_BODY_ALTERED, err))
		return -1;
	chain_link(a->chain, e->id, e->hash);
	if (a->has_chain && memcmp(a->chain, e->chain, sizeof(a->chain)) != 0 &&
	    a->tell(a->context, e->seq, SPOOL_CHAIN_BROKEN, err))
		return -1;
	memcpy(a->chain, e->chain, sizeof(a->chain));
	a->has_chain = true;
	a->next = e->seq + 1;
	a->checked++;
	return 0;
}

static int note_chain(void *context, const struct spool_entry *entry, struct err *)
{
	struct audit *a = context;

	memcpy(a->chain, entry->event.chain, sizeof(a->chain));
	a->has_chain = true;
	return 0;
}

int spool_audit(struct spool *spool, uint64_t from_seq, uint64_t to_seq,
		int (*tell)(void *context, uint64_t seq, enum spool_fault fault, struct err *err), void *context,
		uint64_t *ret_checked, struct err *err)
{
	struct audit a = { .tell = tell, .context = context, .next = from_seq, .has_chain = from_seq == 1 };

	*ret_checked = 0;
	if (from_seq > 1 && spool_entry_each(spool, from_seq - 1, from_seq - 1, note_chain, &a, err))
		return -1;
	if (spool_entry_each(spool, from_seq, to_seq, audit_entry, &a, err))
		return -1;
	for (; a.next <= to_seq; a.next++)
		if (tell(context, a.next, SPOOL_MISSING, err))
			return -1;
	*ret_checked = a.checked;
	return 0;
}
