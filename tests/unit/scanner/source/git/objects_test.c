/* SPDX-License-Identifier: Apache-2.0 */
/* Object folders, alternates and multi-pack-indexes. */
#include "scanner/source/git/object.h"

#include "common/base/text.h"
#include "tests/support/place.h"

#define READER_BYTES ((size_t)64 << 20)

static bool is_loss; /* what objects_trouble said last */

static void note_alternates(const struct place *p, const char *folder, const char *text)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s/info/alternates", p->folder, folder);
	repo_make_folders(path);
	pack_write_file(path, "", view_of(text));
}

/* A pack with the blob n in a folder below the place. */
static void put_below(const struct place *p, const char *folder, unsigned n)
{
	struct made_pack m;
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s/pack/pack-%u", p->folder, folder, n);
	repo_make_folders(path);
	pack_begin(&m);
	add_blob(&m, n, VIEW("content"));
	pack_write(&m, path);
	pack_done(&m);
}

static void open_at(struct place *p, const char *folder)
{
	char path[REPO_PATH_BYTES];
	const char *folders[] = { path };
	struct err err = ERR_INIT;

	repo_path(path, "%s/%s", p->folder, folder);
	p->objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	if (!p->objects)
		fail_msg("%s", err.text);
}

static bool has(struct place *p, unsigned n)
{
	struct err err = ERR_INIT;
	struct object_reader *reader = object_reader_new(p->objects, READER_BYTES, &err);
	struct oid id = pack_id(n);
	struct object o;
	enum object_result status;

	assert_non_null(reader);
	status = object_read(reader, &id, &o, &err);
	assert_true(status == OBJECT_OK || status == OBJECT_MISSING);
	assert_int_equal(object_exists(reader, &id), status == OBJECT_OK);
	object_reader_freep(&reader);
	return status == OBJECT_OK;
}

static void alternates_are_read_by_absolute_and_relative_path(void **)
{
	struct place p;
	char text[REPO_PATH_BYTES];

	place_init(&p);
	put_below(&p, "a", 1);
	put_below(&p, "b", 2);
	put_below(&p, "c", 3);
	repo_path(text, "# a comment\n%s/b\n\n../c\n", p.folder);
	note_alternates(&p, "a", text);
	open_at(&p, "a");
	assert_true(has(&p, 1) && has(&p, 2) && has(&p, 3));
	assert_null(objects_trouble(p.objects, 0, &is_loss));
	place_done(&p);
}

static void alternates_in_a_circle_are_each_read_once(void **)
{
	struct place p;

	place_init(&p);
	put_below(&p, "a", 1);
	put_below(&p, "b", 2);
	put_below(&p, "c", 3);
	note_alternates(&p, "a", "../b\n");
	note_alternates(&p, "b", "../c\n");
	note_alternates(&p, "c", "../a\n../b\n../c\n");
	open_at(&p, "a");
	assert_true(has(&p, 1) && has(&p, 2) && has(&p, 3));
	assert_non_null(objects_folder(p.objects, 2));
	assert_null(objects_folder(p.objects, 3));
	assert_null(objects_trouble(p.objects, 0, &is_loss));
	place_done(&p);
}

static void a_quoted_alternate_is_read_without_its_quotes(void **)
{
	struct place p;

	place_init(&p);
	put_below(&p, "a", 1);
	put_below(&p, "odd\n\t\"\xc3\xa4", 2);
	put_below(&p, "c", 3);
	note_alternates(&p, "a", "\"../odd\\n\\t\\\"\\303\\244\"\n../c");
	open_at(&p, "a");
	assert_true(has(&p, 1) && has(&p, 2) && has(&p, 3));
	assert_null(objects_trouble(p.objects, 0, &is_loss));
	place_done(&p);
}

static void a_hundred_alternates_are_read(void **)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 16);
	struct place p;
	char name[64];

	place_init(&p);
	put_below(&p, "a", 1);
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "b%u", i);
		put_below(&p, name, 2 + i);
		assert_int_equal(buf_addf(&text, "../%s\n", name), 0);
	}
	note_alternates(&p, "a", text.ptr);
	open_at(&p, "a");
	assert_true(has(&p, 1) && has(&p, 2) && has(&p, 101));
	assert_null(objects_trouble(p.objects, 0, &is_loss));
	place_done(&p);
}

static void an_alternate_that_is_not_there_is_told(void **)
{
	struct place p;

	place_init(&p);
	put_below(&p, "a", 1);
	note_alternates(&p, "a", "../gone\n");
	open_at(&p, "a");
	assert_true(has(&p, 1));
	assert_non_null(strstr(objects_trouble(p.objects, 0, &is_loss), "gone"));
	place_done(&p);
}

