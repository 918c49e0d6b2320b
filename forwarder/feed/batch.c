/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/batch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/redact.h"

#define NS_PER_S 1'000'000'000
#define CHUNK_BYTES ((size_t)64 << 10)
#define ID_PART_BYTES 64
#define ID_HASH_BYTES 16

struct batch_chunk {
	struct batch_chunk *next;
	size_t used, size;
	char bytes[];
};

void batch_init(struct batch *b, const struct feed_env *env)
{
	*b = (struct batch){ .env = env,
			     .body = BUF_INIT(JSON_RECORD_BYTES),
			     .masked = BUF_INIT(2 * (size_t)JSON_RECORD_BYTES) };
}

static void drop_chunks(struct batch *b)
{
	while (b->chunks) {
		struct batch_chunk *next = b->chunks->next;

		free(b->chunks);
		b->chunks = next;
	}
	b->bytes = 0;
}

void batch_clear(struct batch *b)
{
	drop_chunks(b);
	b->count = b->item_count = 0;
}

void batch_done(struct batch *b)
{
	drop_chunks(b);
	free(b->records);
	free(b->is_new);
	free(b->items);
	buf_done(&b->body);
	buf_done(&b->masked);
	event_done(&b->event);
}

bool batch_is_full(const struct batch *b)
{
	return b->count >= FEED_BATCH_RECORDS || b->item_count >= FEED_BATCH_RECORDS || b->bytes >= FEED_BATCH_BYTES;
}

/* A copy that stays until the page is stored. ptr is NULL when there is no memory. */
static struct view keep_bytes(struct batch *b, struct view v)
{
	struct batch_chunk *c = b->chunks;

	if (!c || c->size - c->used < v.len) {
		size_t size = v.len > CHUNK_BYTES ? v.len : CHUNK_BYTES;

		c = malloc(sizeof(*c) + size);
		if (!c)
			return VIEW_NONE;
		*c = (struct batch_chunk){ .next = b->chunks, .size = size };
		b->chunks = c;
	}
	if (v.len)
		memcpy(c->bytes + c->used, v.ptr, v.len);
	c->used += v.len;
	b->bytes += v.len;
	return view_from(c->bytes + c->used - v.len, v.len);
}

/* --- events --- */

struct jsonw *batch_begin(struct batch *b, const char *type, int64_t time_s, const char *severity, struct view message)
{
	b->type = type;
	b->time_s = time_s;
	buf_clear(&b->body);
	jsonw_init(&b->w, &b->body, 0);
	jsonw_object(&b->w);
	jsonw_member_text(&b->w, "type", type);
	batch_member_time(&b->w, "time", time_s);
	jsonw_member_text(&b->w, "severity", severity);
	jsonw_member(&b->w, "message", message);
	return &b->w;
}

static int add_record(struct batch *b, const struct page_record *r, struct err *err)
{
	struct page_record *records = grow_items(b->records, b->count, &b->cap, sizeof(*records));
	struct page_record copy = *r;

	if (!records)
		return err_nomem(err);
	b->records = records;
	copy.id = keep_bytes(b, r->id);
	copy.body = keep_bytes(b, r->body);
	if (!copy.id.ptr || !copy.body.ptr)
		return err_nomem(err);
	records[b->count++] = copy;
	return 0;
}

int batch_end(struct batch *b, struct view id, struct err *err)
{
	struct page_record r = {
		.id = id, .type = view_of(b->type), .origin = EVENT_OWN, .time_ns = b->time_s * NS_PER_S
	};
	int is_wanted;

	jsonw_end(&b->w);
	if (!jsonw_ok(&b->w))
		return err_nomem(err);
	buf_clear(&b->masked);
	if (redact_json(buf_view(&b->body), &b->masked, &r.body, &r.is_redacted, err))
		return -1;
	is_wanted = feed_takes(b->env->settings, &r, &b->event, err);
	return is_wanted > 0 ? add_record(b, &r, err) : is_wanted;
}

int batch_add_id(struct buf *id, struct view part)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(8 * ID_PART_BYTES);
	unsigned char hash[DIGEST_SHA256_BYTES];

	if (id->len && buf_add_byte(id, ':'))
		return -1;
	if (part.len <= ID_PART_BYTES && !redact_is_key(part)) {
		if (text_add_clean(&clean, part))
			return -1;
		if (text_eq(buf_view(&clean), part))
			return buf_add(id, part);
	}
	digest_sha256(part, hash);
	return buf_add_text(id, "sha256-") || digest_add_hex(id, hash, ID_HASH_BYTES) ? -1 : 0;
}

/* --- what is kept --- */

int batch_keep(struct batch *b, struct view key, struct view value, struct err *err)
{
	struct page_item *items = grow_items(b->items, b->item_count, &b->item_cap, sizeof(*items));
	struct page_item item = { .key = VIEW_NONE };
	bool is_masked;

	if (!items)
		return err_nomem(err);
	b->items = items;
	buf_clear(&b->masked);
	if (value.len && redact_json(value, &b->masked, &value, &is_masked, err))
		return -1;
	item.key = keep_bytes(b, key);
	item.value = keep_bytes(b, value);
	if (!item.key.ptr || !item.value.ptr)
		return err_nomem(err);
	items[b->item_count++] = item;
	return 0;
}

/* --- the page --- */

static int make_flags(struct batch *b, struct err *err)
{
	bool *flags;

	if (b->count <= b->new_cap)
		return 0;
	flags = reallocarray(b->is_new, b->count, sizeof(*flags));
	if (!flags)
		return err_nomem(err);
	b->is_new = flags;
	b->new_cap = b->count;
	return 0;
}

int batch_put(struct batch *b, struct view state, struct err *err)
{
	const struct feed_out *out = b->env->out;
	const struct page page = { .feed = b->env->settings->name,
				   .records = b->records,
				   .count = b->count,
				   .state = state,
				   .items = b->items,
				   .item_count = b->item_count };
	struct page_stored stored = { .added = 0 };
	int status;

	if (!b->count && !b->item_count && !state.ptr)
		return 0;
	if (make_flags(b, err))
		return -1;
	stored.is_new = b->count ? b->is_new : NULL;
	status = out->put(out->context, &page, &stored, err);
	if (status > 0)
		return BATCH_FULL;
	batch_clear(b);
	return status;
}

int batch_flush(struct batch *b, struct err *err)
{
	return batch_is_full(b) ? batch_put(b, VIEW_NONE, err) : 0;
}

int batch_drop(void *batch, const struct page_item *item, struct err *err)
{
	return batch_keep(batch, item->key, VIEW_NONE, err) ? -1 : batch_flush(batch, err);
}

void batch_member(struct jsonw *w, const char *key, struct view text)
{
	if (text.len)
		jsonw_member(w, key, text);
}

void batch_member_time(struct jsonw *w, const char *key, int64_t unix_s)
{
	DEFER(buf_done) struct buf time = BUF_INIT(64);

	if (!unix_s)
		return;
	if (clock_add_rfc3339(&time, unix_s))
		w->failed = true;
	else
		jsonw_member(w, key, buf_view(&time));
}
