/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport_headers.h"

#include "common/base/bounds.h"
#include "common/base/text.h"

static const struct view wanted[] = {
	{ "request-id", 10 },     { "retry-after", 11 },
	{ "x-should-retry", 14 }, { "date", 4 },
	{ "content-type", 12 },   { "anthropic-organization-id", 25 },
	{ "location", 8 },        { "anthropic-workspace-id", 22 },
};

static bool starts_nocase(struct view v, struct view prefix)
{
	return text_eq_nocase(view_sub(v, 0, prefix.len), prefix);
}

static bool is_wanted(struct view name)
{
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (text_eq_nocase(name, wanted[i]))
			return true;
	return starts_nocase(name, VIEW("anthropic-ratelimit-"));
}

static bool is_fit(struct view value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] < ' ' || value.ptr[i] >= 0x7F)
			return false;
	return value.len > 0 && value.len <= API_HEADER_BYTES;
}

static int keep(struct transport_headers *h, struct view name, struct view value)
{
	size_t need = name.len + value.len + 3, start = h->text.len;

	h->text.max = API_HEADERS_BYTES;
	if (h->is_full || need > h->text.max - start) {
		h->is_full = true;
		return 0;
	}
	if (buf_reserve(&h->text, need) || buf_add(&h->text, name) || buf_add(&h->text, VIEW(": ")) ||
	    buf_add(&h->text, value) || buf_add_byte(&h->text, '\n'))
		return -1;
	for (size_t i = start; i < start + name.len; i++)
		h->text.ptr[i] = text_lower(h->text.ptr[i]);
	return 0;
}

int transport_headers_take(struct transport_headers *h, struct view line)
{
	size_t colon;
	struct view name, value;
	uint64_t n;

	if (starts_nocase(line, VIEW("HTTP/"))) {
		transport_headers_clear(h);
		return 0;
	}
	if (text_trim(line).len == 0)
		h->is_complete = true;
	colon = text_find_byte(line, ':');
	if (colon == SIZE_MAX)
		return 0;
	name = view_sub(line, 0, colon);
	value = text_trim(view_sub(line, colon + 1, line.len));
	if (text_eq_nocase(name, VIEW("content-length")) && text_u64(value, UINT64_MAX, &n) == 0)
		h->content_length = n;
	if (text_eq_nocase(name, VIEW("content-encoding"))) {
		h->is_encoded = !text_eq_nocase(value, VIEW("identity"));
		h->is_gzip = text_eq_nocase(value, VIEW("gzip")) || text_eq_nocase(value, VIEW("x-gzip"));
	}
	return is_wanted(name) && is_fit(value) ? keep(h, name, value) : 0;
}

bool transport_headers_next(struct view *rest, struct view *ret_name, struct view *ret_value)
{
	struct view line;
	size_t colon;

	if (!text_next_line(rest, &line))
		return false;
	colon = text_find_byte(line, ':');
	*ret_name = view_sub(line, 0, colon);
	*ret_value = view_sub(line, colon + 2, line.len);
	return true;
}

void transport_headers_clear(struct transport_headers *h)
{
	buf_clear(&h->text);
	h->is_full = h->is_complete = h->is_encoded = h->is_gzip = false;
	h->content_length = 0;
}

void transport_headers_done(struct transport_headers *h)
{
	buf_done(&h->text);
	transport_headers_clear(h);
}
