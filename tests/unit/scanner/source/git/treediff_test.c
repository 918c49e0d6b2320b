/* SPDX-License-Identifier: Apache-2.0 */
/* What a commit's tree brings, and single paths in trees. */
#include "scanner/source/git/treediff.h"

#include "scanner/source/git/treefind.h"
#include "tests/support/forge.h"

#define A 900
#define B 901
#define C 902

struct diffed { /* "PATH NEW<OLD,OLD;" for each change */
	struct place p;
	struct made_pack m;
	struct object_reader *reader;
	struct forge_unread unread; /* first after what is opened: context of both calls */
	struct buf text;
	int status; /* that a change returns */
	size_t count;
};

static unsigned number_of(const struct oid *id)
{
	return (unsigned)id->bytes[3] << 8 | id->bytes[4];
}

static int take_change(void *context, struct view path, const struct oid *blob, const struct oid *before, size_t count)
{
	struct diffed *d = context;

	d->count++;
	if (d->text.len > 4096)
		return d->status;
	assert_int_equal(buf_add(&d->text, path), 0);
	assert_int_equal(buf_addf(&d->text, " %u", number_of(blob)), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_addf(&d->text, "%c%u", i ? ',' : '<', number_of(&before[i])), 0);
	assert_int_equal(buf_add_text(&d->text, ";"), 0);
	return d->status;
}

static void take_unread(void *context, const struct oid *id, enum unread reason)
{
	forge_take_unread(&((struct diffed *)context)->unread, id, reason);
}

static void diffed_init(struct diffed *d)
{
	memset(d, 0, sizeof(*d));
	d->text = (struct buf)BUF_INIT(1u << 20);
	place_init(&d->p);
	pack_begin(&d->m);
}

/* parents: numbers of trees, a 0 ends them. */
static int run(struct diffed *d, unsigned tree, const unsigned *parents)
{
	struct treediff diff = {
		.hash_len = OID_SHA1_BYTES, .changed = take_change, .unread = take_unread, .context = d
	};
	struct oid id = pack_id(tree), ids[TREEDIFF_PARENTS + 8];
	size_t count = 0;

	if (!d->reader)
		d->reader = forge_open(&d->p, &d->m);
	diff.reader = d->reader;
	for (; *parents; parents++)
		ids[count++] = pack_id(*parents);
	return treediff_run(&diff, &id, ids, count);
}

static void changes(struct diffed *d, unsigned tree, const unsigned *parents, const char *expected)
{
	assert_int_equal(run(d, tree, parents), 0);
	assert_string_equal(d->text.ptr ? d->text.ptr : "", expected);
}

static void diffed_done(struct diffed *d)
{
	object_reader_freep(&d->reader);
	buf_done(&d->text);
	place_done(&d->p);
}

static void of_a_root_everything_is_new(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_LINK, "link", C }, { TREE_FILE, "x", B }, { TREE_SUBMODULE, "y", A }));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FILE, "a", A }, { TREE_FOLDER, "d", 100 }));
	changes(&d, 101, PARENTS(), "a 900;d/link 902;d/x 901;");
	diffed_done(&d);
}

static void only_what_differs_from_the_parent_is_new(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, "same", A }, { TREE_FILE, "gone", B }, { TREE_FILE, "z", A }));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FILE, "new", C }, { TREE_FILE, "same", A }, { TREE_FILE, "z", B }));
	changes(&d, 101, PARENTS(100), "new 902;z 901<900;");
	diffed_done(&d);
}

static void of_a_merge_only_what_no_parent_has_is_new(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, "one", A }, { TREE_FILE, "own", A }, { TREE_FILE, "two", C }));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FILE, "one", C }, { TREE_FILE, "own", B }, { TREE_FILE, "two", B }));
	forge_tree(&d.m, 102, ENTRIES({ TREE_FILE, "one", A }, { TREE_FILE, "own", C }, { TREE_FILE, "two", B }));
	changes(&d, 102, PARENTS(100, 101), "own 902<900,901;");
	diffed_done(&d);
}

static void a_file_that_became_a_folder_or_back_is_new(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, "in", A }));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FOLDER, "x", 100 }));
	forge_tree(&d.m, 102, ENTRIES({ TREE_FILE, "x", A }));
	changes(&d, 101, PARENTS(102), "x/in 900;");
	buf_clear(&d.text);
	changes(&d, 102, PARENTS(101), "x 900;");
	diffed_done(&d);
}

