/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out anywhere in a walk gives an error, or is told of what is missing: never a smaller result. */
#include "scanner/source/git/store.h"

#include "tests/support/nomem.h"
#include "tests/support/place.h"

#define WALK_BYTES ((size_t)2 << 20) /* so little that contents are given up and built again */
#define READER_BYTES ((size_t)1 << 20)
#define CHAIN 40
#define BASE_BYTES 100000
#define OBJECTS (2 * CHAIN + 1 + 4 + 3)

struct counts { /* of one walk */
	int whole, unread;
	size_t bytes;
};

static void count_piece(void *context, unsigned, const struct store_object *, const struct piece *piece)
{
	struct counts *c = context;

	(void)__atomic_add_fetch(&c->bytes, piece->bytes.len, __ATOMIC_RELAXED);
	if (piece->is_last)
		(void)__atomic_add_fetch(&c->whole, 1, __ATOMIC_RELAXED);
}

static void count_unread(void *context, unsigned, const struct store_object *, enum unread, const char *)
{
	struct counts *c = context;

	(void)__atomic_add_fetch(&c->unread, 1, __ATOMIC_RELAXED);
}

static bool never(void *)
{
	return false;
}

/* Chains with sides, deltas whose base another pack or a loose file holds, loose objects. */
static void make(struct place *p)
{
	struct made_pack m;
	struct buf base = noise(BASE_BYTES);
	uint64_t at;

	place_init(p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(0), OBJECT_BLOB, buf_view(&base));
	for (unsigned i = 1; i <= CHAIN; i++) {
		uint64_t from = at;

		at = add_ofs(&m, 2 * i, from, base.len + i - 1, VIEW("x"));
		(void)add_ofs(&m, 2 * i + 1, from, base.len + i - 1, VIEW("side"));
	}
	add_ref(&m, 1000, 1001, 5, VIEW(" of another pack"));
	add_ref(&m, 1002, 2000, 5, VIEW(" of a loose one"));
	put(p, &m, "pack-1");
	pack_begin(&m);
	add_blob(&m, 1001, VIEW("base."));
	add_ref(&m, 1003, 1001, 5, VIEW(" and more"));
	put(p, &m, "pack-2");
	put_loose_text(p, 2000, VIEW("blob 5\0loose"));
	put_loose_text(p, 2001, VIEW("tree 0\0"));
	put_loose_text(p, 2002, VIEW("commit 3\0abc"));
	buf_done(&base);
}

static bool walk_once(void *context, long n)
{
	struct place *p = context;
	const char *folders[] = { p->folder };
	struct counts c = { .whole = 0 };
	struct store_options options = {
		.types = WALK_TYPES, .small_types = WALK_TYPES, .jobs = WALK_JOBS, .max_bytes = WALK_BYTES
	};
	struct store_ops ops = { .piece = count_piece, .unread = count_unread, .stopped = never, .context = &c };
	struct err err = ERR_INIT;
	int status = -1;
	bool failed;

	nomem_start(n);
	p->objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	if (p->objects)
		status = store_walk(p->objects, &options, &ops, &err);
	failed = nomem_stop();
	objects_freep(&p->objects);
	if (status == 0 && c.unread == 0 && c.whole != OBJECTS)
		fail_msg("allocation %ld failed, and %d objects of %d came without a word", n, c.whole, OBJECTS);
	if (status)
		assert_int_not_equal(err.kind, ERR_NONE);
	if (!failed)
		assert_true(status == 0 && c.unread == 0);
	return failed;
}

static void a_walk_loses_nothing_in_silence(void **)
{
	struct place p;

	make(&p);
	assert_true(nomem_each(walk_once, &p) > 300);
	place_done(&p);
}

static bool read_once(void *context, long n)
{
	static const unsigned ids[] = { 2 * CHAIN, 7, 1000, 1002, 1003, 2000, 2001 };
	static const size_t sizes[] = { BASE_BYTES + CHAIN, BASE_BYTES + 6, 21, 20, 14, 5, 0 };
	struct place *p = context;
	const char *folders[] = { p->folder };
	struct err err = ERR_INIT;
	struct object_reader *r = NULL;
	bool failed;

	nomem_start(n);
	p->objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	if (p->objects)
		r = object_reader_new(p->objects, READER_BYTES, &err);
	for (unsigned i = 0; r && i < ARRAY_LEN(ids); i++) {
		struct oid id = pack_id(ids[i]);
		struct object o;
		enum object_result status = object_read(r, &id, &o, NULL);

		if (status == OBJECT_OK) {
			assert_int_equal(o.content.len, sizes[i]);
			assert_non_null(o.content.ptr);
		} else if (!nomem_left) {
			fail_msg("object %u cannot be read", ids[i]);
		}
	}
	failed = nomem_stop();
	if (!r)
		assert_true(failed && err.kind != ERR_NONE);
	object_reader_freep(&r);
	objects_freep(&p->objects);
	return failed;
}

static void reading_objects_gives_them_or_an_error(void **)
{
	struct place p;

	make(&p);
	assert_true(nomem_each(read_once, &p) > 30);
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_loses_nothing_in_silence),
		cmocka_unit_test(reading_objects_gives_them_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
