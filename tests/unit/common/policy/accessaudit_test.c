/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/accessaudit.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/policy/keyaudit.h"
#include "tests/support/unit.h"

#define NOW INT64_C(1790000000)
#define DAY INT64_C(86400)

/* By id, as directory.h sorts. */
static struct org_user users[] = {
	{ "user_1", "ada@example.com", "Ada", "admin", NOW - 100 * DAY },
	{ "user_2", "bo@EXAMPLE.com", "Bo", "developer", NOW - 90 * DAY },
	{ "user_3", "mallory@example.com.evil.org", "Mallory", "user", NOW - 80 * DAY },
	{ "user_4", "", "Nobody", "billing", 0 },
	{ "user_5", "eve@example.com", "Eve", "keeper", NOW },
};

static struct org_invite invites[] = {
	{ "invite_1", "new@example.com", "admin", "pending", NOW - 2 * DAY, NOW + 19 * DAY },
	{ "invite_2", "old@example.com", "user", "pending", NOW - 12 * DAY, NOW + 9 * DAY },
	{ "invite_3", "gone@example.com", "admin", "pending", NOW - 30 * DAY, NOW - 9 * DAY },
	{ "invite_4", "late@example.com", "user", "expired", NOW - 30 * DAY, 0 },
	{ "invite_5", "in@example.com", "user", "accepted", NOW - 30 * DAY, NOW - 9 * DAY },
	{ "invite_6", "out@example.org", "user", "pending", NOW, NOW + 21 * DAY },
};

static struct org_workspace workspaces[] = {
	{ "wrkspc_1", "ml-prod", "us", "us", "us", NOW, 0 },
	{ "wrkspc_2", "legal", "us", "us", "us", NOW, 0 },
	{ "wrkspc_3", "old", "us", "us", "us", NOW, NOW },
};

static struct org_member members[] = {
	{ "wrkspc_1", "user_1", "workspace_admin" },   { "wrkspc_1", "user_2", "workspace_admin" },
	{ "wrkspc_1", "user_9", "workspace_user" },    { "wrkspc_2", "user_1", "workspace_admin" },
	{ "wrkspc_2", "user_4", "workspace_billing" }, { "wrkspc_2", "user_5", "workspace_wizard" },
};

static struct org_key keys[] = {
	{ "apikey_1", "ml-prod-a", "", "active", "wrkspc_1", ORG_KEY_IN_WORKSPACE, "user_1", "user", NOW, 0, "", "" },
	{ "apikey_2", "ml-prod-b", "", "active", "wrkspc_1", ORG_KEY_IN_WORKSPACE, "user_8", "user", NOW, 0, "", "" },
	{ "apikey_3", "ml-prod-c", "", "archived", "wrkspc_1", ORG_KEY_IN_WORKSPACE, "user_8", "user", NOW, 0, "", "" },
	{ "apikey_4", "a", "", "active", "", ORG_KEY_ORGANIZATION_WIDE, "svac_1", "service_account", NOW, 0, "", "" },
	{ "apikey_5", "b", "", "active", "", ORG_KEY_ORGANIZATION_WIDE, "svac_1", "service_account", NOW, 0, "", "" },
	{ "apikey_6", "c", "", "active", "", ORG_KEY_PLACE_UNKNOWN, "svac_0", "service_account", NOW, 0, "", "" },
	{ "apikey_7", "d", "", "inactive", "", ORG_KEY_PLACE_UNKNOWN, "svac_2", "service_account", NOW, 0, "", "" },
	{ "apikey_8", "e", "", "active", "", ORG_KEY_IN_DEFAULT_WORKSPACE, "", "", NOW, 0, "", "" },
};

static struct organization org = {
	.id = "org_1",
	.name = "Example",
	.default_workspace_id = "",
	.users = users,
	.user_count = ARRAY_LEN(users),
	.invites = invites,
	.invite_count = ARRAY_LEN(invites),
	.workspaces = workspaces,
	.workspace_count = ARRAY_LEN(workspaces),
	.members = members,
	.member_count = ARRAY_LEN(members),
	.keys = keys,
	.key_count = ARRAY_LEN(keys),
};

static const char *const domains[] = { "example.com" };
static const struct access_seen everything = { true, true };

static struct policy strict_policy(void)
{
	struct policy policy = policy_standard;

	policy.access = (struct policy_access){ .max_admins = 1,
						.invite_max_age_s = 7 * DAY,
						.email_domains = { domains, ARRAY_LEN(domains) } };
	return policy;
}

