/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/opt.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

enum { DIR_COMMAND, STDIN_COMMAND, NAMES_COMMAND };
enum { QUIET, VERBOSE, FORMAT, JOBS, LABEL, REDACT, OLD };

static const struct opt_command commands[] = {
	{ .name = "dir", .args = "[PATH ...]", .summary = "search files on disk", .help = "Reads all.\n  $ prog dir" },
	{ .name = "stdin", .summary = "search one stream" },
	{ .name = "names", .args = "NAME ...", .summary = "check names" },
};

static const struct opt options[] = {
	{ QUIET, "quiet", 'q', NULL, NULL, NULL, "say less", ~0u, false },
	{ VERBOSE, "verbose", 'v', NULL, NULL, NULL, "say more", ~0u, false },
	{ FORMAT, "report-format", 'f', "FORMAT", "text json", "text", "form of the report", 3, false },
	{ JOBS, "jobs", 'j', "N", NULL, "all cores", "threads", 1u << DIR_COMMAND, false },
	{ LABEL, "label", 0, "NAME", "@file", NULL, "what the stream is called", 1u << STDIN_COMMAND, false },
	{ REDACT, "redact", 'R', "[N]", NULL, "100", "hide\nmore", 3, false },
	{ OLD, "old-spelling", 0, NULL, NULL, NULL, "kept for scripts", ~0u, true },
};

static const struct opt_program program = {
	.name = "prog",
	.summary = "prog finds things.",
	.footer = "Exit codes:\n  0  nothing found\n  1  some were found, each told with its place",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.options = options,
	.option_count = ARRAY_LEN(options),
};

/* What the handler saw, as "id=value id ..." */
struct seen {
	struct buf text;
	int refused; /* the id that the handler refuses, or -1 */
};

static int note(void *context, int id, const char *value, struct err *err)
{
	struct seen *seen = context;

	if (id == seen->refused)
		return err_set(err, ERR_USAGE, 0, "refused");
	if (value)
		return buf_addf(&seen->text, "%d=%s ", id, value);
	return buf_addf(&seen->text, "%d ", id);
}

#define WORDS_MAX 16

/* One parsed command line: words are separated by single spaces; '' stands for an empty word. */
struct run {
	char text[256];
	char *argv[WORDS_MAX + 1];
	int argc;
	struct seen seen;
	struct opt_result result;
	struct err err;
	int ret;
};

static void run_done(struct run *run)
{
	free(run->result.args);
	buf_done(&run->seen.text);
}

static void parse_refusing(struct run *run, const char *line, int refused)
{
	char *rest = run->text;
	char *word;

	*run = (struct run){ .seen = { .text = BUF_INIT(1000), .refused = refused }, .argc = 1, .argv = { run->text } };
	assert_true(strlen(line) < sizeof(run->text));
	memcpy(run->text, line, strlen(line) + 1);
	while ((word = strsep(&rest, " "))) {
		assert_true(run->argc < WORDS_MAX);
		run->argv[run->argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	}
	run->argv[run->argc] = NULL;
	run->ret = opt_parse(&program, run->argc, run->argv, note, &run->seen, &run->result, &run->err);
}

static void parse(struct run *run, const char *line)
{
	parse_refusing(run, line, -1);
}

static void assert_seen(const char *line, const char *expected)
{
	DEFER(run_done) struct run run;

	parse(&run, line);
	assert_string_equal(run.err.text, "");
	assert_int_equal(run.ret, 0);
	assert_string_equal(run.seen.text.ptr ? run.seen.text.ptr : "", expected);
}

static void assert_refused(const char *line, const char *message)
{
	DEFER(run_done) struct run run;

	parse(&run, line);
	assert_int_equal(run.ret, -1);
	assert_int_equal(run.err.kind, ERR_USAGE);
	assert_string_equal(run.err.text, message);
	assert_null(run.result.args);
	assert_int_equal(run.result.arg_count, 0);
}

static void the_first_word_is_the_command_and_the_rest_arguments(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "names dir - '' x");
	assert_int_equal(run.ret, 0);
	assert_true(run.result.has_command);
	assert_int_equal(run.result.command, NAMES_COMMAND);
	assert_int_equal(run.result.arg_count, 4);
	assert_string_equal(run.result.args[0], "dir");
	assert_string_equal(run.result.args[1], "-");
	assert_string_equal(run.result.args[2], "");
	assert_string_equal(run.result.args[3], "x");
}

