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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_baseline_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
