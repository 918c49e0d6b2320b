/* SPDX-License-Identifier: Apache-2.0 */
/* Input: flags in the first byte, then the pattern, a NUL, the text. */
#include "common/base/glob.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pattern that is the text, each byte of it made literal, matches unless case is folded. */
static void check_literal(struct view text, unsigned flags)
{
	DEFER(buf_done) struct buf pattern = BUF_INIT(SIZE_MAX);

	for (size_t i = 0; i < text.len; i++)
		if (buf_add_byte(&pattern, '\\') || buf_add_byte(&pattern, text.ptr[i]))
			abort();
	if (text.len < 4096 && !glob_match(buf_view(&pattern), text, flags & GLOB_PATH))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest, pattern, text;
	unsigned flags;
	size_t end;

	if (size == 0)
		return 0;
	flags = data[0] & (GLOB_PATH | GLOB_NOCASE);
	rest = view_from(data + 1, size - 1);
	end = text_find_byte(rest, '\0');
	pattern = view_sub(rest, 0, end);
	text = end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + 1, rest.len);
	/* What stops at a slash matches no more than what does not. */
	if (glob_match(pattern, text, flags | GLOB_PATH) && !glob_match(pattern, text, flags & ~(unsigned)GLOB_PATH) &&
	    text_find(pattern, VIEW("**/")) == SIZE_MAX)
		abort();
	(void)glob_path(pattern, text);
	check_literal(text, flags);
	return 0;
}
