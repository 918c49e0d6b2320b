/* SPDX-License-Identifier: Apache-2.0 */
/* The format html: one page that needs nothing but itself (common/html/page.h). What was found is written as it comes,
 * as data of the page; only the first rows of each severity are kept, for readers without the page's script, so that a
 * report of any length takes little memory. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/chart.h"
#include "common/html/page.h"
#include "common/html/table.h"
#include "scanner/report/shown.h"

#define SEVERITIES (SEVERITY_CRITICAL + 1)
#define KEPT_ROWS 500 /* of each severity */
#define KEPT_BYTES (64u << 20)
#define CHART_RULES 12
#define EXAMPLES 8

static const struct html_column columns[] = {
	{ "Severity", HTML_LEVEL, true },  { "Rule", HTML_WORD, true },   { "Path", HTML_CODE, true },
	{ "Line", HTML_NUMBER, false },    { "Key", HTML_WORD, true },    { "Source", HTML_CODE, false },
	{ "Confidence", HTML_TEXT, true }, { "Status", HTML_TAGS, true }, { "Known as", HTML_TEXT, false },
	{ "Commit", HTML_WORD, true },     { "Author", HTML_TEXT, true }, { "Date", HTML_DATE, false },
};
#define DISK_COLUMNS 9 /* the others tell of history */

enum part { PART_SUMMARY, PART_FINDINGS, PART_RULES, PART_COVERAGE, PARTS };
static const struct html_section sections[PARTS] = {
	{ "summary", "Summary" },
	{ "found", "Findings" },
	{ "rules", "Rules" },
	{ "coverage", "What was read" },
};

struct kept {
	struct html_table table;
	struct buf rows;
};

struct state {
	struct kept kept[SEVERITIES];
	struct html_table data;
	uint64_t *counts; /* of each rule of the context */
	struct buf subject, made_by;
	struct html_page page;
};

static void drop(void *context)
{
	struct state *state = context;

	for (size_t i = 0; i < SEVERITIES; i++)
		buf_done(&state->kept[i].rows);
	buf_done(&state->subject);
	buf_done(&state->made_by);
	free(state->counts);
	free(state);
}

static int describe(struct state *state, const struct report_context *c)
{
	if (buf_addf(&state->made_by, "skant %s", c->command))
		return -1;
	for (size_t i = 0; i < c->target_count; i++)
		if ((i && buf_add_text(&state->subject, ", ")) || shown_add(&state->subject, view_of(c->targets[i])))
			return -1;
	state->page = (struct html_page){ .title = VIEW("Hardcoded keys"),
					  .subject = buf_view(&state->subject),
					  .made_by = buf_view(&state->made_by),
					  .made_s = c->started_s,
					  .sections = sections,
					  .section_count = PARTS };
	return 0;
}

static void *open_page(const struct report_context *c, struct buf *out)
{
	struct state *state = calloc(1, sizeof(*state));
	bool is_history = text_eq(view_of(c->command), VIEW("git")) || text_eq(view_of(c->command), VIEW("receive"));
	struct html_table table = { .id = "findings",
				    .caption = "What was found",
				    .columns = columns,
				    .count = is_history ? ARRAY_LEN(columns) : DISK_COLUMNS,
				    .is_grouped = true };
	struct html h;

	if (!state)
		return NULL;
	state->counts = calloc(c->rule_count + 1, sizeof(*state->counts));
	state->subject = state->made_by = (struct buf)BUF_INIT(REPORT_TEXT_BYTES);
	for (size_t i = 0; i < SEVERITIES; i++)
		state->kept[i] = (struct kept){ .table = table, .rows = BUF_INIT(KEPT_BYTES) };
	state->data = table;
	state->data.is_data = true;
	html_init(&h, out);
	if (!state->counts || describe(state, c)) {
		drop(state);
		return NULL;
	}
	html_page_open(&h, &state->page);
	if (html_ok(&h))
		return state;
	drop(state);
	return NULL;
}

static void cell(struct html *h, struct html_table *t, struct view text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add(&masked, text))
		h->failed = true;
	html_cell(h, t, buf_view(&masked));
}

static void cell_source(struct html *h, struct html_table *t, const struct finding *f)
{
	DEFER(buf_done) struct buf line = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add_line(&line, f))
		h->failed = true;
	html_cell(h, t, text_trim(buf_view(&line)));
}

static void cell_status(struct html *h, struct html_table *t, const struct finding *f)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	const char *verified = verified_names[f->verdict.state];

	if (buf_add_text(&text, finding_status_names[f->status]) || (verified && buf_addf(&text, " %s", verified)))
		h->failed = true;
	html_cell(h, t, buf_view(&text));
}

/* "ml-prod-inference (ml-prod)": the key of the inventory, and its workspace. */
static void cell_known(struct html *h, struct html_table *t, const struct inventory_key *key)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

	if (key && (buf_add_text(&text, key->name ? key->name : "") ||
		    (key->workspace &&
		     (buf_add_text(&text, " (") || buf_add_text(&text, key->workspace) || buf_add_text(&text, ")")))))
		h->failed = true;
	cell(h, t, buf_view(&text));
}

