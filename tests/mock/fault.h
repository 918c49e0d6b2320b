/* SPDX-License-Identifier: Apache-2.0 */
/* What a script does to a reply. */
#ifndef TESTS_MOCK_FAULT_H
#define TESTS_MOCK_FAULT_H

#include "tests/mock/call.h"

/* Whether the fault (NULL: none) puts another reply in the place of the handler's. */
bool fault_replaces(const struct fault *f);

/* Finishes c->rp: what c->fault says, compression, the Date header. */
void fault_apply(struct call *c, struct wire_fault *ret_wire);

/* Appends the fault in a few words: "status 429, retry_after". Nothing for NULL. */
void fault_describe(const struct fault *f, struct buf *buf);

#endif
