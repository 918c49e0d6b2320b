/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration and ignore files that a commit has, as files: whoever sends a change does not set its verdict, so
 * they are taken from the side that the change starts from. */
#ifndef SCANNER_BASESIDE_H
#define SCANNER_BASESIDE_H

#include "common/base/err.h"
#include "scanner/source/git/object.h"

struct baseside {
	char *folder; /* a private one, with what the commit's root has of them; NULL: closed */
};

/* Writes .skant.yaml, .skantignore, .gitleaksignore and what the first of them names (rules, policy, baseline) below a
 * new folder. commit may be null: then there is nothing. 0, or -1 with err. */
[[nodiscard]] int baseside_open(struct baseside *b, struct object_reader *reader, size_t hash_len,
				const struct oid *commit, struct err *err);
void baseside_close(struct baseside *b); /* removes the folder; all zero is fine */

#endif
