/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"

static const struct rows_form plain_form = { PAGE_ENVELOPE };

static struct view argument_of(const struct page_walk *walk, const char *name)
{
	for (size_t i = 0; i < walk->count; i++)
		if (strcmp(walk->arguments[i].name, name) == 0)
			return walk->arguments[i].value;
	return VIEW_NONE;
}

static const struct api_parameter *limit_of(const struct api_route *route)
{
	for (const struct api_parameter *p = route->parameters; p->name; p++)
		if (strcmp(p->name, "limit") == 0)
			return p;
	return NULL;
}

void page_start(struct page_walk *walk, struct api *api, enum api_operation operation,
		const struct api_argument *arguments, size_t count, uint64_t page_size)
{
	const struct api_parameter *limit;

	*walk = (struct page_walk){
		.api = api,
		.operation = operation,
		.route = api_route(api_profile(api)->dialect, operation, NULL),
		.arguments = arguments,
		.count = count,
		.page_size = page_size,
		.form = &plain_form,
		.cursor = BUF_INIT(API_CURSOR_BYTES),
		.mark = BUF_INIT(API_CURSOR_BYTES),
	};
	walk->backward = argument_of(walk, "before_id").len > 0;
	limit = walk->route ? limit_of(walk->route) : NULL;
	if (!limit || argument_of(walk, "limit").len)
		walk->page_size = 0;
	else if (page_size == 0)
		walk->page_size = api_page_max(limit, argument_of(walk, "bucket_width"));
}

/* The parameter that the cursor goes in; NULL when the list has no pages. */
static const char *cursor_name(const struct page_walk *walk)
{
	if (!walk->route || walk->route->paging == API_NO_PAGES)
		return NULL;
	if (walk->route->paging == API_PAGES_BY_TOKEN)
		return "page";
	return walk->backward ? "before_id" : "after_id";
}

static int read_page(void *context, struct view body, struct err *err)
{
	struct page_walk *walk = context;

	if (rows_read(&walk->rows, walk->form, body, err))
		return err_prefix(err, "page %llu", (unsigned long long)walk->pages + 1);
	return 0;
}

/* What the caller asked for, with our page size and cursor. */
static int ask(struct page_walk *walk, struct err *err)
{
	DEFER(freep) struct api_argument *arguments = calloc(walk->count + 2, sizeof(*arguments));
	const struct api_reading reading = { read_page, walk };
	const char *cursor = cursor_name(walk);
	char size[24];
	size_t count = 0;

	if (!arguments)
		return err_nomem(err);
	for (size_t i = 0; i < walk->count; i++)
		if (!cursor || strcmp(walk->arguments[i].name, cursor) != 0)
			arguments[count++] = walk->arguments[i];
	if (walk->page_size) {
		(void)snprintf(size, sizeof(size), "%llu", (unsigned long long)walk->page_size);
		arguments[count++] = (struct api_argument){ .name = "limit", .value = view_of(size) };
	}
	if (cursor && walk->cursor.len)
		arguments[count++] = (struct api_argument){ .name = cursor, .value = buf_view(&walk->cursor) };
	return api_call_read(walk->api, walk->operation, arguments, count, &reading, &walk->reply, &walk->refusal, err);
}

static int endless(struct err *err)
{
	return err_set(err, ERR_FORMAT, 0,
		       "it says that there is more, and gives no cursor or one that was there before: the list would "
		       "never end");
}

/* Moves to the next page's cursor. Cursors that go in a circle meet the mark, which is set anew after 1, 2, 4, ...
 * pages (Brent's way). */
