/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define ROOT "sk-ant-"
#define ROOT_LEN (sizeof(ROOT) - 1)
#define BODY 93
#define KEY_BYTES (ROOT_LEN + 6 + BODY + 2)
#define TEXT_BYTES 8192

static struct decoded decoded;
static char key[KEY_BYTES + 1];

static int set_up(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	(void)state;
	decoded_init(&decoded);
	(void)snprintf(key, sizeof(key), "%sapi03-", ROOT);
	for (size_t i = 0; i < BODY; i++)
		key[ROOT_LEN + 6 + i] = alphabet[(i * 37 + i * i * 11 + 5) % (sizeof(alphabet) - 1)];
	memcpy(key + KEY_BYTES - 2, "AA", 3);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	decoded_done(&decoded);
	return 0;
}

/* Tries each place that the search would try, until one gives the key. */
struct search {
	struct view text;
	bool is_found;
};

static bool gives_key(struct view text, unsigned phase, size_t at)
{
	return decode_at(DECODE_JOINED, phase, text, at, &decoded) == DECODE_DONE &&
	       text_starts(buf_view(&decoded.text), view_from(key, KEY_BYTES));
}

static int look(void *context, const struct spelling *s)
{
	struct search *search = context;
	struct view literal = view_from(s->literal.bytes, s->literal.len);

	for (size_t at = 0; at + literal.len <= search->text.len && !search->is_found; at++) {
		if (!text_starts(view_sub(search->text, at, search->text.len), literal))
			continue;
		if (s->form == DECODE_JOINED)
			search->is_found = gives_key(search->text, s->phase, at);
		else if (s->form == DECODE_PLAIN)
			search->is_found = decode_look_closer(search->text, at) == DECODE_JOINED &&
					   gives_key(search->text, DECODE_FROM_START, at);
	}
	return search->is_found;
}

static bool is_found(struct view text)
{
	struct search search = { .text = text };

	(void)decode_spell(VIEW(ROOT), false, SPELL_ALL, look, &search);
	return search.is_found;
}

/* The key in two parts: the first at `first`, the second at `second`, cut at cut. */
static void assert_spans(size_t first, size_t second, size_t cut)
{
	for (size_t i = 0; i < KEY_BYTES; i++) {
		size_t at = i < cut ? first + i : second + i - cut;

		assert_int_equal(decoded.spans[i].from, at);
		assert_int_equal(decoded.spans[i].to, at + 1);
	}
}

struct style {
	const char *before, *between, *behind;
	size_t least; /* where it may be cut first */
};

