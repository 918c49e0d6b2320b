/* SPDX-License-Identifier: Apache-2.0 */
/* Usage records, with each allocation failing in turn. */
#include <stdio.h>
#include <unistd.h>

#include "admin/estimate.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static struct prices *prices;
static int records = -1;

/* Two groups, a model without a price, an escape. A line that is no record is told without memory as well: err.c. */
static void write_records(void)
{
	char path[] = "/tmp/estimate-nomem-XXXXXX";

	records = mkstemp(path);
	assert_true(records >= 0);
	assert_int_equal(unlink(path), 0);
	assert_true(dprintf(records,
			    "{\"timestamp\":\"2026-11-24T13:49:09Z\",\"model\":\"claude-opus-5\",\"input_tokens\":1,"
			    "\"output_tokens\":2,\"team\":\"a\"}\n"
			    "{\"timestamp\":\"2026-11-24T13:49:09Z\",\"model\":\"x\",\"input_tokens\":1,"
			    "\"output_tokens\":2,\"team\":\"b\\n\"}\n") > 0);
}

static bool run(void *context, long n)
{
	struct estimate_query query = { .prices = prices, .parts = 3, .from_s = INT64_MIN, .to_s = INT64_MAX };
	struct estimate_file file = { .name = "records", .fd = records };
	struct estimate_result result;
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	(void)context;
	assert_int_equal(lseek(records, 0, SEEK_SET), 0);
	nomem_start(n);
	status = estimate_run(&query, &file, 1, 1, 64, &result, &err);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed)
		assert_int_equal(result.tally.count, 2);
	assert_int_equal(result.bad_count, 0);
	estimate_result_done(&result);
	return has_failed;
}

static void an_estimate_without_memory_is_an_error(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	prices = prices_builtin(&err);
	assert_non_null(prices);
	write_records();
	assert_true(nomem_each(run, NULL) > 15);
	prices_free(prices);
	assert_int_equal(close(records), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(an_estimate_without_memory_is_an_error) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
