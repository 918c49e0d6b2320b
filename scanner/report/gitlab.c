/* SPDX-License-Identifier: Apache-2.0 */
/* The format gitlab: GitLab's secret detection report, schema 15.0.0 of its security-report-schemas
 * (gl-secret-detection-report.json). Times are UTC without a zone, as the schema wants them. */
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "scanner/report/shown.h"

#define SCHEMA_VERSION "15.0.0"
#define NAME_MAX_CHARACTERS 255
#define SOLUTION_MAX_BYTES 6000 /* the schema allows 7000 characters */
#define NO_COMMIT "0000000"     /* what GitLab's own analyzers write for files that no commit holds */
#define EXAMPLES 5

static const char *const severities[] = { "Low", "Medium", "High", "Critical" };

/* A UUID of version 8 (RFC 9562, 5.8) from what makes this finding itself: two scans give the same. */
static int add_uuid(struct buf *out, const struct finding *f)
{
	DEFER(buf_done) struct buf seed = BUF_INIT(REPORT_TEXT_BYTES);
	unsigned char hash[DIGEST_SHA256_BYTES];

	if (shown_add_fingerprint(&seed, f) ||
	    buf_addf(&seed, ":%llu:%s:%s", (unsigned long long)f->start_column, f->secret_id,
		     f->origin.is_known && f->origin.object ? f->origin.object : ""))
		return -1;
	digest_sha256(buf_view(&seed), hash);
	hash[6] = (unsigned char)((hash[6] & 0x0F) | 0x80);
	hash[8] = (unsigned char)((hash[8] & 0x3F) | 0x80);
	for (size_t i = 0; i < 16; i++) {
		bool is_divided = i == 4 || i == 6 || i == 8 || i == 10;

		if ((is_divided && buf_add_byte(out, '-')) || digest_add_hex(out, hash + i, 1))
			return -1;
	}
	return 0;
}

static void put_id(struct jsonw *w, const struct finding *f)
{
	DEFER(buf_done) struct buf id = BUF_INIT(64);

	if (add_uuid(&id, f))
		w->failed = true;
	else
		jsonw_member(w, "id", buf_view(&id));
}

/* The name says the same of all findings of a rule. */
static void put_texts(struct jsonw *w, const struct finding *f)
{
	DEFER(buf_done) struct buf title = BUF_INIT(REPORT_TEXT_BYTES), solution = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add(&title, view_of(f->rule->title)) || shown_add(&solution, view_of(f->rule->remediation))) {
		w->failed = true;
		return;
	}
	jsonw_member(w, "name", view_sub(buf_view(&title), 0, NAME_MAX_CHARACTERS));
	shown_put_title(w, "description", f);
	jsonw_member_text(w, "severity", severities[f->severity]);
	if (solution.len)
		jsonw_member(w, "solution", view_sub(buf_view(&solution), 0, SOLUTION_MAX_BYTES));
}