static void a_tree_that_a_parent_has_is_not_read(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 101, ENTRIES({ TREE_FOLDER, "x", 999 }, { TREE_FILE, "y", A }));
	forge_tree(&d.m, 102, ENTRIES({ TREE_FOLDER, "x", 999 }));
	changes(&d, 101, PARENTS(102), "y 900;");
	changes(&d, 101, PARENTS(101), "y 900;");
	assert_int_equal(d.unread.count, 0);
	diffed_done(&d);
}

static void duplicate_and_unsorted_entries_are_all_seen(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, "z", A }, { TREE_FILE, "a", A }, { TREE_FILE, "m", A }));
	forge_tree(&d.m, 101,
		   ENTRIES({ TREE_FILE, "z", A }, { TREE_FILE, "..", B }, { TREE_FILE, "a", A }, { TREE_FILE, "a", C },
			   { TREE_FILE, "m", B }));
	changes(&d, 101, PARENTS(100), ".. 901;a 902<900;m 901<900;");
	diffed_done(&d);
}

static void trees_that_are_missing_or_broken_are_told(void **)
{
	struct diffed d;

	diffed_init(&d);
	(void)pack_add(&d.m, pack_id(111), OBJECT_TREE,
		       VIEW("100644 a\0"
			    "12345678901234567890"
			    "100"));
	(void)pack_add(&d.m, pack_id(112), OBJECT_BLOB, VIEW("no tree"));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FOLDER, "b", 110 }, { TREE_FOLDER, "c", 112 }, { TREE_FOLDER, "x", 111 }));
	assert_int_equal(run(&d, 101, PARENTS()), 0);
	assert_int_equal(d.count, 1);
	assert_int_equal(d.unread.count, 3);
	assert_true(forge_was_told(&d.unread, 110, UNREAD_MISSING_OBJECT));
	assert_true(forge_was_told(&d.unread, 111, UNREAD_CORRUPT));
	assert_true(forge_was_told(&d.unread, 112, UNREAD_CORRUPT));
	diffed_done(&d);
}

static void a_parents_tree_that_is_missing_makes_all_below_it_new(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 101, ENTRIES({ TREE_FILE, "a", A }));
	changes(&d, 101, PARENTS(555), "a 900;");
	assert_true(forge_was_told(&d.unread, 555, UNREAD_MISSING_OBJECT));
	diffed_done(&d);
}

static void a_tree_that_holds_itself_is_told(void **)
{
	struct diffed d;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FOLDER, "a", 100 }));
	changes(&d, 100, PARENTS(), "");
	assert_true(forge_was_told(&d.unread, 100, UNREAD_LIMIT));
	diffed_done(&d);
}

static void a_path_of_more_than_a_megabyte_is_told(void **)
{
	struct diffed d;
	struct buf name = BUF_INIT(PACK_BYTES);

	diffed_init(&d);
	for (size_t i = 0; i < (1u << 20); i++)
		assert_int_equal(buf_add_byte(&name, 'n'), 0);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, name.ptr, A }, { TREE_FILE, "z", B }));
	changes(&d, 100, PARENTS(), "z 901;");
	assert_true(forge_was_told(&d.unread, A, UNREAD_LIMIT));
	buf_done(&name);
	diffed_done(&d);
}

static void more_parents_than_count_leave_nothing_out(void **)
{
	struct diffed d;
	unsigned parents[TREEDIFF_PARENTS + 2] = { 0 };

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, "a", A }));
	for (unsigned i = 0; i <= TREEDIFF_PARENTS; i++) {
		forge_tree(&d.m, 200 + i, ENTRIES({ TREE_FILE, "b", B + i }));
		parents[i] = 200 + i;
	}
	changes(&d, 100, parents, "a 900;");
	diffed_done(&d);
}

static void whoever_takes_changes_can_end_the_walk(void **)
{
	struct diffed d;

	diffed_init(&d);
	d.status = 7;
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, "in", A }, { TREE_FILE, "other", B }));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FOLDER, "x", 100 }, { TREE_FILE, "y", C }));
	assert_int_equal(run(&d, 101, PARENTS()), 7);
	assert_int_equal(d.count, 1);
	diffed_done(&d);
}

