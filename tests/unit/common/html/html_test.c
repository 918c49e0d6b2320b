/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/html.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

static void markup_in_a_text_is_text(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(400);
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_text(&h, VIEW("<script>alert(\"a\" & 'b')</script>"));
	assert_true(html_ok(&h));
	assert_string_equal(out.ptr, "&lt;script&gt;alert(&#34;a&#34; &amp; &#39;b&#39;)&lt;/script&gt;");
}

static void a_text_cannot_leave_its_attribute(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(400);
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_attribute(&h, "title", VIEW("\" onclick=\"x"));
	assert_string_equal(out.ptr, " title=\"&#34; onclick=&#34;x\"");
}

static void what_is_no_character_is_shown_as_its_bytes(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "a\tb\nc\x1b[31m\x7f", "a\\x09b\\x0ac\\x1b[31m\\x7f" },
		{ "\xff\xfe", "\\xff\\xfe" },
		{ "\xc3\xa9\xc3", "\xc3\xa9\\xc3" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },                            /* half of a surrogate pair */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },                            /* text that runs the other way */
		{ "\xef\xbf\xbe\xef\xbf\xbf", "\\xef\\xbf\\xbe\\xef\\xbf\\xbf" }, /* U+FFFE, U+FFFF */
		{ "\xef\xb7\x90|\xef\xb7\xb0", "\\xef\\xb7\\x90|\xef\xb7\xb0" },
		{ "\xf0\x9f\xbf\xbf|\xf0\x9f\x98\x80", "\\xf0\\x9f\\xbf\\xbf|\xf0\x9f\x98\x80" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(400);
		struct html h;

		html_init(&h, &out);
		html_text(&h, view_of(cases[i].text));
		assert_string_equal(out.ptr, cases[i].shown);
	}
}

static void nothing_in_data_ends_its_block(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(400);
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_json_string(&h, VIEW("</script><!--\"\\\n&\xff"));
	assert_string_equal(out.ptr, "\"\\u003c/script\\u003e\\u003c!--\\\"\\\\\\\\x0a\\u0026\\\\xff\"");
}

static void the_first_failure_sticks(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(8);
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_text(&h, VIEW("1234567"));
	assert_true(html_ok(&h));
	html_text(&h, VIEW("<"));
	html_text(&h, VIEW("8"));
	assert_false(html_ok(&h));
	assert_string_equal(out.ptr, "1234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_in_a_text_is_text),
		cmocka_unit_test(a_text_cannot_leave_its_attribute),
		cmocka_unit_test(what_is_no_character_is_shown_as_its_bytes),
		cmocka_unit_test(nothing_in_data_ends_its_block),
		cmocka_unit_test(the_first_failure_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
