/* SPDX-License-Identifier: Apache-2.0 */
/* The format sarif: SARIF 2.1.0 (OASIS, sarif-v2.1.0-os). The rules come first, results follow as they are found, what
 * was not read comes last: nothing is held back. Section numbers below are those of the standard. */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/policy/keyname.h"
#include "common/sys/sarif.h"
#include "scanner/report/known.h"
#include "scanner/report/shown.h"
#include "scanner/report/uri.h"

#define BASE "SRCROOT"
#define HASH_BYTES 16 /* of the digest that becomes a fingerprint */

/* What GitHub shows as critical (above 9.0), high (7.0), medium (4.0) and low, on the scale of CVSS. */
static const char *const scores[] = { "2.0", "5.5", "8.0", "9.5" };
static const char *const levels[] = { "note", "warning", "error", "error" };
static const char *const precisions[] = { "low", "medium", "high" };

/* A message is a sentence; titles and steps of rules may leave their full stop out. */
static int add_stop(struct buf *out)
{
	struct view last = view_sub(buf_view(out), out->len - 1, 1);

	if ((last.len && text_find(VIEW(".!?"), last) != SIZE_MAX) || text_ends(buf_view(out), VIEW("\u2026")))
		return 0;
	return buf_add_byte(out, '.');
}

static void put_sentence(struct jsonw *w, const char *key, const char *text)
{
	DEFER(buf_done) struct buf out = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add(&out, text_trim(view_of(text))) || add_stop(&out))
		w->failed = true;
	else
		sarif_member_message(w, key, buf_view(&out));
}

static enum severity severity_of(const struct report_context *c, const struct rule *rule)
{
	bool is_enforced = rule->kind == KIND_KEYNAME && c->names && c->names->enforce;

	return is_enforced ? SEVERITY_HIGH : rule->severity;
}

static int add_full(struct buf *out, const struct rule *rule)
{
	if (rule->kind == KIND_KEYNAME)
		return buf_add_text(out, "The name of a key breaks the organisation's convention for key names.");
	return shown_add(out, view_of(rule->title)) ||
			       buf_add_text(out, " that stands in a file: whoever can read the file can use the key.")
		       ? -1
		       : 0;
}

/* As plain text and in Markdown, which the steps of a rule are already. */
static int add_help(struct buf *text, struct buf *markdown, const struct rule *rule)
{
	struct view rest = view_of(rule->remediation), first;

	if (text_next_line(&rest, &first) &&
	    (shown_add(text, first) || add_stop(text) || buf_add_text(markdown, "**") ||
	     buf_add(markdown, buf_view(text)) || buf_add_text(markdown, "**\n\n") || buf_add_byte(text, '\n')))
		return -1;
	return shown_add(text, rest) || shown_add(markdown, rest) ||
			       buf_addf(text, "More: skant explain %s", rule->id) ||
			       buf_addf(markdown, "\nMore: `skant explain %s`\n", rule->id)
		       ? -1
		       : 0;
}

static void put_help(struct jsonw *w, const struct rule *rule)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES), markdown = BUF_INIT(REPORT_TEXT_BYTES);

	if (add_help(&text, &markdown, rule)) {
		w->failed = true;
		return;
	}
	jsonw_key(w, "help");
	jsonw_object(w);
	jsonw_member(w, "text", buf_view(&text));
	jsonw_member(w, "markdown", buf_view(&markdown));
	jsonw_end(w);
}

static void put_rule_properties(struct jsonw *w, const struct rule *rule, enum severity severity)
{
	bool is_name = rule->kind == KIND_KEYNAME;

	jsonw_key(w, "properties");
	jsonw_object(w);
	jsonw_key(w, "tags");
	jsonw_array(w);
	jsonw_string(w, VIEW("security"));
	jsonw_string(w, is_name ? VIEW("naming") : VIEW("secret"));
	if (!is_name)
		jsonw_string(w, VIEW("external/cwe/cwe-798"));
	jsonw_end(w);
	jsonw_member_text(w, "kind", rule_kind_name(rule->kind));
	jsonw_member_text(w, "precision", precisions[rule->confidence]);
	jsonw_member_text(w, "problem.severity", levels[severity]);
	jsonw_member_text(w, "security-severity", scores[severity]);
	jsonw_end(w);
}

