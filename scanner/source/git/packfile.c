/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/packfile.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/sys/map.h"
#include "scanner/source/git/be.h"

#define IDX_HEAD_BYTES 8 /* "\377tOc", version */
#define FANOUT 256
#define IDX_ENTRIES_AT (IDX_HEAD_BYTES + 4 * FANOUT)
#define REV_HEAD_BYTES 12 /* "RIDX", version, hash */
#define GUESS_WIDTH 8     /* ids to each side of where one should be */
#define LARGE_OFFSET 0x80000000u

/* path with another ending. NULL when there is no memory. */
static char *with_ending(const char *path, const char *ending)
{
	struct buf out = BUF_INIT(1u << 16);

	if (buf_addf(&out, "%s%s", path, ending)) {
		buf_done(&out);
		return NULL;
	}
	return buf_detach(&out);
}

static int map(const char *path, const char *ending, struct view *ret, struct err *err)
{
	DEFER(freep) char *full = with_ending(path, ending);

	return full ? map_file(full, ret, err) : err_nomem(err);
}

static int damaged(const struct packfile *p, const char *ending, const char *what, struct err *err)
{
	return err_set(err, ERR_IO, 0, "'%s%s' %s", p->path, ending, what);
}

static int check_pack(const struct packfile *p, struct err *err)
{
	if (!p->pack.ptr || p->pack.len < PACK_HEAD_BYTES + p->hash_len || memcmp(p->pack.ptr, "PACK", 4) != 0)
		return damaged(p, ".pack", "is no pack", err);
	if (be32(p->pack.ptr + 4) != 2 && be32(p->pack.ptr + 4) != 3)
		return damaged(p, ".pack", "has a version that is not 2 or 3", err);
	return 0;
}

/* Checks the head, that counts never fall, and that all tables are there. */
static int check_idx(struct packfile *p, struct err *err)
{
	const char *fanout;
	uint32_t last = 0;

	if (p->idx.len < IDX_ENTRIES_AT || memcmp(p->idx.ptr, "\377tOc", 4) != 0)
		return damaged(p, ".idx", "is no pack index of version 2; `git index-pack` makes one", err);
	if (be32(p->idx.ptr + 4) != 2)
		return damaged(p, ".idx", "has a version that is not 2", err);
	fanout = p->idx.ptr + IDX_HEAD_BYTES;
	for (size_t i = 0; i < FANOUT; i++) {
		uint32_t n = be32(fanout + 4 * i);

		if (n < last)
			return damaged(p, ".idx", "is damaged: its counts are not in order", err);
		last = n;
	}
	p->count = last;
	if ((p->idx.len - IDX_ENTRIES_AT) / (p->hash_len + 8) < last || p->count == PACK_NONE)
		return damaged(p, ".idx", "is damaged: it is shorter than its counts say", err);
	return 0;
}

/* The reverse index saves a sort; one that is missing or odd is done without. */
static void find_rev(struct packfile *p)
{
	struct view v;

	if (map(p->path, ".rev", &v, NULL))
		return;
	if (v.len < REV_HEAD_BYTES + 4 * (size_t)p->count || memcmp(v.ptr, "RIDX", 4) != 0 || be32(v.ptr + 4) != 1) {
		map_done(&v);
		return;
	}
	p->rev_map = v;
	p->rev = (const uint32_t *)(const void *)(v.ptr + REV_HEAD_BYTES);
}

static bool has_file(const char *path, const char *ending)
{
	DEFER(freep) char *full = with_ending(path, ending);

	return full && access(full, F_OK) == 0;
}

static struct packfile *packfile_new(const char *path, size_t hash_len, struct err *err)
{
	struct packfile *p = calloc(1, sizeof(*p));

	if (!p || !(p->path = strdup(path))) {
		free(p);
		(void)err_nomem(err);
		return NULL;
	}
	p->hash_len = hash_len;
	return p;
}

struct packfile *packfile_open(const char *path, size_t hash_len, struct err *err)
{
	struct packfile *p = packfile_new(path, hash_len, err);

	if (!p)
		return NULL;
	if (map(path, ".pack", &p->pack, err) || map(path, ".idx", &p->idx, err) || check_pack(p, err) ||
	    check_idx(p, err)) {
		packfile_free(p);
		return NULL;
	}
	if (be32(p->pack.ptr + 8) != p->count) {
		(void)damaged(p, ".idx", "does not belong to its pack: it has another number of objects", err);
		packfile_free(p);
		return NULL;
	}
	find_rev(p);
	p->is_promisor = has_file(path, ".promisor");
	return p;
}

