/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/search.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define BODY 93
#define ROOM (1u << 20)
#define OFFSET 1000

struct world {
	struct ruleset *rules;
	struct matcher *matcher;
	struct marks *marks;
	struct matcher_worker *worker;
	struct search *search;
	const struct match *matches;
	size_t count;
	enum search_trouble trouble;
};

static char key[128];

static int set_up(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	static struct world w;
	struct err err = ERR_INIT;
	size_t len = (size_t)snprintf(key, sizeof(key), "%s%s", "sk-ant", "-api03-");

	for (size_t i = 0; i < BODY; i++)
		key[len++] = alphabet[(i * 37 + i * i * 11 + 5) % (sizeof(alphabet) - 1)];
	memcpy(key + len, "AA", 3);
	w.rules = ruleset_new();
	assert_non_null(w.rules);
	assert_int_equal(ruleset_add(w.rules, rules_builtin, rules_builtin_count, &err), 0);
	w.matcher = matcher_new(w.rules, &err);
	assert_non_null(w.matcher);
	w.marks = marks_new(w.matcher, true, &err);
	w.worker = matcher_worker_new(w.matcher);
	assert_true(w.marks && w.worker);
	w.search = NULL;
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	search_freep(&w->search);
	matcher_worker_free(w->worker);
	marks_free(w->marks);
	matcher_free(w->matcher);
	ruleset_free(w->rules);
	return 0;
}

/* The text as a piece that starts at OFFSET. */
static void run(struct world *w, struct view text, unsigned depth)
{
	struct piece piece = { .bytes = text, .offset = OFFSET, .is_first = true, .is_last = true };
	struct matcher_trouble trouble;

	search_freep(&w->search);
	w->search = search_new(w->marks, w->worker, depth);
	assert_non_null(w->search);
	matcher_start(w->worker, NULL, &piece);
	assert_int_equal(search_piece(w->search, &piece, &w->trouble), 0);
	w->count = matcher_finish(w->worker, &w->matches, &trouble);
	assert_int_not_equal(w->count, SIZE_MAX);
	if (trouble.any)
		fail_msg("%s", trouble.err.text);
}

/* The match that is the key, or NULL; and that its way is via. */
static const struct match *find(const struct world *w, const char *via)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct match *m = &w->matches[i];

		if (text_eq(view_sub(m->subject.text, m->from, m->to - m->from), view_of(key)) &&
		    (m->subject.via ? via && strcmp(m->subject.via, via) == 0 : !via))
			return m;
	}
	return NULL;
}

static void assert_at(const struct match *m, size_t from, size_t to)
{
	assert_non_null(m);
	assert_int_equal(m->start, OFFSET + from);
	assert_int_equal(m->end, OFFSET + to);
}

static void add_base64(struct buf *out, struct view v)
{
	static const char symbols[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i * 6 < v.len * 8; i++) {
		unsigned value = 0;

		for (size_t bit = 6 * i; bit < 6 * i + 6; bit++) {
			unsigned byte = bit / 8 < v.len ? (unsigned char)v.ptr[bit / 8] : 0;

			value = value << 1 | (byte >> (7 - bit % 8) & 1);
		}
		assert_int_equal(buf_add_byte(out, symbols[value]), 0);
	}
}

static void add_gzip(struct buf *out, struct view v)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(9);
	size_t room;

	assert_non_null(c);
	room = libdeflate_gzip_compress_bound(c, v.len);
	assert_int_equal(buf_reserve(out, room), 0);
	out->len += libdeflate_gzip_compress(c, v.ptr, v.len, out->ptr + out->len, room);
	libdeflate_free_compressor(c);
}

static void a_plain_key_has_no_way(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROOM);

	assert_int_equal(buf_addf(&text, "k = \"%s\"\n", key), 0);
	run(*state, buf_view(&text), 3);
	assert_at(find(*state, NULL), 5, 5 + strlen(key));
}

