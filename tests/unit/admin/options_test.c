/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/options.h"

#include <stdlib.h>
#include <string.h>

#include "common/api/dialect.h"
#include "common/base/text.h"
#include "common/policy/keyaudit.h"
#include "common/policy/policy_models.h"
#include "tests/support/unit.h"

#define WORDS_MAX 80

struct run {
	char text[2048];
	char *argv[WORDS_MAX + 1];
	struct options options;
	struct opt_result result;
	struct err err;
	int ret;
};

static void run_done(struct run *run)
{
	free(run->result.args);
}

static void parse(struct run *run, const char *line)
{
	char *rest = run->text;
	char *word;
	int count = 1;

	*run = (struct run){ .argv = { run->text } };
	assert_true(strlen(line) < sizeof(run->text));
	memcpy(run->text, line, strlen(line) + 1);
	while ((word = strsep(&rest, " "))) {
		assert_true(count < WORDS_MAX);
		run->argv[count++] = word;
	}
	options_init(&run->options);
	run->ret = opt_parse(&options_program, count, run->argv, options_take, &run->options, &run->result, &run->err);
}

static void assert_refused(const char *line, const char *words)
{
	DEFER(run_done) struct run run;

	parse(&run, line);
	assert_int_equal(run.ret, -1);
	assert_int_equal(run.err.kind, ERR_USAGE);
	assert_non_null(strstr(run.err.text, words));
}

/* The table of commands has the order of the enum: main goes by it. */
static void each_command_is_where_the_enum_says(void **state)
{
	static const struct {
		const char *line;
		enum command command;
	} cases[] = {
		{ "auth check", COMMAND_AUTH_CHECK },
		{ "org show", COMMAND_ORG_SHOW },
		{ "org list", COMMAND_ORG_LIST },
		{ "org users", COMMAND_ORG_USERS },
		{ "users list", COMMAND_USERS_LIST },
		{ "users get x", COMMAND_USERS_GET },
		{ "users update x", COMMAND_USERS_UPDATE },
		{ "users remove x", COMMAND_USERS_REMOVE },
		{ "invites list", COMMAND_INVITES_LIST },
		{ "invites create", COMMAND_INVITES_CREATE },
		{ "invites get x", COMMAND_INVITES_GET },
		{ "invites revoke x", COMMAND_INVITES_REVOKE },
		{ "workspaces list", COMMAND_WORKSPACES_LIST },
		{ "workspaces get x", COMMAND_WORKSPACES_GET },
		{ "workspaces create", COMMAND_WORKSPACES_CREATE },
		{ "workspaces update x", COMMAND_WORKSPACES_UPDATE },
		{ "workspaces archive x", COMMAND_WORKSPACES_ARCHIVE },
		{ "members list", COMMAND_MEMBERS_LIST },
		{ "members add x", COMMAND_MEMBERS_ADD },
		{ "members update x", COMMAND_MEMBERS_UPDATE },
		{ "members remove x", COMMAND_MEMBERS_REMOVE },
		{ "keys list", COMMAND_KEYS_LIST },
		{ "keys get x", COMMAND_KEYS_GET },
		{ "keys rename x", COMMAND_KEYS_RENAME },
		{ "keys disable x", COMMAND_KEYS_DISABLE },
		{ "keys enable x", COMMAND_KEYS_ENABLE },
		{ "keys archive x", COMMAND_KEYS_ARCHIVE },
		{ "keys export", COMMAND_KEYS_EXPORT },
		{ "keys audit", COMMAND_KEYS_AUDIT },
		{ "groups list", COMMAND_GROUPS_LIST },
		{ "groups get x", COMMAND_GROUPS_GET },
		{ "groups members x", COMMAND_GROUPS_MEMBERS },
		{ "groups create", COMMAND_GROUPS_CREATE },
		{ "usage messages", COMMAND_USAGE_MESSAGES },
		{ "usage claude-code", COMMAND_USAGE_CLAUDE_CODE },
		{ "usage estimate x", COMMAND_USAGE_ESTIMATE },
		{ "cost", COMMAND_COST },
		{ "policy check", COMMAND_POLICY_CHECK },
		{ "policy show", COMMAND_POLICY_SHOW },
		{ "policy template", COMMAND_POLICY_TEMPLATE },
		{ "access review", COMMAND_ACCESS_REVIEW },
		{ "activities query", COMMAND_ACTIVITIES_QUERY },
		{ "activities tail", COMMAND_ACTIVITIES_TAIL },
		{ "activities types", COMMAND_ACTIVITIES_TYPES },
		{ "models list", COMMAND_MODELS_LIST },
		{ "models check", COMMAND_MODELS_CHECK },
		{ "message send x", COMMAND_MESSAGE_SEND },
		{ "message count x", COMMAND_MESSAGE_COUNT },
		{ "report keys", COMMAND_REPORT_KEYS },
		{ "report usage", COMMAND_REPORT_USAGE },
		{ "report access", COMMAND_REPORT_ACCESS },
		{ "report all", COMMAND_REPORT_ALL },
		{ "verify", COMMAND_VERIFY },
	};

	(void)state;
	assert_int_equal(ARRAY_LEN(cases), COMMANDS);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(run_done) struct run run;

		parse(&run, cases[i].line);
		assert_string_equal(run.err.text, "");
		assert_true(run.result.has_command);
		assert_int_equal(run.result.command, cases[i].command);
	}
}

