/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/suppress/ignored.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/suppress/suppress.h"

struct reading {
	struct ignored *ignored;
	const char *path;
	void (*note)(const char *text);
	size_t line;   /* from 1 */
	size_t faults; /* lines that say nothing */
};

PRINTF_LIKE(2, 3)
static void notef(const struct reading *r, const char *fmt, ...)
{
	DEFER(buf_done) struct buf text = BUF_INIT(LOG_LINE_BYTES);
	va_list args;

	va_start(args, fmt);
	if (buf_addvf(&text, fmt, args) == 0)
		r->note(text.ptr);
	va_end(args);
}

static int put(struct ignored *i, char *text)
{
	char **grown = text ? grow_items(i->items, i->count, &i->cap, sizeof(*grown)) : NULL;

	if (!grown) {
		free(text);
		return -1;
	}
	i->items = grown;
	i->items[i->count++] = text;
	return 0;
}

static bool is_secret_id(struct view v)
{
	bool is_hex = v.len == SECRET_ID_BYTES - 1 && text_starts(v, VIEW("sha256:"));

	for (size_t i = 7; is_hex && i < v.len; i++)
		is_hex = text_is_digit(v.ptr[i]) || (v.ptr[i] >= 'a' && v.ptr[i] <= 'f');
	return is_hex;
}

/* Cuts what stands behind the last colon off *rest, and the colon. Nothing when there is none. */
static struct view last_part(struct view *rest)
{
	size_t at = rest->len;
	struct view part;

	while (at > 0 && rest->ptr[at - 1] != ':')
		at--;
	if (at == 0)
		return VIEW_NONE;
	part = view_sub(*rest, at, rest->len);
	rest->len = at - 1;
	return part;
}

static bool is_rule_id(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!text_is_alnum(v.ptr[i]) && !strchr("-_.", v.ptr[i]))
			return false;
	return v.len > 0;
}

/* `path:rule:line`, whatever stands before that; with the name of the rule here in *ret. 1 when it is none, -1 when
 * there is no memory. */
static int read_fingerprint(struct view v, struct buf *ret)
{
	struct view line = last_part(&v), rule = last_part(&v);
	uint64_t n;

	if (!v.len || !is_rule_id(rule) || !line.len || text_u64(line, UINT64_MAX, &n))
		return 1;
	rule = suppress_rule_here(rule);
	return buf_add(ret, v) || buf_add_byte(ret, ':') || buf_add(ret, rule) || buf_add_byte(ret, ':') ||
			       buf_add(ret, line)
		       ? -1
		       : 0;
}

static int take_line(struct reading *r, struct view line)
{
	DEFER(buf_done) struct buf fingerprint = BUF_INIT(IGNORE_FILE_BYTES);
	int ret;

	line = text_trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return 0;
	if (is_secret_id(line))
		return put(r->ignored, strndup(line.ptr, line.len));
	ret = read_fingerprint(line, &fingerprint);
	if (ret <= 0)
		return ret ? -1 : put(r->ignored, buf_detach(&fingerprint));
	if (r->faults++ < IGNORE_LINES_TOLD)
		notef(r,
		      "%s:%zu: this line has no effect: path:rule:line, commit:path:rule:line or sha256: and 32 "
		      "lower-case hexadecimal digits were expected (or a newer version of skant knows it)",
		      r->path, r->line);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int take_all(struct reading *r, struct view rest, struct err *err)
{
	struct view line;

	while (text_next_line(&rest, &line)) {
		r->line++;
		if (text_find_byte(line, '\0') != SIZE_MAX)
			return err_set(err, ERR_CONFIG, 0,
				       "%s:%zu: this is no text: a fingerprint or a secret id a line was expected",
				       r->path, r->line);
		if (take_line(r, line))
			return err_nomem(err);
	}
	if (r->faults > IGNORE_LINES_TOLD)
		notef(r, "%s: %zu more lines have no effect", r->path, r->faults - IGNORE_LINES_TOLD);
	return 0;
}

/* Editors put a byte-order mark in front. */
static struct view past_mark(struct view text)
{
	return text_starts(text, VIEW("\xEF\xBB\xBF")) ? view_sub(text, 3, text.len) : text;
}

int ignored_read(struct ignored *i, const char *path, void (*note)(const char *text), struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(IGNORE_FILE_BYTES);
	struct reading r = { .ignored = i, .path = path, .note = note };
	bool exists;

	if (!file_is_regular(path, &exists))
		return exists ? err_set(err, ERR_CONFIG, 0, "'%s' is no regular file", path) : 0;
	if (file_read(path, &text, err)) {
		if (err->kind == ERR_LIMIT)
			err->kind = ERR_CONFIG;
		return -1;
	}
	if (take_all(&r, past_mark(buf_view(&text)), err))
		return -1;
	if (i->count)
		qsort(i->items, i->count, sizeof(*i->items), by_text);
	return 0;
}

bool ignored_has(const struct ignored *i, const char *text)
{
	return i->count && bsearch(&text, i->items, i->count, sizeof(*i->items), by_text);
}

void ignored_done(struct ignored *i)
{
	for (size_t n = 0; n < i->count; n++)
		free(i->items[n]);
	free(i->items);
	*i = (struct ignored){ .count = 0 };
}
