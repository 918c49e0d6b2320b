/* SPDX-License-Identifier: Apache-2.0 */
/* Section numbers are those of the standard. A key lies in no file: its place is a logical location (3.33). */
#include "admin/audit.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/sys/sarif.h"

static const char *level_of(const struct audit_result *r, unsigned violation)
{
	if (violation < KEYNAME_VIOLATIONS)
		return r->is_enforced ? "error" : "note";
	switch (violation) {
	case KEYAUDIT_AGE_WARN:
		return "note";
	case KEYAUDIT_UNUSED:
	case KEYAUDIT_DUPLICATE_PURPOSE:
		return "warning";
	default:
		return "error";
	}
}

/* The code in PascalCase, as names of rules are (3.49.7). */
static void put_rule_name(struct jsonw *w, const char *code)
{
	DEFER(buf_done) struct buf name = BUF_INIT(NAME_BYTES);
	bool starts = true;

	if (buf_add_text(&name, "Key"))
		w->failed = true;
	for (const char *p = code; *p; p++) {
		char c = starts ? (char)(*p - 'a' + 'A') : *p;

		starts = *p == '-';
		if (!starts && buf_add_byte(&name, c))
			w->failed = true;
	}
	jsonw_member(w, "name", buf_view(&name));
}

static void put_rules(struct jsonw *w, const struct audit_result *r)
{
	jsonw_key(w, "rules");
	jsonw_array(w);
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++) {
		DEFER(buf_done) struct buf title = BUF_INIT(ERR_TEXT_BYTES);

		if (buf_addf(&title, "%s.", audit_title(v))) {
			w->failed = true;
			return;
		}
		jsonw_object(w);
		jsonw_member_text(w, "id", keyaudit_code(v));
		put_rule_name(w, keyaudit_code(v));
		sarif_member_message(w, "shortDescription", buf_view(&title));
		sarif_member_message(w, "help",
				     VIEW("The policy's sections names, rotation and keys say what is allowed."));
		jsonw_key(w, "defaultConfiguration");
		jsonw_object(w);
		jsonw_member_text(w, "level", level_of(r, v));
		jsonw_end(w);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void put_location(struct jsonw *w, const struct audit_result *r, const struct org_key *key)
{
	DEFER(buf_done) struct buf full = BUF_INIT(JSON_RECORD_BYTES);
	const struct view workspace = organization_key_workspace(r->org, key);

	if (buf_add(&full, workspace) || buf_add_text(&full, workspace.len ? "/" : "") ||
	    buf_add_text(&full, key->name))
		w->failed = true;
	jsonw_key(w, "locations");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "logicalLocations");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member_text(w, "name", key->name);
	jsonw_member(w, "fullyQualifiedName", buf_view(&full));
	jsonw_member_text(w, "kind", "resource");
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
}

static void put_fingerprint(struct jsonw *w, const struct org_key *key, unsigned violation)
{
	DEFER(buf_done) struct buf print = BUF_INIT(JSON_RECORD_BYTES);

	if (buf_addf(&print, "%s:%s", key->id, keyaudit_code(violation)))
		w->failed = true;
	jsonw_key(w, "partialFingerprints");
	jsonw_object(w);
	jsonw_member(w, "skantKey/v1", buf_view(&print));
	jsonw_end(w);
}

static void put_result(struct jsonw *w, const struct audit_result *r, const struct org_key *key, unsigned violation)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	if (buf_add_text(&text, "Key '") || text_add_clean(&text, view_of(key->name)) || buf_add_text(&text, "' (") ||
	    text_add_clean(&text, view_of(key->id)) || buf_add_text(&text, "): ") ||
	    keyaudit_add_text(r->audit, key, violation, &text) || buf_add_byte(&text, '.')) {
		w->failed = true;
		return;
	}
	jsonw_object(w);
	jsonw_member_text(w, "ruleId", keyaudit_code(violation));
	jsonw_member_u64(w, "ruleIndex", violation);
	jsonw_member_text(w, "level", level_of(r, violation));
	sarif_member_message(w, "message", buf_view(&text));
	put_location(w, r, key);
	put_fingerprint(w, key, violation);
	jsonw_end(w);
}

static void put_tool(struct jsonw *w, const struct audit_result *r)
{
	jsonw_key(w, "tool");
	jsonw_object(w);
	jsonw_key(w, "driver");
	jsonw_object(w);
	jsonw_member_text(w, "name", "skantctl");
	jsonw_member_text(w, "version", SKANT_VERSION);
	jsonw_member_text(w, "semanticVersion", SKANT_VERSION);
	put_rules(w, r);
	jsonw_end(w);
	jsonw_end(w);
}

int audit_add_sarif(const struct audit_result *result, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "$schema", SARIF_SCHEMA);
	jsonw_member_text(&w, "version", SARIF_VERSION);
	jsonw_key(&w, "runs");
	jsonw_array(&w);
	jsonw_object(&w);
	put_tool(&w, result);
	jsonw_member_text(&w, "columnKind", "utf16CodeUnits");
	jsonw_key(&w, "results");
	jsonw_array(&w);
	for (size_t i = 0; i < result->count; i++)
		for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
			if (result->rows[i].violations & UINT32_C(1) << v)
				put_result(&w, result, result->rows[i].key, v);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	return jsonw_ok(&w) ? buf_add_byte(out, '\n') : -1;
}
