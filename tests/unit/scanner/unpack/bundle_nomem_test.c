/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out anywhere in a bundle is told: never a smaller result. */
#include "scanner/unpack/bundle.h"

#include "tests/support/nomem.h"

#include "tests/support/bundle.h"
#include "tests/support/place.h"

#define CHAIN 30
#define MEMBERS (2 * CHAIN + 1 + 2) /* objects, the head, what is new in the last delta */

static const struct unpack_request limits = { .ratio = 1000, .bytes = ARCHIVE_BYTES, .entries = ARCHIVE_ENTRIES };

struct counts {
	unsigned given, unread, lost;
};

static void count_object(void *context, struct view, struct bundle_walk *walk)
{
	struct counts *c = context;
	struct view bytes;

	while (bundle_read(walk, &bytes))
		;
	c->given++;
}

static void count_unread(void *context, struct view name, enum unpack_trouble, struct view)
{
	struct counts *c = context;

	c->unread++;
	c->lost += name.len == 0;
}

struct tried {
	struct view bundle;
	unsigned members, unread;
};

static bool scan_once(void *context, long n)
{
	const struct tried *x = context;
	struct counts c = { .given = 0 };
	const struct bundle_ops ops = { .object = count_object, .unread = count_unread, .context = &c };
	const struct unpack_input in = { .size = x->bundle.len };
	struct unpack_run run = { .in = &in, .limits = &limits };
	bool failed;

	nomem_start(n);
	assert_int_equal(bundle_scan(x->bundle, &run, &ops), 0);
	failed = nomem_stop();
	if (!c.lost && (c.given != x->members || c.unread != x->unread))
		fail_msg("allocation %ld failed, and %u came without a word", n, c.given);
	assert_in_range(c.lost, 0, failed);
	assert_in_range(c.unread, 0, x->unread + 1);
	return failed;
}

/* A chain with sides, and a delta whose base is elsewhere. */
static void a_scan_loses_nothing_in_silence(void **)
{
	struct made_pack m;
	struct buf bundle;
	struct tried x = { .members = MEMBERS, .unread = 1 };
	uint64_t at;

	pack_begin(&m);
	at = pack_add(&m, pack_id(0), OBJECT_BLOB, VIEW("base"));
	for (unsigned i = 0; i < CHAIN; i++) {
		uint64_t from = at;

		at = add_ofs(&m, 0, from, 4 + i, VIEW("x"));
		(void)add_ofs(&m, 0, from, 4 + i, VIEW("side"));
	}
	add_ref(&m, 0, 1, 5, VIEW(" elsewhere"));
	bundle = bundle_of(&m, VIEW("# v2 git bundle\n\n"));
	x.bundle = buf_view(&bundle);
	assert_true(nomem_each(scan_once, &x) > 15);
	buf_done(&bundle);
}

static void a_large_object_is_not_lost_in_silence(void **)
{
	struct made_pack m;
	struct buf large = BUF_INIT(PACK_BYTES), bundle;
	struct tried x = { .members = 2 };

	assert_int_equal(buf_reserve(&large, BUNDLE_OBJECT_BYTES + 1), 0);
	memset(large.ptr, 'x', BUNDLE_OBJECT_BYTES + 1);
	large.len = BUNDLE_OBJECT_BYTES + 1;
	pack_begin(&m);
	(void)pack_add(&m, pack_id(0), OBJECT_BLOB, buf_view(&large));
	bundle = bundle_of(&m, VIEW("# v2 git bundle\n\n"));
	x.bundle = buf_view(&bundle);
	assert_true(nomem_each(scan_once, &x) > 3);
	buf_done(&bundle);
	buf_done(&large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_loses_nothing_in_silence),
		cmocka_unit_test(a_large_object_is_not_lost_in_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
