/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/script.h"

#include <string.h>

#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/must.h"

#define KEY_BYTES 256

/* How one member of an object is read into the thing it belongs to. */
struct reader {
	const char *key;
	int (*read)(void *thing, size_t offset, struct view value);
	size_t offset;
};

static char *text_of(struct view value)
{
	struct buf text = BUF_INIT(SCRIPT_BYTES);

	must(json_add_string(&text, value));
	return text.len ? must_have(buf_detach(&text)) : must_have(strdup(""));
}

static int read_text(void *thing, size_t offset, struct view value)
{
	char **field = (char **)(void *)((char *)thing + offset);

	if (json_type_of(value) != JSON_STRING)
		return -1;
	free(*field);
	*field = text_of(value);
	return 0;
}

/* A header's value: a text, or a number as it stands. */
static int read_value(void *thing, size_t offset, struct view value)
{
	char **field = (char **)(void *)((char *)thing + offset);

	if (json_type_of(value) == JSON_STRING)
		return read_text(thing, offset, value);
	if (json_type_of(value) > JSON_NUMBER || json_type_of(value) == JSON_NULL)
		return -1;
	free(*field);
	*field = must_have(strndup(value.ptr, value.len));
	return 0;
}

static int read_number(void *thing, size_t offset, struct view value)
{
	return text_u64(value, INT64_MAX, (uint64_t *)(void *)((char *)thing + offset));
}

static int read_signed(void *thing, size_t offset, struct view value)
{
	bool is_negative = value.len && value.ptr[0] == '-';
	uint64_t n;

	if (text_u64(view_sub(value, is_negative, value.len), INT32_MAX, &n))
		return -1;
	*(int64_t *)(void *)((char *)thing + offset) = is_negative ? -(int64_t)n : (int64_t)n;
	return 0;
}

static int read_bool(void *thing, size_t offset, struct view value)
{
	enum json_type type = json_type_of(value);

	if (type != JSON_TRUE && type != JSON_FALSE)
		return -1;
	*(bool *)((char *)thing + offset) = type == JSON_TRUE;
	return 0;
}

/* Reads an object's members by a table. 0, or -1 with err. */
static int read_object(const struct reader *table, size_t count, void *thing, struct view object, struct err *err)
{
	struct view cursor = object, key, value;

	if (json_type_of(object) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "an object was expected");
	while (json_each_member(&cursor, &key, &value)) {
		DEFER(buf_done) struct buf name = BUF_INIT(KEY_BYTES);
		size_t i = 0;

		if (json_add_string(&name, key))
			return err_set(err, ERR_FORMAT, 0, "a key is too long");
		while (i < count && !text_eq(buf_view(&name), view_of(table[i].key)))
			i++;
		if (i == count)
			return err_set(err, ERR_FORMAT, 0, "unknown key '%s'", name.ptr);
		if (table[i].read(thing, table[i].offset, value))
			return err_set(err, ERR_FORMAT, 0, "'%s' has a wrong value", name.ptr);
	}
	return 0;
}

static int read_status(void *thing, size_t offset, struct view value)
{
	uint64_t n;

	(void)offset;
	if (text_u64(value, 599, &n) || n < 200)
		return -1;
	((struct fault *)thing)->status = (unsigned)n;
	return 0;
}

static int read_body(void *thing, size_t offset, struct view value)
{
	struct fault *f = thing;

	(void)offset;
	f->has_body = true;
	buf_clear(&f->body);
	must(json_type_of(value) == JSON_STRING ? json_add_string(&f->body, value) : buf_add(&f->body, value));
	return 0;
}

static int read_cut(void *thing, size_t offset, struct view value)
{
	struct fault *f = thing;

	(void)offset;
	f->wire.has_cut = true;
	return text_u64(value, INT64_MAX, &f->wire.cut_at);
}

static int read_reset(void *thing, size_t offset, struct view value)
{
	struct fault *f = thing;

	(void)offset;
	f->wire.has_reset = true;
	return text_u64(value, INT64_MAX, &f->wire.reset_at);
}

