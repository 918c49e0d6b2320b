/* SPDX-License-Identifier: Apache-2.0 */
/* Entries have no table of their places, and most of a large index is folders that nothing changed in: reading each of
 * 78,000 entries to pass over them costs more than all else. So places are found by their looks.
 *
 * Entries start at multiples of 8 bytes behind the head. At such a place there is an entry when the two bytes of zeros
 * and the file mode are where they belong, the path is as long as the flags say, and NULs fill it up to the next
 * multiple. No path has a NUL in it, so whatever looks like an entry within one ends where the true one ends; what
 * would have to start in numbers (times, device, owner, id) leads to a next place that has to look like an entry too.
 * That is why not the first place that looks right is taken, but the one behind it, and only when that looks right as
 * well. */
#include "common/base/text.h"
#include "scanner/source/git/be.h"
#include "scanner/source/git/gitindex_read.h"

#define ALIGN 8
#define ENTRY_BYTES_MAX (64u << 10) /* how far the next entry is looked for */
#define ENTRY_BYTES_USUAL 84        /* of an entry without the folder that it is in */
#define NEAR_BYTES 4096             /* at such a distance entries are read one by one */
#define TREE_SHARE_FIRST 32         /* the extension TREE is looked for in the last 32nd, then the last 16th ... */
#define TREE_SHARE 4                /* ... up to the last quarter */

static bool is_mode(uint32_t mode)
{
	return mode == 0100644 || mode == 0100755 || mode == GITINDEX_MODE_LINK || mode == GITINDEX_MODE_MODULE;
}

/* The place behind what looks like an entry; 0 when it does not. */
static size_t look(const struct gitindex *x, struct view v, size_t at)
{
	struct gitindex_entry e;
	size_t path_at, end, said;

	if (v.len < at || v.len - at < ENTRY_BYTES_MIN || !is_mode(be32(v.ptr + at + MODE_AT)))
		return 0;
	path_at = gitindex_read_fixed(x, v, at, &e);
	said = path_at ? e.path.len : 0;
	end = said ? gitindex_read_padded(v, at, path_at, &e) : 0;
	if (!end || e.path.len < said || text_find_byte(e.path, '\0') != SIZE_MAX)
		return 0;
	for (const char *pad = e.path.ptr + e.path.len; pad < v.ptr + end; pad++)
		if (*pad)
			return 0;
	return end;
}

size_t gitindex_find_entry(const struct gitindex *x, size_t from, size_t end)
{
	struct view v = view_sub(gitindex_content(x), 0, end);
	size_t at = HEAD_BYTES + (from - HEAD_BYTES + ALIGN - 1) / ALIGN * ALIGN;

	for (size_t last = at + ENTRY_BYTES_MAX; at < last && at < end; at += ALIGN) {
		size_t next = look(x, v, at);

		if (next && (next == end || look(x, v, next)))
			return next;
	}
	return 0;
}

static bool has_prefix(const struct gitindex *x, struct view v, size_t at, struct view prefix)
{
	struct gitindex_entry e;
	size_t path_at = gitindex_read_fixed(x, v, at, &e);

	return path_at && gitindex_read_padded(v, at, path_at, &e) && text_starts(e.path, prefix);
}

/* Far behind what they are said to take there is nothing to be expected, so each try is a few entries before the place
 * where they should end, and the next one is twice as far from it. */
size_t gitindex_leap(const struct gitindex *x, size_t at, struct view prefix, uint32_t count)
{
	struct view v = view_sub(gitindex_content(x), 0, x->entries_end);
	size_t low = at, high = v.len, span = (size_t)count * (ENTRY_BYTES_USUAL + prefix.len), stride = span / 16;

	for (size_t try = at + span - stride; high - low > NEAR_BYTES; stride *= 2) {
		size_t found;

		if (try <= low || try >= high)
			try = low + (high - low) / 2;
		found = gitindex_find_entry(x, try, v.len);
		if (found && found < high && has_prefix(x, v, found, prefix)) {
			low = found;
			try = low + stride;
		} else {
			high = try;
			try = high > stride ? high - stride : 0;
		}
	}
	return low;
}

/* Whether entries that are near before the place lead exactly to it. */
static bool ends_entries(const struct gitindex *x, size_t end)
{
	size_t from = end - HEAD_BYTES > ENTRY_BYTES_MAX ? end - ENTRY_BYTES_MAX : HEAD_BYTES;
	size_t at = gitindex_find_entry(x, from, end);
	struct view v = view_sub(gitindex_content(x), 0, end);

	while (at && at < end)
		at = look(x, v, at);
	return at == end;
}

/* The first place from `from` on that is the extension's head. 0 when there is none. */
static size_t find_head(const struct gitindex *x, size_t from)
{
	struct view v = gitindex_content(x);

	for (;;) {
		size_t at = text_find(view_sub(v, from, v.len), VIEW("TREE"));

		if (at == SIZE_MAX)
			return 0;
		at += from;
		if (at % ALIGN == HEAD_BYTES % ALIGN && v.len - at >= EXTENSION_HEAD_BYTES &&
		    be32(v.ptr + at + 4) <= v.len - at - EXTENSION_HEAD_BYTES && ends_entries(x, at))
			return at;
		from = at + 1;
	}
}

size_t gitindex_find_tree(const struct gitindex *x)
{
	size_t len = gitindex_content(x).len, at = 0;

	for (size_t share = TREE_SHARE_FIRST; !at && share >= TREE_SHARE; share /= 2)
		at = find_head(x, len - len / share);
	return at;
}
