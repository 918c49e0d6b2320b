/* SPDX-License-Identifier: Apache-2.0 */
/* API keys of an organisation against its policy: names, age, use, place, owner. Pure: no files, no calls, no clock.
 *
 * Only keys that work are judged (keyaudit_judges). Times are compared in seconds of UTC; a time that the API did not
 * tell breaks nothing. What each violation means:
 *
 *	format ... empty-part  the name, as keyname.h has it
 *	age                    older than rotation.max_age: a key of exactly that age is not
 *	age-warn               older than rotation.warn_after, and not yet `age`
 *	unused                 no usage since keyaudit_unused_from, and made before that moment: younger keys have had
 *	                       no whole window to be used in
 *	default-workspace      in the default workspace without keys.allow_default_workspace; also where the reply does
 *	                       not tell it from organisation-wide
 *	org-scope              organisation-wide: it reaches all workspaces, whatever the policy says
 *	creator-gone           its owner (organization_owner: whom it acts for, else who made it) is a user who is in
 *	                       the organisation no more; of service accounts the API has no list, so that nothing is
 *	                       said of theirs
 *	duplicate-purpose      another key that works agrees in all parts of keys.one_key_per; names that break the
 *	                       convention, or whose format lacks one of these parts, agree with none
 *	no-expiry              without expiry though keys.require_expiry */
#ifndef COMMON_POLICY_KEYAUDIT_H
#define COMMON_POLICY_KEYAUDIT_H

#include "common/base/err.h"
#include "common/policy/organization.h"
#include "common/policy/policy.h"

enum keyaudit_violation { /* those of enum keyname_violation come first, with the same numbers */
			  KEYAUDIT_AGE = KEYNAME_VIOLATIONS,
			  KEYAUDIT_AGE_WARN,
			  KEYAUDIT_UNUSED,
			  KEYAUDIT_DEFAULT_WORKSPACE,
			  KEYAUDIT_ORG_SCOPE,
			  KEYAUDIT_CREATOR_GONE,
			  KEYAUDIT_DUPLICATE_PURPOSE,
			  KEYAUDIT_NO_EXPIRY,
			  KEYAUDIT_VIOLATIONS,
};

const char *keyaudit_code(unsigned violation); /* "format", ..., "age", "age-warn", ...; below KEYAUDIT_VIOLATIONS */

struct keyaudit_input { /* all borrowed as long as the audit lives */
	const struct policy *policy;
	const struct organization *org; /* its users, workspaces and keys */
	int64_t now_s;
	/* Ids of keys that were used since keyaudit_unused_from, sorted as organisations' lists are; NULL: not known,
	 * and nothing is called unused. */
	const char *const *used;
	size_t used_count;
};

struct keyaudit;

/* NULL with err (ERR_NOMEM). */
struct keyaudit *keyaudit_new(const struct keyaudit_input *input, struct err *err);
void keyaudit_free(struct keyaudit *audit);
void keyaudit_freep(struct keyaudit **audit);

/* Is the key one that works: its status is active and its expiry has not passed? */
bool keyaudit_judges(const struct org_key *key, int64_t now_s);

/* Since when usage counts: now less rotation.unused_after. INT64_MAX when nobody has to look: nothing is ever called
 * unused, or no key that works was made before that moment. */
int64_t keyaudit_unused_from(const struct policy *policy, const struct organization *org, int64_t now_s);

/* The set of violations (bit 1 << violation) of a key of input's org->keys; 0 for one that is not judged. */
uint32_t keyaudit_check(const struct keyaudit *audit, const struct org_key *key);

/* Appends one sentence for one violation of the set: what is wrong, and what would be right. 0, or -1 as buf_add. */
[[nodiscard]] int keyaudit_add_text(const struct keyaudit *audit, const struct org_key *key, unsigned violation,
				    struct buf *buf);

/* Whole days since the key was made; 0 when that is not known or to come. */
uint64_t keyaudit_age_days(const struct org_key *key, int64_t now_s);

#endif
