/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns for Python stay in their quotes, and the words of --log-opts are such as git may be given. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/pyregex.h"
#include "scanner/source/git/logopts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_pattern(struct view pattern)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PYREGEX_BYTES);
	size_t backslashes = 0;

	if (pyregex_add(&out, pattern)) {
		check(out.len == 0);
		return;
	}
	for (size_t i = 0; i < out.len; i++)
		check(out.ptr[i] >= ' ' && out.ptr[i] <= '~' && out.ptr[i] != '"' && out.ptr[i] != '\'');
	while (backslashes < out.len && out.ptr[out.len - 1 - backslashes] == '\\')
		backslashes++;
	check(backslashes % 2 == 0); /* else it would take the quote behind it along */
}

static void check_words(const char *text)
{
	struct err err = ERR_INIT;
	struct logopts l;

	if (logopts_read(text, &l, &err)) {
		check(err.kind == ERR_USAGE && err.text[0]);
		return;
	}
	check(l.count <= LOGOPTS_WORDS_MAX);
	for (size_t i = 0; i < l.count && strcmp(l.words[i], "--") != 0; i++)
		check(!text_starts(view_of(l.words[i]), VIEW("--output")) ||
		      (i && l.words[i - 1][0] == '-')); /* the value of an option */
	logopts_done(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = size <= LOGOPTS_BYTES / 2 ? strndup((const char *)data, size) : NULL;

	if (!text)
		return 0;
	check_pattern(view_of(text));
	check_words(text);
	free(text);
	return 0;
}
