/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a report that tells who may do what: admins, people, who is in which workspace, open invitations. */
#include <stdlib.h>
#include <string.h>

#include "admin/report.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/table.h"
#include "common/policy/accessaudit.h"

#define MATRIX_CELLS 20000 /* people times workspaces; beyond, each person's workspaces are a list */

enum part { PART_ACCESS, PART_FINDINGS, PART_ADMINS, PART_MATRIX, PART_INVITES };
const struct html_section report_access_sections[] = {
	{ "access", "Access" },
	{ "access-findings", "What to look at" },
	{ "admins", "Admins" },
	{ "matrix", "People and workspaces" },
	{ "invites", "Open invitations" },
};
const size_t report_access_count = ARRAY_LEN(report_access_sections);

struct access {
	struct html *h;
	const struct report *r;
	struct access_review review;
	size_t *own; /* memberships by person: numbers of org->members, sorted by user, then workspace */
};

static void access_free(struct access *a)
{
	access_done(&a->review);
	free(a->own);
}

static int compare_members(const void *a, const void *b, void *context)
{
	const struct organization *org = context;
	const struct org_member *left = &org->members[*(const size_t *)a], *right = &org->members[*(const size_t *)b];
	int order = strcmp(left->user_id, right->user_id);

	return order ? order : strcmp(left->workspace_id, right->workspace_id);
}

static int sort_members(struct access *a)
{
	struct organization org = *a->r->org;

	a->own = calloc(org.member_count + 1, sizeof(*a->own));
	if (!a->own)
		return -1;
	for (size_t i = 0; i < org.member_count; i++)
		a->own[i] = i;
	if (org.member_count)
		qsort_r(a->own, org.member_count, sizeof(*a->own), compare_members, &org);
	return 0;
}

static void cell_date(const struct access *a, struct html_table *t, int64_t unix_s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (report_add_date(&text, unix_s))
		a->h->failed = true;
	html_cell(a->h, t, buf_view(&text));
}

static void add_summary(const struct access *a)
{
	const struct access_counts *c = &a->review.counts;
	uint64_t most = a->r->policy->access.max_admins;

	html_section_begin(a->h, &report_access_sections[PART_ACCESS]);
	html_tiles_begin(a->h);
	report_tile(a->h, "people", c->people, NULL);
	report_tile(a->h, "admins of the organisation", c->admins, most && c->admins > most ? "high" : NULL);
	report_tile(a->h, "workspaces", c->workspaces, NULL);
	report_tile(a->h, "memberships", c->members, NULL);
	report_tile(a->h, "service accounts with active keys", c->service_accounts, NULL);
	report_tile(a->h, "open invitations", c->open_invites, NULL);
	report_tile(a->h, "break the policy", c->violations, c->violations ? "high" : "ok");
	report_tile(a->h, "to be looked at", c->notes, c->notes ? "medium" : "ok");
	html_tiles_end(a->h);
	html_section_end(a->h);
}

/* Who: a person's address, else a name, else an id. */
static struct view who(const struct access_facts *f)
{
	if (f->email.len)
		return f->email;
	return f->name.len ? f->name : f->id;
}

static void finding_row(const struct access *a, struct html_table *t, const struct access_row *row, unsigned code)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HTML_TEXT_BYTES);
	struct access_facts facts;

	access_facts(&a->review, row, &facts);
	if (access_add_text(&a->review, row, (enum access_code)code, &text))
		a->h->failed = true;
	html_row(a->h, t);
	html_cell(a->h, t, view_of(code < ACCESS_NOTES ? "high" : "low"));
	html_cell(a->h, t, view_of(access_codes[code]));
	html_cell(a->h, t, view_of(access_subject_names[row->subject]));
	html_cell(a->h, t, who(&facts));
	html_cell(a->h, t, facts.workspace);
	html_cell(a->h, t, buf_view(&text));
}