/* offset: the enum body_fault. */
static int read_body_fault(void *thing, size_t offset, struct view value)
{
	if (json_type_of(value) == JSON_TRUE)
		((struct fault *)thing)->body_fault = (enum body_fault)offset;
	return json_type_of(value) == JSON_TRUE || json_type_of(value) == JSON_FALSE ? 0 : -1;
}

static int read_headers(void *thing, size_t offset, struct view value)
{
	struct fault *f = thing;
	struct view key, one;

	(void)offset;
	if (json_type_of(value) != JSON_OBJECT)
		return -1;
	while (json_each_member(&value, &key, &one)) {
		enum json_type type = json_type_of(one);

		if (type != JSON_STRING && type != JSON_NULL)
			return -1;
		f->headers = must_have(grow_items(f->headers, f->header_count, &f->header_cap, sizeof(*f->headers)));
		f->headers[f->header_count++] =
			(struct http_header){ text_of(key), type == JSON_STRING ? text_of(one) : NULL };
	}
	return 0;
}

static int read_late(void *thing, size_t offset, struct view value)
{
	static const struct reader table[] = {
		{ "count", read_number, offsetof(struct fault, late_count) },
		{ "seconds", read_number, offsetof(struct fault, late_seconds) },
	};

	(void)offset;
	return read_object(table, ARRAY_LEN(table), thing, value, NULL);
}

static int read_reply(void *thing, size_t offset, struct view value);

static const struct reader do_table[] = {
	{ "status", read_status, 0 },
	{ "executed", read_bool, offsetof(struct fault, is_executed) },
	{ "retry_after", read_value, offsetof(struct fault, retry_after) },
	{ "x_should_retry", read_value, offsetof(struct fault, should_retry) },
	{ "body", read_body, 0 },
	{ "content_type", read_text, offsetof(struct fault, content_type) },
	{ "oversized", read_number, offsetof(struct fault, oversized) },
	{ "redirect", read_text, offsetof(struct fault, location) },
	{ "headers", read_headers, 0 },
	{ "reply", read_reply, 0 },
	{ "bad_gzip", read_body_fault, BODY_BAD_GZIP },
	{ "invalid_json", read_body_fault, BODY_INVALID_JSON },
	{ "truncate_json", read_body_fault, BODY_TRUNCATED_JSON },
	{ "duplicate", read_number, offsetof(struct fault, duplicate) },
	{ "late", read_late, 0 },
	{ "out_of_order", read_bool, offsetof(struct fault, is_out_of_order) },
	{ "expired_cursor", read_bool, offsetof(struct fault, has_expired_cursor) },
	{ "clock_skew", read_signed, offsetof(struct fault, clock_skew_s) },
	{ "delay_ms", read_number, offsetof(struct fault, wire.delay_ms) },
	{ "bytes_per_second", read_number, offsetof(struct fault, wire.bytes_per_s) },
	{ "cut", read_cut, 0 },
	{ "reset_at", read_reset, 0 },
	{ "wrong_length", read_signed, offsetof(struct fault, wire.wrong_length) },
};

/* A whole reply is what makes it up, in one place. */
static int read_reply(void *thing, size_t offset, struct view value)
{
	(void)offset;
	return read_object(do_table, ARRAY_LEN(do_table), thing, value, NULL);
}

static const struct reader match_table[] = {
	{ "method", read_text, offsetof(struct match, method) },
	{ "path", read_text, offsetof(struct match, path) },
	{ "query", read_text, offsetof(struct match, query) },
	{ "nth", read_number, offsetof(struct match, nth) },
	{ "every", read_number, offsetof(struct match, every) },
	{ "times", read_number, offsetof(struct match, times) },
};

static int read_fault(struct script *s, struct view value, struct err *err)
{
	struct view match, what;
	struct fault *f;

	s->faults = must_have(grow_items(s->faults, s->fault_count, &s->fault_cap, sizeof(*s->faults)));
	f = &s->faults[s->fault_count++];
	*f = (struct fault){ .body = BUF_INIT(SCRIPT_BYTES) };
	if (json_type_of(value) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "a fault is an object with match and do");
	match = json_member(value, "match");
	what = json_member(value, "do");
	if (!what.ptr)
		return err_set(err, ERR_FORMAT, 0, "a fault says what is to be done in 'do'");
	if (match.ptr && read_object(match_table, ARRAY_LEN(match_table), &f->match, match, err))
		return -1;
	return read_object(do_table, ARRAY_LEN(do_table), f, what, err);
}

