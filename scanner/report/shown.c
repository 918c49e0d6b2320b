/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/report/shown.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/policy/keyname.h"

int shown_add(struct buf *out, struct view text)
{
	return secret_add_masked_text(out, text, VIEW_NONE);
}

int shown_add_clean(struct buf *out, struct view text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add(&masked, text) || text_add_clean(out, buf_view(&masked)) ? -1 : 0;
}

int shown_add_fingerprint(struct buf *out, const struct finding *f)
{
	const char *commit = f->origin.is_known ? f->origin.commit : NULL;

	if (commit && (buf_add_text(out, commit) || buf_add_byte(out, ':')))
		return -1;
	return shown_add(out, view_of(f->path)) ||
			       buf_addf(out, ":%s:%llu", f->rule->id, (unsigned long long)f->start_line)
		       ? -1
		       : 0;
}

int shown_add_line(struct buf *out, const struct finding *f)
{
	return shown_add(out, view_of(f->line_before)) || shown_add(out, view_of(f->masked)) ||
			       shown_add(out, view_of(f->line_after))
		       ? -1
		       : 0;
}

static int add_codes(struct buf *out, uint32_t violations)
{
	bool any = false;

	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		if (!(violations >> v & 1))
			continue;
		if (buf_add_text(out, any ? ", " : ": ") || buf_add_text(out, keyname_codes[v]))
			return -1;
		any = true;
	}
	return 0;
}

int shown_add_title(struct buf *out, const struct finding *f)
{
	bool is_name = f->rule->kind == KIND_KEYNAME;

	if (shown_add(out, view_of(f->rule->title)) || buf_add_text(out, is_name ? " '" : " ") ||
	    shown_add(out, view_of(f->masked)))
		return -1;
	return is_name && (buf_add_text(out, "'") || add_codes(out, f->violations)) ? -1 : 0;
}

int shown_add_advice(struct buf *out, const struct finding *f)
{
	struct view rest = view_of(f->rule->remediation), line;

	if (f->suggestion)
		return buf_add_text(out, "rename it to ") || shown_add_clean(out, view_of(f->suggestion)) ? -1 : 0;
	return text_next_line(&rest, &line) ? text_add_clean(out, line) : 0;
}

int shown_add_unread(struct buf *out, const struct summary *s, enum unread reason, size_t examples)
{
	uint64_t n = s->unread[reason];
	size_t shown = 0;

	if (text_add_grouped(out, n) || buf_addf(out, n == 1 ? " was not read, " : " were not read, ") ||
	    buf_add_text(out, unread_names[reason]))
		return -1;
	for (size_t i = 0; i < s->example_count && shown < examples; i++) {
		const struct summary_example *e = &s->examples[i];

		if (e->reason != reason)
			continue;
		if (buf_add_text(out, shown ? ", '" : ": '") || shown_add_clean(out, view_of(e->path)) ||
		    buf_add_byte(out, '\''))
			return -1;
		shown++;
	}
	return shown && n > shown ? buf_add_text(out, ", ...") : 0;
}

int shown_add_lacks(struct buf *out, const struct summary *s)
{
	const struct {
		uint64_t count;
		const char *one, *many;
	} lacks[] = { { s->cut_reports, "report was cut off", "reports were cut off" },
		      { s->lost_records, "record could not be read", "records could not be read" },
		      { s->missing_repositories, "repository is in no report", "repositories are in no report" } };
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(lacks); i++) {
		if (!lacks[i].count)
			continue;
		if (buf_add_text(out, any ? ", " : "") || text_add_grouped(out, lacks[i].count) ||
		    buf_addf(out, " %s", lacks[i].count == 1 ? lacks[i].one : lacks[i].many))
			return -1;
		any = true;
	}
	if (any || !s->incomplete || s->failed || summary_unread(s, true))
		return 0;
	return buf_add_text(out, "a report says so of itself, or the parts were scanned with different settings");
}

bool shown_next(struct view *rest, struct view separator, struct view *ret)
{
	size_t end = text_find(*rest, separator);

	if (!rest->len)
		return false;
	*ret = view_sub(*rest, 0, end);
	*rest = end == SIZE_MAX ? VIEW_NONE : view_sub(*rest, end + separator.len, rest->len);
	return true;
}

static void put_masked(struct jsonw *w, struct view text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add(&masked, text))
		w->failed = true;
	else
		jsonw_string(w, buf_view(&masked));
}

void shown_put_value(struct jsonw *w, const char *text)
{
	put_masked(w, view_of(text));
}

void shown_put(struct jsonw *w, const char *key, const char *text)
{
	if (!text)
		return;
	jsonw_key(w, key);
	shown_put_value(w, text);
}

/* A member with what add makes of the finding. */
static void put_made(struct jsonw *w, const char *key, const struct finding *f,
		     int (*add)(struct buf *out, const struct finding *f))
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

	if (add(&text, f))
		w->failed = true;
	else
		jsonw_member(w, key, buf_view(&text));
}

void shown_put_fingerprint(struct jsonw *w, const char *key, const struct finding *f)
{
	put_made(w, key, f, shown_add_fingerprint);
}

void shown_put_line(struct jsonw *w, const char *key, const struct finding *f)
{
	put_made(w, key, f, shown_add_line);
}

void shown_put_title(struct jsonw *w, const char *key, const struct finding *f)
{
	put_made(w, key, f, shown_add_title);
}

static void put_list(struct jsonw *w, const char *key, const char *list, struct view separator)
{
	struct view rest = view_of(list), entry;

	if (!list)
		return;
	jsonw_key(w, key);
	jsonw_array(w);
	while (shown_next(&rest, separator, &entry))
		put_masked(w, entry);
	jsonw_end(w);
}

void shown_put_origin(struct jsonw *w, const struct origin *o)
{
	if (!o->is_known)
		return;
	shown_put(w, "repository", o->repository);
	if (o->occurrences)
		jsonw_member_u64(w, "occurrences", o->occurrences);
	shown_put(w, "object", o->object);
	shown_put(w, "object_type", o->object_type);
	shown_put(w, "commit", o->commit);
	shown_put(w, "author", o->author);
	shown_put(w, "email", o->email);
	shown_put(w, "date", o->date);
	shown_put(w, "message", o->message);
	shown_put(w, "last_commit", o->last);
	if (o->reached) {
		jsonw_key(w, "at_head");
		jsonw_bool(w, o->at_head);
		jsonw_key(w, "reachable");
		jsonw_bool(w, origin_is_reachable(o));
		shown_put(w, "from", o->reached);
	}
	put_list(w, "refs", o->refs, VIEW("\n"));
	put_list(w, "also_at", o->also_at, VIEW("//"));
	shown_put(w, "untrusted_allow", o->untrusted);
}
