/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/prefilter/prefilter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/prefilter/teddy.h"

#include "tests/support/unit.h"

#define TEXT_MAX 300
#define LITERALS 400
#define HITS_MAX 200000

static const enum prefilter_level levels[] = { PREFILTER_SCALAR, PREFILTER_SSSE3, PREFILTER_AVX2, PREFILTER_AVX512,
					       PREFILTER_NEON };

static struct prefilter_hit expected[HITS_MAX], found[HITS_MAX];
static struct literal literals[LITERALS];
static uint64_t random_state;

static unsigned random_below(unsigned n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % n;
}

static struct literal literal_of(struct view text, bool nocase, uint16_t tag)
{
	struct literal l = { .len = (unsigned char)text.len, .nocase = nocase, .tag = tag };

	memcpy(l.bytes, text.ptr, text.len);
	return l;
}

static struct prefilter *make(const struct literal *set, size_t count, enum prefilter_level level)
{
	struct err err = ERR_INIT;
	struct prefilter *p = prefilter_new(set, count, level, &err);

	if (!p)
		fail_msg("%s", err.text);
	return p;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool stands_at(const struct literal *l, struct view text, size_t at)
{
	if (text.len - at < l->len)
		return false;
	for (size_t i = 0; i < l->len; i++) {
		char a = text.ptr[at + i], b = (char)l->bytes[i];

		if (l->nocase ? lower(a) != lower(b) : a != b)
			return false;
	}
	return true;
}

/* What the prefilter must find: every literal tried at every position. */
static size_t expect(const struct literal *set, size_t count, struct view text)
{
	size_t n = 0;

	for (size_t at = 0; at < text.len; at++)
		for (size_t i = 0; i < count; i++) {
			if (!stands_at(&set[i], text, at))
				continue;
			assert_true(n < HITS_MAX);
			expected[n++] = (struct prefilter_hit){ at, (uint16_t)i, set[i].tag };
		}
	return n;
}

/* All hits, fetched cap at a time. */
static size_t find_all(const struct prefilter *p, struct view text, size_t cap)
{
	struct prefilter_cursor cursor = { 0 };
	size_t total = 0, n;

	do {
		assert_true(total + cap <= HITS_MAX);
		n = prefilter_scan(p, text, &cursor, found + total, cap);
		assert_true(n <= cap);
		total += n;
	} while (n == cap);
	assert_int_equal(cursor.at, text.len);
	return total;
}

static void assert_found(size_t n, size_t want)
{
	assert_int_equal(n, want);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(found[i].at, expected[i].at);
		assert_int_equal(found[i].literal, expected[i].literal);
		assert_int_equal(found[i].tag, expected[i].tag);
	}
}

static void assert_levels_agree(const struct literal *set, size_t count, struct view text, size_t cap)
{
	size_t want = expect(set, count, text);

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		DEFER(prefilter_freep) struct prefilter *p = NULL;

		if (!prefilter_has(levels[i]))
			continue;
		p = make(set, count, levels[i]);
		assert_found(find_all(p, text, cap), want);
	}
}

static void fill(void *bytes, size_t len, struct view alphabet)
{
	char *to = bytes;

	for (size_t i = 0; i < len; i++)
		to[i] = alphabet.ptr[random_below((unsigned)alphabet.len)];
}

static size_t fill_literals(size_t count, size_t longest, struct view alphabet)
{
	for (size_t i = 0; i < count; i++) {
		struct literal *l = &literals[i];

		l->len = (unsigned char)(LITERAL_MIN + random_below((unsigned)(longest - LITERAL_MIN + 1)));
		l->nocase = random_below(2);
		l->tag = (uint16_t)random_below(UINT16_MAX);
		fill(l->bytes, l->len, alphabet);
	}
	return count;
}

/* Of few letters, so that hits and near hits abound. */
static const struct view alphabets[] = {
	{ "ab", 2 }, { "aAqQ", 4 }, { "\0a", 2 }, { "\x80\xE1\x01 ", 4 }, { "k-\0K", 4 }, { "@`[{", 4 },
};

static void every_level_finds_what_comparing_everywhere_finds(void **)
{
	char text[TEXT_MAX + 32];

	for (size_t len = 0; len <= TEXT_MAX; len++) {
		struct view alphabet = alphabets[len % ARRAY_LEN(alphabets)];
		size_t count = fill_literals(1 + random_below(12), 4 + random_below(5), alphabet), shift = len % 32;

		fill(text, sizeof(text), alphabet);
		assert_levels_agree(literals, count, view_from(text + shift, len), HITS_MAX / 2);
	}
}

