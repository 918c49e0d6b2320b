/* SPDX-License-Identifier: Apache-2.0 */
/* The formats json (one object, schema skant-report/1) and jsonl (one finding a line, then the summary). */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/policy/keyname.h"
#include "scanner/report/known.h"
#include "scanner/report/shown.h"
#include "scanner/shards.h"

#define HEAD_BYTES (64u << 20) /* what stands before the findings: targets and up to 100 examples */

static void put_via(struct jsonw *w, const char *via)
{
	struct view rest = view_of(via);

	if (!via)
		return;
	jsonw_key(w, "via");
	jsonw_array(w);
	while (rest.len) {
		size_t comma = text_find_byte(rest, ',');

		jsonw_string(w, view_sub(rest, 0, comma));
		rest = comma == SIZE_MAX ? VIEW_NONE : view_sub(rest, comma + 1, rest.len);
	}
	jsonw_end(w);
}

static void put_bits(struct jsonw *w, const char *key, uint32_t bits, const char *const *names, size_t count)
{
	if (!bits)
		return;
	jsonw_key(w, key);
	jsonw_array(w);
	for (size_t i = 0; i < count; i++)
		if (bits >> i & 1)
			jsonw_string(w, view_of(names[i]));
	jsonw_end(w);
}

/* Of a member's path, that of the outermost container. */
static void put_container(struct jsonw *w, const char *path, size_t inside_len)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES);
	struct view whole = view_of(path);

	if (!inside_len)
		return;
	if (shown_add(&masked, view_sub(whole, 0, whole.len - inside_len)))
		w->failed = true;
	else
		jsonw_member(w, "container", buf_view(&masked));
}

/* Bits a character. */
static void put_entropy(struct jsonw *w, unsigned centibits)
{
	DEFER(buf_done) struct buf text = BUF_INIT(32);

	if (!centibits)
		return;
	jsonw_key(w, "entropy");
	if (buf_addf(&text, "%u.%02u", centibits / 100, centibits % 100))
		w->failed = true;
	else
		jsonw_raw(w, buf_view(&text));
}

static void put_name(struct jsonw *w, const struct finding *f)
{
	shown_put(w, "name", f->masked);
	put_bits(w, "violations", f->violations, keyname_codes, KEYNAME_VIOLATIONS);
	shown_put(w, "suggestion", f->suggestion);
}

/* The members of a finding, in an object that is open. */
static void put_finding(struct jsonw *w, const struct finding *f)
{
	bool is_name = f->rule->kind == KIND_KEYNAME;

	jsonw_member_text(w, "rule_id", f->rule->id);
	jsonw_member_text(w, "kind", rule_kind_name(f->rule->kind));
	jsonw_member_text(w, "severity", severity_name(f->severity));
	jsonw_member_text(w, "confidence", confidence_name(f->confidence));
	jsonw_member_text(w, "title", f->rule->title);
	shown_put(w, "path", f->path);
	put_container(w, f->path, f->inside_len);
	if (f->own_len)
		shown_put(w, "member", f->path + strlen(f->path) - f->own_len);
	jsonw_member_u64(w, "start_line", f->start_line);
	jsonw_member_u64(w, "start_column", f->start_column);
	jsonw_member_u64(w, "end_line", f->end_line);
	jsonw_member_u64(w, "end_column", f->end_column);
	if (f->start_utf16 != f->start_column || f->end_utf16 != f->end_column) {
		jsonw_member_u64(w, "start_column_utf16", f->start_utf16);
		jsonw_member_u64(w, "end_column_utf16", f->end_utf16);
	}
	jsonw_member_u64(w, "offset", f->offset);
	if (is_name)
		put_name(w, f);
	else
		shown_put(w, "masked", f->masked);
	jsonw_member_text(w, "secret_id", f->secret_id);
	shown_put_fingerprint(w, "fingerprint", f);
	put_entropy(w, f->entropy_centibits);
	put_via(w, f->via);
	shown_put_origin(w, &f->origin);
	put_bits(w, "checks", f->checks, check_names, CHECK_COUNT);
	jsonw_member_text(w, "status", finding_status_names[f->status]);
	shown_put(w, "allowed_by", f->allowed_by);
	known_put(w, f);
	shown_put_line(w, "line_text", f);
	if (f->rule->remediation && f->rule->remediation[0])
		jsonw_member_text(w, "remediation", f->rule->remediation);
}

