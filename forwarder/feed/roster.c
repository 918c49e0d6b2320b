/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/roster.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define PREFIX_BYTES 32

void roster_init(struct roster *r, const char *prefix)
{
	*r = (struct roster){ .prefix = prefix, .keys = BUF_INIT(FEED_ROSTER_BYTES) };
}

void roster_done(struct roster *r)
{
	free(r->entries);
	buf_done(&r->keys);
}

/* Keys lie in one buf, which moves as it grows: until all are there, their views hold where they begin. */
int roster_add(struct roster *r, struct view first, struct view second, size_t index, struct err *err)
{
	struct roster_entry *entries = grow_items(r->entries, r->count, &r->cap, sizeof(*entries));
	DEFER(buf_done) struct buf key = BUF_INIT(PAGE_ITEM_KEY_BYTES), part = BUF_INIT(PAGE_ITEM_KEY_BYTES);

	if (!entries)
		return err_nomem(err);
	r->entries = entries;
	if (batch_add_id(&key, first))
		return err_nomem(err);
	if (second.ptr && (batch_add_id(&part, second) || buf_add_byte(&key, '/') || buf_add(&key, buf_view(&part))))
		return err_nomem(err);
	entries[r->count++] = (struct roster_entry){ .key = { NULL, key.len }, .index = index };
	return buf_add(&r->keys, buf_view(&key))
		       ? err_set(err, ERR_LIMIT, 0, "a list with more than %u bytes of ids", FEED_ROSTER_BYTES)
		       : 0;
}

static int compare(const void *a, const void *b)
{
	return text_cmp(((const struct roster_entry *)a)->key, ((const struct roster_entry *)b)->key);
}

static void sort(struct roster *r)
{
	size_t at = 0, count = 0;

	for (size_t i = 0; i < r->count; i++) {
		size_t len = r->entries[i].key.len;

		r->entries[i].key = view_sub(buf_view(&r->keys), at, len);
		at += len;
	}
	if (r->count)
		qsort(r->entries, r->count, sizeof(*r->entries), compare);
	for (size_t i = 0; i < r->count; i++)
		if (!count || compare(&r->entries[count - 1], &r->entries[i]))
			r->entries[count++] = r->entries[i];
	r->count = count;
}

/* Where the comparison is. */
struct merging {
	struct roster *roster;
	size_t next; /* of the entries */
};

/* Entries before that key are new. */
static int tell_new(struct merging *m, const struct view *before, struct err *err)
{
	struct roster *r = m->roster;
	int status = 0;

	while (!status && m->next < r->count && (!before || text_cmp(r->entries[m->next].key, *before) < 0)) {
		const struct roster_entry *e = &r->entries[m->next++];

		status = r->tell(r->context, e->index, e->key, VIEW_NONE, err);
	}
	return status;
}

static int take_kept(void *context, const struct page_item *item, struct err *err)
{
	struct merging *m = context;
	struct roster *r = m->roster;
	struct view key = view_sub(item->key, view_of(r->prefix).len, SIZE_MAX);
	int status = tell_new(m, &key, err);

	if (status)
		return status;
	if (m->next < r->count && text_eq(r->entries[m->next].key, key)) {
		const struct roster_entry *e = &r->entries[m->next++];

		return r->tell(r->context, e->index, e->key, item->value, err);
	}
	return roster_is(item->value, "gone") ? 0 : r->tell(r->context, SIZE_MAX, key, item->value, err);
}

int roster_each(const char *prefix, const struct feed_env *env, page_item_tell *tell, void *context, struct err *err)
{
	DEFER(buf_done) struct buf to = BUF_INIT(PREFIX_BYTES);

	if (buf_add_text(&to, prefix))
		return err_nomem(err);
	to.ptr[to.len - 1]++;
	return env->out->items(env->out->context, env->settings->name, view_of(prefix), buf_view(&to), tell, context,
			       err);
}

int roster_compare(struct roster *r, const struct feed_env *env, struct err *err)
{
	struct merging m = { .roster = r };
	int status;

	sort(r);
	status = roster_each(r->prefix, env, take_kept, &m, err);
	return status ? status : tell_new(&m, NULL, err);
}

struct view roster_text(struct view kept, const char *name, struct buf *store)
{
	struct view value = kept.len ? json_member(kept, name) : VIEW_NONE, text = VIEW_NONE;

	if (!value.len || json_type_of(value) != JSON_STRING || json_text(value, store, &text))
		return VIEW_NONE;
	return text;
}

uint64_t roster_number(struct view kept, const char *name)
{
	struct view value = kept.len ? json_member(kept, name) : VIEW_NONE;
	uint64_t n;

	return value.len && text_u64(value, INT64_MAX, &n) == 0 ? n : 0;
}

struct api_time roster_time(struct view kept, const char *name)
{
	uint64_t n = roster_number(kept, name);

	return (struct api_time){ .unix_s = (int64_t)n, .is_known = n != 0 };
}

bool roster_is(struct view kept, const char *name)
{
	struct view value = kept.len ? json_member(kept, name) : VIEW_NONE;

	return value.len && json_type_of(value) == JSON_TRUE;
}