static void add_findings(const struct access *a)
{
	static const struct html_column columns[] = {
		{ "Level", HTML_LEVEL, true }, { "Code", HTML_TAGS, true },      { "What", HTML_TEXT, true },
		{ "Who", HTML_TEXT, true },    { "Workspace", HTML_TEXT, true }, { "In words", HTML_TEXT, false },
	};
	struct html_table t = { .id = "access-finding-list",
				.caption = "What breaks the policy, and what to look at",
				.columns = columns,
				.count = ARRAY_LEN(columns) };

	html_section_begin(a->h, &report_access_sections[PART_FINDINGS]);
	if (!a->review.counts.violations && !a->review.counts.notes) {
		html_paragraph(a->h, VIEW("Nothing breaks the policy."));
		html_section_end(a->h);
		return;
	}
	html_table_begin(a->h, &t);
	for (unsigned code = 0; code < ACCESS_CODES; code++)
		for (size_t i = 0; i < a->review.row_count; i++)
			if (a->review.rows[i].codes >> code & 1)
				finding_row(a, &t, &a->review.rows[i], code);
	html_table_end(a->h, &t);
	html_section_end(a->h);
}

static void admin_row(const struct access *a, struct html_table *t, const struct access_row *row)
{
	DEFER(buf_done) struct buf why = BUF_INIT(HTML_TEXT_BYTES);
	struct access_facts facts;

	access_facts(&a->review, row, &facts);
	if (access_add_why(&a->review, row, &why))
		a->h->failed = true;
	html_row(a->h, t);
	html_cell(a->h, t, who(&facts));
	html_cell(a->h, t, facts.name);
	html_cell(a->h, t, facts.role);
	html_cell(a->h, t, buf_view(&why));
	cell_date(a, t, facts.since_s);
}

static void add_organization_admins(const struct access *a)
{
	static const struct html_column columns[] = {
		{ "Who", HTML_TEXT, false }, { "Name", HTML_TEXT, false },  { "Role", HTML_TEXT, true },
		{ "Why", HTML_TEXT, false }, { "Since", HTML_DATE, false },
	};
	struct html_table t = { .id = "admin-list",
				.caption = "Admins of the organisation, and why",
				.columns = columns,
				.count = ARRAY_LEN(columns) };

	html_table_begin(a->h, &t);
	for (size_t i = 0; i < a->review.row_count; i++)
		if (a->review.rows[i].is_admin && a->review.rows[i].subject == ACCESS_OF_USER)
			admin_row(a, &t, &a->review.rows[i]);
	html_table_end(a->h, &t);
}

/* Those of one workspace, whose rows stand together: by a role of their own there. */
static size_t workspace_admins(const struct access *a, size_t first, struct html_table *t)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HTML_TEXT_BYTES);
	const struct access_row *rows = a->review.rows;
	struct access_facts workspace, facts;
	size_t i = first, own = 0, inherited = 0;

	access_facts(&a->review, &rows[first], &workspace);
	for (; i < a->review.row_count && rows[i].subject == ACCESS_OF_MEMBER; i++) {
		access_facts(&a->review, &rows[i], &facts);
		if (!text_eq(facts.workspace_id, workspace.workspace_id))
			break;
		inherited += rows[i].is_admin && rows[i].is_inherited;
		if (!rows[i].is_admin || rows[i].is_inherited)
			continue;
		if (buf_add_text(&text, own++ ? ", " : "") || buf_add(&text, who(&facts)))
			a->h->failed = true;
	}
	html_row(a->h, t);
	html_cell(a->h, t, workspace.workspace);
	html_cell_number(a->h, t, own);
	html_cell_number(a->h, t, inherited);
	html_cell(a->h, t, buf_view(&text));
	return i;
}

static void add_workspace_admins(const struct access *a)
{
	static const struct html_column columns[] = {
		{ "Workspace", HTML_TEXT, false },
		{ "Admins", HTML_NUMBER, false },
		{ "Admins of the organisation", HTML_NUMBER, false },
		{ "Who is admin here", HTML_TEXT, false },
	};
	struct html_table t = { .id = "workspace-admins",
				.caption = "Admins of workspaces, by a role of their own there",
				.columns = columns,
				.count = ARRAY_LEN(columns) };
	size_t i = 0;

	html_table_begin(a->h, &t);
	while (i < a->review.row_count)
		i = a->review.rows[i].subject == ACCESS_OF_MEMBER ? workspace_admins(a, i, &t) : i + 1;
	html_table_end(a->h, &t);
}

static void add_admins(const struct access *a)
{
	html_section_begin(a->h, &report_access_sections[PART_ADMINS]);
	add_organization_admins(a);
	add_workspace_admins(a);
	html_section_end(a->h);
}

