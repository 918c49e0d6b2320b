/* SPDX-License-Identifier: Apache-2.0 */
/* As much of cmocka as tests need that are built for another machine, for which there is no library: the same names,
 * and output that tests/support/unit-run reads. Without fixtures: what they are handed has to be NULL. */
#ifndef TESTS_SUPPORT_CROSS_CMOCKA_H
#define TESTS_SUPPORT_CROSS_CMOCKA_H

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*test)(void **state);
};

static jmp_buf cmocka_failed;

#define cmocka_unit_test(f) ((struct CMUnitTest){ #f, f })
#define cmocka_run_group_tests(tests, set_up, tear_down)                                                               \
	cmocka_run(tests, sizeof(tests) / sizeof((tests)[0]), set_up, tear_down)

#define fail_msg(...)                                                                                                  \
	do {                                                                                                           \
		printf("%s:%d: ", __FILE__, __LINE__);                                                                 \
		printf(__VA_ARGS__);                                                                                   \
		putchar('\n');                                                                                         \
		longjmp(cmocka_failed, 1);                                                                             \
	} while (0)
#define assert_true(c)                                                                                                 \
	do {                                                                                                           \
		if (!(c))                                                                                              \
			fail_msg("%s", #c);                                                                            \
	} while (0)
#define assert_false(c) assert_true(!(c))
#define assert_null(p) assert_true((p) == NULL)
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_int_equal(a, b) assert_true((unsigned long long)(a) == (unsigned long long)(b))
#define assert_int_not_equal(a, b) assert_true((unsigned long long)(a) != (unsigned long long)(b))
#define assert_ptr_not_equal(a, b) assert_true((a) != (b))
#define assert_string_equal(a, b) assert_true(strcmp(a, b) == 0)
#define assert_memory_equal(a, b, len) assert_true(memcmp(a, b, len) == 0)

/* How many tests failed. */
static int cmocka_run(const struct CMUnitTest *tests, size_t count, const void *set_up, const void *tear_down)
{
	volatile int failed = set_up || tear_down;

	for (volatile size_t i = 0; i < count; i++) {
		void *state = NULL;

		printf("[ RUN      ] %s\n", tests[i].name);
		if (setjmp(cmocka_failed) == 0) {
			tests[i].test(&state);
			printf("[       OK ] %s\n", tests[i].name);
		} else {
			printf("[  FAILED  ] %s\n", tests[i].name);
			failed++;
		}
		(void)fflush(stdout);
	}
	return failed;
}

#endif
