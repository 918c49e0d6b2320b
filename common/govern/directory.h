/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an organisation from the API, whole or in parts, into plain data. */
#ifndef COMMON_GOVERN_DIRECTORY_H
#define COMMON_GOVERN_DIRECTORY_H

#include "common/api/client.h"
#include "common/policy/organization.h"

struct api_user;
struct api_invite;
struct api_workspace;
struct api_member;
struct api_key;

enum directory_part {
	DIRECTORY_ORG = 1 << 0,
	DIRECTORY_USERS = 1 << 1,
	DIRECTORY_INVITES = 1 << 2, /* in whatever state */
	DIRECTORY_WORKSPACES = 1 << 3,
	DIRECTORY_MEMBERS = 1 << 4, /* one call a workspace; needs DIRECTORY_WORKSPACES. cca: see below */
	DIRECTORY_KEYS = 1 << 5,
};

struct directory; /* owns the texts */

/* Calls what parts needs, page by page; each list has at most DIRECTORY_..._MAX records (bounds.h), of which those of
 * one id count once. NULL with err as api_call, ERR_LIMIT for a longer list, ERR_USAGE when the dialect lacks an
 * operation: cca has users and invitations; members there are what users' workspace_ids say, without a role, and need
 * DIRECTORY_USERS. */
struct directory *directory_read(struct api *api, unsigned parts, struct err *err);
void directory_free(struct directory *directory);
void directory_freep(struct directory **directory);

/* What was read; lists of parts that were not asked for are empty. */
const struct organization *directory_get(const struct directory *directory);

/* A list may lack for a while what is there: pages that end early, replicas that are behind. What follows puts right
 * what was read; pointers into the lists hold until then, texts as long as the directory.
 *
 * Asks for one by itself, in one call (of a workspace two, when members were read), and puts it into its list when it
 * is there. of: the workspace of a member. 1; 0: there is none (404); -1 with err as api_call. */
[[nodiscard]] int directory_ask(struct directory *directory, enum directory_part part, struct view id, struct view of,
				struct err *err);

/* Puts one into its list as somebody knows it; it is found there from directory_settle on. 0 or -1 with err as
 * directory_read. */
[[nodiscard]] int directory_put_user(struct directory *directory, const struct api_user *user, struct err *err);
[[nodiscard]] int directory_put_invite(struct directory *directory, const struct api_invite *invite, struct err *err);
[[nodiscard]] int directory_put_workspace(struct directory *directory, const struct api_workspace *workspace,
					  struct err *err);
[[nodiscard]] int directory_put_member(struct directory *directory, const struct api_member *member, struct err *err);
[[nodiscard]] int directory_put_key(struct directory *directory, const struct api_key *key, enum org_key_place place,
				    struct err *err);
void directory_settle(struct directory *directory);

/* From here on only who is named so counts as gone (struct organization); VIEW_NONE: nobody yet. 0 or -1 with err. */
[[nodiscard]] int directory_put_gone(struct directory *directory, struct view user_id, struct err *err);

/* Asks for the people whom active keys and memberships refer to and no list has: who is there joins the users, the
 * others are gone; so are, as the list says, those beyond DIRECTORY_PEOPLE_MAX. Users were read before. 0, or -1 with
 * err as api_call. */
[[nodiscard]] int directory_ask_people(struct directory *directory, struct err *err);

#endif