static void options_land_where_they_belong(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run,
	      "invites create --email a@b.c --role user --workspace w1 --workspace=w2 --expires-in-days 3 -o yaml "
	      "--dialect cca --profile p --base-url u --ca-file f --api-timeout 2 --max-retries 0 --request-log l "
	      "--dry-run -y -q -v");
	assert_string_equal(run.err.text, "");
	assert_string_equal(run.options.email, "a@b.c");
	assert_int_equal(run.options.roles.count, 1);
	assert_int_equal(run.options.workspaces.count, 2);
	assert_string_equal(run.options.workspaces.items[1], "w2");
	assert_string_equal(run.options.expires_in_days, "3");
	assert_int_equal(run.options.format, OUTPUT_YAML);
	assert_string_equal(run.options.profile.dialect, "cca");
	assert_string_equal(run.options.profile.name, "p");
	assert_string_equal(run.options.profile.base_url, "u");
	assert_string_equal(run.options.profile.ca_file, "f");
	assert_int_equal(run.options.timeout_ms, 2000);
	assert_int_equal(run.options.max_retries, 0);
	assert_string_equal(run.options.request_log, "l");
	assert_true(run.options.dry_run && run.options.yes && run.options.quiet && run.options.verbose);
}

static void without_options_lists_are_whole(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "activities query");
	assert_int_equal(run.options.limit, UINT64_MAX);
	assert_int_equal(run.options.page_size, 0);
	assert_int_equal(run.options.format, OUTPUT_TABLE);
	assert_false(run.options.yes);
}

static void bad_values_say_what_was_expected(void **state)
{
	(void)state;
	assert_refused("users list -o xml", "takes one of table, json, jsonl, csv, yaml, sarif, junit, not 'xml'");
	assert_refused("users list --limit 0", "from 1 on");
	assert_refused("users list --limit -1", "from 1 on");
	assert_refused("users list --page-size 5001", "from 1 to 5000");
	assert_refused("users list --api-timeout 0", "from 1 to 3600");
	assert_refused("users list --max-retries x", "from 0 to 100");
	assert_refused("activities tail --interval 0", "from 1 to");
	assert_refused("users list --email=", "--email is empty");
	assert_refused("users list --role=", "--role is empty");
}

static void repeats_have_an_end(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(2048);

	(void)state;
	assert_int_equal(buf_add_text(&line, "activities query"), 0);
	for (int i = 0; i <= LIST_MAX; i++)
		assert_int_equal(buf_add_text(&line, " --type=t"), 0);
	assert_refused(line.ptr, "32 times");
}

static void an_option_of_other_commands_is_refused(void **state)
{
	(void)state;
	assert_refused("users list --expires-in-days 3", "invites create");
	assert_refused("keys export -o csv", "does not take '--output'");
}

static void a_list_of_one_is_a_single_value(void **state)
{
	static const struct texts none = { .count = 0 };
	static const struct texts two = { .items = { "a", "b" }, .count = 2 };
	struct err err = ERR_INIT;
	const char *value = "";

	(void)state;
	assert_int_equal(options_single(&none, "role", &value, &err), 0);
	assert_null(value);
	assert_int_equal(options_single(&two, "role", &value, &err), -1);
	assert_string_equal(err.text, "--role may be given once here");
}

/* Help and completions read the table: each option has words for them. */
static void the_table_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < options_program.option_count; i++) {
		assert_non_null(options_program.options[i].help);
		assert_int_not_equal(options_program.options[i].commands, 0);
	}
	for (size_t i = 0; i < options_program.command_count; i++)
		assert_non_null(options_program.commands[i].summary);
}

#define VALUES_MAX 32

struct values {
	struct view items[VALUES_MAX];
	size_t count;
};

static bool has_value(const struct values *values, struct view value)
{
	for (size_t i = 0; i < values->count; i++)
		if (text_eq(values->items[i], value))
			return true;
	return false;
}

static void add_value(struct values *values, struct view value)
{
	if (has_value(values, value))
		return;
	assert_true(values->count < VALUES_MAX);
	values->items[values->count++] = value;
}

/* A value that a parameter takes, as the help has it: "workspace_user=viewer" is user. */
static struct view shown_value(struct view pair, struct view prefix)
{
	struct view ours = view_sub(pair, 0, text_find_byte(pair, '='));

	return text_starts(ours, prefix) ? view_sub(ours, prefix.len, ours.len) : ours;
}

