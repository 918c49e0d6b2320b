/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/ziplist.h"

#include <errno.h>
#include <unistd.h>

#include "common/base/text.h"

#define END_MARK VIEW("PK\5\6")
#define END_BYTES 22   /* of the record at the end, without the comment */
#define END_SIZE_AT 12 /* in it: how long the list is, in 4 bytes */
#define END_TEXT_AT 20 /* in it: how long the comment is, in 2 bytes */

/* Two records before it, of archives that are too large for its numbers. */
#define LARGE_MARK VIEW("PK\6\6")
#define LARGE_BYTES 56
#define LARGE_SIZE_AT 40 /* in it: how long the list is, in 8 bytes */
#define LOCATOR_BYTES 20 /* of the other one, in between */

static uint64_t number_at(struct view v, size_t at, unsigned bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | (unsigned char)v.ptr[at + bytes];
	return n;
}

/* Where the record at the end starts: behind its comment is nothing; or else the last one. SIZE_MAX: there is none. */
static size_t find_end(struct view tail)
{
	size_t last = SIZE_MAX;

	for (size_t at = tail.len; at-- > 0;) {
		if (tail.len - at < END_BYTES || !text_starts(view_sub(tail, at, tail.len), END_MARK))
			continue;
		if (at + END_BYTES + number_at(tail, at + END_TEXT_AT, 2) == tail.len)
			return at;
		if (last == SIZE_MAX)
			last = at;
	}
	return last;
}

/* How long the list is that ends at a place in the tail, which goes back over the records of a large archive.
 * UINT64_MAX: that is not told. */
static uint64_t list_bytes(struct view tail, size_t *end)
{
	uint64_t told = number_at(tail, *end + END_SIZE_AT, 4);

	if (told < UINT32_MAX)
		return told;
	if (*end < LARGE_BYTES + LOCATOR_BYTES ||
	    !text_starts(view_sub(tail, *end - LOCATOR_BYTES - LARGE_BYTES, tail.len), LARGE_MARK))
		return UINT64_MAX;
	*end -= LOCATOR_BYTES + LARGE_BYTES;
	return number_at(tail, *end + LARGE_SIZE_AT, 8);
}

int ziplist_find(int fd, uint64_t size, char *buffer, uint64_t *ret_from)
{
	size_t len = size < ZIPLIST_TAIL_BYTES ? (size_t)size : ZIPLIST_TAIL_BYTES, end;
	struct view tail = view_from(buffer, len);
	uint64_t bytes, before;

	errno = 0;
	if (pread(fd, buffer, len, (off_t)(size - len)) != (ssize_t)len)
		return -1;
	end = find_end(tail);
	if (end == SIZE_MAX)
		return 0;
	bytes = list_bytes(tail, &end);
	before = size - len + end;
	if (bytes > before) /* not told, or wrong */
		bytes = before < ZIPLIST_GUESS_BYTES ? before : ZIPLIST_GUESS_BYTES;
	*ret_from = before - bytes;
	return 1;
}