/* The id in PascalCase, as names of rules are: AnthropicApiKey. A name that is the id would say nothing (3.49.7). */
static void put_rule_name(struct jsonw *w, const char *id)
{
	DEFER(buf_done) struct buf name = BUF_INIT(REPORT_TEXT_BYTES);
	bool starts = true;

	for (const char *p = id; *p; p++) {
		char c = starts && *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;

		starts = !text_is_alnum(*p);
		if (!starts && buf_add_byte(&name, c))
			w->failed = true;
	}
	if (name.len && !text_eq_nocase(buf_view(&name), view_of(id)))
		jsonw_member(w, "name", buf_view(&name));
}

static void put_rule(struct jsonw *w, const struct report_context *c, const struct rule *rule)
{
	DEFER(buf_done) struct buf full = BUF_INIT(REPORT_TEXT_BYTES);
	enum severity severity = severity_of(c, rule);

	if (add_full(&full, rule)) {
		w->failed = true;
		return;
	}
	jsonw_object(w);
	jsonw_member_text(w, "id", rule->id);
	put_rule_name(w, rule->id);
	put_sentence(w, "shortDescription", rule->title);
	sarif_member_message(w, "fullDescription", buf_view(&full));
	put_help(w, rule);
	jsonw_key(w, "defaultConfiguration");
	jsonw_object(w);
	jsonw_member_text(w, "level", levels[severity]);
	jsonw_end(w);
	put_rule_properties(w, rule, severity);
	jsonw_end(w);
}

static void put_tool(struct jsonw *w, const struct report_context *c)
{
	jsonw_object(w);
	jsonw_key(w, "driver");
	jsonw_object(w);
	jsonw_member_text(w, "name", "skant");
	jsonw_member_text(w, "version", SKANT_VERSION);
	jsonw_member_text(w, "semanticVersion", SKANT_VERSION);
	jsonw_key(w, "rules");
	jsonw_array(w);
	for (size_t i = 0; i < c->rule_count; i++)
		put_rule(w, c, c->rules[i]);
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
}

/* Where relative paths start is said in words: the folder's own path is nobody's business. */
static void put_base(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_key(w, BASE);
	jsonw_object(w);
	sarif_member_message(w, "description",
			     VIEW("The folder that skant was started in, or the root of the repository."));
	jsonw_end(w);
	jsonw_end(w);
}

/* The run stays open: its members are written one by one, each value whole. */
static int begin(const struct report_context *c, struct buf *out)
{
	struct jsonw w;

	if (buf_add_text(out,
			 "{\"$schema\":\"" SARIF_SCHEMA "\",\"version\":\"" SARIF_VERSION "\",\"runs\":[{\n\"tool\":"))
		return -1;
	jsonw_init(&w, out, 0);
	put_tool(&w, c);
	if (buf_add_text(out,
			 ",\n\"columnKind\":\"utf16CodeUnits\",\"redactionTokens\":[\"...\"],\"originalUriBaseIds\":"))
		return -1;
	put_base(&w);
	return !jsonw_ok(&w) || buf_add_text(out, ",\n\"results\":[") ? -1 : 0;
}

/* A member of a container has no file of its own: the container's is the artifact. */
static void put_artifact(struct jsonw *w, const char *path, size_t inside_len)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES), uri = BUF_INIT(REPORT_TEXT_BYTES);
	struct view file = view_of(path);
	bool is_below;

	if (shown_add(&masked, view_sub(file, 0, file.len - inside_len)) ||
	    uri_add(&uri, buf_view(&masked), &is_below)) {
		w->failed = true;
		return;
	}
	jsonw_key(w, "artifactLocation");
	jsonw_object(w);
	jsonw_member(w, "uri", buf_view(&uri));
	if (is_below)
		jsonw_member_text(w, "uriBaseId", BASE);
	jsonw_end(w);
}

/* Lines and columns are those of the member: of the container's file a viewer can show its beginning at best. */
static void put_member_region(struct jsonw *w, const struct finding *f)
{
	jsonw_key(w, "region");
	jsonw_object(w);
	jsonw_member_u64(w, "startLine", 1);
	jsonw_key(w, "snippet");
	jsonw_object(w);
	shown_put(w, "text", f->masked);
	jsonw_end(w);
	jsonw_end(w);
}

/* Where in the container's file the member is (3.33). */
static void put_member(struct jsonw *w, const struct finding *f)
{
	jsonw_key(w, "logicalLocations");
	jsonw_array(w);
	jsonw_object(w);
	shown_put(w, "name", f->path + strlen(f->path) - f->own_len);
	shown_put(w, "fullyQualifiedName", f->path);
	jsonw_member_text(w, "kind", "member");
	jsonw_end(w);
	jsonw_end(w);
}

