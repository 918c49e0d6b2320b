/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/interp.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/sys/file.h"
#include "tests/support/unit.h"

#define LOADER "/lib/ld.so"

/* A program with nothing in it but what is looked at. */
struct image {
	ElfW(Ehdr) head;
	ElfW(Phdr) parts[2];
	char loader[sizeof(LOADER)];
};

static struct image image_make(void)
{
	struct image i = { .loader = LOADER };

	memcpy(i.head.e_ident, ELFMAG, SELFMAG);
	i.head.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	i.head.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	i.head.e_phoff = offsetof(struct image, parts);
	i.head.e_phentsize = sizeof(i.parts[0]);
	i.head.e_phnum = 2;
	i.parts[0].p_type = PT_PHDR;
	i.parts[1].p_type = PT_INTERP;
	i.parts[1].p_offset = offsetof(struct image, loader);
	i.parts[1].p_filesz = sizeof(i.loader);
	return i;
}

static enum interp find(struct view bytes, struct buf *ret)
{
	DEFER(closep) int fd = memfd_create("program", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(file_write_full(fd, bytes), 0);
	return interp_find(fd, ret);
}

static enum interp find_image(const struct image *i)
{
	DEFER(buf_done) struct buf loader = BUF_INIT(PATH_MAX);

	return find(view_from(i, sizeof(*i)), &loader);
}

static void the_loader_is_the_one_that_the_program_names(void **state)
{
	DEFER(buf_done) struct buf loader = BUF_INIT(PATH_MAX);
	struct image i = image_make();

	(void)state;
	assert_int_equal(find(view_from(&i, sizeof(i)), &loader), INTERP_LOADER);
	assert_view(buf_view(&loader), LOADER);
}

static void this_program_has_one_that_is_there(void **state)
{
	DEFER(closep) int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	DEFER(buf_done) struct buf loader = BUF_INIT(PATH_MAX);

	(void)state;
	assert_int_equal(interp_find(fd, &loader), INTERP_LOADER);
	assert_int_equal(access(loader.ptr, X_OK), 0);
}

static void a_program_that_names_none_needs_none(void **state)
{
	struct image i = image_make();

	(void)state;
	i.parts[1].p_type = PT_LOAD;
	assert_int_equal(find_image(&i), INTERP_NONE);
}

static void what_a_script_runs_is_not_known(void **state)
{
	DEFER(buf_done) struct buf loader = BUF_INIT(PATH_MAX);

	(void)state;
	assert_int_equal(find(VIEW("#!/bin/sh\nexec git \"$@\"\n"), &loader), INTERP_UNKNOWN);
	assert_int_equal(find(VIEW(""), &loader), INTERP_UNKNOWN);
	assert_int_equal(interp_find(-1, &loader), INTERP_UNKNOWN);
	assert_int_equal(loader.len, 0);
}

static void a_program_of_another_machine_is_not_known(void **state)
{
	struct image i = image_make();

	(void)state;
	i.head.e_ident[EI_CLASS] = (unsigned char)(ELFCLASS32 + ELFCLASS64 - i.head.e_ident[EI_CLASS]);
	assert_int_equal(find_image(&i), INTERP_UNKNOWN);
	i = image_make();
	i.head.e_ident[EI_DATA] = (unsigned char)(ELFDATA2LSB + ELFDATA2MSB - i.head.e_ident[EI_DATA]);
	assert_int_equal(find_image(&i), INTERP_UNKNOWN);
}

static void a_cut_program_is_not_known(void **state)
{
	struct image i = image_make();

	(void)state;
	for (size_t len = 0; len < sizeof(i); len++) {
		DEFER(buf_done) struct buf loader = BUF_INIT(PATH_MAX);

		if (len < offsetof(struct image, loader) + sizeof(i.loader))
			assert_int_equal(find(view_from(&i, len), &loader), INTERP_UNKNOWN);
	}
}

static void offsets_out_of_the_file_are_not_followed(void **state)
{
	static const uint64_t offsets[] = { 4096, INT64_MAX, UINT64_MAX, UINT64_MAX - 8 };

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(offsets); k++) {
		struct image i = image_make();

		i.head.e_phoff = (ElfW(Off))offsets[k];
		assert_int_equal(find_image(&i), INTERP_UNKNOWN);
		i = image_make();
		i.parts[1].p_offset = (ElfW(Off))offsets[k];
		assert_int_equal(find_image(&i), INTERP_UNKNOWN);
		i = image_make();
		i.parts[1].p_filesz = offsets[k];
		assert_int_equal(find_image(&i), INTERP_UNKNOWN);
	}
}

static void a_loader_without_its_end_or_with_two_is_none(void **state)
{
	struct image i = image_make();

	(void)state;
	i.parts[1].p_filesz--;
	assert_int_equal(find_image(&i), INTERP_UNKNOWN);
	i = image_make();
	i.loader[3] = '\0';
	assert_int_equal(find_image(&i), INTERP_UNKNOWN);
	i.parts[1].p_filesz = 1;
	i.parts[1].p_offset += sizeof(i.loader) - 1;
	assert_int_equal(find_image(&i), INTERP_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loader_is_the_one_that_the_program_names),
		cmocka_unit_test(this_program_has_one_that_is_there),
		cmocka_unit_test(a_program_that_names_none_needs_none),
		cmocka_unit_test(what_a_script_runs_is_not_known),
		cmocka_unit_test(a_program_of_another_machine_is_not_known),
		cmocka_unit_test(a_cut_program_is_not_known),
		cmocka_unit_test(offsets_out_of_the_file_are_not_followed),
		cmocka_unit_test(a_loader_without_its_end_or_with_two_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
