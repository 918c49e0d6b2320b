/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/rows.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/sys/json_reader.h"

/* Of the reply; a value is never empty, so len 0 stands for none. */
struct rows_span {
	uint32_t from, len;
};

_Static_assert(ROWS_REPLY_BYTES <= UINT32_MAX, "a span holds any place of a reply");

/* Names that are looked for in an object, and which of them are still to be met: a bit each. */
struct names {
	struct view names[ROWS_WANTED_MAX];
	unsigned left;
};

struct reading {
	struct json_reader r;
	struct rows *rows;
	struct names envelope, keys, inner;
	unsigned nested; /* a bit for each wanted member that is in an object of the row */
	struct err *err;
};

enum envelope { ENVELOPE_ROWS, ENVELOPE_MORE, ENVELOPE_FIRST, ENVELOPE_LAST, ENVELOPE_NEXT, ENVELOPES };

_Static_assert(ENVELOPES <= ROWS_WANTED_MAX, "names hold the envelope's");

static void add_name(struct names *names, unsigned i, const char *name)
{
	names->names[i] = view_of(name);
	names->left |= (unsigned)(name != NULL) << i;
}

static bool is_name(struct view key, bool is_escaped, struct view name)
{
	if (is_escaped)
		return json_string_is(key, name);
	return key.len == name.len + 2 && memcmp(key.ptr + 1, name.ptr, name.len) == 0;
}

/* Those of among that the key is the name of. */
static unsigned match(const struct names *names, unsigned among, struct view key, bool is_escaped)
{
	unsigned found = 0;

	for (; among; among &= among - 1) {
		unsigned i = (unsigned)__builtin_ctz(among);

		found |= (unsigned)is_name(key, is_escaped, names->names[i]) << i;
	}
	return found;
}

