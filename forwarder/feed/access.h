/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the access feed: people, invitations and members of workspaces, what changed about them and what of it
 * breaks the policy. */
#ifndef FORWARDER_FEED_ACCESS_H
#define FORWARDER_FEED_ACCESS_H

#include "common/policy/accessaudit.h"
#include "forwarder/feed/lists.h"

struct access_feed {
	struct lists lists;
	struct access_review review; /* of this poll */
};

/* What is kept (roster.h). */
#define ACCESS_USERS "user/"       /* "id", "email", "role" */
#define ACCESS_INVITES "invite/"   /* "id", "email", "role", "status", "invited_at", "expires_at" */
#define ACCESS_MEMBERS "member/"   /* "workspace_id", "user_id", "role" */
#define ACCESS_FINDINGS "finding/" /* access_findings.c */

/* --- access_complete.c --- */
/* Puts right what the lists may lack: what was kept, people who are members. 0 or -1 with err. */
[[nodiscard]] int access_complete(struct access_feed *feed, struct err *err);

/* --- access_people.c, access_members.c, access_findings.c: each compares its lists. 0, BATCH_FULL, -1 with err --- */
[[nodiscard]] int access_people_compare(struct access_feed *feed, struct err *err);
[[nodiscard]] int access_invites_compare(struct access_feed *feed, struct err *err);
[[nodiscard]] int access_members_compare(struct access_feed *feed, struct err *err);
[[nodiscard]] int access_findings_compare(struct access_feed *feed, struct err *err);

#endif
