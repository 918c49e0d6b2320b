/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a git object: a SHA-1 or SHA-256 digest, which of them the repository says. */
#ifndef SCANNER_SOURCE_GIT_OID_H
#define SCANNER_SOURCE_GIT_OID_H

#include <string.h>

#include "common/base/buf.h"

#define OID_SHA1_BYTES 20
#define OID_SHA256_BYTES 32
#define OID_MAX_BYTES 32
#define OID_HEX_BYTES (2 * OID_MAX_BYTES + 1) /* as text, terminated */

struct oid {
	unsigned char bytes[OID_MAX_BYTES]; /* a SHA-1 is followed by zeros, so that two compare whole */
};

static inline bool oid_eq(const struct oid *a, const struct oid *b)
{
	return memcmp(a->bytes, b->bytes, OID_MAX_BYTES) == 0;
}

static inline bool oid_is_null(const struct oid *id) /* all zero: git's way to say "none" */
{
	static const struct oid null;

	return oid_eq(id, &null);
}

/* From len raw bytes, 20 or 32. */
static inline struct oid oid_from(const void *bytes, size_t len)
{
	struct oid id = { .bytes = { 0 } };

	memcpy(id.bytes, bytes, len);
	return id;
}

/* By their bytes, for qsort and bsearch: of two ids, or of structs that start with one. */
int oid_compare(const void *a, const void *b);
/* Whether it is among so many sorted ids. */
bool oid_is_among(const struct oid *id, const struct oid *sorted, size_t count);

/* Reads 2 * len hex digits, the whole view. 0, or -1 when it is none. */
[[nodiscard]] int oid_parse(struct view hex, size_t len, struct oid *ret);
/* Writes the id, len raw bytes, as lower-case hex, terminated. */
void oid_hex(const struct oid *id, size_t len, char ret[static OID_HEX_BYTES]);

#endif
