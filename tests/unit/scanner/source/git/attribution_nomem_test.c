/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out anywhere in attribution gives an error: never a find in a wrong place. */
#include "scanner/source/git/attribution.h"

#include "tests/support/forge.h"
#include "tests/support/nomem.h"

#define KEYS 12
#define COMMITS 30
#define KEY 900
#define SETS_BYTES ((size_t)1 << 20)
#define READER_BYTES ((size_t)1 << 20)
#define MESSAGE 2 /* a commit that is a find itself */

static bool never(void *)
{
	return false;
}

/* Key k is in the commits k + 1 to k + 10 and under two paths. */
static void make(struct place *p)
{
	struct made_pack m;

	place_init(p);
	pack_begin(&m);
	for (unsigned i = 1; i <= COMMITS; i++) {
		struct forged_entry entries[2 * KEYS + 1], *e = entries;
		char names[KEYS][8];

		for (unsigned k = 0; k < KEYS; k++) {
			if (i < k + 1 || i > k + 10)
				continue;
			(void)snprintf(names[k], sizeof(names[k]), "f%02u", k);
			*e++ = (struct forged_entry){ TREE_FILE, names[k], KEY + k };
		}
		*e = (struct forged_entry){ TREE_FILE, NULL, 0 };
		forge_tree(&m, 200 + i, entries);
		forge_tree(&m, 300 + i, ENTRIES({ TREE_FOLDER, "a", 200 + i }, { TREE_FOLDER, "b", 200 + i }));
		forge_commit(&m, i, 300 + i, i > 1 ? PARENTS(i - 1) : PARENTS(), i);
	}
	forge_tag(&m, 400, "tree", 305);
	put(p, &m, "pack-1");
}

static void check_blob(const struct graph *g, const struct attribution_find *f, unsigned key)
{
	struct oid first = pack_id(key + 1), last = pack_id(key + 10);
	char path[16], also[16];

	(void)snprintf(path, sizeof(path), "a/f%02u", key);
	(void)snprintf(also, sizeof(also), "b/f%02u", key);
	assert_int_equal(f->first, graph_find(g, &first));
	assert_int_equal(f->last, graph_find(g, &last));
	assert_string_equal(f->path.ptr, path);
	assert_string_equal(f->also_at.ptr, also);
	assert_int_equal(f->reach, REACH_REF);
	assert_string_equal(f->refs.ptr,
			    key < 5 && 5 <= key + 10 ? "refs/heads/main\nrefs/tags/t\n" : "refs/heads/main\n");
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, OID_MAX_BYTES);
}

static void check(const struct attribution *a)
{
	for (unsigned k = 0; k < KEYS; k++)
		for (size_t i = 0; i < a->find_count; i++) {
			struct oid id = pack_id(KEY + k);

			if (oid_eq(&a->finds[i].id, &id))
				check_blob(a->graph, &a->finds[i], k);
		}
}

static bool run_once(void *context, long n)
{
	struct place *p = context;
	struct attribution_tip tips[] = { { .id = pack_id(COMMITS), .reach = REACH_REF, .name = "refs/heads/main" },
					  { .id = pack_id(400), .reach = REACH_REF, .name = "refs/tags/t" },
					  { .id = pack_id(400), .reach = REACH_STASH } };
	struct attribution_find finds[KEYS + 1] = { { .id = pack_id(MESSAGE), .type = OBJECT_COMMIT } };
	struct object_reader *r = object_reader_new(p->objects, READER_BYTES, NULL);
	struct forge_unread unread = { .count = 0 };
	struct graph g;
	struct attribution a = { .reader = r,
				 .graph = &g,
				 .tips = tips,
				 .tip_count = ARRAY_LEN(tips),
				 .finds = finds,
				 .find_count = ARRAY_LEN(finds),
				 .max_bytes = SETS_BYTES,
				 .unread = forge_take_unread,
				 .stopped = never,
				 .context = &unread };
	struct err err = ERR_INIT;
	bool failed;
	int status;

	assert_non_null(r);
	for (unsigned k = 0; k < KEYS; k++)
		finds[k + 1] = (struct attribution_find){ .id = pack_id(KEY + k), .type = OBJECT_BLOB };
	qsort(finds, ARRAY_LEN(finds), sizeof(finds[0]), by_id);
	graph_init(&g, r, OID_SHA1_BYTES);
	g.unread = forge_take_unread;
	g.context = &unread;
	nomem_start(n);
	status = attribution_run(&a, &err);
	failed = nomem_stop();
	if (status == 0 && unread.count == 0)
		check(&a);
	else if (status)
		assert_int_equal(err.kind, ERR_NOMEM);
	if (!failed)
		assert_true(status == 0 && unread.count == 0);
	for (size_t i = 0; i < ARRAY_LEN(finds); i++)
		attribution_find_done(&finds[i]);
	graph_done(&g);
	object_reader_freep(&r);
	return failed;
}

static void finds_are_placed_rightly_or_an_error_is_given(void **)
{
	struct place p;
	const char *folders[] = { p.folder };
	struct err err = ERR_INIT;

	make(&p);
	p.objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	assert_non_null(p.objects);
	assert_true(nomem_each(run_once, &p) > 100);
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_are_placed_rightly_or_an_error_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
