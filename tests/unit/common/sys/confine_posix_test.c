/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/confine.h"

#include "tests/support/unit.h"

static void nothing_is_in_place_and_said_to_be(void **)
{
	static const char *const programs[] = { "/bin/true" };
	struct confined none = confine_apply(&(const struct confine){ .places = NULL });
	struct confined one = confine_apply(&(const struct confine){ .programs = programs, .program_count = 1 });

	assert_int_equal(none.landlock, 0);
	assert_false(none.is_filtered || none.runs_anything);
	assert_int_equal(one.landlock, 0);
	assert_true(!one.is_filtered && one.runs_anything);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_in_place_and_said_to_be) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