static void every_alignment_gives_the_same_hits(void **)
{
	_Alignas(64) char text[TEXT_MAX + 64];
	size_t count = fill_literals(6, 6, alphabets[1]);

	fill(text, sizeof(text), alphabets[1]);
	for (size_t shift = 0; shift < 64; shift++)
		assert_levels_agree(literals, count, view_from(text + shift, TEXT_MAX), HITS_MAX / 2);
}

static void a_literal_is_found_wherever_it_stands(void **)
{
	const struct literal set[] = { literal_of(VIEW("sk-ant-"), false, 7), literal_of(VIEW("four"), false, 8),
				       literal_of(VIEW("s\0k\0-\0a\0n\0t\0-\0"), false, 9) };
	char text[TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(set); i++)
		for (size_t len = set[i].len; len <= TEXT_MAX; len += 1 + len / 16)
			for (size_t at = 0; at + set[i].len <= len; at++) {
				memset(text, '.', sizeof(text));
				memcpy(text + at, set[i].bytes, set[i].len);
				assert_int_equal(expect(set, ARRAY_LEN(set), view_from(text, len)), 1);
				assert_levels_agree(set, ARRAY_LEN(set), view_from(text, len), 4);
			}
}

static void a_literal_that_is_cut_off_is_not_found(void **)
{
	const struct literal set[] = { literal_of(VIEW("sk-ant-"), false, 0), literal_of(VIEW("apikey_01"), true, 0) };
	struct view text =
		VIEW("nt-, k-ant-, ant- ... and at the end of it all there is apikey_0 and then there is sk-ant");

	for (size_t from = 0; from < text.len; from++) {
		assert_int_equal(expect(set, 2, view_sub(text, from, text.len)), 0);
		assert_levels_agree(set, 2, view_sub(text, from, text.len), 4);
	}
}

static void many_literals_of_all_lengths_are_found(void **)
{
	struct view alphabet = VIEW("abcdefghijklmnopqrstuvwxyz_-ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	size_t count = fill_literals(LITERALS, LITERAL_MAX, alphabet);
	static char text[LITERALS * LITERAL_MAX];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		memcpy(text + len, literals[i].bytes, literals[i].len);
		len += literals[i].len;
	}
	assert_true(expect(literals, count, view_from(text, len)) >= count);
	assert_levels_agree(literals, count, view_from(text, len), 64);
}

static void ascii_letters_alone_match_in_either_case(void **)
{
	const struct literal set[] = { literal_of(VIEW("Api_KEY@"), true, 1), literal_of(VIEW("Api_KEY@"), false, 2),
				       literal_of(VIEW("\xC4pi\0\x5B"), true, 3) };
	struct view text =
		VIEW("api_key@ API_KEY@ Api_KEY@ api\x7Fkey@ api_key` \xE4pi\0\x5B \xC4PI\0\x5B \xC4PI\0\x7B");

	assert_int_equal(expect(set, ARRAY_LEN(set), text), 5);
	assert_levels_agree(set, ARRAY_LEN(set), text, 8);
}

static void hits_at_one_position_come_in_order_of_the_literals(void **)
{
	const struct literal set[] = { literal_of(VIEW("api_keys"), false, 30), literal_of(VIEW("api_"), false, 20),
				       literal_of(VIEW("API_KEY"), true, 10), literal_of(VIEW("api_"), false, 20),
				       literal_of(VIEW("_key"), false, 40) };
	struct view text = VIEW("my api_keys");
	DEFER(prefilter_freep) struct prefilter *p = make(set, ARRAY_LEN(set), PREFILTER_BEST);

	assert_int_equal(find_all(p, text, 8), 5);
	for (uint16_t i = 0; i < 4; i++) {
		assert_int_equal(found[i].at, 3);
		assert_int_equal(found[i].literal, i);
		assert_int_equal(found[i].tag, set[i].tag);
	}
	assert_int_equal(found[4].at, 6);
}

static void a_small_cap_neither_loses_nor_repeats_hits(void **)
{
	char text[TEXT_MAX];

	for (size_t round = 0; round < 60; round++) {
		struct view alphabet = alphabets[round % ARRAY_LEN(alphabets)];
		size_t count = fill_literals(1 + random_below(20), 4 + random_below(9), alphabet);

		literals[count / 2] = literals[0]; /* at the least two at one position */
		fill(text, sizeof(text), alphabet);
		assert_levels_agree(literals, count, view_from(text, sizeof(text)), 1 + round % 5);
	}
}

