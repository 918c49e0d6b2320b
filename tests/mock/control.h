/* SPDX-License-Identifier: Apache-2.0 */
/* /__mock/: what tests ask of the mock itself. No credential, no log, no fault. */
#ifndef TESTS_MOCK_CONTROL_H
#define TESTS_MOCK_CONTROL_H

#include "tests/mock/call.h"

void control_answer(struct call *c, struct http_request *rq);

#endif
