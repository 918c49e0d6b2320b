/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what in an organisation and why, and what is wrong with it: one row for each access (a person's role in
 * the organisation, a member of a workspace, an invitation, a service account), and rows for workspaces, keys and the
 * organisation where there is something to say of them. Pure: judges what directory.h read.
 *
 * Rows stand in this order: the organisation, people by id, members by workspace and person, invitations, service
 * accounts, keys, workspaces. */
#ifndef COMMON_POLICY_ACCESSAUDIT_H
#define COMMON_POLICY_ACCESSAUDIT_H

#include "common/base/err.h"
#include "common/policy/organization.h"
#include "common/policy/policy.h"

/* The first ones break the policy or leave an access that nobody answers for; from ACCESS_NOTES on they are there to be
 * looked at. */
enum access_code {
	ACCESS_TOO_MANY_ADMINS,    /* of the organisation: more than max_admins */
	ACCESS_EMAIL_DOMAIN,       /* of a person or an open invitation: an address outside allowed_email_domains */
	ACCESS_INVITE_OPEN,        /* an open invitation older than invite_max_age */
	ACCESS_MEMBER_GONE,        /* a member of a workspace who is no user of the organisation */
	ACCESS_CREATOR_GONE,       /* a key that works, and belongs to someone who is no user any more: as keyaudit.h */
	ACCESS_UNKNOWN_ROLE,       /* a role of which nobody here knows what it may do */
	ACCESS_NO_WORKSPACE_ADMIN, /* a workspace that only admins of the organisation look after */
	ACCESS_INVITE_EXPIRED,     /* an invitation that ended without an answer */
	ACCESS_NO_WORKSPACE,       /* a person who is in no workspace, and whose role reaches none */
	ACCESS_SERVICE_ACCOUNT,    /* an access that is no person's */
	ACCESS_CODES,
	ACCESS_NOTES = ACCESS_NO_WORKSPACE_ADMIN,
};
extern const char *const access_codes[ACCESS_CODES]; /* "too-many-admins", "email-domain", ... */

enum access_subject {
	ACCESS_OF_ORGANIZATION, /* no access of its own: where its findings stand; always there */
	ACCESS_OF_USER,
	ACCESS_OF_MEMBER,
	ACCESS_OF_INVITE,          /* pending or expired */
	ACCESS_OF_SERVICE_ACCOUNT, /* by the keys that work and belong to it: index is the first of these */
	ACCESS_OF_KEY,             /* with findings only */
	ACCESS_OF_WORKSPACE,       /* with findings only */
	ACCESS_SUBJECTS,
};
extern const char *const access_subject_names[ACCESS_SUBJECTS]; /* "organization", "user", "member", ... */

struct access_row {
	enum access_subject subject;
	bool is_admin;     /* of the organisation or of the workspace; of an invitation: once it is accepted */
	bool is_inherited; /* of a member: the workspace role follows from the one in the organisation */
	uint32_t codes;    /* bit set of access_code */
	size_t index;      /* in the list of the organisation that subject says; 0 of the organisation itself */
	size_t count;      /* of a service account: its keys that work; of the organisation: its admins; else 0 */
};

/* What was read of the organisation: what was not is no finding. */
struct access_seen {
	bool members; /* workspaces with their members */
	bool keys;
};

struct access_counts {
	size_t people, admins;      /* admins of the organisation */
	size_t workspaces, members; /* workspaces that are not archived */
	size_t open_invites, keys;  /* keys that work (keyaudit_judges) */
	size_t service_accounts;
	size_t codes[ACCESS_CODES]; /* rows that have it */
	size_t violations, notes;   /* sums of them */
};

struct access_review {
	const struct organization *org; /* borrowed, as policy */
	const struct policy *policy;
	struct access_seen seen;
	int64_t now_s;
	struct access_row *rows;
	size_t row_count, row_cap;
	struct access_counts counts;
};

/* Judges as of now_s. 0, or -1 with ERR_NOMEM, or ERR_LIMIT at more than ACCESS_ROWS_MAX rows. access_done is due in
 * any case. */
[[nodiscard]] int access_make(struct access_review *ret, const struct organization *org, const struct policy *policy,
			      const struct access_seen *seen, int64_t now_s, struct err *err);
void access_done(struct access_review *review);

/* A row in words; what it has not is empty. Texts are the organisation's. */
struct access_facts {
	struct view id; /* of the person, invitation, key, workspace, service account, organisation */
	struct view email, name, role;
	struct view workspace_id, workspace; /* workspace: its name */
	int64_t since_s;                     /* added, invited, created; 0 = not told */
};
void access_facts(const struct access_review *review, const struct access_row *row, struct access_facts *ret);

/* Appends why there is this access ("role admin in the organisation", "inherited from the role admin in the
 * organisation"); nothing where there is none. 0, or -1 as buf_add. Words of the organisation are cleaned. */
[[nodiscard]] int access_add_why(const struct access_review *review, const struct access_row *row, struct buf *buf);

/* Appends one sentence for one code of the row, with what would be right. 0, or -1 as buf_add. */
[[nodiscard]] int access_add_text(const struct access_review *review, const struct access_row *row,
				  enum access_code code, struct buf *buf);

/* Whether a role of the organisation makes an admin of it: admin, owner, primary_owner, and membership_admin, who may
 * make others. */
bool access_is_admin_role(struct view role);

/* Whether the address is in one of the domains (each a domain, not its subdomains); of an empty list: any is. */
bool access_is_domain_allowed(const struct keyname_list *domains, struct view email);

#endif
