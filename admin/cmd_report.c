/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl report keys|usage|access|all: one page that needs nothing but itself. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/period.h"
#include "admin/report.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/govern/ledger.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "common/sys/term.h"

#define MONTHS 13 /* that are told of unless --from says else: the same month a year ago is the first */
#define PAGE_MODE 0644
#define SECTIONS_MAX 16

static const struct html_section made_section = { "made", "How this was made" };

void report_tile(struct html *h, const char *label, uint64_t number, const char *level)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (text_add_grouped(&text, number))
		h->failed = true;
	html_tile(h, label, buf_view(&text), level);
}

int report_add_date(struct buf *buf, int64_t unix_s)
{
	DEFER(buf_done) struct buf time = BUF_INIT(ERR_TEXT_BYTES);

	if (!unix_s)
		return 0;
	return clock_add_rfc3339(&time, unix_s) || buf_add(buf, view_sub(buf_view(&time), 0, 10)) ? -1 : 0;
}

static void report_done(struct report *r)
{
	sums_done(&r->sums);
	sums_done(&r->earlier);
	directory_freep(&r->directory);
}

/* Usage is told of whole days, so that its window has whole ones; that of today is not over. */
static int set_window(struct report *r, struct err *err)
{
	static const struct period_usual usual = { .months = MONTHS - 1 };
	struct period period;

	if (period_read(r->s->o, clock_unix_s(), &usual, &period, err))
		return -1;
	r->now_s = period.now_s;
	r->from_s = period_day(period.from_s);
	r->to_s = period_told(&period);
	if (r->to_s <= r->from_s)
		return period_check(false, false, err);
	if (sums_month(r->to_s - 1) - sums_month(r->from_s) >= HTML_CHART_LABELS)
		return err_set(err, ERR_USAGE, 0, "--from: %d months at most were expected", HTML_CHART_LABELS);
	return 0;
}

static int read_directory(struct report *r, struct err *err)
{
	unsigned parts = DIRECTORY_USERS;

	if (session_route(r->s, API_ORG_GET, &(struct err)ERR_INIT))
		parts |= DIRECTORY_ORG;
	if (session_route(r->s, API_WORKSPACE_LIST, &(struct err)ERR_INIT))
		parts |= DIRECTORY_WORKSPACES;
	if (session_route(r->s, API_KEY_LIST, &(struct err)ERR_INIT))
		parts |= DIRECTORY_KEYS;
	if (r->parts & REPORT_ACCESS)
		parts |= DIRECTORY_INVITES | DIRECTORY_MEMBERS;
	r->directory = directory_read(r->s->api, parts, err);
	if (!r->directory || (r->parts & (REPORT_KEYS | REPORT_ACCESS) && directory_ask_people(r->directory, err)))
		return -1;
	r->org = directory_get(r->directory);
	r->has_keys = parts & DIRECTORY_KEYS;
	return 0;
}

/* Reads usage from from_s on, and sums it up; what months are compared with begins with the first of them when there
 * are budgets. */
static int read_sums(struct report *r, unsigned parts, int64_t from_s, int64_t to_s, struct err *err)
{
	DEFER(spend_freep) struct spend *spend = spend_new(err);
	bool has_budgets = parts & LEDGER_COST && r->policy->budget_count;
	int64_t read_s = has_budgets ? period_month(from_s, 0) : from_s;

	if (!spend || ledger_read(r->s->api, parts, read_s, to_s, spend, err) || spend_settle(spend, err) ||
	    sums_make(&r->sums, spend, r->policy, r->org, from_s, to_s, err))
		return -1;
	r->has_usage = true;
	r->whole = read_s == from_s ? &r->sums : &r->earlier;
	return read_s == from_s ? 0 : sums_make(&r->earlier, spend, r->policy, r->org, read_s, to_s, err);
}

/* Money and tokens for the part that tells of them; for keys alone only what tells which of them are used. */
static int read_usage(struct report *r, struct err *err)
{
	r->used_from_s = r->parts & REPORT_KEYS ? keyaudit_unused_from(r->policy, r->org, r->now_s) : INT64_MAX;
	if (r->parts & REPORT_USAGE) {
		if (r->used_from_s < r->from_s || r->to_s < r->now_s)
			r->used_from_s = INT64_MAX; /* the window does not tell */
		return read_sums(r, LEDGER_USAGE | LEDGER_COST, r->from_s, r->to_s, err);
	}
	return r->used_from_s == INT64_MAX ? 0 : read_sums(r, LEDGER_USAGE, period_day(r->used_from_s), r->now_s, err);
}

static size_t add_sections(const struct report *r, struct html_section sections[static SECTIONS_MAX])
{
	static const struct {
		enum report_part part;
		const struct html_section *sections;
		const size_t *count;
	} parts[] = {
		{ REPORT_KEYS, report_keys_sections, &report_keys_count },
		{ REPORT_USAGE, report_usage_sections, &report_usage_count },
		{ REPORT_ACCESS, report_access_sections, &report_access_count },
	};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (size_t k = 0; r->parts & parts[i].part && k < *parts[i].count; k++)
			sections[count++] = parts[i].sections[k];
	sections[count++] = made_section;
	return count;
}

static void add_window(struct html *h, const struct report *r)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (clock_add_rfc3339(&text, r->from_s) || buf_add_text(&text, " to ") || clock_add_rfc3339(&text, r->to_s))
		h->failed = true;
	html_fact(h, "Usage and cost of", buf_view(&text));
}

