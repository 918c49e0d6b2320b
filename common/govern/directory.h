/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an organisation from the API, whole or in parts, into plain data. */
#ifndef COMMON_GOVERN_DIRECTORY_H
#define COMMON_GOVERN_DIRECTORY_H

#include "common/api/client.h"
#include "common/policy/organization.h"

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

#endif
