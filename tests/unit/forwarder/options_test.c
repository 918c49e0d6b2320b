/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/options.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define WORDS_MAX 40
#define NS_PER_S INT64_C(1000000000)

struct run {
	char text[1024];
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
	char *rest = run->text, *word;
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
	if (run.ret == 0)
		fail_msg("'%s' was taken", line);
	assert_int_equal(run.err.kind, ERR_USAGE);
	if (!strstr(run.err.text, words))
		fail_msg("%s", run.err.text);
}

/* The table of commands has the order of the enum: main goes by it. */
static void each_command_is_where_the_enum_says(void **state)
{
	static const char *const names[COMMANDS] = { "run", "check", "status", "verify", "replay", "emit" };

	(void)state;
	for (size_t i = 0; i < COMMANDS; i++) {
		DEFER(run_done) struct run run;

		parse(&run, names[i]);
		assert_int_equal(run.ret, 0);
		assert_true(run.result.has_command);
		assert_int_equal(run.result.command, i);
	}
}

static void without_options_the_usual_values_stand(void **state)
{
	DEFER(run_done) struct run run;

	(void)state;
	parse(&run, "run");
	assert_string_equal(run.options.config, "/etc/skant/skantd.yaml");
	assert_int_equal(run.options.log_level, LOG_INFO);
	assert_int_equal(run.options.max_retries, 4);
	assert_int_equal(run.options.timeout_ms, 0);
	assert_null(run.options.state_dir);
	assert_false(run.options.is_once);
}

static void each_option_goes_where_it_belongs(void **state)
{
	DEFER(run_done) struct run run, verify, emit;
	const struct options *o = &run.options;

	(void)state;
	parse(&run, "run --once -c /c --state-dir=/s --profile p --base-url https://a --dialect cca --ca-file /ca "
		    "--api-timeout 7 --max-retries 0 --request-log /l --log-level warn");
	assert_int_equal(run.ret, 0);
	assert_true(o->is_once);
	assert_string_equal(o->config, "/c");
	assert_string_equal(o->state_dir, "/s");
	assert_string_equal(o->profile.name, "p");
	assert_string_equal(o->profile.base_url, "https://a");
	assert_string_equal(o->profile.dialect, "cca");
	assert_string_equal(o->profile.ca_file, "/ca");
	assert_int_equal(o->timeout_ms, 7000);
	assert_int_equal(o->max_retries, 0);
	assert_string_equal(o->request_log, "/l");
	assert_int_equal(o->log_level, LOG_WARN);
	parse(&verify, "verify --from 2026-01-01 --to 2026-02-01 --sink s --export /e --json -v");
	assert_int_equal(verify.ret, 0);
	assert_string_equal(verify.options.from, "2026-01-01");
	assert_string_equal(verify.options.to, "2026-02-01");
	assert_string_equal(verify.options.sink, "s");
	assert_string_equal(verify.options.export_file, "/e");
	assert_true(verify.options.as_json);
	assert_int_equal(verify.options.log_level, LOG_DEBUG);
	parse(&emit, "emit --socket /i -q records.jsonl");
	assert_int_equal(emit.ret, 0);
	assert_string_equal(emit.options.socket, "/i");
	assert_int_equal(emit.options.log_level, LOG_ERROR);
	assert_int_equal(emit.result.arg_count, 1);
	assert_string_equal(emit.result.args[0], "records.jsonl");
}

static void an_option_of_another_command_is_refused(void **state)
{
	(void)state;
	assert_refused("check --once", "run");
	assert_refused("run --sink s", "check");
	assert_refused("run --json", "status");
	assert_refused("verify --dead", "replay");
	assert_refused("check --socket /s", "emit");
	assert_refused("emit --state-dir /s", "run");
	assert_refused("status --base-url https://a", "run");
}

static void a_value_that_is_none_is_refused_and_says_what_was_expected(void **state)
{
	(void)state;
	assert_refused("run --api-timeout 0", "from 1 to 3600");
	assert_refused("run --api-timeout 3601", "from 1 to 3600");
	assert_refused("run --api-timeout 5s", "from 1 to 3600");
	assert_refused("run --max-retries 101", "from 0 to 100");
	assert_refused("run --log-level loud", "one of error, warn, info, debug, not 'loud'");
	assert_refused("run --config=", "--config is empty");
	assert_refused("check --sink=", "--sink is empty");
	assert_refused("run -c", "-c");
	assert_refused("runs", "did you mean 'run'");
	assert_refused("run --onse", "did you mean '--once'");
}

static void assert_range(const char *line, int64_t from_s, int64_t to_s)
{
	DEFER(run_done) struct run run;
	int64_t from_ns, to_ns;

	parse(&run, line);
	assert_int_equal(run.ret, 0);
	if (options_range(&run.options, &from_ns, &to_ns, &run.err))
		fail_msg("%s", run.err.text);
	assert_true(from_ns == from_s * NS_PER_S);
	assert_true(to_ns == to_s * NS_PER_S);
}

static void a_range_is_of_dates_and_times(void **state)
{
	(void)state;
	assert_range("verify --from 1970-01-02 --to 1970-01-03", 86400, 172800);
	assert_range("verify --from 1970-01-01T00:00:10Z --to 1970-01-01T01:00:00+00:30", 10, 1800);
	assert_range("verify --to 2026-11-24", 0, 1795478400);
}

static void without_an_end_a_range_holds_what_was_stored_by_a_clock_that_was_ahead(void **state)
{
	DEFER(run_done) struct run run;
	int64_t from_ns, to_ns;

	(void)state;
	parse(&run, "verify");
	assert_int_equal(options_range(&run.options, &from_ns, &to_ns, &run.err), 0);
	assert_true(from_ns == 0);
	assert_true(to_ns == INT64_MAX);
}

static void a_range_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "verify --from yesterday", "--from takes a time" },
		{ "verify --to 2026-02-30", "--to takes a time" },
		{ "verify --from 2026-01-02 --to 2026-01-02", "--from has to be before --to" },
		{ "verify --from 2200-01-01", "--from has to be in the past" },
		{ "verify --from 0001-01-01", "too far away" },
		{ "verify --to 9999-12-31", "too far away" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(run_done) struct run run;
		int64_t from_ns, to_ns;

		parse(&run, cases[i].line);
		assert_int_equal(run.ret, 0);
		assert_int_equal(options_range(&run.options, &from_ns, &to_ns, &run.err), -1);
		assert_int_equal(run.err.kind, ERR_USAGE);
		if (!strstr(run.err.text, cases[i].words))
			fail_msg("%s", run.err.text);
	}
}

static void the_help_of_each_command_says_how_it_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COMMANDS; i++) {
		DEFER(buf_done) struct buf help = BUF_INIT(1u << 20);

		assert_int_equal(opt_add_help(&options_program, i, 80, &help), 0);
		assert_true(text_find(buf_view(&help), VIEW("Exit status:")) != SIZE_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_is_where_the_enum_says),
		cmocka_unit_test(without_options_the_usual_values_stand),
		cmocka_unit_test(each_option_goes_where_it_belongs),
		cmocka_unit_test(an_option_of_another_command_is_refused),
		cmocka_unit_test(a_value_that_is_none_is_refused_and_says_what_was_expected),
		cmocka_unit_test(a_range_is_of_dates_and_times),
		cmocka_unit_test(without_an_end_a_range_holds_what_was_stored_by_a_clock_that_was_ahead),
		cmocka_unit_test(a_range_that_is_none_is_refused),
		cmocka_unit_test(the_help_of_each_command_says_how_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
