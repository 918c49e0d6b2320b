/* SPDX-License-Identifier: Apache-2.0 */
/* Many keys in one text: however close they are to each other, and wherever the parts end in which a text is decoded or
 * its lines are broken, each of them is found, and to the byte. */
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "scanner/search.h"
#include "tests/support/unit.h"

#define BODY 93
#define KEY_BYTES 108 /* sk-ant- and a kind, 93 characters, AA */
#define KEYS 6
#define PLAIN_MAX 32768u
#define TEXT_MAX (PLAIN_MAX * 24)

struct world {
	struct ruleset *rules;
	struct matcher *matcher;
	struct marks *marks;
	struct matcher_worker *worker;
	struct search *search;
	const struct match *matches;
	size_t count;
};

static char keys[KEYS][KEY_BYTES + 1];

static void make_keys(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t n = 0; n < KEYS; n++) {
		size_t len = (size_t)snprintf(keys[n], sizeof(keys[n]), "%s%s", "sk-ant", "-api03-");

		for (size_t i = 0; i < BODY; i++)
			keys[n][len++] = alphabet[(i * 37 + i * i * (11 + 2 * n) + 5 + n) % (sizeof(alphabet) - 1)];
		memcpy(keys[n] + len, "AA", 3);
	}
}

static int set_up(void **state)
{
	static struct world w;
	struct err err = ERR_INIT;

	make_keys();
	w = (struct world){ .rules = ruleset_new() };
	if (!w.rules || ruleset_add(w.rules, rules_builtin, rules_builtin_count, &err))
		return -1;
	w.matcher = matcher_new(w.rules, &err);
	w.marks = w.matcher ? marks_new(w.matcher, true, &err) : NULL;
	w.worker = w.marks ? matcher_worker_new(w.matcher) : NULL;
	w.search = w.worker ? search_new(w.marks, w.worker, 1) : NULL;
	*state = &w;
	return w.search ? 0 : -1;
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

static void run(struct world *w, struct view text)
{
	struct piece piece = { .bytes = text, .is_first = true, .is_last = true };
	struct matcher_trouble trouble;
	enum search_trouble found;

	matcher_start(w->worker, NULL, &piece);
	assert_int_equal(search_piece(w->search, &piece, &found), 0);
	w->count = matcher_finish(w->worker, &w->matches, &trouble);
	assert_int_not_equal(w->count, SIZE_MAX);
	assert_false(trouble.any);
}

static bool is_found(const struct world *w, const char *key, const char *via, struct span span)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct match *m = &w->matches[i];

		if (m->start == span.from && m->end == span.to && m->subject.via && strcmp(m->subject.via, via) == 0 &&
		    text_eq(view_sub(m->subject.text, m->from, m->to - m->from), view_of(key)))
			return true;
	}
	return false;
}

/* How a byte is written: what stands before its digits, and their base; 0: it stands for itself, and 64 in base64. */
struct style {
	const char *via;
	struct view before;
	unsigned base, digits;
	struct view behind, between;
	unsigned group;    /* bytes that between stands behind */
	unsigned per_line; /* bytes; 0: there is one line */
	struct view line_end;
	bool is_dump; /* each line has its offset in front of it, and its characters behind */
};

#define NONE                                                                                                           \
	{                                                                                                              \
		"", 0                                                                                                  \
	}

