/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/estimate.h"

#include "common/base/text.h"

#define TOKEN_BYTES 4
#define IMAGE_BYTES 2048 /* no word is so long */

static bool is_base64(char c)
{
	return text_is_alnum(c) || c == '+' || c == '/' || c == '=';
}

uint64_t estimate_tokens(struct view body)
{
	uint64_t bytes = 0, images = 0;

	for (size_t i = 0; i < body.len;) {
		size_t start = i;

		while (i < body.len && is_base64(body.ptr[i]))
			i++;
		if (i - start >= IMAGE_BYTES)
			images++;
		else
			bytes += i - start;
		if (i < body.len) {
			bytes++;
			i++;
		}
	}
	return bytes / TOKEN_BYTES + images * ESTIMATE_IMAGE_TOKENS;
}
