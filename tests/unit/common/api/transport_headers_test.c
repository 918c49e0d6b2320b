/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport_headers.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static void take(struct transport_headers *h, const char *line)
{
	assert_int_equal(transport_headers_take(h, view_of(line)), 0);
}

static void only_what_is_looked_at_is_kept(void **state)
{
	DEFER(transport_headers_done) struct transport_headers h = { .is_full = false };

	(void)state;
	take(&h, "HTTP/1.1 200 OK\r\n");
	take(&h, "Request-Id:  req_01 \r\n");
	take(&h, "set-cookie: a=b\r\n");
	take(&h, "x-api-key: echoed\r\n");
	take(&h, "Anthropic-RateLimit-Requests-Remaining: 5\r\n");
	take(&h, "no colon\r\n");
	take(&h, "\r\n");
	assert_view(buf_view(&h.text), "request-id: req_01\nanthropic-ratelimit-requests-remaining: 5\n");
	assert_true(h.is_complete);
}

static void a_status_line_begins_anew(void **state)
{
	DEFER(transport_headers_done) struct transport_headers h = { .is_full = false };

	(void)state;
	take(&h, "HTTP/1.1 103 Early Hints\r\n");
	take(&h, "request-id: req_01\r\n");
	take(&h, "content-length: 7\r\n");
	take(&h, "\r\n");
	take(&h, "HTTP/1.1 200 OK\r\n");
	assert_false(h.is_complete);
	assert_int_equal(h.text.len, 0);
	assert_int_equal(h.content_length, 0);
}

static void values_with_other_bytes_or_too_long_are_passed_over(void **state)
{
	DEFER(transport_headers_done) struct transport_headers h = { .is_full = false };
	char line[API_HEADER_BYTES + 32] = "request-id: ";

	(void)state;
	take(&h, "request-id: a\x1B[31m\r\n");
	take(&h, "request-id: \xC3\xA9\r\n");
	take(&h, "request-id: \r\n");
	memset(line + 12, 'x', API_HEADER_BYTES + 1);
	take(&h, line);
	assert_int_equal(h.text.len, 0);
	line[12 + API_HEADER_BYTES] = '\0';
	take(&h, line);
	assert_int_equal(h.text.len, 12 + API_HEADER_BYTES + 1);
}

static void there_is_an_end_to_what_is_kept(void **state)
{
	DEFER(transport_headers_done) struct transport_headers h = { .is_full = false };

	(void)state;
	for (unsigned i = 0; i < API_HEADERS_BYTES; i++)
		take(&h, "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
	assert_true(h.is_full);
	assert_true(h.text.len <= API_HEADERS_BYTES);
}

static void headers_are_cut_off_one_by_one(void **state)
{
	DEFER(transport_headers_done) struct transport_headers h = { .is_full = false };
	struct view rest, name, value;

	(void)state;
	take(&h, "retry-after: 5\r\n");
	take(&h, "x-should-retry: true\r\n");
	rest = buf_view(&h.text);
	assert_true(transport_headers_next(&rest, &name, &value));
	assert_view(name, "retry-after");
	assert_view(value, "5");
	assert_true(transport_headers_next(&rest, &name, &value));
	assert_view(name, "x-should-retry");
	assert_view(value, "true");
	assert_false(transport_headers_next(&rest, &name, &value));
}

static void length_and_coding_are_noted(void **state)
{
	DEFER(transport_headers_done) struct transport_headers h = { .is_full = false };

	(void)state;
	take(&h, "Content-Length: 123\r\n");
	take(&h, "Content-Encoding: identity\r\n");
	assert_int_equal(h.content_length, 123);
	assert_false(h.is_encoded);
	take(&h, "Content-Encoding: gzip\r\n");
	assert_true(h.is_encoded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_looked_at_is_kept),
		cmocka_unit_test(a_status_line_begins_anew),
		cmocka_unit_test(values_with_other_bytes_or_too_long_are_passed_over),
		cmocka_unit_test(there_is_an_end_to_what_is_kept),
		cmocka_unit_test(headers_are_cut_off_one_by_one),
		cmocka_unit_test(length_and_coding_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
