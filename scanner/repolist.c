/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/repolist.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/file.h"

#define HEAD "skant-plan/1 "

struct reading {
	struct repolist *list;
	const char *file;
	size_t line;
	struct view head; /* what the plan's first line says behind HEAD */
	size_t head_line;
	bool any; /* a line that says something was read */
	struct err *err;
};

void repolist_done(struct repolist *l)
{
	free(l->entries);
	free(l->folder);
	textpool_done(&l->names);
	*l = (struct repolist){ .count = 0 };
}

static int refuse(const struct reading *r, const char *what)
{
	return err_set(r->err, ERR_USAGE, 0, "%s:%zu: %s", r->file, r->line, what);
}

/* Appends the path without what says nothing: doubled slashes, parts that are a dot, a slash at the end. */
static int add_name(struct buf *out, struct view path)
{
	bool is_absolute = text_starts(path, VIEW("/"));

	if (is_absolute && buf_add_byte(out, '/'))
		return -1;
	while (path.len) {
		size_t end = text_find_byte(path, '/');
		struct view part = view_sub(path, 0, end);

		path = end == SIZE_MAX ? VIEW_NONE : view_sub(path, end + 1, path.len);
		if (!part.len || text_eq(part, VIEW(".")))
			continue;
		if ((out->len > (is_absolute ? 1u : 0u) && buf_add_byte(out, '/')) || buf_add(out, part))
			return -1;
	}
	return out->len ? 0 : buf_add_byte(out, '.');
}

static bool is_clean(struct view text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(4 * REPOSITORY_NAME_BYTES);

	return text_add_clean(&clean, text) == 0 && text_eq(buf_view(&clean), text);
}

static int take_repository(struct reading *r, struct view path, uint64_t bytes)
{
	DEFER(buf_done) struct buf name = BUF_INIT(REPOSITORY_NAME_BYTES);
	struct repolist *l = r->list;
	struct repolist_entry *grown;
	const char *kept;

	if (path.len > REPOSITORY_NAME_BYTES || !is_clean(path))
		return refuse(r, "the path of a repository was expected, in UTF-8 and without control characters");
	if (l->count == REPOSITORIES_MAX)
		return err_set(r->err, ERR_LIMIT, 0, "%s:%zu: more than %d repositories", r->file, r->line,
			       REPOSITORIES_MAX);
	if (add_name(&name, path))
		return err_nomem(r->err);
	grown = grow_items(l->entries, l->count, &l->cap, sizeof(*grown));
	if (!grown)
		return err_nomem(r->err);
	l->entries = grown;
	kept = textpool_add(&l->names, buf_view(&name));
	if (!kept)
		return err_nomem(r->err);
	l->entries[l->count++] = (struct repolist_entry){ .name = kept, .bytes = bytes, .line = r->line };
	return 0;
}

static int take_planned(struct reading *r, struct view line)
{
	size_t tab = text_find_byte(line, '\t');
	uint64_t bytes;

	if (tab == SIZE_MAX || text_u64(view_sub(line, 0, tab), REPOSITORY_BYTES_MAX, &bytes) || tab + 1 == line.len)
		return refuse(r, "a size in bytes, a tab and the path of a repository were expected");
	return take_repository(r, view_sub(line, tab + 1, line.len), bytes);
}

static int take_line(struct reading *r, struct view whole)
{
	struct view line = text_trim(whole);
	bool is_first = !r->any;

	if (!line.len || line.ptr[0] == '#')
		return 0;
	r->any = true;
	if (is_first && text_starts(line, VIEW(HEAD))) {
		r->list->is_plan = true;
		r->head = view_sub(line, sizeof(HEAD) - 1, line.len);
		r->head_line = r->line;
		return 0;
	}
	if (is_first && text_starts(line, VIEW("skant-plan/")))
		return refuse(r, "a plan of another version of skant; this one reads skant-plan/1");
	/* in a plan a blank at the end is the path's */
	return r->list->is_plan ? take_planned(r, whole) : take_repository(r, line, 0);
}

