/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/answer.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

#define ID "sha256:0123456789abcdef0123456789abcdef"

static void all_members_are_read(void **state)
{
	DEFER(answer_done) struct answer a;

	(void)state;
	assert_int_equal(
		answer_read(&a,
			    VIEW(" {\"kind\":\"api\",\"secret_id\":\"" ID "\",\"verified\":\"live\",\"new\":{},"
				 "\"reason\":\"why\",\"organization_id\":\"org_1\"} "),
			    NULL),
		0);
	assert_string_equal(a.id, ID);
	assert_int_equal(a.state, VERIFIED_LIVE);
	assert_string_equal(a.reason.ptr, "why");
	assert_string_equal(a.organization.ptr, "org_1");
}

static void reasons_are_joined(void **state)
{
	DEFER(answer_done) struct answer a;

	(void)state;
	assert_int_equal(
		answer_read(&a, VIEW("{\"secret_id\":\"" ID "\",\"verified\":\"unknown\",\"reasons\":[\"a\",7,\"b\"]}"),
			    NULL),
		0);
	assert_int_equal(a.state, VERIFIED_UNKNOWN);
	assert_string_equal(a.reason.ptr, "a; b");
	assert_int_equal(a.organization.len, 0);
}

static void a_long_reason_is_cut(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(VERIFY_ANSWER_BYTES);
	DEFER(answer_done) struct answer a;

	(void)state;
	assert_int_equal(buf_addf(&line, "{\"secret_id\":\"%s\",\"verified\":\"dead\",\"reason\":\"%0*d\"}", ID,
				  VERIFY_REASON_BYTES + 9, 0),
			 0);
	assert_int_equal(answer_read(&a, buf_view(&line), NULL), 0);
	assert_int_equal(a.reason.len, VERIFY_REASON_BYTES);
}

static void refused(const char *line, const char *what)
{
	DEFER(answer_done) struct answer a;
	struct err err = ERR_INIT;

	assert_int_equal(answer_read(&a, view_of(line), &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	if (!strstr(err.text, what))
		fail_msg("'%s' is not in '%s'", what, err.text);
}

static void what_is_no_answer_is_refused(void **state)
{
	(void)state;
	refused("", "");
	refused("live", "");
	refused("[]", "no JSON object");
	refused("{}", "no secret_id");
	refused("{\"secret_id\":1}", "no secret_id");
	refused("{\"secret_id\":\"sha256:0123\"}", "sha256:HEX");
	refused("{\"secret_id\":\"SHA256:0123456789abcdef0123456789abcdef\"}", "sha256:HEX");
	refused("{\"secret_id\":\"sha256:0123456789abcdef0123456789abcdeF\"}", "sha256:HEX");
	refused("{\"secret_id\":\"" ID "0\"}", "sha256:HEX");
	refused("{\"secret_id\":\"" ID "\"}", "live, dead, unknown");
	refused("{\"secret_id\":\"" ID "\",\"verified\":true}", "live, dead, unknown");
	refused("{\"secret_id\":\"" ID "\",\"verified\":\"LIVE\"}", "live, dead, unknown");
	refused("{\"secret_id\":\"" ID "\",\"verified\":\"\"}", "live, dead, unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_members_are_read),
		cmocka_unit_test(reasons_are_joined),
		cmocka_unit_test(a_long_reason_is_cut),
		cmocka_unit_test(what_is_no_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
