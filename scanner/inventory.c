/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"

#define SCHEMA "skant-inventory/1"
#define HINT_FIRST 3
#define HINT_LAST 4
#define KIND_MAX 12 /* characters of a kind, as those that are shown have */

struct reading {
	struct inventory *inventory;
	size_t cap;
	const char *path;
	size_t line; /* from 1 */
	bool has_head;
	struct err *err;
};

static int refuse(const struct reading *r, const char *what, const char *expected)
{
	return err_set(r->err, ERR_CONFIG, 0, "%s:%zu: %s: %s was expected, as `skantctl keys export` writes it",
		       r->path, r->line, what, expected);
}

/* The text of a member, terminated, in the inventory's own texts, which do not move: all that the file holds fits into
 * what was reserved. *ret is NULL when the member is absent or null. */
static int take_text(struct reading *r, struct view object, const char *key, bool is_needed, const char **ret)
{
	struct buf *texts = &r->inventory->texts;
	struct view value = json_member(object, key);
	size_t start = texts->len;

	*ret = NULL;
	if (!value.len || json_type_of(value) == JSON_NULL)
		return is_needed ? refuse(r, key, "a text, which is missing,") : 0;
	if (json_type_of(value) != JSON_STRING)
		return refuse(r, key, "a text");
	if (json_add_string(texts, value) || buf_add_byte(texts, '\0'))
		return err_nomem(r->err);
	*ret = texts->ptr + start;
	if (strlen(*ret) + 1 != texts->len - start)
		return refuse(r, key, "a text without \\u0000");
	return is_needed && !**ret ? refuse(r, key, "a text that is not empty") : 0;
}

static int take_time(struct reading *r, struct view object, const char *key, bool is_needed, const char **ret,
		     int64_t *ret_s)
{
	*ret_s = 0;
	if (take_text(r, object, key, is_needed, ret))
		return -1;
	if (*ret && clock_parse_time(view_of(*ret), ret_s, NULL))
		return refuse(r, key, "a time such as 2026-11-24T13:49:09Z");
	return 0;
}

static bool are_key_chars(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!secret_is_key_char(v.ptr[i]))
			return false;
	return true;
}

/* sk-ant-KIND-, 3 characters, three dots, 4 characters. */
static bool is_hint(struct view v)
{
	size_t kind = 7;
	struct view rest;

	if (!text_starts(v, VIEW("sk-ant-")))
		return false;
	while (kind < v.len && kind < 7 + KIND_MAX && text_is_alnum(v.ptr[kind]))
		kind++;
	rest = view_sub(v, kind, v.len);
	return kind > 7 && rest.len == 1 + HINT_FIRST + 3 + HINT_LAST && rest.ptr[0] == '-' &&
	       are_key_chars(view_sub(rest, 1, HINT_FIRST)) &&
	       text_eq(view_sub(rest, 1 + HINT_FIRST, 3), VIEW("...")) &&
	       are_key_chars(view_sub(rest, 1 + HINT_FIRST + 3, HINT_LAST));
}

/* Three dots may be written as the one character that looks like them: it has as many bytes. */
static void spell_dots(char *hint)
{
	char *ellipsis = strstr(hint, "\u2026");

	_Static_assert(sizeof("\u2026") == sizeof("..."), "an ellipsis in UTF-8 has three bytes");
	if (ellipsis)
		memcpy(ellipsis, "...", 3);
}

/* A key that has no hint, or none in a form that is known, cannot be compared: it is counted. */
static int take_hint(struct reading *r, struct view object, const char **ret)
{
	size_t start = r->inventory->texts.len;

	if (take_text(r, object, "hint", false, ret))
		return -1;
	if (*ret)
		spell_dots(r->inventory->texts.ptr + start);
	if (*ret && !is_hint(view_of(*ret)))
		*ret = NULL;
	return 0;
}

