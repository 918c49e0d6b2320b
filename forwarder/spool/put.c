/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/spool/base.h"
#include "forwarder/spool/chain.h"

/* What one call would add; it counts once the transaction has ended well. */
struct adding {
	struct spool *spool;
	const struct page *page;
	uint64_t seq;
	unsigned char chain[DIGEST_SHA256_BYTES];
	int64_t observed_ns;
	struct page_stored stored;
};

/* Whether it stands in logs as it is. */
static int check_clean(struct view v, bool *ret, struct err *err)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(8 * PAGE_ID_BYTES);
	size_t i = 0;

	while (i < v.len && v.ptr[i] >= ' ' && v.ptr[i] < 0x7F)
		i++;
	*ret = i == v.len;
	if (*ret)
		return 0;
	if (text_add_clean(&clean, v))
		return err_nomem(err);
	*ret = text_eq(buf_view(&clean), v);
	return 0;
}

static int check_record(const struct page *page, const struct page_record *r, struct err *err)
{
	bool is_id_clean, is_type_clean;

	if (r->id.len > PAGE_ID_BYTES || r->type.len > PAGE_TYPE_BYTES || !r->type.len)
		return err_set(err, ERR_FORMAT, 0, "feed '%s': a record's id or type is too long or not there",
			       page->feed);
	if (!r->body.len || r->body.len > JSON_RECORD_BYTES)
		return err_set(err, ERR_FORMAT, 0, "feed '%s': a record of %zu bytes, where 1 to %u are taken",
			       page->feed, r->body.len, JSON_RECORD_BYTES);
	if (check_clean(r->id, &is_id_clean, err) || check_clean(r->type, &is_type_clean, err))
		return -1;
	if (!is_id_clean || !is_type_clean)
		return err_set(err, ERR_FORMAT, 0, "feed '%s': a record's id or type is no clean text", page->feed);
	return 0;
}

/* 1 the feed has it, 0, -1 with err. */
static int has(struct base *base, const char *feed, struct view id, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_HAS, err);
	int status;

	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(feed));
	base_bind_text(s, 2, id);
	status = base_step(base, s, err);
	if (status > 0)
		base_reset(s);
	return status;
}

static int insert(struct adding *a, const struct page_record *r, struct view id, struct err *err)
{
	unsigned char hash[DIGEST_SHA256_BYTES], chain[DIGEST_SHA256_BYTES];
	struct base *base = &a->spool->base;
	sqlite3_stmt *event = base_statement(base, BASE_ADD_EVENT, err);
	sqlite3_stmt *body = base_statement(base, BASE_ADD_BODY, err);

	if (!event || !body)
		return -1;
	digest_sha256(r->body, hash);
	memcpy(chain, a->chain, sizeof(chain));
	chain_link(chain, id, hash);
	(void)sqlite3_bind_int64(event, 1, (int64_t)a->seq + 1);
	base_bind_text(event, 2, view_of(a->page->feed));
	base_bind_text(event, 3, id);
	base_bind_text(event, 4, r->type);
	(void)sqlite3_bind_int(event, 5, (int)r->origin);
	(void)sqlite3_bind_int64(event, 6, r->time_ns);
	(void)sqlite3_bind_int64(event, 7, a->observed_ns);
	base_bind_blob(event, 8, view_from(hash, sizeof(hash)));
	base_bind_blob(event, 9, view_from(chain, sizeof(chain)));
	(void)sqlite3_bind_int(event, 10, r->is_redacted);
	if (base_run(base, event, err))
		return -1;
	(void)sqlite3_bind_int64(body, 1, (int64_t)a->seq + 1);
	base_bind_blob(body, 2, r->body);
	if (base_run(base, body, err))
		return -1;
	a->seq++;
	memcpy(a->chain, chain, sizeof(chain));
	return 0;
}

/* An id of ours: the sequence number makes it unlike every other that we gave, and what the feed may have given itself
 * is looked up. */
static int give_id(struct adding *a, struct buf *id, struct err *err)
{
	for (unsigned n = 1; n <= SPOOL_ID_TRIES; n++) {
		int known;

		buf_clear(id);
		if (buf_addf(id, "skantd-%s-%" PRIu64, a->spool->name, a->seq + 1) || (n > 1 && buf_addf(id, "-%u", n)))
			return err_nomem(err);
		known = has(&a->spool->base, a->page->feed, buf_view(id), err);
		if (known <= 0)
			return known;
	}
	return err_set(err, ERR_FORMAT, 0, "feed '%s': its records have the ids that skantd gives", a->page->feed);
}

