/* SPDX-License-Identifier: Apache-2.0 */
/* What the objects of one store refer to outside of it, and which of that is known: part of what commits have that
 * were there before. */
#ifndef SCANNER_SOURCE_GIT_OUTSIDE_H
#define SCANNER_SOURCE_GIT_OUTSIDE_H

#include "scanner/source/git/object.h"
#include "scanner/source/git/oidmap.h"

struct outside {
	struct object_reader *reader; /* of all stores */
	struct oidmap ids;            /* 1: known */
	struct oidmap walked;         /* trees of what is known that have been gone through */
	size_t open;                  /* ids that are not known */
};

void outside_init(struct outside *o, struct object_reader *reader, size_t hash_len);
void outside_done(struct outside *o);

/* Adds an id that something refers to. 0, or -1 when there is no memory. */
[[nodiscard]] int outside_add(struct outside *o, const struct oid *id);
/* All that a commit has is known. Of its trees only those are gone through that are no id of their own here: what is
 * below one that is need not be told. What cannot be read stays open. 0, or -1 when there is no memory. */
[[nodiscard]] int outside_know(struct outside *o, const struct oid *commit);
bool outside_is_known(const struct outside *o, const struct oid *id);

#endif
