/* SPDX-License-Identifier: Apache-2.0 */
/* What `keys audit` hands to other programs: each violation is in it, and a report that there is no room or no memory
 * for is refused. */
#include "tests/support/nomem.h"

#include "admin/audit.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define NOW INT64_C(1'800'000'000)
#define REPORT_BYTES (1u << 20)
/* Those that need no other key. */
#define ALL (((UINT32_C(1) << KEYAUDIT_VIOLATIONS) - 1) & ~(UINT32_C(1) << KEYAUDIT_DUPLICATE_PURPOSE))
#define TOLD KEYAUDIT_VIOLATIONS /* all of them for one key, and one for the other */
#define STEP 3                   /* bytes between the ceilings that are tried */

typedef int report_fn(const struct audit_result *result, struct buf *out);

struct world {
	struct org_workspace workspace;
	struct org_key keys[3];
	struct organization org;
	struct keyaudit_input input;
	struct keyaudit *audit;
	struct audit_row rows[3];
	struct audit_result result;
	report_fn *write;
};

static struct org_key key_of(const char *id, const char *name, enum org_key_place place)
{
	return (struct org_key){ .id = id,
				 .name = name,
				 .hint = "",
				 .status = "active",
				 .workspace_id = place == ORG_KEY_IN_WORKSPACE ? "wrkspc_1" : "",
				 .place = place,
				 .created_by_id = "user_1",
				 .created_by_type = "user",
				 .created_at_s = NOW - 86'400 * 400,
				 .principal_id = "",
				 .principal_type = "" };
}

static void make_world(struct world *w, report_fn *write)
{
	struct err err = ERR_INIT;

	*w = (struct world){ .workspace = { .id = "wrkspc_1", .name = "ml-prod" }, .write = write };
	w->keys[0] = key_of("apikey_1", "<Bad & \"Name\">", ORG_KEY_IN_WORKSPACE);
	w->keys[1] = key_of("apikey_2", "ml-prod-{inference}", ORG_KEY_ORGANIZATION_WIDE);
	w->keys[2] = key_of("apikey_3", "ml-prod-batch", ORG_KEY_PLACE_UNKNOWN);
	w->org = (struct organization){
		.workspaces = &w->workspace, .workspace_count = 1, .keys = w->keys, .key_count = ARRAY_LEN(w->keys)
	};
	w->input = (struct keyaudit_input){ .policy = &policy_standard, .org = &w->org, .now_s = NOW };
	w->audit = keyaudit_new(&w->input, &err);
	assert_non_null(w->audit);
	w->rows[0] = (struct audit_row){ &w->keys[0], ALL };
	w->rows[1] = (struct audit_row){ &w->keys[1], UINT32_C(1) << KEYAUDIT_ORG_SCOPE };
	w->rows[2] = (struct audit_row){ &w->keys[2], 0 };
	w->result = (struct audit_result){
		.audit = w->audit, .org = &w->org, .now_s = NOW, .rows = w->rows, .count = ARRAY_LEN(w->rows)
	};
}

static void world_done(struct world *w)
{
	keyaudit_free(w->audit);
}

static size_t count(const struct buf *text, const char *part)
{
	size_t n = 0;

	for (const char *at = text->ptr; (at = strstr(at, part)); at++)
		n++;
	return n;
}

static void sarif_has_a_result_for_each_violation(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(REPORT_BYTES);
	DEFER(world_done) struct world w;

	(void)state;
	make_world(&w, audit_add_sarif);
	assert_int_equal(audit_add_sarif(&w.result, &out), 0);
	assert_int_equal(count(&out, "\"ruleId\":"), TOLD);
	assert_int_equal(count(&out, "\"fullyQualifiedName\":\"organisation-wide/ml-prod-{inference}\""), 1);
	assert_int_equal(count(&out, "Key 'ml-prod-{{inference}}' (apikey_2)"), 1);
	assert_int_equal(count(&out, "apikey_3"), 0);
}

static void a_bad_name_is_an_error_where_names_are_enforced(void **state)
{
	DEFER(buf_done) struct buf lax = BUF_INIT(REPORT_BYTES), strict = BUF_INIT(REPORT_BYTES);
	DEFER(world_done) struct world w;

	(void)state;
	make_world(&w, audit_add_sarif);
	assert_int_equal(audit_add_sarif(&w.result, &lax), 0);
	w.result.is_enforced = true;
	assert_int_equal(audit_add_sarif(&w.result, &strict), 0);
	/* as the rule's level and as that of its result */
	assert_int_equal(count(&lax, "\"note\"") - count(&strict, "\"note\""), 2 * KEYNAME_VIOLATIONS);
	assert_int_equal(count(&strict, "\"error\"") - count(&lax, "\"error\""), 2 * KEYNAME_VIOLATIONS);
}

static void junit_has_a_case_for_each_key(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(REPORT_BYTES);
	DEFER(world_done) struct world w;

	(void)state;
	make_world(&w, audit_add_junit);
	assert_int_equal(audit_add_junit(&w.result, &out), 0);
	assert_int_equal(count(&out, "<testcase "), 3);
	assert_int_equal(count(&out, "<failure "), TOLD);
	assert_int_equal(count(&out, " tests=\"3\" failures=\"2\" errors=\"0\""), 2);
	assert_int_equal(count(&out, "name=\"&#60;Bad &#38; &#34;Name&#34;&#62; (apikey_1)\""), 1);
	assert_int_equal(count(&out, "classname=\"workspace not told\""), 1);
}

static report_fn *const reports[] = { audit_add_sarif, audit_add_junit };

static void what_does_not_fit_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
		DEFER(buf_done) struct buf whole = BUF_INIT(REPORT_BYTES);
		DEFER(world_done) struct world w;

		make_world(&w, reports[i]);
		assert_int_equal(w.write(&w.result, &whole), 0);
		for (size_t most = 0; most < whole.len; most += STEP) {
			DEFER(buf_done) struct buf out = BUF_INIT(most);

			assert_int_equal(w.write(&w.result, &out), -1);
		}
	}
}

static bool write_with_a_failure(void *context, long n)
{
	DEFER(buf_done) struct buf out = BUF_INIT(REPORT_BYTES);
	const struct world *w = context;
	bool has_failed;
	int status;

	nomem_start(n);
	status = w->write(&w->result, &out);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	return has_failed;
}

static void what_there_is_no_memory_for_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
		DEFER(world_done) struct world w;

		make_world(&w, reports[i]);
		assert_true(nomem_each(write_with_a_failure, &w) > TOLD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sarif_has_a_result_for_each_violation),
		cmocka_unit_test(a_bad_name_is_an_error_where_names_are_enforced),
		cmocka_unit_test(junit_has_a_case_for_each_key),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(what_there_is_no_memory_for_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
