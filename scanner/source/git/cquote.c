/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/cquote.h"

#include <string.h>

/* What a backslash and the text behind it stand for, in the quotes of C. Takes it off *rest. */
static char unescape(struct view *rest)
{
	static const char letters[] = "abfnrtv", meanings[] = "\a\b\f\n\r\t\v";
	size_t taken = 1;
	unsigned code = 0;
	char c = rest->ptr[0];
	const char *letter = memchr(letters, c, sizeof(letters) - 1);

	if (letter)
		c = meanings[letter - letters];
	if (c >= '0' && c <= '3') {
		for (taken = 0; taken < 3 && taken < rest->len; taken++)
			code = code * 8 + ((unsigned)(unsigned char)rest->ptr[taken] & 7);
		c = (char)code;
	}
	*rest = view_sub(*rest, taken, rest->len);
	return c;
}

char *cquote_next(struct view *rest, char end)
{
	DEFER(buf_done) struct buf out = BUF_INIT(rest->len + 1);
	bool is_quoted = rest->ptr[0] == '"';

	if (is_quoted)
		*rest = view_sub(*rest, 1, rest->len);
	while (rest->len && rest->ptr[0] != (is_quoted ? '"' : end)) {
		char c = rest->ptr[0];

		*rest = view_sub(*rest, 1, rest->len);
		if (is_quoted && c == '\\' && rest->len)
			c = unescape(rest);
		if (buf_add_byte(&out, c))
			return NULL;
	}
	if (is_quoted && rest->len)
		*rest = view_sub(*rest, 1, rest->len);
	if (rest->len && rest->ptr[0] == end)
		*rest = view_sub(*rest, 1, rest->len);
	return buf_detach(&out);
}