static void a_place_is_that_of_the_outermost_text(void **state)
{
	DEFER(buf_done) struct buf json = BUF_INIT(ROOM), text = BUF_INIT(ROOM);
	size_t lead, tail;

	/* base64 in JSON in base64: of the outer text each byte is worked out from those of the inner one */
	assert_int_equal(buf_add_text(&json, "{\"auth\": \""), 0);
	lead = json.len;
	add_base64(&json, view_of(key));
	tail = json.len;
	assert_int_equal(buf_add_text(&json, "\"}"), 0);
	assert_int_equal(buf_add_text(&text, "data: "), 0);
	add_base64(&text, buf_view(&json));
	run(*state, buf_view(&text), 3);
	assert_at(find(*state, "base64,base64"), 6 + lead * 8 / 6, 6 + ((tail - 1) * 8 + 7) / 6 + 1);
}

static void escapes_within_base64_are_placed_too(void **state)
{
	DEFER(buf_done) struct buf inner = BUF_INIT(ROOM), text = BUF_INIT(ROOM);

	assert_int_equal(buf_addf(&inner, "k=sk%%2Dant%s&b=1", key + 6), 0);
	add_base64(&text, buf_view(&inner));
	run(*state, buf_view(&text), 3);
	assert_at(find(*state, "base64,percent"), 2 * 8 / 6, ((strlen(key) + 3) * 8 + 7) / 6 + 1);
}

static void depth_bounds_how_far_is_decoded(void **state)
{
	static const char *const ways[] = { "joined", "base64,joined", "base64,base64,joined" };
	struct buf texts[ARRAY_LEN(ways)];

	for (size_t n = 0; n < ARRAY_LEN(ways); n++) {
		texts[n] = (struct buf)BUF_INIT(ROOM);
		if (n)
			add_base64(&texts[n], buf_view(&texts[n - 1]));
		else
			assert_int_equal(buf_addf(&texts[n], "k = \"%.30s\" + \"%s\"\n", key, key + 30), 0);
	}
	for (unsigned depth = 0; depth <= 4; depth++)
		for (size_t n = 0; n < ARRAY_LEN(ways); n++) {
			run(*state, buf_view(&texts[n]), depth);
			assert_int_equal(find(*state, ways[n]) != NULL, n + 1 <= depth);
		}
	for (size_t n = 0; n < ARRAY_LEN(ways); n++)
		buf_done(&texts[n]);
}

static void data_that_is_nested_for_ever_comes_to_an_end(void **state)
{
	struct buf texts[2] = { BUF_INIT(ROOM), BUF_INIT(ROOM) };

	assert_int_equal(buf_add_text(&texts[0], key), 0);
	for (size_t n = 0; n < 1000; n++) {
		buf_clear(&texts[(n + 1) % 2]);
		add_gzip(&texts[(n + 1) % 2], buf_view(&texts[n % 2]));
	}
	run(*state, buf_view(&texts[0]), 1000);
	assert_int_equal(((struct world *)*state)->count, 0);
	buf_done(&texts[0]);
	buf_done(&texts[1]);
}

static void compressed_text_stands_where_its_data_does(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), text = BUF_INIT(ROOM);

	add_gzip(&packed, view_of(key));
	assert_int_equal(buf_add_text(&text, "head"), 0);
	assert_int_equal(buf_add(&text, buf_view(&packed)), 0);
	assert_int_equal(buf_add_text(&text, "tail"), 0);
	run(*state, buf_view(&text), 3);
	assert_at(find(*state, "gzip"), 4, 4 + packed.len);
	/* and does not count as a disguise */
	run(*state, buf_view(&text), 1);
	assert_non_null(find(*state, "gzip"));
}

static void compressed_text_in_base64_stands_where_its_symbols_do(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), text = BUF_INIT(ROOM);

	add_gzip(&packed, view_of(key));
	assert_int_equal(buf_add_text(&text, "k: \""), 0);
	add_base64(&text, buf_view(&packed));
	run(*state, buf_view(&text), 3);
	assert_at(find(*state, "base64,gzip"), 4, text.len);
}

static void a_joined_text_says_so(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROOM);
	const struct match *m;

	assert_int_equal(buf_addf(&text, "k = \"%.30s\" +\n  \"%s\"\n", key, key + 30), 0);
	run(*state, buf_view(&text), 3);
	m = find(*state, "joined");
	assert_at(m, 5, text.len - 2);
	assert_true(m->subject.is_joined);
}

