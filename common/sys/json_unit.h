/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of json: the units of \u escapes (RFC 8259, section 7). */
#ifndef COMMON_SYS_JSON_UNIT_H
#define COMMON_SYS_JSON_UNIT_H

#include "common/base/text.h"

/* The unit of `uXXXX` at p, or -1. */
static inline int32_t json_unit_at(const char *p, const char *end)
{
	int32_t unit = 0;

	if (end - p < 5 || *p != 'u')
		return -1;
	for (size_t i = 1; i < 5; i++) {
		int digit = text_hex_value(p[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* Whether unit is one of the half of surrogates that starts at from. */
static inline bool json_is_half(int32_t unit, int32_t from)
{
	return unit >= from && unit < from + 0x400;
}

#endif