static void arguments_point_into_argv(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "dir -q a");
	assert_int_equal(run.result.arg_count, 1);
	assert_ptr_equal(run.result.args[0], run.argv[3]);
}

static void no_words_are_no_command(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "-v");
	assert_int_equal(run.ret, 0);
	assert_false(run.result.has_command);
	assert_string_equal(run.seen.text.ptr, "1 ");
}

static void options_stand_anywhere(void **state)
{
	(void)state;
	assert_seen("-q -f json dir a --jobs 3 b -v", "0 2=json 3=3 1 ");
}

static void values_have_four_forms(void **state)
{
	(void)state;
	assert_seen("dir --jobs=4", "3=4 ");
	assert_seen("dir --jobs 4", "3=4 ");
	assert_seen("dir -j4", "3=4 ");
	assert_seen("dir -j 4", "3=4 ");
}

static void a_value_is_taken_as_it_is(void **state)
{
	(void)state;
	assert_seen("stdin --label=a=b --label= --label -q --label --", "4=a=b 4= 4=-q 4=-- ");
	assert_seen("dir -j=4", "3==4 ");
}

static void short_flags_are_bundled(void **state)
{
	(void)state;
	assert_seen("dir -qvj4", "0 1 3=4 ");
	assert_seen("dir -vqf json", "1 0 2=json ");
}

static void an_optional_value_needs_the_equals_sign(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	assert_seen("dir --redact=20 --redact -Rq", "5=20 5 5 0 ");
	parse(&run, "dir --redact 20");
	assert_string_equal(run.seen.text.ptr, "5 ");
	assert_int_equal(run.result.arg_count, 1);
}

static void two_dashes_end_the_options(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "dir -q -- -v -- --help");
	assert_int_equal(run.ret, 0);
	assert_string_equal(run.seen.text.ptr, "0 ");
	assert_false(run.result.wants_help);
	assert_int_equal(run.result.arg_count, 3);
	assert_string_equal(run.result.args[0], "-v");
	assert_string_equal(run.result.args[1], "--");
	assert_string_equal(run.result.args[2], "--help");
}

static void a_hidden_option_is_understood(void **state)
{
	(void)state;
	assert_seen("dir --old-spelling", "6 ");
}

static void a_long_option_is_never_abbreviated(void **state)
{
	(void)state;
	assert_refused("dir --verb", "unknown option '--verb'; 'prog dir --help' lists the options");
	assert_refused("dir --verbos", "unknown option '--verbos'; did you mean '--verbose'?");
}

static void an_unknown_option_names_the_nearest(void **state)
{
	(void)state;
	assert_refused("dir --repotr-format=json", "unknown option '--repotr-format'; did you mean '--report-format'?");
	assert_refused("--job 3 dir", "unknown option '--job'; did you mean '--jobs'?");
	assert_refused("dir --hlep", "unknown option '--hlep'; did you mean '--help'?");
	assert_refused("--xxxxxxxx", "unknown option '--xxxxxxxx'; 'prog COMMAND --help' lists the options");
}

static void the_nearest_comes_from_another_command_when_this_one_has_none(void **state)
{
	(void)state;
	assert_refused("names --labl x", "unknown option '--labl'; did you mean '--label'?");
}

static void a_hidden_option_is_never_proposed(void **state)
{
	(void)state;
	assert_refused("dir --old-speling", "unknown option '--old-speling'; 'prog dir --help' lists the options");
}

static void an_unknown_letter_is_named(void **state)
{
	(void)state;
	assert_refused("dir -qx", "unknown option '-x'; 'prog dir --help' lists the options");
	assert_refused("dir -\xff", "unknown option '-\\xff'; 'prog dir --help' lists the options");
}

