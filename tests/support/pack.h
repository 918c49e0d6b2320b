/* SPDX-License-Identifier: Apache-2.0 */
/* For tests and fuzzers: packs, indexes and deltas put together by hand, for what git would never write. Ids are made
 * up: nobody rehashes them. */
#ifndef TESTS_SUPPORT_PACK_H
#define TESTS_SUPPORT_PACK_H

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "common/base/buf.h"
#include "common/base/grow.h"
#include "common/sys/file.h"
#include "scanner/source/git/object.h"

#define PACK_BYTES ((size_t)1 << 31)
#define PACK_OFS_DELTA 6
#define PACK_REF_DELTA 7

struct made_entry {
	struct oid id;
	uint64_t at;
};

struct made_pack {
	struct buf pack;
	struct made_entry *entries;
	uint32_t count;
	size_t cap, hash_len;
};

/* A failure here is the test's own: there is no way on. */
static inline void pack_need(bool holds)
{
	if (!holds)
		abort();
}

/* The id that a test calls n. */
static inline struct oid pack_id(unsigned n)
{
	struct oid id = { .bytes = { (unsigned char)(n * 37), (unsigned char)(n >> 24), (unsigned char)(n >> 16),
				     (unsigned char)(n >> 8), (unsigned char)n, 0x5a } };

	return id;
}

static inline void pack_add_be32(struct buf *out, uint32_t n)
{
	n = htobe32(n);
	pack_need(buf_add(out, view_from(&n, sizeof(n))) == 0);
}

static inline void pack_add_be64(struct buf *out, uint64_t n)
{
	n = htobe64(n);
	pack_need(buf_add(out, view_from(&n, sizeof(n))) == 0);
}

static inline void pack_begin(struct made_pack *m)
{
	*m = (struct made_pack){ .pack = BUF_INIT(PACK_BYTES), .hash_len = OID_SHA1_BYTES };
	pack_need(buf_add(&m->pack, view_from("PACK\0\0\0\2\0\0\0\0", 12)) == 0);
}

static inline void pack_done(struct made_pack *m)
{
	buf_done(&m->pack);
	free(m->entries);
	*m = (struct made_pack){ .count = 0 };
}

/* Notes that the object called id starts at an offset. */
static inline void pack_note(struct made_pack *m, struct oid id, uint64_t at)
{
	struct made_entry *entries = grow_items(m->entries, m->count, &m->cap, sizeof(*entries));

	pack_need(entries != NULL);
	m->entries = entries;
	m->entries[m->count++] = (struct made_entry){ .id = id, .at = at };
}

/* Appends an object's head: its type and the size that it claims. Where it starts. */
static inline uint64_t pack_add_head(struct made_pack *m, unsigned type, uint64_t size)
{
	uint64_t at = m->pack.len, rest = size >> 4;
	unsigned byte = type << 4 | (unsigned)(size & 15);

	for (; rest; rest >>= 7) {
		pack_need(buf_add_byte(&m->pack, (char)(byte | 0x80)) == 0);
		byte = (unsigned)(rest & 0x7f);
	}
	pack_need(buf_add_byte(&m->pack, (char)byte) == 0);
	return at;
}

/* Appends content as a zlib stream. */
static inline void pack_add_stream(struct buf *out, struct view content)
{
	uLongf len = compressBound(content.len);
	Bytef *packed = malloc(len);

	pack_need(packed &&
		  compress2(packed, &len, (const Bytef *)(content.ptr ? content.ptr : ""), content.len, 1) == Z_OK);
	pack_need(buf_add(out, view_from(packed, len)) == 0);
	free(packed);
}

static inline uint64_t pack_add(struct made_pack *m, struct oid id, unsigned type, struct view content)
{
	uint64_t at = pack_add_head(m, type, content.len);

	pack_note(m, id, at);
	pack_add_stream(&m->pack, content);
	return at;
}

static inline uint64_t pack_add_ref(struct made_pack *m, struct oid id, struct oid base, struct view delta)
{
	uint64_t at = pack_add_head(m, PACK_REF_DELTA, delta.len);

	pack_note(m, id, at);
	pack_need(buf_add(&m->pack, view_from(base.bytes, m->hash_len)) == 0);
	pack_add_stream(&m->pack, delta);
	return at;
}

/* The distance back to a base (gitformat-pack(5), "offset encoding"). */
static inline void pack_add_distance(struct buf *out, uint64_t distance)
{
	char bytes[16];
	size_t at = sizeof(bytes);

	bytes[--at] = (char)(distance & 0x7f);
	while (distance >>= 7)
		bytes[--at] = (char)(0x80 | (--distance & 0x7f));
	pack_need(buf_add(out, view_from(bytes + at, sizeof(bytes) - at)) == 0);
}

