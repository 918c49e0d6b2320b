/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/oid.h"

#include <stdlib.h>

#include "common/base/digest.h"

int oid_compare(const void *a, const void *b)
{
	return memcmp(a, b, OID_MAX_BYTES);
}

bool oid_is_among(const struct oid *id, const struct oid *sorted, size_t count)
{
	return count && bsearch(id, sorted, count, sizeof(*id), oid_compare) != NULL;
}

int oid_parse(struct view hex, size_t len, struct oid *ret)
{
	struct oid id = { .bytes = { 0 } };

	if (digest_read_hex(hex, id.bytes, len))
		return -1;
	*ret = id;
	return 0;
}

void oid_hex(const struct oid *id, size_t len, char ret[static OID_HEX_BYTES])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[id->bytes[i] >> 4];
		ret[2 * i + 1] = digits[id->bytes[i] & 15];
	}
	ret[2 * len] = '\0';
}
