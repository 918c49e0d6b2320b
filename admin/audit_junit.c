/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/audit.h"
#include "common/base/bounds.h"
#include "common/base/xml.h"

static int add_failure(const struct audit_result *r, const struct org_key *key, unsigned violation, struct buf *out)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	return keyaudit_add_text(r->audit, key, violation, &text) || buf_add_text(out, "<failure") ||
			       xml_add_attribute(out, "type", view_of(keyaudit_code(violation))) ||
			       xml_add_attribute(out, "message", buf_view(&text)) || buf_add_text(out, "/>")
		       ? -1
		       : 0;
}

static int add_case(const struct audit_result *r, const struct audit_row *row, struct buf *out)
{
	DEFER(buf_done) struct buf name = BUF_INIT(JSON_RECORD_BYTES);
	struct view workspace = organization_key_workspace(r->org, row->key);

	if (!workspace.len)
		workspace = VIEW("workspace not told");
	if (buf_addf(&name, "%s (%s)", row->key->name, row->key->id) || buf_add_text(out, "<testcase") ||
	    xml_add_attribute(out, "classname", workspace) || xml_add_attribute(out, "name", buf_view(&name)) ||
	    buf_add_byte(out, '>'))
		return -1;
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
		if (row->violations & UINT32_C(1) << v && add_failure(r, row->key, v, out))
			return -1;
	return buf_add_text(out, "</testcase>\n");
}

int audit_add_junit(const struct audit_result *result, struct buf *out)
{
	size_t failed = 0;

	for (size_t i = 0; i < result->count; i++)
		failed += result->rows[i].violations != 0;
	if (buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") ||
	    buf_addf(out, "<testsuites name=\"skantctl\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", result->count,
		     failed) ||
	    buf_addf(out,
		     "<testsuite name=\"skantctl keys audit\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
		     "skipped=\"0\">\n",
		     result->count, failed))
		return -1;
	for (size_t i = 0; i < result->count; i++)
		if (add_case(result, &result->rows[i], out))
			return -1;
	return buf_add_text(out, "</testsuite>\n</testsuites>\n");
}