/* How far git itself follows alternates of alternates. */
static bool git_has(const struct repo *r, const char *id)
{
	const char *argv[] = { "git", "-C", r->tree, "cat-file", "-e", id, NULL };
	struct buf out = BUF_INIT(REPO_OUTPUT_BYTES);
	struct err err = ERR_INIT;
	int status;

	assert_int_equal(proc_run(&(struct proc_spec){ .argv = argv }, &out, NULL, &status, &err), 0);
	buf_done(&out);
	return status == 0;
}

static void alternates_of_alternates_are_followed_as_far_as_git_follows_them(void **)
{
	struct repo r;
	struct place p;
	char name[REPO_PATH_BYTES], text[64];

	repo_init(&r);
	repo_path(p.folder, "%s/tree/.git", r.base);
	for (unsigned i = 0; i < 9; i++) {
		(void)snprintf(text, sizeof(text), "../d%u\n", i + 1);
		if (i)
			repo_path(name, "d%u", i);
		else
			repo_path(name, "objects");
		put_below(&p, name, i + 1);
		note_alternates(&p, name, text);
	}
	repo_path(name, "%s/d9", p.folder);
	assert_int_equal(mkdir(name, 0700), 0);
	open_at(&p, "objects");
	for (unsigned i = 0; i < 9; i++) {
		char hex[OID_HEX_BYTES];
		struct oid id = pack_id(i + 1);

		oid_hex(&id, OID_SHA1_BYTES, hex);
		if (has(&p, i + 1) != git_has(&r, hex))
			fail_msg("git and we disagree on the alternate number %u", i);
	}
	assert_true(has(&p, 1));
	assert_false(has(&p, 9));
	assert_non_null(objects_trouble(p.objects, 0, &is_loss));
	objects_freep(&p.objects);
	repo_done(&r);
}

/* A repository with three packs and a multi-pack-index over them. */
static void make_midx(struct repo *r)
{
	repo_init(r);
	for (unsigned i = 0; i < 3; i++) {
		char name[REPO_PATH_BYTES], text[64];

		repo_path(name, "tree/file %u", i);
		(void)snprintf(text, sizeof(text), "content %u\n", i);
		repo_write(r, name, view_of(text));
		repo_git(r, "tree", "add", ".", NULL);
		repo_git(r, "tree", "-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", name, NULL);
		repo_git(r, "tree", "repack", "-dq", NULL);
	}
	repo_git(r, "tree", "multi-pack-index", "write", NULL);
}

static int remove_index(const char *path, const struct stat *, int, struct FTW *)
{
	return text_ends(view_of(path), VIEW(".idx")) || text_ends(view_of(path), VIEW(".rev")) ? remove(path) : 0;
}

static void packs_without_index_are_read_by_the_multi_pack_index(void **)
{
	struct repo r;
	struct place p;
	char path[REPO_PATH_BYTES];

	make_midx(&r);
	repo_path(path, "%s/.git/objects/pack", r.tree);
	assert_int_equal(nftw(path, remove_index, 16, FTW_PHYS), 0);
	repo_path(p.folder, "%s/.git/objects", r.tree);
	walker_init(&p.w);
	p.objects = NULL;
	walk(&p);
	assert_int_equal(p.w.count, 9); /* three commits, trees and blobs */
	assert_int_equal(p.w.unread_count, 0);
	for (size_t i = 0; i < p.w.count; i++)
		assert_true(p.w.objects[i].is_whole);
	assert_non_null(objects_pack(p.objects, 2));
	objects_freep(&p.objects);
	walker_done(&p.w);
	repo_done(&r);
}

/* Opens the packs whose indexes are gone after one byte of the multi-pack-index was changed: whatever it says then,
 * nothing may be read outside of it. */
static void spoil_midx(const struct repo *r, const struct view *whole, size_t at)
{
	struct place p;
	struct buf bytes = BUF_INIT(PACK_BYTES);
	char path[REPO_PATH_BYTES];

	assert_int_equal(buf_add(&bytes, *whole), 0);
	bytes.ptr[at] = (char)(bytes.ptr[at] ^ 0xff);
	repo_path(path, "%s/.git/objects/pack/multi-pack-index", r->tree);
	assert_int_equal(unlink(path), 0);
	pack_write_file(path, "", buf_view(&bytes));
	repo_path(p.folder, "%s/.git/objects", r->tree);
	walker_init(&p.w);
	p.objects = NULL;
	walk(&p);
	if (at < 7) /* magic, version, hash, number of chunks: nothing is to be made of it */
		assert_true(p.w.unread_count > 0);
	objects_freep(&p.objects);
	walker_done(&p.w);
	buf_done(&bytes);
}

