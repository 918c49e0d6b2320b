/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/conf.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static void refused_view(struct view text, const char *message)
{
	struct err err = ERR_INIT;
	struct conf *conf = conf_parse(text, "f.yaml", &err);

	assert_null(conf);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, message))
		fail_msg("'%s' lacks '%s'", err.text, message);
}

static void refused(const char *text, const char *message)
{
	refused_view(view_of(text), message);
}

static void values_are_read_with_their_place(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("a: x\nb:\n  - 1\n  - {c: 'y z'}\n"), "f", &err);
	const struct conf_node *b;

	(void)state;
	assert_non_null(conf);
	assert_view(conf_text(conf_get(conf_root(conf), "a")), "x");
	b = conf_get(conf_root(conf), "b");
	assert_true(conf_is_list(b));
	assert_int_equal(conf_count(b), 2);
	assert_int_equal(conf_line(conf_at(b, 1)), 4);
	assert_int_equal(conf_column(conf_at(b, 1)), 5);
	assert_view(conf_text(conf_get(conf_at(b, 1), "c")), "y z");
	assert_null(conf_get(conf_root(conf), "d"));
}

static void an_empty_file_is_an_empty_mapping(void **state)
{
	static const char *const texts[] = { "", "# only words\n", "---\n", "\n\n", "{}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;
		DEFER(conf_freep) struct conf *conf = conf_parse(view_of(texts[i]), "f", &err);

		assert_non_null(conf);
		assert_true(conf_is_mapping(conf_root(conf)));
		assert_int_equal(conf_count(conf_root(conf)), 0);
	}
}

static void mistakes_are_told_by_line_and_column(void **state)
{
	(void)state;
	refused("a: 1\nb: [\n", "f.yaml:3:1: not valid YAML: while parsing a flow node, ");
	refused("a: 'x\n\n", "f.yaml:3:1: not valid YAML: while scanning a quoted scalar that starts on line 1, ");
	refused("a: b: c\n", "f.yaml:1:5: not valid YAML: while reading YAML, mapping values are not allowed");
	refused("a: \"\\q\"\n", "f.yaml:1:5: not valid YAML: while parsing a quoted scalar, ");
	refused("a: @x\n", "f.yaml:1:4: ");
	refused("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document; the end of the file was expected");
	refused("a: 1\n---\n", "f.yaml:2:1: a second document");
	refused("[a]: 1\n", "f.yaml:1:1: a key must be plain text, not a list or a mapping");
	refused("? {a: b}\n: 1\n", "f.yaml:1:3: a key must be plain text, not a list or a mapping");
	refused("a: !!str 1\n", "f.yaml:1:4: a tag (!name); a value without one was expected");
	refused("a: !x [1]\n", "f.yaml:1:4: a tag");
	refused("a: !x {b: 1}\n", "f.yaml:1:4: a tag");
}

static void a_tab_that_indents_is_named(void **state)
{
	(void)state;
	refused("\tb: 1\n", "f.yaml:1:1: a tab; spaces were expected");
	refused("a:\n  b: 1\n\tc: 2\n", "f.yaml:3:1: a tab; spaces were expected");
	refused("\xc3\xa9: \xe2\x82\xac\nb:\n\tc: 1\n", "f.yaml:3:1: a tab; spaces were expected");
	refused("a: 1\nb: [1,\n\t@]\n", "f.yaml:3:2: not valid YAML");
}

static void bytes_that_are_no_text_are_told_by_line_and_column(void **state)
{
	static const char *const bytes[] = {
		"\x80",             /* a tail alone */
		"\xff",             /* never part of UTF-8 */
		"\xc3",             /* cut short by the line's end */
		"\xc0\x80",         /* two bytes for one */
		"\xe0\x80\x80",     /* three bytes for one */
		"\xed\xa0\x80",     /* a surrogate */
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\x01",
		"\x1b",
		"\x7f",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(100);

		assert_int_equal(buf_addf(&text, "a: 1\r\n\xc3\xa9: x%s\nb: 2\n", bytes[i]), 0);
		refused(text.ptr, "f.yaml:2:5: ");
		refused(text.ptr, "printable UTF-8 text was expected");
	}
	refused_view(VIEW("a: x\0y\n"), "f.yaml:1:5: control characters are not allowed; printable UTF-8");
	refused_view(VIEW("\xff\xfe"
			  "a\0:\0"),
		     "f.yaml:1:1: ");
	refused("a: \"\\ud800\"\n", "f.yaml:1:7: not valid YAML");
}

