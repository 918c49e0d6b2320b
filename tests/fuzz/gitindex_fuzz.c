/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a byte that says SHA-1 or SHA-256, then an index without its checksum. One that is opened gives all of its
 * entries, in order, and folders that lie within each other. */
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
	DEFER(buf_done) struct buf last = BUF_INIT(SIZE_MAX / 2);
	struct gitindex_cursor c;
	uint32_t seen = 0;

	if (gitindex_start(x, &c, NULL))
		abort();
	for (; gitindex_next(&c); seen++) {
		if (text_cmp(buf_view(&last), c.entry.path) >= (c.entry.stage ? 1 : 0))
			abort();
		buf_clear(&last);
		if (buf_add(&last, c.entry.path) || oid_from(c.entry.id, x->hash_len).bytes[0] != c.entry.id[0])
			abort();
	}
	gitindex_end(&c);
	if (seen != x->count)
		abort();
}

static void check_folders(const struct gitindex *x)
{
	for (size_t i = 0; i < x->folder_count; i++)
		if (x->folders[i].next <= i || x->folders[i].next > x->folder_count ||
		    x->folders[i].children >= x->folders[i].next - i)
			abort();
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
	if (gitindex_open(path, hash_len, &x, NULL) == 0) {
		if (x.foreign.kind == ERR_NONE)
			check_entries(&x);
		check_folders(&x);
		gitindex_done(&x);
	}
	(void)close(fd);
	return 0;
}
