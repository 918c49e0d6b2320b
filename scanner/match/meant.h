/* SPDX-License-Identifier: Apache-2.0 */
/* Which items a rule is for, by its path globs. */
#ifndef SCANNER_MATCH_MEANT_H
#define SCANNER_MATCH_MEANT_H

#include "scanner/item.h"
#include "scanner/rule.h"

/* What a rule says of an item whose path is not known yet: that any text might be a table is too much to try. */
bool meant_pathless(const struct rule *rule);

/* Whether the item's path is one the rule is for; item NULL: the path is not known. path is the item's from the root; it
 * is filled when it is empty and has to be known. */
bool meant_for(const struct rule *rule, const struct item *item, struct buf *path);

#endif
