/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/review_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/sys/file.h"
#include "tests/support/unit.h"

#define NOW INT64_C(1790000000)
#define DAY INT64_C(86400)

static char dir[] = "/tmp/review_record_XXXXXX";
static char path[sizeof(dir) + 16];

static struct access_counts counts = { .people = 20,
				       .admins = 2,
				       .violations = 3,
				       .notes = 1,
				       .codes = { [ACCESS_INVITE_OPEN] = 3, [ACCESS_SERVICE_ACCOUNT] = 1 } };

static struct review_entry entry_of(int64_t time_s)
{
	return (struct review_entry){ .time_s = time_s,
				      .reviewer = "ada",
				      .organization_id = "org_1",
				      .organization = "Example \"1\"",
				      .counts = &counts,
				      .seen = { true, true },
				      .review_every_s = 90 * DAY };
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(path, sizeof(path), "%s/r.jsonl", dir);
	(void)unlink(path);
	return 0;
}

static void append(int64_t time_s)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	const struct review_entry entry = entry_of(time_s);
	struct err err = ERR_INIT;

	assert_int_equal(review_append(path, &entry, &chain, &err), 0);
}

static void read_all(struct buf *text)
{
	struct err err = ERR_INIT;

	assert_int_equal(file_read(path, text, &err), 0);
}

static void write_all(struct view text)
{
	DEFER(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(file_write_full(fd, text), 0);
}

static void assert_flaw(const char *words)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(review_check_file(path, &chain, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	if (!strstr(err.text, words))
		fail_msg("'%s' is not in: %s", words, err.text);
}

static void assert_sound(uint64_t count)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(review_check_file(path, &chain, &err), 0);
	assert_int_equal(chain.count, count);
}

/* The n-th line with its end. */
static struct view line_of(const struct buf *text, unsigned n)
{
	const char *start = text->ptr, *end;

	while (n--)
		start = strchr(start, '\n') + 1;
	end = strchr(start, '\n') + 1;
	return view_from(start, (size_t)(end - start));
}

static void records_make_a_chain(void **state)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES), head = BUF_INIT(100);
	unsigned char hash[DIGEST_SHA256_BYTES];
	struct err err = ERR_INIT;
	struct view first;

	(void)state;
	append(NOW);
	append(NOW + DAY);
	append(NOW + DAY);
	assert_int_equal(review_check_file(path, &chain, &err), 0);
	assert_int_equal(chain.count, 3);
	assert_int_equal(chain.first_s, NOW);
	assert_int_equal(chain.last_s, NOW + DAY);
	assert_int_equal(chain.due_s, NOW + 91 * DAY);
	assert_view(buf_view(&chain.reviewer), "ada");
	read_all(&text);
	first = line_of(&text, 0);
	digest_sha256(view_sub(first, 0, first.len - 1), hash);
	assert_int_equal(digest_add_hex(&head, hash, sizeof(hash)), 0);
	assert_non_null(strstr(line_of(&text, 1).ptr, head.ptr));
	assert_non_null(strstr(text.ptr, "\"violations\":{\"invite-open\":3},\"notes\":{\"service-account\":1}"));
	assert_non_null(strstr(text.ptr, "\"organization\":\"Example \\\"1\\\"\""));
}

static void each_altered_byte_is_noticed(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES);

	(void)state;
	append(NOW);
	append(NOW + DAY);
	read_all(&text);
	for (size_t i = 0; i < text.len; i++) {
		DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
		struct err err = ERR_INIT;
		/* Hexadecimal digits of a hash are the same in capitals: then the next record's hash tells, but for
		 * the last one's own, of which the bytes are no other. */
		text.ptr[i] ^= 1;
		assert_int_equal(review_check(buf_view(&text), "r", &chain, &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		text.ptr[i] ^= 1;
	}
	assert_sound(2);
}

static void what_was_altered_is_named(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		append(NOW + i * DAY);
	read_all(&text);
	*strstr(line_of(&text, 1).ptr, "ada") = 'i';
	write_all(buf_view(&text));
	assert_flaw("r.jsonl:2: the record was altered");
}

static void records_that_were_taken_out_or_moved_are_noticed(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES), other = BUF_INIT(REVIEW_FILE_BYTES);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		append(NOW + i * DAY);
	read_all(&text);
	assert_int_equal(buf_add(&other, line_of(&text, 0)), 0);
	assert_int_equal(buf_add(&other, line_of(&text, 2)), 0);
	write_all(buf_view(&other));
	assert_flaw("r.jsonl:2: record 3 stands where record 2 was expected");
	write_all(line_of(&text, 1));
	assert_flaw("r.jsonl:1: record 2 stands where record 1 was expected");
}

