/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line a request, without any credential. */
#ifndef TESTS_MOCK_JOURNAL_H
#define TESTS_MOCK_JOURNAL_H

#include "tests/mock/call.h"

void journal_write(struct call *c);

#endif
