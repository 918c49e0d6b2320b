/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/fits.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/glob.h"

#define PATH_BYTES (1u << 20)

enum fit { FIT_UNKNOWN, FIT_YES, FIT_NO };

int fits_init(struct fits *f, size_t count)
{
	*f = (struct fits){ .known = calloc(count + 1, sizeof(*f->known)),
			    .count = count,
			    .path = BUF_INIT(PATH_BYTES) };
	return f->known ? 0 : -1;
}

void fits_done(struct fits *f)
{
	free(f->known);
	buf_done(&f->path);
	f->known = NULL;
}

void fits_start(struct fits *f, const struct item *item, bool is_new)
{
	f->item = item;
	buf_clear(&f->path);
	if (is_new && f->any)
		memset(f->known, FIT_UNKNOWN, f->count);
	f->any = f->any && !is_new;
}

void fits_drop(struct fits *f, size_t r)
{
	f->known[r] = FIT_NO;
	f->any = true;
}

bool fits_pathless(const struct rule *rule)
{
	return rule->table == TABLE_NONE || rule->keywords.count > 0;
}

/* A glob without a slash is about the last name alone, which needs no path to be put together. */
static bool fits_glob(struct fits *f, const char *glob)
{
	if (!strchr(glob, '/'))
		return glob_path(view_of(glob), f->item->name);
	if (f->path.len == 0 && item_add_below(f->item, &f->path))
		return false; /* no memory: an exclusion does not hold */
	return item_is_meant(view_of(glob), buf_view(&f->path), f->item->own_len);
}

/* Whether the item's path is one the rule is for. */
static bool compare_path(struct fits *f, const struct rule *rule)
{
	bool included = rule->include.count == 0;

	if (!f->item)
		return fits_pathless(rule);
	for (size_t i = 0; i < rule->include.count && !included; i++)
		included = fits_glob(f, rule->include.items[i]);
	for (size_t i = 0; i < rule->exclude.count && included; i++)
		included = !fits_glob(f, rule->exclude.items[i]);
	return included;
}

bool fits_rule(struct fits *f, const struct rule *rule, size_t r)
{
	if (f->known[r] == FIT_UNKNOWN) {
		f->known[r] = compare_path(f, rule) ? FIT_YES : FIT_NO;
		f->any = true;
	}
	return f->known[r] == FIT_YES;
}
