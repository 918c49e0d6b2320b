/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "scanner/readback.h"

#define SHA256 "sha256:"

static int refuse(struct err *err, const char *key, const char *expected)
{
	return err_set(err, ERR_FORMAT, 0, "\"%s\" of the summary's repositories: %s was expected", key, expected);
}

static int take_digest(struct view object, const char *key, bool is_needed, char ret[static REPOLIST_DIGEST_BYTES],
		       struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(sizeof(SHA256) + REPOLIST_DIGEST_BYTES);
	struct view value = json_member(object, key), hex;
	unsigned char bytes[DIGEST_SHA256_BYTES];

	if (buf_reserve(&text, text.max))
		return err_nomem(err);
	if (value.len && json_type_of(value) == JSON_STRING && json_add_string(&text, value))
		buf_clear(&text); /* longer than any */
	if (!value.len && !is_needed)
		return 0;
	hex = view_sub(buf_view(&text), sizeof(SHA256) - 1, text.len);
	if (!text_starts(buf_view(&text), VIEW(SHA256)) || digest_read_hex(hex, bytes, sizeof(bytes)))
		return refuse(err, key, "\"sha256:\" and 64 hexadecimal digits");
	memcpy(ret, hex.ptr, hex.len);
	ret[hex.len] = '\0';
	return 0;
}

static int take_names(struct view object, const char *key, struct textset *ret, struct err *err)
{
	struct view cursor = json_member(object, key), value;

	if (!cursor.len || json_type_of(cursor) != JSON_ARRAY)
		return refuse(err, key, "a list of names");
	while (json_each(&cursor, &value)) {
		DEFER(buf_done) struct buf name = BUF_INIT(REPORT_TEXT_BYTES);

		if (json_type_of(value) != JSON_STRING)
			return refuse(err, key, "a list of names");
		if (ret->count == REPOSITORIES_MAX)
			return refuse(err, key, "a shorter list of names");
		if (json_add_string(&name, value) || textset_add(ret, buf_view(&name)))
			return err_nomem(err);
	}
	return 0;
}

/* Without "shards" it is all of the list. */
static int take_parts(struct view object, struct shards *ret, struct err *err)
{
	struct view shards = json_member(object, "shards"), cursor = json_member(object, "parts"), value;
	uint64_t n = 1;

	if (shards.len && (text_u64(shards, SHARDS_MAX, &n) || n == 0))
		return refuse(err, "shards", "a number of parts");
	ret->count = (unsigned)n;
	if (!shards.len)
		shards_set(ret, 0);
	if (shards.len && (!cursor.len || json_type_of(cursor) != JSON_ARRAY))
		return refuse(err, "parts", "a list of numbers");
	while (shards.len && json_each(&cursor, &value)) {
		if (text_u64(value, ret->count, &n) || n == 0)
			return refuse(err, "parts", "a list of numbers up to that of \"shards\"");
		shards_set(ret, (unsigned)n - 1);
	}
	return 0;
}

int readback_repositories(struct view object, struct shards *s, struct err *err)
{
	struct view value = json_member(json_member(object, "summary"), "repositories");
	struct shards more = { .count = 0 };
	int ret;

	if (!value.len)
		return 0;
	if (json_type_of(value) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "\"repositories\" of the summary: an object was expected");
	if (text_u64(json_member(value, "total"), REPOSITORIES_MAX, &more.total))
		return refuse(err, "total", "a number");
	ret = take_digest(value, "list", true, more.list, err) ||
			      take_digest(value, "settings", false, more.settings, err) ||
			      take_parts(value, &more, err) || take_names(value, "read", &more.read, err) ||
			      take_names(value, "incomplete", &more.incomplete, err) || shards_add(s, &more, err)
		      ? -1
		      : 0;
	shards_done(&more);
	return ret;
}
