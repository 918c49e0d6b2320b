/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/packfile.h"

#include <errno.h>

#include "common/base/text.h"
#include "tests/support/pack.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define IDX_COUNTS_AT 8 /* behind magic and version */

static char folder[REPO_PATH_BYTES];

static int make_folder(void **)
{
	repo_path(folder, "/tmp/skant-pack-test-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **)
{
	repo_remove(folder);
	return 0;
}

/* Opens what was written as folder/p; it must be good. */
static struct packfile *open_good(void)
{
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;
	struct packfile *p;

	repo_path(path, "%s/p", folder);
	p = packfile_open(path, OID_SHA1_BYTES, &err);
	if (!p)
		fail_msg("%s", err.text);
	return p;
}

/* Opens what was written as folder/p; it must be refused with a text that holds what. */
static void open_bad(const char *what)
{
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;

	repo_path(path, "%s/p", folder);
	assert_null(packfile_open(path, OID_SHA1_BYTES, &err));
	if (!strstr(err.text, what))
		fail_msg("'%s' does not say '%s'", err.text, what);
	assert_non_null(strstr(err.text, path));
}

static void write_raw(const char *ending, const struct buf *bytes)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/p", folder);
	pack_write_file(path, ending, buf_view(bytes));
}

/* Two blobs and a delta, as buffers that a test may spoil before write_raw. */
static void make(struct buf *pack, struct buf *idx)
{
	struct made_pack m;
	struct buf delta;
	uint64_t at;

	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("one"));
	pack_add(&m, pack_id(2), OBJECT_BLOB, VIEW("two"));
	delta_begin(&delta, 3, 3);
	delta_add_copy(&delta, 0, 3);
	pack_add_ofs(&m, pack_id(3), at, buf_view(&delta));
	pack_end(&m);
	*idx = (struct buf)BUF_INIT(PACK_BYTES);
	pack_make_idx(&m, idx);
	*pack = m.pack;
	m.pack = (struct buf)BUF_INIT(0);
	pack_done(&m);
	buf_done(&delta);
}

static void write_both(struct buf *pack, struct buf *idx)
{
	write_raw(".pack", pack);
	write_raw(".idx", idx);
	buf_done(pack);
	buf_done(idx);
}

static void each_object_is_found_by_its_id(void **)
{
	struct buf pack, idx;
	struct packfile *p;

	make(&pack, &idx);
	write_both(&pack, &idx);
	p = open_good();
	assert_int_equal(p->count, 3);
	for (unsigned n = 1; n <= 3; n++) {
		struct oid id = pack_id(n), again;
		uint32_t index = packfile_find(p, &id);

		assert_in_range(index, 0, 2);
		again = packfile_id(p, index);
		assert_true(oid_eq(&again, &id));
	}
	packfile_free(p);
}

static void an_id_that_is_not_there_is_not_found(void **)
{
	struct buf pack, idx;
	struct packfile *p;

	make(&pack, &idx);
	write_both(&pack, &idx);
	p = open_good();
	for (unsigned n = 4; n < 300; n++) {
		struct oid id = pack_id(n);

		assert_int_equal(packfile_find(p, &id), PACK_NONE);
	}
	packfile_free(p);
}

static void entries_say_their_type_size_and_base(void **)
{
	struct buf pack, idx;
	struct packfile *p;
	struct pack_entry e;
	struct oid first = pack_id(1), delta = pack_id(3);

	make(&pack, &idx);
	write_both(&pack, &idx);
	p = open_good();
	assert_int_equal(packfile_entry(p, packfile_offset(p, packfile_find(p, &first)), &e), 0);
	assert_int_equal(e.type, OBJECT_BLOB);
	assert_int_equal(e.size, 3);
	assert_false(e.is_ofs || e.is_ref);
	assert_int_equal(packfile_entry(p, packfile_offset(p, packfile_find(p, &delta)), &e), 0);
	assert_int_equal(e.type, OBJECT_NONE);
	assert_true(e.is_ofs);
	assert_int_equal(e.base_at, packfile_offset(p, packfile_find(p, &first)));
	packfile_free(p);
}