static void put_findings(struct jsonw *w, const struct summary *s)
{
	jsonw_key(w, "findings");
	jsonw_object(w);
	jsonw_member_u64(w, "total", summary_findings(s));
	for (int i = SEVERITY_CRITICAL; i >= SEVERITY_LOW; i--)
		jsonw_member_u64(w, severity_names[i], s->findings[i]);
	jsonw_member_u64(w, "allowed", s->allowed);
	jsonw_member_u64(w, "below_confidence", s->below_confidence);
	jsonw_end(w);
}

static void put_baseline(struct jsonw *w, const struct summary *s)
{
	if (!s->has_baseline)
		return;
	jsonw_key(w, "baseline");
	jsonw_object(w);
	jsonw_member_u64(w, "findings", s->baseline);
	jsonw_member_u64(w, "entries", s->baseline_entries);
	if (s->knows_unmet)
		jsonw_member_u64(w, "not_met", s->baseline_unmet);
	jsonw_end(w);
}

static void put_verified(struct jsonw *w, const struct summary *s)
{
	uint64_t asked = 0;

	for (unsigned i = 0; i < VERIFIED_COUNT; i++)
		asked += s->verified[i];
	if (!asked)
		return;
	jsonw_key(w, "verified");
	jsonw_object(w);
	for (unsigned i = VERIFIED_LIVE; i < VERIFIED_COUNT; i++)
		jsonw_member_u64(w, verified_names[i], s->verified[i]);
	jsonw_end(w);
}

