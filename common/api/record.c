/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/record.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"

const char record_null[] = "";

static const struct view null_text = { .ptr = record_null, .len = 0 };

struct reading {
	struct api_reader *reader;
	const struct record_type *type;
	char *ret;
	uint64_t seen; /* a bit a field */
	struct err *err;
};

int api_reader_init(struct api_reader *reader, enum api_dialect dialect, enum api_operation operation, struct err *err)
{
	*reader = (struct api_reader){ .route = api_route(dialect, operation, err),
				       .texts = BUF_INIT(JSON_RECORD_BYTES) };
	return reader->route ? 0 : -1;
}

void api_reader_done(struct api_reader *reader)
{
	buf_done(&reader->texts);
}

static int fail(const struct reading *reading, const struct record_field *field, const char *expected)
{
	return err_set(reading->err, ERR_FORMAT, 0, "%s: '%s' is not %s", reading->type->what,
		       api_wire_key(reading->reader->route, field->name), expected);
}

/* The text of a string: in place when nothing in it is escaped, else in the reader's buffer. That one does not move:
 * record_read has made it as large as the record, of which each string is put there once at most. */
static int text_of(const struct reading *reading, struct view string, struct view *ret)
{
	struct view inside = view_sub(string, 1, string.len - 2);
	struct buf *texts = &reading->reader->texts;
	size_t start = texts->len;

	if (text_find_byte(inside, '\\') == SIZE_MAX) {
		*ret = inside;
		return 0;
	}
	if (json_add_string(texts, string))
		return err_nomem(reading->err);
	*ret = view_sub(buf_view(texts), start, texts->len);
	return 0;
}

static int read_text(const struct reading *reading, const struct record_field *field, struct view value,
		     enum json_type type, struct view *ret)
{
	if (type == JSON_NULL && record_is_absent(*ret)) /* another name's may be there */
		*ret = null_text;
	if (type != JSON_STRING)
		return 0;
	if (text_of(reading, value, ret))
		return -1;
	*ret = api_our_value(reading->reader->route, field->name, *ret);
	return 0;
}

static int read_time(const struct reading *reading, const struct record_field *field, struct view value,
		     enum json_type type, struct api_time *ret)
{
	if (read_text(reading, field, value, type, &ret->text))
		return -1;
	ret->is_known = clock_parse_time(ret->text, &ret->unix_s, NULL) == 0;
	return 0;
}

static int read_number(const struct reading *reading, const struct record_field *field, struct view value,
		       enum json_type type, struct api_number *ret)
{
	struct decimal d;

	if (type == JSON_NULL)
		return 0;
	if (type != JSON_NUMBER ||
	    (text_u64(value, UINT64_MAX, &ret->value) && (decimal_parse(value, &d) || decimal_u64(d, &ret->value))))
		return fail(reading, field, "a whole number from 0 to 18446744073709551615");
	ret->is_known = true;
	return 0;
}

static int read_decimal(const struct reading *reading, const struct record_field *field, struct view value,
			enum json_type type, struct api_decimal *ret)
{
	if (type == JSON_NULL)
		return 0;
	if (type == JSON_STRING)
		value = view_sub(value, 1, value.len - 2);
	if ((type != JSON_STRING && type != JSON_NUMBER) || decimal_parse(value, &ret->value))
		return fail(reading, field, "a decimal number of at most 38 digits");
	ret->is_known = true;
	return 0;
}

static bool fits(enum record_form form, enum json_type type)
{
	switch (form) {
	case RECORD_TEXT:
	case RECORD_TIME:
		return type == JSON_STRING;
	case RECORD_BOOL:
		return type == JSON_TRUE || type == JSON_FALSE;
	default: /* numbers have looked for themselves */
		return type != JSON_NULL;
	}
}

static int read_field(struct reading *reading, size_t index, struct view value)
{
	const struct record_field *field = &reading->type->fields[index];
	enum json_type type = json_type_of(value);
	void *ret = reading->ret + field->offset;

	if (fits(field->form, type))
		reading->seen |= (uint64_t)1 << index;
	switch (field->form) {
	case RECORD_TEXT:
		return read_text(reading, field, value, type, ret);
	case RECORD_TIME:
		return read_time(reading, field, value, type, ret);
	case RECORD_NUMBER:
		return read_number(reading, field, value, type, ret);
	case RECORD_DECIMAL:
		return read_decimal(reading, field, value, type, ret);
	case RECORD_BOOL:
		*(bool *)ret = type == JSON_TRUE;
		return 0;
	case RECORD_JSON:
		*(struct view *)ret = type == JSON_NULL ? null_text : value;
		return 0;
	}
	return 0;
}

