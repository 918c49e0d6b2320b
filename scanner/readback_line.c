/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"
#include "common/sys/json.h"
#include "scanner/readback.h"

#define IS_JSON_REPORT "a report in the format json; jsonl was expected, as -f jsonl writes it"
#define FINDING_STEM "skant-finding/"
#define SUMMARY_STEM "skant-summary/"

int readback_line(struct view line, enum readback_kind *ret, struct view *ret_object, struct err *err)
{
	DEFER(buf_done) struct buf store = BUF_INIT(JSON_RECORD_BYTES);
	struct view value, schema;

	if (json_whole(line, ret_object, err)) /* one in the format json is an object over many lines */
		return text_starts(line, VIEW("{\"schema\":\"skant-report/"))
			       ? err_set(err, ERR_USAGE, 0, IS_JSON_REPORT)
			       : -1;
	if (json_type_of(*ret_object) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "a JSON object was expected");
	value = json_member(*ret_object, "schema");
	if (!value.len || json_type_of(value) != JSON_STRING)
		return err_set(err, ERR_USAGE, 0,
			       "no \"schema\"; a report was expected, as `skant dir -f jsonl` writes it");
	if (json_text(value, &store, &schema))
		return err_nomem(err);
	*ret = text_eq(schema, VIEW(SUMMARY_STEM "1")) ? READBACK_SUMMARY : READBACK_FINDING;
	if (text_eq(schema, VIEW(FINDING_STEM "1")) || text_eq(schema, VIEW(SUMMARY_STEM "1")))
		return 0;
	if (text_starts(schema, VIEW("skant-report/")))
		return err_set(err, ERR_USAGE, 0, IS_JSON_REPORT);
	if (text_starts(schema, VIEW(FINDING_STEM)) || text_starts(schema, VIEW(SUMMARY_STEM)))
		return err_set(err, ERR_LIMIT, 0,
			       "a record of a newer version of skant; this one reads " FINDING_STEM
			       "1 and " SUMMARY_STEM "1");
	return err_set(err, ERR_USAGE, 0, "another schema; a report was expected, as `skant dir -f jsonl` writes it");
}
