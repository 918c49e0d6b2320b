/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation's convention for key names, `{team}-{environment}-{purpose}` unless the policy says otherwise:
 * checks a name, says what is wrong with it and, when the answer is near, what would be right. Pure: no files. */
#ifndef COMMON_POLICY_KEYNAME_H
#define COMMON_POLICY_KEYNAME_H

#include "common/base/buf.h"
#include "common/base/err.h"

enum keyname_violation {
	KEYNAME_FORMAT,      /* not the parts the format has, in its order */
	KEYNAME_CASE,        /* upper-case letters */
	KEYNAME_CHARACTER,   /* a character that no part may hold */
	KEYNAME_LENGTH,      /* longer than max_length */
	KEYNAME_TEAM,        /* no listed team */
	KEYNAME_ENVIRONMENT, /* no listed environment */
	KEYNAME_PURPOSE,     /* no listed purpose, or not [a-z][a-z0-9]* */
	KEYNAME_EMPTY_PART,  /* nothing between two separators */
	KEYNAME_VIOLATIONS,
};
extern const char *const keyname_codes[KEYNAME_VIOLATIONS]; /* "format", "case", ... */

struct keyname_list {
	const char *const *items;
	size_t count; /* 0 = any */
};

/* The `names:` part of policy.yaml. Everything is borrowed. */
struct keyname_policy {
	const char *format; /* placeholders {team} {environment} {purpose}, each once at most; other text is literal */
	struct keyname_list teams, environments, purposes;
	unsigned max_length;
	bool enforce; /* a bad name is a high finding */
};

/* `{team}-{environment}-{purpose}`, any team and purpose, prod staging dev, 64 characters, not enforced. */
extern const struct keyname_policy keyname_standard;

/* Is the policy itself sound (known placeholders, each once, separated by literal text, listed values usable)? */
[[nodiscard]] int keyname_policy_check(const struct keyname_policy *policy, struct err *err);

/* The bit set of violations; 0 = compliant. */
uint32_t keyname_check(const struct keyname_policy *policy, struct view name);

/* What a compliant name says, for attribution: views of name; VIEW_NONE when the format has no such part. */
struct keyname_parts {
	struct view team, environment, purpose;
};

/* Takes a name apart. false, and nothing in *ret, when it is not compliant. Of several ways the one with the longest
 * listed values counts, from the left. */
bool keyname_parts(const struct keyname_policy *policy, struct view name, struct keyname_parts *ret);

/* Appends one sentence for one violation of name, with what would be right. 0, or -1 as buf_add. */
[[nodiscard]] int keyname_add_text(const struct keyname_policy *policy, struct view name, enum keyname_violation v,
				   struct buf *buf);

/* Appends a compliant name near to name, or, when a part cannot be known, the part's placeholder in its stead
 * (`ml-prod-…`). Nothing is appended when too little is recognised. 0, or -1 as buf_add. */
[[nodiscard]] int keyname_add_suggestion(const struct keyname_policy *policy, struct view name, struct buf *buf);

#endif
