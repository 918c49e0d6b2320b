/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of two words. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/opt.h"
#include "tests/support/unit.h"

enum { USERS_LIST, USERS_GET, KEYS_LIST, VERIFY };

static const struct opt_command commands[] = {
	{ .name = "users list", .summary = "all people" },
	{ .name = "users get", .args = "ID", .summary = "one of them" },
	{ .name = "keys list", .summary = "all keys" },
	{ .name = "verify", .args = "[WORD ...]", .summary = "look at keys" },
};

static const struct opt options[] = {
	{ 0, "quiet", 'q', NULL, NULL, NULL, "say less", UINT64_MAX, false },
	{ 1, "limit", 0, "N", NULL, NULL, "at most so many", 1u << USERS_LIST | 1u << KEYS_LIST, false },
	{ 2, "status", 's', "STATUS", "here gone", "here", "only people who are", 1u << USERS_LIST, false },
	{ 2, "status", 's', "STATUS", "live dead", "all", "only keys that are", 1u << KEYS_LIST, false },
	{ 3, "since", 0, "TIME", NULL, "ever", "from then on", 1u << USERS_LIST, false },
	{ 3, "since", 0, "TIME", NULL, "now", "from then on", 1u << USERS_GET, false },
	{ 4, "form", 0, "FORM", "a b", "a", "how they are shown", 1u << USERS_LIST, false },
	{ 4, "form", 0, "FORM", "a b", "a", "how it is shown", 1u << USERS_GET, false },
};

static const struct opt_program program = {
	.name = "prog",
	.summary = "prog asks.",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.options = options,
	.option_count = ARRAY_LEN(options),
};

static int ignore(void *, int, const char *, struct err *)
{
	return 0;
}

#define WORDS_MAX 8

struct run {
	char text[128];
	char *argv[WORDS_MAX + 1];
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
	run->ret = opt_parse(&program, count, run->argv, ignore, NULL, &run->result, &run->err);
}

static void assert_command(const char *line, size_t command, size_t args)
{
	DEFER(run_done) struct run run;

	parse(&run, line);
	assert_string_equal(run.err.text, "");
	assert_int_equal(run.ret, 0);
	assert_true(run.result.has_command);
	assert_int_equal(run.result.command, command);
	assert_int_equal(run.result.arg_count, args);
}

static void assert_refused(const char *line, const char *message)
{
	DEFER(run_done) struct run run;

	parse(&run, line);
	assert_int_equal(run.ret, -1);
	assert_int_equal(run.err.kind, ERR_USAGE);
	assert_string_equal(run.err.text, message);
}

static void a_command_may_have_two_words(void **state)
{
	(void)state;
	assert_command("users list", USERS_LIST, 0);
	assert_command("users get a", USERS_GET, 1);
	assert_command("keys list", KEYS_LIST, 0);
}

static void options_may_stand_between_the_words(void **state)
{
	(void)state;
	assert_command("-q users --limit 3 list", USERS_LIST, 0);
	assert_command("users --limit=3 list -q", USERS_LIST, 0);
}

static void a_command_of_one_word_leaves_the_next_alone(void **state)
{
	(void)state;
	assert_command("verify list", VERIFY, 1);
	assert_command("verify", VERIFY, 0);
}

static void an_unknown_word_behind_a_group_names_the_nearest_of_the_group(void **state)
{
	(void)state;
	assert_refused("users lsit", "unknown command 'users lsit'; did you mean 'users list'?");
	assert_refused("keys get", "unknown command 'keys get'; 'prog keys --help' lists the commands");
}

static void an_unknown_group_names_the_nearest(void **state)
{
	(void)state;
	assert_refused("user list", "unknown command 'user'; did you mean 'users'?");
	assert_refused("verfiy", "unknown command 'verfiy'; did you mean 'verify'?");
}

static void a_group_alone_says_what_it_has(void **state)
{
	(void)state;
	assert_refused("users", "'prog users' needs one of: list, get");
	assert_refused("users -q", "'prog users' needs one of: list, get");
}

static void an_option_of_other_commands_names_both_words(void **state)
{
	(void)state;
	assert_refused("users get --limit 3",
		       "'prog users get' does not take '--limit'; the commands that do: users list, keys list");
}

