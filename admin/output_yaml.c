/* SPDX-License-Identifier: Apache-2.0 */
/* The format yaml (YAML 1.2, and readable as 1.1): the JSON objects in block form. Strings stand without quotes only
 * when no reader can take them for anything else. */
#include <string.h>

#include "admin/output.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define YAML_INDENT 2

/* Words that YAML 1.1 or 1.2 reads as something other than a string, in lower case. */
static const char *const special_words[] = {
	"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"
};

static bool is_plain(struct view v)
{
	if (!v.len || !text_is_alpha(v.ptr[0]))
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (!text_is_alnum(v.ptr[i]) && !strchr("_-./@+", v.ptr[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(special_words); i++)
		if (text_eq_nocase(v, view_of(special_words[i])))
			return false;
	return true;
}

/* One character of a double-quoted scalar; returns its length. Bytes that are no UTF-8 become U+FFFD. */
static size_t add_character(struct buf *buf, struct view v, int *ret)
{
	unsigned char c = (unsigned char)v.ptr[0];
	size_t len = text_utf8_len(v);

	if (c == '"' || c == '\\')
		*ret = buf_addf(buf, "\\%c", c);
	else if (c == '\n')
		*ret = buf_add_text(buf, "\\n");
	else if (c < 0x20 || c == 0x7f)
		*ret = buf_addf(buf, "\\x%02x", c);
	else if (!len)
		*ret = buf_add_text(buf, "\\uFFFD");
	else if (len == 2 && c == 0xc2 && (unsigned char)v.ptr[1] < 0xa0) /* C1 controls, U+0085 among them */
		*ret = buf_addf(buf, "\\x%02x", (unsigned char)v.ptr[1]);
	else if (len == 3 && (c == 0xe2 || c == 0xef)) /* line separators, bidirectional overrides, a byte-order mark */
		*ret = buf_addf(buf, "\\u%04x",
				(unsigned)(c & 0xf) << 12 | ((unsigned char)v.ptr[1] & 0x3fu) << 6 |
					((unsigned char)v.ptr[2] & 0x3fu));
	else
		*ret = buf_add(buf, view_sub(v, 0, len));
	return len ? len : 1;
}

static int add_string(struct buf *buf, struct view value)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	struct view rest;
	int ret = 0;

	if (json_add_string(&text, value))
		return -1;
	rest = buf_view(&text);
	if (is_plain(rest))
		return buf_add(buf, rest);
	if (buf_add_byte(buf, '"'))
		return -1;
	while (rest.len && !ret)
		rest = view_sub(rest, add_character(buf, rest, &ret), rest.len);
	return ret ? -1 : buf_add_byte(buf, '"');
}

static int add_break(struct buf *buf, size_t indent)
{
	if (buf_add_byte(buf, '\n'))
		return -1;
	while (indent--)
		if (buf_add_byte(buf, ' '))
			return -1;
	return 0;
}

static int add_value(struct buf *buf, struct view value, size_t indent);

static bool is_empty(struct view value)
{
	struct view each, key;

	return json_type_of(value) == JSON_ARRAY ? !json_each(&value, &each) : !json_each_member(&value, &key, &each);
}

static bool is_block(struct view value)
{
	enum json_type type = json_type_of(value);

	return (type == JSON_ARRAY || type == JSON_OBJECT) && !is_empty(value);
}

/* The members from here on, which stand at column indent; the first without a line break before it. */
static int add_members(struct buf *buf, struct view object, size_t indent)
{
	struct view key, value;
	bool is_first = true;

	while (json_each_member(&object, &key, &value)) {
		bool nests = is_block(value);

		if ((!is_first && add_break(buf, indent)) || add_string(buf, key) ||
		    buf_add_text(buf, nests ? ":" : ": ") || (nests && add_break(buf, indent + YAML_INDENT)) ||
		    add_value(buf, value, indent + YAML_INDENT))
			return -1;
		is_first = false;
	}
	return 0;
}

static int add_items(struct buf *buf, struct view array, size_t indent)
{
	struct view value;
	bool is_first = true;

	while (json_each(&array, &value)) {
		if ((!is_first && add_break(buf, indent)) || buf_add_text(buf, "- ") ||
		    add_value(buf, value, indent + YAML_INDENT))
			return -1;
		is_first = false;
	}
	return 0;
}

/* Depth is bounded by JSON_DEPTH: the value is valid. */
static int add_value(struct buf *buf, struct view value, size_t indent)
{
	switch (json_type_of(value)) {
	case JSON_STRING:
		return add_string(buf, value);
	case JSON_ARRAY:
		return is_empty(value) ? buf_add_text(buf, "[]") : add_items(buf, value, indent);
	case JSON_OBJECT:
		return is_empty(value) ? buf_add_text(buf, "{}") : add_members(buf, value, indent);
	default:
		return buf_add(buf, value);
	}
}

int output_yaml_row(struct output *out, struct view row)
{
	buf_clear(&out->held);
	if (output_add_ours(&out->held, &out->shape, row) ||
	    (!out->shape.is_single && buf_add_text(&out->pending, "- ")) ||
	    add_value(&out->pending, buf_view(&out->held), out->shape.is_single ? 0 : YAML_INDENT))
		return -1;
	return buf_add_byte(&out->pending, '\n');
}

int output_yaml_end(struct output *out)
{
	return out->rows || out->shape.is_single ? 0 : buf_add_text(&out->pending, "[]\n");
}