static inline uint64_t pack_add_ofs(struct made_pack *m, struct oid id, uint64_t base, struct view delta)
{
	uint64_t at = pack_add_head(m, PACK_OFS_DELTA, delta.len);

	pack_note(m, id, at);
	pack_add_distance(&m->pack, at - base);
	pack_add_stream(&m->pack, delta);
	return at;
}

static inline int pack_by_id(const void *a, const void *b)
{
	return memcmp(a, b, OID_MAX_BYTES);
}

/* Appends the index of what was noted: offsets from large on stand in the table of 64-bit ones. */
static inline void pack_make_idx_from(struct made_pack *m, uint64_t large, struct buf *idx)
{
	struct buf table = BUF_INIT(PACK_BYTES);
	uint32_t sum = 0;

	if (m->count)
		qsort(m->entries, m->count, sizeof(*m->entries), pack_by_id);
	pack_need(buf_add(idx, view_from("\377tOc\0\0\0\2", 8)) == 0);
	for (unsigned byte = 0; byte < 256; byte++) {
		while (sum < m->count && m->entries[sum].id.bytes[0] == byte)
			sum++;
		pack_add_be32(idx, sum);
	}
	for (uint32_t i = 0; i < m->count; i++)
		pack_need(buf_add(idx, view_from(m->entries[i].id.bytes, m->hash_len)) == 0);
	for (uint32_t i = 0; i < m->count; i++)
		pack_add_be32(idx, 0);
	for (uint32_t i = 0; i < m->count; i++) {
		if (m->entries[i].at < large) {
			pack_add_be32(idx, (uint32_t)m->entries[i].at);
			continue;
		}
		pack_add_be32(idx, 0x80000000u | (uint32_t)(table.len / 8));
		pack_add_be64(&table, m->entries[i].at);
	}
	pack_need(buf_add(idx, buf_view(&table)) == 0);
	for (size_t i = 0; i < 2 * m->hash_len; i++)
		pack_need(buf_add_byte(idx, 0) == 0);
	buf_done(&table);
}

static inline void pack_make_idx(struct made_pack *m, struct buf *idx)
{
	pack_make_idx_from(m, 0x80000000u, idx);
}

/* Ends the pack: sets the number of objects, adds a trailer (nobody looks at the digest). */
static inline void pack_end(struct made_pack *m)
{
	uint32_t count = htobe32(m->count);

	memcpy(m->pack.ptr + 8, &count, sizeof(count));
	for (size_t i = 0; i < m->hash_len; i++)
		pack_need(buf_add_byte(&m->pack, 0) == 0);
}

static inline void pack_write_file(const char *path, const char *ending, struct view bytes)
{
	struct buf full = BUF_INIT(4096);
	int fd;

	pack_need(buf_addf(&full, "%s%s", path, ending) == 0);
	fd = open(full.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pack_need(fd >= 0 && file_write_full(fd, bytes) == 0 && close(fd) == 0);
	buf_done(&full);
}

/* Ends the pack and writes PATH.pack and PATH.idx. */
static inline void pack_write(struct made_pack *m, const char *path)
{
	struct buf idx = BUF_INIT(PACK_BYTES);

	pack_end(m);
	pack_make_idx(m, &idx);
	pack_write_file(path, ".pack", buf_view(&m->pack));
	pack_write_file(path, ".idx", buf_view(&idx));
	buf_done(&idx);
}

static inline void delta_add_size(struct buf *out, uint64_t size)
{
	for (; size > 0x7f; size >>= 7)
		pack_need(buf_add_byte(out, (char)(0x80 | (size & 0x7f))) == 0);
	pack_need(buf_add_byte(out, (char)size) == 0);
}

static inline void delta_begin(struct buf *out, uint64_t base, uint64_t result)
{
	*out = (struct buf)BUF_INIT(PACK_BYTES);
	delta_add_size(out, base);
	delta_add_size(out, result);
}

/* len at most 0xffffff; 0x10000 is written as git does, without a size. */
static inline void delta_add_copy(struct buf *out, uint32_t from, uint32_t len)
{
	char bytes[8] = { 0 };
	size_t n = 1;
	unsigned op = 0x80;

	for (unsigned i = 0; i < 4; i++) {
		if (!(from >> 8 * i & 0xff))
			continue;
		op |= 1u << i;
		bytes[n++] = (char)(from >> 8 * i & 0xff);
	}
	for (unsigned i = 0; i < 3 && len != 0x10000; i++) {
		if (!(len >> 8 * i & 0xff))
			continue;
		op |= 0x10u << i;
		bytes[n++] = (char)(len >> 8 * i & 0xff);
	}
	bytes[0] = (char)op;
	pack_need(buf_add(out, view_from(bytes, n)) == 0);
}

/* At most 127 bytes. */
static inline void delta_add_insert(struct buf *out, struct view v)
{
	pack_need(v.len > 0 && v.len < 0x80 && buf_add_byte(out, (char)v.len) == 0 && buf_add(out, v) == 0);
}

#endif