static const struct style styles[] = {
	{ "k = \"", "\" + \"", "\"\n", 1 },                        /* Python, JavaScript, Go, Java, C# */
	{ "m = {\"", "\" + \"", "\": 1}\n", 1 },                   /* the name of a value, Python */
	{ "m = {'", "' '", "': 1}\n", 1 },                         /* the name of a value, Python */
	{ "k = (\"", "\"\n     \"", "\")\n", 1 },                  /* C, Python */
	{ "k = ('", "'  # a\n     '", "')\n", 1 },                 /* Python */
	{ "k = f'", "' f'", "'\n", 1 },                            /* Python */
	{ "$k = '", "' . '", "';\n", 1 },                          /* PHP, Perl */
	{ "$k = '", "';\n$k .= '", "';\n", 1 },                    /* PHP */
	{ "k = '", "' \\\n    '", "'\n", 1 },                      /* Ruby */
	{ "k = '", "' << '", "'\n", 1 },                           /* Ruby */
	{ "K=\"", "\"'", "'\n", 1 },                               /* shell */
	{ "const k = [`", "`, `", "`].join('')\n", 1 },            /* JavaScript */
	{ "k: \"", "\" +\n\t\t\"", "\",\n", 1 },                   /* Go */
	{ "x.append(\"", "\").append(\"", "\");\n", 1 },           /* Java */
	{ "k = join(\"\", [\"", "\", \"", "\"])\n", 1 },           /* Terraform */
	{ "x = \"", "\" /* b */ \"", "\";\n", 1 },                 /* C */
	{ "select '", "' || '", "';\n", 1 },                       /* SQL */
	{ "k = \"", "\" .. \"", "\"\n", 1 },                       /* Lua */
	{ "k = \"", "\" <> \"", "\"\n", 1 },                       /* Elixir */
	{ "k = \"", "\" ++ \"", "\"\n", 1 },                       /* Haskell */
	{ "k = `", "${\"", "\"}`\n", ROOT_LEN },                   /* JavaScript */
	{ "k: >-\n  ", "\n  ", "\n", 1 },                          /* YAML */
	{ "# ", "\n# ", "\n", 1 },                                 /* a comment */
	{ " * ", "\r\n * ", "\r\n", 1 },                           /* a comment of C */
	{ "> ", "\n> ", "\n", 1 },                                 /* a quotation */
	{ "K=", "\\\n", "\n", 1 },                                 /* shell */
	{ "<p>", "<wbr>", "</p>", ROOT_LEN },                      /* HTML */
	{ "", "\xE2\x80\x8B", " ", ROOT_LEN },                     /* an invisible blank */
	{ "a = \"", "\"\nb = \"", "\"\nk = a + b\n", 1 },          /* two names */
	{ "A=\"", "\"\nexport K=\"${A}", "\"\n", ROOT_LEN },       /* two names, shell */
	{ "a: ", "\nb: ", "\n", 1 },                               /* two names, YAML */
	{ "{\"a\": \"", "\", \"b\": \"", "\"}\n", 1 },             /* two names, JSON */
	{ "set A=", "\r\nset K=%A%", "\r\n", ROOT_LEN },           /* two names, cmd.exe */
	{ "K := ", "\nK := $(K)", "\n", ROOT_LEN },                /* two names, make */
	{ "let a = \"", "\"\nlet k = \"\\(a)", "\"\n", ROOT_LEN }, /* two names, Swift */
	{ "#define A \"", "\"\n#define K A \"", "\"\n", 1 },       /* two names, C */
	{ "a,", ",", ",b\n", ROOT_LEN },                           /* two cells */
	{ "| ", " | ", " |\n", ROOT_LEN },                         /* two cells, Markdown */
	{ "Sprintf(\"", "%s\", \"", "\")\n", ROOT_LEN },           /* Go, C */
	{ "\"", "{}\".format(\"", "\")\n", ROOT_LEN },             /* Python, Rust */
	{ "k = '", "%s' % '", "'\n", ROOT_LEN },                   /* Python */
	{ "k = \"", "\" * \"", "\"\n", 1 },                        /* Julia */
	{ "k = \"", "\" ^ \"", "\"\n", 1 },                        /* OCaml */
	{ "k = \"", "\\\n  \\", "\"\n", ROOT_LEN },                /* Haskell */
	{ "\x1B[1m", "\x1B[m\x1B[K", "\n", ROOT_LEN - 1 },         /* grep's colours */
	{ "<w:t>",
	  "</w:t></w:r><w:proofErr w:type=\"spellStart\"/><w:r w:rsidRPr=\"00B2\"><w:rPr>"
	  "<w:lang w:val=\"en-US\"/></w:rPr><w:t>",
	  "</w:t>", ROOT_LEN - 1 },                             /* an office document */
	{ "<b>", "</b>\n<i class='x'>", "</i>", ROOT_LEN - 1 }, /* HTML */
	{ "BT [(", ")-12.5(", ")] TJ ET", ROOT_LEN },           /* PDF */
	{ "BT (", ") Tj 0 -14 Td (", ") Tj ET", ROOT_LEN },     /* PDF, in two lines */
};

static void a_key_is_found_wherever_it_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		for (size_t cut = styles[i].least; cut < KEY_BYTES; cut++) {
			const struct style *s = &styles[i];
			char text[TEXT_BYTES];
			size_t first = strlen(s->before), second = first + cut + strlen(s->between);

			(void)snprintf(text, sizeof(text), "%s%.*s%s%s%s", s->before, (int)cut, key, s->between,
				       key + cut, s->behind);
			if (!is_found(view_of(text)))
				fail_msg("style %zu, cut at %zu", i, cut);
			assert_spans(first, second, cut);
		}
}