static int advance(struct page_walk *walk, struct view value, bool has_more, struct err *err)
{
	DEFER(buf_done) struct buf next = BUF_INIT(API_CURSOR_BYTES);

	if (value.len) {
		if (value.len - 2 > API_CURSOR_BYTES)
			return err_set(err, ERR_FORMAT, 0, "a cursor has more than %u bytes", API_CURSOR_BYTES);
		if (json_add_string(&next, value))
			return err_nomem(err);
	}
	if (has_more && (next.len == 0 || text_eq(buf_view(&next), buf_view(&walk->cursor)) ||
			 text_eq(buf_view(&next), buf_view(&walk->mark))))
		return endless(err);
	if (next.len == 0)
		return 0;
	buf_done(&walk->cursor);
	walk->cursor = next;
	next = (struct buf)BUF_INIT(0);
	if (walk->pages & (walk->pages - 1))
		return 0;
	buf_clear(&walk->mark);
	return buf_add(&walk->mark, buf_view(&walk->cursor)) ? err_nomem(err) : 0;
}

/* Whether there is another page, and its cursor. */
static int read_envelope(struct page_walk *walk, struct err *err)
{
	const struct rows *rows = &walk->rows;
	struct view id = walk->backward ? rows->first_id : rows->last_id;
	bool has_more;

	if (!rows->has_rows)
		return err_set(err, ERR_FORMAT, 0, "a list was expected in 'data', and there is none");
	switch (walk->route->paging) {
	case API_NO_PAGES:
		walk->is_last = true;
		return 0;
	case API_PAGES_BY_ID:
		if (rows->more == ROWS_MORE_UNTOLD)
			return err_set(err, ERR_FORMAT, 0, "has_more was expected, to know whether there is more");
		walk->is_last = rows->more == ROWS_MORE_NO;
		return advance(walk, id, !walk->is_last, err);
	case API_PAGES_BY_TOKEN:
		break;
	}
	has_more = rows->more == ROWS_MORE_YES || (rows->next_page.len && rows->more == ROWS_MORE_UNTOLD);
	walk->is_last = !has_more;
	return has_more ? advance(walk, rows->next_page, true, err) : 0;
}

/* Of a list that is cut into full pages, an empty one in its midst is where something got lost; of any list, many in a
 * row are a server that has us ask for ever. */
static int check_gap(struct page_walk *walk, struct err *err)
{
	walk->empty_run = walk->rows.count ? 0 : walk->empty_run + 1;
	if (walk->empty_run > API_EMPTY_PAGES && !walk->is_last)
		return err_set(err, ERR_FORMAT, 0, "%u pages in a row are empty, and each says that there is more",
			       API_EMPTY_PAGES + 1);
	if (!walk->is_gapless || walk->is_last || walk->rows.count)
		return 0;
	return err_set(err, ERR_FORMAT, 0, "it is empty, and says that there is more: the list ended early");
}

static int first_cursor(struct page_walk *walk, struct err *err)
{
	const char *name = cursor_name(walk);

	walk->started = true;
	if (name && buf_add(&walk->cursor, argument_of(walk, name)))
		return err_set(err, ERR_USAGE, 0, "%s: %s has more than %u bytes", api_operation_name(walk->operation),
			       name, API_CURSOR_BYTES);
	return 0;
}

int page_next(struct page_walk *walk, struct err *err)
{
	if (walk->is_last)
		return 0;
	if (!walk->started && first_cursor(walk, err))
		return -1;
	if (ask(walk, err)) {
		rows_done(&walk->rows);
		return -1;
	}
	walk->pages++;
	walk->row = 0;
	if (read_envelope(walk, err) || check_gap(walk, err)) {
		rows_done(&walk->rows);
		return err_prefix(err, "%s: page %llu", api_operation_name(walk->operation),
				  (unsigned long long)walk->pages);
	}
	return 1;
}

int page_row(struct page_walk *walk, struct view *ret, struct err *err)
{
	while (walk->row == walk->rows.count) {
		int status = page_next(walk, err);

		if (status <= 0)
			return status;
	}
	*ret = rows_row(&walk->rows, walk->row++);
	return 1;
}

void page_done(struct page_walk *walk)
{
	api_reply_done(&walk->reply);
	rows_done(&walk->rows);
	buf_done(&walk->cursor);
	buf_done(&walk->mark);
}
