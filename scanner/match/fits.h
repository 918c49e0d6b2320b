/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules are for an item, by its path (struct rule: include, exclude). */
#ifndef SCANNER_MATCH_FITS_H
#define SCANNER_MATCH_FITS_H

#include "scanner/item.h"
#include "scanner/rule.h"

struct fits {                 /* one thread's */
	unsigned char *known; /* one a rule: not known yet, or what it came to */
	size_t count;
	bool any; /* some are known */
	const struct item *item;
	struct buf path; /* of item; empty: not put together yet */
};

[[nodiscard]] int fits_init(struct fits *f, size_t count); /* of rules. 0, or -1 when there is no memory */
void fits_done(struct fits *f);

/* From here on it is about item, which is borrowed; NULL: its path is not known. is_new: it was not asked about yet. */
void fits_start(struct fits *f, const struct item *item, bool is_new);

/* Whether rule, which is number r, is for the item. Worked out once for an item. */
bool fits_rule(struct fits *f, const struct rule *rule, size_t r);

/* Rule r is for nothing more of this item. */
void fits_drop(struct fits *f, size_t r);

/* What a rule says of an item whose path is not known: that any text might be a table is too much to try. */
bool fits_pathless(const struct rule *rule);

#endif
