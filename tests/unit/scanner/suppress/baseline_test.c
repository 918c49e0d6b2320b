/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/suppress/baseline.h"

#include <string.h>

#include "tests/support/unit.h"

#define ID "sha256:0123456789abcdef0123456789abcdef"
#define OTHER "sha256:ffffffffffffffffffffffffffffffff"
#define HEAD "{\"schema\":\"skant-baseline/1\",\"findings\":["
#define OUT_BYTES (1u << 20)

static const struct rule key_rule = { .id = "a-rule", .kind = KIND_API };
static const struct rule name_rule = { .id = "name-rule", .kind = KIND_KEYNAME };
static const struct baseline_scope all = { .below = (const char *const[]){ "" }, .count = 1 };

static struct finding key_at(const char *path, const char *id)
{
	struct finding f = { .rule = &key_rule, .path = path, .below = path, .start_line = 3, .masked = "x" };

	memcpy(f.secret_id, id, SECRET_ID_BYTES);
	return f;
}

static struct finding name_at(const char *path, const char *name)
{
	struct finding f = key_at(path, ID);

	f.rule = &name_rule;
	f.masked = name;
	return f;
}

static struct baseline *parsed(const char *text)
{
	struct baseline *b = baseline_new();

	assert_non_null(b);
	assert_int_equal(baseline_parse(b, view_of(text), "file", NULL), 0);
	return b;
}

static void a_key_is_known_by_its_id_wherever_it_stands(void **state)
{
	DEFER(baseline_freep)
	struct baseline *b = parsed(HEAD "{\"path\":\"a\",\"rule_id\":\"old-rule\",\"secret_id\":\"" ID "\"}]}");
	struct finding there = key_at("b/c", ID), other = key_at("a", OTHER);

	(void)state;
	assert_true(baseline_has(b, &there));
	assert_false(baseline_has(b, &other));
}

static void a_name_is_known_under_its_rule(void **state)
{
	DEFER(baseline_freep)
	struct baseline *b = parsed(HEAD "{\"path\":\"a\",\"rule_id\":\"name-rule\",\"name\":\"Bad\"},"
					 "{\"path\":\"a\",\"rule_id\":\"other-rule\",\"name\":\"Worse\"}]}");
	struct finding bad = name_at("b", "Bad"), worse = name_at("a", "Worse");

	(void)state;
	assert_true(baseline_has(b, &bad));
	assert_false(baseline_has(b, &worse));
}

