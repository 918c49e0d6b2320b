/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a byte that says SHA-1 or SHA-256, then an index without its checksum. One that is opened gives all of its
 * entries, also where some are passed over, and folders that lie within each other. */
#include "scanner/source/git/gitindex.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entries(const struct gitindex *x)
{
	struct gitindex_cursor c;
	uint32_t seen = 0;
	unsigned sum = 0;

	if (gitindex_start(x, &c, NULL))
		abort();
	for (; gitindex_next(&c); seen++)
		for (size_t i = 0; i < c.entry.path.len; i++)
			sum += (unsigned char)c.entry.path.ptr[i] + c.entry.id[i % x->hash_len];
	gitindex_end(&c);
	if (seen != x->count || sum == 1)
		abort();
}

static void check_skips(const struct gitindex *x)
{
	struct gitindex_cursor c;
	uint32_t left;

	if (gitindex_start(x, &c, NULL))
		abort();
	left = c.left;
	for (uint32_t n = 0; gitindex_next(&c) && c.entry.path.len; n++) {
		DEFER(buf_done) struct buf prefix = BUF_INIT(SIZE_MAX / 2);

		if (buf_add(&prefix, view_sub(c.entry.path, 0, n % 3)) || c.left >= left)
			abort();
		left = c.left;
		if (gitindex_skip(&c, buf_view(&prefix), n) ? text_starts(c.entry.path, buf_view(&prefix)) : c.left)
			abort();
	}
	gitindex_end(&c);
}

static void check_folders(const struct gitindex *x)
{
	for (size_t i = 0; i < x->folder_count; i++)
		if (x->folders[i].next <= i || x->folders[i].next > x->folder_count ||
		    x->folders[i].children >= x->folders[i].next - i)
			abort();
}

/* An index whose entries nobody has looked at: it ends, and what it gives lies within it. */
static void pass_over(const struct gitindex *x)
{
	struct gitindex_cursor c;
	size_t at = 0;

	if (gitindex_start(x, &c, NULL))
		abort();
	for (uint32_t n = 0; gitindex_next(&c) && c.entry.path.len; n++) {
		struct view prefix = view_sub(c.entry.path, 0, n % 3);

		if (c.start < at || c.at > x->entries_end)
			abort();
		at = c.at;
		if (!gitindex_skip(&c, prefix, 1000 * (n % 2)))
			break;
	}
	gitindex_end(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char checksum[OID_SHA256_BYTES];
	struct gitindex x;
	char path[64];
	size_t hash_len;
	int fd;

	if (size == 0)
		return 0;
	hash_len = data[0] & 1 ? OID_SHA256_BYTES : OID_SHA1_BYTES;
	fd = memfd_create("index", MFD_CLOEXEC);
	if (fd < 0 || file_write_full(fd, view_from(data + 1, size - 1)) ||
	    file_write_full(fd, view_from(checksum, hash_len)))
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (gitindex_open(path, hash_len, 0, &x, NULL) == 0) {
		if (x.entries_end)
			pass_over(&x);
		gitindex_done(&x);
	}
	if (gitindex_open(path, hash_len, SIZE_MAX, &x, NULL) == 0) {
		if (x.foreign.kind == ERR_NONE) {
			check_entries(&x);
			check_skips(&x);
		}
		check_folders(&x);
		gitindex_done(&x);
	}
	(void)close(fd);
	return 0;
}
