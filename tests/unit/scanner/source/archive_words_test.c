/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/archive_words.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

#define WORDS_BYTES 400

static const struct unpack_request asked = { .depth = 2, .ratio = 1000, .bytes = 1'500'000'000, .entries = 1'000'000 };

static const struct {
	enum unpack_trouble trouble;
	enum unread reason;
	const char *words;
} known[] = {
	{ UNPACK_ENCRYPTED, UNREAD_ENCRYPTED, "it is encrypted" },
	{ UNPACK_CORRUPT, UNREAD_CORRUPT, "it is damaged or cut" },
	{ UNPACK_NO_END, UNREAD_CORRUPT, "it ends without the mark of its end, so that it may be cut" },
	{ UNPACK_UNSUPPORTED, UNREAD_UNREADABLE, "it is packed in a way that is not known" },
	{ UNPACK_DEPTH, UNREAD_LIMIT, "it lies deeper than 2 containers within each other (archive_depth)" },
	{ UNPACK_RATIO, UNREAD_LIMIT, "more than 1000 times its size comes out of it (archive_ratio)" },
	{ UNPACK_BYTES, UNREAD_LIMIT, "more than 1.50 GB come out of it (archive_bytes)" },
	{ UNPACK_ENTRIES, UNREAD_LIMIT, "it has more than 1,000,000 members" },
	{ UNPACK_MEMORY, UNREAD_LIMIT, "it cannot be unpacked with 92.2 MB of memory" },
	{ UNPACK_INNER, UNREAD_LIMIT, "a 7z archive or git bundle within another container is opened up to 33.5 MB" },
	{ UNPACK_DELTA, UNREAD_LIMIT,
	  "it is stored as a difference to another object, and such ones are read up to 16.7 MB" },
	{ UNPACK_EFFORT, UNREAD_LIMIT, "it is made so that reading it takes too long" },
	{ UNPACK_MISSING, UNREAD_MISSING_OBJECT,
	  "it is not in the bundle, and objects that are in it are made from it" },
	{ UNPACK_LINK, UNREAD_SYMLINK, "" },
	{ UNPACK_SPECIAL, UNREAD_SPECIAL, "" },
};

static void each_trouble_has_its_reason_and_its_words(void **state)
{
	(void)state;
	assert_int_equal(ARRAY_LEN(known), UNPACK_TROUBLES - 1);
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		DEFER(buf_done) struct buf words = BUF_INIT(WORDS_BYTES);

		assert_int_equal(known[i].trouble, i + 1);
		assert_int_equal(archive_reason(known[i].trouble), known[i].reason);
		assert_int_equal(archive_add_words(&words, known[i].trouble, &asked, VIEW_NONE), 0);
		assert_string_equal(words.len ? words.ptr : "", known[i].words);
	}
}

static void one_container_is_not_two(void **state)
{
	const struct unpack_request one = { .depth = 1 };
	DEFER(buf_done) struct buf words = BUF_INIT(WORDS_BYTES);

	(void)state;
	assert_int_equal(archive_add_words(&words, UNPACK_DEPTH, &one, VIEW_NONE), 0);
	assert_string_equal(words.ptr, "it lies deeper than 1 container within each other (archive_depth)");
}

static void what_a_library_says_is_shown_without_keys_and_controls(void **state)
{
	DEFER(buf_done) struct buf said = BUF_INIT(WORDS_BYTES), words = BUF_INIT(WORDS_BYTES);
	char key[128];

	(void)state;
	(void)snprintf(key, sizeof(key), "sk-%s-api03-", "ant");
	for (size_t i = strlen(key), end = i + 95; i < end; i++) {
		key[i] = (char)('a' + i * 7 % 26);
		key[i + 1] = '\0';
	}
	assert_int_equal(buf_addf(&said, "bad \x1b[31m header of %s", key), 0);
	assert_int_equal(archive_add_words(&words, UNPACK_CORRUPT, &asked, buf_view(&said)), 0);
	assert_non_null(strstr(words.ptr, "it is damaged or cut (bad "));
	assert_non_null(strstr(words.ptr, "[31m header of sk-"));
	assert_int_equal(words.ptr[words.len - 1], ')');
	assert_null(strstr(words.ptr, key));
	assert_null(strchr(words.ptr, '\x1b'));
}

/* Half a sentence would say something else. */
static void without_room_for_all_of_it_it_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const size_t len = strlen(known[i].words);

		for (size_t room = 1; room < len; room++) {
			DEFER(buf_done) struct buf words = BUF_INIT(room);

			assert_int_equal(archive_add_words(&words, known[i].trouble, &asked, VIEW_NONE), -1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_trouble_has_its_reason_and_its_words),
		cmocka_unit_test(one_container_is_not_two),
		cmocka_unit_test(what_a_library_says_is_shown_without_keys_and_controls),
		cmocka_unit_test(without_room_for_all_of_it_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
