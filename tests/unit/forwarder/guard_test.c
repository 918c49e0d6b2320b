/* SPDX-License-Identifier: Apache-2.0 */
/* What skantd's own settings break of the policy, over a real spool. */
#include "forwarder/guard.h"

#include "common/policy/policy.h"
#include "tests/support/spool.h"

static char audit_name[] = "audit", keys_name[] = "keys";
static char one[] = "wrkspc_1", two[] = "wrkspc_2", legal[] = "legal-prod";

struct scene {
	struct spool *spool;
	struct bulletin *bulletin;
	struct guard *guard;
	struct policy policy;
	struct policy_department department;
	const char *workspaces[2];
	struct settings settings;
	struct settings_feed feeds[2];
	char *ids[3];
};

static void scene_done(struct scene *s)
{
	guard_free(s->guard);
	bulletin_free(s->bulletin);
	spool_free(s->spool);
}

/* A regulated department with one workspace, and a feed of activities of the workspaces ids (NULL: of all). */
static void scene_of(struct scene *s, char *first, char *second)
{
	struct err err = ERR_INIT;

	*s = (struct scene){ .spool = open_spool(), .policy = policy_standard, .workspaces = { legal } };
	s->department = (struct policy_department){ .name = "legal",
						    .workspaces = { .items = s->workspaces, .count = 1 },
						    .regulated = true };
	s->policy.departments = &s->department;
	s->policy.department_count = 1;
	s->ids[0] = first;
	s->ids[1] = second;
	s->feeds[0] =
		(struct settings_feed){ .name = audit_name,
					.type = SETTINGS_ACTIVITIES,
					.filter = { .workspaces = first ? s->ids : NULL, .severity = EVENT_DEBUG } };
	s->feeds[1] = (struct settings_feed){ .name = keys_name, .type = SETTINGS_KEYS };
	s->settings = (struct settings){ .rules = &s->policy, .feeds = s->feeds, .feed_count = 2 };
	s->bulletin = bulletin_new(s->spool, &err);
	assert_non_null(s->bulletin);
	s->guard = guard_new(s->spool, s->bulletin, &err);
	assert_non_null(s->guard);
}

/* The feed of keys has read a workspace of that id and name. */
static void know(struct scene *s, const char *id, const char *name, bool is_archived)
{
	DEFER(buf_done) struct buf key = BUF_INIT(256), value = BUF_INIT(1024);
	struct page_item item;
	const struct page page = { .feed = keys_name, .state = VIEW("{}"), .items = &item, .item_count = 1 };
	struct page_stored stored = { .added = 0 };
	struct err err = ERR_INIT;

	assert_int_equal(buf_addf(&key, "workspace/%s", id), 0);
	assert_int_equal(buf_addf(&value, "{\"revision\":1,\"id\":\"%s\",\"name\":\"%s\"%s}", id, name,
				  is_archived ? ",\"archived_at\":5" : ""),
			 0);
	item = (struct page_item){ buf_view(&key), buf_view(&value) };
	assert_int_equal(spool_put(s->spool, &page, &stored, &err), 0);
}

static void look(struct scene *s)
{
	struct err err = ERR_INIT;

	if (guard_look(s->guard, &s->settings, NULL, NULL, &err))
		fail_msg("%s", err.text);
}

/* Looks, and compares the bodies of all that has been told: the beginnings of their messages, a line each. */
static void assert_told(struct scene *s, const char *expected)
{
	DEFER(buf_done) struct buf told = BUF_INIT(1 << 16);
	sqlite3_stmt *rows = NULL;
	sqlite3 *db;

	look(s);
	assert_int_equal(sqlite3_open(path_of("spool.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT type || ': ' || json_extract(CAST(body AS TEXT), '$.message') "
					    "FROM ledger JOIN bodies USING (seq) ORDER BY seq",
					    -1, &rows, NULL),
			 SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW)
		assert_int_equal(buf_addf(&told, "%s\n", (const char *)sqlite3_column_text(rows, 0)), 0);
	sqlite3_finalize(rows);
	sqlite3_close(db);
	assert_string_equal(told.len ? told.ptr : "", expected);
}

#define MISSING "audit_feed_missing: department legal is regulated, and has no audit feed: "
#define LEFT_OUT MISSING "the filter of its feed leaves activities out\n"
#define UNKNOWN                                                                                                        \
	MISSING "the filter of its feed has ids of workspaces, and nobody knows which ids the department's have: a "   \
		"feed of type 'keys' or 'access' does, or the policy names ids\n"
#define KEPT "policy_kept: department legal no longer breaks the policy (audit_feed_missing)\n"

static void a_filters_ids_are_those_of_the_workspaces_that_the_policy_names(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, one, NULL);
	know(&s, one, "legal-prod", false);
	assert_told(&s, "");
	know(&s, two, "legal-prod", true);
	assert_told(&s, "");
	know(&s, two, "legal-prod", false);
	assert_told(&s, LEFT_OUT);
	s.ids[1] = two;
	assert_told(&s, LEFT_OUT KEPT);
}

static void a_name_in_a_filter_lets_nothing_pass(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, legal, NULL);
	know(&s, one, "legal-prod", false);
	assert_told(&s, LEFT_OUT);
}

static void a_policy_may_name_ids(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, one, NULL);
	s.workspaces[0] = one;
	s.settings.feed_count = 1;
	assert_told(&s, "");
	s.ids[0] = two;
	assert_told(&s, UNKNOWN);
}

static void names_that_nobody_can_tell_the_ids_of_are_told_once_they_could_be_known(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, one, NULL);
	assert_told(&s, "");
	know(&s, two, "other", false);
	assert_told(&s, UNKNOWN);
	s.settings.feed_count = 1;
	assert_told(&s, UNKNOWN);
	s.feeds[0].filter.workspaces = NULL;
	assert_told(&s, UNKNOWN KEPT);
}

static void a_feed_that_takes_less_than_all_is_no_audit_feed(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, NULL, NULL);
	assert_told(&s, "");
	s.feeds[0].filter.severity = EVENT_WARNING;
	assert_told(&s, LEFT_OUT);
	s.feeds[0].filter.severity = EVENT_INFO;
	assert_told(&s, LEFT_OUT KEPT);
	s.settings.feed_count = 0;
	assert_told(&s, LEFT_OUT KEPT MISSING "no feed of type 'activities' is configured\n");
}

static void content_is_told_by_the_name_of_its_feed(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, NULL, NULL);
	s.feeds[0].include_content = true;
	assert_told(&s, "content_on: feed audit has include_content on, which the policy does not allow: prompts and "
			"answers are stored and sent to every sink\n");
	s.policy.data.include_content = true;
	assert_told(&s, "content_on: feed audit has include_content on, which the policy does not allow: prompts and "
			"answers are stored and sent to every sink\n"
			"policy_kept: feed audit no longer breaks the policy (content_on)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_filters_ids_are_those_of_the_workspaces_that_the_policy_names),
		TEST(a_name_in_a_filter_lets_nothing_pass),
		TEST(a_policy_may_name_ids),
		TEST(names_that_nobody_can_tell_the_ids_of_are_told_once_they_could_be_known),
		TEST(a_feed_that_takes_less_than_all_is_no_audit_feed),
		TEST(content_is_told_by_the_name_of_its_feed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
