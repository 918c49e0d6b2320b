/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

/* Cleans text and stores it; what does not fit ends in "...". Works without memory, less cleanly. */
static void store(struct err *err, const char *text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(8 * ERR_TEXT_BYTES);
	int len;

	if (text_add_clean(&clean, view_of(text)) || !clean.ptr)
		len = snprintf(err->text, sizeof(err->text), "(an error that cannot be shown: out of memory)");
	else
		len = snprintf(err->text, sizeof(err->text), "%s", clean.ptr);
	if (len >= (int)sizeof(err->text)) {
		char *end = err->text + sizeof(err->text) - 4;

		while (((unsigned char)*end & 0xC0) == 0x80)
			end--; /* a character is shown whole or not at all */
		memcpy(end, "...", 4);
	}
}

int err_set(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...)
{
	char text[2 * ERR_TEXT_BYTES];
	const char *reason = strerrordesc_np(errnum);
	va_list args;
	int len;

	if (!err)
		return -1;
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (errnum && len >= 0 && (size_t)len < sizeof(text))
		(void)snprintf(text + len, sizeof(text) - (size_t)len, ": %s", reason ? reason : "unknown error");
	err->kind = kind;
	err->errnum = errnum;
	store(err, text);
	return -1;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char text[3 * ERR_TEXT_BYTES];
	va_list args;
	int len;

	if (!err)
		return -1;
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof(text))
		(void)snprintf(text + len, sizeof(text) - (size_t)len, ": %s", err->text);
	store(err, text);
	return -1;
}

int err_nomem(struct err *err)
{
	static const char text[] = "out of memory";

	if (!err)
		return -1;
	err->kind = ERR_NOMEM;
	err->errnum = 0;
	memcpy(err->text, text, sizeof(text));
	return -1;
}
