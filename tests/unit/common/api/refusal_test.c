/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

/* What a refusal with this body is told as. */
static void assert_tells(unsigned status, const char *type, const char *body, const char *expected)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	struct api_refusal r;
	struct retry_try t = { .status = (int)status };
	struct err err;

	assert_int_equal(refusal_read(status, view_of(body), VIEW_NONE, &r, &t, &err), 0);
	assert_int_equal(refusal_add_text(&text, &r, view_of(type), VIEW_NONE), 0);
	assert_string_equal(text.ptr, expected);
}

static void type_and_message_are_told(void **state)
{
	(void)state;
	assert_tells(
		403, "application/json",
		"{\"type\":\"error\",\"error\":{\"type\":\"permission_error\",\"message\":\"no\"},\"request_id\":null}",
		"403 permission_error: no");
	assert_tells(404, "application/json", "{\"error\":{\"type\":\"not_found_error\"}}", "404 not_found_error");
	assert_tells(400, NULL, "{\"error\":{\"message\":\"Unknown query parameter: 'foo'.\"}}",
		     "400: Unknown query parameter: 'foo'.");
}

static void what_the_api_says_of_limits_and_closed_organizations_is_explained(void **state)
{
	(void)state;
	assert_tells(
		400, NULL,
		"{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"This organization has been disabled.\"}}",
		"400 invalid_request_error: This organization has been disabled. (no key of this organization can be "
		"used)");
	assert_tells(
		400, NULL,
		"{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"You have reached your specified x\"}}",
		"400 invalid_request_error: You have reached your specified x (a spend limit of the "
		"organization's own: no retry helps before it is raised or begins anew)");
}

static void what_is_no_error_object_is_laid_to_a_proxy_without_its_words(void **state)
{
	static const char *const bodies[] = { "",
					      "<html>words</html>",
					      "\"words\"",
					      "[\"words\"]",
					      "{\"error\":\"words\"}",
					      "{\"error\":null}",
					      "{\"error\":{\"type\":1,\"message\":[]}}",
					      "{\"error\":{\"type\":\"a\"}} words",
					      "{\"error\":{\"type\":\"words" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		assert_tells(
			413, "text/html; charset=x", bodies[i],
			"413: the answer is text/html, without the API's error object: a proxy or a load balancer on "
			"the way answered");
	assert_tells(
		502, NULL, "",
		"502: the answer has no content-type, without the API's error object: a proxy or a load balancer on "
		"the way answered");
}

static void a_redirect_is_not_followed(void **state)
{
	(void)state;
	assert_tells(
		302, "text/html", "<html>",
		"302, a redirect, which is not followed, as the key would go along: the base URL has to be the API's "
		"own");
}

static void control_bytes_and_keys_of_a_message_are_not_passed_on(void **state)
{
	char body[512], key[128] = "sk-ant-api03-";
	struct api_refusal r;
	struct retry_try t = { .status = 401 };
	struct err err;

	(void)state;
	memset(key + 13, 'k', 93);
	memcpy(key + 106, "AA", 3);
	(void)snprintf(body, sizeof(body), "{\"error\":{\"type\":\"a\\nb\",\"message\":\"\\u001b[31m %s own-secret\"}}",
		       key);
	assert_int_equal(refusal_read(401, view_of(body), VIEW("own-secret"), &r, &t, &err), 0);
	assert_string_equal(r.type, "a\\x0ab");
	assert_non_null(strstr(r.message, "\\x1b[31m sk-ant-api03-kkk..."));
	assert_null(strstr(r.message, key));
	assert_null(strstr(r.message, "own-secret"));
	assert_int_equal(t.error_type[0], '\0');
}

static void a_long_message_is_cut_between_characters(void **state)
{
	char body[1200] = "{\"error\":{\"type\":\"a\",\"message\":\"x";
	struct api_refusal r;
	struct retry_try t = { .status = 400 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < 400; i++)
		memcpy(body + strlen(body), "\xC3\xA9", 3);
	memcpy(body + strlen(body), "\"}}", 4);
	assert_int_equal(refusal_read(400, view_of(body), VIEW_NONE, &r, &t, &err), 0);
	assert_int_equal(strlen(r.message), sizeof(r.message) - 1); /* x and 255 characters of two bytes */
}

static void what_retries_look_at_is_passed_on(void **state)
{
	static const char body[] =
		"{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\",\"details\":{\"error_code\":"
		"\"enforced_spend_limit_reached\"}},\"request_id\":\"req_body\"}";
	struct api_refusal r;
	struct retry_try t = { .status = 429 };
	struct err err;

	(void)state;
	assert_int_equal(refusal_read(429, view_of(body), VIEW_NONE, &r, &t, &err), 0);
	assert_true(t.is_spend_limit);
	assert_string_equal(t.error_type, "rate_limit_error");
	assert_string_equal(t.request_id, "req_body");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_and_message_are_told),
		cmocka_unit_test(what_the_api_says_of_limits_and_closed_organizations_is_explained),
		cmocka_unit_test(what_is_no_error_object_is_laid_to_a_proxy_without_its_words),
		cmocka_unit_test(a_redirect_is_not_followed),
		cmocka_unit_test(control_bytes_and_keys_of_a_message_are_not_passed_on),
		cmocka_unit_test(a_long_message_is_cut_between_characters),
		cmocka_unit_test(what_retries_look_at_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
