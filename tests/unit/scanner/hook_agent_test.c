/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/hook_agent.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define OURS "[{ \"type\": \"command\", \"command\": \"skant agent || exit 2\" }]"

static struct buf text_of(const char *text)
{
	struct buf b = BUF_INIT(HOOK_SETTINGS_BYTES);

	assert_int_equal(buf_add_text(&b, text), 0);
	return b;
}

static void assert_added(const char *before, const char *after)
{
	DEFER(buf_done) struct buf b = text_of(before);
	struct err err = ERR_INIT;

	assert_int_equal(hook_agent_add(&b, &err), 0);
	assert_string_equal(b.ptr, after);
	assert_int_equal(hook_agent_count(&b, &err), HOOK_AGENT_EVENTS);
	assert_int_equal(hook_agent_add(&b, &err), 0);
	assert_string_equal(b.ptr, after);
}

static void assert_removed(const char *before, const char *after)
{
	DEFER(buf_done) struct buf b = text_of(before);
	struct err err = ERR_INIT;

	assert_int_equal(hook_agent_remove(&b, &err), 0);
	assert_string_equal(b.ptr, after);
}

static void what_is_missing_is_added_in_the_files_own_indentation(void **state)
{
	(void)state;
	assert_added("", "{\n"
			 "  \"hooks\": {\n"
			 "    \"UserPromptSubmit\": [\n"
			 "      { \"hooks\": " OURS " }\n"
			 "    ],\n"
			 "    \"PreToolUse\": [\n"
			 "      { \"matcher\": \"*\", \"hooks\": " OURS " }\n"
			 "    ],\n"
			 "    \"PostToolUse\": [\n"
			 "      { \"matcher\": \"*\", \"hooks\": " OURS " }\n"
			 "    ]\n"
			 "  }\n"
			 "}\n");
	assert_added("{\n\t\"hooks\": {\n\t\t\"UserPromptSubmit\": [\n\t\t\t1\n\t\t]\n\t}\n}",
		     "{\n\t\"hooks\": {\n\t\t\"UserPromptSubmit\": [\n\t\t\t1,\n\t\t\t{ \"hooks\": " OURS " }\n\t\t],\n"
		     "\t\t\"PreToolUse\": [\n\t\t\t{ \"matcher\": \"*\", \"hooks\": " OURS " }\n\t\t],\n"
		     "\t\t\"PostToolUse\": [\n\t\t\t{ \"matcher\": \"*\", \"hooks\": " OURS " }\n\t\t]\n\t}\n}");
}

static void only_ours_is_removed_and_what_it_leaves_empty(void **state)
{
	(void)state;
	assert_removed("{\"a\": 1, \"hooks\": {\"PreToolUse\": [{\"hooks\": " OURS "}]}}", "{\"a\": 1}");
	assert_removed("{\"hooks\": {\"PreToolUse\": [{\"hooks\": " OURS "}]}, \"a\": 1}", "{\"a\": 1}");
	assert_removed("{\"hooks\": {\"PreToolUse\": [{\"hooks\": " OURS "}], \"Stop\": []}}",
		       "{\"hooks\": {\"Stop\": []}}");
	assert_removed("{\"hooks\": {\"PreToolUse\": [{\"hooks\": []}, {\"hooks\": " OURS "}]}}",
		       "{\"hooks\": {\"PreToolUse\": [{\"hooks\": []}]}}");
	assert_removed("{\"hooks\": {\"Stop\": [{\"hooks\": " OURS "}]}}",
		       "{\"hooks\": {\"Stop\": [{\"hooks\": " OURS "}]}}");
	assert_removed("{\"hooks\": {\"PreToolUse\": [{\"hooks\": [{\"command\": \"skant agents\"}, "
		       "{\"command\": \"skant\"}, {\"command\": 7}, 7]}]}}",
		       "{\"hooks\": {\"PreToolUse\": [{\"hooks\": [{\"command\": \"skant agents\"}, "
		       "{\"command\": \"skant\"}, {\"command\": 7}, 7]}]}}");
	assert_removed(" ", " ");
}

static void a_full_file_is_refused_and_stays(void **state)
{
	DEFER(buf_done) struct buf b = { .max = 40 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add_text(&b, "{\"a\": 1}"), 0);
	assert_int_equal(hook_agent_add(&b, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_added_in_the_files_own_indentation),
		cmocka_unit_test(only_ours_is_removed_and_what_it_leaves_empty),
		cmocka_unit_test(a_full_file_is_refused_and_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
