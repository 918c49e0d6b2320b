/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a report that tells of keys: the inventory with ages, and what breaks the policy. */
#include <stdlib.h>

#include "admin/report.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/html/chart.h"
#include "common/html/table.h"

enum part { PART_KEYS, PART_VIOLATIONS, PART_INVENTORY };
const struct html_section report_keys_sections[] = {
	{ "keys", "Keys" },
	{ "violations", "What breaks the policy" },
	{ "inventory", "Key inventory" },
};
const size_t report_keys_count = ARRAY_LEN(report_keys_sections);

struct keys {
	struct html *h;
	const struct report *r;
	struct keyaudit *audit;
	const char **used; /* ids, sorted as the organisation's keys are */
	size_t used_count;
	size_t active, wrong;              /* keys */
	size_t codes[KEYAUDIT_VIOLATIONS]; /* keys that have each */
};

static void keys_done(struct keys *k)
{
	keyaudit_freep(&k->audit);
	freep(&k->used);
}

/* The keys of the organisation that were used since the policy wants to know; NULL when nobody asked. */
static int find_used(struct keys *k, struct err *err)
{
	const struct report *r = k->r;

	if (r->used_from_s == INT64_MAX || !r->has_usage)
		return 0;
	k->used = calloc(r->org->key_count + 1, sizeof(*k->used));
	if (!k->used)
		return err_nomem(err);
	for (size_t i = 0; i < r->org->key_count; i++) {
		const struct sums_line *line = sums_find(&r->sums, SUMS_KEY, view_of(r->org->keys[i].id));

		if (line && line->last_day != INT64_MIN && (line->last_day + 1) * 86400 > r->used_from_s)
			k->used[k->used_count++] = r->org->keys[i].id;
	}
	return 0;
}

static void count_keys(struct keys *k)
{
	const struct organization *org = k->r->org;

	for (size_t i = 0; i < org->key_count; i++) {
		uint32_t found = keyaudit_check(k->audit, &org->keys[i]);

		k->active += keyaudit_judges(&org->keys[i], k->r->now_s);
		k->wrong += found != 0;
		for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
			k->codes[v] += found >> v & 1;
	}
}

/* How many keys that work are how old. */
static void add_ages(const struct keys *k)
{
	static const uint64_t limits[] = { 30, 60, 90, 180, 365, UINT64_MAX };
	const struct view labels[] = { VIEW("to 30 d"),  VIEW("to 60 d"),  VIEW("to 90 d"),
				       VIEW("to 180 d"), VIEW("to 365 d"), VIEW("older") };
	const struct view series = VIEW("Keys");
	struct decimal values[ARRAY_LEN(limits)] = { { .units = 0 } };
	const struct html_chart chart = { .id = "ages",
					  .title = "Active keys by age",
					  .kind = HTML_BARS,
					  .label_title = "Age in days",
					  .labels = labels,
					  .label_count = ARRAY_LEN(labels),
					  .series = &series,
					  .series_count = 1,
					  .values = values };
	const struct organization *org = k->r->org;

	for (size_t i = 0; i < org->key_count; i++) {
		size_t at = 0;

		if (!keyaudit_judges(&org->keys[i], k->r->now_s))
			continue;
		while (keyaudit_age_days(&org->keys[i], k->r->now_s) > limits[at])
			at++;
		values[at].units++;
	}
	html_chart(k->h, &chart);
}

static void add_codes(const struct keys *k)
{
	const struct view series = VIEW("Keys");
	struct view labels[KEYAUDIT_VIOLATIONS];
	struct decimal values[KEYAUDIT_VIOLATIONS];
	struct html_chart chart = { .id = "codes",
				    .title = "Violations by code",
				    .kind = HTML_RANKS,
				    .label_title = "Code",
				    .labels = labels,
				    .series = &series,
				    .series_count = 1,
				    .values = values };

	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++) {
		if (!k->codes[v])
			continue;
		labels[chart.label_count] = view_of(keyaudit_code(v));
		values[chart.label_count++] = decimal_of(k->codes[v]);
	}
	html_chart(k->h, &chart);
}

static void add_summary(const struct keys *k)
{
	html_section_begin(k->h, &report_keys_sections[PART_KEYS]);
	html_tiles_begin(k->h);
	report_tile(k->h, "keys, with those that work no more", k->r->org->key_count, NULL);
	report_tile(k->h, "active", k->active, NULL);
	report_tile(k->h, "break the policy", k->wrong, k->wrong ? "high" : "ok");
	report_tile(k->h, "too old", k->codes[KEYAUDIT_AGE], k->codes[KEYAUDIT_AGE] ? "high" : "ok");
	if (k->used)
		report_tile(k->h, "unused", k->codes[KEYAUDIT_UNUSED], k->codes[KEYAUDIT_UNUSED] ? "medium" : "ok");
	report_tile(k->h, "whose owner has left", k->codes[KEYAUDIT_CREATOR_GONE],
		    k->codes[KEYAUDIT_CREATOR_GONE] ? "high" : "ok");
	html_tiles_end(k->h);
	add_ages(k);
	html_section_end(k->h);
}

