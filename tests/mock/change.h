/* SPDX-License-Identifier: Apache-2.0 */
/* POST /__mock/key, user, invite, member, use, quiet: what tests change of the organisation while the mock runs, beyond
 * what the provider's API lets anybody do. A member of the body that is not known, an id of nothing and a value that
 * nothing can have are 400. */
#ifndef TESTS_MOCK_CHANGE_H
#define TESTS_MOCK_CHANGE_H

#include "tests/mock/call.h"

/* Answers when it is such a call; false: it is none. */
bool change_answer(struct call *c);

#endif