static void a_scan_starts_at_its_cursor(void **)
{
	const struct literal set[] = { literal_of(VIEW("aaaa"), false, 0), literal_of(VIEW("aaaaa"), false, 0) };
	DEFER(prefilter_freep) struct prefilter *p = make(set, 2, PREFILTER_BEST);
	struct prefilter_cursor cursor = { .at = 2, .literal = 1 };

	assert_int_equal(prefilter_scan(p, VIEW("aaaaaaaa"), &cursor, found, 2), 2);
	assert_int_equal(found[0].at, 2);
	assert_int_equal(found[0].literal, 1);
	assert_int_equal(found[1].at, 3);
	assert_int_equal(found[1].literal, 0);
	assert_int_equal(cursor.at, 3);
	assert_int_equal(cursor.literal, 1);
}

static void a_cursor_at_the_end_finds_nothing(void **)
{
	const struct literal set[] = { literal_of(VIEW("aaaa"), false, 0) };
	DEFER(prefilter_freep) struct prefilter *p = make(set, 1, PREFILTER_BEST);
	struct prefilter_cursor cursor = { .at = 4 };

	assert_int_equal(prefilter_scan(p, VIEW("aaaa"), &cursor, found, 2), 0);
	assert_int_equal(cursor.at, 4);
	assert_int_equal(find_all(p, VIEW_NONE, 2), 0);
}

/* Longer than what is searched at one go, with more candidates than are gathered at one go. */
static void long_and_dense_text_is_searched_to_its_end(void **)
{
	const size_t len = 150000;
	DEFER(freep) char *text = malloc(len);
	size_t count = 0;

	assert_non_null(text);
	literals[count++] = literal_of(VIEW("aaaa"), false, 1);
	literals[count++] = literal_of(VIEW("bbbbbbbbbbbbbbbbbbbbbbbbb-ant"), false, 2);
	memset(text, 'b', len);
	memset(text + 60000, 'a', 9000);
	for (size_t at = 70000; at < len - 40; at += 4001)
		memcpy(text + at, "-ant", 4);
	memcpy(text + len - 4, "-ant", 4);
	assert_levels_agree(literals, count, view_from(text, len), 1000);
}

/* Exactly as many candidates as are gathered at one go, some more, some fewer, up to the very end. */
static void text_of_nothing_but_candidates_is_searched(void **)
{
	const struct literal set[] = { literal_of(VIEW("aaaa"), false, 1) };
	char text[1060];

	memset(text, 'a', sizeof(text));
	for (size_t len = 900; len <= sizeof(text); len++)
		assert_levels_agree(set, 1, view_from(text, len), 500);
}

/* Windows as no plan would choose them now: the first literal is found by its end, behind all hits of the second. The
 * search goes in steps of 64 KiB, and the end may stand in the next one. */
static void order_and_cap_hold_whatever_the_windows(void **)
{
	const struct literal set[] = { literal_of(VIEW("                      -ant"), false, 1),
				       literal_of(VIEW("    "), false, 2) };
	const size_t step = (size_t)64 << 10, len = step + 200;
	DEFER(prefilter_freep) struct prefilter *p = make(set, 2, PREFILTER_BEST);
	DEFER(freep) char *text = malloc(len);

	assert_non_null(text);
	memset(p->low, 0xFF, sizeof(p->low));
	memset(p->high, 0xFF, sizeof(p->high));
	memset(p->whole, 0xFF, sizeof(p->whole));
	memset(p->slots, 0, sizeof(p->slots));
	p->reach = p->literals[0].window = 22;
	p->slots[teddy_slot("-ant")] = 1;
	p->slots[teddy_slot("    ")] = 2;
	for (size_t at = step - 100; at < step + 100; at++) {
		memset(text, '.', len);
		memset(text + at, ' ', 22);
		memcpy(text + at + 22, "-ant", 4);
		assert_found(find_all(p, view_from(text, len), 1 + at % 4), expect(set, 2, view_from(text, len)));
	}
}

/* A page that may be used between two that may not. */
static void nothing_outside_the_view_is_read(void **)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_READ | PROT_WRITE), 0);
	for (size_t len = 0; len <= TEXT_MAX; len++) {
		struct view alphabet = alphabets[len % ARRAY_LEN(alphabets)];
		struct view first = view_from(pages + page, len), last = view_from(pages + 2 * page - len, len);
		size_t count = fill_literals(8, 12, alphabet);

		fill(pages + page, page, alphabet);
		assert_levels_agree(literals, count, first, 64);
		assert_levels_agree(literals, count, last, 64);
		for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
			DEFER(prefilter_freep) struct prefilter *p = NULL;

			if (!prefilter_has(levels[i]))
				continue;
			p = make(literals, 1, levels[i]);
			assert_int_equal(prefilter_count_lines(p, first), 0);
			assert_int_equal(prefilter_count_lines(p, last), 0);
		}
	}
	assert_int_equal(munmap(pages, 3 * page), 0);
}

