/* SPDX-License-Identifier: Apache-2.0 */
/* The feed of keys: lists that lack what is there, and owners who have left. */
#include "forwarder/feed/keys.h"

#include "tests/support/listfeed.h"

#define ORG                                                                                                            \
	{                                                                                                              \
		"org.get", "{\"id\":\"0b5f\",\"type\":\"organization\",\"name\":\"Acme\"}"                             \
	}
#define ANN "{\"id\":\"user_1\",\"email\":\"ann@example.com\",\"name\":\"Ann\",\"role\":\"admin\"}"
#define ML "{\"id\":\"wrkspc_1\",\"name\":\"ml-prod\",\"archived_at\":null}"
#define KEY(id, name, more)                                                                                            \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"status\":\"active\",\"workspace_id\":\"wrkspc_1\"," more "}"
#define BY(user) "\"created_by\":{\"id\":\"" user "\",\"type\":\"user\"}"
#define ONE KEY("apikey_1", "ml-prod-inference", BY("user_1"))
#define TWO KEY("apikey_2", "ml-prod-training", BY("user_1"))
/* Made by one who is there, and acting for one who is not listed. */
#define THREE                                                                                                          \
	KEY("apikey_3", "ml-prod-chat", BY("user_1") ",\"principal\":{\"type\":\"user_actor\",\"user_id\":\"user_7\"}")
#define LISTS(users, workspaces, keys)                                                                                 \
	ORG, { "user.list", PAGE(users) }, { "workspace.list", PAGE(workspaces) },                                     \
	{                                                                                                              \
		"key.list", PAGE(keys)                                                                                 \
	}
#define EACH                                                                                                           \
	{ "user.get id=user_1", ANN }, { "workspace.get id=wrkspc_1", ML }, { "key.get id=apikey_1", ONE },            \
	{                                                                                                              \
		"key.get id=apikey_2", TWO                                                                             \
	}
#define NO_MORE                                                                                                        \
	{                                                                                                              \
		NULL, NULL                                                                                             \
	}

static const struct govern_reply whole[] = { LISTS(ANN, ML, ONE "," TWO), EACH, NO_MORE };
static const struct govern_reply nobody[] = { LISTS("", ML, ONE "," TWO), NO_MORE };

static void start(struct listfeed *f)
{
	listfeed_init(f, &feed_keys);
	f->policy.rotation.unused_after_s = 0;
	listfeed_open(f);
}

static void begin(struct listfeed *f)
{
	start(f);
	assert_string_equal(listfeed_poll(f, whole), "keys_inventory ");
}

static void lists_that_end_early_change_nothing(void **state)
{
	static const struct govern_reply lists[][12] = {
		{ LISTS("", "", ""), EACH, NO_MORE },
		{ LISTS("", ML, ONE "," TWO), EACH, NO_MORE },
		{ LISTS(ANN, "", ONE "," TWO), EACH, NO_MORE },
		{ LISTS(ANN, ML, TWO), EACH, NO_MORE },
	};
	DEFER(listfeed_done) struct listfeed f;

	(void)state;
	begin(&f);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		assert_string_equal(listfeed_poll(&f, lists[i]), "");
		assert_string_equal(listfeed_poll(&f, whole), "");
	}
}

static void a_key_that_is_gone_is_told_once_it_is_certain(void **state)
{
	static const struct govern_reply one[] = { LISTS(ANN, ML, ONE), NO_MORE };
	DEFER(listfeed_done) struct listfeed f;

	(void)state;
	begin(&f);
	assert_string_equal(listfeed_poll(&f, one), "key_gone ");
	assert_true(listfeed_told(&f, "\"api_key_id\":\"apikey_2\""));
	assert_string_equal(listfeed_poll(&f, one), "");
}

static void that_an_owner_has_left_is_told_once_it_is_certain(void **state)
{
	static const struct govern_reply unlisted[] = { LISTS("", ML, ONE "," TWO), EACH, NO_MORE };
	DEFER(listfeed_done) struct listfeed f;

	(void)state;
	begin(&f);
	assert_string_equal(listfeed_poll(&f, unlisted), "");
	assert_string_equal(listfeed_poll(&f, nobody), "key_noncompliant key_noncompliant ");
	assert_true(listfeed_told(&f, "made by user_1, who is not in the organisation any more"));
	assert_non_null(strstr(f.api.asked.ptr, "user.get"));
	/* From then on it is known. */
	assert_string_equal(listfeed_poll(&f, nobody), "");
	assert_null(strstr(f.api.asked.ptr, "user.get"));
	assert_string_equal(listfeed_poll(&f, whole), "key_compliant key_compliant ");
}