static void a_pack_of_git_is_read_as_git_reads_it(void **)
{
	struct repo r;
	struct buf line = BUF_INIT(REPO_OUTPUT_BYTES);
	struct err err = ERR_INIT;
	char name[REPO_PATH_BYTES], path[REPO_PATH_BYTES], command[2 * REPO_PATH_BYTES];
	const char *argv[] = { "sh", "-c", command, NULL };
	struct view rest, entry;
	struct packfile *p;
	int status;
	uint32_t seen = 0;

	repo_init(&r);
	for (unsigned i = 0; i < 40; i++) {
		char text[64];

		repo_path(name, "tree/f%u", i % 7);
		(void)snprintf(text, sizeof(text), "a line of its own %u\n", i);
		repo_write(&r, name, view_of(text));
		repo_git(&r, "tree", "add", ".", NULL);
		repo_git(&r, "tree", "-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", text, NULL);
	}
	repo_git(&r, "tree", "repack", "-adq", NULL);
	repo_path(command, "cd '%s/.git/objects/pack' && ls *.pack", r.tree);
	assert_int_equal(proc_run(&(struct proc_spec){ .argv = argv }, &line, NULL, &status, &err), 0);
	buf_cut(&line, line.len - sizeof(".pack"));
	repo_path(path, "%s/.git/objects/pack/%s", r.tree, line.ptr);
	p = packfile_open(path, OID_SHA1_BYTES, &err);
	assert_non_null(p);
	buf_clear(&line);
	repo_path(command, "git show-index < '%s.idx'", path); /* offset, id, (checksum) */
	assert_int_equal(proc_run(&(struct proc_spec){ .argv = argv }, &line, NULL, &status, &err), 0);
	rest = buf_view(&line);
	while (text_next_line(&rest, &entry)) {
		size_t blank = text_find_byte(entry, ' ');
		uint64_t at;
		struct oid id;

		assert_int_equal(text_u64(view_sub(entry, 0, blank), UINT64_MAX, &at), 0);
		assert_int_equal(oid_parse(view_sub(entry, blank + 1, 40), 20, &id), 0);
		assert_int_not_equal(packfile_find(p, &id), PACK_NONE);
		assert_int_equal(packfile_offset(p, packfile_find(p, &id)), at);
		seen++;
	}
	assert_int_equal(seen, p->count);
	packfile_free(p);
	buf_done(&line);
	repo_done(&r);
}

static void an_offset_above_2_to_the_31_is_read_from_the_64_bit_table(void **)
{
	const uint64_t far = ((uint64_t)1 << 31) + 4711;
	char path[REPO_PATH_BYTES];
	struct buf pack, idx, tail = BUF_INIT(PACK_BYTES);
	struct made_pack m;
	struct packfile *p;
	struct pack_entry e;
	struct oid id = pack_id(9);
	int fd;

	pack_begin(&m);
	pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("one"));
	pack_note(&m, id, far);
	pack_end(&m);
	pack = m.pack;
	m.pack = (struct buf)BUF_INIT(0);
	idx = (struct buf)BUF_INIT(PACK_BYTES);
	pack_make_idx(&m, &idx);
	pack_done(&m);
	pack_begin(&m);
	pack_add(&m, id, OBJECT_BLOB, VIEW("far away"));
	pack_end(&m);
	assert_int_equal(buf_add(&tail, view_sub(buf_view(&m.pack), 12, m.pack.len)), 0);
	pack_done(&m);
	write_both(&pack, &idx);
	repo_path(path, "%s/p.pack", folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_return_code(fd, errno);
	assert_int_equal(pwrite(fd, tail.ptr, tail.len, (off_t)far), (ssize_t)tail.len); /* a hole before it */
	assert_int_equal(close(fd), 0);
	p = open_good();
	assert_true(packfile_offset(p, packfile_find(p, &id)) == far);
	assert_int_equal(packfile_entry(p, far, &e), 0);
	assert_int_equal(e.size, 8);
	packfile_free(p);
	buf_done(&tail);
	assert_int_equal(unlink(path), 0);
}