static void make(struct access_review *review, const struct policy *policy, const struct access_seen *seen)
{
	struct err err = ERR_INIT;

	assert_int_equal(access_make(review, &org, policy, seen, NOW, &err), 0);
}

/* The row of that subject, id and workspace; NULL when there is none. */
static const struct access_row *find(const struct access_review *review, enum access_subject subject, const char *id,
				     const char *workspace_id)
{
	for (size_t i = 0; i < review->row_count; i++) {
		struct access_facts facts;

		access_facts(review, &review->rows[i], &facts);
		if (review->rows[i].subject == subject && text_eq(facts.id, view_of(id)) &&
		    (!workspace_id || text_eq(facts.workspace_id, view_of(workspace_id))))
			return &review->rows[i];
	}
	return NULL;
}

static void assert_codes(const struct access_review *review, enum access_subject subject, const char *id,
			 const char *workspace_id, uint32_t codes)
{
	const struct access_row *row = find(review, subject, id, workspace_id);

	assert_non_null(row);
	assert_int_equal(row->codes, codes);
}

static void assert_why(const struct access_review *review, const struct access_row *row, const char *expected)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4096);

	assert_non_null(row);
	assert_int_equal(access_add_why(review, row, &text), 0);
	assert_string_equal(text.ptr ? text.ptr : "", expected);
}

static void assert_text(const struct access_review *review, const struct access_row *row, enum access_code code,
			const char *expected)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4096);

	assert_non_null(row);
	assert_int_equal(access_add_text(review, row, code, &text), 0);
	assert_string_equal(text.ptr, expected);
}

#define BIT(code) (UINT32_C(1) << (code))

static void people_are_judged_by_address_and_role(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();

	(void)state;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_USER, "user_1", NULL, 0);
	assert_codes(&r, ACCESS_OF_USER, "user_2", NULL, 0);
	assert_codes(&r, ACCESS_OF_USER, "user_3", NULL, BIT(ACCESS_EMAIL_DOMAIN) | BIT(ACCESS_NO_WORKSPACE));
	assert_codes(&r, ACCESS_OF_USER, "user_4", NULL, BIT(ACCESS_EMAIL_DOMAIN));
	assert_codes(&r, ACCESS_OF_USER, "user_5", NULL, BIT(ACCESS_UNKNOWN_ROLE));
	assert_text(&r, find(&r, ACCESS_OF_USER, "user_3", NULL), ACCESS_EMAIL_DOMAIN,
		    "the address mallory@example.com.evil.org is in none of the allowed domains: example.com");
	assert_text(&r, find(&r, ACCESS_OF_USER, "user_4", NULL), ACCESS_EMAIL_DOMAIN,
		    "has no e-mail address; one in example.com was expected");
	assert_text(&r, find(&r, ACCESS_OF_USER, "user_5", NULL), ACCESS_UNKNOWN_ROLE,
		    "what the role keeper may do in the organisation is not known here");
}

static void who_is_admin_is_told_with_the_reason(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();
	const struct access_row *row;

	(void)state;
	make(&r, &policy, &everything);
	row = find(&r, ACCESS_OF_USER, "user_1", NULL);
	assert_true(row->is_admin);
	assert_why(&r, row, "role admin in the organisation, which reaches every workspace");
	row = find(&r, ACCESS_OF_MEMBER, "user_1", "wrkspc_1");
	assert_true(row->is_admin && row->is_inherited);
	assert_why(&r, row, "inherited from the role admin in the organisation");
	row = find(&r, ACCESS_OF_MEMBER, "user_2", "wrkspc_1");
	assert_true(row->is_admin && !row->is_inherited);
	assert_why(&r, row, "role workspace_admin in this workspace");
	row = find(&r, ACCESS_OF_MEMBER, "user_4", "wrkspc_2");
	assert_true(!row->is_admin && row->is_inherited);
	assert_false(find(&r, ACCESS_OF_USER, "user_2", NULL)->is_admin);
	row = find(&r, ACCESS_OF_INVITE, "invite_1", NULL);
	assert_true(row->is_admin);
	assert_why(&r, row, "role admin as soon as the invitation is accepted");
}

