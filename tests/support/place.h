/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: an object folder of one's own, hand-made packs in it, and what a walk gives. Objects are called by number
 * (pack_id). */
#ifndef TESTS_SUPPORT_PLACE_H
#define TESTS_SUPPORT_PLACE_H

#include "tests/support/pack.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"
#include "tests/support/walk.h"

#define MEMORY ((size_t)256 << 20)

struct place { /* an object folder, and what a walk of it gives */
	char folder[REPO_PATH_BYTES];
	struct walker w;
	struct objects *objects;
};

static inline void place_init(struct place *p)
{
	char path[REPO_PATH_BYTES];

	repo_path(p->folder, "/tmp/skant-store-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	repo_path(path, "%s/pack", p->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	walker_init(&p->w);
	p->objects = NULL;
}

static inline void place_done(struct place *p)
{
	objects_freep(&p->objects);
	walker_done(&p->w);
	repo_remove(p->folder);
}

/* Writes the pack as pack/NAME and forgets it. */
static inline void put(const struct place *p, struct made_pack *m, const char *name)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/pack/%s", p->folder, name);
	pack_write(m, path);
	pack_done(m);
}

static inline void walk_with(struct place *p, size_t max_bytes, unsigned types)
{
	const char *folders[] = { p->folder };
	struct err err = ERR_INIT;

	if (!p->objects)
		p->objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	if (!p->objects || walker_run(&p->w, p->objects, max_bytes, types, &err))
		fail_msg("%s", err.text);
}

static inline void walk(struct place *p)
{
	walk_with(p, MEMORY, WALK_TYPES);
}

static inline void came(const struct place *p, unsigned n, enum object_type type, struct view content)
{
	const struct walked *o = NULL;
	struct oid id = pack_id(n);

	if (walker_find(&p->w, &id, &o) != 1)
		fail_msg("object %u came %zu times", n, walker_find(&p->w, &id, &o));
	assert_int_equal(o->type, type);
	assert_int_equal(o->content.len, content.len);
	if (content.len)
		assert_memory_equal(o->content.ptr, content.ptr, content.len);
	assert_null(walker_find_unread(&p->w, &id));
}

static inline void was_told(const struct place *p, unsigned n, enum unread reason)
{
	struct oid id = pack_id(n);
	const struct walked_unread *u = walker_find_unread(&p->w, &id);

	if (!u)
		fail_msg("nothing was said of object %u", n);
	else
		assert_int_equal(u->reason, reason);
}

static inline void add_blob(struct made_pack *m, unsigned n, struct view content)
{
	(void)pack_add(m, pack_id(n), OBJECT_BLOB, content);
}

/* A delta that appends text to a base of base_len bytes. */
static inline struct buf appending(size_t base_len, struct view text)
{
	struct buf d;

	delta_begin(&d, base_len, base_len + text.len);
	if (base_len)
		delta_add_copy(&d, 0, (uint32_t)base_len);
	delta_add_insert(&d, text);
	return d;
}

static inline uint64_t add_ofs(struct made_pack *m, unsigned n, uint64_t base, size_t base_len, struct view text)
{
	struct buf d = appending(base_len, text);
	uint64_t at = pack_add_ofs(m, pack_id(n), base, buf_view(&d));

	buf_done(&d);
	return at;
}

static inline void add_ref(struct made_pack *m, unsigned n, unsigned base, size_t base_len, struct view text)
{
	struct buf d = appending(base_len, text);

	(void)pack_add_ref(m, pack_id(n), pack_id(base), buf_view(&d));
	buf_done(&d);
}

/* A chain of count deltas, each of which adds one byte to the one before it. */
static inline void make_chain(struct made_pack *m, struct view base, unsigned count)
{
	uint64_t at = pack_add(m, pack_id(0), OBJECT_BLOB, base);

	for (unsigned i = 1; i <= count; i++)
		at = add_ofs(m, i, at, base.len + i - 1, VIEW("x"));
}

/* Writes a loose object: head and content as one stream. */
static inline void put_loose(const struct place *p, unsigned n, struct view stream)
{
	char hex[OID_HEX_BYTES], path[REPO_PATH_BYTES];
	struct oid id = pack_id(n);

	oid_hex(&id, OID_SHA1_BYTES, hex);
	repo_path(path, "%s/%.2s/%s", p->folder, hex, hex + 2);
	repo_make_folders(path);
	pack_write_file(path, "", stream);
}

static inline void put_loose_text(const struct place *p, unsigned n, struct view text)
{
	struct buf stream = BUF_INIT(PACK_BYTES);

	pack_add_stream(&stream, text);
	put_loose(p, n, buf_view(&stream));
	buf_done(&stream);
}

/* Bytes that do not repeat for long, so that zlib cannot make much of them. */
static inline struct buf noise(size_t len)
{
	struct buf b = BUF_INIT(PACK_BYTES);
	uint64_t state = 88172645463325252u;

	assert_int_equal(buf_reserve(&b, len + 8), 0);
	for (; b.len < len; b.len += 8) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		memcpy(b.ptr + b.len, &state, 8);
	}
	buf_cut(&b, len);
	return b;
}

#endif
