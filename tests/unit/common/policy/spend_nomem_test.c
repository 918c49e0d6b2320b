/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/spend.h"

#include "common/base/text.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define ROWS 200 /* memory grows a few times */

static int add_rows(struct spend *spend, struct err *err)
{
	for (unsigned i = 0; i < ROWS; i++) {
		const char letters[] = { (char)('a' + i % 26), (char)('a' + i / 26), '\0' };
		const struct spend_key what = { .day = i % 3, .workspace = view_of(letters), .model = VIEW("m") };
		const uint64_t counts[SPEND_KINDS] = { i, 1 };

		if (spend_add_usage(spend, &what, view_of(letters), counts, err) ||
		    spend_add_usage(spend, &what, VIEW("other"), counts, err) ||
		    spend_add_cost(spend, &what, SPEND_CACHE_WRITE_5M, decimal_of(i), err))
			return -1;
	}
	return spend_settle(spend, err);
}

static int sum_up(void *context, const struct spend_share *share)
{
	struct decimal *sum = context;

	return decimal_add(*sum, share->amount_usd, sum);
}

static bool share_once(void *context, long n)
{
	DEFER(spend_freep) struct spend *spend = NULL;
	struct decimal sum = { 0 };
	struct err err = ERR_INIT;
	bool has_failed;
	int ret;

	nomem_start(n);
	spend = spend_new(&err);
	ret = spend ? add_rows(spend, &err) : -1;
	has_failed = nomem_stop();
	*(long *)context += has_failed;
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (ret)
		return true;
	nomem_start(1); /* what is settled needs no more memory */
	assert_int_equal(spend_each(spend, sum_up, &sum), 0);
	assert_false(nomem_stop());
	assert_int_equal(decimal_cmp(sum, decimal_of(ROWS * (ROWS - 1) / 2)), 0);
	return false;
}

static void without_memory_nothing_is_shared(void **state)
{
	long failed = 0;

	(void)state;
	nomem_each(share_once, &failed);
	assert_true(failed > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_memory_nothing_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
