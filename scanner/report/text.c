/* SPDX-License-Identifier: Apache-2.0 */
/* The format text: `path:line:col:` first, so that editors and terminals jump there; then the line with the key masked
 * and marked, and what to do. */
#include "common/base/text.h"
#include "common/base/bounds.h"
#include "common/policy/keyname.h"
#include "scanner/report/known.h"
#include "scanner/report/shown.h"

#define ID_SHOWN 12       /* digits of an object's id */
#define DATE_SHOWN 10     /* of a date its day */
#define MESSAGE_SHOWN 100 /* bytes of a commit's first line */

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define YELLOW "\033[33m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static int colour(const struct report_context *c, const char *sequence, struct buf *out)
{
	return c->colour ? buf_add_text(out, sequence) : 0;
}

static const char *severity_colour(enum severity s)
{
	return s >= SEVERITY_HIGH ? RED : YELLOW;
}

static int add_safe(struct buf *out, const char *text)
{
	return shown_add_clean(out, view_of(text));
}

static int add_place(const struct report_context *c, const struct finding *f, struct buf *out)
{
	return colour(c, BOLD, out) || add_safe(out, f->path) ||
	       buf_addf(out, ":%llu:%llu:", (unsigned long long)f->start_line, (unsigned long long)f->start_column) ||
	       colour(c, PLAIN, out) || buf_add_byte(out, ' ');
}

static int add_title(const struct report_context *c, const struct finding *f, struct buf *out)
{
	return colour(c, severity_colour(f->severity), out) || buf_add_text(out, severity_name(f->severity)) ||
	       colour(c, PLAIN, out) || buf_add_text(out, ": ") || add_safe(out, f->rule->title) ||
	       buf_addf(out, " %s", f->rule->kind == KIND_KEYNAME ? "'" : "") || add_safe(out, f->masked) ||
	       buf_addf(out, "%s [%s]\n", f->rule->kind == KIND_KEYNAME ? "'" : "", f->rule->id);
}

/* Blanks as wide as text on a terminal: a tab stays a tab, a byte inside a UTF-8 sequence takes no room. */
static int add_blanks(struct buf *out, struct view text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char b = (unsigned char)text.ptr[i];

		if ((b & 0xC0) != 0x80 && buf_add_byte(out, b == '\t' ? '\t' : ' '))
			return -1;
	}
	return 0;
}

static size_t characters(struct view text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
	return n;
}

/* Tabs are shown as they are; text_add_clean would spell them out. */
static int add_line_part(struct buf *out, const char *text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES);
	struct view rest;

	if (shown_add(&masked, view_of(text)))
		return -1;
	rest = buf_view(&masked);
	while (rest.len) {
		size_t tab = text_find_byte(rest, '\t');

		if (text_add_clean(out, view_sub(rest, 0, tab)))
			return -1;
		if (tab == SIZE_MAX)
			break;
		if (buf_add_byte(out, '\t'))
			return -1;
		rest = view_sub(rest, tab + 1, rest.len);
	}
	return 0;
}

static int add_source(const struct report_context *c, const struct finding *f, struct buf *out)
{
	size_t before = 0, mark = 0;
	int ret = buf_addf(out, "%6llu | ", (unsigned long long)f->start_line);

	before = out->len;
	ret = ret || add_line_part(out, f->line_before);
	mark = out->len;
	ret = ret || add_safe(out, f->masked);
	if (!ret) {
		DEFER(buf_done) struct buf blanks = BUF_INIT(1u << 20);
		size_t width = characters(view_sub(buf_view(out), mark, out->len));

		ret = add_blanks(&blanks, view_sub(buf_view(out), before, mark - before)) ||
		      add_line_part(out, f->line_after) || buf_add_text(out, "\n       | ") ||
		      buf_add(out, buf_view(&blanks)) || colour(c, severity_colour(f->severity), out);
		for (size_t i = 0; i < width && !ret; i++)
			ret = buf_add_byte(out, '^');
	}
	return ret || colour(c, PLAIN, out) || buf_add_byte(out, '\n') ? -1 : 0;
}