static void a_64_bit_offset_whose_table_is_too_short_points_nowhere(void **)
{
	struct buf pack, idx;
	struct packfile *p;

	make(&pack, &idx);
	/* the last of three offsets, which stand before the two trailing digests */
	memset(idx.ptr + idx.len - 2 * OID_SHA1_BYTES - 4, 0xff, 4);
	write_both(&pack, &idx);
	p = open_good();
	assert_true(packfile_offset(p, 2) == UINT64_MAX);
	packfile_free(p);
}

static void an_offset_past_the_pack_points_nowhere(void **)
{
	struct buf pack, idx;
	struct packfile *p;
	struct pack_entry e;

	make(&pack, &idx);
	memset(idx.ptr + idx.len - 2 * OID_SHA1_BYTES - 4, 0x7f, 4);
	write_both(&pack, &idx);
	p = open_good();
	assert_true(packfile_offset(p, 2) == UINT64_MAX);
	assert_int_equal(packfile_entry(p, UINT64_MAX, &e), -1);
	packfile_free(p);
}

static void an_offset_into_the_packs_head_or_trailer_points_nowhere(void **)
{
	struct buf pack, idx;
	struct packfile *p;
	struct pack_entry e;
	uint32_t at;

	make(&pack, &idx);
	at = htobe32(11);
	memcpy(idx.ptr + idx.len - 2 * OID_SHA1_BYTES - 4, &at, 4);
	at = htobe32((uint32_t)(pack.len - OID_SHA1_BYTES));
	memcpy(idx.ptr + idx.len - 2 * OID_SHA1_BYTES - 8, &at, 4);
	write_both(&pack, &idx);
	p = open_good();
	assert_true(packfile_offset(p, 2) == UINT64_MAX);
	assert_true(packfile_offset(p, 1) == UINT64_MAX);
	assert_int_equal(packfile_entry(p, 11, &e), -1);
	packfile_free(p);
}

static void an_index_whose_counts_fall_is_refused(void **)
{
	struct buf pack, idx;

	make(&pack, &idx);
	idx.ptr[IDX_COUNTS_AT + 4 * 254 + 3] = 9;
	write_both(&pack, &idx);
	open_bad("not in order");
}

static void an_index_that_is_shorter_than_its_counts_is_refused(void **)
{
	struct buf pack, idx;

	make(&pack, &idx);
	buf_cut(&idx, IDX_COUNTS_AT + 4 * 256 + 3 * 28 - 1);
	write_both(&pack, &idx);
	open_bad("shorter than its counts say");
}

static void an_index_of_version_1_or_3_or_an_empty_one_is_refused(void **)
{
	struct buf pack, idx;

	make(&pack, &idx);
	idx.ptr[7] = 3;
	write_both(&pack, &idx);
	open_bad("version that is not 2");
	make(&pack, &idx);
	idx.ptr[0] = 0;
	write_both(&pack, &idx);
	open_bad("no pack index of version 2");
	make(&pack, &idx);
	buf_clear(&idx);
	write_both(&pack, &idx);
	open_bad("no pack index of version 2");
}

static void an_index_of_another_pack_is_refused(void **)
{
	struct buf pack, idx;

	make(&pack, &idx);
	pack.ptr[11] = 4;
	write_both(&pack, &idx);
	open_bad("another number of objects");
}

static void what_is_no_pack_is_refused(void **)
{
	struct buf pack, idx;

	make(&pack, &idx);
	pack.ptr[0] = 'p';
	write_both(&pack, &idx);
	open_bad("is no pack");
	make(&pack, &idx);
	buf_cut(&pack, 12 + OID_SHA1_BYTES - 1);
	write_both(&pack, &idx);
	open_bad("is no pack");
	make(&pack, &idx);
	buf_clear(&pack);
	write_both(&pack, &idx);
	open_bad("is no pack");
}

