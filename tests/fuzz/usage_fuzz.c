/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of usage records: what the reader for most lines takes, the one for all takes as well, as the same record, and
 * what either takes is JSON. The first one keeps what it learned from the lines before. */
#include <stdlib.h>
#include <string.h>

#include "admin/usage_record.h"
#include "common/base/text.h"
#include "common/sys/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_same(const struct usage_record *a, const struct usage_record *b)
{
	for (unsigned i = 0; i < USAGE_TEXTS; i++)
		check(text_eq(a->texts[i], b->texts[i]));
	check(a->unix_s == b->unix_s);
	check(memcmp(&a->tokens, &b->tokens, sizeof(a->tokens)) == 0);
	check(a->is_batch == b->is_batch && a->is_us == b->is_us && a->is_fast == b->is_fast);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(usage_reader_freep) struct usage_reader *plain = usage_reader_new(), *any = usage_reader_new();
	struct view rest = view_from(data, size), line;

	check(plain && any);
	while (text_next_line(&rest, &line)) {
		struct usage_record fast, slow;
		struct err err = ERR_INIT;
		struct view value;
		size_t at = SIZE_MAX;
		int status = usage_record_read_any(any, line, &slow, &at, &err);

		check((status == 0) == (err.kind == ERR_NONE));
		check(status == 0 || at <= line.len);
		check(status || json_whole(line, &value, NULL) == 0);
		if (line.len && usage_record_read_plain(plain, line, &fast) == 0) {
			check(status == 0);
			check_same(&fast, &slow);
		}
	}
	return 0;
}
