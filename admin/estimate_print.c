/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate_print.h"

#include <stdlib.h>
#include <string.h>

#include "admin/tally_print.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"

#define ROW_BYTES (64u << 10)

static const char *const token_columns[PRICE_KINDS] = { "input_tokens", "cache_write_5m_tokens",
							"cache_write_1h_tokens", "cache_read_tokens", "output_tokens" };

static bool is_text(enum estimate_part part)
{
	return part < (enum estimate_part)USAGE_TEXTS;
}

static struct view text_of(const struct estimate_tally *tally, const struct estimate_group *group,
			   enum estimate_part part)
{
	return estimate_tally_name(tally, (uint32_t)group->key[part]);
}

static int compare_parts(const struct estimate_print *print, const struct estimate_group *a,
			 const struct estimate_group *b)
{
	int order = 0;

	for (size_t i = 0; i < print->part_count && !order; i++) {
		enum estimate_part part = print->parts[i];

		order = is_text(part) ? text_cmp(text_of(print->tally, a, part), text_of(print->tally, b, part))
				      : (a->key[part] > b->key[part]) - (a->key[part] < b->key[part]);
	}
	return order;
}

static bool is_unpriced(const struct estimate_group *group)
{
	return group->sums.unpriced == group->sums.records;
}

static int compare(const void *left, const void *right, void *context)
{
	const struct estimate_group *const *a = left, *const *b = right;
	const struct estimate_print *print = context;
	bool has_time = print->tally->query->parts & (1u << ESTIMATE_DAY | 1u << ESTIMATE_MONTH);

	if (!has_time) {
		if (is_unpriced(*a) != is_unpriced(*b))
			return is_unpriced(*a) ? 1 : -1;
		if ((*a)->sums.units != (*b)->sums.units)
			return (*a)->sums.units > (*b)->sums.units ? -1 : 1;
	}
	return compare_parts(print, *a, *b);
}

static int add_part(struct jsonw *w, const struct estimate_print *print, const struct estimate_group *group,
		    enum estimate_part part)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROW_BYTES);
	int year, month, day;

	if (is_text(part)) {
		/* What names a key may be one. */
		if (secret_add_masked_text(&text, text_of(print->tally, group, part), VIEW_NONE))
			return -1;
	} else if (part == ESTIMATE_DAY) {
		clock_date(group->key[part], &year, &month, &day);
		if (buf_addf(&text, "%04d-%02d-%02d", year, month, day))
			return -1;
	} else if (buf_addf(&text, "%04d-%02d", group->key[part] / 12, group->key[part] % 12 + 1)) {
		return -1;
	}
	jsonw_member(w, estimate_part_names[part], buf_view(&text));
	return 0;
}

static void add_amount(const struct session *s, struct jsonw *w, const struct estimate_sums *sums)
{
	struct decimal amount = { .units = sums->units, .scale = PRICE_SCALE };

	if (!sums->records || sums->unpriced != sums->records) {
		tally_write_money(s, w, "amount_usd", amount);
	} else if (s->o->format == OUTPUT_TABLE) {
		jsonw_member_text(w, "amount_usd", "unknown");
	} else {
		jsonw_key(w, "amount_usd");
		jsonw_raw(w, VIEW("null"));
	}
}

static void add_sums(const struct session *s, struct jsonw *w, const struct estimate_sums *sums)
{
	tally_write_count(s, w, "records", sums->records);
	for (unsigned i = 0; i < PRICE_KINDS; i++)
		tally_write_number(s, w, token_columns[i], (struct decimal){ .units = sums->tokens[i] });
	tally_write_count(s, w, "unpriced_records", sums->unpriced);
	add_amount(s, w, sums);
}

/* A group's row; without one, that of the total. */
static int print_row(const struct session *s, const struct estimate_print *print, const struct estimate_group *group,
		     const struct estimate_sums *sums, struct output *out, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROW_BYTES);
	struct jsonw w;
	struct view row;

	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	for (size_t i = 0; group && i < print->part_count; i++)
		if (add_part(&w, print, group, print->parts[i]))
			return err_nomem(err);
	if (!group)
		jsonw_member_text(&w, estimate_part_names[print->parts[0]], "total");
	add_sums(s, &w, sums);
	jsonw_end(&w);
	if (!jsonw_ok(&w))
		return err_nomem(err);
	return json_whole(buf_view(&text), &row, err) ? -1 : output_row(out, row, err);
}