static void a_pack_of_version_4_is_refused(void **)
{
	struct buf pack, idx;

	make(&pack, &idx);
	pack.ptr[7] = 4;
	write_both(&pack, &idx);
	open_bad("version that is not 2 or 3");
}

static void a_pack_without_index_is_told_as_a_missing_file(void **)
{
	char path[REPO_PATH_BYTES];
	struct buf pack, idx;
	struct err err = ERR_INIT;

	make(&pack, &idx);
	write_both(&pack, &idx);
	repo_path(path, "%s/p.idx", folder);
	assert_int_equal(unlink(path), 0);
	repo_path(path, "%s/p", folder);
	assert_null(packfile_open(path, OID_SHA1_BYTES, &err));
	assert_int_equal(err.errnum, ENOENT);
}

/* A pack that holds nothing but these bytes; what packfile_entry says of the first. */
static int entry_of(struct view bytes, struct pack_entry *ret)
{
	struct made_pack m;
	char path[REPO_PATH_BYTES];
	struct packfile *p;
	int status;

	pack_begin(&m);
	pack_note(&m, pack_id(1), m.pack.len);
	pack_need(buf_add(&m.pack, bytes) == 0);
	repo_path(path, "%s/p", folder);
	pack_write(&m, path);
	pack_done(&m);
	p = open_good();
	status = packfile_entry(p, 12, ret);
	if (status == 0)
		assert_in_range(ret->data, 13, 12 + bytes.len);
	packfile_free(p);
	return status;
}

static void a_size_of_up_to_60_bits_is_read(void **)
{
	struct pack_entry e;

	assert_int_equal(entry_of(VIEW("\xbf\xff\xff\xff\xff\xff\xff\xff\x7f"), &e), 0);
	assert_true(e.size == ((uint64_t)1 << 60) - 1);
	assert_int_equal(e.type, OBJECT_BLOB);
}

