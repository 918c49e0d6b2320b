/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/digest.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

/* The examples of NIST's "Secure Hashing" page for FIPS 180-4. */
static const struct vector {
	const char *text;
	const char *sha256;
	const char *sha1;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	  "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
	  "nopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
	  "a49b2446a02c645bf419f995b67091253a04a259" },
};

static const char million_sha256[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
static const char million_sha1[] = "34aa973cd4c4daa4f61eeb2bdbad27316534016f";

static void assert_hex(const unsigned char *bytes, size_t len, const char *expected)
{
	DEFER(buf_done) struct buf hex = BUF_INIT(2 * DIGEST_SHA256_BYTES);

	assert_int_equal(digest_add_hex(&hex, bytes, len), 0);
	assert_string_equal(hex.ptr, expected);
}

/* Feeds v in pieces of `piece` bytes. */
static void assert_pieces(struct view v, size_t piece, const char *expected_sha256, const char *expected_sha1)
{
	unsigned char hash256[DIGEST_SHA256_BYTES], hash1[DIGEST_SHA1_BYTES];
	struct digest_sha256 d256;
	struct digest_sha1 d1;

	digest_sha256_init(&d256);
	digest_sha1_init(&d1);
	for (size_t at = 0; at < v.len; at += piece) {
		digest_sha256_add(&d256, view_sub(v, at, piece));
		digest_sha256_add(&d256, VIEW_NONE);
		digest_sha1_add(&d1, view_sub(v, at, piece));
		digest_sha1_add(&d1, VIEW_NONE);
	}
	digest_sha256_end(&d256, hash256);
	digest_sha1_end(&d1, hash1);
	assert_hex(hash256, sizeof(hash256), expected_sha256);
	assert_hex(hash1, sizeof(hash1), expected_sha1);
}

static void the_published_examples_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		unsigned char hash256[DIGEST_SHA256_BYTES], hash1[DIGEST_SHA1_BYTES];

		digest_sha256(view_of(vectors[i].text), hash256);
		digest_sha1(view_of(vectors[i].text), hash1);
		assert_hex(hash256, sizeof(hash256), vectors[i].sha256);
		assert_hex(hash1, sizeof(hash1), vectors[i].sha1);
	}
}

static void pieces_of_any_size_give_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
		for (size_t piece = 1; piece < 120; piece++)
			assert_pieces(view_of(vectors[i].text), piece, vectors[i].sha256, vectors[i].sha1);
}

static void a_million_letters_match_in_odd_pieces(void **state)
{
	static const size_t pieces[] = { 1000000, 1, 63, 64, 65, 997, 65536 };
	const size_t len = 1000000;
	DEFER(freep) char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', len);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		assert_pieces(view_from(text, len), pieces[i], million_sha256, million_sha1);
}

/* 55, 56, 63 and 64 bytes: where the length fits into the last block or needs one more. */
static void lengths_around_a_block_are_padded_right(void **state)
{
	static const struct {
		size_t len;
		const char *sha256, *sha1;
	} cases[] = {
		{ 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
		  "c1c8bbdc22796e28c0e15163d20899b65621d65a" },
		{ 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a",
		  "c2db330f6083854c99d4b5bfb6e8f29f201be699" },
		{ 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34",
		  "03f09f5b158a7a8cdad920bddc29b81c18a551f5" },
		{ 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb",
		  "0098ba824b5c16427bd7a1122a5a442a25ec644d" },
	};
	char text[64];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_pieces(view_from(text, cases[i].len), 7, cases[i].sha256, cases[i].sha1);
}

static void a_number_is_eight_bytes_from_the_lowest_on(void **state)
{
	unsigned char got[DIGEST_SHA256_BYTES], expected[DIGEST_SHA256_BYTES];
	struct digest_sha256 d;

	(void)state;
	digest_sha256_init(&d);
	digest_sha256_add_u64(&d, 0x8877665544332211);
	digest_sha256_add_u64(&d, 3);
	digest_sha256_end(&d, got);
	digest_sha256(VIEW("\x11\x22\x33\x44\x55\x66\x77\x88\3\0\0\0\0\0\0\0"), expected);
	assert_memory_equal(got, expected, sizeof(got));
}

static void the_end_wipes_the_state(void **state)
{
	static const struct digest_sha256 empty256;
	static const struct digest_sha1 empty1;
	unsigned char hash[DIGEST_SHA256_BYTES];
	struct digest_sha256 d256;
	struct digest_sha1 d1;

	(void)state;
	digest_sha256_init(&d256);
	digest_sha256_add(&d256, VIEW("a secret's tail"));
	digest_sha256_end(&d256, hash);
	assert_memory_equal(&d256, &empty256, sizeof(d256));
	digest_sha1_init(&d1);
	digest_sha1_add(&d1, VIEW("a secret's tail"));
	digest_sha1_end(&d1, hash);
	assert_memory_equal(&d1, &empty1, sizeof(d1));
}

static void hex_beyond_the_ceiling_changes_nothing(void **state)
{
	DEFER(buf_done) struct buf hex = BUF_INIT(5);

	(void)state;
	assert_int_equal(digest_add_hex(&hex, (const unsigned char *)"\x00\xff", 2), 0);
	assert_int_equal(digest_add_hex(&hex, (const unsigned char *)"\x01", 1), -1);
	assert_string_equal(hex.ptr, "00ff");
}

static void what_is_hex_is_read_back_and_nothing_else_is(void **state)
{
	static const char *const none[] = { "", "00f", "00fg", "0 ff", "00ff0", "00ff00", "+0ff", "00f\xe9" };
	unsigned char bytes[2];

	(void)state;
	assert_int_equal(digest_read_hex(VIEW("00fF"), bytes, 2), 0);
	assert_memory_equal(bytes, "\x00\xff", 2);
	assert_int_equal(digest_read_hex(VIEW("9aBc"), bytes, 2), 0);
	assert_memory_equal(bytes, "\x9a\xbc", 2);
	assert_int_equal(digest_read_hex(VIEW(""), bytes, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_int_equal(digest_read_hex(view_of(none[i]), bytes, 2), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_examples_match),
		cmocka_unit_test(pieces_of_any_size_give_the_same),
		cmocka_unit_test(a_million_letters_match_in_odd_pieces),
		cmocka_unit_test(lengths_around_a_block_are_padded_right),
		cmocka_unit_test(a_number_is_eight_bytes_from_the_lowest_on),
		cmocka_unit_test(the_end_wipes_the_state),
		cmocka_unit_test(hex_beyond_the_ceiling_changes_nothing),
		cmocka_unit_test(what_is_hex_is_read_back_and_nothing_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