static void violation_row(const struct keys *k, struct html_table *t, const struct org_key *key, unsigned violation)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HTML_TEXT_BYTES);

	if (keyaudit_add_text(k->audit, key, violation, &text))
		k->h->failed = true;
	html_row(k->h, t);
	html_cell(k->h, t, view_of(key->name));
	html_cell(k->h, t, view_of(keyaudit_code(violation)));
	html_cell(k->h, t, buf_view(&text));
}

static void add_violations(const struct keys *k)
{
	static const struct html_column columns[] = {
		{ "Key", HTML_TEXT, false },
		{ "Code", HTML_TAGS, true },
		{ "What is wrong, and what would be right", HTML_TEXT, false },
	};
	struct html_table t = {
		.id = "violation-list", .caption = "Violations", .columns = columns, .count = ARRAY_LEN(columns)
	};
	const struct organization *org = k->r->org;

	html_section_begin(k->h, &report_keys_sections[PART_VIOLATIONS]);
	if (!k->wrong) {
		html_paragraph(k->h, VIEW("No active key breaks the policy."));
		html_section_end(k->h);
		return;
	}
	add_codes(k);
	html_table_begin(k->h, &t);
	for (size_t i = 0; i < org->key_count; i++) {
		uint32_t found = keyaudit_check(k->audit, &org->keys[i]);

		for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
			if (found >> v & 1)
				violation_row(k, &t, &org->keys[i], v);
	}
	html_table_end(k->h, &t);
	html_section_end(k->h);
}

static const struct html_column inventory_columns[] = {
	{ "Name", HTML_TEXT, false },     { "Violations", HTML_TAGS, false }, { "Status", HTML_TEXT, true },
	{ "Workspace", HTML_TEXT, true }, { "Team", HTML_TEXT, true },        { "Age in days", HTML_NUMBER, false },
	{ "Created", HTML_DATE, false },  { "Expires", HTML_DATE, false },    { "Last used", HTML_DATE, false },
	{ "Owner", HTML_TEXT, true },     { "Hint", HTML_WORD, false },       { "Id", HTML_WORD, false },
};

static void cell_codes(const struct keys *k, struct html_table *t, uint32_t found)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
		if (found >> v & 1 &&
		    (buf_add_text(&text, text.len ? " " : "") || buf_add_text(&text, keyaudit_code(v))))
			k->h->failed = true;
	html_cell(k->h, t, buf_view(&text));
}

static void cell_date(const struct keys *k, struct html_table *t, int64_t unix_s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (report_add_date(&text, unix_s))
		k->h->failed = true;
	html_cell(k->h, t, buf_view(&text));
}

static struct view workspace_of(const struct organization *org, const struct org_key *key)
{
	return key->place == ORG_KEY_PLACE_UNKNOWN ? VIEW(ORG_KEY_PLACE_UNSURE) : organization_key_workspace(org, key);
}

static struct view owner_of(const struct organization *org, const struct org_key *key)
{
	const struct org_owner owner = organization_owner(key);
	const struct org_user *user = organization_user(org, view_of(owner.id));

	return view_of(user ? user->email : owner.id);
}

static void inventory_row(const struct keys *k, struct html_table *t, const struct org_key *key)
{
	const struct sums_line *line = sums_find(&k->r->sums, SUMS_KEY, view_of(key->id));
	struct keyname_parts parts = { .team = VIEW_NONE };

	(void)keyname_parts(&k->r->policy->names, view_of(key->name), &parts);
	html_row(k->h, t);
	html_cell(k->h, t, view_of(key->name));
	cell_codes(k, t, keyaudit_check(k->audit, key));
	html_cell(k->h, t, view_of(key->status));
	html_cell(k->h, t, workspace_of(k->r->org, key));
	html_cell(k->h, t, parts.team);
	html_cell_number(k->h, t, keyaudit_age_days(key, k->r->now_s));
	cell_date(k, t, key->created_at_s);
	cell_date(k, t, key->expires_at_s);
	cell_date(k, t, line && line->last_day != INT64_MIN ? line->last_day * 86400 : 0);
	html_cell(k->h, t, owner_of(k->r->org, key));
	html_cell(k->h, t, view_of(key->hint));
	html_cell(k->h, t, view_of(key->id));
}

static void add_inventory(const struct keys *k)
{
	struct html_table t = { .id = "key-list",
				.caption = "All keys",
				.columns = inventory_columns,
				.count = ARRAY_LEN(inventory_columns) };

	html_section_begin(k->h, &report_keys_sections[PART_INVENTORY]);
	html_table_begin(k->h, &t);
	for (size_t i = 0; i < k->r->org->key_count; i++)
		inventory_row(k, &t, &k->r->org->keys[i]);
	html_table_end(k->h, &t);
	html_section_end(k->h);
}

int report_keys_write(struct html *h, const struct report *r, struct err *err)
{
	DEFER(keys_done) struct keys k = { .h = h, .r = r };
	struct keyaudit_input input = { .policy = r->policy, .org = r->org, .now_s = r->now_s };

	if (find_used(&k, err))
		return -1;
	input.used = k.used;
	input.used_count = k.used_count;
	k.audit = keyaudit_new(&input, err);
	if (!k.audit)
		return -1;
	count_keys(&k);
	add_summary(&k);
	add_violations(&k);
	add_inventory(&k);
	return 0;
}
