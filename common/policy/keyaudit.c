/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/keyaudit.h"

#include <stdlib.h>

#include "common/base/text.h"

#define DAY_S 86400

/* A key that works, by what it is for. */
struct purpose {
	const struct org_key *key;
	struct view parts[POLICY_KEY_PARTS]; /* VIEW_NONE: not part of the set */
};

struct twins {
	const struct org_key *newest; /* of those that agree; NULL: the key is alone */
	size_t count;
};

struct keyaudit {
	struct keyaudit_input input;
	struct twins *twins; /* of each key of the organisation */
};

static const char *const codes[] = {
	[KEYAUDIT_AGE] = "age",
	[KEYAUDIT_AGE_WARN] = "age-warn",
	[KEYAUDIT_UNUSED] = "unused",
	[KEYAUDIT_DEFAULT_WORKSPACE] = "default-workspace",
	[KEYAUDIT_ORG_SCOPE] = "org-scope",
	[KEYAUDIT_CREATOR_GONE] = "creator-gone",
	[KEYAUDIT_DUPLICATE_PURPOSE] = "duplicate-purpose",
	[KEYAUDIT_NO_EXPIRY] = "no-expiry",
};

const char *keyaudit_code(unsigned violation)
{
	return violation < KEYNAME_VIOLATIONS ? keyname_codes[violation] : codes[violation];
}

bool keyaudit_judges(const struct org_key *key, int64_t now_s)
{
	return text_eq(view_of(key->status), VIEW("active")) && (!key->expires_at_s || key->expires_at_s > now_s);
}

/* ---- purposes ---- */

/* Keys outside of any workspace that a list has are told apart by their place. */
static struct view place_text(const struct org_key *key)
{
	switch (key->place) {
	case ORG_KEY_IN_WORKSPACE:
		return view_of(key->workspace_id);
	case ORG_KEY_ORGANIZATION_WIDE:
		return VIEW("*");
	case ORG_KEY_IN_DEFAULT_WORKSPACE:
	case ORG_KEY_PLACE_UNKNOWN:
		break;
	}
	return VIEW("");
}

/* false: the key agrees with none. */
static bool read_purpose(const struct policy *policy, const struct org_key *key, struct purpose *ret)
{
	const unsigned set = policy->keys.one_per, names = set & ~(unsigned)POLICY_PART_WORKSPACE;
	struct keyname_parts parts = { .team = VIEW_NONE };

	*ret = (struct purpose){ .key = key };
	if (!set || (names && !keyname_parts(&policy->names, view_of(key->name), &parts)))
		return false;
	if (((set & POLICY_PART_TEAM) && !parts.team.len) ||
	    ((set & POLICY_PART_ENVIRONMENT) && !parts.environment.len) ||
	    ((set & POLICY_PART_PURPOSE) && !parts.purpose.len))
		return false;
	if (set & POLICY_PART_TEAM)
		ret->parts[0] = parts.team;
	if (set & POLICY_PART_ENVIRONMENT)
		ret->parts[1] = parts.environment;
	if (set & POLICY_PART_PURPOSE)
		ret->parts[2] = parts.purpose;
	if (set & POLICY_PART_WORKSPACE)
		ret->parts[3] = place_text(key);
	return true;
}

static int compare_purposes(const void *a, const void *b)
{
	const struct purpose *x = a, *y = b;

	for (size_t i = 0; i < POLICY_KEY_PARTS; i++) {
		int order = text_cmp(x->parts[i], y->parts[i]);

		if (order)
			return order;
	}
	return 0;
}

static bool is_newer(const struct org_key *a, const struct org_key *b)
{
	if (a->created_at_s != b->created_at_s)
		return a->created_at_s > b->created_at_s;
	return text_cmp(view_of(a->id), view_of(b->id)) > 0;
}

/* Notes who agrees in list, which is sorted. */
static void note_twins(struct keyaudit *audit, const struct purpose *list, size_t count)
{
	for (size_t i = 0, end; i < count; i = end) {
		const struct org_key *newest = list[i].key;

		for (end = i + 1; end < count && compare_purposes(&list[i], &list[end]) == 0; end++)
			if (is_newer(list[end].key, newest))
				newest = list[end].key;
		for (size_t k = i; k < end && end - i > 1; k++)
			audit->twins[list[k].key - audit->input.org->keys] = (struct twins){ newest, end - i };
	}
}

static int find_twins(struct keyaudit *audit, struct err *err)
{
	const struct organization *org = audit->input.org;
	DEFER(freep) struct purpose *list = calloc(org->key_count + 1, sizeof(*list));
	size_t count = 0;

	audit->twins = calloc(org->key_count + 1, sizeof(*audit->twins));
	if (!list || !audit->twins)
		return err_nomem(err);
	for (size_t i = 0; i < org->key_count; i++)
		if (keyaudit_judges(&org->keys[i], audit->input.now_s) &&
		    read_purpose(audit->input.policy, &org->keys[i], &list[count]))
			count++;
	qsort(list, count, sizeof(*list), compare_purposes);
	note_twins(audit, list, count);
	return 0;
}

