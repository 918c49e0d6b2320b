/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/call.h"

#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/must.h"
#include "tests/mock/when.h"

#define MESSAGE_BYTES (64u << 10)

/* The provider's error body (api errors of the Messages and Admin API). */
static void write_error(struct call *c, unsigned status, const char *type, struct view message)
{
	struct jsonw w;

	buf_clear(&c->rp->body);
	c->rp->shared = VIEW_NONE;
	c->rp->status = status;
	jsonw_init(&w, &c->rp->body, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "type", "error");
	jsonw_key(&w, "error");
	jsonw_object(&w);
	jsonw_member_text(&w, "type", type);
	jsonw_member(&w, "message", message);
	jsonw_end(&w);
	jsonw_member_text(&w, "request_id", c->request_id.text);
	jsonw_end(&w);
	must(!jsonw_ok(&w));
}

void call_fail(struct call *c, unsigned status, const char *type, const char *fmt, ...)
{
	DEFER(buf_done) struct buf message = BUF_INIT(MESSAGE_BYTES);
	va_list args;

	va_start(args, fmt);
	must(buf_addvf(&message, fmt, args));
	va_end(args);
	write_error(c, status, type, buf_view(&message));
}

void call_refuse(struct call *c, unsigned status, const char *type, const char *fmt, ...)
{
	DEFER(buf_done) struct buf message = BUF_INIT(MESSAGE_BYTES);
	va_list args;

	va_start(args, fmt);
	must(buf_addvf(&message, fmt, args));
	va_end(args);
	write_error(c, status, type, buf_view(&message));
	if (!c->rp->unexpected.len)
		must(buf_add(&c->rp->unexpected, view_sub(buf_view(&message), 0, c->rp->unexpected.max)));
}

void call_not_found(struct call *c, const char *what)
{
	call_fail(c, 404, "not_found_error", "%s not found.", what);
}

uint64_t call_count(const struct call *c, const char *name, uint64_t standard)
{
	struct view value = http_arg(c->rq, name);
	uint64_t n;

	return value.ptr && text_u64(value, UINT64_MAX, &n) == 0 ? n : standard;
}

bool call_arg_is(const struct call *c, const char *name, const char *value)
{
	return text_eq(http_arg(c->rq, name), view_of(value));
}

bool call_selects(const struct call *c, const char *name, const char *value)
{
	bool was_given = false;

	for (size_t i = 0; i < c->rq->arg_count; i++) {
		if (!text_eq(c->rq->args[i].name, view_of(name)))
			continue;
		was_given = true;
		if (value && text_eq(c->rq->args[i].value, view_of(value)))
			return true;
	}
	return !was_given;
}

int64_t call_time(const struct call *c, const char *name, int64_t standard)
{
	int64_t us;

	return when_parse(http_arg(c->rq, name), &us) ? standard : us;
}

struct view call_member(const struct call *c, const char *name)
{
	struct view object, value;

	if (json_whole(buf_view(&c->rq->body), &object, NULL))
		return VIEW_NONE;
	value = json_member(object, name);
	return value.ptr && json_type_of(value) != JSON_NULL ? value : VIEW_NONE;
}

char *call_text(const struct call *c, const char *name)
{
	struct view value = call_member(c, name);
	struct buf text = BUF_INIT(HTTP_REQUEST_BYTES);

	if (!value.ptr || json_type_of(value) != JSON_STRING)
		return NULL;
	must(json_add_string(&text, value));
	return text.len ? must_have(buf_detach(&text)) : must_have(strdup(""));
}

void call_null(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_raw(w, VIEW("null"));
}

void call_or_null(struct jsonw *w, const char *key, const char *text)
{
	if (text)
		jsonw_member_text(w, key, text);
	else
		call_null(w, key);
}

void call_when(struct jsonw *w, const char *key, int64_t us)
{
	DEFER(buf_done) struct buf text = BUF_INIT(64);

	if (!us) {
		call_null(w, key);
		return;
	}
	when_add(&text, us, us % WHEN_SECOND ? 6 : 0, false);
	jsonw_member(w, key, buf_view(&text));
}

static bool shows(const struct list *list, size_t index)
{
	return !list->shows || list->shows(list->call, index);
}

/* The index of the row with this id, or count. */
static size_t find(const struct list *list, struct view id)
{
	for (size_t i = 0; i < list->count; i++) {
		struct ident other = list->id(list->call, i);

		if (text_eq(view_of(other.text), id))
			return i;
	}
	return list->count;
}

/* The first index of the page that ends before the row `before`, and whether more is further that way. */
static size_t page_before(const struct list *list, size_t before, uint64_t limit, bool *has_more)
{
	size_t first = before;
	uint64_t taken = 0;

	for (size_t i = before; i-- > 0;) {
		if (!shows(list, i))
			continue;
		if (taken == limit) {
			*has_more = true;
			break;
		}
		taken++;
		first = i;
	}
	return first;
}

static void close_ids(struct call *c, bool has_more, const struct ident *first, const struct ident *last)
{
	jsonw_end(&c->w);
	jsonw_key(&c->w, "has_more");
	jsonw_bool(&c->w, has_more);
	call_or_null(&c->w, "first_id", first->text[0] ? first->text : NULL);
	call_or_null(&c->w, "last_id", last->text[0] ? last->text : NULL);
	jsonw_end(&c->w);
}

/* A fault may have rows of the page before come again. */
static size_t step_back(const struct call *c, const struct list *list, size_t index)
{
	for (uint64_t left = c->fault ? c->fault->duplicate : 0; left && index; index--)
		left -= shows(list, index - 1);
	return index;
}

void call_list_ids(struct call *c, const struct list *list)
{
	struct view after = http_arg(c->rq, "after_id"), before = http_arg(c->rq, "before_id");
	uint64_t limit = call_count(c, "limit", 20), taken = 0;
	struct ident first = { "" }, last = { "" };
	size_t from = 0, to = list->count;
	bool has_more = false;

	if (after.ptr && before.ptr) {
		call_refuse(c, 400, "invalid_request_error", "Only one of `after_id` and `before_id` may be given.");
		return;
	}
	if ((after.ptr && (from = find(list, after)) == list->count) ||
	    (before.ptr && (to = find(list, before)) == list->count)) {
		call_fail(c, 400, "invalid_request_error", "Invalid `%s`. Nothing has that id.",
			  after.ptr ? "after_id" : "before_id");
		return;
	}
	if (after.ptr)
		from = step_back(c, list, from + 1);
	if (before.ptr)
		from = page_before(list, to, limit, &has_more);
	jsonw_object(&c->w);
	jsonw_key(&c->w, "data");
	jsonw_array(&c->w);
	for (size_t i = from; i < to; i++) {
		if (!shows(list, i))
			continue;
		if (taken++ == limit) {
			has_more = true;
			break;
		}
		last = list->id(c, i);
		if (taken == 1)
			first = last;
		list->render(c, i);
	}
	close_ids(c, has_more, &first, &last);
}
