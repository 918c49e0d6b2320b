/* SPDX-License-Identifier: Apache-2.0 */
/* A call's path, query and body from its arguments, as the route's table says. */
#include <string.h>

#include "common/api/dialect_table.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

#define SECONDS_PER_DAY 86400
#define KNOWN_BYTES 400 /* of a list of known values in a message */

struct call {
	enum api_dialect dialect;
	enum api_operation operation;
	const struct api_route *route;
	const struct api_argument *arguments;
	size_t count;
	struct err *err;
};

static int fail(const struct call *call, const struct api_parameter *parameter, const char *what)
{
	return err_set(call->err, ERR_USAGE, 0, "%s: '%s' %s", api_operation_name(call->operation), parameter->name,
		       what);
}

/* The next argument for parameter from *at on; NULL at the end. */
static const struct api_argument *next_argument(const struct call *call, const struct api_parameter *parameter,
						size_t *at)
{
	while (*at < call->count) {
		const struct api_argument *argument = &call->arguments[(*at)++];

		if (strcmp(argument->name, parameter->name) == 0)
			return argument;
	}
	return NULL;
}

static int check_argument(const struct call *call, const struct api_argument *argument)
{
	const char *names[API_PARAMETERS_MAX];
	const char *nearest;
	size_t count = 0;

	if (api_parameter_of(call->route, argument->name))
		return 0;
	for (const struct api_parameter *p = call->route->parameters; p->name && count < ARRAY_LEN(names); p++)
		names[count++] = p->name;
	nearest = text_nearest(view_of(argument->name), names, count);
	return err_set(call->err, ERR_USAGE, 0, "%s has no '%s' in the '%s' dialect of the API%s%s%s",
		       api_operation_name(call->operation), argument->name, api_dialect_names[call->dialect],
		       nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

static int check_count(const struct call *call, const struct api_parameter *parameter)
{
	size_t at = 0, count = 0;

	while (next_argument(call, parameter, &at))
		count++;
	if (count == 0 && parameter->required)
		return fail(call, parameter, "is missing");
	if (count > 1 && parameter->form != API_LIST)
		return err_set(call->err, ERR_USAGE, 0, "%s: '%s' takes one value in the '%s' dialect of the API",
			       api_operation_name(call->operation), parameter->name, api_dialect_names[call->dialect]);
	return 0;
}

static bool has_argument(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->count; i++)
		if (strcmp(call->arguments[i].name, name) == 0)
			return true;
	return false;
}

static int check(const struct call *call)
{
	if (has_argument(call, "after_id") && has_argument(call, "before_id"))
		return err_set(call->err, ERR_USAGE, 0, "%s: only one of 'after_id' and 'before_id' can be given",
			       api_operation_name(call->operation));
	for (size_t i = 0; i < call->count; i++)
		if (check_argument(call, &call->arguments[i]))
			return -1;
	for (const struct api_parameter *p = call->route->parameters; p->name; p++)
		if (check_count(call, p))
			return -1;
	return 0;
}

/* "is none of those that ... knows: a, b, c". */
static int fail_value(const struct call *call, const struct api_parameter *parameter)
{
	DEFER(buf_done) struct buf known = BUF_INIT(KNOWN_BYTES);
	struct view rest = view_of(parameter->values), ours, wire;

	while (api_next_value(&rest, &ours, &wire))
		if ((known.len && buf_add(&known, VIEW(", "))) || buf_add(&known, ours))
			return err_nomem(call->err);
	return err_set(call->err, ERR_USAGE, 0,
		       "%s: a value of '%s' is none of those that the '%s' dialect of the API knows: %s",
		       api_operation_name(call->operation), parameter->name, api_dialect_names[call->dialect],
		       known.ptr);
}

/* *ret is what the dialect calls it. 0, or -1 when it is none of a closed list. */
static int find_named(const struct call *call, const struct api_parameter *parameter, struct view value,
		      struct view *ret)
{
	struct view rest = view_of(parameter->values), ours;

	while (api_next_value(&rest, &ours, ret))
		if (text_eq(value, ours) || (parameter->is_closed && text_eq(value, *ret)))
			return 0;
	*ret = value;
	return parameter->is_closed ? fail_value(call, parameter) : 0;
}

static int add_named(const struct call *call, const struct api_parameter *parameter, struct view value, struct buf *ret)
{
	struct view wire;

	if (find_named(call, parameter, value, &wire))
		return -1;
	return buf_add(ret, wire) ? err_nomem(call->err) : 0;
}

static struct view bucket_width(const struct call *call)
{
	for (size_t i = 0; i < call->count; i++)
		if (strcmp(call->arguments[i].name, "bucket_width") == 0)
			return call->arguments[i].value;
	return VIEW_NONE;
}

static int add_number(const struct call *call, const struct api_parameter *parameter, struct view value,
		      struct buf *ret)
{
	uint64_t max = api_page_max(parameter, bucket_width(call)), n;

	if (text_u64(value, UINT64_MAX, &n))
		return fail(call, parameter, "is not a whole number");
	if (max && (n == 0 || n > max))
		return err_set(call->err, ERR_USAGE, 0, "%s: '%s' is out of range; 1 to %llu was expected",
			       api_operation_name(call->operation), parameter->name, (unsigned long long)max);
	return buf_addf(ret, "%llu", (unsigned long long)n) ? err_nomem(call->err) : 0;
}

static int add_bool(const struct call *call, const struct api_parameter *parameter, struct view value, struct buf *ret)
{
	if (!text_eq(value, VIEW("true")) && !text_eq(value, VIEW("false")))
		return fail(call, parameter, "is neither true nor false");
	return buf_add(ret, value) ? err_nomem(call->err) : 0;
}

static int add_json(const struct call *call, const struct api_parameter *parameter, struct view value, struct buf *ret)
{
	struct view json;

	if (json_whole(value, &json, call->err)) {
		(void)err_prefix(call->err, "%s: '%s'", api_operation_name(call->operation), parameter->name);
		call->err->kind = ERR_USAGE;
		return -1;
	}
	return buf_add(ret, json) ? err_nomem(call->err) : 0;
}

/* A date is its first moment. */
static int parse_time(const struct call *call, const struct api_parameter *parameter, struct view value, int64_t *ret_s,
		      uint32_t *ret_ns)
{
	int64_t days;

	*ret_ns = 0;
	if (clock_parse_date(value, &days) == 0) {
		*ret_s = days * SECONDS_PER_DAY;
		return 0;
	}
	if (clock_parse_time(value, ret_s, ret_ns))
		return fail(call, parameter,
			    "is no time: 2026-11-24T13:49:09Z (RFC 3339) or a date such as 2026-11-24 was expected");
	return 0;
}

static int add_time(const struct call *call, const struct api_parameter *parameter, struct view value, struct buf *ret)
{
	size_t start = ret->len;
	int64_t unix_s;
	uint32_t ns;

	if (parse_time(call, parameter, value, &unix_s, &ns))
		return -1;
	if (clock_add_rfc3339(ret, unix_s))
		return err_nomem(call->err);
	if (parameter->form == API_DAY || parameter->form == API_LAST_DAY) {
		buf_cut(ret, start + sizeof("YYYY-MM-DD") - 1);
		return 0;
	}
	if (ns == 0)
		return 0;
	buf_cut(ret, ret->len - 1); /* the Z goes behind the fraction */
	if (buf_addf(ret, ".%09u", ns))
		return err_nomem(call->err);
	while (ret->ptr[ret->len - 1] == '0')
		buf_cut(ret, ret->len - 1);
	return buf_add_byte(ret, 'Z') ? err_nomem(call->err) : 0;
}

/* Of an exclusive end the day that is still in: the one of the last moment before. */
static int add_last_day(const struct call *call, const struct api_parameter *parameter, struct view value,
			struct buf *ret)
{
	size_t start = ret->len;
	int64_t unix_s;
	uint32_t ns;

	if (parse_time(call, parameter, value, &unix_s, &ns))
		return -1;
	if (clock_add_rfc3339(ret, ns ? unix_s : unix_s - 1))
		return err_nomem(call->err);
	buf_cut(ret, start + sizeof("YYYY-MM-DD") - 1);
	return 0;
}

/* The value as it is sent, before any quoting. */
static int add_value(const struct call *call, const struct api_parameter *parameter, struct view value, struct buf *ret)
{
	typedef int add_fn(const struct call *, const struct api_parameter *, struct view, struct buf *);
	static add_fn *const adders[] = {
		[API_TEXT] = add_named, [API_NUMBER] = add_number, [API_BOOL] = add_bool, [API_LIST] = add_named,
		[API_TIME] = add_time,  [API_JSON] = add_json,     [API_DAY] = add_time,  [API_LAST_DAY] = add_last_day,
	};

	return adders[parameter->form](call, parameter, value, ret);
}

static bool is_unreserved(char c)
{
	return text_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static int add_encoded(struct buf *target, struct view v)
{
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];

		if (is_unreserved(c) ? buf_add_byte(target, c) : buf_addf(target, "%%%02X", (unsigned char)c))
			return -1;
	}
	return 0;
}

