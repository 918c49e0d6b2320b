/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/container.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"

#define TAR_BLOCK 512

static void archives_are_told_by_their_first_bytes(void **state)
{
	(void)state;
	assert_int_equal(container_detect(VIEW("PK\x03\x04\x14\x00")), CONTAINER_ZIP);
	assert_int_equal(container_detect(VIEW("PK\x05\x06\x00\x00")), CONTAINER_ZIP);
	assert_int_equal(container_detect(VIEW("7z\xbc\xaf\x27\x1c\x00\x04")), CONTAINER_7Z);
	assert_int_equal(container_detect(VIEW("!<arch>\ndebian-binary   ")), CONTAINER_DEB);
	assert_int_equal(container_detect(VIEW("\xed\xab\xee\xdb\x03\x00")), CONTAINER_RPM);
	assert_int_equal(container_detect(VIEW("\x1f\x8b\x08\x00")), CONTAINER_COMPRESSED);
	assert_int_equal(container_detect(VIEW("BZh91AY&SY")), CONTAINER_COMPRESSED);
	assert_int_equal(container_detect(VIEW("\xfd\x37zXZ\x00")), CONTAINER_COMPRESSED);
	assert_int_equal(container_detect(VIEW("\x28\xb5\x2f\xfd\x00")), CONTAINER_COMPRESSED);
	assert_int_equal(container_detect(VIEW("\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x12")),
			 CONTAINER_COMPRESSED);
}

static void a_bundle_is_told_by_its_second_line_as_well(void **state)
{
	(void)state;
	assert_int_equal(container_detect(VIEW("# v2 git bundle\n")), CONTAINER_BUNDLE);
	assert_int_equal(container_detect(VIEW("# v2 git bundle\n-0123")), CONTAINER_BUNDLE);
	assert_int_equal(container_detect(VIEW("# v2 git bundle\nf123")), CONTAINER_BUNDLE);
	assert_int_equal(container_detect(VIEW("# v2 git bundle\n\nPACK")), CONTAINER_BUNDLE);
	assert_int_equal(container_detect(VIEW("# v3 git bundle\n@object-format=sha256\n")), CONTAINER_BUNDLE);
	assert_int_equal(container_detect(VIEW("# v2 git bundle\n@object-format=sha256\n")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("# v2 git bundle\nis what it says")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("# v1 git bundle\n0123")), CONTAINER_NONE);
	assert_false(container_is_text(VIEW("# v2 git bundle\n-0123456789012345678901234567890123456789 subject\n")));
}

static void other_files_are_none(void **state)
{
	(void)state;
	assert_int_equal(container_detect(VIEW("")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("PK\x03")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("PK is how zip files begin")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("#!/usr/bin/env python3\nPK\x03\x04....")), CONTAINER_ZIP);
	assert_int_equal(container_detect(VIEW("#!/usr/bin/env python3\nPK = 3\n")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("BZh9 is how bzip2 files begin")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("!<arch>\n/               1423")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("\x1f\x8b\x08\xff")), CONTAINER_NONE);
	assert_int_equal(container_detect(VIEW("]\x00\x00 no dictionary")), CONTAINER_NONE);
	assert_int_equal(
		container_detect(VIEW("070701 is how cpio files begin, and so do some numbers; a header has 104 "
				      "digits behind it, which this line has not")),
		CONTAINER_NONE);
}

/* A header of a tar, with the checksum of its bytes, or one that is off by so much. */
static void make_tar(char block[static TAR_BLOCK], unsigned off)
{
	char digits[9];
	unsigned sum = off;

	memset(block, 0, TAR_BLOCK);
	memcpy(block, "name", 4);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	(void)snprintf(digits, sizeof(digits), "%06o", sum);
	memcpy(block + 148, digits, 6);
	block[154] = '\0';
}

static void a_tar_of_any_age_is_told_by_its_checksum(void **state)
{
	char block[TAR_BLOCK];

	(void)state;
	make_tar(block, 0);
	assert_int_equal(container_detect(view_from(block, sizeof(block))), CONTAINER_TAR);
	assert_int_equal(container_detect(view_from(block, sizeof(block) - 1)), CONTAINER_NONE);
	make_tar(block, 1);
	assert_int_equal(container_detect(view_from(block, sizeof(block))), CONTAINER_NONE);
}

static void a_cpio_is_told_by_all_its_digits(void **state)
{
	char head[6 + 104];

	(void)state;
	memset(head, 'a', sizeof(head));
	memcpy(head, "070701", 6);
	assert_int_equal(container_detect(view_from(head, sizeof(head))), CONTAINER_CPIO);
	head[50] = 'x';
	assert_int_equal(container_detect(view_from(head, sizeof(head))), CONTAINER_NONE);
	memset(head, '7', sizeof(head));
	memcpy(head, "070707", 6);
	assert_int_equal(container_detect(view_from(head, sizeof(head))), CONTAINER_CPIO);
	head[50] = '8';
	assert_int_equal(container_detect(view_from(head, sizeof(head))), CONTAINER_NONE);
}

static void text_that_begins_as_an_archive_is_told_apart(void **state)
{
	(void)state;
	assert_true(container_is_text(VIEW("PK\x03\x04 and then comes text, line after line\n")));
	assert_false(container_is_text(VIEW("PK\x03\x04\x14\x00\x00\x00\x08\x00 and then no text")));
	assert_false(container_is_text(VIEW("PK\x03\x04 short")));
	assert_false(container_is_text(VIEW("!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n")));
}

static void a_compressed_file_lends_its_name(void **state)
{
	(void)state;
	assert_view(container_inner_name(VIEW("log.1.gz")), "log.1");
	assert_view(container_inner_name(VIEW("log.zst")), "log");
	assert_view(container_inner_name(VIEW(".gz")), "data");
	assert_view(container_inner_name(VIEW("backup.tgz")), "data");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archives_are_told_by_their_first_bytes),
		cmocka_unit_test(a_bundle_is_told_by_its_second_line_as_well),
		cmocka_unit_test(other_files_are_none),
		cmocka_unit_test(a_tar_of_any_age_is_told_by_its_checksum),
		cmocka_unit_test(a_cpio_is_told_by_all_its_digits),
		cmocka_unit_test(text_that_begins_as_an_archive_is_told_apart),
		cmocka_unit_test(a_compressed_file_lends_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
