/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/page.h"

#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/activity.h"
#include "tests/mock/must.h"

#define CURSOR_BYTES 512

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct buf *buf, struct view v)
{
	for (size_t i = 0; i < v.len; i += 3) {
		uint32_t n = 0;
		size_t len = v.len - i < 3 ? v.len - i : 3;

		for (size_t j = 0; j < 3; j++)
			n = n << 8 | (j < len ? (unsigned char)v.ptr[i + j] : 0u);
		for (size_t j = 0; j < 4; j++)
			must(buf_add_byte(buf, j <= len ? digits[n >> (18 - 6 * j) & 63] : '='));
	}
}

static int add_decoded(struct buf *buf, struct view v)
{
	if (v.len % 4 || v.len == 0)
		return -1;
	for (size_t i = 0; i < v.len; i += 4) {
		uint32_t n = 0;
		size_t len = 0;

		for (size_t j = 0; j < 4; j++) {
			const char *digit = memchr(digits, v.ptr[i + j], sizeof(digits) - 1);

			if (digit && len == j)
				len++;
			else if (digit || v.ptr[i + j] != '=' || i + 4 != v.len || j < 2)
				return -1;
			n = n << 6 | (digit ? (uint32_t)(digit - digits) : 0u);
		}
		for (size_t j = 0; j + 1 < len; j++)
			if (buf_add_byte(buf, (char)(n >> (16 - 8 * j) & 255)))
				return -1;
	}
	return 0;
}

void page_add_cursor(struct buf *buf, const struct place *place)
{
	DEFER(buf_done) struct buf json = BUF_INIT(CURSOR_BYTES);

	must(buf_addf(&json, "{\"id\":\"%s\",\"created_at_us\":%lld}", place->id.text, (long long)place->at_us));
	add_base64(buf, buf_view(&json));
}

int page_read_cursor(struct view cursor, struct place *ret)
{
	DEFER(buf_done) struct buf json = BUF_INIT(CURSOR_BYTES);
	DEFER(buf_done) struct buf id = BUF_INIT(sizeof(ret->id.text) - 1);
	struct view object, value;
	uint64_t us;

	if (add_decoded(&json, cursor) || json_whole(buf_view(&json), &object, NULL) ||
	    json_type_of(object) != JSON_OBJECT)
		return -1;
	value = json_member(object, "id");
	if (!value.ptr || json_type_of(value) != JSON_STRING || json_add_string(&id, value) || !id.len)
		return -1;
	if (text_u64(json_member(object, "created_at_us"), INT64_MAX, &us))
		return -1;
	memcpy(ret->id.text, id.ptr, id.len + 1);
	ret->at_us = (int64_t)us;
	return 0;
}

size_t page_collect(const struct feed *f, const struct page_walk *walk, struct row *rows, size_t limit,
		    bool *ret_has_more)
{
	struct position at = walk->from;
	size_t count = 0;
	struct row row;

	*ret_has_more = false;
	while (walk->is_newer ? feed_compare(at, walk->high) < 0 : feed_compare(at, walk->low) > 0) {
		if (walk->is_newer ? !feed_newer(f, &at, walk->now_us, &row) : !feed_older(f, &at, walk->now_us, &row))
			break;
		if (walk->is_newer ? feed_compare(at, walk->high) > 0 : feed_compare(at, walk->low) < 0)
			break; /* rows that are not visible lay between */
		if (walk->shows && !walk->shows(walk->context, &row))
			continue;
		if (count == limit) {
			*ret_has_more = true;
			break;
		}
		rows[count++] = row;
	}
	return count;
}

void page_reverse(struct row *rows, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct row row = rows[i];

		rows[i] = rows[count - 1 - i];
		rows[count - 1 - i] = row;
	}
}

static void render_row(struct jsonw *w, const struct feed *f, const struct model *m, const struct row *row)
{
	if (row->extra)
		jsonw_raw(w, view_of(row->extra->json));
	else
		activity_render(w, f, m, row->index);
}

static void cursor_member(struct jsonw *w, const char *key, const struct feed *f, const struct row *row)
{
	DEFER(buf_done) struct buf cursor = BUF_INIT(CURSOR_BYTES);
	struct place place;

	if (!row) {
		jsonw_key(w, key);
		jsonw_raw(w, VIEW("null"));
		return;
	}
	place = feed_place(f, *row);
	page_add_cursor(&cursor, &place);
	jsonw_member(w, key, buf_view(&cursor));
}

void page_render(struct jsonw *w, const struct feed *f, const struct model *m, const struct row *rows, size_t count,
		 bool has_more, bool out_of_order)
{
	jsonw_object(w);
	jsonw_key(w, "data");
	jsonw_array(w);
	for (size_t i = 0; i < count; i++)
		render_row(w, f, m, &rows[out_of_order && (i ^ 1) < count ? i ^ 1 : i]);
	jsonw_end(w);
	jsonw_key(w, "has_more");
	jsonw_bool(w, has_more);
	cursor_member(w, "first_id", f, count ? &rows[0] : NULL);
	cursor_member(w, "last_id", f, count ? &rows[count - 1] : NULL);
	jsonw_end(w);
}
