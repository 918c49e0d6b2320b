/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/api/ratelimit.h"
#include "common/api/retry.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static const struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 5 } };

static void take_one(struct ratelimit *r)
{
	struct ratelimit_until forever = { .deadline_ns = UINT64_MAX };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;

	assert_int_equal(ratelimit_take(r, &(struct ratelimit_use){ 1, 1 }, &forever, &ticket, &err), RATELIMIT_TAKEN);
	ratelimit_return(r, &ticket);
}

/* path NULL: in memory. */
static bool try_limiter(void *path, long n)
{
	struct err err = ERR_INIT;
	struct ratelimit *r;
	bool has_failed;

	nomem_start(n);
	r = path ? ratelimit_open(path, &limits, NULL, &err) : ratelimit_new(&limits, NULL, &err);
	has_failed = nomem_stop();
	assert_int_equal(r == NULL, has_failed);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (r)
		take_one(r);
	ratelimit_free(r);
	return has_failed;
}

static void a_limiter_that_has_no_memory_says_so(void **state)
{
	char folder[] = "/tmp/skant-api-nomem-XXXXXX", path[64];

	(void)state;
	assert_int_equal(nomem_each(try_limiter, NULL), 2);
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/limit", folder);
	assert_int_equal(nomem_each(try_limiter, path), 4);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static bool try_texts(void *context, long n)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1000);
	struct retry_verdict v = { .reason = RETRY_NO_TIME };
	bool has_failed, is_told;

	nomem_start(n);
	is_told = retry_add_causes(&text, context) == 0;
	if (!is_told)
		assert_int_equal(text.len, 0);
	is_told = retry_add_reason(&text, &v) == 0 && is_told;
	has_failed = nomem_stop();
	assert_int_equal(is_told, !has_failed);
	return has_failed;
}

static void causes_that_have_no_memory_are_not_half_told(void **state)
{
	struct retry_log log = { 0 };

	(void)state;
	for (int i = 0; i < 12; i++)
		retry_log_add(&log, &(struct retry_try){ .status = 500 + i, .error_type = "api_error" }, 0, 0);
	assert_true(nomem_each(try_texts, &log) > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limiter_that_has_no_memory_says_so),
		cmocka_unit_test(causes_that_have_no_memory_are_not_half_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
