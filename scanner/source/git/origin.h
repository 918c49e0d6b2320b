/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of a finding's place in history, put together from the objects that know it. */
#ifndef SCANNER_SOURCE_GIT_ORIGIN_H
#define SCANNER_SOURCE_GIT_ORIGIN_H

#include "scanner/finding.h"
#include "scanner/source/git/object.h"

struct origin_texts { /* what a struct origin points to; all zero at first, reused from one to the next */
	struct buf author, email, date, message;
	char object[OID_HEX_BYTES], commit[OID_HEX_BYTES], last[OID_HEX_BYTES];
};
void origin_texts_init(struct origin_texts *t);
void origin_texts_done(struct origin_texts *t);

/* Starts an origin: the object that holds the finding. Everything else is not known. */
void origin_start(struct origin *o, struct origin_texts *t, const struct oid *object, enum object_type type,
		  size_t hash_len);
/* Fills commit, author, email, date and message from the commit. A commit that cannot be read gives its id alone. 0, or
 * -1 when there is no memory. */
[[nodiscard]] int origin_add_commit(struct origin *o, struct origin_texts *t, struct object_reader *r,
				    const struct oid *id, size_t hash_len);
/* The same from a tag: its tagger and message. */
[[nodiscard]] int origin_add_tag(struct origin *o, struct origin_texts *t, struct object_reader *r,
				 const struct oid *id, size_t hash_len);

#endif