/* words have spaces between them. */
static void add_values(struct values *values, const char *words, struct view prefix)
{
	struct view rest = view_of(words);

	while (rest.len) {
		struct view word = view_sub(rest, 0, text_find_byte(rest, ' '));

		add_value(values, shown_value(word, prefix));
		rest = view_sub(rest, word.len + 1, rest.len);
	}
}

static void add_values_of(struct values *values, enum api_operation operation, const char *name, struct view prefix)
{
	for (unsigned dialect = 0; dialect < API_DIALECTS; dialect++) {
		const struct api_route *route = api_route((enum api_dialect)dialect, operation, NULL);

		for (const struct api_parameter *p = route ? route->parameters : NULL; p && p->name; p++)
			if (strcmp(p->name, name) == 0 && p->values)
				add_values(values, p->values, prefix);
	}
}

static const struct opt *option_of(const char *name, enum command command)
{
	for (size_t i = 0; i < options_program.option_count; i++) {
		const struct opt *opt = &options_program.options[i];

		if (strcmp(opt->name, name) == 0 && opt->commands & UINT64_C(1) << command)
			return opt;
	}
	fail_msg("%s", name);
	return NULL;
}

static void assert_same(const char *what, const struct values *offered, const struct values *taken)
{
	if (offered->count != taken->count)
		fail_msg("%s: %zu are offered, %zu taken", what, offered->count, taken->count);
	for (size_t i = 0; i < taken->count; i++)
		if (!has_value(offered, taken->items[i]))
			fail_msg("%s: %.*s", what, (int)taken->items[i].len, taken->items[i].ptr);
}

/* What the help and the completions offer is what one dialect or the other takes. */
static void words_of_the_api_are_those_of_its_tables(void **state)
{
	static const struct {
		const char *option;
		enum command command;
		enum api_operation operation;
		const char *parameter, *prefix;
	} cases[] = {
		{ "role", COMMAND_USERS_LIST, API_USER_LIST, "roles", "" },
		{ "role", COMMAND_INVITES_LIST, API_INVITE_LIST, "roles", "" },
		{ "role", COMMAND_USERS_UPDATE, API_USER_UPDATE, "role", "" },
		{ "role", COMMAND_INVITES_CREATE, API_INVITE_CREATE, "role", "" },
		{ "role", COMMAND_MEMBERS_ADD, API_MEMBER_ADD, "workspace_role", "workspace_" },
		{ "role", COMMAND_MEMBERS_UPDATE, API_MEMBER_UPDATE, "workspace_role", "workspace_" },
		{ "status", COMMAND_INVITES_LIST, API_INVITE_LIST, "statuses", "" },
		{ "status", COMMAND_KEYS_LIST, API_KEY_LIST, "status", "" },
		{ "order", COMMAND_ACTIVITIES_QUERY, API_ACTIVITY_LIST, "order", "" },
		{ "bucket", COMMAND_USAGE_MESSAGES, API_USAGE_MESSAGES, "bucket_width", "" },
		{ "audit-level", COMMAND_GROUPS_CREATE, API_GROUP_CREATE, "audit_level", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct values offered = { .count = 0 }, taken = { .count = 0 };

		add_values(&offered, option_of(cases[i].option, cases[i].command)->choices, VIEW(""));
		add_values_of(&taken, cases[i].operation, cases[i].parameter, view_of(cases[i].prefix));
		assert_same(cases[i].option, &offered, &taken);
	}
}

static void add_codes(struct values *codes, unsigned count, const char *(*code)(unsigned))
{
	for (unsigned i = 0; i < count; i++)
		add_value(codes, view_of(code(i)));
}

static const char *code_of_model(unsigned violation)
{
	return model_violation_codes[violation];
}

static void codes_of_violations_are_those_of_the_policy(void **state)
{
	struct values offered = { .count = 0 }, taken = { .count = 0 };

	(void)state;
	add_values(&offered, option_of("violation", COMMAND_KEYS_AUDIT)->choices, VIEW(""));
	add_value(&taken, VIEW("name"));
	add_codes(&taken, KEYAUDIT_VIOLATIONS, keyaudit_code);
	assert_same("keys audit", &offered, &taken);
	offered.count = taken.count = 0;
	add_values(&offered, option_of("violation", COMMAND_MODELS_CHECK)->choices, VIEW(""));
	add_codes(&taken, MODEL_VIOLATIONS, code_of_model);
	assert_same("models check", &offered, &taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_is_where_the_enum_says),
		cmocka_unit_test(options_land_where_they_belong),
		cmocka_unit_test(without_options_lists_are_whole),
		cmocka_unit_test(bad_values_say_what_was_expected),
		cmocka_unit_test(repeats_have_an_end),
		cmocka_unit_test(an_option_of_other_commands_is_refused),
		cmocka_unit_test(a_list_of_one_is_a_single_value),
		cmocka_unit_test(the_table_is_complete),
		cmocka_unit_test(words_of_the_api_are_those_of_its_tables),
		cmocka_unit_test(codes_of_violations_are_those_of_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
