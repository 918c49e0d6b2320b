/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define WORD "sk-ant-"
#define PLAIN_MAX 512
#define MARGIN 8192 /* bytes of text that one hit never leads beyond */

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

/* Appends plain in base64, of the alphabet with these last two symbols; a line is broken by wrap after each width
 * symbols. ret_place[i] is where symbol i was put. */
static void encode(struct buf *out, struct view plain, const char last[static 2], size_t width, struct view wrap,
		   size_t *ret_place)
{
	char symbols[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	memcpy(symbols + 62, last, 2);
	for (size_t i = 0; i * 6 < plain.len * 8; i++) {
		unsigned value = 0;

		for (size_t bit = 6 * i; bit < 6 * i + 6; bit++) {
			unsigned byte = bit / 8 < plain.len ? (unsigned char)plain.ptr[bit / 8] : 0;

			value = value << 1 | (byte >> (7 - bit % 8) & 1);
		}
		if (i && i % width == 0)
			assert_int_equal(buf_add(out, wrap), 0);
		ret_place[i] = out->len;
		assert_int_equal(buf_add_byte(out, symbols[value]), 0);
	}
}

struct hit {
	struct view text;
	size_t from, at;
	unsigned phase;
};

static int look(void *context, const struct spelling *s)
{
	struct hit *h = context;
	struct view rest = view_sub(h->text, h->from, h->text.len);
	size_t at = text_find(rest, view_from(s->literal.bytes, s->literal.len));

	if (s->form == DECODE_BASE64 && at != SIZE_MAX && h->from + at < h->at) {
		h->at = h->from + at;
		h->phase = s->phase;
	}
	return 0;
}

/* The first hit from a place on; false: there is none. */
static bool find(struct view text, size_t from, struct hit *ret)
{
	*ret = (struct hit){ .text = text, .from = from, .at = SIZE_MAX };
	assert_int_equal(decode_spell(VIEW(WORD), false, SPELL_ALL, look, ret), 0);
	return ret->at != SIZE_MAX;
}

/* Byte n of the plain text is made of symbols 8n/6 to (8n + 7)/6. */
static void assert_spans(struct view plain, size_t skipped, const size_t *place)
{
	struct view got = view_sub(buf_view(&decoded.text), 0, plain.len - skipped);

	assert_int_equal(got.len, plain.len - skipped);
	assert_memory_equal(got.ptr, plain.ptr + skipped, got.len);
	for (size_t i = 0; i < got.len; i++) {
		assert_int_equal(decoded.spans[i].from, place[(i + skipped) * 8 / 6]);
		assert_int_equal(decoded.spans[i].to, place[((i + skipped) * 8 + 7) / 6] + 1);
	}
}

static void every_byte_knows_its_symbols(void **state)
{
	static const struct view wraps[] = { { "\n", 1 },         { "\r\n", 2 }, { "\n    ", 5 },
					     { "\" +\n\t\"", 6 }, { "\\\n", 2 }, { "\\n", 2 } };
	DEFER(buf_done) struct buf text = BUF_INIT(4 * PLAIN_MAX);
	size_t place[2 * PLAIN_MAX];
	struct hit hit;

	(void)state;
	for (size_t before = 0; before < 7; before++)
		for (size_t i = 0; i < ARRAY_LEN(wraps); i++)
			for (size_t width = 64; width <= 76; width += 4) {
				char plain[160];
				struct view v = view_from(plain, sizeof(plain));

				memset(plain, '.', sizeof(plain));
				memcpy(plain + before, WORD, sizeof(WORD) - 1);
				memcpy(plain + before + sizeof(WORD) - 1, "\xFB\xEF\xBE\xFF\xFF\xFF~?>", 9);
				buf_clear(&text);
				assert_int_equal(buf_add_text(&text, "k: "), 0);
				encode(&text, v, i % 2 ? "-_" : "+/", width, wraps[i], place);
				assert_true(find(buf_view(&text), 0, &hit));
				assert_int_equal(decode_at(DECODE_BASE64, hit.phase, buf_view(&text), hit.at, &decoded),
						 DECODE_DONE);
				assert_spans(v, 0, place);
			}
}

static void texts_side_by_side_are_each_decoded(void **state)
{
	static const char *const between[] = { "\nb: ", "\"\nb: \"", "==\nb: ", ", ", "\n\n", " and " };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(between); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(4 * PLAIN_MAX);
		size_t covered = 0, place[PLAIN_MAX], found = 0, starts[3];
		struct hit hit;

		for (size_t n = 0; n < 3; n++) {
			assert_int_equal(buf_add_text(&text, n ? between[i] : "a: "), 0);
			starts[n] = text.len;
			encode(&text, VIEW(WORD "one-or-another"), "+/", 76, VIEW_NONE, place);
		}
		assert_int_equal(buf_add_text(&text, "\n"), 0);
		while (find(buf_view(&text), covered, &hit)) { /* as the search does: not before what is covered */
			assert_int_equal(decode_at(DECODE_BASE64, hit.phase, buf_view(&text), hit.at, &decoded),
					 DECODE_DONE);
			assert_true(found < 3);
			assert_int_equal(decoded.spans[0].from, starts[found]);
			assert_true(text_starts(buf_view(&decoded.text), VIEW(WORD)));
			covered = decoded.covered;
			found++;
		}
		assert_int_equal(found, 3);
	}
}