/* ---- life ---- */

struct keyaudit *keyaudit_new(const struct keyaudit_input *input, struct err *err)
{
	DEFER(keyaudit_freep) struct keyaudit *audit = calloc(1, sizeof(*audit));

	if (!audit) {
		(void)err_nomem(err);
		return NULL;
	}
	audit->input = *input;
	return find_twins(audit, err) ? NULL : TAKE(audit);
}

void keyaudit_free(struct keyaudit *audit)
{
	if (!audit)
		return;
	free(audit->twins);
	free(audit);
}

void keyaudit_freep(struct keyaudit **audit)
{
	keyaudit_free(*audit);
	*audit = NULL;
}

/* ---- judgement ---- */

/* Seconds since the key was made; 0 when that is not known or to come. */
static uint64_t age_s(const struct org_key *key, int64_t now_s)
{
	return key->created_at_s && key->created_at_s < now_s ? (uint64_t)(now_s - key->created_at_s) : 0;
}

uint64_t keyaudit_age_days(const struct org_key *key, int64_t now_s)
{
	return age_s(key, now_s) / DAY_S;
}

static int64_t unused_from(const struct policy *policy, int64_t now_s)
{
	return policy->rotation.unused_after_s ? now_s - (int64_t)policy->rotation.unused_after_s : INT64_MAX;
}

/* A key whose age nobody knows is old enough. */
static bool had_its_window(const struct org_key *key, int64_t from_s)
{
	return from_s != INT64_MAX && key->created_at_s < from_s;
}

int64_t keyaudit_unused_from(const struct policy *policy, const struct organization *org, int64_t now_s)
{
	const int64_t from_s = unused_from(policy, now_s);

	for (size_t i = 0; i < org->key_count; i++)
		if (keyaudit_judges(&org->keys[i], now_s) && had_its_window(&org->keys[i], from_s))
			return from_s;
	return INT64_MAX;
}