static void an_unknown_command_names_the_nearest(void **state)
{
	(void)state;
	assert_refused("dri .", "unknown command 'dri'; did you mean 'dir'?");
	assert_refused("something", "unknown command 'something'; 'prog --help' lists the commands");
	assert_refused("''", "unknown command ''; 'prog --help' lists the commands");
	assert_refused("-q -- dri", "unknown command 'dri'; did you mean 'dir'?");
}

/* Behind an option that does not exist, its value looks like a command. */
static void the_first_mistake_is_the_one_that_is_said(void **state)
{
	(void)state;
	assert_refused("--formt json dir", "unknown option '--formt'; 'prog COMMAND --help' lists the options");
	assert_refused("dri --formt", "unknown command 'dri'; did you mean 'dir'?");
}

static void an_option_of_other_commands_says_which_take_it(void **state)
{
	(void)state;
	assert_refused("names --report-format json",
		       "'prog names' does not take '--report-format'; the commands that do: dir, stdin");
	assert_refused("-j3 names x", "'prog names' does not take '--jobs'; the commands that do: dir");
}

static void a_missing_value_is_said(void **state)
{
	(void)state;
	assert_refused("dir --jobs", "option '--jobs' needs a value: N");
	assert_refused("dir -qj", "option '--jobs' needs a value: N");
}

static void a_flag_refuses_a_value(void **state)
{
	(void)state;
	assert_refused("dir --quiet=yes", "option '--quiet' takes no value");
	assert_refused("dir --help=all", "option '--help' takes no value");
}

static void a_handler_may_refuse(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse_refusing(&run, "dir -q -v", VERBOSE);
	assert_int_equal(run.ret, -1);
	assert_string_equal(run.err.text, "refused");
	assert_string_equal(run.seen.text.ptr, "0 ");
	assert_null(run.result.args);
}

static void help_is_given_before_anything_is_checked(void **state)
{
	static const char *const lines[] = { "dir --help", "-h dir", "dir --bogus -h", "dir -qh", "dir --help --jobs" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		DEFER(run_done) struct run run;

		parse(&run, lines[i]);
		assert_int_equal(run.ret, 0);
		assert_true(run.result.wants_help);
		assert_true(run.result.has_command);
		assert_int_equal(run.result.command, DIR_COMMAND);
		assert_null(run.seen.text.ptr);
	}
}

static void help_without_a_known_command_is_the_program_s(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "something --help dir");
	assert_int_equal(run.ret, 0);
	assert_true(run.result.wants_help);
	assert_false(run.result.has_command);
}

static void a_value_is_no_request_for_help(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "stdin --label --help");
	assert_false(run.result.wants_help);
	assert_string_equal(run.seen.text.ptr, "4=--help ");
}

static void version_and_dump_are_built_in(void **state)
{
	DEFER(run_done) struct run version;
	DEFER(run_done) struct run dump;

	(void)state;
	parse(&version, "--version");
	assert_true(version.result.wants_version);
	assert_false(version.result.wants_dump);
	parse(&dump, "--dump-options");
	assert_true(dump.result.wants_dump);
	assert_false(dump.result.wants_help);
}

static void a_pasted_key_is_masked_in_the_message(void **state)
{
	DEFER(run_done) struct run run;
	DEFER(buf_done) struct buf line = BUF_INIT(200);

	(void)state;
	assert_int_equal(buf_add_text(&line, "sk-ant-api03-"), 0);
	for (unsigned i = 0; i < 93; i++)
		assert_int_equal(buf_add_byte(&line, (char)('a' + i % 26)), 0);
	parse(&run, line.ptr);
	assert_int_equal(run.ret, -1);
	assert_non_null(strstr(run.err.text, "api03-abc...lmno'"));
	assert_null(strstr(run.err.text, "abcd"));
}

