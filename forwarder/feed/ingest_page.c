/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/ingest_page.h"

#include "common/base/bounds.h"
#include "common/base/clock.h"

#define NS_PER_MS 1'000'000u

void ingest_page_init(struct ingest_page *page, const struct feed_env *env)
{
	*page = (struct ingest_page){ .env = env,
				      .bytes = BUF_INIT(INGEST_PAGE_BYTES + JSON_RECORD_BYTES +
							INGEST_PAGE_RECORDS * (PAGE_ID_BYTES + PAGE_TYPE_BYTES)) };
}

void ingest_page_done(struct ingest_page *page)
{
	buf_done(&page->bytes);
	event_done(&page->event);
	ingest_record_done(&page->parsed);
}

bool ingest_page_is_full(const struct ingest_page *page)
{
	return page->count == INGEST_PAGE_RECORDS || page->bytes.len >= INGEST_PAGE_BYTES;
}

/* Puts id, type and body behind bytes. */
static int add_texts(struct ingest_page *page, const struct ingest_record *r, const struct ingest_sender *sender,
		     struct err *err)
{
	struct ingest_item *item = &page->items[page->count];
	struct buf *bytes = &page->bytes;

	item->id = bytes->len;
	if (ingest_record_add_id(r, sender, bytes))
		return err_nomem(err);
	item->id_len = bytes->len - item->id;
	item->type = bytes->len;
	item->type_len = r->type.len;
	if (buf_add(bytes, r->type))
		return err_nomem(err);
	item->body = bytes->len;
	if (ingest_record_add_body(r, sender, bytes, &item->record.is_redacted, err))
		return -1;
	item->body_len = bytes->len - item->body;
	return 0;
}

static void set_views(struct ingest_page *page, size_t i)
{
	struct ingest_item *item = &page->items[i];
	struct view all = buf_view(&page->bytes);

	item->record.id = view_sub(all, item->id, item->id_len);
	item->record.type = view_sub(all, item->type, item->type_len);
	item->record.body = view_sub(all, item->body, item->body_len);
}

int ingest_page_add(struct ingest_page *page, struct view line, const struct ingest_sender *sender,
		    struct ingest_peer *peer, struct err *err)
{
	struct ingest_item *item = &page->items[page->count];
	const struct ingest_record *r = &page->parsed;
	size_t start = page->bytes.len;
	int status;

	if (ingest_record_read(line, &page->parsed, err))
		return -1;
	if (r->kind == INGEST_SUMMARY)
		return 1;
	item->record =
		(struct page_record){ .origin = EVENT_INGEST, .time_ns = r->has_time ? r->time_ns : clock_unix_ns() };
	item->has_time = r->has_time;
	item->peer = peer;
	status = add_texts(page, r, sender, err);
	if (status == 0) {
		set_views(page, page->count);
		status = feed_takes(page->env->settings, &item->record, &page->event, err);
	}
	if (status <= 0) {
		buf_cut(&page->bytes, start);
		return status < 0 ? -1 : 1;
	}
	if (!page->count++)
		page->since_ns = clock_mono_ns();
	if (peer)
		peer->waiting++;
	return 0;
}

/* Says what came of each. */
static void settle(struct ingest_page *page, const bool *is_new)
{
	const struct feed_out *out = page->env->out;
	int64_t now = clock_unix_ns();

	for (size_t i = 0; i < page->count; i++) {
		struct ingest_peer *peer = page->items[i].peer;
		int64_t lag_ns = now - page->items[i].record.time_ns;

		if (is_new[i] && page->items[i].has_time && lag_ns >= 0)
			out->lag(out->context, page->env->settings->name, (uint64_t)lag_ns / NS_PER_MS);
		if (!peer)
			continue;
		peer->waiting--;
		peer->counts.stored += is_new[i];
		peer->counts.known += !is_new[i];
	}
	out->polled(out->context, page->env->settings->name, 0);
	page->count = 0;
	buf_clear(&page->bytes);
}

int ingest_page_store(struct ingest_page *page, struct err *err)
{
	struct page_record records[INGEST_PAGE_RECORDS];
	bool is_new[INGEST_PAGE_RECORDS] = { false };
	struct page_stored stored = { .is_new = is_new };
	const struct feed_out *out = page->env->out;
	struct page whole = { .feed = page->env->settings->name, .records = records, .count = page->count };
	int status;

	if (!page->count)
		return 0;
	for (size_t i = 0; i < page->count; i++) {
		set_views(page, i);
		records[i] = page->items[i].record;
	}
	status = out->put(out->context, &whole, &stored, err);
	if (status == 0)
		settle(page, is_new);
	return status;
}