static void a_byte_order_mark_shifts_nothing(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep)
	struct conf *conf = conf_parse(VIEW("\xef\xbb\xbf"
					    "a: 1\r\nb: 2\r\n"),
				       "f", &err);

	(void)state;
	assert_non_null(conf);
	assert_int_equal(conf_column(conf_get(conf_root(conf), "a")), 4);
	assert_int_equal(conf_line(conf_get(conf_root(conf), "b")), 2);
}

static void a_repeated_key_is_told_with_its_first_place(void **state)
{
	(void)state;
	refused("a: 1\na: 2\n", "f.yaml:2:1: the key 'a' was given on line 1 already");
	refused("b: 1\nc: 1\na: 1\n'b': 2\na: 3\n", "f.yaml:4:1: the key 'b' was given on line 1 already");
	refused("x:\n  - {k: 1, j: 2, k: 3}\n", "f.yaml:2:18: the key 'k' was given on line 2 already");
	refused("a: 1\n\"\\x61\": 2\n", "f.yaml:2:1: the key 'a' was given on line 1 already");
	refused("? \n: 1\n? ''\n: 2\n", "the key '' was given on line");
}

/* As many keys as fit: comparing each with each would take minutes here. */
static void a_mapping_of_very_many_keys_is_read(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(CONF_FILE_BYTES);
	struct err err = ERR_INIT;
	struct conf *conf;

	(void)state;
	for (int i = 0; i < CONF_NODES / 2 - 1; i++)
		assert_int_equal(buf_addf(&text, "k%d:\n", i), 0);
	conf = conf_parse(buf_view(&text), "f.yaml", &err);
	assert_non_null(conf);
	assert_int_equal(conf_count(conf_root(conf)), CONF_NODES / 2 - 1);
	conf_free(conf);
	assert_int_equal(buf_add_text(&text, "k7: 1\n"), 0);
	refused(text.ptr, "too many entries; at most 100000 in a file were expected");
}

static void nested(struct buf *text, int levels)
{
	buf_clear(text);
	for (int i = 0; i < levels; i++)
		assert_int_equal(buf_add_text(text, "["), 0);
	for (int i = 0; i < levels; i++)
		assert_int_equal(buf_add_text(text, "]"), 0);
}

static void nesting_has_a_limit(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct conf *conf;

	(void)state;
	nested(&text, CONF_DEPTH);
	conf = conf_parse(buf_view(&text), "f.yaml", &err);
	assert_non_null(conf);
	conf_free(conf);
	nested(&text, CONF_DEPTH + 1);
	refused(text.ptr, "f.yaml:1:33: nested too deeply; at most 32 levels were expected");
}

static void an_alias_shares_the_node(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep)
	struct conf *conf = conf_parse(VIEW("a: &x {k: v}\nb: *x\nc: &y text\n*y : [*x, *y]\n"), "f", &err);
	const struct conf_node *root, *list;

	(void)state;
	assert_non_null(conf);
	root = conf_root(conf);
	assert_ptr_equal(conf_get(root, "a"), conf_get(root, "b"));
	list = conf_get(root, "text");
	assert_ptr_equal(conf_at(list, 0), conf_get(root, "a"));
	assert_ptr_equal(conf_at(list, 1), conf_get(root, "c"));
}

static void an_alias_needs_an_anchor_that_ended_before(void **state)
{
	(void)state;
	refused("a: *x\n", "f.yaml:1:4: an alias (*name) of an anchor that was expected before it");
	refused("a: *x\nb: &x 1\n", "f.yaml:1:4: an alias");
	refused("a: &x [1, *x]\n", "f.yaml:1:11: an alias (*name) inside what it stands for");
	refused("&x a: {b: *y}\nc: &y 1\n", "f.yaml:1:11: an alias");
	refused("a: &x 1\nb: &x 2\n", "f.yaml:2:4: this anchor (&name) was given before");
}

static void an_alias_counts_as_all_that_it_stands_for(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(65536);

	(void)state;
	assert_int_equal(buf_add_text(&text, "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"), 0);
	for (int i = 1; i < 10; i++) {
		assert_int_equal(buf_addf(&text, "a%d: &a%d [", i, i), 0);
		for (int k = 0; k < 10; k++)
			assert_int_equal(buf_addf(&text, "%s*a%d", k ? "," : "", i - 1), 0);
		assert_int_equal(buf_add_text(&text, "]\n"), 0);
	}
	refused(text.ptr, "f.yaml:5:38: too many entries; at most 100000");
	buf_clear(&text);
	assert_int_equal(buf_add_text(&text, "a0: &a0 [1]\n"), 0);
	for (int i = 1; i < 100; i++)
		assert_int_equal(buf_addf(&text, "a%d: &a%d [*a%d]\n", i, i, i - 1), 0);
	refused(text.ptr, "f.yaml:32:12: nested too deeply");
}