/* "workspace_developer" as one letter: the first of its last word that tells roles apart. */
static struct view letter_of(const char *role)
{
	static const struct {
		const char *role, *letter;
	} letters[] = {
		{ "workspace_admin", "A" }, { "workspace_developer", "D" }, { "workspace_restricted_developer", "R" },
		{ "workspace_user", "U" },  { "workspace_billing", "B" },
	};

	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (strcmp(role, letters[i].role) == 0)
			return view_of(letters[i].letter);
	return view_of(*role ? role : "M");
}

static bool is_open(const struct org_workspace *w)
{
	return w->archived_at_s == 0;
}

static int add_matrix(const struct access *a, size_t open)
{
	const struct organization *org = a->r->org;
	DEFER(freep) struct html_column *columns = calloc(open + 2, sizeof(*columns));
	struct html_table t = { .id = "access-matrix",
				.caption = "Roles of people (lines) in workspaces (columns)",
				.columns = columns,
				.is_matrix = true };

	if (!columns)
		return -1;
	columns[t.count++].title = "Person";
	columns[t.count++].title = "Organisation";
	for (size_t w = 0; w < org->workspace_count; w++)
		if (is_open(&org->workspaces[w]))
			columns[t.count++].title = org->workspaces[w].name;
	html_table_begin(a->h, &t);
	for (size_t u = 0; u < org->user_count; u++) {
		html_row(a->h, &t);
		html_cell(a->h, &t, view_of(org->users[u].email));
		html_cell(a->h, &t, view_of(org->users[u].role));
		for (size_t w = 0; w < org->workspace_count; w++) {
			const struct org_member *m;

			if (!is_open(&org->workspaces[w]))
				continue;
			m = organization_member(org, view_of(org->workspaces[w].id), view_of(org->users[u].id));
			html_cell(a->h, &t, m ? letter_of(m->role) : VIEW_NONE);
		}
	}
	html_table_end(a->h, &t);
	html_paragraph(a->h, VIEW("A: workspace_admin, D: workspace_developer, R: workspace_restricted_developer, "
				  "U: workspace_user, B: workspace_billing, M: a member whose role is not told."));
	return 0;
}

static const struct org_member *own_member(const struct access *a, size_t at)
{
	return &a->r->org->members[a->own[at]];
}

/* Whether one of a person's memberships before the one at has its role. */
static bool is_told(const struct access *a, size_t first, size_t at)
{
	for (size_t i = first; i < at; i++)
		if (strcmp(own_member(a, i)->role, own_member(a, at)->role) == 0)
			return true;
	return false;
}

/* "workspace_admin: ml-prod, ml-dev": all from at on that have the role of the one at. */
static int add_role(struct buf *buf, const struct access *a, size_t at, size_t end)
{
	const char *role = own_member(a, at)->role;
	size_t n = 0;

	if (buf_add_text(buf, *role ? role : "member") || buf_add_text(buf, ": "))
		return -1;
	for (size_t i = at; i < end; i++) {
		const struct org_member *m = own_member(a, i);

		if (strcmp(m->role, role) == 0 &&
		    (buf_add_text(buf, n++ ? ", " : "") ||
		     buf_add(buf, organization_workspace_name(a->r->org, view_of(m->workspace_id)))))
			return -1;
	}
	return 0;
}

/* Roles with their workspaces; one role in all of them in short. */
static int add_memberships(struct buf *buf, const struct access *a, size_t first, size_t count)
{
	const char *only = count ? own_member(a, first)->role : NULL;

	for (size_t i = first + 1; i < first + count && only; i++)
		only = strcmp(own_member(a, i)->role, only) == 0 ? only : NULL;
	if (only && count > 1 && count == a->review.counts.workspaces)
		return buf_addf(buf, "%s: all workspaces", *only ? only : "member");
	for (size_t i = first; i < first + count; i++)
		if (!is_told(a, first, i) &&
		    (buf_add_text(buf, buf->len ? "; " : "") || add_role(buf, a, i, first + count)))
			return -1;
	return 0;
}

