/* SPDX-License-Identifier: Apache-2.0 */
/* The models of a policy against those that are known, with each allocation failing in turn: no difference is lost
 * without an error. */
#include "common/policy/policy_models.h"

#include "common/policy/policy_read.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

struct world {
	struct policy *policy;
	struct policy_known known;
	unsigned told;
};

static int count(void *context, const struct policy_difference *d, struct err *err)
{
	struct world *w = context;

	(void)err;
	assert_non_null(d->text);
	w->told++;
	return 0;
}

static bool check(void *context, long n)
{
	struct world *w = context;
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	w->told = 0;
	nomem_start(n);
	status = policy_check_models(w->policy, &w->known, &(const struct policy_teller){ count, w }, &err);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed)
		assert_int_equal(w->told, 2);
	return has_failed;
}

static void a_check_without_memory_is_an_error(void **state)
{
	struct err err = ERR_INIT;
	DEFER(models_freep) struct models *models = models_builtin(&err);
	struct world w = { .known = { .models = models, .unlisted = "no API key is set" } };

	(void)state;
	assert_non_null(models);
	w.policy =
		policy_parse(VIEW("version: 1\nmodels:\n  default: {allow: [claude-opus-55, 'x-*', claude-opus-5]}\n"),
			     "p.yaml", &err);
	assert_non_null(w.policy);
	assert_true(nomem_each(check, &w) > 5);
	policy_freep(&w.policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_check_without_memory_is_an_error) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
