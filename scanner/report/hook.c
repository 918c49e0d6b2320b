/* SPDX-License-Identifier: Apache-2.0 */
/* What a person reads whose commit or push a hook has stopped: a line for each finding, then what happened, how to mend
 * it, what a real key needs, and how to allow what is none. Not a format to ask for: SKANT_HOOK chooses it. */
#include "scanner/report/report.h"

#include "common/base/text.h"
#include "scanner/report/known.h"

/* What the hooks of git and of the pre-commit framework are about. */
static const struct hook_words {
	const char *hook;
	const char *what; /* has been stopped */
	const char *fix;
	const char *allow;
} words[] = {
	{ "pre-commit", "this commit was stopped: it would record what must not be in a repository",
	  "take the key out of the file, read it from the environment or a secret manager, `git add`, commit again",
	  "end its line with `skant:allow REASON`, or add its path with a reason to `allow:` in .skant.yaml" },
	{ "pre-merge-commit", "this merge was stopped: it would record what must not be in a repository",
	  "take the key out of the merged file, `git add` it, then `git commit`; `git merge --abort` undoes the merge",
	  "end its line with `skant:allow REASON`, or add its path with a reason to `allow:` in .skant.yaml" },
	{ "pre-push", "this push was stopped: its commits bring in what must not leave this machine",
	  "change the commit that is named (`git commit --amend`, `git rebase -i`); removing the key later is too late",
	  "in that commit, end its line with `skant:allow REASON`, or add its path with a reason to .skant.yaml" },
	{ "pre-receive", "this push was refused: its commits bring in what must not be in this repository",
	  "make what is named anew without the key (`git commit --amend`, `git rebase -i`, `git tag -f`); push again",
	  "its path gets a reason in .skant.yaml of the server's default branch; what the push brings allows nothing" },
};

static int add_safe(struct buf *out, const char *text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(2u << 20);

	return secret_add_masked_text(&masked, view_of(text), VIEW_NONE) || text_add_clean(out, buf_view(&masked)) ? -1
														   : 0;
}

static int begin(const struct report_context *, struct buf *)
{
	return 0;
}

/* The first of the refs that a push would move. */
static int add_ref(const char *refs, struct buf *out)
{
	DEFER(buf_done) struct buf name = BUF_INIT(2u << 20);
	struct view rest = view_of(refs), line;

	if (!refs || !text_next_line(&rest, &line))
		return 0;
	return buf_add(&name, line) || buf_add_text(out, " for ") || add_safe(out, name.ptr) ? -1 : 0;
}

static int add_commit(const struct origin *o, struct buf *out)
{
	if (!o->is_known)
		return 0;
	if (o->commit && buf_addf(out, " in commit %.12s", o->commit))
		return -1;
	if ((o->commit || o->author) && o->author && (buf_add_text(out, " by ") || add_safe(out, o->author)))
		return -1;
	return add_ref(o->refs, out);
}

/* What is known of it beside its place. */
static int add_notes(const struct report_context *c, const struct finding *f, struct buf *out)
{
	if (f->origin.untrusted && buf_add_text(out, ", its marker was brought along and does not count"))
		return -1;
	if (f->inventory_count && (buf_add_text(out, "; ") || known_add_owner(out, f, c->started_s, false)))
		return -1;
	if (f->verdict.state != VERIFIED_NOT && (buf_add_text(out, "; ") || known_add_verdict(out, &f->verdict)))
		return -1;
	if (f->status == STATUS_BASELINE && buf_add_text(out, ", in the baseline"))
		return -1;
	return f->status == STATUS_ALLOWED && (buf_add_text(out, ", allowed: ") || add_safe(out, f->allowed_by)) ? -1
														 : 0;
}

static int finding(const struct report_context *c, const struct finding *f, bool, struct buf *out)
{
	bool is_name = f->rule->kind == KIND_KEYNAME;

	return add_safe(out, f->path) ||
	       buf_addf(out, ":%llu:%llu: %s: ", (unsigned long long)f->start_line, (unsigned long long)f->start_column,
			severity_name(f->severity)) ||
	       add_safe(out, f->rule->title) || buf_add_text(out, is_name ? " '" : " ") || add_safe(out, f->masked) ||
	       buf_addf(out, "%s [%s]", is_name ? "'" : "", f->rule->id) || add_commit(&f->origin, out) ||
	       add_notes(c, f, out) || buf_add_byte(out, '\n');
}

static const struct hook_words *words_for(const char *hook)
{
	for (size_t i = 1; hook && i < ARRAY_LEN(words); i++)
		if (text_eq(view_of(hook), view_of(words[i].hook)))
			return &words[i];
	return &words[0];
}

static int end(const struct report_context *c, const struct summary *s, bool, struct buf *out)
{
	const struct hook_words *w = words_for(c->hook);
	bool is_stopped = false;

	for (int i = (int)c->fail_on; i <= SEVERITY_CRITICAL; i++)
		is_stopped |= s->findings[i] > 0;
	if (!is_stopped)
		return 0;
	return buf_addf(out, "skant: %s\n", w->what) || buf_addf(out, "  fix:    %s\n", w->fix) ||
	       buf_add_text(out,
			    "  real:   revoke a key that was pushed or shared, first of all: `skant explain RULE`, "
			    "the name in [ ]\n") ||
	       buf_addf(out, "  no key: %s\n", w->allow);
}

const struct report_format report_hook = { .name = "hook", .begin = begin, .finding = finding, .end = end };