static const struct style styles[] = {
	{ "base64", NONE, 64, 0, NONE, NONE, 0, 0, NONE, false },
	{ "base64", NONE, 64, 0, NONE, NONE, 0, 57, { "\n", 1 }, false },
	{ "base64", NONE, 64, 0, NONE, NONE, 0, 48, { "\r\n    ", 6 }, false },
	{ "hex", NONE, 16, 2, NONE, NONE, 0, 0, NONE, false },
	{ "hex", NONE, 16, 2, NONE, NONE, 0, 30, { "\n", 1 }, false },             /* xxd -p */
	{ "hex", NONE, 16, 2, NONE, { ":", 1 }, 1, 15, { "\n    ", 5 }, false },   /* openssl */
	{ "hex", NONE, 16, 2, NONE, { " ", 1 }, 1, 16, { "\n", 1 }, false },       /* od -An */
	{ "hex", NONE, 16, 2, NONE, { ",", 1 }, 1, 25, { "\\\r\n  ", 5 }, false }, /* a registry's export */
	{ "hex", NONE, 16, 2, NONE, { ", ", 2 }, 1, 16, { "\n", 1 }, false },
	{ "numbers", { "0x", 2 }, 16, 2, NONE, { ", ", 2 }, 1, 12, { "\n  ", 3 }, false },        /* xxd -i */
	{ "numbers", { "(byte)0x", 8 }, 16, 2, NONE, { ", ", 2 }, 1, 8, { "\n\t\t", 3 }, false }, /* Java */
	{ "numbers", NONE, 10, 1, NONE, { ",", 1 }, 1, 0, NONE, false },                          /* JSON */
	{ "numbers", NONE, 10, 1, NONE, { ",", 1 }, 1, 1, { "\n            ", 13 }, false },      /* that, indented */
	{ "numbers", NONE, 10, 1, NONE, { " ", 1 }, 1, 20, { "\n", 1 }, false },
	{ "percent", { "%", 1 }, 16, 2, NONE, NONE, 0, 0, NONE, false },                     /* URLs */
	{ "backslash", { "\\u", 2 }, 16, 4, NONE, NONE, 0, 0, NONE, false },                 /* JSON */
	{ "backslash", { "\\x", 2 }, 16, 2, NONE, NONE, 0, 0, NONE, false },                 /* C */
	{ "backslash", { "\\x{", 3 }, 16, 2, { "}", 1 }, NONE, 0, 0, NONE, false },          /* Perl */
	{ "backslash", { "\\U000000", 8 }, 16, 2, NONE, NONE, 0, 0, NONE, false },           /* C, Go, Python */
	{ "backslash", { "\\u{", 3 }, 16, 2, { "}", 1 }, NONE, 0, 0, NONE, false },          /* JavaScript */
	{ "backslash", { "\\", 1 }, 8, 3, NONE, NONE, 0, 0, NONE, false },                   /* C */
	{ "html", { "&#", 2 }, 10, 1, { ";", 1 }, NONE, 0, 0, NONE, false },                 /* HTML */
	{ "html", { "&#x", 3 }, 16, 2, { ";", 1 }, NONE, 0, 0, NONE, false },                /* HTML */
	{ "html", { "&#x00", 5 }, 16, 2, { ";", 1 }, NONE, 0, 0, NONE, false },              /* HTML */
	{ "quoted-printable", { "=", 1 }, 16, 2, NONE, NONE, 0, 25, { "=\r\n", 3 }, false }, /* e-mail */
	{ "hexdump", NONE, 16, 2, NONE, { " ", 1 }, 1, 16, { "\n", 1 }, true },              /* hexdump -C */
	{ "hexdump", NONE, 16, 2, NONE, { " ", 1 }, 2, 16, { "\n", 1 }, true },              /* xxd */
	{ "hexdump", NONE, 16, 2, NONE, { " ", 1 }, 2, 8, { "\n", 1 }, true },               /* xxd -c 8 */
	{ "utf-16le", NONE, 0, 0, { "\0", 1 }, NONE, 0, 0, NONE, false },
	{ "utf-16be", { "\0", 1 }, 0, 0, NONE, NONE, 0, 0, NONE, false },
};

