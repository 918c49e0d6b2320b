/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/meant.h"

#include <string.h>

#include "common/base/glob.h"
#include "common/base/text.h"

bool meant_pathless(const struct rule *rule)
{
	return rule->table == TABLE_NONE || rule->keywords.count > 0;
}

/* A glob without a slash is about the last name alone, which needs no path to be put together. */
static bool fits_glob(const struct item *item, const char *glob, struct buf *path)
{
	if (!strchr(glob, '/'))
		return glob_path(view_of(glob), item->name);
	if (path->len == 0 && item_add_below(item, path))
		return false; /* no memory: an exclusion does not hold */
	return item_is_meant(view_of(glob), buf_view(path), item->own_len);
}

bool meant_for(const struct rule *rule, const struct item *item, struct buf *path)
{
	bool included = rule->include.count == 0;

	if (!item)
		return meant_pathless(rule);
	for (size_t i = 0; i < rule->include.count && !included; i++)
		included = fits_glob(item, rule->include.items[i], path);
	for (size_t i = 0; i < rule->exclude.count && included; i++)
		included = !fits_glob(item, rule->exclude.items[i], path);
	return included;
}