static void anchors_have_a_limit(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(65536);

	(void)state;
	for (int i = 0; i <= CONF_ANCHORS; i++)
		assert_int_equal(buf_addf(&text, "- &a%d 1\n", i), 0);
	refused(text.ptr, "f.yaml:1001:3: too many anchors; at most 1000 in a file were expected");
}

static void unknown_keys_name_the_nearest(void **state)
{
	static const char *const known[] = { "allow", "rules" };
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *near = conf_parse(VIEW("rules: 1\nalow: 2\n"), "f", &err);
	DEFER(conf_freep) struct conf *far = conf_parse(VIEW("something: 2\n"), "f", &err);
	DEFER(conf_freep) struct conf *list = conf_parse(VIEW("- 1\n"), "f", &err);

	(void)state;
	assert_int_equal(conf_keys(conf_root(near), known, 2, &err), -1);
	assert_string_equal(err.text, "f:2:1: unknown key 'alow'; did you mean 'allow'?");
	assert_int_equal(conf_keys(conf_root(far), known, 2, &err), -1);
	assert_string_equal(err.text, "f:1:1: unknown key 'something'; known here: allow, rules");
	assert_int_equal(conf_keys(conf_root(list), known, 2, &err), -1);
	assert_string_equal(err.text, "f:1:1: a mapping (key: value) was expected");
}

static void messages_show_foreign_text_short_and_clean(void **state)
{
	static const char *const known[] = { "allow" };
	DEFER(buf_done) struct buf text = BUF_INIT(1000);
	struct err err = ERR_INIT;
	struct conf *conf = conf_parse(VIEW("\"a\\e[31m\\0z\": 1"), "f", &err);

	(void)state;
	assert_int_equal(conf_keys(conf_root(conf), known, 1, &err), -1);
	assert_string_equal(err.text, "f:1:1: unknown key 'a\\x1b[31m\\x00z'; known here: allow");
	conf_free(conf);
	for (int i = 0; i < 500; i++)
		assert_int_equal(buf_add_byte(&text, 'k'), 0);
	assert_int_equal(buf_add_text(&text, ": 1"), 0);
	conf = conf_parse(buf_view(&text), "f", &err);
	assert_int_equal(conf_keys(conf_root(conf), known, 1, &err), -1);
	assert_non_null(strstr(err.text, "kkk...'; known here: allow"));
	assert_true(strlen(err.text) < 200);
	conf_free(conf);
}

static void messages_mask_a_key_that_stands_in_the_wrong_place(void **state)
{
	static const char *const known[] = { "allow" };
	DEFER(buf_done) struct buf key = BUF_INIT(200), text = BUF_INIT(1000);
	struct err err = ERR_INIT;
	struct conf *conf;
	unsigned which;

	(void)state;
	assert_int_equal(buf_add_text(&key, "sk-ant-"
					    "api03-"),
			 0);
	for (int i = 0; i < 93; i++)
		assert_int_equal(buf_add_byte(&key, "Zq8x"[i % 4]), 0);
	assert_int_equal(buf_addf(&text, "%s: %s", key.ptr, key.ptr), 0);
	conf = conf_parse(buf_view(&text), "f", &err);
	assert_int_equal(conf_keys(conf_root(conf), known, 1, &err), -1);
	assert_null(strstr(err.text, "Zq8xZq8x"));
	assert_non_null(strstr(err.text, "api03-Zq8..."));
	assert_int_equal(conf_choice(conf_at(conf_root(conf), 0), known, 1, &which, &err), -1);
	assert_null(strstr(err.text, "Zq8xZq8x"));
	(void)conf_error(conf_root(conf), &err, "no %s", text.ptr);
	assert_null(strstr(err.text, "Zq8xZq8x"));
	conf_free(conf);
}

static void null_is_plain_and_quoted_text_is_text(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("[null, ~, '~', 'null', \"\", 'true', true]"), "f", &err);
	static const bool is_null[] = { true, true, false, false, false, false, false };
	bool b = false;

	(void)state;
	assert_non_null(conf);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(conf_is_null(conf_at(conf_root(conf), i)), is_null[i]);
	assert_int_equal(conf_bool(conf_at(conf_root(conf), 5), &b, &err), -1);
	assert_int_equal(conf_bool(conf_at(conf_root(conf), 6), &b, &err), 0);
	assert_true(b);
}

