/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/secret.h"

#include <string.h>

#include "common/base/digest.h"
#include "common/base/text.h"

#define SHOWN_FIRST 3
#define SHOWN_LAST 4
#define RUN_MIN 8 /* a sk-ant-... run with fewer characters behind its prefix is a word about keys, not a key */

static const struct view key_prefix = { .ptr = "sk-ant-", .len = 7 };

void secret_wipe(void *ptr, size_t len)
{
	explicit_bzero(ptr, len);
}

bool secret_is_key_char(char c)
{
	return text_is_alnum(c) || c == '_' || c == '-';
}

/* How much of a key is its prefix: `sk-ant-`, then a kind of letters and digits and its '-', when there is one. */
static size_t prefix_len(struct view secret)
{
	size_t kind = key_prefix.len;

	if (!text_starts(secret, key_prefix))
		return 0;
	while (kind < secret.len && kind < key_prefix.len + 12 && text_is_alnum(secret.ptr[kind]))
		kind++;
	return kind < secret.len && secret.ptr[kind] == '-' && kind > key_prefix.len ? kind + 1 : key_prefix.len;
}

int secret_add_mask(struct buf *buf, struct view secret)
{
	size_t start = buf->len, prefix = prefix_len(secret);
	struct view body = view_sub(secret, prefix, secret.len);
	bool is_long = body.len >= SECRET_MASK_MIN;
	struct view first = view_sub(body, 0, is_long ? SHOWN_FIRST : 0);
	struct view last = view_sub(body, body.len - SHOWN_LAST, is_long && prefix ? SHOWN_LAST : 0);

	if (text_add_clean(buf, view_sub(secret, 0, prefix)) || text_add_clean(buf, first) ||
	    buf_add_text(buf, "...") || text_add_clean(buf, last)) {
		buf_cut(buf, start);
		return -1;
	}
	return 0;
}

/* Length of the key-like run at the start of v, which starts with key_prefix; 0 when it is too short to be one. */
static size_t run_len(struct view v)
{
	size_t len = key_prefix.len;

	while (len < v.len && secret_is_key_char(v.ptr[len]))
		len++;
	return len - prefix_len(view_sub(v, 0, len)) >= RUN_MIN ? len : 0;
}

/* Position of the next key-like run at or behind from, or SIZE_MAX; *ret_len gets its length. */
static size_t next_run(struct view text, size_t from, size_t *ret_len)
{
	for (size_t at = from; at < text.len; at++) {
		size_t found = text_find(view_sub(text, at, text.len), key_prefix);

		if (found == SIZE_MAX)
			break;
		at += found;
		*ret_len = run_len(view_sub(text, at, text.len));
		if (*ret_len)
			return at;
	}
	return SIZE_MAX;
}

/* The next thing to hide in text at or behind from: its position, or SIZE_MAX; *ret_len gets its length. A run and
 * also that overlap are hidden as one, or the rest of the longer would stay. */
static size_t next_secret(struct view text, size_t from, struct view also, size_t *ret_len)
{
	size_t run = next_run(text, from, ret_len);
	size_t found = also.len ? text_find(view_sub(text, from, text.len), also) : SIZE_MAX;
	size_t start, end;

	if (found == SIZE_MAX)
		return run;
	start = from + found;
	end = start + also.len;
	if (run != SIZE_MAX && run + *ret_len <= start)
		return run;
	if (run < end) {
		start = run < start ? run : start;
		end = run + *ret_len > end ? run + *ret_len : end;
	}
	*ret_len = end - start;
	return start;
}

int secret_add_masked_text(struct buf *buf, struct view text, struct view also)
{
	size_t start = buf->len;

	for (size_t from = 0; from < text.len;) {
		size_t len = 0, at = next_secret(text, from, also, &len);
		struct view plain = view_sub(text, from, at == SIZE_MAX ? text.len : at - from);

		if (buf_add(buf, plain))
			goto fail;
		if (at == SIZE_MAX)
			break;
		if (secret_add_mask(buf, view_sub(text, at, len)))
			goto fail;
		from = at + len;
	}
	return 0;
fail:
	buf_cut(buf, start);
	return -1;
}

void secret_id(struct view secret, char ret_id[static SECRET_ID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[DIGEST_SHA256_BYTES];
	char *out = ret_id + 7;

	memcpy(ret_id, "sha256:", 7);
	digest_sha256(secret, hash);
	for (size_t i = 0; i < 16; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
	}
	*out = '\0';
}