static void help_knows_the_group(void **state)
{
	DEFER(run_done) struct run run;
	DEFER(run_done) struct run whole;

	(void)state;
	parse(&run, "users --help");
	assert_true(run.result.wants_help);
	assert_false(run.result.has_command);
	assert_true(text_eq(run.result.group, VIEW("users")));
	parse(&whole, "users get --help");
	assert_true(whole.result.has_command);
	assert_int_equal(whole.result.group.len, 0);
}

static void group_help_lists_its_commands_and_their_common_options(void **state)
{
	static const char expected[] =
		"usage: prog users COMMAND [OPTION ...] [ARGUMENT ...]\n"
		"\n"
		"Commands:\n"
		"  users list    all people\n"
		"  users get ID  one of them\n"
		"\n"
		"Options of all of these:\n"
		"  -q, --quiet       say less\n"
		"      --since TIME  from then on\n"
		"      --form FORM   means another thing to each command: see its help (one of a,\n"
		"                    b; default: a)\n"
		"  -h, --help        show this help\n"
		"      --version     show the version\n"
		"\n"
		"'prog users COMMAND --help' shows the options of a command.\n";
	DEFER(buf_done) struct buf help = BUF_INIT(10000);

	(void)state;
	assert_int_equal(opt_add_group_help(&program, VIEW("users"), 80, &help), 0);
	assert_string_equal(help.ptr, expected);
}

/* 0: the group's help, 1: the program's, 2: the table. */
static int write_text(unsigned which, struct buf *out)
{
	if (which == 2)
		return opt_add_dump(&program, out);
	return which ? opt_add_help(&program, SIZE_MAX, 60, out) : opt_add_group_help(&program, VIEW("keys"), 60, out);
}

static void text_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 3; which++) {
		DEFER(buf_done) struct buf whole = BUF_INIT(1 << 16);

		assert_int_equal(write_text(which, &whole), 0);
		assert_true(whole.len > 0);
		for (size_t most = 0; most < whole.len; most++) {
			DEFER(buf_done) struct buf out = BUF_INIT(most);

			assert_int_equal(write_text(which, &out), -1);
		}
	}
}

static void assert_help(size_t command, const char *has, const char *lacks)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(1 << 16);

	assert_int_equal(opt_add_help(&program, command, 80, &buf), 0);
	assert_non_null(strstr(buf.ptr, has));
	assert_null(strstr(buf.ptr, lacks));
}

static void an_option_may_be_something_else_to_each_command(void **state)
{
	DEFER(buf_done) struct buf dump = BUF_INIT(1 << 16);

	(void)state;
	assert_help(USERS_LIST, "  -s, --status STATUS  only people who are (one of here, gone; default: here)\n",
		    "live");
	assert_help(KEYS_LIST, "  -s, --status STATUS  only keys that are (one of live, dead; default: all)\n", "here");
	assert_command("users list --status gone", USERS_LIST, 0);
	assert_command("--status live keys list", KEYS_LIST, 0);
	assert_command("-s live keys list", KEYS_LIST, 0);
	assert_int_equal(opt_add_dump(&program, &dump), 0);
	assert_non_null(
		strstr(dump.ptr, "option\tstatus\ts\tSTATUS\there gone\there\tonly people who are\tusers list\n"));
	assert_non_null(strstr(dump.ptr, "option\tstatus\ts\tSTATUS\tlive dead\tall\tonly keys that are\tkeys list\n"));
}

static void all_that_take_an_option_are_named_whatever_it_is_to_them(void **state)
{
	(void)state;
	assert_refused("verify --status x",
		       "'prog verify' does not take '--status'; the commands that do: users list, keys list");
	assert_refused("-s x users get 1",
		       "'prog users get' does not take '--status'; the commands that do: users list, keys list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_may_have_two_words),
		cmocka_unit_test(options_may_stand_between_the_words),
		cmocka_unit_test(a_command_of_one_word_leaves_the_next_alone),
		cmocka_unit_test(an_unknown_word_behind_a_group_names_the_nearest_of_the_group),
		cmocka_unit_test(an_unknown_group_names_the_nearest),
		cmocka_unit_test(a_group_alone_says_what_it_has),
		cmocka_unit_test(an_option_of_other_commands_names_both_words),
		cmocka_unit_test(help_knows_the_group),
		cmocka_unit_test(group_help_lists_its_commands_and_their_common_options),
		cmocka_unit_test(text_that_does_not_fit_is_refused),
		cmocka_unit_test(an_option_may_be_something_else_to_each_command),
		cmocka_unit_test(all_that_take_an_option_are_named_whatever_it_is_to_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
