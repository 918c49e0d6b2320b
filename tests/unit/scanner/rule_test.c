/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/rule.h"

#include "tests/support/unit.h"

static void names_are_those_of_reports(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEVERITY_LOW), "low");
	assert_string_equal(severity_name(SEVERITY_CRITICAL), "critical");
	assert_string_equal(confidence_name(CONFIDENCE_MEDIUM), "medium");
	assert_string_equal(rule_kind_name(KIND_OAUTH_REFRESH), "oauth-refresh");
	assert_string_equal(rule_kind_name(KIND_KEYNAME), "keyname");
}

static void every_name_leads_back_to_its_value(void **state)
{
	(void)state;
	for (int i = 0; i < (int)ARRAY_LEN(severity_names); i++)
		assert_int_equal(severity_from(view_of(severity_name((enum severity)i))), i);
	for (int i = 0; i < (int)ARRAY_LEN(confidence_names); i++)
		assert_int_equal(confidence_from(view_of(confidence_name((enum confidence)i))), i);
	for (int i = 0; i < (int)ARRAY_LEN(rule_kind_names); i++)
		assert_int_equal(rule_kind_from(view_of(rule_kind_name((enum rule_kind)i))), i);
}

static void other_words_are_no_name(void **state)
{
	(void)state;
	assert_int_equal(severity_from(VIEW("High")), -1);
	assert_int_equal(severity_from(VIEW("critica")), -1);
	assert_int_equal(confidence_from(VIEW("critical")), -1);
	assert_int_equal(rule_kind_from(VIEW_NONE), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_reports),
		cmocka_unit_test(every_name_leads_back_to_its_value),
		cmocka_unit_test(other_words_are_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