static void put_region(struct jsonw *w, const struct finding *f)
{
	jsonw_key(w, "region");
	jsonw_object(w);
	jsonw_member_u64(w, "startLine", f->start_line);
	jsonw_member_u64(w, "startColumn", f->start_utf16);
	jsonw_member_u64(w, "endLine", f->end_line);
	jsonw_member_u64(w, "endColumn", f->end_utf16);
	jsonw_key(w, "snippet");
	jsonw_object(w);
	shown_put(w, "text", f->masked);
	jsonw_end(w);
	jsonw_end(w);
	jsonw_key(w, "contextRegion");
	jsonw_object(w);
	jsonw_member_u64(w, "startLine", f->start_line);
	jsonw_member_u64(w, "endLine", f->end_line);
	jsonw_key(w, "snippet");
	jsonw_object(w);
	shown_put_line(w, "text", f);
	jsonw_end(w);
	jsonw_end(w);
}

static void put_location(struct jsonw *w, const struct finding *f)
{
	jsonw_key(w, "locations");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "physicalLocation");
	jsonw_object(w);
	put_artifact(w, f->path, f->inside_len);
	if (f->inside_len)
		put_member_region(w, f);
	else
		put_region(w, f);
	jsonw_end(w);
	if (f->inside_len)
		put_member(w, f);
	jsonw_end(w);
	jsonw_end(w);
}

/* The same key has the same id wherever it stands; the place is the same as long as path and line read the same. */
static void put_fingerprints(struct jsonw *w, const struct finding *f)
{
	const char *const parts[] = { f->rule->id, f->path, f->line_before, f->masked, f->line_after };
	DEFER(buf_done) struct buf hex = BUF_INIT(2 * HASH_BYTES + 1);
	unsigned char hash[DIGEST_SHA256_BYTES];
	struct digest_sha256 d;

	digest_sha256_init(&d);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		digest_sha256_add(&d, view_of(parts[i]));
		digest_sha256_add(&d, VIEW("\0"));
	}
	digest_sha256_end(&d, hash);
	if (digest_add_hex(&hex, hash, HASH_BYTES)) {
		w->failed = true;
		return;
	}
	jsonw_key(w, "partialFingerprints");
	jsonw_object(w);
	jsonw_member_text(w, "skantSecretId/v1", f->secret_id);
	jsonw_member(w, "skantPlace/v1", buf_view(&hex));
	jsonw_end(w);
}

/* A marker on the line itself is "inSource", what a configuration or a list decides "external" (3.35.2). */
static void put_suppressions(struct jsonw *w, const struct finding *f)
{
	bool is_in_source = f->allowed_by && text_ends(view_of(f->allowed_by), VIEW(":allow"));

	jsonw_key(w, "suppressions");
	jsonw_array(w);
	if (f->status != STATUS_NEW) {
		jsonw_object(w);
		jsonw_member_text(w, "kind", is_in_source ? "inSource" : "external");
		shown_put(w, "justification", f->allowed_by ? f->allowed_by : "in the baseline");
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void put_properties(struct jsonw *w, const struct finding *f)
{
	jsonw_key(w, "properties");
	jsonw_object(w);
	jsonw_member_text(w, "severity", severity_name(f->severity));
	jsonw_member_text(w, "confidence", confidence_name(f->confidence));
	if (f->inside_len) {
		jsonw_member_u64(w, "memberLine", f->start_line);
		jsonw_member_u64(w, "memberColumn", f->start_column);
	}
	jsonw_member_u64(w, "offset", f->offset);
	shown_put_fingerprint(w, "fingerprint", f);
	shown_put(w, "via", f->via);
	shown_put(w, "suggestion", f->suggestion);
	shown_put_origin(w, &f->origin);
	known_put(w, f);
	jsonw_end(w);
}

static int add_member(struct buf *out, const struct finding *f)
{
	if (!f->inside_len)
		return 0;
	return buf_add_text(out, " in the member ") ||
	       shown_add(out, view_of(f->path + strlen(f->path) - f->inside_len + 1)) ||
	       buf_addf(out, ", line %llu, column %llu", (unsigned long long)f->start_line,
			(unsigned long long)f->start_column);
}

static void put_result_message(struct jsonw *w, const struct finding *f)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES), advice = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add_title(&text, f) || add_member(&text, f) || shown_add_advice(&advice, f) ||
	    (advice.len && (buf_add_text(&text, "; ") || buf_add(&text, buf_view(&advice)))) || add_stop(&text))
		w->failed = true;
	else
		sarif_member_message(w, "message", buf_view(&text));
}

