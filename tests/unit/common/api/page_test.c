/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/page.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

/* A client that answers with pages from a script and notes what each call asked for. */
struct api {
	struct profile profile;
	const char *const *pages; /* NULL: refused */
	unsigned calls;
	struct buf asked; /* "limit=1000 after_id=a\n" */
};

static struct api api;

const struct profile *api_profile(const struct api *a)
{
	return &a->profile;
}

int api_call_read(struct api *a, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  const struct api_reading *reading, struct api_reply *reply, struct api_refusal *refusal,
		  struct err *err)
{
	const char *page = a->pages[a->calls++];

	for (size_t i = 0; i < count; i++)
		if (buf_addf(&a->asked, "%s%s=", i ? " " : "", arguments[i].name) ||
		    buf_add(&a->asked, arguments[i].value))
			abort();
	if (buf_add_byte(&a->asked, '\n'))
		abort();
	if (!page) {
		*refusal = (struct api_refusal){ .status = 400 };
		return err_set(err, ERR_REFUSED, 0, "expired");
	}
	reply->body.max = 1 << 20;
	buf_clear(&reply->body);
	if (buf_add_text(&reply->body, page))
		abort();
	if (reading->read(reading->context, buf_view(&reply->body), err))
		return err_prefix(err, "%s", api_operation_name(operation));
	return 0;
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
	buf_done(&reply->request_id);
	buf_done(&reply->organization);
}

/* Walks all of it: the rows' bytes one after the other, 0 or -1. */
static int walk_all(struct page_walk *walk, struct buf *rows, struct err *err)
{
	struct view row;
	int status;

	while ((status = page_row(walk, &row, err)) == 1)
		if (buf_add(rows, row))
			abort();
	return status;
}

static void assert_walks(enum api_operation operation, const struct api_argument *arguments, size_t count,
			 uint64_t page_size, const char *rows, const char *asked)
{
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 20);
	struct page_walk walk;
	struct err err = ERR_INIT;

	page_start(&walk, &api, operation, arguments, count, page_size);
	if (walk_all(&walk, &got, &err))
		fail_msg("%s", err.text);
	assert_string_equal(got.ptr ? got.ptr : "", rows);
	assert_string_equal(api.asked.ptr, asked);
	page_done(&walk);
}

static void assert_fails(enum api_operation operation, enum err_kind kind, const char *part)
{
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 20);
	struct page_walk walk;
	struct err err = ERR_INIT;

	page_start(&walk, &api, operation, NULL, 0, 0);
	assert_int_equal(walk_all(&walk, &got, &err), -1);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.text, part))
		fail_msg("%s", err.text);
	page_done(&walk);
}

static int set_up(void **state)
{
	(void)state;
	api = (struct api){ .asked = BUF_INIT(1 << 16) };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_done(&api.asked);
	return 0;
}

#define PAGES(...) (api.pages = (const char *const[]){ __VA_ARGS__, NULL, NULL })

static void ids_are_followed_forward(void **state)
{
	(void)state;
	PAGES("{\"data\":[{\"n\":1},{\"n\":2}],\"has_more\":true,\"first_id\":\"a\",\"last_id\":\"b\"}",
	      "{\"data\":[{\"n\":3}],\"has_more\":false,\"first_id\":\"c\",\"last_id\":\"c\"}");
	assert_walks(API_USER_LIST, NULL, 0, 0, "{\"n\":1}{\"n\":2}{\"n\":3}", "limit=1000\nlimit=1000 after_id=b\n");
}

static void before_id_is_followed_toward_now(void **state)
{
	static const struct api_argument arguments[] = { { "order", { "desc", 4 } }, { "before_id", { "x", 1 } } };

	(void)state;
	PAGES("{\"data\":[{\"n\":1}],\"has_more\":true,\"first_id\":\"a\",\"last_id\":\"b\"}",
	      "{\"data\":[{\"n\":0}],\"has_more\":false,\"first_id\":\"z\",\"last_id\":\"z\"}");
	assert_walks(API_ACTIVITY_LIST, arguments, 2, 100, "{\"n\":1}{\"n\":0}",
		     "order=desc limit=100 before_id=x\norder=desc limit=100 before_id=a\n");
}

static void tokens_are_followed_until_there_is_none(void **state)
{
	(void)state;
	PAGES("{\"data\":[{\"n\":1}],\"has_more\":true,\"next_page\":\"p\\u0032\"}",
	      "{\"data\":[{\"n\":2}],\"next_page\":\"p3\"}", "{\"data\":[{\"n\":3}],\"next_page\":null}");
	assert_walks(API_GROUP_LIST, NULL, 0, 7, "{\"n\":1}{\"n\":2}{\"n\":3}",
		     "limit=7\nlimit=7 page=p2\nlimit=7 page=p3\n");
}

static void a_token_behind_the_end_is_not_followed(void **state)
{
	(void)state;
	PAGES("{\"data\":[{\"n\":1}],\"has_more\":false,\"next_page\":\"p2\"}");
	assert_walks(API_GROUP_LIST, NULL, 0, 7, "{\"n\":1}", "limit=7\n");
}

static void a_short_page_with_more_behind_it_is_not_the_end(void **state)
{
	(void)state;
	PAGES("{\"data\":[],\"has_more\":true,\"first_id\":null,\"last_id\":\"b\"}",
	      "{\"data\":[{\"n\":1}],\"has_more\":false,\"first_id\":\"c\",\"last_id\":\"c\"}");
	assert_walks(API_USER_LIST, NULL, 0, 0, "{\"n\":1}", "limit=1000\nlimit=1000 after_id=b\n");
}