static int read_members(struct reading *reading, struct view object, struct view prefix);

/* Whether name is prefix, key and then its end or a dot. Most names are told apart by one byte. */
static bool is_named(struct view name, struct view prefix, struct view key)
{
	size_t len = prefix.len + key.len;

	return name.len >= len && key.len && name.ptr[prefix.len] == key.ptr[0] &&
	       (name.len == len || name.ptr[len] == '.') && memcmp(name.ptr + prefix.len, key.ptr, key.len) == 0 &&
	       (prefix.len == 0 || memcmp(name.ptr, prefix.ptr, prefix.len) == 0);
}

/* Gives a member to the field of that name, and what is in it to the fields whose names go on. prefix is the part of
 * their names that has led here. */
static int read_member(struct reading *reading, struct view prefix, struct view key, struct view value)
{
	const struct view *names = reading->reader->names;
	bool is_given = false, is_entered = false;
	int ret = 0;

	for (size_t i = 0; i < reading->type->count && ret == 0; i++) {
		size_t len = prefix.len + key.len;

		if (!is_named(names[i], prefix, key))
			continue;
		if (names[i].len == len && !is_given && !(reading->seen >> i & 1)) {
			is_given = true;
			ret = read_field(reading, i, value);
		} else if (names[i].len > len && !is_entered && json_type_of(value) == JSON_OBJECT) {
			is_entered = true;
			ret = read_members(reading, value, view_sub(names[i], 0, len + 1));
		}
	}
	return ret;
}

/* Recursion is as deep as the table's names have dots. */
static int read_members(struct reading *reading, struct view object, struct view prefix)
{
	struct view name, key, value;

	while (json_each_member(&object, &name, &value)) {
		if (text_of(reading, name, &key))
			return -1;
		/* A dot of the key's own is no way into a member. */
		if (text_find_byte(key, '.') == SIZE_MAX && read_member(reading, prefix, key, value))
			return -1;
	}
	return 0;
}

/* Names are looked up once for all records of a type. */
static void prepare(struct api_reader *reader, const struct record_type *type)
{
	if (reader->type == type)
		return;
	for (size_t i = 0; i < type->count; i++)
		reader->names[i] = view_of(api_wire_key(reader->route, type->fields[i].name));
	reader->type = type;
}

int record_read(struct api_reader *reader, const struct record_type *type, struct view row, void *ret, struct err *err)
{
	struct reading reading = { .reader = reader, .type = type, .ret = ret, .err = err };

	memset(ret, 0, type->size);
	buf_clear(&reader->texts);
	prepare(reader, type);
	if (row.len > JSON_RECORD_BYTES)
		return err_set(err, ERR_LIMIT, 0, "%s of %zu bytes; at most %u are read", type->what, row.len,
			       JSON_RECORD_BYTES);
	if (row.len == 0 || json_type_of(row) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "%s is not a JSON object", type->what);
	if (text_find_byte(row, '\\') != SIZE_MAX && buf_reserve(&reader->texts, row.len))
		return err_nomem(err);
	if (read_members(&reading, row, VIEW_NONE))
		return -1;
	for (size_t i = 0; i < type->count; i++)
		if (type->fields[i].is_required && !(reading.seen >> i & 1))
			return fail(&reading, &type->fields[i], "there, or of another type than it has to be");
	*(struct view *)((char *)ret + type->raw_offset) = row;
	return 0;
}

int record_add_texts(struct buf *buf, struct view array, struct view separator)
{
	size_t start = buf->len;
	struct view value;
	bool is_first = true;

	while (json_each(&array, &value)) {
		if (json_type_of(value) != JSON_STRING)
			continue;
		if ((!is_first && buf_add(buf, separator)) || json_add_string(buf, value)) {
			buf_cut(buf, start);
			return -1;
		}
		is_first = false;
	}
	return 0;
}