static int add_violations(const struct report_context *c, const struct finding *f, struct buf *out)
{
	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		if (!(f->violations >> v & 1))
			continue;
		if (buf_addf(out, "    %s: ", keyname_codes[v]) ||
		    keyname_add_text(c->names, view_of(f->masked), (enum keyname_violation)v, out) ||
		    buf_add_byte(out, '\n'))
			return -1;
	}
	if (!f->suggestion)
		return 0;
	return buf_add_text(out, "    rename it to: ") || colour(c, GREEN, out) || add_safe(out, f->suggestion) ||
	       colour(c, PLAIN, out) || buf_add_byte(out, '\n');
}

static int add_advice(const struct finding *f, struct buf *out)
{
	struct view rest = view_of(f->rule->remediation), line;

	if (!rest.len || !text_next_line(&rest, &line))
		return 0;
	return buf_add_text(out, "    do: ") || text_add_clean(out, line) ||
	       buf_addf(out, "; `skant explain %s`\n", f->rule->id);
}

/* The last decoder may have put parts together: that is no encoding. */
static int add_via(const char *via, struct buf *out)
{
	struct view all = view_of(via), joined = VIEW("joined");
	bool is_joined = text_ends(all, joined);

	if (is_joined)
		all = view_sub(all, 0, all.len - joined.len - (all.len > joined.len ? 1 : 0));
	if (all.len && (buf_add_text(out, "    encoded: ") || buf_add(out, all) || buf_add_byte(out, '\n')))
		return -1;
	return is_joined ? buf_add_text(out, "    in parts: joined, it looks like a key\n") : 0;
}

static int add_notes(const struct finding *f, struct buf *out)
{
	if (f->via && add_via(f->via, out))
		return -1;
	if (f->status == STATUS_BASELINE)
		return buf_add_text(out, "    in the baseline\n");
	if (f->status != STATUS_ALLOWED)
		return 0;
	return buf_add_text(out, "    allowed: ") || add_safe(out, f->allowed_by) || buf_add_byte(out, '\n');
}

/* Bytes of UTF-8 text that fit into max, without half a character at the end. */
static size_t whole_characters(struct view text, size_t max)
{
	size_t len = text.len;

	if (len <= max)
		return len;
	for (len = max; len > 0 && max - len < 3 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80;)
		len--;
	return len;
}

static int add_author(const struct origin *o, struct buf *out)
{
	bool any = false;

	if (o->author) {
		if (buf_add_text(out, " (") || add_safe(out, o->author))
			return -1;
		any = true;
	}
	if (o->email) {
		if (buf_add_text(out, any ? " <" : " (<") || add_safe(out, o->email) || buf_add_byte(out, '>'))
			return -1;
		any = true;
	}
	if (o->date) {
		if (buf_add_text(out, any ? ", " : " (") ||
		    shown_add_clean(out, view_sub(view_of(o->date), 0, DATE_SHOWN)))
			return -1;
		any = true;
	}
	return any ? buf_add_byte(out, ')') : 0;
}

/* The message is masked whole: a key that is cut is no key any more. */
static int add_message(const char *message, struct buf *out)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES);
	struct view shown;
	size_t len;

	if (!message || !*message)
		return 0;
	if (shown_add(&masked, view_of(message)))
		return -1;
	shown = buf_view(&masked);
	len = whole_characters(shown, MESSAGE_SHOWN);
	return buf_add_text(out, " \"") || text_add_clean(out, view_sub(shown, 0, len)) ||
	       buf_add_text(out, len < shown.len ? "...\"" : "\"");
}

static int add_id(struct buf *out, const char *id)
{
	return text_add_clean(out, view_sub(view_of(id), 0, ID_SHOWN));
}

/* A blob that no commit has yet: its path says it all. */
static bool is_of_index(const struct origin *o)
{
	return !o->commit && !o->reached && text_eq(view_of(o->object_type), VIEW("blob"));
}

