/* SPDX-License-Identifier: Apache-2.0 */
/* The format gitleaks: the JSON array that gitleaks 8 writes (its report.Finding), for programs that read that. Secret
 * and match are masked; columns are bytes from 1, the end is the last byte, not the one behind it. */
#include "scanner/report/shown.h"

static const char *or_empty(const char *text, bool is_known)
{
	return is_known && text ? text : "";
}

static void put_entropy(struct jsonw *w, unsigned centibits)
{
	DEFER(buf_done) struct buf text = BUF_INIT(32);

	if (buf_addf(&text, "%u.%02u", centibits / 100, centibits % 100)) {
		w->failed = true;
		return;
	}
	jsonw_key(w, "Entropy");
	jsonw_raw(w, buf_view(&text));
}

static void put_place(struct jsonw *w, const struct finding *f)
{
	jsonw_member_u64(w, "StartLine", f->start_line);
	jsonw_member_u64(w, "EndLine", f->end_line);
	jsonw_member_u64(w, "StartColumn", f->start_column);
	jsonw_member_u64(w, "EndColumn", f->end_column > 1 ? f->end_column - 1 : 1);
}

static void put_history(struct jsonw *w, const struct origin *o)
{
	shown_put(w, "Commit", or_empty(o->commit, o->is_known));
}

static void put_people(struct jsonw *w, const struct origin *o)
{
	shown_put(w, "Author", or_empty(o->author, o->is_known));
	shown_put(w, "Email", or_empty(o->email, o->is_known));
	shown_put(w, "Date", or_empty(o->date, o->is_known));
	shown_put(w, "Message", or_empty(o->message, o->is_known));
}

static int begin(const struct report_context *, struct buf *out)
{
	return buf_add_byte(out, '[');
}

static int finding(const struct report_context *, const struct finding *f, bool is_first, struct buf *out)
{
	struct jsonw w;

	if (buf_add_text(out, is_first ? "\n" : ",\n"))
		return -1;
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "RuleID", f->rule->id);
	shown_put(&w, "Description", f->rule->title);
	put_place(&w, f);
	shown_put(&w, "Match", f->masked);
	shown_put(&w, "Secret", f->masked);
	shown_put(&w, "File", f->path);
	jsonw_member_text(&w, "SymlinkFile", "");
	put_history(&w, &f->origin);
	put_entropy(&w, f->entropy_centibits);
	put_people(&w, &f->origin);
	jsonw_key(&w, "Tags");
	jsonw_array(&w);
	jsonw_end(&w);
	shown_put_fingerprint(&w, "Fingerprint", f);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

static int end(const struct report_context *, const struct summary *, bool is_empty, struct buf *out)
{
	return buf_add_text(out, is_empty ? "]\n" : "\n]\n");
}

const struct report_format report_gitleaks = {
	.name = "gitleaks", .is_new_only = true, .begin = begin, .finding = finding, .end = end
};
