/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/agent_event.h"

#include "common/base/text.h"
#include "tests/support/unit.h"

#define LIST_BYTES 4096

static int add_to_list(void *context, const struct agent_text *text, struct err *)
{
	struct buf *list = context;

	return buf_add(list, text->where) || buf_add_byte(list, text->is_old ? '-' : '=') ||
	       buf_add(list, text->text) || buf_add_byte(list, ';');
}

/* The strings of an event, as "where=text;", with '-' for what an edit takes away. */
static void assert_strings(const char *json, const char *list)
{
	DEFER(buf_done) struct buf found = BUF_INIT(LIST_BYTES);
	struct agent_event event;
	struct err err = ERR_INIT;

	assert_int_equal(agent_event_parse(view_of(json), &event, &err), 0);
	assert_int_equal(agent_event_walk(&event, add_to_list, &found, &err), 0);
	assert_int_equal(buf_reserve(&found, 0), 0);
	assert_string_equal(found.ptr, list);
	agent_event_done(&event);
}

static void assert_refused(const char *json, const char *why)
{
	struct agent_event event;
	struct err err = ERR_INIT;

	assert_int_equal(agent_event_parse(view_of(json), &event, &err), -1);
	assert_int_not_equal(text_find(view_of(err.text), view_of(why)), SIZE_MAX);
	agent_event_done(&event);
}

static void strings_are_found_at_any_depth_with_their_place(void **state)
{
	(void)state;
	assert_strings("{\"hook_event_name\":\"UserPromptSubmit\",\"prompt\":\"a\\u0062c\"}", "prompt=abc;");
	assert_strings("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"x\",\"tool_input\":"
		       "{\"a\":[1,{\"b\":\"c\"},\"d\"],\"e\":null}}",
		       "tool_input.a=a;tool_input.a[1].b=b;tool_input.a[1].b=c;tool_input.a[2]=d;tool_input.e=e;");
	assert_strings("{\"hook_event_name\":\"PostToolUse\",\"tool_name\":\"x\",\"tool_input\":{\"a\":\"b\"},"
		       "\"tool_response\":[\"c\"]}",
		       "tool_response[0]=c;");
}

static void only_an_edits_old_text_is_old(void **state)
{
	(void)state;
	assert_strings("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Edit\",\"tool_input\":"
		       "{\"file_path\":\"f\",\"old_string\":\"o\",\"new_string\":\"n\"}}",
		       "tool_input.file_path=file_path;tool_input.file_path=f;tool_input.old_string=old_string;"
		       "tool_input.old_string-o;tool_input.new_string=new_string;tool_input.new_string=n;");
	assert_strings("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\",\"tool_input\":"
		       "{\"old_string\":\"o\"}}",
		       "tool_input.old_string=old_string;tool_input.old_string=o;");
	assert_strings("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Edit\",\"tool_input\":"
		       "{\"file_path\":\"f\",\"old_string\":{\"a\":\"b\"}}}",
		       "tool_input.file_path=file_path;tool_input.file_path=f;tool_input.old_string=old_string;"
		       "tool_input.old_string.a=a;tool_input.old_string.a=b;");
}

static void the_file_of_a_tool_is_known(void **state)
{
	struct agent_event event;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(agent_event_parse(VIEW("{\"hook_event_name\":\"PreToolUse\",\"cwd\":\"/c\",\"tool_name\":"
						"\"NotebookRead\",\"tool_input\":{\"notebook_path\":\"a\\u002fb\"}}"),
					   &event, &err),
			 0);
	assert_int_equal(event.access, AGENT_READS);
	assert_view(buf_view(&event.file), "a/b");
	assert_view(buf_view(&event.cwd), "/c");
	agent_event_done(&event);
}

static void other_events_are_not_looked_at(void **state)
{
	struct agent_event event;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(agent_event_parse(VIEW("{\"hook_event_name\":\"Stop\",\"tool_name\":1}"), &event, &err), 0);
	assert_int_equal(event.kind, AGENT_OTHER);
	agent_event_done(&event);
}

static void what_an_event_lacks_is_said(void **state)
{
	(void)state;
	assert_refused("", "value");
	assert_refused("[]", "no JSON object");
	assert_refused("{}", "hook_event_name");
	assert_refused("{\"hook_event_name\":7}", "no string");
	assert_refused("{\"hook_event_name\":\"UserPromptSubmit\"}", "\"prompt\"");
	assert_refused("{\"hook_event_name\":\"PreToolUse\",\"tool_input\":{}}", "\"tool_name\"");
	assert_refused("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"a\"}", "\"tool_input\"");
	assert_refused("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"a\\u0000b\",\"tool_input\":{}}", "NUL");
	assert_refused("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Read\",\"tool_input\":{\"file_path\":[]}}",
		       "no string");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_found_at_any_depth_with_their_place),
		cmocka_unit_test(only_an_edits_old_text_is_old),
		cmocka_unit_test(the_file_of_a_tool_is_known),
		cmocka_unit_test(other_events_are_not_looked_at),
		cmocka_unit_test(what_an_event_lacks_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
