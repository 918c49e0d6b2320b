/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/ziplist.h"

#include <unistd.h>

#include "common/base/text.h"

#define END_MARK VIEW("PK\5\6")
#define END_BYTES 22                        /* of the record at the end, without the comment */
#define END_SIZE_AT 12                      /* in it: how long the list is */
#define TAIL_BYTES (64u * 1024 + END_BYTES) /* no comment is longer */

static uint32_t number_at(struct view v, size_t at)
{
	uint32_t n = 0;

	for (size_t i = 4; i-- > 0;)
		n = n << 8 | (unsigned char)v.ptr[at + i];
	return n;
}

static struct view read_tail(int fd, uint64_t size, char *buffer, size_t len)
{
	ssize_t n;

	if (len > size)
		len = (size_t)size;
	n = pread(fd, buffer, len, (off_t)(size - len));
	return n == (ssize_t)len ? view_from(buffer, len) : VIEW_NONE;
}

/* Where the record at the end starts; SIZE_MAX: there is none. */
static size_t find_end(struct view tail)
{
	for (size_t at = tail.len; at-- > 0;)
		if (tail.len - at >= END_BYTES && text_starts(view_sub(tail, at, tail.len), END_MARK))
			return at;
	return SIZE_MAX;
}

struct view ziplist_read(int fd, uint64_t size, char *buffer, size_t room)
{
	struct view tail = read_tail(fd, size, buffer, room < TAIL_BYTES ? room : TAIL_BYTES);
	size_t end = find_end(tail), behind;
	uint32_t len;

	if (end == SIZE_MAX)
		return VIEW_NONE;
	len = number_at(tail, end + END_SIZE_AT);
	if (len <= end)
		return view_sub(tail, end - len, tail.len);
	behind = tail.len - end;
	return read_tail(fd, size, buffer, len < room - behind ? len + behind : room);
}
