/* SPDX-License-Identifier: Apache-2.0 */
/* Records of reviews, with each allocation failing in turn: a file that has one is as it was, or has one more. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/review_record.h"
#include "common/base/bounds.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static char path[] = "/tmp/review_nomem_XXXXXX";

#define NOW INT64_C(1790000000)

static uint64_t count_of(void)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(review_check_file(path, &chain, &err), 0);
	return chain.count;
}

static int append(int64_t time_s, struct err *err)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	const struct access_counts counts = { .people = 1 };
	const struct review_entry entry = { .time_s = time_s,
					    .reviewer = "ada",
					    .organization_id = "org_1",
					    .organization = "Example",
					    .counts = &counts,
					    .review_every_s = 1 };

	return review_append(path, &entry, &chain, err);
}

/* Always behind one record: what is done without memory may succeed all the same, and would make the file longer. */
static bool run(void *context, long n)
{
	struct err err = ERR_INIT;
	bool has_failed;
	int ret;

	(void)context;
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(append(NOW, &err), 0);
	nomem_start(n);
	ret = append(NOW + 1, &err);
	has_failed = nomem_stop();
	assert_true(has_failed || ret == 0);
	assert_int_equal(count_of(), ret == 0 ? 2 : 1);
	assert_true(ret == 0 || err.kind != ERR_NONE);
	return has_failed;
}

static void a_record_without_memory_leaves_the_file_sound(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_true(nomem_each(run, NULL) > 10);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_record_without_memory_leaves_the_file_sound) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