/* What holds it, and until when. */
static int add_holder(const struct origin *o, struct buf *out)
{
	const char *type = o->commit ? "commit" : o->object_type, *id = o->commit ? o->commit : o->object;

	if (!type || !id || is_of_index(o))
		return 0;
	if (buf_addf(out, "    %s ", type) || add_id(out, id) || add_author(o, out) || add_message(o->message, out))
		return -1;
	if (o->reached && o->at_head)
		return buf_add_text(out, "; still at HEAD\n");
	if (o->last && (buf_add_text(out, "; last in ") || add_id(out, o->last)))
		return -1;
	return buf_add_byte(out, '\n');
}

/* "a, b (and 3 more)" */
static int add_list(const char *list, struct view separator, size_t max, struct buf *out)
{
	struct view rest = view_of(list), entry;
	size_t count = 0;

	while (shown_next(&rest, separator, &entry)) {
		if (count++ >= max)
			continue;
		if ((count > 1 && buf_add_text(out, ", ")) || shown_add_clean(out, entry))
			return -1;
	}
	if (count > max && buf_addf(out, " (and %zu more)", count - max))
		return -1;
	return buf_add_byte(out, '\n');
}

/* Whether something still keeps it, and with -v what. */
static int add_reached(const struct report_context *c, const struct origin *o, struct buf *out)
{
	bool is_by_ref = o->reached && text_eq(view_of(o->reached), VIEW("ref"));
	const char *what = "the stash only";

	if (!o->reached || (is_by_ref && !c->verbose))
		return 0;
	if (o->refs && *o->refs)
		return buf_add_text(out, "    reached by: ") ||
		       add_list(o->refs, VIEW("\n"), c->verbose ? REPORT_REFS_SHOWN : REPORT_LIST_SHOWN, out);
	if (is_by_ref)
		what = "HEAD only, of this work tree or another";
	else if (text_eq(view_of(o->reached), VIEW("reflog")))
		what = "a reflog only";
	else if (!origin_is_reachable(o))
		what = "nothing (unreachable)";
	return buf_addf(out, "    reached by %s\n", what);
}

static int add_origin(const struct report_context *c, const struct origin *o, struct buf *out)
{
	size_t paths = c->verbose ? REPORT_REFS_SHOWN : REPORT_LIST_SHOWN;

	if (!o->is_known)
		return 0;
	if (add_holder(o, out) || add_reached(c, o, out))
		return -1;
	if (o->also_at && *o->also_at &&
	    (buf_add_text(out, "    also at: ") || add_list(o->also_at, VIEW("//"), paths, out)))
		return -1;
	if (!o->untrusted)
		return 0;
	return buf_add_text(out, "    note: the change itself carries \"") || add_safe(out, o->untrusted) ||
	       buf_add_text(out, "\" here; that does not count\n");
}

static int add_known(const struct report_context *c, const struct finding *f, struct buf *out)
{
	bool is_live = f->verdict.state == VERIFIED_LIVE;

	if (f->inventory_count &&
	    (buf_add_text(out, "    ") || known_add_owner(out, f, c->started_s, c->verbose) || buf_add_byte(out, '\n')))
		return -1;
	if (f->verdict.state == VERIFIED_NOT)
		return 0;
	return buf_add_text(out, "    ") || (is_live && colour(c, RED, out)) || known_add_verdict(out, &f->verdict) ||
	       (is_live && colour(c, PLAIN, out)) || buf_add_byte(out, '\n');
}

static int begin(const struct report_context *, struct buf *)
{
	return 0;
}

static int finding(const struct report_context *c, const struct finding *f, bool, struct buf *out)
{
	return add_place(c, f, out) || add_title(c, f, out) || add_source(c, f, out) ||
	       add_origin(c, &f->origin, out) || add_known(c, f, out) || add_notes(f, out) ||
	       add_violations(c, f, out) || add_advice(f, out);
}

static int end(const struct report_context *, const struct summary *, bool, struct buf *)
{
	return 0;
}

const struct report_format report_text = { .name = "text", .begin = begin, .finding = finding, .end = end };
