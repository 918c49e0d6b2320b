/* SPDX-License-Identifier: Apache-2.0 */
/* What unit tests share: cmocka in the order it wants to be included, and comparison of views. */
#ifndef TESTS_SUPPORT_UNIT_H
#define TESTS_SUPPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/buf.h"

/* How often a test tries what a plain build tries n times: a sanitizer slows each turn down ten times or more, and what
 * it looks for shows in the first turns. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWED(n) ((n) / 8 + 1)
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWED(n) ((n) / 8 + 1)
#endif
#ifndef SLOWED
#define SLOWED(n) (n)
#endif

/* Skips the test; tests/support/unit-run tells why. */
#define skip_because(...)                                                                                              \
	do {                                                                                                           \
		print_message("skipped: " __VA_ARGS__);                                                                \
		print_message("\n");                                                                                   \
		skip();                                                                                                \
	} while (0)

#define assert_view(v, text)                                                                                           \
	do {                                                                                                           \
		struct view view_ = (v);                                                                               \
		assert_int_equal(view_.len, sizeof(text) - 1);                                                         \
		if (view_.len)                                                                                         \
			assert_memory_equal(view_.ptr, text, view_.len);                                               \
	} while (0)

#endif
