/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a flag byte, then a configuration file, or the text of GIT_CONFIG_PARAMETERS. What is read has canonical keys
 * (but a NUL in a subsection ends its key, as in git), and reads the same again. */
#include "scanner/source/git/gitconfig_parse.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define KEY_BYTES (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t count;
	unsigned line;
	bool has_nul; /* the input */
};

static int take(void *context, const char *key, const char *value, unsigned line, struct err *)
{
	DEFER(buf_done) struct buf again = BUF_INIT(KEY_BYTES);
	struct seen *s = context;

	if (line < s->line || (value && strlen(value) >= KEY_BYTES))
		abort();
	s->count++;
	s->line = line;
	/* a file may hold keys without a section, and subsections of more than one line: nothing else */
	if (!s->has_nul && gitconfig_canonical(view_of(key), &again, NULL) == 0 &&
	    !text_eq(buf_view(&again), view_of(key)))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen first = { .count = 0 }, second = { .count = 0 };
	struct err err = ERR_INIT;
	struct view text;
	int ret;

	if (size == 0 || size > KEY_BYTES)
		return 0;
	text = view_from(data + 1, size - 1);
	first.has_nul = second.has_nul = text_find_byte(text, '\0') != SIZE_MAX;
	if (data[0] & 1) {
		ret = gitconfig_parse_parameters(text, take, &first, &err);
	} else {
		ret = gitconfig_parse(text, "file", take, &first, &err);
		if (ret != gitconfig_parse(text, "file", take, &second, NULL) || first.count != second.count)
			abort();
	}
	if ((ret == 0) != (err.kind == ERR_NONE))
		abort();
	return 0;
}