static void put_program(struct jsonw *w, const char *key, bool is_whole)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_member_text(w, "id", "skant");
	jsonw_member_text(w, "name", "skant");
	if (is_whole) {
		jsonw_member_text(w, "version", SKANT_VERSION);
		jsonw_key(w, "vendor");
		jsonw_object(w);
		jsonw_member_text(w, "name", "skant");
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void put_commit(struct jsonw *w, const struct origin *o)
{
	bool is_known = o->is_known && o->commit;

	jsonw_key(w, "commit");
	jsonw_object(w);
	shown_put(w, "sha", is_known ? o->commit : NO_COMMIT);
	if (is_known) {
		shown_put(w, "author", o->author);
		shown_put(w, "date", o->date);
		shown_put(w, "message", o->message);
	}
	jsonw_end(w);
}

static void put_location(struct jsonw *w, const struct finding *f)
{
	jsonw_key(w, "location");
	jsonw_object(w);
	shown_put(w, "file", f->path);
	put_commit(w, &f->origin);
	jsonw_member_u64(w, "start_line", f->start_line);
	jsonw_member_u64(w, "end_line", f->end_line);
	jsonw_end(w);
}

static void put_identifier(struct jsonw *w, const char *type, const char *name, const char *value, const char *url)
{
	jsonw_object(w);
	jsonw_member_text(w, "type", type);
	jsonw_member_text(w, "name", name);
	jsonw_member_text(w, "value", value);
	jsonw_member_text(w, "url", url);
	jsonw_end(w);
}

static void put_identifiers(struct jsonw *w, const struct rule *rule)
{
	DEFER(buf_done) struct buf name = BUF_INIT(REPORT_TEXT_BYTES);

	if (buf_addf(&name, "skant rule %s", rule->id)) {
		w->failed = true;
		return;
	}
	jsonw_key(w, "identifiers");
	jsonw_array(w);
	put_identifier(w, "skant_rule_id", name.ptr, rule->id, NULL);
	if (rule->kind != KIND_KEYNAME)
		put_identifier(w, "cwe", "CWE-798", "798", "https://cwe.mitre.org/data/definitions/798.html");
	jsonw_end(w);
}

static int begin(const struct report_context *, struct buf *out)
{
	return buf_add_text(out, "{\"version\":\"" SCHEMA_VERSION "\",\"vulnerabilities\":[");
}

static int finding(const struct report_context *, const struct finding *f, bool is_first, struct buf *out)
{
	struct jsonw w;

	if (buf_add_text(out, is_first ? "\n" : ",\n"))
		return -1;
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	put_id(&w, f);
	jsonw_member_text(&w, "category", "secret_detection");
	put_texts(&w, f);
	put_program(&w, "scanner", false);
	put_location(&w, f);
	put_identifiers(&w, f->rule);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

static void put_time(struct jsonw *w, const char *key, int64_t unix_s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(64);

	if (clock_add_rfc3339(&text, unix_s))
		w->failed = true;
	else
		jsonw_member(w, key, view_sub(buf_view(&text), 0, text.len - 1)); /* without the Z */
}

static void put_message(struct jsonw *w, const char *level, struct view value)
{
	jsonw_object(w);
	jsonw_member_text(w, "level", level);
	jsonw_member(w, "value", value);
	jsonw_end(w);
}

static void put_messages(struct jsonw *w, const struct summary *s)
{
	DEFER(buf_done) struct buf lacks = BUF_INIT(REPORT_TEXT_BYTES);

	jsonw_key(w, "messages");
	jsonw_array(w);
	for (unsigned r = 0; r < UNREAD_COUNT; r++) {
		DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

		if (!s->unread[r] || !unread_is_incomplete((enum unread)r))
			continue;
		if (shown_add_unread(&text, s, (enum unread)r, EXAMPLES))
			w->failed = true;
		put_message(w, "warn", buf_view(&text));
	}
	if (shown_add_lacks(&lacks, s))
		w->failed = true;
	if (lacks.len)
		put_message(w, "warn", buf_view(&lacks));
	if (s->failed)
		put_message(w, "fatal", VIEW("The scan broke off: findings may be missing."));
	jsonw_end(w);
}

static int end(const struct report_context *c, const struct summary *s, bool is_empty, struct buf *out)
{
	struct jsonw w;

	if (buf_add_text(out, is_empty ? "],\"scan\":" : "\n],\"scan\":"))
		return -1;
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	put_program(&w, "analyzer", true);
	put_program(&w, "scanner", true);
	jsonw_member_text(&w, "type", "secret_detection");
	put_time(&w, "start_time", c->started_s);
	put_time(&w, "end_time", c->ended_s);
	jsonw_member_text(&w, "status", s->incomplete || s->failed ? "failure" : "success");
	put_messages(&w, s);
	jsonw_end(&w);
	return !jsonw_ok(&w) || buf_add_text(out, "}\n") ? -1 : 0;
}

const struct report_format report_gitlab = {
	.name = "gitlab", .is_new_only = true, .begin = begin, .finding = finding, .end = end
};