static int print_rows(const struct session *s, const struct estimate_print *print,
		      const struct estimate_group *const *rows, struct output *out, struct err *err)
{
	struct estimate_sums total = { 0 };

	for (size_t i = 0; i < print->tally->count; i++) {
		estimate_sums_add(&total, &rows[i]->sums);
		if (print_row(s, print, rows[i], &rows[i]->sums, out, err))
			return -1;
	}
	if (out->format == OUTPUT_TABLE && print->tally->count > 1 && print_row(s, print, NULL, &total, out, err))
		return -1;
	return output_end(out, err);
}

int estimate_print(const struct session *s, const struct estimate_print *print, struct err *err)
{
	struct column columns[COLUMNS_MAX];
	struct shape shape = { .columns = columns };
	DEFER(freep) const struct estimate_group **rows = calloc(print->tally->count + 1, sizeof(*rows));
	struct output out;
	int ret;

	if (!rows)
		return err_nomem(err);
	for (size_t i = 0; i < print->tally->count; i++)
		rows[i] = &print->tally->groups[i];
	qsort_r(rows, print->tally->count, sizeof(*rows), compare, (void *)(uintptr_t)print);
	for (size_t i = 0; i < print->part_count; i++)
		columns[shape.count++] =
			(struct column){ estimate_part_names[print->parts[i]], estimate_part_names[print->parts[i]] };
	columns[shape.count++] = (struct column){ "records", "records" };
	for (unsigned i = 0; i < PRICE_KINDS; i++)
		columns[shape.count++] = (struct column){ token_columns[i], token_columns[i] };
	columns[shape.count++] = (struct column){ "unpriced_records", "unpriced_records" };
	columns[shape.count++] = (struct column){ "amount_usd", "amount_usd" };
	session_output(s, &out, &shape);
	ret = print_rows(s, print, rows, &out, err);
	output_done(&out);
	return ret;
}

struct unpriced {
	struct view name;
	uint64_t records;
};

static int more_first(const void *left, const void *right)
{
	const struct unpriced *a = left, *b = right;

	if (a->records != b->records)
		return a->records > b->records ? -1 : 1;
	return text_cmp(a->name, b->name);
}

static int add_models(struct buf *text, const struct unpriced *models, size_t count)
{
	for (size_t i = 0; i < count && i < USAGE_UNKNOWN_SHOWN; i++)
		if (buf_add_text(text, i ? ", " : "") || text_add_clean(text, models[i].name) ||
		    buf_addf(text, " (%llu)", (unsigned long long)models[i].records))
			return -1;
	return count > USAGE_UNKNOWN_SHOWN ? buf_addf(text, " and %zu more", count - USAGE_UNKNOWN_SHOWN) : 0;
}

void estimate_tell_unpriced(const struct estimate_tally *tally)
{
	DEFER(freep) struct unpriced *models = calloc(tally->names.count + 1, sizeof(*models));
	DEFER(buf_done) struct buf text = BUF_INIT(LOG_LINE_BYTES);
	uint64_t records = 0;
	size_t count = 0;

	for (uint32_t i = 1; models && i <= tally->names.count; i++) {
		uint64_t unpriced = estimate_tally_unpriced(tally, i);

		if (unpriced)
			models[count++] = (struct unpriced){ estimate_tally_name(tally, i), unpriced };
		records += unpriced;
	}
	if (!count)
		return;
	qsort(models, count, sizeof(*models), more_first);
	(void)add_models(&text, models, count); /* as many as there is room for */
	log_warn("%llu record%s no price and %s in no amount; %s: %s", (unsigned long long)records,
		 records == 1 ? " has" : "s have", records == 1 ? "is" : "are",
		 count == 1 ? "the model" : "their models", text.ptr ? text.ptr : "");
}
