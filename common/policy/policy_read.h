/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the organisation's policy file, which all programs share (docs/policy.md has its form). All of it is checked,
 * whoever reads it: an unknown key, a value that cannot be meant and entries that contradict each other are errors. */
#ifndef COMMON_POLICY_POLICY_READ_H
#define COMMON_POLICY_POLICY_READ_H

#include "common/base/err.h"
#include "common/policy/policy.h"

#define POLICY_PATH "/etc/skant/policy.yaml"

/* Where the policy is: over, else $SKANT_POLICY, else under, else POLICY_PATH when there is such a file. NULL: nowhere,
 * policy_standard holds. over and under may be NULL; an empty text counts as none. */
const char *policy_find(const char *over, const char *under);

/* Reads a policy file: YAML with `version: 1`. It is the caller's to free. NULL with err: ERR_CONFIG with
 * `file:line:column: what, and what was expected`, ERR_IO, ERR_NOMEM. */
struct policy *policy_read(const char *path, struct err *err);
/* The same from memory; name stands for the path in messages. */
struct policy *policy_parse(struct view text, const char *name, struct err *err);
void policy_free(struct policy *policy);
void policy_freep(struct policy **policy);

/* Where the file has a text that the policy points to, such as an entry of a list. false: it has no file, or is none of
 * its texts. */
bool policy_place(const struct policy *policy, const char *text, unsigned *ret_line, unsigned *ret_column);

/* The `names:` section over keyname_standard. */
const struct keyname_policy *policy_names(const struct policy *policy);

#endif
