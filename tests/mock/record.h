/* SPDX-License-Identifier: Apache-2.0 */
/* Activities that appear without a write: of tests, and late ones. */
#ifndef TESTS_MOCK_RECORD_H
#define TESTS_MOCK_RECORD_H

#include "tests/mock/call.h"

/* One, in either dialect, that happened at at_us and that lists show from visible_us on. */
void record_add(struct call *c, const char *type, int64_t at_us, int64_t visible_us);

#endif
