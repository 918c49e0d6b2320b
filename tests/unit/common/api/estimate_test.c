/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/estimate.h"

#include <string.h>

#include "tests/support/unit.h"

static void four_bytes_of_text_make_a_token(void **state)
{
	(void)state;
	assert_int_equal(estimate_tokens(VIEW_NONE), 0);
	assert_int_equal(estimate_tokens(VIEW("12345678")), 2);
	assert_int_equal(estimate_tokens(VIEW("{\"a\":\"b c d e\"}....")), 4);
}

static void an_image_counts_as_an_image_and_not_as_text(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(2u << 20);

	(void)state;
	assert_int_equal(buf_add_text(&body, "{\"data\":\""), 0);
	assert_int_equal(buf_reserve(&body, 1u << 20), 0);
	memset(body.ptr + body.len, 'A', 1u << 20);
	body.len += 1u << 20;
	assert_int_equal(buf_add_text(&body, "==\"}..."), 0);
	assert_int_equal(estimate_tokens(buf_view(&body)), ESTIMATE_IMAGE_TOKENS + 3);
}

static void a_long_text_of_words_is_text(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(1u << 20);

	(void)state;
	while (body.len < 100'000)
		assert_int_equal(buf_add_text(&body, "antidisestablishmentarianism "), 0);
	assert_int_equal(estimate_tokens(buf_view(&body)), body.len / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_bytes_of_text_make_a_token),
		cmocka_unit_test(an_image_counts_as_an_image_and_not_as_text),
		cmocka_unit_test(a_long_text_of_words_is_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
