/* SPDX-License-Identifier: Apache-2.0 */
/* What feeds keep by name. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/spool/base.h"

static bool is_key(struct view key)
{
	size_t len;

	if (!key.len || key.len > PAGE_ITEM_KEY_BYTES || text_find_byte(key, '\0') != SIZE_MAX)
		return false;
	for (; key.len; key = view_sub(key, len, SIZE_MAX)) {
		len = text_utf8_len(key);
		if (!len)
			return false;
	}
	return true;
}

static int set_one(struct base *base, const char *feed, const struct page_item *item, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, item->value.len ? BASE_SET_ITEM : BASE_DROP_ITEM, err);

	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(feed));
	base_bind_text(s, 2, item->key);
	if (item->value.len)
		base_bind_blob(s, 3, item->value);
	return base_run(base, s, err);
}

int items_set(struct base *base, const struct page *page, struct err *err)
{
	for (size_t i = 0; i < page->item_count; i++) {
		const struct page_item *item = &page->items[i];

		if (!is_key(item->key) || item->value.len > PAGE_ITEM_BYTES)
			return err_set(err, ERR_FORMAT, 0,
				       "feed '%s': what it keeps has no name that can be stored, or %zu bytes, where "
				       "at most %u are taken",
				       page->feed, item->value.len, PAGE_ITEM_BYTES);
		if (set_one(base, page->feed, item, err))
			return -1;
	}
	return 0;
}

int spool_item(struct spool *spool, const char *feed, struct view key, struct buf *ret, struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_GET_ITEM, err);
	if (s) {
		base_bind_text(s, 1, view_of(feed));
		base_bind_text(s, 2, key);
		status = base_get(&spool->base, s, ret, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

/* Some rows, taken to memory, so that whoever is told of them may call. */
struct part {
	struct buf bytes; /* key and value of each, one behind the other */
	struct {
		size_t key, value;
	} lengths[SPOOL_ITEM_ROWS];
	size_t count;
	bool is_last;
};

static int take_rows(struct base *base, sqlite3_stmt *s, struct part *part, struct err *err)
{
	int status;

	while ((status = base_step(base, s, err)) > 0) {
		struct view key = base_blob(s, 0), value = base_blob(s, 1);

		if (buf_add(&part->bytes, key) || buf_add(&part->bytes, value)) {
			base_reset(s);
			return err_nomem(err);
		}
		part->lengths[part->count].key = key.len;
		part->lengths[part->count++].value = value.len;
		if (part->count < SPOOL_ITEM_ROWS && part->bytes.len < SPOOL_ITEM_BYTES)
			continue;
		base_reset(s);
		return 0;
	}
	part->is_last = true;
	return status;
}

static int read_part(struct spool *spool, const char *feed, struct view from, struct view to, struct part *part,
		     struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	buf_clear(&part->bytes);
	part->count = 0;
	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_ITEMS, err);
	if (s) {
		base_bind_text(s, 1, view_of(feed));
		base_bind_text(s, 2, from);
		base_bind_text(s, 3, to);
		(void)sqlite3_bind_int(s, 4, SPOOL_ITEM_ROWS + 1);
		status = take_rows(&spool->base, s, part, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

/* No key is between one and the same with the least byte that a key may have behind it. */
static int go_on(struct buf *next, struct view key, struct err *err)
{
	buf_clear(next);
	return buf_add(next, key) || buf_add_byte(next, '\1') ? err_nomem(err) : 0;
}

int spool_item_each(struct spool *spool, const char *feed, struct view from, struct view to, page_item_tell *tell,
		    void *context, struct err *err)
{
	DEFER(buf_done) struct buf next = BUF_INIT(PAGE_ITEM_KEY_BYTES + 1);
	DEFER(freep) struct part *part = calloc(1, sizeof(*part));
	int status = 0;

	if (!part || buf_add(&next, from))
		return err_nomem(err);
	part->bytes.max = SPOOL_ITEM_BYTES + PAGE_ITEM_BYTES + PAGE_ITEM_KEY_BYTES;
	while (!status && !part->is_last) {
		struct view rest;

		status = read_part(spool, feed, buf_view(&next), to, part, err);
		rest = buf_view(&part->bytes);
		for (size_t i = 0; !status && i < part->count; i++) {
			struct page_item item = { .key = view_sub(rest, 0, part->lengths[i].key) };

			item.value = view_sub(rest, item.key.len, part->lengths[i].value);
			rest = view_sub(rest, item.key.len + item.value.len, SIZE_MAX);
			status = tell(context, &item, err);
			if (!status && i + 1 == part->count)
				status = go_on(&next, item.key, err);
		}
	}
	buf_done(&part->bytes);
	return status;
}