static char symbol(struct view plain, size_t i)
{
	static const char symbols[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned value = 0;

	for (size_t bit = 6 * i; bit < 6 * i + 6; bit++) {
		unsigned byte = bit / 8 < plain.len ? (unsigned char)plain.ptr[bit / 8] : 0;

		value = value << 1 | (byte >> (7 - bit % 8) & 1);
	}
	return symbols[value];
}

static void add_base64(struct buf *out, const struct style *s, struct view plain, struct span *places)
{
	for (size_t i = 0; i * 6 < plain.len * 8; i++) {
		size_t line = s->per_line / 3 * 4;

		if (line && i && i % line == 0)
			assert_int_equal(buf_add(out, s->line_end), 0);
		if (i % 4 < 3 && i * 6 / 8 < plain.len)
			places[i / 4 * 3 + i % 4].from = (uint32_t)out->len;
		assert_int_equal(buf_add_byte(out, symbol(plain, i)), 0);
		if (i % 4 > 0)
			places[i / 4 * 3 + i % 4 - 1].to = (uint32_t)out->len;
	}
}

static void add_digits(struct buf *out, unsigned value, unsigned base, size_t least)
{
	char digits[12];
	size_t at = sizeof(digits);

	for (; value || sizeof(digits) - at < least; value /= base)
		digits[--at] = "0123456789abcdef"[value % base];
	assert_int_equal(buf_add(out, view_from(digits + at, sizeof(digits) - at)), 0);
}

static void add_line_end(struct buf *out, const struct style *s, struct view line)
{
	if (s->is_dump) {
		assert_int_equal(buf_add_text(out, "  |"), 0);
		for (size_t i = 0; i < line.len; i++)
			assert_int_equal(buf_add_byte(out, line.ptr[i] < ' ' ? '.' : line.ptr[i]), 0);
		assert_int_equal(buf_add_byte(out, '|'), 0);
	}
	assert_int_equal(buf_add(out, s->line_end), 0);
}

/* Appends plain as a style has it; places[i] is where byte i was put. */
static void encode(struct buf *out, const struct style *s, struct view plain, struct span *places)
{
	if (s->base == 64) {
		add_base64(out, s, plain, places);
		return;
	}
	for (size_t i = 0; i < plain.len; i++) {
		unsigned char byte = (unsigned char)plain.ptr[i];
		size_t from = out->len, group = s->per_line ? i % s->per_line : i;

		if (group == 0 && i)
			add_line_end(out, s, view_sub(plain, i - s->per_line, s->per_line));
		if (group == 0 && s->is_dump)
			assert_int_equal(buf_addf(out, "%08zx: ", i), 0);
		from = out->len;
		assert_int_equal(buf_add(out, s->before), 0);
		if (s->base)
			add_digits(out, byte, s->base, s->digits);
		else
			assert_int_equal(buf_add_byte(out, (char)byte), 0);
		assert_int_equal(buf_add(out, s->behind), 0);
		places[i] = (struct span){ .from = (uint32_t)from, .to = (uint32_t)out->len };
		if (text_starts(s->before, VIEW("(byte)")))
			places[i].from += (uint32_t)sizeof("(byte)") - 1;
		if (s->group && (i + 1) % s->group == 0 && !(s->is_dump && group + 1 == s->per_line))
			assert_int_equal(buf_add(out, s->between), 0);
	}
}

static const char words[] =
	"a line of the text that stands between two keys, = \"of which\": [some] is {so} and so on 1 2 3\n";

static void add_words(struct buf *plain, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buf_add_byte(plain, words[i % (sizeof(words) - 1)]), 0);
}

/* Encodes keys that are this far from each other, and looks for all of them. */
static void assert_all_found(struct world *w, const struct style *s, size_t lead, size_t distance, size_t count)
{
	static struct span places[PLAIN_MAX];
	DEFER(buf_done) struct buf plain = BUF_INIT(PLAIN_MAX), text = BUF_INIT(TEXT_MAX);
	size_t at[KEYS];

	add_words(&plain, lead);
	for (size_t n = 0; n < count; n++) {
		assert_int_equal(buf_add_byte(&plain, ' '), 0);
		at[n] = plain.len;
		assert_int_equal(buf_add_text(&plain, keys[n]), 0);
		assert_int_equal(buf_add_byte(&plain, '\n'), 0);
		add_words(&plain, distance);
	}
	encode(&text, s, buf_view(&plain), places);
	run(w, buf_view(&text));
	for (size_t n = 0; n < count; n++) {
		struct span span = { .from = places[at[n]].from, .to = places[at[n] + KEY_BYTES - 1].to };

		if (!is_found(w, keys[n], s->via, span))
			fail_msg("%s, style %td: key %zu of %zu, %zu bytes apart, %zu behind the start", s->via,
				 s - styles, n, count, distance, lead);
	}
}