static void blocks_are_text(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("a: |\n  true\nb: >-\n  true\nc: |\n"), "f", &err);
	const struct conf_node *root;
	const char *text;
	bool b;

	(void)state;
	assert_non_null(conf);
	root = conf_root(conf);
	assert_int_equal(conf_string(conf_get(root, "a"), &text, &err), 0);
	assert_string_equal(text, "true\n");
	assert_int_equal(conf_bool(conf_get(root, "b"), &b, &err), -1);
	assert_false(conf_is_null(conf_get(root, "c")));
}

static void empty_values_are_null(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("a:\nb: {}\nc: []\n"), "f", &err);
	const char *text;

	(void)state;
	assert_non_null(conf);
	assert_true(conf_is_null(conf_get(conf_root(conf), "a")));
	assert_false(conf_is_null(conf_get(conf_root(conf), "b")));
	assert_false(conf_is_null(conf_get(conf_root(conf), "c")));
	assert_int_equal(conf_string(conf_get(conf_root(conf), "a"), &text, &err), -1);
	assert_string_equal(err.text, "f:1:3: text was expected");
	assert_int_equal(conf_string(conf_get(conf_root(conf), "c"), &text, &err), -1);
}

/* Parses a document of one value and asks for it as kind: u(64), c(enti), s(ize), t(ime span), d(ate), b(ool). */
static int ask(char kind, const char *text, uint64_t *ret, struct err *err)
{
	DEFER(conf_freep) struct conf *conf = conf_parse(view_of(text), "f", err);
	const struct conf_node *node;
	unsigned centi = 0;
	int64_t days = 0;
	bool is_true = false;
	int failed;

	assert_non_null(conf);
	node = conf_root(conf);
	switch (kind) {
	case 'u':
		return conf_u64(node, 5, 100, ret, err);
	case 's':
		return conf_size(node, 1u << 20, ret, err);
	case 't':
		return conf_duration(node, 5000, 86400000, ret, err);
	case 'c':
		failed = conf_centi(node, 800, &centi, err);
		*ret = centi;
		return failed;
	case 'd':
		failed = conf_date(node, &days, err);
		*ret = (uint64_t)days;
		return failed;
	default:
		failed = conf_bool(node, &is_true, err);
		*ret = is_true;
		return failed;
	}
}

