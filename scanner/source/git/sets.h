/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of small numbers, each distinct set kept once and named by a number: neighbouring commits hold the same finds,
 * so a million commits share a few sets. Set 0 is the empty one. */
#ifndef SCANNER_SOURCE_GIT_SETS_H
#define SCANNER_SOURCE_GIT_SETS_H

#include "common/base/base.h"

#define SETS_FAILED UINT32_MAX

struct sets;

/* max_bytes is what all of them may take. NULL when there is no memory. */
struct sets *sets_new(size_t max_bytes);
void sets_freep(struct sets **at);

/* Each gives SETS_FAILED when memory or the ceiling is reached; a SETS_FAILED operand gives it as well. */
uint32_t sets_one(struct sets *s, uint32_t member);
uint32_t sets_union(struct sets *s, uint32_t a, uint32_t b);
uint32_t sets_minus(struct sets *s, uint32_t a, uint32_t b); /* what a has and b has not */

/* The members, rising. */
const uint32_t *sets_members(const struct sets *s, uint32_t set, size_t *ret_count);
bool sets_has(const struct sets *s, uint32_t set, uint32_t member);

#endif