static size_t first_of(const struct access *a, const char *user)
{
	const struct organization *org = a->r->org;
	size_t low = 0, high = org->member_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(org->members[a->own[middle]].user_id, user) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void person_row(const struct access *a, struct html_table *t, const struct org_user *user)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HTML_TEXT_BYTES);
	const struct organization *org = a->r->org;
	size_t first = first_of(a, user->id), count = 0;

	while (first + count < org->member_count && strcmp(org->members[a->own[first + count]].user_id, user->id) == 0)
		count++;
	if (add_memberships(&text, a, first, count))
		a->h->failed = true;
	html_row(a->h, t);
	html_cell(a->h, t, view_of(user->email));
	html_cell(a->h, t, view_of(user->name));
	html_cell(a->h, t, view_of(user->role));
	cell_date(a, t, user->added_at_s);
	html_cell_number(a->h, t, count);
	html_cell(a->h, t, buf_view(&text));
}

static void add_people(const struct access *a)
{
	static const struct html_column columns[] = {
		{ "Person", HTML_TEXT, false },       { "Name", HTML_TEXT, false },
		{ "Role", HTML_TEXT, true },          { "Since", HTML_DATE, false },
		{ "Workspaces", HTML_NUMBER, false }, { "Roles in them", HTML_TEXT, false },
	};
	struct html_table t = { .id = "people",
				.caption = "People, their role in the organisation and in workspaces",
				.columns = columns,
				.count = ARRAY_LEN(columns) };

	html_table_begin(a->h, &t);
	for (size_t u = 0; u < a->r->org->user_count; u++)
		person_row(a, &t, &a->r->org->users[u]);
	html_table_end(a->h, &t);
}

static int add_who_is_where(const struct access *a)
{
	const struct organization *org = a->r->org;
	size_t open = 0;
	int ret = 0;

	html_section_begin(a->h, &report_access_sections[PART_MATRIX]);
	for (size_t w = 0; w < org->workspace_count; w++)
		open += is_open(&org->workspaces[w]);
	if (open && org->user_count <= MATRIX_CELLS / open)
		ret = add_matrix(a, open);
	add_people(a);
	html_section_end(a->h);
	return ret;
}

static void invite_row(const struct access *a, struct html_table *t, const struct org_invite *invite)
{
	int64_t open_s = invite->invited_at_s ? a->r->now_s - invite->invited_at_s : 0;

	html_row(a->h, t);
	html_cell(a->h, t, view_of(invite->email));
	html_cell(a->h, t, view_of(invite->role));
	cell_date(a, t, invite->invited_at_s);
	html_cell_number(a->h, t, open_s > 0 ? (uint64_t)open_s / 86400 : 0);
	cell_date(a, t, invite->expires_at_s);
	html_cell(a->h, t, view_of(invite->id));
}

/* As the review counts them: one whose time is over waits for nothing, whatever its status says. */
static bool is_open_invite(const struct access_row *row)
{
	return row->subject == ACCESS_OF_INVITE && !(row->codes >> ACCESS_INVITE_EXPIRED & 1);
}

static void add_invites(const struct access *a)
{
	static const struct html_column columns[] = {
		{ "Address", HTML_TEXT, false }, { "Role", HTML_TEXT, true },
		{ "Invited", HTML_DATE, false }, { "Open for days", HTML_NUMBER, false },
		{ "Expires", HTML_DATE, false }, { "Id", HTML_WORD, false },
	};
	struct html_table t = { .id = "invite-list",
				.caption = "Invitations that wait for an answer",
				.columns = columns,
				.count = ARRAY_LEN(columns) };
	const struct organization *org = a->r->org;

	html_section_begin(a->h, &report_access_sections[PART_INVITES]);
	if (!a->review.counts.open_invites) {
		html_paragraph(a->h, VIEW("No invitation is open."));
		html_section_end(a->h);
		return;
	}
	html_table_begin(a->h, &t);
	for (size_t i = 0; i < a->review.row_count; i++)
		if (is_open_invite(&a->review.rows[i]))
			invite_row(a, &t, &org->invites[a->review.rows[i].index]);
	html_table_end(a->h, &t);
	html_section_end(a->h);
}

int report_access_write(struct html *h, const struct report *r, struct err *err)
{
	DEFER(access_free) struct access a = { .h = h, .r = r };
	const struct access_seen seen = { .members = true, .keys = r->has_keys };

	if (access_make(&a.review, r->org, r->policy, &seen, r->now_s, err))
		return -1;
	if (sort_members(&a))
		return err_nomem(err);
	add_summary(&a);
	add_findings(&a);
	add_admins(&a);
	if (add_who_is_where(&a))
		return err_nomem(err);
	add_invites(&a);
	return 0;
}
