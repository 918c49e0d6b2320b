/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/memfile.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/base.h"
#include "tests/support/unit.h"

static void what_is_written_is_read_and_mapped(void **)
{
	DEFER(closep) int fd = memfile_open();
	char read_back[6] = "";
	void *at;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(write(fd, "def", 3), 3);
	assert_int_equal(pread(fd, read_back, 6, 0), 6);
	assert_memory_equal(read_back, "abcdef", 6);
	at = mmap(NULL, 6, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_memory_equal(at, "abcdef", 6);
	assert_int_equal(munmap(at, 6), 0);
	assert_int_equal(memfile_seal(fd), 0);
	assert_int_equal(pread(fd, read_back, 6, 3), 3);
}

static void it_has_no_name_and_no_child_gets_it(void **)
{
	DEFER(closep) int a = memfile_open();
	DEFER(closep) int b = memfile_open();
	struct stat st, other;

	assert_int_equal(fstat(a, &st), 0);
	assert_int_equal(fstat(b, &other), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_size, 0);
	assert_int_not_equal(st.st_ino, other.st_ino);
	assert_int_equal(fcntl(a, F_GETFD), FD_CLOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_and_mapped),
		cmocka_unit_test(it_has_no_name_and_no_child_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