static void admins_are_counted_against_the_policy(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	struct policy policy = strict_policy();

	(void)state;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_ORGANIZATION, "org_1", NULL, 0);
	access_done(&r);
	users[1].role = "primary_owner";
	make(&r, &policy, &everything);
	users[1].role = "developer";
	assert_codes(&r, ACCESS_OF_ORGANIZATION, "org_1", NULL, BIT(ACCESS_TOO_MANY_ADMINS));
	assert_int_equal(r.counts.admins, 2);
	assert_text(&r, &r.rows[0], ACCESS_TOO_MANY_ADMINS, "2 admins; the policy allows 1");
	access_done(&r);
	policy.access.max_admins = 0;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_ORGANIZATION, "org_1", NULL, 0);
}

static void invitations_are_open_too_long_or_expired(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	struct policy policy = strict_policy();

	(void)state;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_INVITE, "invite_1", NULL, 0);
	assert_codes(&r, ACCESS_OF_INVITE, "invite_2", NULL, BIT(ACCESS_INVITE_OPEN));
	assert_codes(&r, ACCESS_OF_INVITE, "invite_3", NULL, BIT(ACCESS_INVITE_EXPIRED));
	assert_false(find(&r, ACCESS_OF_INVITE, "invite_3", NULL)->is_admin);
	assert_codes(&r, ACCESS_OF_INVITE, "invite_4", NULL, BIT(ACCESS_INVITE_EXPIRED));
	assert_null(find(&r, ACCESS_OF_INVITE, "invite_5", NULL));
	assert_codes(&r, ACCESS_OF_INVITE, "invite_6", NULL, BIT(ACCESS_EMAIL_DOMAIN));
	assert_int_equal(r.counts.open_invites, 3);
	assert_text(&r, find(&r, ACCESS_OF_INVITE, "invite_2", NULL), ACCESS_INVITE_OPEN,
		    "open for 12 days; the policy allows 1w; revoke it or have it accepted");
	access_done(&r);
	policy.access.invite_max_age_s = 12 * DAY;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_INVITE, "invite_2", NULL, 0);
	access_done(&r);
	policy.access.invite_max_age_s = 12 * DAY - 1;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_INVITE, "invite_2", NULL, BIT(ACCESS_INVITE_OPEN));
}

static void what_people_left_behind_is_found(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();

	(void)state;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_MEMBER, "user_9", "wrkspc_1", BIT(ACCESS_MEMBER_GONE));
	assert_codes(&r, ACCESS_OF_MEMBER, "user_5", "wrkspc_2", BIT(ACCESS_UNKNOWN_ROLE));
	assert_codes(&r, ACCESS_OF_KEY, "apikey_2", NULL, BIT(ACCESS_CREATOR_GONE));
	assert_null(find(&r, ACCESS_OF_KEY, "apikey_1", NULL));
	assert_null(find(&r, ACCESS_OF_KEY, "apikey_3", NULL));
	assert_null(find(&r, ACCESS_OF_KEY, "apikey_8", NULL));
	assert_text(&r, find(&r, ACCESS_OF_KEY, "apikey_2", NULL), ACCESS_CREATOR_GONE,
		    "was made by user_8, who is no user of the organisation any more; replace and archive it");
}

static void service_accounts_are_told_with_their_active_keys(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();

	(void)state;
	make(&r, &policy, &everything);
	assert_int_equal(find(&r, ACCESS_OF_SERVICE_ACCOUNT, "svac_0", NULL)->count, 1);
	assert_int_equal(find(&r, ACCESS_OF_SERVICE_ACCOUNT, "svac_1", NULL)->count, 2);
	assert_null(find(&r, ACCESS_OF_SERVICE_ACCOUNT, "svac_2", NULL));
	assert_why(&r, find(&r, ACCESS_OF_SERVICE_ACCOUNT, "svac_1", NULL), "has 2 active keys");
	assert_int_equal(r.counts.service_accounts, 2);
	assert_int_equal(r.counts.keys, 6);
}

/* Counts of a review in which the key apikey_2 is that one. */
static struct access_counts counts_with(struct org_key key)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();
	const struct org_key before = keys[1];
	const struct keyaudit_input input = { .policy = &policy, .org = &org, .now_s = NOW };
	DEFER(keyaudit_freep) struct keyaudit *audit = keyaudit_new(&input, &(struct err)ERR_INIT);
	struct access_counts counts;

	assert_non_null(audit);
	keys[1] = key;
	make(&r, &policy, &everything);
	counts = r.counts;
	assert_int_equal(counts.codes[ACCESS_CREATOR_GONE],
			 keyaudit_check(audit, &keys[1]) >> KEYAUDIT_CREATOR_GONE & 1);
	keys[1] = before;
	return counts;
}

