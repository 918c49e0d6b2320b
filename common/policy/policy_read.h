/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation's policy file, shared by all programs. Its sections are checked strictly where they are read; the
 * ones that no program here reads are accepted by name only. */
#ifndef COMMON_POLICY_POLICY_READ_H
#define COMMON_POLICY_POLICY_READ_H

#include "common/base/err.h"
#include "common/policy/keyname.h"

struct policy; /* owns what it read */

/* Reads a policy file: YAML with `version: 1`. NULL with err (`file:line:column: what, and what was expected`). */
struct policy *policy_read(const char *path, struct err *err);
/* The same from memory; name stands for the path in messages. */
struct policy *policy_parse(struct view text, const char *name, struct err *err);
void policy_free(struct policy *policy);
void policy_freep(struct policy **policy);

/* The `names:` section over keyname_standard. */
const struct keyname_policy *policy_names(const struct policy *policy);

#endif