static int by_name(const void *a, const void *b)
{
	const struct repolist_entry *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int sort(struct reading *r)
{
	struct repolist *l = r->list;

	if (l->count)
		qsort(l->entries, l->count, sizeof(*l->entries), by_name);
	for (size_t i = 1; i < l->count; i++)
		if (strcmp(l->entries[i - 1].name, l->entries[i].name) == 0)
			return err_set(r->err, ERR_USAGE, 0, "%s:%zu: '%s' stands in line %zu already", r->file,
				       l->entries[i].line, l->entries[i].name, l->entries[i - 1].line);
	return 0;
}

static int digest(struct repolist *l, struct err *err)
{
	DEFER(buf_done) struct buf hex = BUF_INIT(REPOLIST_DIGEST_BYTES);
	unsigned char bytes[DIGEST_SHA256_BYTES];
	struct digest_sha256 d;

	digest_sha256_init(&d);
	for (size_t i = 0; i < l->count; i++) {
		DEFER(buf_done) struct buf line = BUF_INIT(REPOSITORY_NAME_BYTES + 32);
		const struct repolist_entry *e = &l->entries[i];

		if ((l->is_plan && buf_addf(&line, "%llu\t", (unsigned long long)e->bytes)) ||
		    buf_addf(&line, "%s\n", e->name))
			return err_nomem(err);
		digest_sha256_add(&d, buf_view(&line));
	}
	digest_sha256_end(&d, bytes);
	if (digest_add_hex(&hex, bytes, sizeof(bytes)))
		return err_nomem(err);
	memcpy(l->digest, hex.ptr, REPOLIST_DIGEST_BYTES);
	return 0;
}

/* What the first line says has to be what the others are: whoever reads a part of a plan would divide a part of it. */
static int check_head(struct reading *r)
{
	size_t blank = text_find_byte(r->head, ' ');
	struct view said = blank == SIZE_MAX ? VIEW_NONE : view_sub(r->head, blank + 1, r->head.len);
	uint64_t count;

	if (!r->list->is_plan)
		return 0;
	r->line = r->head_line;
	if (text_u64(view_sub(r->head, 0, blank), REPOSITORIES_MAX, &count))
		return refuse(r, HEAD "COUNT SHA-256 was expected");
	if (count != r->list->count)
		return err_set(r->err, ERR_USAGE, 0,
			       "%s:%zu: a plan of %llu repositories was expected, and %zu are there: it was cut off or "
			       "changed, and has to be made anew",
			       r->file, r->line, (unsigned long long)count, r->list->count);
	if (!text_eq(said, view_of(r->list->digest)))
		return refuse(r, "the plan was changed after it was made, and has to be made anew");
	return 0;
}

int repolist_parse(struct repolist *l, struct view text, const char *file, struct err *err)
{
	struct reading r = { .list = l, .file = file, .err = err };
	struct view line;

	*l = (struct repolist){ .count = 0 };
	while (text_next_line(&text, &line)) {
		r.line++;
		if (take_line(&r, line))
			return -1;
	}
	return sort(&r) || digest(l, err) || check_head(&r) ? -1 : 0;
}

int repolist_read(struct repolist *l, const char *path, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPOSITORY_LIST_BYTES);
	bool is_stdin = text_eq(view_of(path), VIEW("-"));
	DEFER(freep) char *copy = NULL;

	*l = (struct repolist){ .count = 0 };
	if (is_stdin ? file_read_rest(STDIN_FILENO, "standard input", &text, err) : file_read(path, &text, err))
		return -1;
	if (is_stdin)
		path = "standard input";
	if (repolist_parse(l, buf_view(&text), path, err))
		return -1;
	/* as comes of a search in a folder that was not mounted */
	if (!l->count)
		return err_set(err, ERR_USAGE, 0, "%s: no repository is named; at least one was expected", path);
	if (is_stdin)
		return 0;
	copy = strdup(path);
	l->folder = copy ? strdup(dirname(copy)) : NULL;
	return l->folder ? 0 : err_nomem(err);
}

int repolist_add_path(const struct repolist *l, size_t index, struct buf *out)
{
	const char *name = l->entries[index].name;

	if (l->folder && name[0] != '/' && (buf_add_text(out, l->folder) || buf_add_byte(out, '/')))
		return -1;
	return buf_add_text(out, name);
}

int repolist_add_plan(const struct repolist *l, const char *base, struct buf *out)
{
	DEFER(repolist_done) struct repolist plan = { .is_plan = true };
	struct reading r = { .list = &plan, .file = "the plan" };

	for (size_t i = 0; i < l->count; i++) {
		DEFER(buf_done) struct buf path = BUF_INIT(2 * REPOSITORY_NAME_BYTES);
		const struct repolist_entry *e = &l->entries[i];

		if ((e->name[0] != '/' && buf_add_text(&path, base)) || buf_add_text(&path, e->name) ||
		    take_repository(&r, buf_view(&path), e->bytes))
			return -1;
	}
	if (sort(&r) || digest(&plan, NULL) || buf_addf(out, HEAD "%zu %s\n", plan.count, plan.digest))
		return -1;
	for (size_t i = 0; i < plan.count; i++)
		if (buf_addf(out, "%llu\t%s\n", (unsigned long long)plan.entries[i].bytes, plan.entries[i].name))
			return -1;
	return 0;
}
