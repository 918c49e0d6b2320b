/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/jsonw.h"

#include "common/base/text.h"

void jsonw_init(struct jsonw *w, struct buf *out, unsigned indent)
{
	*w = (struct jsonw){ .out = out, .indent = indent };
}

bool jsonw_ok(const struct jsonw *w)
{
	return !w->failed && w->depth == 0;
}

static void put(struct jsonw *w, struct view v)
{
	if (!w->failed && buf_add(w->out, v))
		w->failed = true;
}

static void new_line(struct jsonw *w)
{
	if (!w->indent)
		return;
	put(w, VIEW("\n"));
	for (unsigned i = 0; i < w->indent * w->depth; i++)
		put(w, VIEW(" "));
}

/* What goes before an entry of a level: a comma, and the line it stands on. */
static void lead(struct jsonw *w)
{
	if (w->filled[w->depth])
		put(w, VIEW(","));
	w->filled[w->depth] = true;
	new_line(w);
}

/* What goes before a value. One in an object needs a key. */
static void lead_value(struct jsonw *w)
{
	if (w->after_key)
		w->after_key = false;
	else if (w->depth && !w->is_array[w->depth])
		w->failed = true;
	else if (w->depth)
		lead(w);
}

static void open_level(struct jsonw *w, bool is_array)
{
	lead_value(w);
	if (w->depth == JSONW_DEPTH) {
		w->failed = true;
		return;
	}
	put(w, is_array ? VIEW("[") : VIEW("{"));
	w->depth++;
	w->filled[w->depth] = false;
	w->is_array[w->depth] = is_array;
}

void jsonw_object(struct jsonw *w)
{
	open_level(w, false);
}

void jsonw_array(struct jsonw *w)
{
	open_level(w, true);
}

void jsonw_end(struct jsonw *w)
{
	bool was_filled, was_array;

	if (w->depth == 0 || w->after_key) {
		w->failed = true;
		return;
	}
	was_filled = w->filled[w->depth];
	was_array = w->is_array[w->depth];
	w->depth--;
	if (was_filled)
		new_line(w);
	put(w, was_array ? VIEW("]") : VIEW("}"));
}

/* One character that cannot stand in a string as it is. */
static void put_escape(struct jsonw *w, unsigned char c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; i + 1 < sizeof(letters) - 1; i += 2)
		if ((unsigned char)letters[i] == c) {
			char out[2] = { '\\', letters[i + 1] };

			put(w, view_from(out, 2));
			return;
		}
	if (!w->failed && buf_addf(w->out, "\\u00%02x", c))
		w->failed = true;
}

/* Length of the character at i that can stand in a string as it is; 0 when it cannot. C1 controls are escaped as well:
 * people print reports on terminals. */
static size_t plain_len(struct view v, size_t i)
{
	unsigned char c = (unsigned char)v.ptr[i];
	size_t len = c < 0x80 ? 1 : text_utf8_len(view_sub(v, i, v.len));
	bool is_c1 = len == 2 && c == 0xC2 && (unsigned char)v.ptr[i + 1] < 0xA0;

	return c < 0x20 || c == 0x7F || c == '"' || c == '\\' || is_c1 ? 0 : len;
}

/* Writes one character that plain_len refused; its length. */
static size_t put_refused(struct jsonw *w, struct view v)
{
	size_t len = text_utf8_len(v);

	if (len == 0)
		put(w, VIEW("\xEF\xBF\xBD")); /* U+FFFD */
	else
		put_escape(w, (unsigned char)v.ptr[len - 1]); /* of U+0080 to U+009F the last byte is the number */
	return len ? len : 1;
}

static void put_string(struct jsonw *w, struct view v)
{
	size_t from = 0, i = 0;

	put(w, VIEW("\""));
	while (i < v.len) {
		size_t len = plain_len(v, i);

		i += len;
		if (len)
			continue;
		put(w, view_sub(v, from, i - from));
		i += put_refused(w, view_sub(v, i, v.len));
		from = i;
	}
	put(w, view_sub(v, from, v.len - from));
	put(w, VIEW("\""));
}

void jsonw_key(struct jsonw *w, const char *key)
{
	if (w->depth == 0 || w->is_array[w->depth] || w->after_key) {
		w->failed = true;
		return;
	}
	lead(w);
	put_string(w, view_of(key));
	put(w, w->indent ? VIEW(": ") : VIEW(":"));
	w->after_key = true;
}

void jsonw_string(struct jsonw *w, struct view v)
{
	lead_value(w);
	put_string(w, v);
}

void jsonw_u64(struct jsonw *w, uint64_t n)
{
	lead_value(w);
	if (!w->failed && buf_addf(w->out, "%llu", (unsigned long long)n))
		w->failed = true;
}

void jsonw_bool(struct jsonw *w, bool b)
{
	lead_value(w);
	put(w, b ? VIEW("true") : VIEW("false"));
}

void jsonw_raw(struct jsonw *w, struct view value)
{
	lead_value(w);
	put(w, value);
}

void jsonw_member(struct jsonw *w, const char *key, struct view v)
{
	jsonw_key(w, key);
	jsonw_string(w, v);
}

void jsonw_member_text(struct jsonw *w, const char *key, const char *text)
{
	if (text)
		jsonw_member(w, key, view_of(text));
}

void jsonw_member_u64(struct jsonw *w, const char *key, uint64_t n)
{
	jsonw_key(w, key);
	jsonw_u64(w, n);
}