static void add_made(struct html *h, const struct report *r)
{
	const char *unknown = ledger_unknown(r->s->profile.dialect);

	html_section_begin(h, &made_section);
	html_facts_begin(h);
	html_fact(h, "Program", VIEW("skantctl " SKANT_VERSION));
	html_fact(h, "Organisation", view_of(r->org->name));
	html_fact(h, "Its id", view_of(r->org->id));
	html_fact(h, "API", view_of(r->s->profile.base_url));
	html_fact(h, "Policy", r->policy->path ? view_of(r->policy->path) : VIEW("none was found: the standard one"));
	if (r->parts & REPORT_USAGE)
		add_window(h, r);
	html_facts_end(h);
	if (r->parts & REPORT_USAGE) {
		html_paragraph(
			h,
			VIEW("Money is what the provider's cost report bills, in US dollars. What it bills for a "
			     "workspace, a model and a kind of tokens is shared among the keys that used such tokens, "
			     "by their number; the sums are the bill. Days are UTC. The day and the hours before this "
			     "page was made may still change."));
		html_paragraph(
			h, VIEW("A team is what the name of a key says by the policy's convention. What names do not "
				"say, the Console and removed keys stand under (none)."));
	}
	if (r->parts & REPORT_KEYS)
		html_paragraph(
			h, VIEW("The API does not tell when a key was last used: that is taken from the usage report, "
				"whose days are whole."));
	if (unknown)
		html_paragraph(h, view_of(unknown));
	if (r->parts & REPORT_KEYS && r->used_from_s == INT64_MAX)
		html_paragraph(
			h,
			VIEW("Not known: whether keys are unused. No policy asks for it, or --from and --to leave out "
			     "the days that would tell."));
	html_section_end(h);
}

static int write_page(struct html *h, const struct report *r, const char *title, const char *made_by, struct err *err)
{
	struct html_section sections[SECTIONS_MAX];
	const struct html_page page = { .title = view_of(title),
					.subject = view_of(r->org->name),
					.made_by = view_of(made_by),
					.made_s = r->now_s,
					.sections = sections,
					.section_count = add_sections(r, sections) };

	html_page_open(h, &page);
	html_page_begin(h, &page);
	if ((r->parts & REPORT_KEYS && report_keys_write(h, r, err)) ||
	    (r->parts & REPORT_USAGE && report_usage_write(h, r, err)) ||
	    (r->parts & REPORT_ACCESS && report_access_write(h, r, err)))
		return -1;
	add_made(h, r);
	html_page_end(h);
	return html_ok(h)
		       ? 0
		       : err_set(err, ERR_LIMIT, 0, "the page does not fit into memory or %u bytes", HTML_PAGE_BYTES);
}

/* Standard output when it is no terminal, or - says so; else the file, whole or not at all. */
static int put_page(const char *path, struct view page, struct err *err)
{
	struct file_replace file = { .fd = -1 };

	if (!path || strcmp(path, "-") == 0)
		return output_text(STDOUT_FILENO, page, err);
	if (file_replace_open(&file, path, PAGE_MODE, err))
		return -1;
	if (file_write_full(file.fd, page)) {
		(void)err_set(err, ERR_IO, errno, "cannot write the page to '%s'", path);
		file_replace_abort(&file);
		return -1;
	}
	if (file_replace_commit(&file, err))
		return -1;
	log_info("%s: %zu bytes", path, page.len);
	return 0;
}

static int make_report(struct session *s, unsigned parts, const char *title, const char *made_by, struct err *err)
{
	DEFER(report_done) struct report r = { .s = s, .parts = parts };
	DEFER(buf_done) struct buf page = BUF_INIT(HTML_PAGE_BYTES);
	struct html h;

	if (!s->o->html && term_is_terminal(STDOUT_FILENO))
		return err_set(err, ERR_USAGE, 0, "--html FILE was expected: a page is not for the terminal");
	if (set_window(&r, err))
		return -1;
	r.policy = session_policy(s, err);
	session_reading(s);
	if (!r.policy || read_directory(&r, err) || read_usage(&r, err))
		return -1;
	session_has_read(s);
	html_init(&h, &page);
	return write_page(&h, &r, title, made_by, err) || put_page(s->o->html, buf_view(&page), err) ? -1 : 0;
}

int cmd_report_keys(struct session *s, char **, size_t count, struct err *err)
{
	if (session_args(NULL, 0, count, err) || !session_route(s, API_KEY_LIST, err))
		return -1;
	return make_report(s, REPORT_KEYS, "API keys", "skantctl report keys", err);
}

int cmd_report_usage(struct session *s, char **, size_t count, struct err *err)
{
	return session_args(NULL, 0, count, err)
		       ? -1
		       : make_report(s, REPORT_USAGE, "Usage and cost", "skantctl report usage", err);
}

int cmd_report_access(struct session *s, char **, size_t count, struct err *err)
{
	return session_args(NULL, 0, count, err)
		       ? -1
		       : make_report(s, REPORT_ACCESS, "Access", "skantctl report access", err);
}

/* Keys are left out where the dialect has none. */
int cmd_report_all(struct session *s, char **, size_t count, struct err *err)
{
	unsigned parts = REPORT_USAGE | REPORT_ACCESS;

	if (session_args(NULL, 0, count, err))
		return -1;
	if (session_route(s, API_KEY_LIST, &(struct err)ERR_INIT))
		parts |= REPORT_KEYS;
	return make_report(s, parts, "Governance report", "skantctl report all", err);
}
