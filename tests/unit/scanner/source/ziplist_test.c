/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/ziplist.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define ROOM 200000
#define END "PK\5\6\0\0\0\0\1\0\1\0"

static char buffer[ROOM];

/* Members, a list of that length of which the record at the end says `told`, and a comment. */
static struct view read_made(size_t members, size_t list, uint32_t told, size_t comment, size_t room)
{
	DEFER(buf_done) struct buf zip = BUF_INIT(4 * ROOM);
	int fd = memfd_create("zip", MFD_CLOEXEC);
	struct view ret;

	for (size_t i = 0; i < members + list; i++)
		assert_int_equal(buf_add_byte(&zip, i < members ? 'm' : 'l'), 0);
	assert_int_equal(buf_add(&zip, view_from(END, sizeof(END) - 1)), 0);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(buf_add_byte(&zip, (char)(told >> 8 * i & 0xFF)), 0);
	assert_int_equal(buf_add(&zip, view_from("\0\0\0\0\0\0", 6)), 0);
	for (size_t i = 0; i < comment; i++)
		assert_int_equal(buf_add_byte(&zip, 'c'), 0);
	assert_int_equal(write(fd, zip.ptr, zip.len), zip.len);
	ret = ziplist_read(fd, zip.len, buffer, room);
	(void)close(fd);
	return ret;
}

static void it_starts_where_the_record_at_the_end_says(void **state)
{
	static const size_t lists[] = { 0, 1, 46, 60000, 70000, 150000 }, comments[] = { 0, 1, 300, 65535 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t k = 0; k < ARRAY_LEN(comments) && lists[i] + comments[k] + 22 <= ROOM; k++) {
			struct view v = read_made(1000, lists[i], (uint32_t)lists[i], comments[k], ROOM);

			assert_int_equal(v.len, lists[i] + 22 + comments[k]);
			assert_true(text_find_byte(v, 'm') == SIZE_MAX);
		}
}

static void of_more_than_there_is_room_for_the_end_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_made(1000, 150000, 150000, 10, 100000).len, 100000);
	assert_int_equal(read_made(1000, 150000, UINT32_MAX, 10, ROOM).len, 1000 + 150000 + 22 + 10);
}

static void without_a_record_at_the_end_there_is_none(void **state)
{
	int fd = memfd_create("zip", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, "PK\5\6 is cut here", 16), 16);
	assert_int_equal(ziplist_read(fd, 16, buffer, ROOM).len, 0);
	assert_int_equal(ziplist_read(fd, 0, buffer, ROOM).len, 0);
	assert_int_equal(ziplist_read(fd, 5000, buffer, ROOM).len, 0); /* it has become shorter */
	(void)close(fd);
	assert_int_equal(ziplist_read(-1, 16, buffer, ROOM).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_where_the_record_at_the_end_says),
		cmocka_unit_test(of_more_than_there_is_room_for_the_end_is_read),
		cmocka_unit_test(without_a_record_at_the_end_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
