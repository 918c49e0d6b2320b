/* SPDX-License-Identifier: Apache-2.0 */
/* Input: flags in the first byte, then a path, a NUL, the ignore file. What the whole file says has to be what its
 * lines say one by one: that of the last that says anything. */
#include "scanner/source/ignore.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/text.h"

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum ignore_verdict verdict_of(struct view text, struct view path, bool is_folder, bool nocase)
{
	struct ignore_file *file = ignore_parse(text, nocase);
	struct ignore_scope scope = { .file = file };
	enum ignore_verdict verdict;

	if (!file)
		abort();
	verdict = ignore_match(file, path, is_folder);
	if (verdict != ignore_scope_match(&scope, path, is_folder))
		abort();
	ignore_free(file);
	return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum ignore_verdict last = IGNORE_NONE, whole;
	struct view rest, path, text, line;
	bool is_folder, nocase;
	size_t end, lines = 0;

	if (size == 0)
		return 0;
	is_folder = data[0] & 1;
	nocase = data[0] & 2;
	rest = view_from(data + 1, size - 1);
	end = text_find_byte(rest, '\0');
	path = view_sub(rest, 0, end);
	text = end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + 1, rest.len);
	whole = verdict_of(text, path, is_folder, nocase);
	/* A line by itself is a file: a byte order mark and a second CR mean something else there. */
	if (text_find(text, VIEW("\xEF\xBB\xBF")) != SIZE_MAX || text_find_byte(text, '\r') != SIZE_MAX)
		return 0;
	while (text_next_line(&text, &line)) {
		enum ignore_verdict verdict = verdict_of(line, path, is_folder, nocase);

		if (++lines > LINES_MAX)
			return 0;
		if (verdict != IGNORE_NONE)
			last = verdict;
	}
	if (whole != last)
		abort();
	return 0;
}
