/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/unpackreply.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

#define SPACE 4096

struct told {
	char path[64], bytes[64], text[64];
	size_t own_len;
	unsigned entries, ends, troubles;
	enum unpack_trouble trouble;
};

static void copy(char *to, size_t room, struct view v)
{
	assert_true(v.len < room);
	if (v.len)
		memcpy(to, v.ptr, v.len);
	to[v.len] = '\0';
}

static void take_entry(void *context, struct view path, size_t own_len)
{
	struct told *t = context;

	copy(t->path, sizeof(t->path), path);
	t->own_len = own_len;
	t->entries++;
}

static void take_data(void *context, struct view bytes)
{
	struct told *t = context;

	copy(t->bytes, sizeof(t->bytes), bytes);
}

static void take_end(void *context)
{
	struct told *t = context;

	t->ends++;
}

static void take_unread(void *context, struct view path, size_t own_len, enum unpack_trouble trouble, struct view text)
{
	struct told *t = context;

	copy(t->path, sizeof(t->path), path);
	copy(t->text, sizeof(t->text), text);
	t->own_len = own_len;
	t->trouble = trouble;
	t->troubles++;
}

/* A reply in the making. */
struct reply {
	char bytes[SPACE];
	size_t len;
};

static void add(struct reply *r, struct unpack_frame frame, struct view payload)
{
	frame.len = frame.len ? frame.len : (uint32_t)payload.len;
	memcpy(r->bytes + r->len, &frame, sizeof(frame));
	r->len += sizeof(frame);
	if (payload.len)
		memcpy(r->bytes + r->len, payload.ptr, payload.len);
	r->len += payload.len;
}

static void add_entry(struct reply *r, struct view path, uint16_t own_len)
{
	add(r, (struct unpack_frame){ .type = UNPACK_ENTRY, .own_len = own_len }, path);
}

static void add_type(struct reply *r, uint8_t type, uint8_t code, struct view payload)
{
	add(r, (struct unpack_frame){ .type = type, .code = code }, payload);
}

static int take(const struct reply *reply, struct told *told, struct err *err)
{
	static const struct unpack_request asked = { .bytes = 10, .entries = 2 };
	struct unpackreply_ops ops = {
		.entry = take_entry, .data = take_data, .end = take_end, .unread = take_unread, .context = told
	};
	struct unpackreply r = { .asked = &asked, .ops = &ops };
	struct view bytes = view_from(reply->bytes, reply->len);

	*told = (struct told){ .entries = 0 };
	return unpackreply_take(&r, &bytes, err);
}

static void refuses(const struct reply *reply)
{
	struct told told;
	struct err err = ERR_INIT;

	assert_int_equal(take(reply, &told, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_true(err.text[0] != '\0');
}

static void a_reply_is_handed_on_in_its_order(void **state)
{
	struct reply r = { .len = 0 };
	struct told told;

	(void)state;
	add_entry(&r, VIEW("a.zip!b"), 1);
	add_type(&r, UNPACK_DATA, 0, VIEW("bytes"));
	add_type(&r, UNPACK_END, 0, VIEW_NONE);
	assert_int_equal(take(&r, &told, NULL), 0);
	assert_string_equal(told.path, "a.zip!b");
	assert_string_equal(told.bytes, "bytes");
	assert_int_equal(told.own_len, 1);
	assert_int_equal(told.ends, 1);
	add(&r, (struct unpack_frame){ .type = UNPACK_UNREAD, .code = UNPACK_CORRUPT, .own_len = 1, .path_len = 1 },
	    VIEW("cwhy"));
	add_type(&r, UNPACK_DONE, UNPACK_READ, VIEW_NONE);
	assert_int_equal(take(&r, &told, NULL), 1);
	assert_string_equal(told.path, "c");
	assert_string_equal(told.text, "why");
	assert_int_equal(told.trouble, UNPACK_CORRUPT);
}

static void what_has_not_come_whole_is_waited_for(void **state)
{
	struct reply whole = { .len = 0 };
	struct told told;

	(void)state;
	add_entry(&whole, VIEW("b"), 1);
	for (size_t n = 0; n < whole.len; n++) {
		struct reply r = whole;

		r.len = n;
		assert_int_equal(take(&r, &told, NULL), 0);
		assert_int_equal(told.entries, 0);
	}
}

static void what_is_out_of_order_is_refused(void **state)
{
	static const uint8_t firsts[] = { UNPACK_DATA, UNPACK_END, 0, 6, 255 };
	static const uint8_t seconds[] = { UNPACK_ENTRY, UNPACK_UNREAD, UNPACK_DONE };
	struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(firsts); i++) {
		r.len = 0;
		add_type(&r, firsts[i], 1, VIEW_NONE);
		refuses(&r);
	}
	for (size_t i = 0; i < sizeof(seconds); i++) {
		r.len = 0;
		add_entry(&r, VIEW("b"), 1);
		add_type(&r, seconds[i], 1, VIEW_NONE);
		refuses(&r);
	}
	r.len = 0;
	add_type(&r, UNPACK_DONE, UNPACK_READ, VIEW_NONE);
	add_type(&r, UNPACK_DONE, UNPACK_READ, VIEW_NONE);
	refuses(&r);
}

static void what_passes_the_limits_is_refused(void **state)
{
	struct reply r = { .len = 0 };

	(void)state;
	add_entry(&r, VIEW("b"), 1);
	add_type(&r, UNPACK_DATA, 0, VIEW("0123456789"));
	add_type(&r, UNPACK_DATA, 0, VIEW("x"));
	refuses(&r);
	r.len = 0;
	for (size_t i = 0; i < 3; i++) {
		add_entry(&r, VIEW("b"), 1);
		add_type(&r, UNPACK_END, 0, VIEW_NONE);
	}
	refuses(&r);
	r.len = 0;
	for (size_t i = 0; i < 9; i++)
		add_type(&r, UNPACK_UNREAD, UNPACK_LINK, VIEW_NONE);
	refuses(&r);
}

static void lengths_that_cannot_be_are_refused(void **state)
{
	struct reply r = { .len = 0 };

	(void)state;
	add(&r, (struct unpack_frame){ .type = UNPACK_DATA, .len = UNPACK_FRAME_BYTES + 1 }, VIEW_NONE);
	refuses(&r);
	r.len = 0;
	add(&r, (struct unpack_frame){ .type = UNPACK_ENTRY, .len = UINT32_MAX }, VIEW_NONE);
	refuses(&r);
	r.len = 0;
	add_entry(&r, VIEW("b"), 2);
	refuses(&r);
	r.len = 0;
	add_entry(&r, VIEW("b\0c"), 1);
	refuses(&r);
	r.len = 0;
	add(&r, (struct unpack_frame){ .type = UNPACK_UNREAD, .code = 1, .path_len = 9 }, VIEW("short"));
	refuses(&r);
	r.len = 0;
	add_type(&r, UNPACK_UNREAD, UNPACK_TROUBLES, VIEW_NONE);
	refuses(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_is_handed_on_in_its_order),
		cmocka_unit_test(what_has_not_come_whole_is_waited_for),
		cmocka_unit_test(what_is_out_of_order_is_refused),
		cmocka_unit_test(what_passes_the_limits_is_refused),
		cmocka_unit_test(lengths_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