static void a_name_of_any_bytes_comes_back(void **state)
{
	DEFER(baseline_freep) struct baseline *b = baseline_new(), *again = baseline_new();
	DEFER(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	struct finding odd = name_at("b", "\xff\x01\"x"), clean = name_at("b", "\xef\xbf\xbd\"x");

	(void)state;
	assert_int_equal(baseline_add(b, &odd), 0);
	assert_int_equal(baseline_add_text(b, &out), 0);
	assert_int_equal(baseline_parse(again, buf_view(&out), "file", NULL), 0);
	assert_true(baseline_has(again, &odd));
	assert_false(baseline_has(again, &clean));
}

static void what_was_not_met_is_counted_where_the_scope_reaches(void **state)
{
	DEFER(baseline_freep)
	struct baseline *b = parsed(HEAD "{\"path\":\"src/a\",\"rule_id\":\"r\",\"secret_id\":\"" ID "\"},"
					 "{\"path\":\"srcs/b\",\"rule_id\":\"r\",\"secret_id\":\"" OTHER "\"},"
					 "{\"path\":\"src/h\",\"rule_id\":\"r\",\"name\":\"n\",\"in\":\"history\"}]}");
	const struct baseline_scope src = { .below = (const char *const[]){ "src" }, .count = 1 };
	const struct baseline_scope history = { .is_history = true, .below = all.below, .count = 1 };
	struct finding f = key_at("moved", ID);

	(void)state;
	assert_int_equal(baseline_count(b), 3);
	assert_int_equal(baseline_unmet(b, &all), 2);
	assert_int_equal(baseline_unmet(b, &src), 1);
	assert_int_equal(baseline_unmet(b, &history), 1);
	assert_true(baseline_has(b, &f));
	assert_int_equal(baseline_unmet(b, &src), 1);
	assert_true(baseline_meet(b, &f));
	assert_int_equal(baseline_unmet(b, &src), 0);
	assert_int_equal(baseline_unmet(b, &all), 1);
}

static void entries_are_written_once_in_order_and_without_keys(void **state)
{
	DEFER(baseline_freep) struct baseline *b = baseline_new();
	DEFER(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	struct finding second = key_at("b", ID), first = key_at("a", OTHER);

	(void)state;
	second.origin = (struct origin){ .is_known = true, .commit = "1a2b" };
	assert_int_equal(baseline_add(b, &second), 0);
	assert_int_equal(baseline_add(b, &first), 0);
	assert_int_equal(baseline_add(b, &second), 0);
	assert_int_equal(baseline_add_text(b, &out), 0);
	assert_string_equal(out.ptr, HEAD "\n{\"path\":\"a\",\"rule_id\":\"a-rule\",\"secret_id\":\"" OTHER "\"},\n"
					  "{\"path\":\"b\",\"rule_id\":\"a-rule\",\"secret_id\":\"" ID
					  "\",\"in\":\"history\"}\n]}\n");
	assert_true(baseline_has(b, &first));
}

static void tell(void *context, const char *path, const char *rule_id, bool came)
{
	(void)rule_id;
	assert_int_equal(buf_addf(context, "%c%s ", came ? '+' : '-', path), 0);
}

static void what_came_and_what_went_is_told_but_no_move(void **state)
{
	DEFER(baseline_freep)
	struct baseline *old = parsed(HEAD "{\"path\":\"gone\",\"rule_id\":\"r\",\"secret_id\":\"" OTHER "\"},"
					   "{\"path\":\"from\",\"rule_id\":\"r\",\"secret_id\":\"" ID "\"}]}");
	DEFER(baseline_freep)
	struct baseline *now = parsed(HEAD "{\"path\":\"to\",\"rule_id\":\"r\",\"secret_id\":\"" ID "\"},"
					   "{\"path\":\"new\",\"rule_id\":\"r\",\"name\":\"n\"}]}");
	DEFER(buf_done) struct buf told = BUF_INIT(OUT_BYTES);

	(void)state;
	baseline_compare(now, old, &all, tell, &told);
	assert_string_equal(told.ptr, "+new -gone ");
}

static void gitleaks_fingerprints_count_with_and_without_the_commit(void **state)
{
	DEFER(baseline_freep)
	struct baseline *b = parsed(
		"[{\"RuleID\":\"a-rule\",\"File\":\"a\",\"StartLine\":3,\"Commit\":\"\",\"Secret\":\"REDACTED\"},"
		"{\"RuleID\":\"a-rule\",\"File\":\"b\",\"StartLine\":3,\"Commit\":\"1a\",\"Secret\":\"sk-a...\"}]");
	struct finding a = key_at("a", ID), in_commit = key_at("b", ID), on_disk = key_at("b", ID);

	(void)state;
	assert_true(baseline_is_gitleaks(b));
	assert_int_equal(baseline_whole_secrets(b), 0);
	in_commit.origin = (struct origin){ .is_known = true, .commit = "1a" };
	assert_true(baseline_has(b, &a));
	assert_true(baseline_has(b, &in_commit));
	assert_false(baseline_has(b, &on_disk));
	a.origin = in_commit.origin;
	assert_true(baseline_has(b, &a));
	a.start_line = 4;
	assert_false(baseline_has(b, &a));
}

static void every_cut_of_a_file_is_refused_with_its_place(void **state)
{
	static const char text[] = HEAD "\n{\"path\":\"a\",\"rule_id\":\"r\",\"secret_id\":\"" ID "\"}\n]}";

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		DEFER(baseline_freep) struct baseline *b = baseline_new();
		struct err err = ERR_INIT;

		assert_int_equal(baseline_parse(b, view_from(text, len), "file", &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_int_equal(strncmp(err.text, len > sizeof(HEAD) ? "file:2:" : "file:", 5), 0);
	}
}

static void a_member_is_known_by_its_whole_place_or_by_that_below_the_target(void **state)
{
	static const char *const files[] = { "/srv/x/a.zip!b", "x/a.zip!b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(1024);
		struct finding f = key_at(files[0], ID);

		f.below = files[1];
		assert_int_equal(buf_addf(&text,
					  "[{\"RuleID\":\"a-rule\",\"File\":\"%s\",\"StartLine\":3,"
					  "\"Commit\":\"\",\"Secret\":\"REDACTED\"}]",
					  files[i]),
				 0);
		DEFER(baseline_freep) struct baseline *b = parsed(text.ptr);

		assert_true(baseline_has(b, &f));
		f.start_line = 4;
		assert_false(baseline_has(b, &f));
	}
}

static void what_is_staged_belongs_to_no_history(void **state)
{
	DEFER(baseline_freep) struct baseline *b = baseline_new();
	const struct baseline_scope history = { .is_history = true, .below = all.below, .count = 1 };
	struct finding staged = key_at("a", ID), reached = key_at("b", OTHER);

	(void)state;
	staged.origin = (struct origin){ .is_known = true };
	reached.origin = (struct origin){ .is_known = true, .reached = "refs/heads/x" };
	assert_int_equal(baseline_add(b, &staged), 0);
	assert_int_equal(baseline_unmet(b, &all), 1);
	assert_int_equal(baseline_unmet(b, &history), 0);
	assert_int_equal(baseline_add(b, &reached), 0);
	assert_int_equal(baseline_unmet(b, &history), 1);
}

/* An update of a part: what was not looked at stays, what was looked at and is gone goes, unless it is to be kept. */
static void an_update_keeps_what_it_did_not_look_at(void **state)
{
	static const char *const below[] = { "src" };
	const struct baseline_scope src = { .below = below, .count = 1 };

	(void)state;
	for (unsigned keep_unmet = 0; keep_unmet < 2; keep_unmet++) {
		DEFER(baseline_freep)
		struct baseline *old =
			parsed(HEAD "{\"path\":\"a\",\"rule_id\":\"r\",\"name\":\"z\"},"
				    "{\"path\":\"src/met\",\"rule_id\":\"r\",\"secret_id\":\"" OTHER "\"},"
				    "{\"path\":\"src/gone\",\"rule_id\":\"r\",\"name\":\"m\"},"
				    "{\"path\":\"z\",\"rule_id\":\"r\",\"secret_id\":\"" ID "\"}]}");
		DEFER(baseline_freep) struct baseline *b = baseline_new();
		struct finding met = key_at("src/met", OTHER), outside = key_at("z", ID);

		assert_true(baseline_meet(old, &met));
		assert_int_equal(baseline_add(b, &met), 0);
		assert_int_equal(baseline_keep(b, old, &src, keep_unmet), 0);
		assert_int_equal(baseline_count(b), 3 + keep_unmet);
		assert_true(baseline_has(b, &met));
		assert_true(baseline_has(b, &outside));
	}
}

static void a_secret_that_gitleaks_wrote_is_known_by_its_id_and_counted(void **state)
{
	DEFER(baseline_freep)
	struct baseline *b =
		parsed("[{\"RuleID\":\"generic\",\"File\":\"a\",\"StartLine\":3,\"Secret\":\"a whole one\"}]");
	struct finding there = key_at("elsewhere", ID), other = key_at("a", OTHER);

	(void)state;
	secret_id(VIEW("a whole one"), there.secret_id);
	assert_true(baseline_has(b, &there));
	assert_false(baseline_has(b, &other));
	assert_int_equal(baseline_whole_secrets(b), 1);
}

static void what_is_no_baseline_is_refused_with_what_was_expected(void **state)
{
	static const struct {
		const char *text, *expected;
	} wrong[] = {
		{ "7", "expected" },
		{ "[7]", "an object was expected" },
		{ "{\"schema\":\"skant-baseline/1\",\"findings\":{}}", "a list of findings was expected" },
		{ HEAD "{\"path\":\"a\",\"rule_id\":\"r\",\"secret_id\":\"sha256:0123456789abcdef0123456789ABCDEF\"}]}",
		  "expected" },
		{ HEAD "{\"path\":\"a\",\"rule_id\":\"r\",\"secret_id\":\"sha256:0123456789abcdef0123456789abcdeg\"}]}",
		  "expected" },
		{ HEAD "{\"path\":\"a\",\"rule_id\":\"r\",\"secret_id\":\"sha256:G123456789abcdef0123456789abcdef\"}]}",
		  "expected" },
		{ HEAD "\n{\"path\":\"a\" 7}]}", "file:2:13" },
		{ "{\"schema\":\"skant-baseline/2\",\"findings\":[]}", "a newer version of skant" },
		{ "{\"schema\":\"skant-report/1\",\"findings\":[]}", "skant baseline --report" },
		{ "[{\"RuleID\":\"r\",\"File\":\"a\",\"StartLine\":3,\"Commit\":7,\"Secret\":\"x\"}]", "\"Commit\"" },
		{ "[{\"RuleID\":\"\",\"File\":\"a\",\"StartLine\":3,\"Secret\":\"x\"}]", "\"RuleID\" and \"File\"" },
		{ "[{\"RuleID\":\"r\",\"StartLine\":3,\"Secret\":\"x\"}]", "\"RuleID\" and \"File\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		DEFER(baseline_freep) struct baseline *b = baseline_new();
		struct err err = ERR_INIT;

		assert_int_equal(baseline_parse(b, view_of(wrong[i].text), "file", &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		if (!strstr(err.text, wrong[i].expected))
			fail_msg("%s: %s", wrong[i].text, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_known_by_its_id_wherever_it_stands),
		cmocka_unit_test(a_name_is_known_under_its_rule),
		cmocka_unit_test(a_name_of_any_bytes_comes_back),
		cmocka_unit_test(what_was_not_met_is_counted_where_the_scope_reaches),
		cmocka_unit_test(entries_are_written_once_in_order_and_without_keys),
		cmocka_unit_test(what_came_and_what_went_is_told_but_no_move),
		cmocka_unit_test(gitleaks_fingerprints_count_with_and_without_the_commit),
		cmocka_unit_test(a_member_is_known_by_its_whole_place_or_by_that_below_the_target),
		cmocka_unit_test(what_is_staged_belongs_to_no_history),
		cmocka_unit_test(an_update_keeps_what_it_did_not_look_at),
		cmocka_unit_test(a_secret_that_gitleaks_wrote_is_known_by_its_id_and_counted),
		cmocka_unit_test(what_is_no_baseline_is_refused_with_what_was_expected),
		cmocka_unit_test(every_cut_of_a_file_is_refused_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