static void a_size_that_never_ends_is_refused(void **)
{
	struct pack_entry e;

	assert_int_equal(entry_of(VIEW("\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), &e), -1);
}

static void a_head_that_is_cut_off_is_refused(void **)
{
	struct pack_entry e;

	assert_int_equal(entry_of(VIEW("\xbf"), &e), -1);
	assert_int_equal(entry_of(VIEW("\xbf\xff"), &e), -1);
	assert_int_equal(entry_of(VIEW("\x60"), &e), -1);
	assert_int_equal(entry_of(VIEW("\x60\x80"), &e), -1);
	assert_int_equal(entry_of(VIEW("\x70"
				       "1234567890123456789"),
				  &e),
			 -1);
}

static void the_types_0_and_5_are_refused(void **)
{
	struct pack_entry e;

	assert_int_equal(entry_of(VIEW("\x01z"), &e), -1);
	assert_int_equal(entry_of(VIEW("\x51z"), &e), -1);
}

static void a_base_before_the_packs_first_object_is_refused(void **)
{
	struct pack_entry e;

	assert_int_equal(entry_of(VIEW("\x61\x01z"), &e), -1);
}

static void a_distance_of_nothing_is_refused(void **)
{
	struct pack_entry e;

	assert_int_equal(entry_of(VIEW("\x61\0z"), &e), -1);
}

static void a_distance_of_more_than_64_bits_is_refused(void **)
{
	struct pack_entry e;

	assert_int_equal(entry_of(VIEW("\x61\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7fz"), &e), -1);
}

static void a_reverse_index_that_is_too_short_is_done_without(void **)
{
	struct buf pack, idx, rev = BUF_INIT(1024);
	char path[REPO_PATH_BYTES];
	struct packfile *p;

	make(&pack, &idx);
	write_both(&pack, &idx);
	pack_need(buf_add(&rev, VIEW("RIDX\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0")) == 0);
	write_raw(".rev", &rev);
	p = open_good();
	assert_null(p->rev);
	packfile_free(p);
	pack_need(buf_add(&rev, VIEW("\2")) == 0);
	write_raw(".rev", &rev);
	p = open_good();
	assert_non_null(p->rev);
	packfile_free(p);
	buf_done(&rev);
	repo_path(path, "%s/p.rev", folder);
	assert_int_equal(unlink(path), 0);
}

static void a_pack_of_a_partial_clone_is_known_by_its_promisor_file(void **)
{
	struct buf pack, idx, none = BUF_INIT(1);
	char path[REPO_PATH_BYTES];
	struct packfile *p;

	make(&pack, &idx);
	write_both(&pack, &idx);
	p = open_good();
	assert_false(p->is_promisor);
	packfile_free(p);
	write_raw(".promisor", &none);
	p = open_good();
	assert_true(p->is_promisor);
	packfile_free(p);
	repo_path(path, "%s/p.promisor", folder);
	assert_int_equal(unlink(path), 0);
}

static void an_index_that_was_made_is_taken_over_only_on_success(void **)
{
	struct buf pack, idx;
	char path[REPO_PATH_BYTES];
	struct packfile *p;
	struct err err = ERR_INIT;
	struct oid id = pack_id(2);

	make(&pack, &idx);
	write_raw(".pack", &pack);
	buf_done(&pack);
	repo_path(path, "%s/p", folder);
	idx.ptr[0] = 0;
	assert_null(packfile_open_with(path, &idx, OID_SHA1_BYTES, &err));
	assert_non_null(idx.ptr);
	idx.ptr[0] = (char)0xff;
	p = packfile_open_with(path, &idx, OID_SHA1_BYTES, &err);
	assert_non_null(p);
	assert_null(idx.ptr);
	assert_int_not_equal(packfile_find(p, &id), PACK_NONE);
	packfile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_object_is_found_by_its_id),
		cmocka_unit_test(an_id_that_is_not_there_is_not_found),
		cmocka_unit_test(entries_say_their_type_size_and_base),
		cmocka_unit_test(a_pack_of_git_is_read_as_git_reads_it),
		cmocka_unit_test(an_offset_above_2_to_the_31_is_read_from_the_64_bit_table),
		cmocka_unit_test(a_64_bit_offset_whose_table_is_too_short_points_nowhere),
		cmocka_unit_test(an_offset_past_the_pack_points_nowhere),
		cmocka_unit_test(an_offset_into_the_packs_head_or_trailer_points_nowhere),
		cmocka_unit_test(an_index_whose_counts_fall_is_refused),
		cmocka_unit_test(an_index_that_is_shorter_than_its_counts_is_refused),
		cmocka_unit_test(an_index_of_version_1_or_3_or_an_empty_one_is_refused),
		cmocka_unit_test(an_index_of_another_pack_is_refused),
		cmocka_unit_test(what_is_no_pack_is_refused),
		cmocka_unit_test(a_pack_of_version_4_is_refused),
		cmocka_unit_test(a_pack_without_index_is_told_as_a_missing_file),
		cmocka_unit_test(a_size_of_up_to_60_bits_is_read),
		cmocka_unit_test(a_size_that_never_ends_is_refused),
		cmocka_unit_test(a_head_that_is_cut_off_is_refused),
		cmocka_unit_test(the_types_0_and_5_are_refused),
		cmocka_unit_test(a_base_before_the_packs_first_object_is_refused),
		cmocka_unit_test(a_distance_of_nothing_is_refused),
		cmocka_unit_test(a_distance_of_more_than_64_bits_is_refused),
		cmocka_unit_test(a_reverse_index_that_is_too_short_is_done_without),
		cmocka_unit_test(a_pack_of_a_partial_clone_is_known_by_its_promisor_file),
		cmocka_unit_test(an_index_that_was_made_is_taken_over_only_on_success),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
