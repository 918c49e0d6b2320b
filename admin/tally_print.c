/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/tally_print.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define NUMBER_BYTES 128

/* What a facet is called in a row: the id, or what it is; and its name beside it. */
static const struct {
	const char *key, *name;
} members[FACETS] = {
	[FACET_TIME] = { "starting_at", NULL },
	[FACET_MONTH] = { "month", NULL },
	[FACET_DAY] = { "day", NULL },
	[FACET_WORKSPACE] = { "workspace_id", "workspace" },
	[FACET_DEPARTMENT] = { "department", NULL },
	[FACET_TEAM] = { "team", NULL },
	[FACET_ENVIRONMENT] = { "environment", NULL },
	[FACET_PURPOSE] = { "purpose", NULL },
	[FACET_KEY] = { "api_key_id", "key" },
	[FACET_USER] = { "user_id", "user" },
	[FACET_ACCOUNT] = { "account_id", "account" },
	[FACET_SERVICE_ACCOUNT] = { "service_account_id", NULL },
	[FACET_PROJECT] = { "project", NULL },
	[FACET_MODEL] = { "model", NULL },
	[FACET_KIND] = { "kind", NULL },
	[FACET_TIER] = { "service_tier", NULL },
	[FACET_WINDOW] = { "context_window", NULL },
	[FACET_GEO] = { "inference_geo", NULL },
	[FACET_TERMINAL] = { "terminal", NULL },
};

static bool is_table(const struct session *s)
{
	return s->o->format == OUTPUT_TABLE;
}

static void write_null(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_raw(w, VIEW("null"));
}

static void write_text(struct jsonw *w, const char *key, struct view text)
{
	if (text.len)
		jsonw_member(w, key, text);
	else
		write_null(w, key);
}

void tally_write_money(const struct session *s, struct jsonw *w, const char *key, struct decimal amount)
{
	DEFER(buf_done) struct buf text = BUF_INIT(NUMBER_BYTES);

	if (is_table(s) ? decimal_write_money(&text, amount) : decimal_write(&text, amount))
		w->failed = true;
	jsonw_member(w, key, buf_view(&text));
}

void tally_write_number(const struct session *s, struct jsonw *w, const char *key, struct decimal number)
{
	DEFER(buf_done) struct buf text = BUF_INIT(NUMBER_BYTES);

	if (is_table(s) ? decimal_write_count(&text, number) : decimal_write(&text, number))
		w->failed = true;
	if (is_table(s)) {
		jsonw_member(w, key, buf_view(&text));
	} else {
		jsonw_key(w, key);
		jsonw_raw(w, buf_view(&text));
	}
}

void tally_write_count(const struct session *s, struct jsonw *w, const char *key, uint64_t count)
{
	tally_write_number(s, w, key, decimal_of(count));
}

void tally_write_percent(const struct session *s, struct jsonw *w, const char *key, struct decimal part,
			 struct decimal whole)
{
	DEFER(buf_done) struct buf text = BUF_INIT(NUMBER_BYTES);
	struct decimal percent;

	(void)s;
	if (!tally_percent(part, whole, &percent) || decimal_write_fixed(&text, percent, 2))
		write_null(w, key);
	else
		jsonw_member(w, key, buf_view(&text));
}

static struct view name_of(const struct tally_printing *p, enum facet facet, struct view value)
{
	switch (facet) {
	case FACET_WORKSPACE:
		return naming_workspace(p->naming, value);
	case FACET_KEY:
		return text_eq(value, VIEW(FACT_CONSOLE)) ? value : naming_key(p->naming, value);
	default:
		return naming_user(p->naming, value);
	}
}

static bool has_id(const struct tally_printing *p, enum facet facet)
{
	return members[facet].name && !(p->has_names_only && (facet == FACET_KEY || facet == FACET_USER));
}

static void write_dimension(const struct tally_printing *p, struct jsonw *w, enum facet facet, struct view value)
{
	if (!has_id(p, facet)) {
		write_text(w, members[facet].name ? members[facet].name : members[facet].key, value);
		return;
	}
	write_text(w, members[facet].key, facet == FACET_KEY && text_eq(value, VIEW(FACT_CONSOLE)) ? VIEW_NONE : value);
	write_text(w, members[facet].name, name_of(p, facet, value));
}

static int write_row(const struct tally_printing *p, const struct tally_row *row, struct output *out, struct buf *text,
		     struct err *err)
{
	const struct facets *facets = &p->tally->facets;
	struct jsonw w;

	buf_clear(text);
	jsonw_init(&w, text, 0);
	jsonw_object(&w);
	for (size_t i = 0; i < facets->count; i++)
		write_dimension(p, &w, facets->items[i], tally_text(p->tally, row, i));
	p->write(p->context, &w, row, false);
	jsonw_end(&w);
	return jsonw_ok(&w) ? output_row(out, buf_view(text), err) : err_nomem(err);
}

static int write_total(const struct tally_printing *p, struct output *out, struct buf *text, struct err *err)
{
	struct jsonw w;

	buf_clear(text);
	jsonw_init(&w, text, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, out->shape.columns[0].key, "total");
	p->write(p->context, &w, &p->tally->total, true);
	jsonw_end(&w);
	return jsonw_ok(&w) ? output_row(out, buf_view(text), err) : err_nomem(err);
}

static size_t set_columns(const struct tally_printing *p, struct column columns[static COLUMNS_MAX])
{
	const struct facets *facets = &p->tally->facets;
	size_t count = 0;

	for (size_t i = 0; i < facets->count; i++) {
		enum facet facet = facets->items[i];

		if (!members[facet].name || has_id(p, facet))
			columns[count++] = (struct column){ members[facet].key, members[facet].key };
		if (members[facet].name)
			columns[count++] = (struct column){ members[facet].name, members[facet].name };
	}
	for (size_t i = 0; i < p->column_count; i++)
		columns[count++] = p->columns[i];
	return count;
}

_Static_assert(2 * FACETS_MAX + TALLY_COUNTS <= COLUMNS_MAX, "all groups and what is told of them have columns");

static int print_rows(const struct tally_printing *p, const struct tally_row *const *rows, struct output *out,
		      struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	for (size_t i = 0; i < p->tally->count; i++)
		if (write_row(p, rows[i], out, &text, err))
			return -1;
	if (is_table(p->s) && p->tally->facets.count && p->tally->count > 1 && write_total(p, out, &text, err))
		return -1;
	return output_end(out, err);
}

int tally_print(const struct tally_printing *p, struct err *err)
{
	struct column columns[COLUMNS_MAX];
	const struct shape shape = { .columns = columns, .count = set_columns(p, columns) };
	const struct tally_row **rows = NULL;
	struct output out;
	int ret;

	if (tally_sorted(p->tally, &rows, err))
		return -1;
	session_output(p->s, &out, &shape);
	ret = print_rows(p, rows, &out, err);
	output_done(&out);
	free((void *)rows);
	return ret;
}