static bool was_used(const struct keyaudit_input *input, const char *id)
{
	size_t low = 0, high = input->used_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = text_cmp(view_of(input->used[middle]), view_of(id));

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static bool is_unused(const struct keyaudit_input *input, const struct org_key *key)
{
	return input->used && had_its_window(key, unused_from(input->policy, input->now_s)) &&
	       !was_used(input, key->id);
}

static bool is_in_default(const struct org_key *key)
{
	return key->place == ORG_KEY_IN_DEFAULT_WORKSPACE || key->place == ORG_KEY_PLACE_UNKNOWN;
}

uint32_t keyaudit_check(const struct keyaudit *audit, const struct org_key *key)
{
	const struct keyaudit_input *input = &audit->input;
	const struct policy *policy = input->policy;
	const uint64_t age = age_s(key, input->now_s), max_age = policy->rotation.max_age_s,
		       warn_after = policy->rotation.warn_after_s;
	const bool holds[KEYAUDIT_VIOLATIONS] = {
		[KEYAUDIT_AGE] = max_age && age > max_age,
		[KEYAUDIT_AGE_WARN] = warn_after && age > warn_after && (!max_age || age <= max_age),
		[KEYAUDIT_UNUSED] = is_unused(input, key),
		[KEYAUDIT_DEFAULT_WORKSPACE] = is_in_default(key) && !policy->keys.allow_default_workspace,
		[KEYAUDIT_ORG_SCOPE] = key->place == ORG_KEY_ORGANIZATION_WIDE,
		[KEYAUDIT_CREATOR_GONE] = organization_is_orphan(input->org, key),
		[KEYAUDIT_DUPLICATE_PURPOSE] = audit->twins[key - input->org->keys].newest != NULL,
		[KEYAUDIT_NO_EXPIRY] = policy->keys.require_expiry && !key->expires_at_s,
	};
	uint32_t violations;

	if (!keyaudit_judges(key, input->now_s))
		return 0;
	violations = keyname_check(&policy->names, view_of(key->name));
	for (unsigned v = KEYNAME_VIOLATIONS; v < KEYAUDIT_VIOLATIONS; v++)
		violations |= holds[v] ? UINT32_C(1) << v : 0;
	return violations;
}

/* ---- texts ---- */

static int add_duration(struct buf *buf, uint64_t seconds)
{
	return text_add_duration(buf, seconds * 1000);
}

static int add_days(struct buf *buf, uint64_t days)
{
	return buf_addf(buf, "%llu day%s", (unsigned long long)days, text_plural(days));
}

static int add_age(const struct keyaudit_input *input, const struct org_key *key, struct buf *buf)
{
	return add_days(buf, keyaudit_age_days(key, input->now_s)) || buf_add_text(buf, " old, and at most ") ||
			       add_duration(buf, input->policy->rotation.max_age_s) ||
			       buf_add_text(buf, " are allowed: make its successor, switch over and archive it")
		       ? -1
		       : 0;
}

/* Rounded up, so that the last day is no "within 0 days". */
static int add_age_warn(const struct keyaudit_input *input, const struct org_key *key, struct buf *buf)
{
	const uint64_t max_age = input->policy->rotation.max_age_s, age = age_s(key, input->now_s);

	if (add_days(buf, age / DAY_S) || buf_add_text(buf, " old: make its successor and archive it"))
		return -1;
	if (!max_age)
		return 0;
	return buf_add_text(buf, " within ") || add_days(buf, (max_age - age) / DAY_S + 1) ||
			       buf_add_text(buf, ", before it is older than ") || add_duration(buf, max_age)
		       ? -1
		       : 0;
}

static int add_unused(const struct keyaudit_input *input, struct buf *buf)
{
	return buf_add_text(buf, "not used for ") || add_duration(buf, input->policy->rotation.unused_after_s) ||
			       buf_add_text(buf, " or longer: disable it, and archive it when nobody misses it")
		       ? -1
		       : 0;
}

static int add_default(const struct org_key *key, struct buf *buf)
{
	if (key->place == ORG_KEY_PLACE_UNKNOWN)
		return buf_add_text(buf, "in the default workspace or organisation-wide (the API does not tell which): "
					 "make its successor in a workspace of its own");
	return buf_add_text(buf, "in the default workspace: make its successor in a workspace of its own");
}

static int add_creator(const struct org_key *key, struct buf *buf)
{
	const struct org_owner owner = organization_owner(key);

	return buf_add_text(buf, owner.is_principal ? "belongs to " : "made by ") ||
			       text_add_clean(buf, view_of(owner.id)) ||
			       buf_add_text(buf, ", who is not in the organisation any more: have somebody who is make "
						 "its successor")
		       ? -1
		       : 0;
}

/* "workspace and purpose" */
static int add_parts(unsigned set, struct buf *buf)
{
	unsigned left = 0;

	for (unsigned i = 0; i < POLICY_KEY_PARTS; i++)
		left += (set >> i) & 1;
	for (unsigned i = 0; i < POLICY_KEY_PARTS; i++) {
		if (!(set & 1u << i))
			continue;
		left--;
		if (buf_add_text(buf, policy_key_part_names[i]) || buf_add_text(buf, left > 1    ? ", "
										     : left == 1 ? " and "
												 : ""))
			return -1;
	}
	return 0;
}

static int add_duplicate(const struct keyaudit *audit, const struct org_key *key, struct buf *buf)
{
	const struct twins *twins = &audit->twins[key - audit->input.org->keys];

	if (buf_addf(buf, "one of %zu active keys of the same ", twins->count) ||
	    add_parts(audit->input.policy->keys.one_per, buf))
		return -1;
	if (twins->newest == key)
		return buf_add_text(buf, ": archive the others, this one is the newest");
	return buf_add_text(buf, ": switch over to ") || text_add_clean(buf, view_of(twins->newest->id)) ||
			       buf_add_text(buf, ", the newest, and archive it")
		       ? -1
		       : 0;
}

static int add_text(const struct keyaudit *audit, const struct org_key *key, unsigned violation, struct buf *buf)
{
	switch (violation) {
	case KEYAUDIT_AGE:
		return add_age(&audit->input, key, buf);
	case KEYAUDIT_AGE_WARN:
		return add_age_warn(&audit->input, key, buf);
	case KEYAUDIT_UNUSED:
		return add_unused(&audit->input, buf);
	case KEYAUDIT_DEFAULT_WORKSPACE:
		return add_default(key, buf);
	case KEYAUDIT_ORG_SCOPE:
		return buf_add_text(buf, "organisation-wide, so that it reaches every workspace: make its successor in "
					 "one workspace");
	case KEYAUDIT_CREATOR_GONE:
		return add_creator(key, buf);
	case KEYAUDIT_DUPLICATE_PURPOSE:
		return add_duplicate(audit, key, buf);
	case KEYAUDIT_NO_EXPIRY:
		return buf_add_text(buf, "without an expiry: make its successor with one");
	default:
		return keyname_add_text(&audit->input.policy->names, view_of(key->name),
					(enum keyname_violation)violation, buf);
	}
}

int keyaudit_add_text(const struct keyaudit *audit, const struct org_key *key, unsigned violation, struct buf *buf)
{
	const size_t start = buf->len;

	if (add_text(audit, key, violation, buf) == 0)
		return 0;
	buf_cut(buf, start);
	return -1;
}
