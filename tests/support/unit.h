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

#define assert_view(v, text)                                                                                           \
	do {                                                                                                           \
		struct view view_ = (v);                                                                               \
		assert_int_equal(view_.len, sizeof(text) - 1);                                                         \
		if (view_.len)                                                                                         \
			assert_memory_equal(view_.ptr, text, view_.len);                                               \
	} while (0)

#endif
