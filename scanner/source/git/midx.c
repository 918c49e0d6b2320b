/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/midx.h"

#include "common/base/text.h"
#include "common/sys/map.h"
#include "scanner/source/git/be.h"

#define PATH_BYTES (64u << 10)
#define HEAD_BYTES 12 /* "MIDX", version, hash, chunks, bases, packs */
#define CHUNK_BYTES 12
#define FANOUT_BYTES (4u * 256)
#define LARGE_OFFSET 0x80000000u
#define IDX_BYTES ((size_t)1 << 36)

struct midx {
	struct view map;
	size_t hash_len;
	uint32_t pack_count, count;
	struct view names, fanout, ids, offsets, large; /* chunks */
};

/* The chunk of that name; empty when there is none. A chunk ends where the next one starts. */
static struct view find_chunk(const struct midx *m, const char *name)
{
	unsigned count = (unsigned char)m->map.ptr[6];

	if (m->map.len < HEAD_BYTES + (size_t)CHUNK_BYTES * (count + 1))
		return VIEW_NONE;
	for (unsigned i = 0; i < count; i++) {
		size_t at = HEAD_BYTES + (size_t)CHUNK_BYTES * i;
		uint64_t from = be64(m->map.ptr + at + 4), to = be64(m->map.ptr + at + CHUNK_BYTES + 4);

		if (memcmp(m->map.ptr + at, name, 4) == 0 && from <= to && to <= m->map.len)
			return view_sub(m->map, (size_t)from, (size_t)(to - from));
	}
	return VIEW_NONE;
}

static int parse(struct midx *m)
{
	if (m->map.len < HEAD_BYTES + m->hash_len || memcmp(m->map.ptr, "MIDX", 4) != 0 || m->map.ptr[4] != 1 ||
	    m->map.ptr[5] != (m->hash_len == OID_SHA1_BYTES ? 1 : 2))
		return -1;
	m->pack_count = be32(m->map.ptr + 8);
	m->names = find_chunk(m, "PNAM");
	m->fanout = find_chunk(m, "OIDF");
	m->ids = find_chunk(m, "OIDL");
	m->offsets = find_chunk(m, "OOFF");
	m->large = find_chunk(m, "LOFF");
	if (m->fanout.len < FANOUT_BYTES)
		return -1;
	m->count = be32(m->fanout.ptr + FANOUT_BYTES - 4);
	return m->ids.len / m->hash_len < m->count || m->offsets.len / 8 < m->count ? -1 : 0;
}

/* The number of the pack whose index would be called name. */
static uint32_t find_pack(const struct midx *m, struct view name)
{
	struct view rest = m->names;

	for (uint32_t i = 0; i < m->pack_count && rest.len; i++) {
		size_t nul = text_find_byte(rest, '\0');

		if (text_eq(view_sub(rest, 0, nul), name))
			return i;
		rest = nul == SIZE_MAX ? VIEW_NONE : view_sub(rest, nul + 1, rest.len);
	}
	return PACK_NONE;
}

static int add_be32(struct buf *out, uint32_t n)
{
	n = be32(view_from(&n, sizeof(n)).ptr);
	return buf_add(out, view_from(&n, sizeof(n)));
}

/* Appends what each object of the pack has in the table: its id, or its offset. */
static int add_ids(const struct midx *m, uint32_t pack, uint32_t counts[static 256], struct buf *out)
{
	for (uint32_t i = 0; i < m->count; i++) {
		struct view id = view_sub(m->ids, m->hash_len * (size_t)i, m->hash_len);

		if (be32(m->offsets.ptr + 8 * (size_t)i) != pack)
			continue;
		counts[(unsigned char)id.ptr[0]]++;
		if (buf_add(out, id))
			return -1;
	}
	return 0;
}

static int add_offsets(const struct midx *m, uint32_t pack, struct buf *out, struct buf *large)
{
	for (uint32_t i = 0; i < m->count; i++) {
		uint32_t at = be32(m->offsets.ptr + 8 * (size_t)i + 4);

		if (be32(m->offsets.ptr + 8 * (size_t)i) != pack)
			continue;
		if (at & LARGE_OFFSET) {
			struct view entry = view_sub(m->large, 8 * (size_t)(at & ~LARGE_OFFSET), 8);

			at = LARGE_OFFSET | (uint32_t)(large->len / 8);
			if (entry.len != 8 || buf_add(large, entry))
				return -1;
		}
		if (add_be32(out, at))
			return -1;
	}
	return 0;
}

/* Writes the index of version 2 that the pack should have had. */
static int make_idx(const struct midx *m, uint32_t pack, struct buf *ret)
{
	DEFER(buf_done)
	struct buf ids = BUF_INIT(IDX_BYTES), offsets = BUF_INIT(IDX_BYTES), large = BUF_INIT(IDX_BYTES);
	uint32_t counts[256] = { 0 }, sum = 0;

	if (add_ids(m, pack, counts, &ids) || add_offsets(m, pack, &offsets, &large))
		return -1;
	if (buf_add(ret, VIEW("\377tOc\0\0\0\2")))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		sum += counts[i];
		if (add_be32(ret, sum))
			return -1;
	}
	if (buf_add(ret, buf_view(&ids)))
		return -1;
	for (uint32_t i = 0; i < sum; i++) /* checksums, which nobody asks for */
		if (add_be32(ret, 0))
			return -1;
	return buf_add(ret, buf_view(&offsets)) || buf_add(ret, buf_view(&large)) ? -1 : 0;
}

static struct view name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return view_of(slash ? slash + 1 : path);
}

struct packfile *midx_open_pack(const char *folder, const char *path, size_t hash_len, struct err *err)
{
	DEFER(buf_done) struct buf full = BUF_INIT(PATH_BYTES), name = BUF_INIT(PATH_BYTES), idx = BUF_INIT(IDX_BYTES);
	struct midx m = { .hash_len = hash_len };
	struct packfile *ret = NULL;
	uint32_t pack;

	if (buf_addf(&full, "%s/pack/multi-pack-index", folder) || buf_add(&name, name_in(path)) ||
	    buf_add_text(&name, ".idx")) {
		(void)err_nomem(err);
		return NULL;
	}
	if (map_file(full.ptr, &m.map, err))
		return NULL;
	pack = parse(&m) ? PACK_NONE : find_pack(&m, buf_view(&name));
	if (pack == PACK_NONE)
		(void)err_set(err, ERR_FORMAT, 0, "'%s' does not know '%s.pack'", full.ptr, path);
	else if (make_idx(&m, pack, &idx))
		(void)err_set(err, ERR_FORMAT, 0, "'%s' is damaged", full.ptr);
	else
		ret = packfile_open_with(path, &idx, hash_len, err);
	map_done(&m.map);
	return ret;
}