static void keys_are_judged_as_the_audit_of_keys_judges_them(void **state)
{
	const struct access_counts before = counts_with(keys[1]);
	struct org_key key = keys[1];
	struct access_counts counts;

	(void)state;
	assert_int_equal(before.codes[ACCESS_CREATOR_GONE], 1);
	key.expires_at_s = NOW;
	counts = counts_with(key);
	assert_int_equal(counts.codes[ACCESS_CREATOR_GONE], 0);
	assert_int_equal(counts.keys, before.keys - 1);
	key = keys[1];
	key.created_by_type = "";
	assert_int_equal(counts_with(key).codes[ACCESS_CREATOR_GONE], 1);
	key.principal_id = "user_1";
	assert_int_equal(counts_with(key).codes[ACCESS_CREATOR_GONE], 0);
	key.principal_id = "svac_7";
	key.principal_type = "service_account";
	assert_int_equal(counts_with(key).service_accounts, before.service_accounts + 1);
}

static void who_was_not_asked_for_is_no_finding(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();
	const char *gone[] = { "user_7" };

	(void)state;
	org.gone = gone;
	make(&r, &policy, &everything);
	org.gone = NULL;
	assert_codes(&r, ACCESS_OF_MEMBER, "user_9", "wrkspc_1", 0);
	assert_null(find(&r, ACCESS_OF_KEY, "apikey_2", NULL));
}

static void a_workspace_wants_an_admin_of_its_own(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();

	(void)state;
	make(&r, &policy, &everything);
	assert_null(find(&r, ACCESS_OF_WORKSPACE, "wrkspc_1", NULL));
	assert_codes(&r, ACCESS_OF_WORKSPACE, "wrkspc_2", NULL, BIT(ACCESS_NO_WORKSPACE_ADMIN));
	assert_null(find(&r, ACCESS_OF_WORKSPACE, "wrkspc_3", NULL));
	assert_int_equal(r.counts.workspaces, 2);
}

static void sums_are_those_of_the_rows(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();
	size_t violations = 0, notes = 0;

	(void)state;
	make(&r, &policy, &everything);
	for (size_t i = 0; i < r.row_count; i++)
		for (unsigned code = 0; code < ACCESS_CODES; code++)
			*(code < ACCESS_NOTES ? &violations : &notes) += (r.rows[i].codes >> code) & 1;
	assert_int_equal(violations, 8);
	assert_int_equal(notes, 6);
	assert_int_equal(r.counts.violations, violations);
	assert_int_equal(r.counts.notes, notes);
	assert_int_equal(r.counts.codes[ACCESS_EMAIL_DOMAIN], 3);
	assert_int_equal(r.counts.people, 5);
	assert_int_equal(r.counts.members, 6);
}

static void what_was_not_read_is_no_finding(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();

	(void)state;
	make(&r, &policy, &(struct access_seen){ false, false });
	assert_codes(&r, ACCESS_OF_USER, "user_3", NULL, BIT(ACCESS_EMAIL_DOMAIN));
	for (size_t i = 0; i < r.row_count; i++)
		assert_true(r.rows[i].subject == ACCESS_OF_ORGANIZATION || r.rows[i].subject == ACCESS_OF_USER ||
			    r.rows[i].subject == ACCESS_OF_INVITE);
}

static void a_member_without_a_role_is_no_unknown_one(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();

	(void)state;
	members[1].role = "";
	make(&r, &policy, &everything);
	members[1].role = "workspace_admin";
	assert_codes(&r, ACCESS_OF_MEMBER, "user_2", "wrkspc_1", 0);
	assert_codes(&r, ACCESS_OF_WORKSPACE, "wrkspc_1", NULL, BIT(ACCESS_NO_WORKSPACE_ADMIN));
	members[1].role = "";
	assert_why(&r, find(&r, ACCESS_OF_MEMBER, "user_2", "wrkspc_1"),
		   "is in this workspace; the API does not tell the role");
	members[1].role = "workspace_admin";
}