static enum object_result look(struct diffed *d, unsigned treeish, struct view path, unsigned *ret,
			       enum tree_mode *mode)
{
	struct oid id = pack_id(treeish), found = pack_id(0);
	enum object_result status;

	if (!d->reader)
		d->reader = forge_open(&d->p, &d->m);
	status = treefind_path(d->reader, OID_SHA1_BYTES, &id, path, &found, mode);
	*ret = number_of(&found);
	return status;
}

static void a_path_is_found_from_a_commit_and_from_a_tree(void **)
{
	struct diffed d;
	unsigned n;
	enum tree_mode mode;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_LINK, "b", B }));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FOLDER, "a", 100 }, { TREE_FILE, "f", A }));
	forge_commit(&d.m, 1, 101, PARENTS(), 1);
	assert_int_equal(look(&d, 1, VIEW("a/b"), &n, &mode), OBJECT_OK);
	assert_int_equal(n, B);
	assert_int_equal(mode, TREE_LINK);
	assert_int_equal(look(&d, 101, VIEW("f"), &n, &mode), OBJECT_OK);
	assert_int_equal(look(&d, 101, VIEW("a"), &n, &mode), OBJECT_OK);
	assert_int_equal(mode, TREE_FOLDER);
	diffed_done(&d);
}

static void a_path_that_is_not_there_is_missing(void **)
{
	const struct view paths[] = { VIEW("x"), VIEW("f/x"), VIEW("a/x"), VIEW("a/b/c"),
				      VIEW(""),  VIEW("/f"),  VIEW("a/") };
	struct diffed d;
	unsigned n;
	enum tree_mode mode;

	diffed_init(&d);
	forge_tree(&d.m, 100, ENTRIES({ TREE_FILE, "b", B }));
	forge_tree(&d.m, 101, ENTRIES({ TREE_FOLDER, "a", 100 }, { TREE_FILE, "f", A }));
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_int_equal(look(&d, 101, paths[i], &n, &mode), OBJECT_MISSING);
	assert_int_equal(look(&d, 77, VIEW("f"), &n, &mode), OBJECT_MISSING);
	diffed_done(&d);
}

static void a_path_behind_damage_is_damaged(void **)
{
	struct diffed d;
	unsigned n;
	enum tree_mode mode;

	diffed_init(&d);
	(void)pack_add(&d.m, pack_id(100), OBJECT_TREE, VIEW("100644 cut"));
	(void)pack_add(&d.m, pack_id(102), OBJECT_BLOB, VIEW("blob"));
	forge_commit(&d.m, 1, 102, PARENTS(), 1);
	forge_tree(&d.m, 101, ENTRIES({ TREE_FOLDER, "a", 100 }));
	assert_int_equal(look(&d, 101, VIEW("a/b"), &n, &mode), OBJECT_CORRUPT);
	assert_int_equal(look(&d, 1, VIEW("a"), &n, &mode), OBJECT_CORRUPT);
	assert_int_equal(look(&d, 102, VIEW("a"), &n, &mode), OBJECT_CORRUPT);
	diffed_done(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_root_everything_is_new),
		cmocka_unit_test(only_what_differs_from_the_parent_is_new),
		cmocka_unit_test(of_a_merge_only_what_no_parent_has_is_new),
		cmocka_unit_test(a_file_that_became_a_folder_or_back_is_new),
		cmocka_unit_test(a_tree_that_a_parent_has_is_not_read),
		cmocka_unit_test(duplicate_and_unsorted_entries_are_all_seen),
		cmocka_unit_test(trees_that_are_missing_or_broken_are_told),
		cmocka_unit_test(a_parents_tree_that_is_missing_makes_all_below_it_new),
		cmocka_unit_test(a_tree_that_holds_itself_is_told),
		cmocka_unit_test(a_path_of_more_than_a_megabyte_is_told),
		cmocka_unit_test(more_parents_than_count_leave_nothing_out),
		cmocka_unit_test(whoever_takes_changes_can_end_the_walk),
		cmocka_unit_test(a_path_is_found_from_a_commit_and_from_a_tree),
		cmocka_unit_test(a_path_that_is_not_there_is_missing),
		cmocka_unit_test(a_path_behind_damage_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
