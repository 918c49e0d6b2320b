/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/commit.h"

#include "tests/support/unit.h"

#define A "0123456789abcdef0123456789abcdef01234567"
#define B "89abcdef0123456789abcdef0123456789abcdef"
#define PEOPLE "author A U Thor <a@example.com> 1700000000 +0530\ncommitter C <c@example.com> 1700000001 -0800\n"

static struct oid id_of(const char *hex)
{
	struct oid id;

	assert_int_equal(oid_parse(view_of(hex), OID_SHA1_BYTES, &id), 0);
	return id;
}

static void parsed(struct view text, struct commit *ret)
{
	assert_int_equal(commit_parse(text, OID_SHA1_BYTES, ret), 0);
}

static void a_commit_gives_tree_people_and_message(void **)
{
	struct commit c;
	struct oid tree = id_of(A);

	parsed(VIEW("tree " A "\n" PEOPLE "\nsubject\n\nbody\n"), &c);
	assert_true(oid_eq(&c.tree, &tree));
	assert_view(c.author.name, "A U Thor");
	assert_view(c.author.email, "a@example.com");
	assert_int_equal(c.author.time_s, 1700000000);
	assert_int_equal(c.author.offset_mins, 330);
	assert_view(c.committer.name, "C");
	assert_int_equal(c.committer.time_s, 1700000001);
	assert_int_equal(c.committer.offset_mins, -480);
	assert_view(c.message, "subject\n\nbody\n");
	assert_view(commit_subject(c.message), "subject");
}

static void parents_come_in_their_order(void **)
{
	struct commit c;
	struct oid parent, a = id_of(A), b = id_of(B);
	struct view rest;

	parsed(VIEW("tree " A "\nparent " B "\nparent " A "\n" PEOPLE "\nx"), &c);
	rest = c.parents;
	assert_true(commit_parent(&rest, OID_SHA1_BYTES, &parent) && oid_eq(&parent, &b));
	assert_true(commit_parent(&rest, OID_SHA1_BYTES, &parent) && oid_eq(&parent, &a));
	assert_false(commit_parent(&rest, OID_SHA1_BYTES, &parent));
}

static void headers_behind_the_people_are_no_message(void **)
{
	struct commit c;

	parsed(VIEW("tree " A "\n" PEOPLE "encoding latin1\ngpgsig -----BEGIN\n \n line\n -----END\n\nsubject"), &c);
	assert_view(c.message, "subject");
}

static void a_commit_without_people_or_message_is_one_all_the_same(void **)
{
	struct commit c;

	parsed(VIEW("tree " A "\n"), &c);
	assert_int_equal(c.message.len, 0);
	assert_int_equal(c.author.name.len, 0);
	parsed(VIEW("tree " A "\n\nonly a message"), &c);
	assert_view(c.message, "only a message");
}

static void what_does_not_start_with_a_tree_is_no_commit(void **)
{
	struct commit c;

	assert_int_equal(commit_parse(VIEW(""), OID_SHA1_BYTES, &c), -1);
	assert_int_equal(commit_parse(VIEW("tree " A), OID_SHA1_BYTES, &c), -1);
	assert_int_equal(commit_parse(VIEW("tree " A "0\n"), OID_SHA1_BYTES, &c), -1);
	assert_int_equal(commit_parse(VIEW("parent " A "\ntree " A "\n"), OID_SHA1_BYTES, &c), -1);
	assert_int_equal(commit_parse(VIEW("tree " A "\n"), OID_SHA256_BYTES, &c), -1);
}

static void odd_people_give_what_can_be_made_of_them(void **)
{
	struct commit c;

	parsed(VIEW("tree " A "\nauthor nobody\ncommitter <> x\n\n"), &c);
	assert_view(c.author.name, "nobody");
	assert_int_equal(c.author.time_s, 0);
	assert_int_equal(c.committer.name.len + c.committer.email.len, 0);
	parsed(VIEW("tree " A "\nauthor A <a@b\ncommitter C <c> 99999999999999999999 +0000\n\n"), &c);
	assert_view(c.author.email, "a@b");
	assert_int_equal(c.committer.time_s, 0);
	parsed(VIEW("tree " A "\nauthor A <a> -5 +0000\ncommitter C <c> 7 +99\n\n"), &c);
	assert_int_equal(c.author.time_s, 0);
	assert_int_equal(c.committer.time_s, 7);
	assert_int_equal(c.committer.offset_mins, 0);
}

static void the_time_stands_behind_the_last_angle(void **)
{
	struct commit c;

	parsed(VIEW("tree " A "\nauthor A <a <a@b>> 12 +0100\ncommitter C <c> <d> 34 +0200\n\n"), &c);
	assert_int_equal(c.author.time_s, 12);
	assert_int_equal(c.author.offset_mins, 60);
	assert_int_equal(c.committer.time_s, 34);
}

