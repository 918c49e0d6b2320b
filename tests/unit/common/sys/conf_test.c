/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/conf.h"

#include <string.h>

#include "tests/support/unit.h"

static void refused(const char *text, const char *message)
{
	struct err err = ERR_INIT;
	struct conf *conf = conf_parse(view_of(text), "f.yaml", &err);

	assert_null(conf);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, message))
		fail_msg("'%s' lacks '%s'", err.text, message);
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
	refused("a: 1\nb: [\n", "f.yaml:3:1: ");
	refused("a: 1\na: 2\n", "f.yaml:2:1: the key 'a' was given on line 1 already");
	refused("a: *x\n", "f.yaml:1:4: ");
	refused("a: &x 1\nb: *x\n", "f.yaml:2:4: an alias");
	refused("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document");
	refused("[a]: 1\n", "f.yaml:1:1: a key must be plain text");
	refused("\tb: 1\n", "f.yaml:1:1: ");
	refused("a: \xff\n", "UTF-8 text was expected");
}

static void nesting_has_a_limit(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4096);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(buf_add_text(&text, "["), 0);
	refused(text.ptr, "nested too deeply");
}

static void unknown_keys_name_the_nearest(void **state)
{
	static const char *const known[] = { "allow", "rules" };
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *near = conf_parse(VIEW("a: 1\nalow: 2\n"), "f", &err);
	DEFER(conf_freep) struct conf *far = conf_parse(VIEW("something: 2\n"), "f", &err);

	(void)state;
	assert_int_equal(conf_keys(conf_root(near), known, 2, &err), -1);
	assert_string_equal(err.text, "f:1:1: unknown key 'a'; known here: allow, rules");
	assert_int_equal(conf_keys(conf_root(far), known, 2, &err), -1);
	assert_string_equal(err.text, "f:1:1: unknown key 'something'; known here: allow, rules");
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

static void typed_values_say_what_was_expected(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("[12, 3.5, 2027-01-31, 64MiB, x]"), "f", &err);
	const struct conf_node *list = conf_root(conf), *x = conf_at(list, 4);
	const char *const names[] = { "low", "high" };
	uint64_t n;
	unsigned u;
	int64_t days;

	(void)state;
	assert_int_equal(conf_u64(conf_at(list, 0), 0, 100, &n, &err), 0);
	assert_int_equal(n, 12);
	assert_int_equal(conf_u64(conf_at(list, 0), 13, 100, &n, &err), -1);
	assert_string_equal(err.text, "f:1:2: a whole number from 13 to 100 was expected");
	assert_int_equal(conf_centi(conf_at(list, 1), 800, &u, &err), 0);
	assert_int_equal(u, 350);
	assert_int_equal(conf_centi(x, 800, &u, &err), -1);
	assert_int_equal(conf_date(conf_at(list, 2), &days, &err), 0);
	assert_int_equal(conf_date(x, &days, &err), -1);
	assert_int_equal(conf_size(conf_at(list, 3), UINT64_MAX, &n, &err), 0);
	assert_int_equal(n, 64u << 20);
	assert_int_equal(conf_choice(x, names, 2, &u, &err), -1);
	assert_string_equal(err.text, "f:1:30: one of low, high was expected");
}

static void text_with_a_nul_byte_is_refused(void **state)
{
	struct err err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(VIEW("a: \"x\\0y\"\n"), "f", &err);
	const char *text;

	(void)state;
	assert_non_null(conf);
	assert_int_equal(conf_string(conf_get(conf_root(conf), "a"), &text, &err), -1);
	assert_string_equal(err.text, "f:1:4: this text holds a NUL byte");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_with_their_place),
		cmocka_unit_test(an_empty_file_is_an_empty_mapping),
		cmocka_unit_test(mistakes_are_told_by_line_and_column),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(unknown_keys_name_the_nearest),
		cmocka_unit_test(null_is_plain_and_quoted_text_is_text),
		cmocka_unit_test(typed_values_say_what_was_expected),
		cmocka_unit_test(text_with_a_nul_byte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
