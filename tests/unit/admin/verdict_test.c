/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/verdict.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

static struct verdict judge(enum credential_kind kind, unsigned status, const char *message)
{
	struct api_refusal refusal = { .status = status, .type = "some_error" };
	struct err err = { .kind = ERR_REFUSED };
	struct verdict verdict;

	memcpy(refusal.message, message, strlen(message) + 1);
	verdict_of(-1, kind, &refusal, &err, &verdict);
	return verdict;
}

static void an_answer_is_life(void **state)
{
	struct verdict v;

	(void)state;
	verdict_of(0, CREDENTIAL_API, NULL, NULL, &v);
	assert_int_equal(v.state, VERDICT_LIVE);
	assert_false(v.is_restricted);
	assert_string_equal(v.reason, "");
}

static void a_401_is_death(void **state)
{
	struct verdict v = judge(CREDENTIAL_API, 401, "invalid x-api-key");

	(void)state;
	assert_int_equal(v.state, VERDICT_DEAD);
	assert_string_equal(v.reason, "401 some_error: invalid x-api-key");
	assert_int_equal(judge(CREDENTIAL_ADMIN, 401, "API key has expired.").state, VERDICT_DEAD);
}

static void missing_scopes_are_life(void **state)
{
	struct verdict v = judge(CREDENTIAL_COMPLIANCE, 403, "Missing required scopes. Got: ['a'] Needed: ['b']");

	(void)state;
	assert_int_equal(v.state, VERDICT_LIVE);
	assert_true(v.is_restricted);
	assert_non_null(strstr(v.reason, "Got: ['a']"));
}

static void what_is_not_usable_is_dead(void **state)
{
	(void)state;
	assert_int_equal(judge(CREDENTIAL_API, 400, "This organization has been disabled.").state, VERDICT_DEAD);
	assert_int_equal(judge(CREDENTIAL_COMPLIANCE, 404, "Not found").state, VERDICT_DEAD);
}

static void other_refusals_are_restrictions(void **state)
{
	(void)state;
	assert_true(judge(CREDENTIAL_API, 400, "You have reached your specified limit").is_restricted);
	assert_true(judge(CREDENTIAL_API, 402, "billing").is_restricted);
}

static void a_token_that_is_not_supported_here_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(judge(CREDENTIAL_OAUTH, 401, "OAuth authentication is currently not supported.").state,
			 VERDICT_UNKNOWN);
	assert_int_equal(judge(CREDENTIAL_OAUTH, 401, "OAuth token has expired").state, VERDICT_DEAD);
}

static void no_answer_is_unknown(void **state)
{
	const struct api_refusal none = { .status = 0 };
	const struct err later = { .kind = ERR_LATER, .text = "network" };
	const struct err format = { .kind = ERR_FORMAT, .text = "HTML" };
	struct verdict v;

	(void)state;
	verdict_of(-1, CREDENTIAL_API, &none, &later, &v);
	assert_int_equal(v.state, VERDICT_UNKNOWN);
	assert_true(v.is_later);
	assert_string_equal(v.reason, "network");
	verdict_of(-1, CREDENTIAL_API, &none, &format, &v);
	assert_int_equal(v.state, VERDICT_UNKNOWN);
	assert_false(v.is_later);
}

static void each_kind_has_a_question(void **state)
{
	struct profile profile = { .dialect = API_PLATFORM };
	struct api_argument arguments[VERDICT_ARGUMENTS];
	enum api_operation operation;
	size_t count;

	(void)state;
	for (unsigned kind = 0; kind < CREDENTIAL_KINDS; kind++)
		assert_true(verdict_question(&profile, (enum credential_kind)kind, &operation, arguments, &count));
	assert_int_equal(operation, API_ORG_GET);
	assert_int_equal(count, 0);
	profile.dialect = API_CCA;
	assert_true(verdict_question(&profile, CREDENTIAL_ADMIN, &operation, arguments, &count));
	assert_int_equal(operation, API_USER_LIST);
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_life),
		cmocka_unit_test(a_401_is_death),
		cmocka_unit_test(missing_scopes_are_life),
		cmocka_unit_test(what_is_not_usable_is_dead),
		cmocka_unit_test(other_refusals_are_restrictions),
		cmocka_unit_test(a_token_that_is_not_supported_here_is_unknown),
		cmocka_unit_test(no_answer_is_unknown),
		cmocka_unit_test(each_kind_has_a_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