static void single_characters_are_put_together(void **state)
{
	char text[TEXT_BYTES] = "[";
	size_t len = 1;

	(void)state;
	for (size_t i = 0; i < KEY_BYTES; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s'%c'", i ? ", " : "", key[i]);
	assert_true(is_found(view_of(text)));
	for (size_t i = 0; i < KEY_BYTES; i++)
		assert_int_equal(decoded.spans[i].from, 2 + i * 5);
}

static void what_only_looks_like_a_bridge_is_none(void **state)
{
	static const struct {
		const char *between, *behind;
	} cases[] = {
		{ "</b> and <b>", "</b>" }, /* text between the tags */
		{ "\x1B", "\n" },           /* no sequence */
		{ ") and (", ")" },         { " | | ", "\n" },
		{ "%d\", \"", "\"" },       { "<b", "" }, /* a tag that does not end */
	};
	char text[TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		(void)snprintf(text, sizeof(text), "\"%.40s%s%s%s", key, cases[i].between, key + 40, cases[i].behind);
		if (is_found(view_of(text)))
			fail_msg("case %zu", i);
	}
}

static void the_name_of_a_value_is_no_part(void **state)
{
	char text[TEXT_BYTES];

	(void)state;
	(void)snprintf(text, sizeof(text), "{\"a\": \"%.*s\", \"AA\": 1}", (int)KEY_BYTES - 2, key);
	assert_false(is_found(view_of(text)));
}

static void what_follows_the_last_part_is_there_for_those_who_judge(void **state)
{
	char text[TEXT_BYTES];

	(void)state;
	(void)snprintf(text, sizeof(text), "\"%.20s\" + \"%s\"; // not a key", key, key + 20);
	assert_true(is_found(view_of(text)));
	assert_true(text_find(buf_view(&decoded.text), VIEW("// not a key")) == KEY_BYTES + 3);
}

/* So many variables, each with one character of the key behind its first 60, and a name of that length. */
static void put_in_variables(char *text, size_t size, int name)
{
	size_t len = (size_t)snprintf(text, size, "a = \"%.60s\"\n", key);

	for (size_t i = 60; i < KEY_BYTES; i++)
		len += (size_t)snprintf(text + len, size - len, "%0*d = \"%c\"\n", name, (int)i, key[i]);
}

static void a_guess_has_a_reach(void **state)
{
	char text[TEXT_BYTES];

	(void)state;
	put_in_variables(text, sizeof(text), 4); /* 48 lines of 11 bytes */
	assert_true(is_found(view_of(text)));
	put_in_variables(text, sizeof(text), 20); /* of 27 */
	assert_false(is_found(view_of(text)));
}

static void a_guess_ends_where_another_key_starts(void **state)
{
	char text[TEXT_BYTES];

	(void)state;
	(void)snprintf(text, sizeof(text), "a = \"%s\"; b = \"%s\"", ROOT, key);
	assert_int_equal(decode_at(DECODE_JOINED, DECODE_FROM_START, view_of(text), 5, &decoded), DECODE_NOTHING);
	/* while that a program joins is what it says */
	(void)snprintf(text, sizeof(text), "a = \"%s\" + \"%s\"", ROOT, key + ROOT_LEN);
	assert_true(is_found(view_of(text)));
}

/* How much of a text that is nothing but one piece, again and again, is decoded in all. */
static size_t work(const char *piece, unsigned phase, size_t size)
{
	DEFER(buf_done) struct buf text = BUF_INIT(size + TEXT_BYTES);
	size_t sum = 0, covered = 0;

	while (text.len < size)
		assert_int_equal(buf_add_text(&text, piece), 0);
	for (size_t at = 0; at < size; at += strlen(piece)) {
		if (at < covered)
			continue;
		(void)decode_at(DECODE_JOINED, phase, buf_view(&text), at, &decoded);
		sum += decoded.text.len;
		covered = decoded.covered;
	}
	return sum;
}

static void twice_the_hits_are_twice_the_work(void **state)
{
	static const char *const pieces[] = { ROOT "a\"; b = \"", ROOT "a ",     ROOT "\\\n",
					      "\"" ROOT "\" + ",  ROOT "\nb = ", ROOT "</b> <b>",
					      ROOT ") 1(",        ROOT "\x1B[m", ROOT "%s\", \"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		size_t small = work(pieces[i], DECODE_FROM_START, 1 << 16);
		size_t large = work(pieces[i], DECODE_FROM_START, 1 << 17);

		assert_true(large <= 2 * small + TEXT_BYTES);
		assert_true(small <= 8u << 16);
	}
}

static void what_is_cut_at_any_byte_stays_inside(void **state)
{
	char text[TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		size_t len =
			(size_t)snprintf(text, sizeof(text), "%s%.20s%s%.20s%s%s%s", styles[i].before, key,
					 styles[i].between, key + 20, styles[i].between, key + 40, styles[i].behind);

		for (size_t cut = 1; cut <= len; cut++)
			for (size_t at = 0; at < cut && at < 32; at++)
				for (unsigned phase = 0; phase < 3; phase++) {
					(void)decode_at(DECODE_JOINED, phase, view_from(text, cut), at, &decoded);
					assert_true(decoded.covered > at);
					for (size_t n = 0; n < decoded.text.len; n++)
						assert_true(decoded.spans[n].to <= cut);
				}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_is_found_wherever_it_is_cut),
		TEST(single_characters_are_put_together),
		TEST(what_only_looks_like_a_bridge_is_none),
		TEST(the_name_of_a_value_is_no_part),
		TEST(what_follows_the_last_part_is_there_for_those_who_judge),
		TEST(a_guess_has_a_reach),
		TEST(a_guess_ends_where_another_key_starts),
		TEST(twice_the_hits_are_twice_the_work),
		TEST(what_is_cut_at_any_byte_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