static size_t count_naively(struct view text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

static void every_level_counts_the_lines(void **)
{
	static char text[20000]; /* more than a byte can count, whatever the vector */
	struct view alphabet = VIEW("\n\n\n\x8A\x0B ");

	fill(text, sizeof(text), alphabet);
	memset(text + 300, '\n', 18000);
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		DEFER(prefilter_freep) struct prefilter *p = NULL;

		if (!prefilter_has(levels[i]))
			continue;
		p = make(NULL, 0, levels[i]);
		for (size_t len = 0; len <= sizeof(text); len += 1 + (len > 300 ? len / 7 : 0)) {
			struct view v = view_from(text + sizeof(text) - len, len);

			assert_int_equal(prefilter_count_lines(p, v), count_naively(v));
			v.ptr = text;
			assert_int_equal(prefilter_count_lines(p, v), count_naively(v));
		}
		assert_int_equal(prefilter_count_lines(p, VIEW_NONE), 0);
	}
}

static void no_literals_find_nothing(void **)
{
	assert_levels_agree(NULL, 0, VIEW("\0\0\0\0 anything at all"), 1);
}

static void a_literal_of_a_wrong_length_is_refused(void **)
{
	struct literal l = literal_of(VIEW("key"), false, 0);
	struct err err = ERR_INIT;

	assert_null(prefilter_new(&l, 1, PREFILTER_BEST, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	err = (struct err)ERR_INIT;
	l.len = LITERAL_MAX + 1;
	assert_null(prefilter_new(&l, 1, PREFILTER_BEST, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
}

static void too_many_literals_are_refused(void **)
{
	struct err err = ERR_INIT;

	assert_null(prefilter_new(literals, LITERALS_MAX + 1, PREFILTER_BEST, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
}

static void the_level_that_was_asked_for_is_in_use(void **)
{
	static const char *const names[] = { "scalar", "ssse3", "avx2", "avx512", "neon" };
	const char *best = NULL;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		struct err err = ERR_INIT;
		DEFER(prefilter_freep) struct prefilter *p = prefilter_new(NULL, 0, levels[i], &err);

		assert_int_equal(p != NULL, prefilter_has(levels[i]));
		if (!p)
			continue;
		best = names[i];
		assert_string_equal(prefilter_level_name(p), best);
	}
	DEFER(prefilter_freep) struct prefilter *p = make(NULL, 0, PREFILTER_BEST);
	assert_true(prefilter_has(PREFILTER_SCALAR) && prefilter_has(PREFILTER_BEST));
	assert_string_equal(prefilter_level_name(p), best);
#ifdef __aarch64__
	assert_string_equal(best, "neon");
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_finds_what_comparing_everywhere_finds),
		cmocka_unit_test(every_alignment_gives_the_same_hits),
		cmocka_unit_test(a_literal_is_found_wherever_it_stands),
		cmocka_unit_test(a_literal_that_is_cut_off_is_not_found),
		cmocka_unit_test(many_literals_of_all_lengths_are_found),
		cmocka_unit_test(ascii_letters_alone_match_in_either_case),
		cmocka_unit_test(hits_at_one_position_come_in_order_of_the_literals),
		cmocka_unit_test(a_small_cap_neither_loses_nor_repeats_hits),
		cmocka_unit_test(a_scan_starts_at_its_cursor),
		cmocka_unit_test(a_cursor_at_the_end_finds_nothing),
		cmocka_unit_test(long_and_dense_text_is_searched_to_its_end),
		cmocka_unit_test(text_of_nothing_but_candidates_is_searched),
		cmocka_unit_test(order_and_cap_hold_whatever_the_windows),
		cmocka_unit_test(nothing_outside_the_view_is_read),
		cmocka_unit_test(every_level_counts_the_lines),
		cmocka_unit_test(no_literals_find_nothing),
		cmocka_unit_test(a_literal_of_a_wrong_length_is_refused),
		cmocka_unit_test(too_many_literals_are_refused),
		cmocka_unit_test(the_level_that_was_asked_for_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