static void an_empty_page_keeps_the_cursor(void **state)
{
	static const struct api_argument after = { "after_id", { "x", 1 } };
	struct page_walk walk;
	struct err err;

	(void)state;
	PAGES("{\"data\":[],\"has_more\":false,\"first_id\":null,\"last_id\":null}");
	page_start(&walk, &api, API_USER_LIST, &after, 1, 0);
	assert_int_equal(page_next(&walk, &err), 1);
	assert_view(buf_view(&walk.cursor), "x");
	assert_int_equal(page_next(&walk, &err), 0);
	assert_int_equal(api.calls, 1);
	page_done(&walk);
}

static void a_callers_own_limit_wins(void **state)
{
	static const struct api_argument limit = { "limit", { "3", 1 } };

	(void)state;
	PAGES("{\"data\":[],\"has_more\":false}");
	assert_walks(API_USER_LIST, &limit, 1, 50, "", "limit=3\n");
}

static void what_has_no_pages_is_asked_once(void **state)
{
	(void)state;
	PAGES("{\"data\":[{\"n\":1}]}");
	assert_walks(API_ORG_GET, NULL, 0, 0, "{\"n\":1}", "\n");
}

static void a_page_that_says_more_and_gives_no_cursor_is_an_error(void **state)
{
	(void)state;
	PAGES("{\"data\":[{\"n\":1}],\"has_more\":true,\"last_id\":null}");
	assert_fails(API_USER_LIST, ERR_FORMAT, "user.list: page 1: it says that there is more");
}

static void a_page_that_repeats_its_cursor_is_an_error(void **state)
{
	static const char same[] = "{\"data\":[{\"n\":1}],\"has_more\":true,\"last_id\":\"a\"}";

	(void)state;
	PAGES(same, same);
	assert_fails(API_USER_LIST, ERR_FORMAT, "user.list: page 2: it says that there is more");
}

static void cursors_that_go_in_a_circle_are_an_error(void **state)
{
	static const char a[] = "{\"data\":[],\"has_more\":true,\"next_page\":\"a\"}";
	static const char b[] = "{\"data\":[],\"has_more\":true,\"next_page\":\"b\"}";
	static const char c[] = "{\"data\":[],\"has_more\":true,\"next_page\":\"c\"}";

	(void)state;
	PAGES(a, b, c, a, b, c, a, b, c, a, b, c);
	assert_fails(API_GROUP_LIST, ERR_FORMAT, "the list would never end");
}

static void a_page_that_does_not_tell_whether_there_is_more_is_an_error(void **state)
{
	(void)state;
	PAGES("{\"data\":[{\"n\":1}],\"last_id\":\"a\"}");
	assert_fails(API_USER_LIST, ERR_FORMAT, "has_more was expected");
}

static void members_that_are_wanted_come_with_the_rows(void **state)
{
	static const struct rows_form form = { PAGE_ENVELOPE, .wanted = { { "id", NULL }, { "actor", "type" } } };
	static const char *const pages[] = { "{\"data\":[{\"id\":\"a\",\"actor\":{\"type\":\"x\"}}],"
					     "\"has_more\":false}" };
	struct page_walk walk;
	struct err err;

	(void)state;
	api.pages = pages;
	page_start(&walk, &api, API_USER_LIST, NULL, 0, 0);
	walk.form = &form;
	assert_int_equal(page_next(&walk, &err), 1);
	assert_view(rows_member(&walk.rows, 0, 0), "\"a\"");
	assert_view(rows_member(&walk.rows, 0, 1), "\"x\"");
	page_done(&walk);
}

static void a_page_that_is_none_is_told_with_its_number(void **state)
{
	(void)state;
	PAGES("{\"data\":[{\"n\":1}],\"has_more\":true,\"last_id\":\"a\"}", "{\"data\":");
	assert_fails(API_USER_LIST, ERR_FORMAT, "user.list: page 2: not valid JSON at byte 8");
}

static void a_refusal_is_handed_on(void **state)
{
	struct page_walk walk;
	struct err err;

	(void)state;
	api.pages = (const char *const[]){ NULL };
	page_start(&walk, &api, API_USER_LIST, NULL, 0, 0);
	assert_int_equal(page_next(&walk, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_int_equal(walk.refusal.status, 400);
	page_done(&walk);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ids_are_followed_forward),
		TEST(before_id_is_followed_toward_now),
		TEST(tokens_are_followed_until_there_is_none),
		TEST(a_token_behind_the_end_is_not_followed),
		TEST(a_short_page_with_more_behind_it_is_not_the_end),
		TEST(an_empty_page_keeps_the_cursor),
		TEST(a_callers_own_limit_wins),
		TEST(what_has_no_pages_is_asked_once),
		TEST(a_page_that_says_more_and_gives_no_cursor_is_an_error),
		TEST(a_page_that_repeats_its_cursor_is_an_error),
		TEST(cursors_that_go_in_a_circle_are_an_error),
		TEST(a_page_that_does_not_tell_whether_there_is_more_is_an_error),
		TEST(members_that_are_wanted_come_with_the_rows),
		TEST(a_page_that_is_none_is_told_with_its_number),
		TEST(a_refusal_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