static void program_help_lists_commands_and_common_options(void **state)
{
	static const char expected[] = "usage: prog COMMAND [OPTION ...] [ARGUMENT ...]\n"
				       "\n"
				       "prog finds things.\n"
				       "\n"
				       "Commands:\n"
				       "  dir [PATH ...]  search files on disk\n"
				       "  stdin           search one stream\n"
				       "  names NAME ...  check names\n"
				       "\n"
				       "Options of every command:\n"
				       "  -q, --quiet    say less\n"
				       "  -v, --verbose  say more\n"
				       "  -h, --help     show this help\n"
				       "      --version  show the version\n"
				       "\n"
				       "'prog COMMAND --help' shows the options of a command.\n"
				       "\n"
				       "Exit codes:\n"
				       "  0  nothing found\n"
				       "  1  some were found, each told with its place\n";
	DEFER(buf_done) struct buf help = BUF_INIT(10000);

	(void)state;
	assert_int_equal(opt_add_help(&program, SIZE_MAX, 80, &help), 0);
	assert_string_equal(help.ptr, expected);
}

static void a_row_that_is_broken_goes_on_below_its_text(void **state)
{
	struct opt_program rows = program;
	DEFER(buf_done) struct buf help = BUF_INIT(10000);

	(void)state;
	rows.footer = "Exit codes:\n  75  somebody should try it again later, when there is time";
	assert_int_equal(opt_add_help(&rows, SIZE_MAX, 50, &help), 0);
	assert_non_null(strstr(help.ptr, "\n  75  somebody should try it again later, when\n      there is time\n"));
}

static void command_help_lists_the_options_it_takes(void **state)
{
	static const char expected[] = "usage: prog dir [OPTION ...] [PATH ...]\n"
				       "\n"
				       "search files on disk\n"
				       "\n"
				       "Reads all.\n"
				       "  $ prog dir\n"
				       "\n"
				       "Options:\n"
				       "  -q, --quiet                 say less\n"
				       "  -v, --verbose               say more\n"
				       "  -f, --report-format FORMAT  form of the report (one of text, json; default:\n"
				       "                              text)\n"
				       "  -j, --jobs N                threads (default: all cores)\n";
	DEFER(buf_done) struct buf help = BUF_INIT(10000);

	(void)state;
	assert_int_equal(opt_add_help(&program, DIR_COMMAND, 80, &help), 0);
	assert_memory_equal(help.ptr, expected, strlen(expected));
	assert_non_null(strstr(help.ptr, "\n  -R, --redact[=N]            hide"));
	assert_null(strstr(help.ptr, "--label"));
	assert_null(strstr(help.ptr, "--old-spelling"));
	assert_null(strstr(help.ptr, "--dump-options"));
}

static const struct opt wordy[] = {
	{ 0, "long", 'l', NULL, NULL, "none", "one two three four five six seven eight nine ten eleven twelve", ~0u,
	  false },
	{ 1, "a-name-that-is-much-too-long-for-a-column", 0, "VALUE", "low high", NULL, "stands below", ~0u, false },
};

static const struct opt_program wordy_program = {
	.name = "wordy",
	.summary = "A summary that is so long that it has to be broken on every terminal that is no wall.",
	.commands = commands,
	.command_count = 1,
	.options = wordy,
	.option_count = ARRAY_LEN(wordy),
};

static void help_is_wrapped_to_the_width(void **state)
{
	static const char expected[] = "  -l, --long     one two three four five six seven eight\n"
				       "                 nine ten eleven twelve (default: none)\n"
				       "      --a-name-that-is-much-too-long-for-a-column VALUE\n"
				       "                 stands below (one of low, high)\n";
	DEFER(buf_done) struct buf help = BUF_INIT(10000);

	(void)state;
	assert_int_equal(opt_add_help(&wordy_program, SIZE_MAX, 56, &help), 0);
	assert_non_null(strstr(help.ptr, "\nA summary that is so long that it has to be broken on\nevery terminal"));
	assert_non_null(strstr(help.ptr, expected));
}