struct packfile *packfile_open_with(const char *path, struct buf *idx, size_t hash_len, struct err *err)
{
	struct packfile *p = packfile_new(path, hash_len, err);

	if (!p)
		return NULL;
	p->idx = buf_view(idx);
	if (map(path, ".pack", &p->pack, err) || check_pack(p, err) || check_idx(p, err)) {
		p->idx = VIEW_NONE;
		packfile_free(p);
		return NULL;
	}
	p->own_idx = *idx;
	*idx = (struct buf)BUF_INIT(idx->max);
	p->is_promisor = has_file(path, ".promisor");
	return p;
}

void packfile_free(struct packfile *p)
{
	if (!p)
		return;
	map_done(&p->pack);
	if (p->own_idx.ptr)
		buf_done(&p->own_idx);
	else
		map_done(&p->idx);
	map_done(&p->rev_map);
	free(p->path);
	free(p);
}

static const char *id_at(const struct packfile *p, uint32_t index)
{
	return p->idx.ptr + IDX_ENTRIES_AT + p->hash_len * index;
}

struct oid packfile_id(const struct packfile *p, uint32_t index)
{
	return oid_from(id_at(p, index), p->hash_len);
}

uint64_t packfile_offset(const struct packfile *p, uint32_t index)
{
	size_t small_at = IDX_ENTRIES_AT + (p->hash_len + 4) * (size_t)p->count;
	size_t large_at = small_at + 4 * (size_t)p->count;
	uint32_t small = be32(p->idx.ptr + small_at + 4 * (size_t)index);
	uint64_t at = small;

	if (small & LARGE_OFFSET) {
		size_t place = large_at + 8 * (size_t)(small & ~LARGE_OFFSET);

		if (place + 8 > p->idx.len)
			return UINT64_MAX;
		at = be64(p->idx.ptr + place);
	}
	return at < PACK_HEAD_BYTES || at >= p->pack.len - p->hash_len ? UINT64_MAX : at;
}

/* Ids are spread evenly, so the next four bytes tell about where one stands among those with the same first byte: looks
 * there first, and in a window round it that doubles. Narrows [*from, *to) to that window. */
static void guess(const struct packfile *p, const struct oid *id, uint32_t *from, uint32_t *to)
{
	uint32_t count = *to - *from, width = GUESS_WIDTH;
	uint64_t at = *from + ((uint64_t)be32((const char *)id->bytes + 1) * count >> 32);
	bool is_above = memcmp(id_at(p, (uint32_t)at), id->bytes, p->hash_len) > 0;

	for (; is_above; width *= 2) {
		uint64_t low = at >= (uint64_t)*from + width ? at - width : *from;

		*to = (uint32_t)at + 1;
		if (low == *from || memcmp(id_at(p, (uint32_t)low), id->bytes, p->hash_len) <= 0) {
			*from = (uint32_t)low;
			return;
		}
		at = low;
	}
	for (;; width *= 2) {
		uint64_t high = at + width;

		*from = (uint32_t)at;
		if (high >= *to || memcmp(id_at(p, (uint32_t)high), id->bytes, p->hash_len) > 0) {
			*to = high >= *to ? *to : (uint32_t)high;
			return;
		}
		at = high;
	}
}

uint32_t packfile_find(const struct packfile *p, const struct oid *id)
{
	const char *fanout = p->idx.ptr + IDX_HEAD_BYTES;
	unsigned char first = id->bytes[0];
	uint32_t from = first ? be32(fanout + 4 * (size_t)(first - 1)) : 0, to = be32(fanout + 4 * (size_t)first);

	if (from > to || to > p->count) /* they were in order once: the file was cut short since */
		return PACK_NONE;
	if (to - from > GUESS_WIDTH)
		guess(p, id, &from, &to);
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		int order = memcmp(id_at(p, middle), id->bytes, p->hash_len);

		if (order == 0)
			return middle;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return PACK_NONE;
}

int packfile_entry(const struct packfile *p, uint64_t at, struct pack_entry *ret)
{
	return pack_entry_read(view_sub(p->pack, 0, p->pack.len - p->hash_len), p->hash_len, at, ret);
}

struct view packfile_data(const struct packfile *p, uint64_t data)
{
	return view_sub(p->pack, (size_t)data, p->pack.len - p->hash_len - (size_t)data);
}

void packfile_rest(const struct packfile *p)
{
	map_rest(p->pack);
}