static void a_subject_is_the_first_line_that_is_not_empty(void **)
{
	assert_view(commit_subject(VIEW("\n\n  indented \nnext")), "indented");
	assert_view(commit_subject(VIEW("")), "");
	assert_view(commit_subject(VIEW("\n\n")), "");
}

static void a_tag_gives_target_type_tagger_and_message(void **)
{
	struct tag t;
	struct oid target = id_of(B);

	assert_int_equal(tag_parse(VIEW("object " B "\ntype tree\ntag v1\ntagger T <t@example.com> 5 +0000\n\nnote\n"),
				   OID_SHA1_BYTES, &t),
			 0);
	assert_true(oid_eq(&t.target, &target));
	assert_int_equal(t.type, OBJECT_TREE);
	assert_view(t.tagger.name, "T");
	assert_int_equal(t.tagger.time_s, 5);
	assert_view(t.message, "note\n");
}

static void a_tag_of_old_without_tagger_is_one(void **)
{
	struct tag t;

	assert_int_equal(tag_parse(VIEW("object " B "\ntype commit\ntag v1\n\nnote"), OID_SHA1_BYTES, &t), 0);
	assert_int_equal(t.type, OBJECT_COMMIT);
	assert_view(t.message, "note");
	assert_int_equal(tag_parse(VIEW("object " B "\ntype thing\n\n"), OID_SHA1_BYTES, &t), 0);
	assert_int_equal(t.type, OBJECT_NONE);
}

static void what_has_no_object_is_no_tag(void **)
{
	struct tag t;

	assert_int_equal(tag_parse(VIEW("type commit\nobject " B "\n"), OID_SHA1_BYTES, &t), -1);
	assert_int_equal(tag_parse(VIEW("object " B "\n"), OID_SHA1_BYTES, &t), -1);
}

#define ID "12345678901234567890"

static void a_tree_gives_its_entries_in_turn(void **)
{
	struct view rest = VIEW("100644 file\0" ID "100755 run\0" ID "40000 dir\0" ID "120000 link\0" ID
				"160000 sub\0" ID "100664 old\0" ID);
	const enum tree_mode modes[] = { TREE_FILE, TREE_FILE, TREE_FOLDER, TREE_LINK, TREE_SUBMODULE, TREE_FILE };
	struct tree_entry e;

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		assert_int_equal(tree_next(&rest, OID_SHA1_BYTES, &e), 1);
		assert_int_equal(e.mode, modes[i]);
		assert_memory_equal(e.id, ID, OID_SHA1_BYTES);
	}
	assert_view(e.name, "old");
	assert_int_equal(tree_next(&rest, OID_SHA1_BYTES, &e), 0);
}

static void a_tree_that_breaks_off_gives_what_came_before(void **)
{
	const struct view ends[] = { VIEW("1"),
				     VIEW("100644"),
				     VIEW("100644 "),
				     VIEW("100644 b"),
				     VIEW("100644 b\0"),
				     VIEW("100644 b\0"
					  "1234567890123456789"),
				     VIEW("x00644 b\0" ID),
				     VIEW(" b\0" ID),
				     VIEW("1006440000000 b\0" ID),
				     VIEW("100648 b\0" ID) };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct buf text = BUF_INIT(1024);
		struct view rest;
		struct tree_entry e;

		assert_int_equal(buf_add(&text, VIEW("100644 a\0" ID)), 0);
		assert_int_equal(buf_add(&text, ends[i]), 0);
		rest = buf_view(&text);
		assert_int_equal(tree_next(&rest, OID_SHA1_BYTES, &e), 1);
		assert_view(e.name, "a");
		assert_int_equal(tree_next(&rest, OID_SHA1_BYTES, &e), -1);
		buf_done(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_gives_tree_people_and_message),
		cmocka_unit_test(parents_come_in_their_order),
		cmocka_unit_test(headers_behind_the_people_are_no_message),
		cmocka_unit_test(a_commit_without_people_or_message_is_one_all_the_same),
		cmocka_unit_test(what_does_not_start_with_a_tree_is_no_commit),
		cmocka_unit_test(odd_people_give_what_can_be_made_of_them),
		cmocka_unit_test(the_time_stands_behind_the_last_angle),
		cmocka_unit_test(a_subject_is_the_first_line_that_is_not_empty),
		cmocka_unit_test(a_tag_gives_target_type_tagger_and_message),
		cmocka_unit_test(a_tag_of_old_without_tagger_is_one),
		cmocka_unit_test(what_has_no_object_is_no_tag),
		cmocka_unit_test(a_tree_gives_its_entries_in_turn),
		cmocka_unit_test(a_tree_that_breaks_off_gives_what_came_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
