/* SPDX-License-Identifier: Apache-2.0 */
/* Indexes and pools of texts, with each allocation failing in turn: what was there before stays as it was. */
#include "common/base/intern.h"
#include "common/base/textpool.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define MANY 500u

static bool fill_intern(void *context, long n)
{
	DEFER(intern_done) struct intern intern = INTERN_INIT(1 << 16);
	uint32_t number, i = 0;
	bool has_failed;

	(void)context;
	nomem_start(n);
	while (i < MANY && intern_add(&intern, view_from(&i, sizeof(i)), &number) == 0)
		i++;
	has_failed = nomem_stop();
	assert_int_equal(i < MANY, has_failed);
	assert_int_equal(intern.count, i);
	for (uint32_t k = 0; k < i; k++)
		assert_int_equal(intern_find(&intern, view_from(&k, sizeof(k))), k);
	if (has_failed) /* the one that failed is not half there */
		assert_int_equal(intern_find(&intern, view_from(&i, sizeof(i))), INTERN_NONE);
	return has_failed;
}

static bool fill_pool(void *context, long n)
{
	DEFER(textpool_done) struct textpool pool = TEXTPOOL_INIT;
	static char text[1000];
	unsigned i = 0;
	bool has_failed;

	(void)context;
	nomem_start(n);
	while (i < MANY && textpool_add(&pool, view_from(text, sizeof(text))))
		i++;
	has_failed = nomem_stop();
	assert_int_equal(i < MANY, has_failed);
	return has_failed;
}

static void a_text_is_in_the_index_or_there_is_no_memory(void **state)
{
	(void)state;
	assert_true(nomem_each(fill_intern, NULL) > 3);
}

static void a_text_is_in_the_pool_or_there_is_no_memory(void **state)
{
	(void)state;
	assert_true(nomem_each(fill_pool, NULL) > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_in_the_index_or_there_is_no_memory),
		cmocka_unit_test(a_text_is_in_the_pool_or_there_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
