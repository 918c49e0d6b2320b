/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of an organisation that is read: its lists, and what was added to them since they were sorted. */
#ifndef COMMON_GOVERN_DIRECTORY_INSIDE_H
#define COMMON_GOVERN_DIRECTORY_INSIDE_H

#include "common/api/record.h"
#include "common/base/textpool.h"
#include "common/govern/directory.h"

struct directory {
	struct organization org;
	struct {
		size_t user, invite, workspace, member, key;
	} added, cap; /* added: records that stand behind the list's end until directory_settle takes them in */
	size_t gone_cap;
	struct textpool texts;
	struct api *api;
	unsigned parts;
};

/* Absent and null are "". 0 or -1 without memory. */
[[nodiscard]] int directory_keep(struct directory *d, struct view text, const char **ret);

/* Reads one row of a list and adds it. 0 or -1 with err. */
typedef int directory_add(struct directory *d, struct api_reader *reader, struct view row, struct err *err);
directory_add directory_add_user, directory_add_invite, directory_add_workspace, directory_add_member,
	directory_add_key;

/* Adds all that a list has; argument may be NULL. 0 or -1 with err. */
[[nodiscard]] int directory_read_list(struct directory *d, enum api_operation operation,
				      const struct api_argument *argument, directory_add *add, struct err *err);

#endif