static void no_damage_of_a_multi_pack_index_leads_outside_of_it(void **)
{
	struct repo r;
	char path[REPO_PATH_BYTES];
	struct buf whole = BUF_INIT(PACK_BYTES);
	struct err err = ERR_INIT;
	struct view v;

	make_midx(&r);
	repo_path(path, "%s/.git/objects/pack", r.tree);
	assert_int_equal(nftw(path, remove_index, 16, FTW_PHYS), 0);
	repo_path(path, "%s/.git/objects/pack/multi-pack-index", r.tree);
	assert_int_equal(file_read(path, &whole, &err), 0);
	v = buf_view(&whole);
	/* A pack that it hides is waited for, a second each time. */
	for (size_t at = 0; at < v.len; at += at < 12 ? 1 : at < 100 ? 9 : 61)
		spoil_midx(&r, &v, at);
	buf_done(&whole);
	repo_done(&r);
}

static void a_second_look_finds_new_packs_and_says_so(void **)
{
	struct place p;
	struct err err = ERR_INIT;

	place_init(&p);
	put_below(&p, "a", 1);
	open_at(&p, "a");
	assert_int_equal(objects_refresh(p.objects, &err), 0);
	put_below(&p, "a", 2);
	assert_int_equal(objects_refresh(p.objects, &err), 1);
	assert_int_equal(objects_refresh(p.objects, &err), 0);
	assert_non_null(objects_pack(p.objects, 1));
	assert_null(objects_pack(p.objects, 2));
	place_done(&p);
}

static void move(const struct place *p, const char *from, const char *to)
{
	char a[REPO_PATH_BYTES], b[REPO_PATH_BYTES];

	repo_path(a, "%s/%s", p->folder, from);
	repo_path(b, "%s/%s", p->folder, to);
	assert_int_equal(rename(a, b), 0);
}

static void a_pack_whose_index_comes_later_is_no_trouble(void **)
{
	struct place p;
	struct err err = ERR_INIT;

	place_init(&p);
	put_below(&p, "a", 1);
	move(&p, "a/pack/pack-1.idx", "later");
	open_at(&p, "a");
	assert_null(objects_pack(p.objects, 0));
	move(&p, "later", "a/pack/pack-1.idx");
	assert_int_equal(objects_settle(p.objects, &err), 1);
	assert_true(has(&p, 1));
	assert_int_equal(objects_settle(p.objects, &err), 0);
	assert_null(objects_trouble(p.objects, 0, &is_loss));
	place_done(&p);
}

static void a_pack_whose_index_does_not_come_is_told(void **)
{
	struct place p;
	struct err err = ERR_INIT;

	place_init(&p);
	put_below(&p, "a", 1);
	move(&p, "a/pack/pack-1.idx", "gone");
	open_at(&p, "a");
	assert_int_equal(objects_settle(p.objects, &err), 0);
	assert_non_null(strstr(objects_trouble(p.objects, 0, &is_loss), "pack-1.idx"));
	assert_true(is_loss);
	place_done(&p);
}

static void a_damaged_pack_is_told_and_the_others_are_read(void **)
{
	struct place p;
	struct err err = ERR_INIT;
	char path[REPO_PATH_BYTES];

	place_init(&p);
	put_below(&p, "a", 1);
	put_below(&p, "a", 2);
	repo_path(path, "%s/a/pack/pack-1.pack", p.folder);
	pack_write_file(path, "", VIEW("no pack"));
	open_at(&p, "a");
	assert_true(has(&p, 2));
	assert_null(objects_trouble(p.objects, 0, &is_loss));
	assert_int_equal(objects_settle(p.objects, &err), 0);
	assert_non_null(strstr(objects_trouble(p.objects, 0, &is_loss), "pack-1.pack"));
	assert_true(is_loss);
	assert_null(objects_trouble(p.objects, 1, &is_loss));
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alternates_are_read_by_absolute_and_relative_path),
		cmocka_unit_test(alternates_in_a_circle_are_each_read_once),
		cmocka_unit_test(a_quoted_alternate_is_read_without_its_quotes),
		cmocka_unit_test(a_hundred_alternates_are_read),
		cmocka_unit_test(an_alternate_that_is_not_there_is_told),
		cmocka_unit_test(alternates_of_alternates_are_followed_as_far_as_git_follows_them),
		cmocka_unit_test(packs_without_index_are_read_by_the_multi_pack_index),
		cmocka_unit_test(no_damage_of_a_multi_pack_index_leads_outside_of_it),
		cmocka_unit_test(a_second_look_finds_new_packs_and_says_so),
		cmocka_unit_test(a_pack_whose_index_comes_later_is_no_trouble),
		cmocka_unit_test(a_pack_whose_index_does_not_come_is_told),
		cmocka_unit_test(a_damaged_pack_is_told_and_the_others_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