static void a_long_text_is_decoded_in_windows_that_overlap(void **state)
{
	DEFER(buf_done) struct buf plain = BUF_INIT(1 << 17), text = BUF_INIT(1 << 18);
	DEFER(freep) size_t *place = calloc(1 << 18, sizeof(*place));
	size_t covered = 0, keys = 0, next = 0;
	struct hit hit;

	(void)state;
	assert_non_null(place);
	while (plain.len < 100000)
		assert_int_equal(
			buf_add_text(&plain, "a line of some text that stands before it: " WORD "0123456789\n"), 0);
	encode(&text, buf_view(&plain), "+/", 76, VIEW("\n"), place);
	while (find(buf_view(&text), covered, &hit)) {
		assert_int_equal(decode_at(DECODE_BASE64, hit.phase, buf_view(&text), hit.at, &decoded), DECODE_DONE);
		assert_true(decoded.text.len < MARGIN);
		assert_true(decoded.covered > hit.at);
		for (size_t at = text_find(buf_view(&decoded.text), VIEW(WORD)), from = 0; at != SIZE_MAX;) {
			if (decoded.spans[from + at].from >= next) {
				next = decoded.spans[from + at].to;
				keys++;
			}
			from += at + 1;
			at = text_find(view_sub(buf_view(&decoded.text), from, decoded.text.len), VIEW(WORD));
		}
		covered = decoded.covered;
	}
	assert_int_equal(keys,
			 plain.len / (sizeof("a line of some text that stands before it: " WORD "0123456789\n") - 1));
}

static void padding_ends_a_text(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PLAIN_MAX);
	size_t place[PLAIN_MAX];
	struct hit hit;

	(void)state;
	encode(&text, VIEW(WORD "a"), "+/", 76, VIEW_NONE, place);
	assert_int_equal(buf_add_text(&text, "=QUJD"), 0);
	assert_true(find(buf_view(&text), 0, &hit));
	assert_int_equal(decode_at(DECODE_BASE64, hit.phase, buf_view(&text), hit.at, &decoded), DECODE_DONE);
	assert_view(buf_view(&decoded.text), WORD "a");
}

static void what_is_cut_at_any_byte_gives_what_is_there(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PLAIN_MAX);
	size_t place[PLAIN_MAX];
	struct view plain = VIEW("ab" WORD "and what follows it");
	struct hit hit;

	(void)state;
	encode(&text, plain, "+/", 16, VIEW("\r\n"), place);
	assert_true(find(buf_view(&text), 0, &hit));
	for (size_t len = hit.at + 1; len <= text.len; len++) {
		struct view cut = view_sub(buf_view(&text), 0, len);

		(void)decode_at(DECODE_BASE64, hit.phase, cut, hit.at, &decoded);
		assert_true(text_starts(plain, buf_view(&decoded.text)));
		for (size_t i = 0; i < decoded.text.len; i++)
			assert_true(decoded.spans[i].to <= len);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_byte_knows_its_symbols),
		TEST(texts_side_by_side_are_each_decoded),
		TEST(a_long_text_is_decoded_in_windows_that_overlap),
		TEST(padding_ends_a_text),
		TEST(what_is_cut_at_any_byte_gives_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
