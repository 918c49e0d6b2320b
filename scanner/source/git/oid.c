/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/oid.h"

#include <stdlib.h>

int oid_compare(const void *a, const void *b)
{
	return memcmp(a, b, OID_MAX_BYTES);
}

bool oid_is_among(const struct oid *id, const struct oid *sorted, size_t count)
{
	return count && bsearch(id, sorted, count, sizeof(*id), oid_compare) != NULL;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int oid_parse(struct view hex, size_t len, struct oid *ret)
{
	struct oid id = { .bytes = { 0 } };

	if (hex.len != 2 * len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int high = digit(hex.ptr[2 * i]), low = digit(hex.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		id.bytes[i] = (unsigned char)(high << 4 | low);
	}
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