static void put_unread(struct jsonw *w, const struct summary *s)
{
	jsonw_key(w, "unread");
	jsonw_object(w);
	for (size_t i = 0; i < UNREAD_COUNT; i++)
		if (s->unread[i])
			jsonw_member_u64(w, unread_names[i], s->unread[i]);
	jsonw_end(w);
	jsonw_key(w, "unread_examples");
	jsonw_array(w);
	for (size_t i = 0; i < s->example_count; i++) {
		jsonw_object(w);
		jsonw_member_text(w, "reason", unread_names[s->examples[i].reason]);
		shown_put(w, "path", s->examples[i].path);
		put_container(w, s->examples[i].path, s->examples[i].inside_len);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void put_digest(struct jsonw *w, const char *key, const char *hex)
{
	DEFER(buf_done) struct buf text = BUF_INIT(sizeof("sha256:") + REPOLIST_DIGEST_BYTES);

	if (!*hex)
		return;
	if (buf_addf(&text, "sha256:%s", hex))
		w->failed = true;
	else
		jsonw_member(w, key, buf_view(&text));
}

static void put_names(struct jsonw *w, const char *key, const struct textset *names)
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (size_t i = 0; i < names->count; i++)
		shown_put_value(w, names->items[i]);
	jsonw_end(w);
}

/* Of a whole list no parts are told: it does not matter who has read them. */
static void put_repositories(struct jsonw *w, const struct shards *s)
{
	if (!s)
		return;
	jsonw_key(w, "repositories");
	jsonw_object(w);
	put_digest(w, "list", s->list);
	put_digest(w, "settings", s->settings);
	jsonw_member_u64(w, "total", s->total);
	if (!shards_are_all(s)) {
		jsonw_member_u64(w, "shards", s->count);
		jsonw_key(w, "parts");
		jsonw_array(w);
		for (unsigned i = 0; i < s->count; i++)
			if (shards_have(s, i))
				jsonw_u64(w, i + 1);
		jsonw_end(w);
	}
	put_names(w, "read", &s->read);
	put_names(w, "incomplete", &s->incomplete);
	jsonw_end(w);
}

/* The members of the summary, in an object that is open. It names no time and no duration: two runs over the same
 * files give the same bytes. */
static void put_summary(struct jsonw *w, const struct summary *s)
{
	jsonw_key(w, "complete");
	jsonw_bool(w, !s->incomplete && !s->failed);
	put_repositories(w, s->repositories);
	jsonw_member_u64(w, s->are_objects ? "objects" : "files", s->files);
	jsonw_member_u64(w, "bytes", s->bytes);
	if (s->known_packs)
		jsonw_member_u64(w, "known_packs", s->known_packs);
	put_findings(w, s);
	put_baseline(w, s);
	put_verified(w, s);
	put_unread(w, s);
	jsonw_member_u64(w, "accepted_unread", s->accepted);
	if (s->cut_reports)
		jsonw_member_u64(w, "cut_reports", s->cut_reports);
	if (s->lost_records)
		jsonw_member_u64(w, "lost_records", s->lost_records);
	jsonw_member_u64(w, "rules", s->rules);
	jsonw_member_text(w, "instruction_set", s->instructions);
	jsonw_member_text(w, "version", SKANT_VERSION);
}

static void put_head(struct jsonw *w, const struct report_context *c)
{
	jsonw_member_text(w, "schema", "skant-report/1");
	jsonw_key(w, "tool");
	jsonw_object(w);
	jsonw_member_text(w, "name", "skant");
	jsonw_member_text(w, "version", SKANT_VERSION);
	jsonw_end(w);
	jsonw_key(w, "target");
	jsonw_object(w);
	jsonw_member_text(w, "command", c->command);
	jsonw_key(w, "paths");
	jsonw_array(w);
	for (size_t i = 0; i < c->target_count; i++)
		shown_put_value(w, c->targets[i]);
	jsonw_end(w);
	jsonw_end(w);
}

static int begin_nothing(const struct report_context *, struct buf *)
{
	return 0;
}

/* Findings are collected in out; the head, which holds the summary, is put before them at the end. */
static int finding_json(const struct report_context *, const struct finding *f, bool is_first, struct buf *out)
{
	struct jsonw w;

	if (buf_add_text(out, is_first ? "\n" : ",\n"))
		return -1;
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	put_finding(&w, f);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

static int end_json(const struct report_context *c, const struct summary *s, bool is_empty, struct buf *out)
{
	DEFER(buf_done) struct buf head = BUF_INIT(HEAD_BYTES);
	struct jsonw w;

	jsonw_init(&w, &head, 0);
	jsonw_object(&w);
	put_head(&w, c);
	jsonw_key(&w, "summary");
	jsonw_object(&w);
	put_summary(&w, s);
	jsonw_end(&w);
	jsonw_key(&w, "findings");
	jsonw_raw(&w, VIEW("["));
	if (w.failed || buf_add_text(out, is_empty ? "]}\n" : "\n]}\n") || buf_reserve(out, head.len))
		return -1;
	memmove(out->ptr + head.len, out->ptr, out->len + 1);
	memcpy(out->ptr, head.ptr, head.len);
	out->len += head.len;
	return 0;
}

static int finding_jsonl(const struct report_context *, const struct finding *f, bool, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "schema", "skant-finding/1");
	put_finding(&w, f);
	jsonw_end(&w);
	return jsonw_ok(&w) ? buf_add_byte(out, '\n') : -1;
}

static int end_jsonl(const struct report_context *, const struct summary *s, bool, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "schema", "skant-summary/1");
	jsonw_key(&w, "summary");
	jsonw_object(&w);
	put_summary(&w, s);
	jsonw_end(&w);
	jsonw_end(&w);
	return jsonw_ok(&w) ? buf_add_byte(out, '\n') : -1;
}

const struct report_format report_json = {
	.name = "json", .is_whole = true, .begin = begin_nothing, .finding = finding_json, .end = end_json
};
const struct report_format report_jsonl = {
	.name = "jsonl", .begin = begin_nothing, .finding = finding_jsonl, .end = end_jsonl
};
