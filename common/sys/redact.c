/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/redact.h"

#include <string.h>

#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/json_plain.h"
#include "common/sys/json_unit.h"

#define KEY_BYTES (16u << 20) /* a run of key characters: no longer than what it stands in */
#define UNIT_BYTES 6          /* \uXXXX */

static const struct view prefix = { .ptr = "sk-ant-", .len = 7 };

/* Of the escapes, only these stand for characters of a key (RFC 8259, section 7). */
static const struct view escape = { .ptr = "\\u00", .len = 4 };

/* Whether there may be a key at all. Two neighbours that are as rare as `k-` are found at memory's speed. */
static bool may_hold_key(struct view json)
{
	return text_find(json, view_sub(prefix, 1, SIZE_MAX)) != SIZE_MAX ||
	       (text_find_byte(json, '\\') != SIZE_MAX && text_find(json, escape) != SIZE_MAX);
}

/* The end of the string whose content starts at at: where its closing quote is. */
static const char *string_end(const char *at, const char *end)
{
	for (; at < end; at++) {
		at = json_plain_end(at, end);
		if (at == end || *at == '"')
			break;
		at += *at == '\\';
	}
	return at < end ? at : end;
}

/* The character at the start of raw, which is not empty, and how many bytes it takes; one that no key has is '\0'. */
static char take(struct view raw, size_t *ret_len)
{
	int32_t unit;

	*ret_len = 1;
	if (raw.ptr[0] != '\\')
		return raw.ptr[0];
	*ret_len = raw.len < 2 ? 1 : 2;
	unit = raw.len < UNIT_BYTES ? -1 : json_unit_at(raw.ptr + 1, raw.ptr + raw.len);
	if (unit < 0)
		return '\0';
	*ret_len = UNIT_BYTES;
	return unit < 0x80 ? (char)unit : '\0';
}

/* How many bytes of raw the prefix takes, with which it starts; 0 when it does not. */
static size_t prefix_bytes(struct view raw)
{
	size_t at = 0, len;

	for (size_t i = 0; i < prefix.len; i++) {
		if (at >= raw.len || take(view_sub(raw, at, SIZE_MAX), &len) != prefix.ptr[i])
			return 0;
		at += len;
	}
	return at;
}

/* Appends the characters of the run of key characters that raw starts with: how many bytes it takes, or SIZE_MAX
 * without memory. */
static size_t read_run(struct view raw, struct buf *run)
{
	size_t at = 0, len;

	while (at < raw.len) {
		char c = take(view_sub(raw, at, SIZE_MAX), &len);

		if (!secret_is_key_char(c))
			break;
		if (buf_add_byte(run, c))
			return SIZE_MAX;
		at += len;
	}
	return at;
}

/* Where the next prefix starts in the content of a string, or SIZE_MAX. has_escape: characters may be escaped. */
static size_t find_prefix(struct view raw, size_t from, bool has_escape)
{
	if (!has_escape) {
		size_t at = text_find(view_sub(raw, from, SIZE_MAX), prefix);

		return at == SIZE_MAX ? SIZE_MAX : from + at;
	}
	for (size_t len; from < raw.len; from += len) {
		struct view rest = view_sub(raw, from, SIZE_MAX);

		if (take(rest, &len) == prefix.ptr[0] && prefix_bytes(rest))
			return from;
	}
	return SIZE_MAX;
}

struct redaction {
	struct view json;
	struct buf *store;
	size_t copied; /* bytes of json that are in store, or stand there masked */
	bool is_redacted;
	struct buf run, masked;
};

/* Puts what is masked in the place of bytes of json. */
static int replace(struct redaction *r, size_t from, size_t to)
{
	r->is_redacted = true;
	if (buf_add(r->store, view_sub(r->json, r->copied, from - r->copied)) ||
	    buf_add(r->store, buf_view(&r->masked)))
		return -1;
	r->copied = to;
	return 0;
}

/* The content of one string, which starts at byte base of json. */
static int redact_string(struct redaction *r, struct view raw, size_t base)
{
	bool has_escape = text_find(raw, escape) != SIZE_MAX;

	for (size_t at = 0; (at = find_prefix(raw, at, has_escape)) != SIZE_MAX;) {
		size_t len;

		buf_clear(&r->run);
		buf_clear(&r->masked);
		len = read_run(view_sub(raw, at, SIZE_MAX), &r->run);
		if (len == SIZE_MAX || secret_add_masked_text(&r->masked, buf_view(&r->run), VIEW_NONE))
			return -1;
		if (!text_eq(buf_view(&r->run), buf_view(&r->masked)) && replace(r, base + at, base + at + len))
			return -1;
		at += len;
	}
	return 0;
}

static int redact_strings(struct redaction *r)
{
	const char *start = r->json.ptr, *end = start + r->json.len, *at = start;

	while (at < end && (at = memchr(at, '"', (size_t)(end - at)))) {
		const char *content = at + 1, *close = string_end(content, end);

		if (redact_string(r, view_from(content, (size_t)(close - content)), (size_t)(content - start)))
			return -1;
		at = close < end ? close + 1 : end;
	}
	return r->is_redacted ? buf_add(r->store, view_sub(r->json, r->copied, SIZE_MAX)) : 0;
}

int redact_json(struct view json, struct buf *store, struct view *ret, bool *ret_redacted, struct err *err)
{
	struct redaction r = {
		.json = json, .store = store, .run = BUF_INIT(KEY_BYTES), .masked = BUF_INIT(KEY_BYTES)
	};
	size_t start = store->len;
	int status = may_hold_key(json) ? redact_strings(&r) : 0;

	buf_wipe(&r.run);
	buf_done(&r.masked);
	if (status) {
		buf_cut(store, start);
		return err_nomem(err);
	}
	*ret = r.is_redacted ? view_sub(buf_view(store), start, SIZE_MAX) : json;
	*ret_redacted = r.is_redacted;
	return 0;
}

bool redact_is_key(struct view text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(KEY_BYTES);

	/* Without memory to tell, it counts as one. */
	return text_find(text, prefix) != SIZE_MAX &&
	       (secret_add_masked_text(&masked, text, VIEW_NONE) || !text_eq(text, buf_view(&masked)));
}
