/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/ziplist.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define MEMBERS 1000
#define MADE_BYTES (4u << 20)

static char buffer[ZIPLIST_TAIL_BYTES];

struct made {
	size_t list; /* bytes */
	uint64_t told /* by the record at the end */, told_large /* by that of large archives; 0: there is none */;
	struct view comment;
	size_t behind; /* bytes behind all that */
};

static void add_number(struct buf *zip, uint64_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		assert_int_equal(buf_add_byte(zip, (char)(n >> 8 * i & 0xFF)), 0);
}

static void add_many(struct buf *zip, char c, size_t count)
{
	while (count-- > 0)
		assert_int_equal(buf_add_byte(zip, c), 0);
}

/* What is found: *ret_from; status as ziplist_find. */
static int find(const struct made *m, uint64_t *ret_from)
{
	DEFER(buf_done) struct buf zip = BUF_INIT(MADE_BYTES);
	int fd = memfd_create("zip", MFD_CLOEXEC), status;

	add_many(&zip, 'm', MEMBERS);
	add_many(&zip, 'l', m->list);
	if (m->told_large) {
		assert_int_equal(buf_add_text(&zip, "PK\6\6"), 0);
		add_many(&zip, '\0', 36);
		add_number(&zip, m->told_large, 8);
		add_number(&zip, MEMBERS, 8);
		assert_int_equal(buf_add_text(&zip, "PK\6\7"), 0);
		add_many(&zip, '\0', 16);
	}
	assert_int_equal(buf_add_text(&zip, "PK\5\6"), 0);
	add_many(&zip, '\0', 8);
	add_number(&zip, m->told, 4);
	add_number(&zip, MEMBERS, 4);
	add_number(&zip, m->comment.len, 2);
	assert_int_equal(buf_add(&zip, m->comment), 0);
	add_many(&zip, 'b', m->behind);
	assert_int_equal(write(fd, zip.ptr, zip.len), zip.len);
	status = ziplist_find(fd, zip.len, buffer, ret_from);
	(void)close(fd);
	return status;
}

static void it_starts_where_the_record_at_the_end_says(void **state)
{
	static const size_t lists[] = { 0, 1, 46, 60000, 70000, 1500000 }, comments[] = { 0, 1, 300, 65535 };
	static char comment[65535];

	(void)state;
	memset(comment, 'c', sizeof(comment));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t k = 0; k < ARRAY_LEN(comments); k++) {
			struct made m = { .list = lists[i], .told = lists[i], .comment = { comment, comments[k] } };
			uint64_t from = 0;

			assert_int_equal(find(&m, &from), 1);
			assert_int_equal(from, MEMBERS);
			m.told_large = m.told;
			m.told = UINT32_MAX;
			if (m.told_large) {
				assert_int_equal(find(&m, &from), 1);
				assert_int_equal(from, MEMBERS);
			}
		}
}

static void a_mark_in_the_comment_is_no_record(void **state)
{
	static const char comment[] = "PK\5\6 and so on, for some more bytes";
	struct made m = { .list = 70, .told = 70, .comment = { comment, sizeof(comment) - 1 } };
	uint64_t from = 0;

	(void)state;
	assert_int_equal(find(&m, &from), 1);
	assert_int_equal(from, MEMBERS);
}

static void what_somebody_put_behind_the_archive_hides_nothing(void **state)
{
	struct made m = { .list = 70, .told = 70, .comment = VIEW("c"), .behind = 60000 };
	uint64_t from = 0;

	(void)state;
	assert_int_equal(find(&m, &from), 1);
	assert_int_equal(from, MEMBERS);
}

static void of_a_list_whose_length_is_wrong_as_much_as_may_be_is_taken(void **state)
{
	struct made m = { .list = 2000000, .told = 3000000 };
	uint64_t from = 0;

	(void)state;
	assert_int_equal(find(&m, &from), 1);
	assert_int_equal(from, MEMBERS + m.list - ZIPLIST_GUESS_BYTES);
	m.told = UINT32_MAX; /* and the record of large archives is not there */
	assert_int_equal(find(&m, &from), 1);
	assert_int_equal(from, MEMBERS + m.list - ZIPLIST_GUESS_BYTES);
	m.told_large = UINT64_MAX;
	assert_int_equal(find(&m, &from), 1);
	assert_int_equal(from, MEMBERS + m.list - ZIPLIST_GUESS_BYTES);
	m = (struct made){ .list = 10, .told = 2000 };
	assert_int_equal(find(&m, &from), 1);
	assert_int_equal(from, 0);
}

static void without_a_record_at_the_end_there_is_none(void **state)
{
	int fd = memfd_create("zip", MFD_CLOEXEC);
	uint64_t from;

	(void)state;
	assert_int_equal(write(fd, "PK\5\6 is cut here", 16), 16);
	assert_int_equal(ziplist_find(fd, 16, buffer, &from), 0);
	assert_int_equal(ziplist_find(fd, 0, buffer, &from), 0);
	(void)close(fd);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	int fd = memfd_create("zip", MFD_CLOEXEC);
	uint64_t from;

	(void)state;
	assert_int_equal(ziplist_find(fd, 5000, buffer, &from), -1);
	assert_int_equal(errno, 0);
	(void)close(fd);
	assert_int_equal(ziplist_find(-1, 16, buffer, &from), -1);
	assert_int_equal(errno, EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_where_the_record_at_the_end_says),
		cmocka_unit_test(a_mark_in_the_comment_is_no_record),
		cmocka_unit_test(what_somebody_put_behind_the_archive_hides_nothing),
		cmocka_unit_test(of_a_list_whose_length_is_wrong_as_much_as_may_be_is_taken),
		cmocka_unit_test(without_a_record_at_the_end_there_is_none),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
