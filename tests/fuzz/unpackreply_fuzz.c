/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever skant-unpack answers, in whatever parts it comes: members begin and end in turn, and stay within the
 * limits. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/source/archive_words.h"
#include "scanner/source/member.h"
#include "scanner/source/unpackreply.h"

#define ENTRIES 8
#define BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	struct member member;
	uint64_t entries, bytes;
	bool in_entry;
};

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void take_entry(void *context, struct view path, size_t own_len)
{
	struct told *t = context;

	check(!t->in_entry && ++t->entries <= ENTRIES && own_len <= path.len);
	check(member_name(&t->member, path, own_len) == 0 && t->member.item.own_len > 0);
	check(t->member.item.name.len <= t->member.item.own_len);
	t->in_entry = true;
}

static void take_data(void *context, struct view bytes)
{
	struct told *t = context;

	check(t->in_entry && (t->bytes += bytes.len) <= BYTES);
}

static void take_end(void *context)
{
	struct told *t = context;

	check(t->in_entry);
	t->in_entry = false;
}

static void take_unread(void *context, struct view path, size_t own_len, enum unpack_trouble trouble, struct view text)
{
	static const struct unpack_request asked = { .depth = 2 };
	DEFER(buf_done) struct buf words = BUF_INIT(ERR_TEXT_BYTES);
	const struct told *t = context;

	check(!t->in_entry && own_len <= path.len && text.len <= UNPACK_TEXT_BYTES);
	check(archive_add_words(&words, trouble, &asked, text) == 0);
	for (size_t i = 0; i < words.len; i++)
		check((unsigned char)words.ptr[i] >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct item container = { .folder = VIEW_NONE, .name = { "a", 1 } };
	const struct unpack_request asked = { .entries = ENTRIES, .bytes = BYTES };
	struct told told = { .entries = 0 };
	struct unpackreply_ops ops = {
		.entry = take_entry, .data = take_data, .end = take_end, .unread = take_unread, .context = &told
	};
	struct unpackreply r = { .asked = &asked, .ops = &ops };
	size_t first = size ? data[0] % size : 0; /* it comes in two parts */
	struct view bytes = view_from(data, first);
	int status;

	member_init(&told.member, &container, NULL);
	status = unpackreply_take(&r, &bytes, NULL);
	if (status == 0) {
		bytes = view_from(bytes.ptr, (size_t)((const char *)data + size - bytes.ptr));
		status = unpackreply_take(&r, &bytes, NULL);
	}
	check(status != 1 || (r.status && !told.in_entry));
	member_done(&told.member);
	return 0;
}