static const char *kind_of(struct view value)
{
	static const char *const kinds[] = {
		[JSON_NULL] = "null",        [JSON_FALSE] = "false",     [JSON_TRUE] = "true",
		[JSON_NUMBER] = "a number",  [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
		[JSON_OBJECT] = "an object",
	};

	return kinds[json_type_of(value)];
}

/* what: a name of ours, not the reply's. */
static int wrong_kind(const struct reading *p, const char *what, struct view value, const char *expected)
{
	return err_set(p->err, ERR_FORMAT, 0, "%s of the reply is %s, at byte %zu; %s was expected", what,
		       kind_of(value), (size_t)(value.ptr - p->r.start), expected);
}

static struct rows_span span_to(const struct reading *p, const char *from)
{
	return (struct rows_span){ .from = (uint32_t)(from - p->r.start), .len = (uint32_t)(p->r.at - from) };
}

/* The members of an object in the row, which has been entered. */
static int read_inner(struct reading *p, unsigned wanted, struct rows_span *spans)
{
	struct view key, value;
	bool is_escaped;
	int ret;

	while ((ret = json_read_member(&p->r, &key, &is_escaped)) == 0) {
		unsigned found = match(&p->inner, wanted, key, is_escaped);

		if (json_read_value(&p->r, &value))
			return -1;
		for (wanted &= ~found; found; found &= found - 1)
			spans[__builtin_ctz(found)] = span_to(p, value.ptr);
	}
	return ret < 0 ? -1 : 0;
}

/* A member of the row; found says for whom its name is the wanted one. */
static int read_found(struct reading *p, unsigned found, struct rows_span *spans)
{
	int opened = found & p->nested ? json_read_open(&p->r, JSON_OBJECT) : 1;
	struct view value;
	const char *from;

	if (opened < 0)
		return -1;
	if (opened == 0) {
		from = p->r.at - 1;
		if (read_inner(p, found & p->nested, spans))
			return -1;
	} else {
		if (json_read_value(&p->r, &value))
			return -1;
		from = value.ptr;
	}
	for (found &= ~p->nested; found; found &= found - 1)
		spans[__builtin_ctz(found)] = span_to(p, from);
	return 0;
}

/* spans: of the wanted members, all none. The row has been entered. */
static int read_members(struct reading *p, struct rows_span *spans)
{
	unsigned left = p->keys.left;
	struct view key, value;
	bool is_escaped;
	int ret;

	while ((ret = json_read_member(&p->r, &key, &is_escaped)) == 0) {
		unsigned found = match(&p->keys, left, key, is_escaped);

		left &= ~found;
		if (found ? read_found(p, found, spans) : json_read_value(&p->r, &value))
			return -1;
	}
	return ret < 0 ? -1 : 0;
}

static struct rows_span *add_row(struct reading *p)
{
	struct rows *rows = p->rows;
	size_t bytes = rows->stride * sizeof(*rows->spans);
	struct rows_span *spans;

	if (rows->count == ROWS_MAX) {
		(void)err_set(p->err, ERR_LIMIT, 0, "a reply with more than %d records; at most that many are read",
			      ROWS_MAX);
		return NULL;
	}
	spans = grow_items(rows->spans, rows->count, &rows->cap, bytes);
	if (!spans) {
		(void)err_nomem(p->err);
		return NULL;
	}
	rows->spans = spans;
	spans += rows->count++ * rows->stride;
	memset(spans, 0, bytes);
	return spans;
}

static int read_row(struct reading *p)
{
	int opened = json_read_open(&p->r, JSON_OBJECT);
	struct rows_span *spans;
	struct view value;
	const char *from;

	if (opened == 1 && json_read_value(&p->r, &value) == 0)
		return wrong_kind(p, "a record", value, "an object");
	if (opened)
		return -1;
	from = p->r.at - 1;
	spans = add_row(p);
	if (!spans || read_members(p, spans + 1))
		return -1;
	spans[0] = span_to(p, from);
	return 0;
}

static int read_rows(struct reading *p)
{
	int ret = json_read_open(&p->r, JSON_ARRAY);
	struct view value;

	if (ret == 1) {
		if (json_read_value(&p->r, &value))
			return -1;
		return json_type_of(value) == JSON_NULL
			       ? 0
			       : wrong_kind(p, p->envelope.names[ENVELOPE_ROWS].ptr, value, "an array");
	}
	if (ret < 0)
		return -1;
	p->rows->has_rows = true;
	while ((ret = json_read_element(&p->r)) == 0)
		if (read_row(p))
			return -1;
	return ret < 0 ? -1 : 0;
}

static int set_more(struct reading *p, struct view value)
{
	enum json_type type = json_type_of(value);

	if (type == JSON_TRUE)
		p->rows->more = ROWS_MORE_YES;
	else if (type == JSON_FALSE)
		p->rows->more = ROWS_MORE_NO;
	else if (type != JSON_NULL)
		return wrong_kind(p, p->envelope.names[ENVELOPE_MORE].ptr, value, "true or false");
	return 0;
}

static int set_cursor(struct reading *p, enum envelope which, struct view value, struct view *ret)
{
	enum json_type type = json_type_of(value);

	if (type == JSON_STRING)
		*ret = value;
	else if (type != JSON_NULL)
		return wrong_kind(p, p->envelope.names[which].ptr, value, "a string");
	return 0;
}

/* The envelope's members may have one name, so more than one may be found. */
static int read_envelope_member(struct reading *p, unsigned found)
{
	struct rows *rows = p->rows;
	struct view value;

	if (found & 1u << ENVELOPE_ROWS)
		return read_rows(p);
	if (json_read_value(&p->r, &value))
		return -1;
	if (found & 1u << ENVELOPE_MORE && set_more(p, value))
		return -1;
	if (found & 1u << ENVELOPE_FIRST && set_cursor(p, ENVELOPE_FIRST, value, &rows->first_id))
		return -1;
	if (found & 1u << ENVELOPE_LAST && set_cursor(p, ENVELOPE_LAST, value, &rows->last_id))
		return -1;
	return found & 1u << ENVELOPE_NEXT ? set_cursor(p, ENVELOPE_NEXT, value, &rows->next_page) : 0;
}

static int read_reply(struct reading *p)
{
	int ret = json_read_open(&p->r, JSON_OBJECT);
	struct view key, value;
	bool is_escaped;

	if (ret == 1)
		return json_read_value(&p->r, &value) ? -1 : wrong_kind(p, "the whole", value, "an object");
	if (ret < 0)
		return -1;
	while ((ret = json_read_member(&p->r, &key, &is_escaped)) == 0) {
		unsigned found = match(&p->envelope, p->envelope.left, key, is_escaped);

		p->envelope.left &= ~found;
		if (read_envelope_member(p, found))
			return -1;
	}
	return ret < 0 ? -1 : json_read_end(&p->r);
}

static void set_names(struct reading *p, const struct rows_form *form)
{
	add_name(&p->envelope, ENVELOPE_ROWS, form->rows);
	add_name(&p->envelope, ENVELOPE_MORE, form->has_more);
	add_name(&p->envelope, ENVELOPE_FIRST, form->first_id);
	add_name(&p->envelope, ENVELOPE_LAST, form->last_id);
	add_name(&p->envelope, ENVELOPE_NEXT, form->next_page);
	for (unsigned i = 0; i < ROWS_WANTED_MAX && form->wanted[i].key; i++) {
		add_name(&p->keys, i, form->wanted[i].key);
		add_name(&p->inner, i, form->wanted[i].inner);
	}
	p->nested = p->inner.left;
}

/* Empties rows, but keeps its memory for a page of the same stride. */
static void start(struct rows *rows, size_t stride, struct view reply)
{
	if (rows->stride != stride)
		rows_done(rows);
	*rows = (struct rows){ .reply = reply, .spans = rows->spans, .stride = stride, .cap = rows->cap };
}

int rows_read(struct rows *rows, const struct rows_form *form, struct view reply, struct err *err)
{
	struct reading p = { .r = json_reader_of(reply, err), .rows = rows, .err = err };
	size_t stride;

	set_names(&p, form);
	stride = 1 + (size_t)__builtin_popcount(p.keys.left);
	start(rows, stride, VIEW_NONE);
	if (reply.len > ROWS_REPLY_BYTES)
		return err_set(err, ERR_LIMIT, 0, "a reply of %zu bytes; at most %u are read", reply.len,
			       ROWS_REPLY_BYTES);
	if (read_reply(&p)) {
		start(rows, stride, VIEW_NONE);
		return -1;
	}
	rows->reply = reply;
	return 0;
}

static struct view view_of_span(const struct rows *rows, struct rows_span span)
{
	return span.len ? view_from(rows->reply.ptr + span.from, span.len) : VIEW_NONE;
}

struct view rows_row(const struct rows *rows, size_t i)
{
	return view_of_span(rows, rows->spans[i * rows->stride]);
}

struct view rows_member(const struct rows *rows, size_t i, size_t wanted)
{
	if (wanted + 1 >= rows->stride)
		return VIEW_NONE;
	return view_of_span(rows, rows->spans[i * rows->stride + 1 + wanted]);
}

void rows_done(struct rows *rows)
{
	free(rows->spans);
	*rows = (struct rows){ 0 };
}