static int read_expected(struct script *s, struct view value, struct err *err)
{
	struct match *m;

	s->expected = must_have(grow_items(s->expected, s->expected_count, &s->expected_cap, sizeof(*s->expected)));
	m = &s->expected[s->expected_count++];
	*m = (struct match){ .times = 0 };
	return read_object(match_table, ARRAY_LEN(match_table), m, value, err);
}

static int read_all(struct script *s, struct view array, int (*read)(struct script *, struct view, struct err *),
		    struct err *err)
{
	struct view one;

	if (json_type_of(array) != JSON_ARRAY)
		return err_set(err, ERR_FORMAT, 0, "a list was expected");
	for (unsigned i = 1; json_each(&array, &one); i++)
		if (read(s, one, err))
			return err_prefix(err, "entry %u", i);
	return 0;
}

int script_read(struct script *s, struct view text, struct err *err)
{
	struct view object, cursor, key, value;

	if (json_whole(text, &object, err))
		return -1;
	if (json_type_of(object) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "a script is an object with faults and expect_error");
	cursor = object;
	while (json_each_member(&cursor, &key, &value)) {
		bool is_faults = text_eq(key, VIEW("\"faults\""));

		if (!is_faults && !text_eq(key, VIEW("\"expect_error\"")))
			return err_set(err, ERR_FORMAT, 0, "a script holds faults and expect_error");
		if (read_all(s, value, is_faults ? read_fault : read_expected, err))
			return err_prefix(err, is_faults ? "faults" : "expect_error");
	}
	return 0;
}

static void match_done(struct match *m)
{
	free(m->method);
	free(m->path);
	free(m->query);
}

static void fault_done(struct fault *f)
{
	match_done(&f->match);
	free(f->retry_after);
	free(f->should_retry);
	free(f->content_type);
	free(f->location);
	buf_done(&f->body);
	for (size_t i = 0; i < f->header_count; i++) {
		free(f->headers[i].name);
		free(f->headers[i].value);
	}
	free(f->headers);
}

void script_done(struct script *s)
{
	for (size_t i = 0; i < s->fault_count; i++)
		fault_done(&s->faults[i]);
	for (size_t i = 0; i < s->expected_count; i++)
		match_done(&s->expected[i]);
	free(s->faults);
	free(s->expected);
	*s = (struct script){ .faults = NULL };
}

static bool fits(const struct match *m, const struct http_request *rq)
{
	struct view path = view_of(m->path);

	if (m->method && strcmp(m->method, rq->method) != 0)
		return false;
	if (m->query && text_find(rq->query, view_of(m->query)) == SIZE_MAX)
		return false;
	if (!m->path)
		return true;
	if (text_ends(path, VIEW("*")))
		return text_starts(rq->path, view_sub(path, 0, path.len - 1));
	return text_eq(rq->path, path);
}

/* Counts the request; whether it is one that the match is for. */
static bool fires(struct match *m, const struct http_request *rq)
{
	if (!fits(m, rq))
		return false;
	m->seen++;
	if ((m->nth && m->seen < m->nth) || (m->nth && !m->times && m->seen > m->nth))
		return false;
	if (m->every && m->seen % m->every)
		return false;
	if (m->times && m->fired >= m->times)
		return false;
	m->fired++;
	return true;
}

const struct fault *script_fault(struct script *s, const struct http_request *rq)
{
	const struct fault *first = NULL;

	for (size_t i = 0; i < s->fault_count; i++) /* those behind the first count, too, but do not fire */
		if (!first && fires(&s->faults[i].match, rq))
			first = &s->faults[i];
		else if (first && fits(&s->faults[i].match, rq))
			s->faults[i].match.seen++;
	return first;
}

bool script_expects(struct script *s, const struct http_request *rq)
{
	for (size_t i = 0; i < s->expected_count; i++)
		if (fires(&s->expected[i], rq))
			return true;
	return false;
}