static void add_row(struct html *h, struct html_table *t, const struct finding *f)
{
	html_row(h, t);
	html_cell(h, t, view_of(severity_name(f->severity)));
	html_cell(h, t, view_of(f->rule->id));
	cell(h, t, view_of(f->path));
	html_cell_number(h, t, f->start_line);
	cell(h, t, view_of(f->masked));
	cell_source(h, t, f);
	html_cell(h, t, view_of(confidence_name(f->confidence)));
	cell_status(h, t, f);
	cell_known(h, t, f->inventory);
	if (t->count == DISK_COLUMNS)
		return;
	cell(h, t, view_sub(view_of(f->origin.is_known ? f->origin.commit : NULL), 0, 12));
	cell(h, t, view_of(f->origin.is_known ? f->origin.author : NULL));
	cell(h, t, view_sub(view_of(f->origin.is_known ? f->origin.date : NULL), 0, 10));
}

static int take(void *context, const struct report_context *c, const struct finding *f, struct buf *out)
{
	struct state *state = context;
	struct kept *kept = &state->kept[f->severity];
	bool is_kept = kept->table.rows < KEPT_ROWS;
	struct html h;

	for (size_t i = 0; i < c->rule_count; i++)
		state->counts[i] += c->rules[i] == f->rule;
	html_init(&h, is_kept ? &kept->rows : out);
	add_row(&h, is_kept ? &kept->table : &state->data, f);
	return html_ok(&h) ? 0 : -1;
}

static void add_tile(struct html *h, const char *label, uint64_t number, const char *level)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (text_add_grouped(&text, number))
		h->failed = true;
	html_tile(h, label, buf_view(&text), level);
}

static void add_summary(struct html *h, const struct summary *s)
{
	html_section_begin(h, &sections[PART_SUMMARY]);
	html_tiles_begin(h);
	for (unsigned severity = SEVERITIES; severity-- > 0;) {
		const char *name = severity_name((enum severity)severity);

		add_tile(h, name, s->findings[severity], s->findings[severity] ? name : NULL);
	}
	add_tile(h, s->are_objects ? "objects read" : "files read", s->files, NULL);
	add_tile(h, "not read, though they should have been", summary_unread(s, true),
		 summary_unread(s, true) ? "high" : "ok");
	html_tiles_end(h);
	if (s->failed)
		html_paragraph(h, VIEW("The scan broke off: there may be more than is listed here."));
	else if (s->incomplete)
		html_paragraph(
			h, VIEW("Something that should have been read was not: there may be more than is listed here. "
				"What it was stands below."));
	else
		html_paragraph(h, VIEW("All that should have been read was read."));
	html_section_end(h);
}

static void add_findings(struct html *h, struct state *state)
{
	struct html_table table = state->data;
	size_t kept = 0;

	html_section_begin(h, &sections[PART_FINDINGS]);
	for (size_t i = 0; i < SEVERITIES; i++)
		kept += state->kept[i].table.rows;
	if (!kept) {
		html_paragraph(h, VIEW("Nothing was found."));
	} else {
		table.is_data = false;
		html_table_begin(h, &table);
		for (size_t i = SEVERITIES; i-- > 0;) {
			html_written(h, buf_view(&state->kept[i].rows));
			html_markup(h, "\n");
		}
		html_table_end(h, &table);
	}
	html_section_end(h);
}

static void add_rule_rows(struct html *h, const struct state *state, const struct report_context *c)
{
	static const struct html_column heads[] = {
		{ "Rule", HTML_WORD, false },       { "Title", HTML_TEXT, false },
		{ "Severity", HTML_LEVEL, true },   { "Findings", HTML_NUMBER, false },
		{ "What to do", HTML_TEXT, false },
	};
	struct html_table t = { .id = "rule-list",
				.caption = "Rules in use, and what each has found",
				.columns = heads,
				.count = ARRAY_LEN(heads) };

	html_table_begin(h, &t);
	for (size_t i = 0; i < c->rule_count; i++) {
		struct view rest = view_of(c->rules[i]->remediation), line;

		html_row(h, &t);
		html_cell(h, &t, view_of(c->rules[i]->id));
		html_cell(h, &t, view_of(c->rules[i]->title));
		html_cell(h, &t, view_of(severity_name(c->rules[i]->severity)));
		html_cell_number(h, &t, state->counts[i]);
		html_cell(h, &t, text_next_line(&rest, &line) ? line : VIEW_NONE);
	}
	html_table_end(h, &t);
}

/* The rules that found most, each time the next one below the last. */
static size_t order_rules(const struct state *state, size_t count, size_t ret[static CHART_RULES])
{
	size_t n = 0;

	for (; n < CHART_RULES; n++) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < count; i++) {
			bool is_below = n == 0 || state->counts[i] < state->counts[ret[n - 1]] ||
					(state->counts[i] == state->counts[ret[n - 1]] && i > ret[n - 1]);

			if (state->counts[i] && is_below &&
			    (best == SIZE_MAX || state->counts[i] > state->counts[best]))
				best = i;
		}
		if (best == SIZE_MAX)
			break;
		ret[n] = best;
	}
	return n;
}

