/* SPDX-License-Identifier: Apache-2.0 */
/* Reads any usage record, and says what is wrong with one that is none. */
#include <stdio.h>

#include "admin/usage_field.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json_reader.h"

#define UNIX_S_MAX 253402300799 /* the end of the year 9999 */

struct reading {
	struct json_reader json;
	struct usage_reader *reader;
	struct usage_raw *raw;
	const char *where; /* what an error is about; NULL: the place that json tells */
	struct err *err;
};

PRINTF_LIKE(3, 4)
static int fail(struct reading *r, struct view value, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	r->where = value.ptr;
	return err_set(r->err, ERR_FORMAT, 0, "%s", text);
}

static int take_number(struct reading *r, enum usage_field field, struct view value)
{
	bool was_seen = r->raw->seen & usage_bit(field);
	uint64_t *number = &r->raw->numbers[field], n;
	struct decimal d;

	if (json_type_of(value) != JSON_NUMBER || decimal_parse(value, &d) || decimal_u64(d, &n) ||
	    n > USAGE_TOKENS_MAX)
		return fail(r, value, "'%s' is something else; a whole number from 0 to %llu was expected",
			    usage_field_names[field], (unsigned long long)USAGE_TOKENS_MAX);
	if (was_seen && *number != n)
		return fail(r, value, "'%s' is there twice; the same number was expected again",
			    usage_field_names[field]);
	*number = n;
	return 0;
}

/* Unescaped; the store has room for as many as there are fields, each once. */
static int take_text(struct reading *r, enum usage_field field, struct view value, struct view *ret)
{
	if (json_type_of(value) != JSON_STRING)
		return fail(r, value, "'%s' is no text; one was expected", usage_field_names[field]);
	if (value.len <= NAME_BYTES * 6 + 2 && json_text(value, &r->reader->store, ret) == 0 && ret->len <= NAME_BYTES)
		return 0;
	return fail(r, value, "'%s' is too long; at most %d bytes were expected", usage_field_names[field], NAME_BYTES);
}

static int take_name(struct reading *r, enum usage_field field, struct view value)
{
	struct view *name = &r->raw->texts[field - FIELD_MODEL], text;

	if (r->raw->seen & usage_bit(field)) {
		if (json_type_of(value) == JSON_STRING && json_string_is(value, *name))
			return 0;
		return fail(r, value, "'%s' is there twice; the same text was expected again",
			    usage_field_names[field]);
	}
	if (take_text(r, field, value, &text))
		return -1;
	*name = text;
	return 0;
}

/* Seconds as a number: a fraction is dropped, as that of a text is. */
static int take_seconds(struct view value, int64_t *ret)
{
	struct decimal d;
	uint64_t n;

	if (decimal_parse(value, &d) || d.units < 0)
		return -1;
	for (; d.scale; d.scale--)
		d.units /= 10;
	if (decimal_u64(d, &n) || n > UNIX_S_MAX)
		return -1;
	*ret = (int64_t)n;
	return 0;
}

static int take_timestamp(struct reading *r, struct view value)
{
	size_t start = r->reader->store.len;
	struct view text;
	int64_t unix_s;
	int status = -1;

	if (json_type_of(value) == JSON_NUMBER)
		status = take_seconds(value, &unix_s);
	else if (json_type_of(value) == JSON_STRING && value.len <= NAME_BYTES * 6 + 2 &&
		 json_text(value, &r->reader->store, &text) == 0)
		status = clock_parse_time(text, &unix_s, NULL);
	buf_cut(&r->reader->store, start);
	if (status)
		return fail(r, value,
			    "'timestamp' is something else; a time such as 2026-11-24T13:49:09Z was expected, or "
			    "seconds since 1970");
	if ((r->raw->seen & usage_bit(FIELD_TIMESTAMP)) && r->raw->unix_s != unix_s)
		return fail(r, value, "'timestamp' is there twice; the same time was expected again");
	r->raw->unix_s = unix_s;
	return 0;
}

