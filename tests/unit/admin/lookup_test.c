/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/lookup.h"

#include <string.h>

#include "common/govern/directory.h"
#include "tests/support/govern_api.h"
#include "tests/support/unit.h"

#define PAGE(rows) "{\"data\":[" rows "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"
#define WORKSPACE(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\"}"
#define ARCHIVED(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\",\"archived_at\":\"2026-01-01T00:00:00Z\"}"
#define USER(id, email) "{\"id\":\"" id "\",\"email\":\"" email "\",\"name\":\"N\",\"role\":\"user\"}"

static const struct govern_reply acme[] = {
	{ "workspace.list",
	  PAGE(ARCHIVED("wrkspc_0", "ml-prod") "," WORKSPACE("wrkspc_1", "ml-prod") "," ARCHIVED(
		  "wrkspc_2",
		  "old") "," ARCHIVED("wrkspc_3",
				      "older") "," ARCHIVED("wrkspc_4",
							    "older") "," WORKSPACE("wrkspc_5",
										   "twice") "," WORKSPACE("wrkspc_6",
													  "twice")) },
	{ "user.list", PAGE(USER("user_1", "Ann@example.com") "," USER("user_2", "two@example.com") "," USER(
			       "user_3", "TWO@example.com")) },
	{ NULL, NULL },
};

typedef int lookup_fn(struct session *s, const char *given, const char **ret, struct err *err);

/* Nobody asks for it here; that of session.c would bring another client with it. */
const struct policy *session_policy(struct session *s, struct err *err)
{
	(void)s;
	(void)err;
	return NULL;
}

struct asking {
	struct api api;
	struct session s;
};

static struct asking asking(enum api_dialect dialect, const struct govern_reply *replies)
{
	return (struct asking){ .api = GOVERN_API(dialect, replies), .s = { .profile = { .dialect = dialect } } };
}

static void asking_done(struct asking *a)
{
	directory_free(a->s.workspaces);
	directory_free(a->s.people);
	govern_api_done(&a->api);
}

static void assert_id(struct asking *a, lookup_fn *lookup, const char *given, const char *wanted)
{
	struct err err = ERR_INIT;
	const char *id;

	a->s.api = &a->api;
	if (lookup(&a->s, given, &id, &err))
		fail_msg("%s", err.text);
	assert_string_equal(id, wanted);
}

static void assert_refused(struct asking *a, lookup_fn *lookup, const char *given, enum err_kind kind, const char *why)
{
	struct err err = ERR_INIT;
	const char *id;

	a->s.api = &a->api;
	assert_int_equal(lookup(&a->s, given, &id, &err), -1);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
}

static void an_active_workspace_comes_before_archived_ones_of_its_name(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	assert_id(&a, lookup_workspace, "ml-prod", "wrkspc_1");
	assert_id(&a, lookup_workspace, "old", "wrkspc_2");
	asking_done(&a);
}

static void a_name_that_several_have_or_nobody_is_refused(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	assert_refused(&a, lookup_workspace, "twice", ERR_USAGE, "2 workspaces are called 'twice': an id");
	assert_refused(&a, lookup_workspace, "older", ERR_USAGE, "2 workspaces are called 'older': an id");
	assert_refused(&a, lookup_workspace, "ml-pord", ERR_USAGE, "ml-prod");
	assert_refused(&a, lookup_workspace, "Default", ERR_USAGE, "no id");
	asking_done(&a);
}

static void what_looks_like_an_id_is_one_and_nothing_is_asked(void **state)
{
	struct asking platform = asking(API_PLATFORM, acme), cca = asking(API_CCA, acme);

	(void)state;
	assert_id(&platform, lookup_workspace, "wrkspc_99", "wrkspc_99");
	assert_id(&platform, lookup_user, "user_99", "user_99");
	assert_id(&cca, lookup_workspace, "ml-prod", "ml-prod"); /* there is no list of them */
	assert_int_equal(platform.api.asked.len + cca.api.asked.len, 0);
	asking_done(&platform);
	asking_done(&cca);
}

static void addresses_are_the_same_in_any_case_and_belong_to_one(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	assert_id(&a, lookup_user, "ann@EXAMPLE.com", "user_1");
	assert_refused(&a, lookup_user, "two@example.com", ERR_USAGE, "2 users have the address");
	assert_refused(&a, lookup_user, "nobody@example.com", ERR_USAGE, "no user of the organisation has the address");
	asking_done(&a);
}

static size_t lines(const struct buf *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->len; i++)
		count += text->ptr[i] == '\n';
	return count;
}

static void a_list_is_read_once(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);
	const struct texts workspaces = { .items = { "wrkspc_9", "old", "ml-prod" }, .count = 3 };
	const struct texts people = { .items = { "ann@example.com", "Ann@example.com" }, .count = 2 };
	const struct texts nobody = { .items = { "user_9", "x@example.com" }, .count = 2 };
	struct err err = ERR_INIT;
	struct texts ids;

	(void)state;
	a.s.api = &a.api;
	assert_int_equal(lookup_workspaces(&a.s, &workspaces, &ids, &err), 0);
	assert_int_equal(ids.count, 3);
	assert_string_equal(ids.items[0], "wrkspc_9");
	assert_string_equal(ids.items[1], "wrkspc_2");
	assert_string_equal(ids.items[2], "wrkspc_1");
	assert_int_equal(lookup_users(&a.s, &people, &ids, &err), 0);
	assert_int_equal(ids.count, 2);
	assert_string_equal(ids.items[1], "user_1");
	assert_int_equal(lookup_users(&a.s, &nobody, &ids, &err), -1);
	assert_int_equal(lines(&a.api.asked), 2);
	asking_done(&a);
}

static void a_list_that_cannot_be_read_says_what_it_was_for(void **state)
{
	static const struct govern_reply none[] = { { NULL, NULL } };
	struct asking a = asking(API_PLATFORM, none);

	(void)state;
	assert_refused(&a, lookup_workspace, "ml-prod", ERR_REFUSED,
		       "asking which workspace is meant (its id needs no asking)");
	assert_refused(&a, lookup_user, "a@example.com", ERR_REFUSED, "asking who is meant (an id needs no asking)");
	asking_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_active_workspace_comes_before_archived_ones_of_its_name),
		cmocka_unit_test(a_name_that_several_have_or_nobody_is_refused),
		cmocka_unit_test(what_looks_like_an_id_is_one_and_nothing_is_asked),
		cmocka_unit_test(addresses_are_the_same_in_any_case_and_belong_to_one),
		cmocka_unit_test(a_list_is_read_once),
		cmocka_unit_test(a_list_that_cannot_be_read_says_what_it_was_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