static bool is_id(struct view v)
{
	if (v.len == 0 || text_eq(v, VIEW(".")) || text_eq(v, VIEW("..")))
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (!text_is_alnum(v.ptr[i]) && !strchr("_.:-", v.ptr[i]))
			return false;
	return true;
}

static int add_id(const struct call *call, const struct api_parameter *parameter, struct buf *target)
{
	size_t at = 0;
	struct view id = next_argument(call, parameter, &at)->value;

	if (text_starts(id, VIEW("sk-ant-"))) /* an address is written to logs everywhere */
		return fail(call, parameter, "looks like a key itself; its id was expected");
	if (!is_id(id))
		return fail(call, parameter, "is no id: letters, digits and _ . : - were expected");
	return add_encoded(target, id) ? err_nomem(call->err) : 0;
}

/* The parameter whose {name} starts text. */
static const struct api_parameter *path_parameter(const struct api_route *route, struct view text)
{
	for (const struct api_parameter *p = route->parameters; p->name; p++) {
		size_t len = strlen(p->name);

		if (text.len > len + 1 && text.ptr[len + 1] == '}' &&
		    text_starts(view_sub(text, 1, len), view_of(p->name)))
			return p;
	}
	return NULL;
}

static int write_path(const struct call *call, struct buf *target)
{
	struct view rest = view_of(call->route->path);

	for (;;) {
		size_t brace = text_find_byte(rest, '{');
		const struct api_parameter *parameter;

		if (buf_add(target, view_sub(rest, 0, brace)))
			return err_nomem(call->err);
		if (brace == SIZE_MAX)
			return 0;
		rest = view_sub(rest, brace, rest.len);
		parameter = path_parameter(call->route, rest);
		if (!parameter)
			return err_set(call->err, ERR_INTERNAL, 0, "%s: its path names a parameter that it lacks",
				       api_operation_name(call->operation));
		if (add_id(call, parameter, target))
			return -1;
		rest = view_sub(rest, strlen(parameter->name) + 2, rest.len);
	}
}