static int add_records(struct adding *a, struct err *err)
{
	DEFER(buf_done) struct buf own = BUF_INIT(PAGE_ID_BYTES);

	for (size_t i = 0; i < a->page->count; i++) {
		const struct page_record *r = &a->page->records[i];
		int known = 0;

		if (check_record(a->page, r, err))
			return -1;
		if (r->id.len)
			known = has(&a->spool->base, a->page->feed, r->id, err);
		else if (give_id(a, &own, err))
			return -1;
		if (known < 0 || (!known && insert(a, r, r->id.len ? r->id : buf_view(&own), err)))
			return -1;
		a->stored.known += known > 0;
		a->stored.added += !known;
		if (a->stored.is_new)
			a->stored.is_new[i] = !known;
	}
	return 0;
}

static int set_head(struct adding *a, struct err *err)
{
	struct spool_head head = { .seq = a->seq, .observed_ns = a->observed_ns };

	if (!a->stored.added)
		return 0;
	memcpy(head.chain, a->chain, sizeof(head.chain));
	return mark_set(&a->spool->base, MARK_HEAD, &head, err);
}

static int set_state(struct adding *a, struct err *err)
{
	sqlite3_stmt *s;

	if (!a->page->state.ptr)
		return 0;
	s = base_statement(&a->spool->base, BASE_SET_FEED, err);
	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(a->page->feed));
	base_bind_blob(s, 2, a->page->state);
	return base_run(&a->spool->base, s, err);
}

static int is_full(struct spool *spool, bool *ret, struct err *err)
{
	uint64_t bytes = 0;

	if (spool->options.max_bytes && pages_used(&spool->base, &bytes, err))
		return -1;
	*ret = spool->options.max_bytes && bytes >= spool->options.max_bytes;
	return 0;
}

static void wake(struct spool *spool)
{
	const uint64_t one = 1;

	for (size_t i = 0; i < spool->subscriber_count; i++)
		(void)!write(spool->subscribers[i], &one, sizeof(one));
}

static int put(struct spool *spool, const struct page *page, struct page_stored *ret, struct err *err)
{
	struct adding a = { .spool = spool,
			    .page = page,
			    .seq = atomic_load(&spool->head),
			    .observed_ns = spool->options.now_ns(),
			    .stored = { .is_new = ret->is_new } };
	uint64_t before = a.seq;
	bool full;

	/* Time does not go back in the ledger, whatever the clock does: it is looked up by it. */
	if (a.observed_ns < spool->observed_ns)
		a.observed_ns = spool->observed_ns;
	memcpy(a.chain, spool->chain, sizeof(a.chain));
	if (is_full(spool, &full, err))
		return -1;
	if (full && page->count && !page->fits_always)
		return 1;
	if (base_begin(&spool->base, err))
		return -1;
	if (base_end(&spool->base,
		     !add_records(&a, err) && !set_head(&a, err) && !set_state(&a, err) &&
			     !items_set(&spool->base, page, err),
		     err))
		return -1;
	if (a.seq > before) {
		a.stored.first_seq = before + 1;
		a.stored.last_seq = a.seq;
		memcpy(spool->chain, a.chain, sizeof(a.chain));
		spool->observed_ns = a.observed_ns;
		atomic_store(&spool->head, a.seq);
		wake(spool);
	}
	*ret = a.stored;
	return 0;
}

int spool_put(struct spool *spool, const struct page *page, struct page_stored *ret, struct err *err)
{
	int status;

	if (page->count > PAGE_RECORDS_MAX || page->state.len > PAGE_STATE_BYTES)
		return err_set(err, ERR_LIMIT, 0, "feed '%s': a page of %zu records, at most %d are taken", page->feed,
			       page->count, PAGE_RECORDS_MAX);
	if (page->item_count > PAGE_ITEMS_MAX)
		return err_set(err, ERR_LIMIT, 0,
			       "feed '%s': a page that changes %zu things that are kept, at most %d "
			       "are taken",
			       page->feed, page->item_count, PAGE_ITEMS_MAX);
	pthread_mutex_lock(&spool->mutex);
	status = put(spool, page, ret, err);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_has(struct spool *spool, const char *feed, const struct view *ids, size_t count, bool *ret, struct err *err)
{
	int status = 0;

	pthread_mutex_lock(&spool->mutex);
	for (size_t i = 0; i < count && status >= 0; i++) {
		status = has(&spool->base, feed, ids[i], err);
		ret[i] = status > 0;
	}
	pthread_mutex_unlock(&spool->mutex);
	return status < 0 ? -1 : 0;
}