static void the_owner_is_whom_the_key_acts_for(void **state)
{
	static const struct govern_reply acting[] = { LISTS(ANN, ML, ONE "," TWO "," THREE), EACH, NO_MORE };
	DEFER(listfeed_done) struct listfeed f;

	(void)state;
	begin(&f);
	assert_string_equal(listfeed_poll(&f, acting), "key_created key_noncompliant ");
	assert_true(listfeed_told(&f, "belongs to user_7, who is not in the organisation any more"));
	assert_true(listfeed_told(&f, "\"principal_id\":\"user_7\",\"principal_type\":\"user\""));
}

/* More than one poll asks for. */
static void keys_that_nobody_could_be_asked_about_count_as_they_were(void **state)
{
	DEFER(buf_done) struct buf rows = BUF_INIT(1 << 20);
	DEFER(listfeed_done) struct listfeed f;
	struct govern_reply many[] = { LISTS(ANN, ML, ""), NO_MORE };
	const struct govern_reply none[] = { LISTS(ANN, ML, ""), NO_MORE };
	size_t told;

	(void)state;
	assert_int_equal(buf_add_text(&rows, "{\"data\":["), 0);
	for (unsigned i = 0; i < FEED_ASKED_MOST + 20; i++)
		assert_int_equal(buf_addf(&rows,
					  "%s{\"id\":\"apikey_%03u\",\"name\":\"BAD%u\",\"status\":\"active\","
					  "\"workspace_id\":\"wrkspc_1\",\"created_at\":\"2020-01-01T00:00:00Z\"," BY(
						  "user_1") "}",
					  i ? "," : "", i, i),
				 0);
	assert_int_equal(buf_add_text(&rows, "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"), 0);
	many[3].body = rows.ptr;
	start(&f);
	(void)listfeed_poll(&f, many);
	assert_string_equal(listfeed_poll(&f, many), "");
	told = view_of(listfeed_poll(&f, none)).len;
	assert_int_equal(told, FEED_ASKED_MOST * (sizeof("key_gone ") - 1));
	told = view_of(listfeed_poll(&f, none)).len;
	assert_int_equal(told, 20 * (sizeof("key_gone ") - 1));
}

static void workspaces_are_kept_by_name(void **state)
{
	static const struct govern_reply renamed[] = {
		LISTS(ANN, "{\"id\":\"wrkspc_1\",\"name\":\"ml\",\"archived_at\":\"2026-01-01T00:00:00Z\"}",
		      ONE "," TWO),
		EACH, NO_MORE
	};
	static const struct govern_reply none[] = { LISTS(ANN, "", ONE "," TWO), NO_MORE };
	DEFER(listfeed_done) struct listfeed f;
	size_t at = 0;

	(void)state;
	begin(&f);
	while (strcmp(f.keys[at], LISTS_WORKSPACES "wrkspc_1") != 0)
		at++;
	assert_string_equal(f.values[at], "{\"revision\":1,\"id\":\"wrkspc_1\",\"name\":\"ml-prod\"}");
	(void)listfeed_poll(&f, renamed);
	assert_string_equal(f.values[at],
			    "{\"revision\":2,\"id\":\"wrkspc_1\",\"name\":\"ml\",\"archived_at\":1767225600}");
	(void)listfeed_poll(&f, none);
	assert_string_equal(f.values[at], "{\"revision\":3,\"gone\":true}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_that_end_early_change_nothing),
		cmocka_unit_test(a_key_that_is_gone_is_told_once_it_is_certain),
		cmocka_unit_test(that_an_owner_has_left_is_told_once_it_is_certain),
		cmocka_unit_test(the_owner_is_whom_the_key_acts_for),
		cmocka_unit_test(keys_that_nobody_could_be_asked_about_count_as_they_were),
		cmocka_unit_test(workspaces_are_kept_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
