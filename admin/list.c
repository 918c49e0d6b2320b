/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/list.h"

#include "common/api/page.h"

#define LIST_SMALL_ROWS 1000

/* A list that is cut short need not come in larger pages than that. */
static uint64_t page_size(const struct session *s, const struct listing *l)
{
	if (s->o->page_size)
		return s->o->page_size;
	return s->o->limit < LIST_SMALL_ROWS && !l->keep ? s->o->limit : 0;
}

static int print_rows(const struct session *s, const struct listing *l, struct page_walk *walk, struct output *out,
		      struct err *err)
{
	uint64_t pages = 0;
	struct view row;
	int status = 0, kept;

	while (out->rows < s->o->limit && (status = page_row(walk, &row, err)) == 1) {
		if (pages != walk->pages && output_flush(out, err))
			return -1;
		pages = walk->pages;
		kept = l->keep ? l->keep(l->context, row, err) : 1;
		if (kept < 0 || (kept && output_row(out, row, err)))
			return -1;
	}
	return status < 0 ? -1 : output_end(out, err);
}

int list_print(struct session *s, const struct listing *l, struct err *err)
{
	struct shape shape = { .columns = l->columns, .count = l->column_count };
	struct page_walk walk;
	struct output out;
	int ret;

	shape.route = session_route(s, l->operation, err);
	if (!shape.route)
		return -1;
	session_output(s, &out, &shape);
	page_start(&walk, s->api, l->operation, l->arguments->items, l->arguments->count, page_size(s, l));
	ret = print_rows(s, l, &walk, &out, err);
	page_done(&walk);
	output_done(&out);
	return ret;
}
