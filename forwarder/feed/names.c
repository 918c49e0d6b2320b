/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/names.h"

#include "common/base/clock.h"

#define AGAIN_NS (UINT64_C(600) * 1'000'000'000)

int names_refresh(struct names *n, struct api *api, struct err *err)
{
	struct directory *directory;

	if (n->directory && clock_boot_ns() - n->read_ns < AGAIN_NS)
		return 0;
	directory = directory_read(api, DIRECTORY_WORKSPACES | n->parts, err);
	if (!directory)
		return -1;
	directory_free(n->directory);
	n->directory = directory;
	n->read_ns = clock_boot_ns();
	return 0;
}

void names_done(struct names *n)
{
	directory_free(n->directory);
	n->directory = NULL;
}

struct view names_of(const struct names *n, struct view id)
{
	if (n->directory)
		return organization_workspace_name(directory_get(n->directory), id);
	return id.len ? id : VIEW(NAMES_DEFAULT);
}