static void utf16_is_decoded_further(void **state)
{
	DEFER(buf_done) struct buf inner = BUF_INIT(ROOM), text = BUF_INIT(ROOM);

	add_base64(&inner, view_of(key));
	for (size_t i = 0; i < inner.len; i++)
		assert_int_equal(buf_add(&text, view_from((char[]){ inner.ptr[i], 0 }, 2)), 0);
	run(*state, buf_view(&text), 3);
	assert_at(find(*state, "utf-16le,base64"), 0, text.len);
	run(*state, buf_view(&text), 1);
	assert_null(find(*state, "utf-16le,base64"));
}

static void what_unpacks_to_too_much_is_told(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(32 * ROOM);
	struct world *w = *state;
	void *zeros = calloc(DECODE_UNPACKED_BYTES + 1, 1);

	assert_non_null(zeros);
	add_gzip(&text, view_from(zeros, DECODE_UNPACKED_BYTES - 4096));
	run(w, buf_view(&text), 3);
	assert_int_equal(w->trouble, SEARCH_WHOLE);
	buf_clear(&text);
	add_gzip(&text, view_from(zeros, DECODE_UNPACKED_BYTES + 1));
	run(w, buf_view(&text), 3);
	assert_int_equal(w->trouble, SEARCH_TOO_LARGE);
	/* what is small each time may be too much in all */
	buf_clear(&text);
	for (size_t i = 0; i < 5; i++)
		add_gzip(&text, view_from(zeros, DECODE_UNPACKED_BYTES / 4));
	assert_int_equal(buf_addf(&text, " k: %s\n", key), 0);
	run(w, buf_view(&text), 3);
	assert_int_equal(w->trouble, SEARCH_TOO_LARGE);
	assert_non_null(find(w, NULL)); /* the rest is searched all the same */
	free(zeros);
}

static void one_piece_leaves_nothing_to_the_next(void **state)
{
	struct world *w = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(ROOM);
	struct piece pieces[2] = { { .is_first = true, .is_last = true },
				   { .bytes = VIEW("nothing at all"), .is_first = true, .is_last = true } };
	struct matcher_trouble trouble;

	assert_int_equal(buf_add_text(&text, "x: "), 0);
	add_base64(&text, view_of(key));
	pieces[0].bytes = buf_view(&text);
	w->search = search_new(w->marks, w->worker, 3);
	for (size_t i = 0; i < 6; i++) {
		matcher_start(w->worker, NULL, &pieces[i % 2]);
		assert_int_equal(search_piece(w->search, &pieces[i % 2], &w->trouble), 0);
		w->count = matcher_finish(w->worker, &w->matches, &trouble);
		assert_int_equal(w->count > 0, i % 2 == 0);
		assert_int_equal(w->trouble, SEARCH_WHOLE);
	}
}

static void what_is_cut_at_any_byte_stays_inside(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), text = BUF_INIT(ROOM);
	struct world *w = *state;

	add_gzip(&packed, view_of(key));
	assert_int_equal(buf_addf(&text, "%.9s\" + \"%s\" sk%%2Dant%s ", key, key + 9, key + 6), 0);
	add_base64(&text, view_of(key));
	assert_int_equal(buf_add_byte(&text, '\n'), 0);
	add_base64(&text, buf_view(&packed));
	for (size_t len = 0; len <= text.len; len++) {
		run(w, view_sub(buf_view(&text), 0, len), 3);
		for (size_t i = 0; i < w->count; i++)
			assert_true(w->matches[i].start >= OFFSET && w->matches[i].end <= OFFSET + len &&
				    w->matches[i].start < w->matches[i].end);
	}
	assert_true(w->count > 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_plain_key_has_no_way),
		TEST(a_place_is_that_of_the_outermost_text),
		TEST(escapes_within_base64_are_placed_too),
		TEST(depth_bounds_how_far_is_decoded),
		TEST(data_that_is_nested_for_ever_comes_to_an_end),
		TEST(compressed_text_stands_where_its_data_does),
		TEST(compressed_text_in_base64_stands_where_its_symbols_do),
		TEST(a_joined_text_says_so),
		TEST(utf16_is_decoded_further),
		TEST(what_unpacks_to_too_much_is_told),
		TEST(one_piece_leaves_nothing_to_the_next),
		TEST(what_is_cut_at_any_byte_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