static void no_line_of_help_passes_the_width(void **state)
{
	(void)state;
	for (unsigned width = 60; width < 130; width += 7) {
		DEFER(buf_done) struct buf help = BUF_INIT(10000);
		struct view rest, line;

		assert_int_equal(opt_add_help(&wordy_program, SIZE_MAX, width, &help), 0);
		rest = buf_view(&help);
		while (text_next_line(&rest, &line)) {
			assert_true(line.len <= width);
			assert_false(text_ends(line, VIEW(" ")));
		}
	}
}

static void help_beyond_the_ceiling_fails(void **state)
{
	(void)state;
	for (size_t max = 0; max < 300; max++) {
		DEFER(buf_done) struct buf help = BUF_INIT(max);

		assert_int_equal(opt_add_help(&program, DIR_COMMAND, 80, &help), -1);
	}
}

static void dump_is_one_line_an_entry(void **state)
{
	static const char expected[] =
		"command\tdir\t[PATH ...]\tsearch files on disk\tReads all.\\n  $ prog dir\n"
		"command\tstdin\t\tsearch one stream\t\n"
		"command\tnames\tNAME ...\tcheck names\t\n"
		"option\thelp\th\t\t\t\tshow this help\tdir,stdin,names\n"
		"option\tversion\t\t\t\t\tshow the version\tdir,stdin,names\n"
		"option\tquiet\tq\t\t\t\tsay less\tdir,stdin,names\n"
		"option\tverbose\tv\t\t\t\tsay more\tdir,stdin,names\n"
		"option\treport-format\tf\tFORMAT\ttext json\ttext\tform of the report\tdir,stdin\n"
		"option\tjobs\tj\tN\t\tall cores\tthreads\tdir\n"
		"option\tlabel\t\tNAME\t@file\t\twhat the stream is called\tstdin\n"
		"option\tredact\tR\t[N]\t\t100\thide\\nmore\tdir,stdin\n";
	DEFER(buf_done) struct buf dump = BUF_INIT(10000);

	(void)state;
	assert_int_equal(opt_add_dump(&program, &dump), 0);
	assert_string_equal(dump.ptr, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_word_is_the_command_and_the_rest_arguments),
		cmocka_unit_test(arguments_point_into_argv),
		cmocka_unit_test(no_words_are_no_command),
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(values_have_four_forms),
		cmocka_unit_test(a_value_is_taken_as_it_is),
		cmocka_unit_test(short_flags_are_bundled),
		cmocka_unit_test(an_optional_value_needs_the_equals_sign),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_hidden_option_is_understood),
		cmocka_unit_test(a_long_option_is_never_abbreviated),
		cmocka_unit_test(an_unknown_option_names_the_nearest),
		cmocka_unit_test(the_nearest_comes_from_another_command_when_this_one_has_none),
		cmocka_unit_test(a_hidden_option_is_never_proposed),
		cmocka_unit_test(an_unknown_letter_is_named),
		cmocka_unit_test(an_unknown_command_names_the_nearest),
		cmocka_unit_test(the_first_mistake_is_the_one_that_is_said),
		cmocka_unit_test(an_option_of_other_commands_says_which_take_it),
		cmocka_unit_test(a_missing_value_is_said),
		cmocka_unit_test(a_flag_refuses_a_value),
		cmocka_unit_test(a_handler_may_refuse),
		cmocka_unit_test(help_is_given_before_anything_is_checked),
		cmocka_unit_test(help_without_a_known_command_is_the_program_s),
		cmocka_unit_test(a_value_is_no_request_for_help),
		cmocka_unit_test(version_and_dump_are_built_in),
		cmocka_unit_test(a_pasted_key_is_masked_in_the_message),
		cmocka_unit_test(program_help_lists_commands_and_common_options),
		cmocka_unit_test(a_row_that_is_broken_goes_on_below_its_text),
		cmocka_unit_test(command_help_lists_the_options_it_takes),
		cmocka_unit_test(help_is_wrapped_to_the_width),
		cmocka_unit_test(no_line_of_help_passes_the_width),
		cmocka_unit_test(help_beyond_the_ceiling_fails),
		cmocka_unit_test(dump_is_one_line_an_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
