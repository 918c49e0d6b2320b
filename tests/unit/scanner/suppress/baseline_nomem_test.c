/* SPDX-License-Identifier: Apache-2.0 */
/* A baseline when memory is short: refused, never shorter than it is. */
#include "tests/support/nomem.h"

#include "scanner/suppress/baseline.h"
#include "tests/support/unit.h"

static const char text[] = "{\"schema\":\"skant-baseline/1\",\"findings\":["
			   "{\"path\":\"a\",\"rule_id\":\"r\",\"name\":\"n\"},"
			   "{\"path\":\"b\",\"rule_id\":\"r\",\"name\":\"m\"}]}";

static bool read_baseline(void *context, long n)
{
	struct err err = ERR_INIT;
	struct baseline *b;
	bool failed;
	int ret;

	(void)context;
	nomem_start(n);
	b = baseline_new();
	ret = b ? baseline_parse(b, view_of(text), "file", &err) : -1;
	failed = nomem_stop();
	assert_int_equal(ret, failed ? -1 : 0);
	if (failed && b)
		assert_int_equal(err.kind, ERR_NOMEM);
	if (!failed)
		assert_int_equal(baseline_count(b), 2);
	baseline_free(b);
	return failed;
}

static void a_baseline_is_read_or_refused(void **state)
{
	(void)state;
	assert_true(nomem_each(read_baseline, NULL) > 4);
}

static const struct rule key_rule = { .id = "a-rule", .kind = KIND_API };

static bool look_up(void *context, long n)
{
	struct finding f = {
		.rule = &key_rule, .path = "b", .below = "b", .start_line = 3, .masked = "x", .secret_id = "sha256:00"
	};
	bool failed, is_known;

	nomem_start(n);
	is_known = baseline_has(context, &f);
	failed = nomem_stop();
	assert_false(is_known);
	return failed;
}

static void what_cannot_be_looked_up_is_new(void **state)
{
	static const char gitleaks[] =
		"[{\"RuleID\":\"a-rule\",\"File\":\"a\",\"StartLine\":3,\"Secret\":\"REDACTED\"}]";
	struct err err = ERR_INIT;
	struct baseline *b = baseline_new();

	(void)state;
	assert_int_equal(baseline_parse(b, view_of(gitleaks), "file", &err), 0);
	assert_true(nomem_each(look_up, b) > 1);
	baseline_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_baseline_is_read_or_refused),
		cmocka_unit_test(what_cannot_be_looked_up_is_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