static int take_key(struct reading *r, struct view object)
{
	struct inventory *inventory = r->inventory;
	struct inventory_key key, *grown;

	if (take_text(r, object, "id", true, &key.id) || take_text(r, object, "name", true, &key.name) ||
	    take_text(r, object, "status", true, &key.status) ||
	    take_text(r, object, "workspace_id", false, &key.workspace_id) ||
	    take_text(r, object, "workspace", false, &key.workspace) ||
	    take_time(r, object, "created_at", true, &key.created_at, &key.created_s) ||
	    take_time(r, object, "expires_at", false, &key.expires_at, &key.expires_s) ||
	    take_hint(r, object, &key.hint))
		return -1;
	if (!key.hint) {
		inventory->without_hint++;
		return 0;
	}
	grown = grow_items(inventory->keys, inventory->count, &r->cap, sizeof(*grown));
	if (!grown)
		return err_nomem(r->err);
	inventory->keys = grown;
	inventory->keys[inventory->count++] = key;
	return 0;
}

static int take_head(struct reading *r, struct view object)
{
	const char *schema;

	if (!json_member(object, "schema").len)
		return refuse(r, "the first line names no schema", "{\"schema\":\"" SCHEMA "\",...}");
	if (take_text(r, object, "schema", true, &schema) ||
	    take_time(r, object, "exported_at", false, &r->inventory->exported_at, &r->inventory->exported_s))
		return -1;
	if (!text_eq(view_of(schema), VIEW(SCHEMA)))
		return refuse(r, "an inventory of a kind that this skant does not know", SCHEMA);
	r->has_head = true;
	return 0;
}

static int take_line(struct reading *r, struct view line)
{
	struct view object;

	if (json_whole(line, &object, r->err)) {
		r->err->kind = ERR_CONFIG;
		return err_prefix(r->err, "%s:%zu", r->path, r->line);
	}
	if (json_type_of(object) != JSON_OBJECT)
		return refuse(r, "this line is no JSON object", "one");
	return r->has_head ? take_key(r, object) : take_head(r, object);
}

static int by_hint(const void *a, const void *b)
{
	const struct inventory_key *x = a, *y = b;
	int order = strcmp(x->hint, y->hint);

	return order ? order : strcmp(x->id, y->id);
}

/* In order, and each key once: a list that was walked while it changed may tell one twice. */
static void settle(struct inventory *inventory)
{
	size_t kept = 0;

	if (inventory->count < 2)
		return;
	qsort(inventory->keys, inventory->count, sizeof(*inventory->keys), by_hint);
	for (size_t i = 1; i < inventory->count; i++)
		if (by_hint(&inventory->keys[kept], &inventory->keys[i]))
			inventory->keys[++kept] = inventory->keys[i];
	inventory->count = kept + 1;
}

int inventory_parse(struct inventory *inventory, struct view text, const char *path, struct err *err)
{
	struct reading r = { .inventory = inventory, .path = path, .err = err };
	struct view rest = text, line;

	*inventory = (struct inventory){ .texts = BUF_INIT(EXPORT_BYTES + 1u) };
	if (text.len > EXPORT_BYTES)
		return err_set(err, ERR_LIMIT, 0, "'%s' is larger than an inventory can be: %u bytes", path,
			       EXPORT_BYTES);
	/* each text and its end take less room than the text in its quotes */
	if (buf_reserve(&inventory->texts, text.len))
		return err_nomem(err);
	while (text_next_line(&rest, &line)) {
		r.line++;
		if (text_trim(line).len && take_line(&r, line))
			return -1;
	}
	if (!r.has_head) {
		r.line = 1;
		return refuse(&r, "the file is empty", "{\"schema\":\"" SCHEMA "\",...}");
	}
	settle(inventory);
	return 0;
}

int inventory_read(struct inventory *inventory, const char *path, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(EXPORT_BYTES);

	*inventory = (struct inventory){ .count = 0 };
	return file_read(path, &text, err) || inventory_parse(inventory, buf_view(&text), path, err) ? -1 : 0;
}

void inventory_done(struct inventory *inventory)
{
	free(inventory->keys);
	buf_done(&inventory->texts);
	*inventory = (struct inventory){ .count = 0 };
}

const struct inventory_key *inventory_find(const struct inventory *inventory, const char *masked, size_t *ret_count)
{
	size_t low = 0, high = inventory->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(inventory->keys[middle].hint, masked) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < inventory->count && strcmp(inventory->keys[end].hint, masked) == 0;)
		end++;
	*ret_count = end - low;
	return end > low ? &inventory->keys[low] : NULL;
}

void inventory_join(const struct inventory *inventory, struct finding *f)
{
	if (f->rule->kind != KIND_KEYNAME)
		f->inventory = inventory_find(inventory, f->masked, &f->inventory_count);
}