static void keys_in_one_encoded_text_are_all_found(void **state)
{
	static const size_t distances[] = { 0, 3, 41, 190, 430, 700, 1100, 1650, 2200, 3100, 4400 };

	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		for (size_t d = 0; d < ARRAY_LEN(distances); d++)
			assert_all_found(*state, &styles[i], 7 * d, distances[d], KEYS);
}

static void a_key_is_found_wherever_its_lines_are_broken(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		for (size_t lead = 0; lead < styles[i].per_line; lead++)
			assert_all_found(*state, &styles[i], 64 + lead, 20, 1);
}

/* Each key for itself, in a line of a file such as people keep them in. */
static void keys_in_one_file_are_all_found(void **state)
{
	static const struct view lines[][2] = {
		{ { "  k: ", 5 }, { "\n", 1 } },
		{ { "", 0 }, { "\n", 1 } },
		{ { "export K=", 9 }, { "\n", 1 } },
		{ { "K = \"", 5 }, { "\"\n", 2 } },
		{ { "  - ", 4 }, { "\n", 1 } },
		{ { "\"k\": \"", 6 }, { "\",\n", 3 } },
		{ { "char k[] = { ", 13 }, { " };\n", 4 } },
		{ { "", 0 }, { ", ", 2 } },
	};
	static struct span places[PLAIN_MAX], spans[KEYS];

	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		for (size_t l = 0; l < ARRAY_LEN(lines) && !styles[i].is_dump && styles[i].base; l++) {
			DEFER(buf_done) struct buf text = BUF_INIT(TEXT_MAX);

			for (size_t n = 0; n < KEYS; n++) {
				assert_int_equal(buf_add(&text, lines[l][0]), 0);
				encode(&text, &styles[i], view_from(keys[n], KEY_BYTES), places);
				spans[n] = (struct span){ .from = places[0].from, .to = places[KEY_BYTES - 1].to };
				assert_int_equal(buf_add(&text, lines[l][1]), 0);
			}
			run(*state, buf_view(&text));
			for (size_t n = 0; n < KEYS; n++)
				if (!is_found(*state, keys[n], styles[i].via, spans[n]))
					fail_msg("%s, style %zu, line %zu: key %zu", styles[i].via, i, l, n);
		}
}

static void keys_in_parts_are_all_found(void **state)
{
	static const char *const betweens[] = { "\" + \"", "\"\n  \"", "\", \"", "\" .. \"", "\\\n", "\"\nb = \"" };

	for (size_t i = 0; i < ARRAY_LEN(betweens); i++)
		for (size_t distance = 0; distance < 300; distance += 37)
			for (size_t cut = 14; cut < KEY_BYTES; cut += 29) {
				DEFER(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
				struct span spans[KEYS];

				for (size_t n = 0; n < KEYS; n++) {
					assert_int_equal(buf_add_text(&text, "a = \""), 0);
					spans[n].from = (uint32_t)text.len;
					assert_int_equal(buf_addf(&text, "%.*s%s%s", (int)cut, keys[n], betweens[i],
								  keys[n] + cut),
							 0);
					spans[n].to = (uint32_t)text.len;
					assert_int_equal(buf_add_text(&text, "\"\n"), 0);
					add_words(&text, distance);
				}
				run(*state, buf_view(&text));
				for (size_t n = 0; n < KEYS; n++)
					if (!is_found(*state, keys[n], "joined", spans[n]))
						fail_msg("between %zu, %zu apart, cut at %zu: key %zu", i, distance,
							 cut, n);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_in_one_encoded_text_are_all_found),
		cmocka_unit_test(a_key_is_found_wherever_its_lines_are_broken),
		cmocka_unit_test(keys_in_one_file_are_all_found),
		cmocka_unit_test(keys_in_parts_are_all_found),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