static int finding(const struct report_context *c, const struct finding *f, bool is_first, struct buf *out)
{
	struct jsonw w;
	size_t index = 0;

	if (buf_add_text(out, is_first ? "\n" : ",\n"))
		return -1;
	while (index < c->rule_count && c->rules[index] != f->rule)
		index++;
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "ruleId", f->rule->id);
	if (index < c->rule_count)
		jsonw_member_u64(&w, "ruleIndex", index);
	jsonw_member_text(&w, "level", levels[f->severity]);
	put_result_message(&w, f);
	put_location(&w, f);
	put_fingerprints(&w, f);
	put_suppressions(&w, f);
	put_properties(&w, f);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

static void put_examples(struct jsonw *w, const struct summary *s, enum unread reason)
{
	jsonw_key(w, "locations");
	jsonw_array(w);
	for (size_t i = 0; i < s->example_count; i++) {
		if (s->examples[i].reason != reason)
			continue;
		jsonw_object(w);
		jsonw_key(w, "physicalLocation");
		jsonw_object(w);
		put_artifact(w, s->examples[i].path, s->examples[i].inside_len);
		jsonw_end(w);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void put_notification(struct jsonw *w, const char *id, struct view text)
{
	jsonw_member_text(w, "level", "error");
	jsonw_key(w, "descriptor");
	jsonw_object(w);
	jsonw_member_text(w, "id", id);
	jsonw_end(w);
	sarif_member_message(w, "message", text);
}

static void put_unread(struct jsonw *w, const struct summary *s, enum unread reason)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add_unread(&text, s, reason, 0) || add_stop(&text)) {
		w->failed = true;
		return;
	}
	jsonw_object(w);
	put_notification(w, unread_names[reason], buf_view(&text));
	put_examples(w, s, reason);
	jsonw_end(w);
}

static void put_lacks(struct jsonw *w, const struct summary *s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add_lacks(&text, s) || (text.len && add_stop(&text))) {
		w->failed = true;
		return;
	}
	if (!text.len)
		return;
	jsonw_object(w);
	put_notification(w, "merge", buf_view(&text));
	jsonw_end(w);
}

static void put_invocation(struct jsonw *w, const struct summary *s)
{
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "executionSuccessful");
	jsonw_bool(w, !s->incomplete && !s->failed);
	jsonw_key(w, "toolExecutionNotifications");
	jsonw_array(w);
	for (unsigned r = 0; r < UNREAD_COUNT; r++)
		if (s->unread[r] && unread_is_incomplete((enum unread)r))
			put_unread(w, s, (enum unread)r);
	put_lacks(w, s);
	if (s->failed) {
		jsonw_object(w);
		put_notification(w, "failed", VIEW("The scan broke off: findings may be missing."));
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
}

static void put_run_properties(struct jsonw *w, const struct report_context *c, const struct summary *s)
{
	jsonw_object(w);
	jsonw_member_text(w, "command", c->command);
	jsonw_member_u64(w, s->are_objects ? "objects" : "files", s->files);
	jsonw_member_u64(w, "bytes", s->bytes);
	jsonw_key(w, "unread");
	jsonw_object(w);
	for (size_t i = 0; i < UNREAD_COUNT; i++)
		if (s->unread[i])
			jsonw_member_u64(w, unread_names[i], s->unread[i]);
	jsonw_end(w);
	jsonw_end(w);
}

static int end(const struct report_context *c, const struct summary *s, bool is_empty, struct buf *out)
{
	struct jsonw w;

	if (buf_add_text(out, is_empty ? "],\n\"invocations\":" : "\n],\n\"invocations\":"))
		return -1;
	jsonw_init(&w, out, 0);
	put_invocation(&w, s);
	if (buf_add_text(out, ",\n\"properties\":"))
		return -1;
	put_run_properties(&w, c, s);
	return !jsonw_ok(&w) || buf_add_text(out, "\n}]}\n") ? -1 : 0;
}

const struct report_format report_sarif = { .name = "sarif", .begin = begin, .finding = finding, .end = end };
