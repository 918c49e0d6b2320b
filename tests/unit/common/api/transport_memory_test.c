/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

static void a_piece_keeps_its_bytes_as_it_grows_and_shrinks(void **)
{
	char *p = transport_memory_strdup("authorization");

	assert_string_equal(p, "authorization");
	p = transport_memory_realloc(p, 1000);
	assert_string_equal(p, "authorization");
	p = transport_memory_realloc(p, 4);
	assert_memory_equal(p, "auth", 4);
	transport_memory_free(p);
}

static void growing_nothing_makes_a_piece(void **)
{
	char *p = transport_memory_realloc(NULL, 3);

	assert_non_null(p);
	memcpy(p, "ab", 3);
	assert_string_equal(p, "ab");
	transport_memory_free(p);
	transport_memory_free(NULL);
}

static void every_piece_can_hold_what_needs_most_alignment(void **)
{
	for (size_t size = 0; size < 70; size++) {
		void *p = transport_memory_malloc(size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		transport_memory_free(p);
	}
}

static void items_are_zeros(void **)
{
	unsigned char *p = transport_memory_malloc(60);

	memset(p, 0xAA, 60);
	transport_memory_free(p);
	p = transport_memory_calloc(3, 20);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(p[i], 0);
	transport_memory_free(p);
}

static void sizes_that_no_memory_has_are_refused(void **)
{
	volatile size_t most = SIZE_MAX;

	assert_null(transport_memory_malloc(most));
	assert_null(transport_memory_calloc(most, 2));
	assert_null(transport_memory_calloc(most / 2, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_keeps_its_bytes_as_it_grows_and_shrinks),
		cmocka_unit_test(growing_nothing_makes_a_piece),
		cmocka_unit_test(every_piece_can_hold_what_needs_most_alignment),
		cmocka_unit_test(items_are_zeros),
		cmocka_unit_test(sizes_that_no_memory_has_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