static int take_flag(struct reading *r, enum usage_field field, struct view value)
{
	bool *flag = field == FIELD_BATCH ? &r->raw->is_batch : &r->raw->is_fast;
	enum json_type type = json_type_of(value);

	if (type != JSON_TRUE && type != JSON_FALSE)
		return fail(r, value, "'%s' is something else; true or false was expected", usage_field_names[field]);
	if ((r->raw->seen & usage_bit(field)) && *flag != (type == JSON_TRUE))
		return fail(r, value, "'%s' is there twice; the same was expected again", usage_field_names[field]);
	*flag = type == JSON_TRUE;
	return 0;
}

/* A value that is no object; null is as if it were not there. */
static int take_value(struct reading *r, enum usage_field field)
{
	struct view value;

	if (json_read_value(&r->json, &value))
		return -1;
	if (field == FIELD_OTHER || json_type_of(value) == JSON_NULL)
		return 0;
	if (field < FIELD_NUMBERS      ? take_number(r, field, value)
	    : field < FIELD_TIMESTAMP  ? take_name(r, field, value)
	    : field == FIELD_TIMESTAMP ? take_timestamp(r, value)
	    : field < FIELD_USAGE
		    ? take_flag(r, field, value)
		    : fail(r, value, "'%s' is something else; an object was expected", usage_field_names[field]))
		return -1;
	r->raw->seen |= usage_bit(field);
	return 0;
}

/* The field of a key with its quotes. */
static enum usage_field field_of(struct view key, bool is_escaped, enum usage_level level)
{
	if (!is_escaped)
		return usage_field_of(view_sub(key, 1, key.len - 2), level);
	for (unsigned i = 0; i < FIELDS; i++)
		if (json_string_is(key, view_of(usage_field_names[i])))
			return usage_field_of(view_of(usage_field_names[i]), level);
	return json_string_is(key, VIEW("key")) ? usage_field_of(VIEW("key"), level) : FIELD_OTHER;
}

/* The members of the object that was entered. */
static int read_level(struct reading *r, enum usage_level level)
{
	struct view key;
	bool is_escaped;
	int status;

	while ((status = json_read_member(&r->json, &key, &is_escaped)) == 0) {
		enum usage_field field = field_of(key, is_escaped, level);
		int opened = field >= FIELD_USAGE && field < FIELDS ? json_read_open(&r->json, JSON_OBJECT) : 1;

		if (opened < 0)
			return -1;
		if (opened == 0 ? read_level(r, field == FIELD_USAGE ? LEVEL_USAGE : LEVEL_CACHE_CREATION)
				: take_value(r, field))
			return -1;
	}
	return status < 0 ? -1 : 0;
}

static int read_record(struct reading *r, struct usage_record *ret)
{
	const char *start, *wrong;
	int opened = json_read_open(&r->json, JSON_OBJECT);

	if (opened < 0)
		return -1;
	start = r->json.at - 1;
	if (opened) {
		struct view value;

		if (json_read_value(&r->json, &value))
			return -1;
		return fail(r, value, "this is no object; a usage record in braces was expected");
	}
	if (read_level(r, LEVEL_RECORD) || json_read_end(&r->json))
		return -1;
	wrong = usage_raw_finish(r->raw, ret);
	return wrong ? fail(r, view_from(start, 1), "%s", wrong) : 0;
}

int usage_record_read_any(struct usage_reader *reader, struct view line, struct usage_record *ret, size_t *ret_at,
			  struct err *err)
{
	struct usage_raw raw = { .seen = 0 };
	struct err ours = ERR_INIT;
	struct reading r = { .json = json_reader_of(line, &ours), .reader = reader, .raw = &raw, .err = &ours };

	*ret_at = 0;
	r.json.failed_at = ret_at;
	buf_clear(&reader->store);
	if (read_record(&r, ret) == 0)
		return 0;
	if (r.where)
		*ret_at = (size_t)(r.where - r.json.start);
	return err_set(err, ours.kind, 0, "%s", ours.text);
}
