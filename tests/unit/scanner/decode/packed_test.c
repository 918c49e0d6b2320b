/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include <libdeflate.h>
#include <string.h>

#include "tests/support/unit.h"

#define ROOM (1u << 16)
#define HEAD 10 /* RFC 1952, section 2.3 */
#define FLAGS_AT 3
#define ZLIB_IN_STREAM 1

static const char plain[] = "what is in it";
static struct decoded decoded;

static int set_up(void **state)
{
	(void)state;
	decoded_init(&decoded);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	decoded_done(&decoded);
	return 0;
}

/* gzip data with these flags, and what they say stands behind the header. */
static void pack(struct buf *out, unsigned flags, struct view more)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	char packed[256];
	size_t len;

	assert_non_null(c);
	len = libdeflate_gzip_compress(c, plain, sizeof(plain) - 1, packed, sizeof(packed));
	libdeflate_free_compressor(c);
	packed[FLAGS_AT] = (char)flags;
	assert_int_equal(buf_add(out, view_from(packed, HEAD)), 0);
	assert_int_equal(buf_add(out, more), 0);
	assert_int_equal(buf_add(out, view_from(packed + HEAD, len - HEAD)), 0);
}

static void assert_unpacked(struct view text, size_t at, size_t len)
{
	assert_int_equal(decode_at(DECODE_GZIP, 0, text, at, &decoded), DECODE_DONE);
	assert_string_equal(decoded.text.ptr, plain);
	assert_int_equal(decoded.packed.from, at);
	assert_int_equal(decoded.packed.to, at + len);
}

static void data_is_unpacked_from_where_it_starts(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROOM);
	size_t len;

	(void)state;
	assert_int_equal(buf_add_text(&text, "before"), 0);
	pack(&text, 0, VIEW_NONE);
	len = text.len - 6;
	assert_int_equal(buf_add_text(&text, "behind"), 0);
	assert_unpacked(buf_view(&text), 6, len);
}

static void a_header_may_have_all_that_its_format_knows(void **state)
{
	static const struct {
		unsigned flags;
		struct view more;
	} heads[] = { { 0x08, { "name\0", 5 } },
		      { 0x10, { "comment\0", 8 } },
		      { 0x04, { "\5\0extra", 7 } },
		      { 0x1C, { "\2\0exname\0comment\0", 17 } } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(ROOM);

		pack(&text, heads[i].flags, heads[i].more);
		assert_unpacked(buf_view(&text), 0, text.len);
	}
}

static void a_name_that_never_ends_is_not_read_to_the_end(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROOM);

	(void)state;
	while (text.len < ROOM / 2)
		assert_int_equal(buf_add(&text, VIEW("\x1f\x8b\x08\x08")), 0);
	for (size_t at = 0; at < text.len; at += 4) {
		assert_int_equal(decode_at(DECODE_GZIP, 0, buf_view(&text), at, &decoded), DECODE_NOTHING);
		assert_int_equal(decoded.packed.to - decoded.packed.from, 0);
	}
}

static void what_is_cut_at_any_byte_gives_what_is_there(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROOM);

	(void)state;
	pack(&text, 0x1C, view_from("\2\0exname\0comment\0", 17));
	for (size_t len = 4; len < text.len; len++) {
		(void)decode_at(DECODE_GZIP, 0, view_sub(buf_view(&text), 0, len), 0, &decoded);
		assert_true(decoded.text.len < sizeof(plain));
		assert_memory_equal(decoded.text.len ? decoded.text.ptr : "", plain, decoded.text.len);
		assert_true(decoded.packed.to <= len);
	}
}

static void a_stream_of_pdf_starts_behind_its_word(void **state)
{
	static const char *const words[] = { "FlateDecode /Length 9>>\nstream\n", "FlateDecode>>stream\r\n",
					     "FlateDecode>>stream" };
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	char packed[256];
	size_t len;

	(void)state;
	assert_non_null(c);
	len = libdeflate_zlib_compress(c, plain, sizeof(plain) - 1, packed, sizeof(packed));
	libdeflate_free_compressor(c);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(ROOM);

		assert_int_equal(buf_add_text(&text, words[i]), 0);
		assert_int_equal(buf_add(&text, view_from(packed, len)), 0);
		assert_int_equal(decode_at(DECODE_ZLIB, ZLIB_IN_STREAM, buf_view(&text), 0, &decoded), DECODE_DONE);
		assert_string_equal(decoded.text.ptr, plain);
		assert_int_equal(decoded.packed.from, strlen(words[i]));
	}
	assert_int_equal(decode_at(DECODE_ZLIB, ZLIB_IN_STREAM, VIEW("FlateDecode>>stream\nnone at all"), 0, &decoded),
			 DECODE_NOTHING);
	assert_int_equal(decode_at(DECODE_ZLIB, ZLIB_IN_STREAM, VIEW("FlateDecode"), 0, &decoded), DECODE_NOTHING);
}

static void zlib_data_is_told_by_its_first_bytes(void **state)
{
	(void)state;
	assert_true(decode_is_zlib(VIEW("\x78\x01......")));
	assert_true(decode_is_zlib(VIEW("\x78\x5E......")));
	assert_true(decode_is_zlib(VIEW("\x78\x9C......")));
	assert_true(decode_is_zlib(VIEW("\x78\xDA......")));
	assert_false(decode_is_zlib(VIEW("\x78\x9D......"))); /* the check */
	assert_false(decode_is_zlib(VIEW("\x79\x9C......"))); /* the method */
	assert_false(decode_is_zlib(VIEW("\x88\x1C......"))); /* the window */
	assert_false(decode_is_zlib(VIEW("\x78\xBB......"))); /* a dictionary that is elsewhere */
	assert_false(decode_is_zlib(VIEW("\x78\x9C")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(data_is_unpacked_from_where_it_starts),         TEST(a_header_may_have_all_that_its_format_knows),
		TEST(a_name_that_never_ends_is_not_read_to_the_end), TEST(what_is_cut_at_any_byte_gives_what_is_there),
		TEST(a_stream_of_pdf_starts_behind_its_word),        TEST(zlib_data_is_told_by_its_first_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