static void typed_values_are_read(void **state)
{
	static const struct {
		char kind;
		const char *text;
		uint64_t value;
	} cases[] = {
		{ 'u', "5", 5 },
		{ 'u', "100", 100 },
		{ 'c', "0", 0 },
		{ 'c', "8", 800 },
		{ 'c', "3.5", 350 },
		{ 'c', "3.05", 305 },
		{ 'c', "0.25", 25 },
		{ 'c', "8.00", 800 },
		{ 's', "1KiB", 1024 },
		{ 's', "'1MiB'", 1u << 20 },
		{ 's', "12", 12 },
		{ 't', "5s", 5000 },
		{ 't', "'1d'", 86400000 },
		{ 'd', "1970-01-02", 1 },
		{ 'd', "'1970-01-01'", 0 },
		{ 'b', "true", 1 },
		{ 'b', "false", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		uint64_t value = 99;

		if (ask(cases[i].kind, cases[i].text, &value, &err))
			fail_msg("'%s': %s", cases[i].text, err.text);
		assert_int_equal(value, cases[i].value);
	}
}

static void other_values_are_told_what_was_expected(void **state)
{
	static const struct {
		char kind;
		const char *message;
		const char *texts[12];
	} cases[] = {
		{ 'u',
		  "f:1:1: a whole number from 5 to 100 was expected",
		  { "4", "101", "'7'", "07", "+7", "-7", "7.0", "0x7", "7_0", "18446744073709551623", "~", "[7]" } },
		{ 'c',
		  "f:1:1: a number from 0 to 8.00 with at most two decimals was expected",
		  { "8.01", "9", "3.125", "3.", ".5", "1e0", "'3'", "03", "-1", "1.2.3", "42949673.04", "{}" } },
		{ 's',
		  "f:1:1: a size such as 64MiB was expected, at most 1048576 bytes",
		  { "1048577", "2MiB", "x", "MiB", "-1", "1 KiB", "~", "[1]", "''", "1.5M", "99999999999999T",
		    "1KiBs" } },
		{ 't',
		  "f:1:1: a duration from 5s to 1d was expected, such as 30s, 5m, 1h, 7d or 6y",
		  { "4s", "2d", "0", "30", "x", "-5s", "~", "[5s]", "''", "1.5h", "1h30m", "1w" } },
		{ 'd',
		  "f:1:1: a date such as 2027-01-31 was expected",
		  { "2027-02-30", "2027-1-31", "20270131", "31.01.2027", "~", "[1]", "2027-01-31T00:00:00Z", "''",
		    "2027-13-01", "0000-01-01", "x", "{}" } },
		{ 'b',
		  "f:1:1: true or false was expected, without quotes",
		  { "yes", "no", "on", "off", "True", "TRUE", "1", "'true'", "\"false\"", "~", "[true]", "y" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t k = 0; k < ARRAY_LEN(cases[i].texts); k++) {
			struct err err = ERR_INIT;
			uint64_t value;
			const char *text = cases[i].texts[k];

			if (ask(cases[i].kind, text, &value, &err) == 0)
				fail_msg("'%s' was taken", text);
			assert_string_equal(err.text, cases[i].message);
			assert_int_equal(err.kind, ERR_CONFIG);
		}
}

static void a_choice_is_told_its_names_and_the_nearest(void **state)
{
	static const char *const names[] = { "low", "high" };
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("[high, 'low', hgih, other, ~, [low]]"), "f", &err);
	const struct conf_node *list = conf_root(conf);
	unsigned which = 9;

	(void)state;
	assert_int_equal(conf_choice(conf_at(list, 0), names, 2, &which, &err), 0);
	assert_int_equal(which, 1);
	assert_int_equal(conf_choice(conf_at(list, 1), names, 2, &which, &err), 0);
	assert_int_equal(which, 0);
	assert_int_equal(conf_choice(conf_at(list, 2), names, 2, &which, &err), -1);
	assert_string_equal(err.text, "f:1:15: 'hgih' is not one of low, high; did you mean 'high'?");
	for (size_t i = 3; i < 6; i++) {
		assert_int_equal(conf_choice(conf_at(list, i), names, 2, &which, &err), -1);
		assert_non_null(strstr(err.text, ": one of low, high was expected"));
	}
}

static void text_with_a_nul_byte_is_refused(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("a: \"x\\0y\"\n"), "f", &err);
	const char *text;

	(void)state;
	assert_non_null(conf);
	assert_view(conf_text(conf_get(conf_root(conf), "a")), "x\0y");
	assert_int_equal(conf_string(conf_get(conf_root(conf), "a"), &text, &err), -1);
	assert_string_equal(err.text, "f:1:4: this text holds a NUL byte; text without one was expected");
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(conf_read("/nonexistent/f.yaml", &err));
	assert_int_equal(err.kind, ERR_IO);
	assert_null(conf_read("/nonexistent/f.yaml", NULL));
	assert_null(conf_parse(VIEW("a: ["), "f", NULL));
}

static void a_file_that_is_too_large_is_an_error(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(conf_read("/dev/zero", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_with_their_place),
		cmocka_unit_test(an_empty_file_is_an_empty_mapping),
		cmocka_unit_test(mistakes_are_told_by_line_and_column),
		cmocka_unit_test(a_tab_that_indents_is_named),
		cmocka_unit_test(bytes_that_are_no_text_are_told_by_line_and_column),
		cmocka_unit_test(a_byte_order_mark_shifts_nothing),
		cmocka_unit_test(a_repeated_key_is_told_with_its_first_place),
		cmocka_unit_test(a_mapping_of_very_many_keys_is_read),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(an_alias_shares_the_node),
		cmocka_unit_test(an_alias_needs_an_anchor_that_ended_before),
		cmocka_unit_test(an_alias_counts_as_all_that_it_stands_for),
		cmocka_unit_test(anchors_have_a_limit),
		cmocka_unit_test(unknown_keys_name_the_nearest),
		cmocka_unit_test(messages_show_foreign_text_short_and_clean),
		cmocka_unit_test(messages_mask_a_key_that_stands_in_the_wrong_place),
		cmocka_unit_test(null_is_plain_and_quoted_text_is_text),
		cmocka_unit_test(blocks_are_text),
		cmocka_unit_test(empty_values_are_null),
		cmocka_unit_test(typed_values_are_read),
		cmocka_unit_test(other_values_are_told_what_was_expected),
		cmocka_unit_test(a_choice_is_told_its_names_and_the_nearest),
		cmocka_unit_test(text_with_a_nul_byte_is_refused),
		cmocka_unit_test(a_file_that_is_not_there_is_an_error),
		cmocka_unit_test(a_file_that_is_too_large_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
