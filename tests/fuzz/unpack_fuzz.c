/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a container holds: members begin and end in turn with paths that are some, and the limits hold. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/unpack/unpack.h"

#define BYTES (1u << 20)
#define ENTRIES 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void); /* NOLINT(bugprone-reserved-identifier): asked for by that name */

/* What a header says is long is asked for at once: skant-unpack has no such memory either. */
const char *__asan_default_options(void) /* NOLINT(bugprone-reserved-identifier) */
{
	return "max_allocation_size_mb=88:allocator_may_return_null=1";
}

struct told {
	uint64_t entries, bytes;
	bool in_entry;
};

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static int64_t read_at(void *context, void *to, size_t len, uint64_t at)
{
	const struct view *all = context;
	struct view part = view_sub(*all, at < SIZE_MAX ? (size_t)at : SIZE_MAX, len);

	if (part.len)
		memcpy(to, part.ptr, part.len);
	return (int64_t)part.len;
}

static const char *map(void *context)
{
	const struct view *all = context;

	return all->ptr;
}

static void take_entry(void *context, struct view path, size_t own_len)
{
	struct told *t = context;

	check(!t->in_entry && own_len <= path.len && path.len <= UNPACK_NAME_BYTES);
	check((own_len == 0) == (path.len == 0) && text_find_byte(path, '\0') == SIZE_MAX);
	check(++t->entries <= ENTRIES);
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
	const struct told *t = context;

	check(!t->in_entry && own_len <= path.len && path.len <= UNPACK_NAME_BYTES && text.len <= UNPACK_TEXT_BYTES);
	check(trouble > 0 && trouble < UNPACK_TROUBLES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct unpack_request limits = { .depth = 3, .ratio = 1000, .bytes = BYTES, .entries = ENTRIES };
	struct view all = view_from(data, size);
	struct unpack_input in = { .read_at = read_at, .map = map, .context = &all, .size = size };
	struct told told = { .entries = 0 };
	struct unpack_ops ops = {
		.entry = take_entry, .data = take_data, .end = take_end, .unread = take_unread, .context = &told
	};
	enum unpack_status status = unpack_run(&in, &limits, &ops);

	check(!told.in_entry && (status == UNPACK_READ || (status == UNPACK_NOTHING && told.entries == 0)));
	return 0;
}