static void add_rules(struct html *h, const struct state *state, const struct report_context *c)
{
	const struct view series = VIEW("Findings");
	struct view labels[CHART_RULES];
	struct decimal values[CHART_RULES];
	size_t order[CHART_RULES];
	struct html_chart chart = { .id = "by-rule",
				    .title = "Findings by rule",
				    .kind = HTML_RANKS,
				    .label_title = "Rule",
				    .labels = labels,
				    .label_count = order_rules(state, c->rule_count, order),
				    .series = &series,
				    .series_count = 1,
				    .values = values };

	for (size_t i = 0; i < chart.label_count; i++) {
		labels[i] = view_of(c->rules[order[i]]->id);
		values[i] = decimal_of(state->counts[order[i]]);
	}
	html_section_begin(h, &sections[PART_RULES]);
	html_chart(h, &chart);
	add_rule_rows(h, state, c);
	html_section_end(h);
}

static void cell_examples(struct html *h, struct html_table *t, const struct summary *s, enum unread reason)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);
	size_t n = 0;

	for (size_t i = 0; i < s->example_count && n <= EXAMPLES; i++) {
		if (s->examples[i].reason != reason)
			continue;
		if (buf_add_text(&text, n ? ", " : "") ||
		    (n < EXAMPLES ? shown_add(&text, view_of(s->examples[i].path)) : buf_add_text(&text, "...")))
			h->failed = true;
		n++;
	}
	html_cell(h, t, buf_view(&text));
}

static void add_unread(struct html *h, const struct summary *s)
{
	static const struct html_column heads[] = {
		{ "Reason", HTML_TEXT, false },
		{ "Number", HTML_NUMBER, false },
		{ "Should have been read", HTML_TEXT, false },
		{ "Among them", HTML_CODE, false },
	};
	struct html_table t = {
		.id = "unread", .caption = "What was not read", .columns = heads, .count = ARRAY_LEN(heads)
	};

	html_table_begin(h, &t);
	for (unsigned r = 0; r < UNREAD_COUNT; r++) {
		if (!s->unread[r])
			continue;
		html_row(h, &t);
		html_cell(h, &t, view_of(unread_names[r]));
		html_cell_number(h, &t, s->unread[r]);
		html_cell(h, &t, unread_is_incomplete((enum unread)r) ? VIEW("yes") : VIEW("no"));
		cell_examples(h, &t, s, (enum unread)r);
	}
	html_table_end(h, &t);
}

static void add_coverage(struct html *h, const struct report_context *c, const struct summary *s)
{
	DEFER(buf_done) struct buf bytes = BUF_INIT(ERR_TEXT_BYTES), lacks = BUF_INIT(ERR_TEXT_BYTES);

	if (text_add_bytes(&bytes, s->bytes) || shown_add_lacks(&lacks, s))
		h->failed = true;
	html_section_begin(h, &sections[PART_COVERAGE]);
	html_facts_begin(h);
	html_factf(h, s->are_objects ? "Objects" : "Files", "%llu", (unsigned long long)s->files);
	html_fact(h, "Bytes", buf_view(&bytes));
	html_factf(h, "Rules in use", "%zu", s->rules);
	if (lacks.len)
		html_fact(h, "What was merged is not all", buf_view(&lacks));
	if (s->known_packs)
		html_factf(h, "Packs left out", "%llu, which an earlier scan found clean under the same rules",
			   (unsigned long long)s->known_packs);
	html_factf(h, "In the baseline", "%llu", (unsigned long long)s->baseline);
	html_factf(h, "Allowed", "%llu", (unsigned long long)s->allowed);
	html_factf(h, "Below the confidence asked for", "%llu", (unsigned long long)s->below_confidence);
	html_factf(h, "May stay unread", "%llu, as the configuration says", (unsigned long long)s->accepted);
	html_factf(h, "Duration", "%lld s", (long long)(c->ended_s - c->started_s));
	html_fact(h, "Instruction set", view_of(s->instructions));
	html_facts_end(h);
	if (summary_unread(s, true) + summary_unread(s, false))
		add_unread(h, s);
	else
		html_paragraph(h, VIEW("Nothing was left unread."));
	html_section_end(h);
}

static int close_page(void *context, const struct report_context *c, const struct summary *s, struct buf *out)
{
	struct state *state = context;
	struct html h;

	html_init(&h, out);
	html_data_end(&h, &state->data);
	html_page_begin(&h, &state->page);
	add_summary(&h, s);
	add_findings(&h, state);
	add_rules(&h, state, c);
	add_coverage(&h, c, s);
	html_page_end(&h);
	return html_ok(&h) ? 0 : -1;
}

const struct report_format report_html = {
	.name = "html", .open = open_page, .take = take, .close = close_page, .drop = drop
};