static void a_record_of_another_chain_is_noticed(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES), other = BUF_INIT(REVIEW_FILE_BYTES);

	(void)state;
	append(NOW);
	append(NOW + DAY);
	read_all(&text);
	assert_int_equal(unlink(path), 0);
	append(NOW + 1);
	read_all(&other);
	assert_int_equal(buf_add(&other, line_of(&text, 1)), 0);
	write_all(buf_view(&other));
	assert_flaw("r.jsonl:2: the record does not follow the one before it");
}

static void a_file_cut_anywhere_but_between_records_is_noticed(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES);
	size_t first;

	(void)state;
	append(NOW);
	append(NOW + DAY);
	read_all(&text);
	first = line_of(&text, 0).len;
	for (size_t len = 0; len <= text.len; len++) {
		DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
		struct err err = ERR_INIT;
		int ret = review_check(view_sub(buf_view(&text), 0, len), "r", &chain, &err);

		assert_int_equal(ret, len == 0 || len == first || len == text.len ? 0 : -1);
		assert_true(ret == 0 || strstr(err.text, "is cut short") != NULL);
	}
}

static void nothing_is_appended_to_what_is_not_sound(void **state)
{
	DEFER(buf_done) struct buf before = BUF_INIT(REVIEW_FILE_BYTES), after = BUF_INIT(REVIEW_FILE_BYTES);
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	const struct review_entry entry = entry_of(NOW + DAY);
	struct err err = ERR_INIT;

	(void)state;
	append(NOW);
	read_all(&before);
	buf_cut(&before, before.len - 1);
	write_all(buf_view(&before));
	assert_int_equal(review_append(path, &entry, &chain, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	read_all(&after);
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.ptr, before.ptr, before.len);
}

static void another_organisation_or_an_earlier_time_has_no_place_in_it(void **state)
{
	struct review_entry entry = entry_of(NOW - 1);
	struct review_chain chain = REVIEW_CHAIN_INIT;
	struct err err = ERR_INIT;

	(void)state;
	append(NOW);
	assert_int_equal(review_append(path, &entry, &chain, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "later than this machine's clock"));
	review_chain_done(&chain);
	chain = (struct review_chain)REVIEW_CHAIN_INIT;
	entry = entry_of(NOW + 1);
	entry.organization_id = "org_2";
	assert_int_equal(review_append(path, &entry, &chain, &err), -1);
	assert_non_null(strstr(err.text, "another organisation"));
	review_chain_done(&chain);
	assert_sound(1);
}

static void what_is_no_regular_file_is_refused(void **state)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	const struct review_entry entry = entry_of(NOW);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(review_append("/dev/null", &entry, &chain, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(review_check_file(dir, &chain, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(review_check_file(path, &chain, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.errnum, ENOENT);
}

static void a_link_stays_and_the_mode_too(void **state)
{
	char link[sizeof(path) + 8];
	struct stat st;

	(void)state;
	append(NOW);
	assert_int_equal(chmod(path, 0604), 0);
	(void)snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(path, link), 0);
	{
		DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
		const struct review_entry entry = entry_of(NOW + 1);
		struct err err = ERR_INIT;

		assert_int_equal(review_append(link, &entry, &chain, &err), 0);
	}
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_sound(2);
	assert_int_equal(unlink(link), 0);
}

static void counts_of_what_was_not_read_are_left_out(void **state)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES);
	struct review_entry entry = entry_of(NOW);
	struct err err = ERR_INIT;

	(void)state;
	entry.seen = (struct access_seen){ false, false };
	entry.review_every_s = 0;
	assert_int_equal(review_append(path, &entry, &chain, &err), 0);
	read_all(&text);
	assert_non_null(strstr(text.ptr, "\"counts\":{\"people\":20,\"admins\":2,\"open_invites\":0}"));
	assert_null(strstr(text.ptr, "next_due"));
	assert_int_equal(chain.due_s, 0);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(records_make_a_chain, set_up),
		cmocka_unit_test_setup(each_altered_byte_is_noticed, set_up),
		cmocka_unit_test_setup(what_was_altered_is_named, set_up),
		cmocka_unit_test_setup(records_that_were_taken_out_or_moved_are_noticed, set_up),
		cmocka_unit_test_setup(a_record_of_another_chain_is_noticed, set_up),
		cmocka_unit_test_setup(a_file_cut_anywhere_but_between_records_is_noticed, set_up),
		cmocka_unit_test_setup(nothing_is_appended_to_what_is_not_sound, set_up),
		cmocka_unit_test_setup(another_organisation_or_an_earlier_time_has_no_place_in_it, set_up),
		cmocka_unit_test_setup(what_is_no_regular_file_is_refused, set_up),
		cmocka_unit_test_setup(a_link_stays_and_the_mode_too, set_up),
		cmocka_unit_test_setup(counts_of_what_was_not_read_are_left_out, set_up),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