static bool in_path(const struct api_route *route, const struct api_parameter *parameter)
{
	struct view rest = view_of(route->path);

	for (size_t brace; (brace = text_find_byte(rest, '{')) != SIZE_MAX; rest = view_sub(rest, 1, rest.len)) {
		rest = view_sub(rest, brace, rest.len);
		if (path_parameter(route, rest) == parameter)
			return true;
	}
	return false;
}

static int write_pair(const struct call *call, const struct api_parameter *parameter, struct view value, char *lead,
		      struct buf *target)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	if (value.len == 0)
		return fail(call, parameter, "is empty");
	if (add_value(call, parameter, value, &text))
		return -1;
	if (buf_add_byte(target, *lead) || add_encoded(target, view_of(parameter->wire)) ||
	    (parameter->form == API_LIST && buf_add(target, VIEW("%5B%5D"))) || buf_add_byte(target, '=') ||
	    add_encoded(target, buf_view(&text)))
		return err_nomem(call->err);
	*lead = '&';
	return 0;
}

static int write_query(const struct call *call, struct buf *target)
{
	char lead = '?';

	for (const struct api_parameter *p = call->route->parameters; p->name; p++) {
		const struct api_argument *argument;
		size_t at = 0;

		if (p->in_body || in_path(call->route, p))
			continue;
		while ((argument = next_argument(call, p, &at)))
			if (write_pair(call, p, argument->value, &lead, target))
				return -1;
	}
	return 0;
}