static void a_workspace_behind_all_members_has_no_admin(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	struct org_member *few = malloc(2 * sizeof(*few)); /* nothing may be read behind them */
	const struct policy policy = strict_policy();

	(void)state;
	assert_non_null(few);
	memcpy(few, members, 2 * sizeof(*few));
	org.members = few;
	org.member_count = 2;
	make(&r, &policy, &everything);
	assert_codes(&r, ACCESS_OF_WORKSPACE, "wrkspc_2", NULL, BIT(ACCESS_NO_WORKSPACE_ADMIN));
	org.members = members;
	org.member_count = ARRAY_LEN(members);
	free(few);
}

static void an_empty_organisation_has_one_row(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct organization empty = { .id = "", .name = "", .default_workspace_id = "" };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(access_make(&r, &empty, &policy_standard, &everything, NOW, &err), 0);
	assert_int_equal(r.row_count, 1);
	assert_int_equal(r.counts.violations + r.counts.notes, 0);
}

static void what_comes_from_the_api_is_clean_on_a_terminal(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();

	(void)state;
	users[4].role = "ro\x1bot";
	make(&r, &policy, &everything);
	assert_why(&r, find(&r, ACCESS_OF_USER, "user_5", NULL), "role ro\\x1bot in the organisation");
	users[4].role = "keeper";
}

static void domains_are_those_behind_the_last_at(void **state)
{
	const struct keyname_list list = { domains, 1 };

	(void)state;
	assert_true(access_is_domain_allowed(&list, VIEW("\"a@b\"@Example.COM")));
	assert_false(access_is_domain_allowed(&list, VIEW("a@sub.example.com")));
	assert_false(access_is_domain_allowed(&list, VIEW("example.com")));
	assert_false(access_is_domain_allowed(&list, VIEW("a@example.com@evil.org")));
	assert_false(access_is_domain_allowed(&list, VIEW("")));
	assert_true(access_is_domain_allowed(&(struct keyname_list){ NULL, 0 }, VIEW("")));
}

static void keys_of_a_service_account_need_not_stand_together(void **state)
{
	DEFER(access_done) struct access_review r = { .org = NULL };
	const struct policy policy = strict_policy();
	const struct org_key fifth = keys[4], sixth = keys[5];
	const struct access_row *row;

	(void)state;
	keys[4] = sixth;
	keys[5] = fifth;
	make(&r, &policy, &everything);
	row = find(&r, ACCESS_OF_SERVICE_ACCOUNT, "svac_1", NULL);
	keys[4] = fifth;
	keys[5] = sixth;
	assert_int_equal(r.counts.service_accounts, 2);
	assert_int_equal(row->count, 2);
	assert_int_equal(row->index, 3); /* the first of them */
}

static void an_invite_is_open_until_the_second_it_expires_in(void **state)
{
	const struct policy policy = strict_policy();
	const struct org_invite before = invites[0];

	(void)state;
	for (int64_t left_s = 0; left_s <= 1; left_s++) {
		DEFER(access_done) struct access_review r = { .org = NULL };

		invites[0].expires_at_s = NOW + left_s;
		make(&r, &policy, &everything);
		assert_codes(&r, ACCESS_OF_INVITE, "invite_1", NULL, left_s ? 0 : BIT(ACCESS_INVITE_EXPIRED));
	}
	invites[0] = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_judged_as_the_audit_of_keys_judges_them),
		cmocka_unit_test(who_was_not_asked_for_is_no_finding),
		cmocka_unit_test(people_are_judged_by_address_and_role),
		cmocka_unit_test(who_is_admin_is_told_with_the_reason),
		cmocka_unit_test(admins_are_counted_against_the_policy),
		cmocka_unit_test(invitations_are_open_too_long_or_expired),
		cmocka_unit_test(what_people_left_behind_is_found),
		cmocka_unit_test(service_accounts_are_told_with_their_active_keys),
		cmocka_unit_test(a_workspace_wants_an_admin_of_its_own),
		cmocka_unit_test(sums_are_those_of_the_rows),
		cmocka_unit_test(what_was_not_read_is_no_finding),
		cmocka_unit_test(a_member_without_a_role_is_no_unknown_one),
		cmocka_unit_test(a_workspace_behind_all_members_has_no_admin),
		cmocka_unit_test(an_empty_organisation_has_one_row),
		cmocka_unit_test(what_comes_from_the_api_is_clean_on_a_terminal),
		cmocka_unit_test(domains_are_those_behind_the_last_at),
		cmocka_unit_test(keys_of_a_service_account_need_not_stand_together),
		cmocka_unit_test(an_invite_is_open_until_the_second_it_expires_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
