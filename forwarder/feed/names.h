/* SPDX-License-Identifier: Apache-2.0 */
/* What workspaces are called, and keys where it matters, asked for now and then: reports have their ids only, policies
 * mostly their names. */
#ifndef FORWARDER_FEED_NAMES_H
#define FORWARDER_FEED_NAMES_H

#include "common/govern/directory.h"

#define NAMES_DEFAULT "Default"

struct names {
	unsigned parts;              /* of enum directory_part */
	struct directory *directory; /* NULL: not asked yet */
	uint64_t read_ns;            /* clock_boot_ns */
};

/* Asks when it was not done yet, or long ago. 0 or -1 with err. */
[[nodiscard]] int names_refresh(struct names *names, struct api *api, struct err *err);
void names_done(struct names *names);

/* The name of a workspace, "Default" for an empty id, the id of one that nobody knows. */
struct view names_of(const struct names *names, struct view id);

#endif
