/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a report says, the commands made of it hold nothing but what was meant: each line of them is complete, and
 * nothing in them is a control byte. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/found.h"
#include "scanner/rewrite.h"
#include "tests/support/builtinrules.h"

#define OUTPUT_BYTES (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_ids(const struct textset *ids)
{
	for (size_t i = 0; i < ids->count; i++)
		check(strspn(ids->items[i], "0123456789abcdef") == strlen(ids->items[i]) &&
		      (strlen(ids->items[i]) == 40 || strlen(ids->items[i]) == 64));
}

static void check_commands(const struct found *f)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES);
	struct rewrite r = { .strip = &f->strip,
			     .straight = &f->straight,
			     .in_blobs = f->in_blobs,
			     .in_messages = f->in_messages,
			     .in_people = f->in_people };

	check(textset_add(&r.patterns, VIEW("a[b]")) == 0);
	check(rewrite_add(&out, &r) == 0);
	for (size_t i = 0; i < out.len; i++)
		check((unsigned char)out.ptr[i] >= ' ' || out.ptr[i] == '\n');
	check(text_find(buf_view(&out), VIEW("update-ref -d 'refs/heads/")) == SIZE_MAX);
	textset_done(&r.patterns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct found found;

	if (found_read(&found, view_from(data, size), builtin_rules(), NULL, &err)) {
		check(err.kind == ERR_USAGE && err.text[0]);
		return 0;
	}
	for (size_t i = 1; i < found.key_count; i++)
		check(strcmp(found.keys[i - 1].id, found.keys[i].id) < 0);
	check_ids(&found.strip);
	check_commands(&found);
	found_done(&found);
	return 0;
}