static int write_member(const struct call *call, const struct api_parameter *parameter, struct jsonw *w)
{
	bool is_quoted = parameter->form != API_NUMBER && parameter->form != API_BOOL && parameter->form != API_JSON;
	const struct api_argument *argument;
	size_t at = 0;

	if (parameter->form == API_LIST)
		jsonw_array(w);
	while ((argument = next_argument(call, parameter, &at))) {
		DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

		if (add_value(call, parameter, argument->value, &text))
			return -1;
		if (is_quoted)
			jsonw_string(w, buf_view(&text));
		else
			jsonw_raw(w, buf_view(&text));
	}
	if (parameter->form == API_LIST)
		jsonw_end(w);
	return 0;
}

/* Opens the object that wire's part before the dot names, and closes another one. Parameters of one object stand
 * together in the table. *open is the one that is open, "" for none. What is behind the dot. */
static const char *open_object(struct jsonw *w, const char *wire, struct buf *open)
{
	const char *dot = strchr(wire, '.');
	struct view prefix = view_from(wire, dot ? (size_t)(dot - wire) : 0);

	if (!text_eq(prefix, buf_view(open))) {
		if (open->len)
			jsonw_end(w);
		buf_clear(open);
		if (buf_add(open, prefix))
			w->failed = true;
		if (open->len) {
			jsonw_key(w, open->ptr);
			jsonw_object(w);
		}
	}
	return dot ? dot + 1 : wire;
}

static bool has_body(const struct api_route *route)
{
	for (const struct api_parameter *p = route->parameters; p->name; p++)
		if (p->in_body)
			return true;
	return false;
}

static int write_body(const struct call *call, struct buf *body)
{
	DEFER(buf_done) struct buf open = BUF_INIT(NAME_BYTES);
	struct jsonw w;

	if (!has_body(call->route))
		return 0;
	jsonw_init(&w, body, 0);
	jsonw_object(&w);
	for (const struct api_parameter *p = call->route->parameters; p->name; p++) {
		size_t at = 0;

		if (!p->in_body || !next_argument(call, p, &at))
			continue;
		jsonw_key(&w, open_object(&w, p->wire, &open));
		if (write_member(call, p, &w))
			return -1;
	}
	(void)open_object(&w, "", &open);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : err_nomem(call->err);
}

int api_write(enum api_dialect dialect, enum api_operation operation, const struct api_argument *arguments,
	      size_t count, struct buf *target, struct buf *body, struct err *err)
{
	struct err own = ERR_INIT;
	struct call call = {
		.dialect = dialect,
		.operation = operation,
		.route = api_route(dialect, operation, err),
		.arguments = arguments,
		.count = count,
		.err = err ? err : &own,
	};
	size_t target_start = target->len, body_start = body->len;

	if (!call.route)
		return -1;
	if (check(&call) || write_path(&call, target) || write_query(&call, target) || write_body(&call, body)) {
		buf_cut(target, target_start);
		buf_cut(body, body_start);
		return -1;
	}
	return 0;
}
