/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/refs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/map.h"
#include "scanner/source/git/reffiles.h"
#include "scanner/source/git/refname.h"
#include "scanner/source/git/refs_git.h"
#include "scanner/source/gitdir.h"

#define NONE SIZE_MAX

/* A ref as it was read. Names are places in refs->names until all are known. */
struct found {
	size_t name;
	size_t target; /* a symbolic ref's; NONE */
	struct oid id;
	bool is_packed; /* of two with one name the file counts */
	bool is_broken; /* it hides the packed one, and is none itself */
};

struct collection {
	const struct gitrepo *repo;
	struct refs *refs;
	struct found *found;
	size_t count, cap;
	const char *prefix; /* of the work tree at hand: "" or "worktrees/NAME/" */
	bool only_of_tree;  /* only refs that each work tree has for itself; else only those that all share */
};

static void note(struct refs *refs, const struct err *err)
{
	if (refs->trouble_count++ == 0)
		refs->trouble = *err;
}

static void note_trouble(void *context, const struct err *err)
{
	note(((struct collection *)context)->refs, err);
}

PRINTF_LIKE(3, 4) static void tell(struct refs *refs, enum err_kind kind, const char *fmt, ...)
{
	DEFER(buf_done) struct buf text = BUF_INIT(GIT_REF_NAME_BYTES + ERR_TEXT_BYTES);
	struct err err = ERR_INIT;
	va_list args;

	va_start(args, fmt);
	if (buf_addvf(&text, fmt, args) == 0)
		(void)err_set(&err, kind, 0, "%s", text.ptr);
	va_end(args);
	note(refs, &err);
}

/* Keeps a text for as long as the refs. Its place, or NONE. */
static size_t keep(struct refs *refs, struct view a, struct view b)
{
	size_t at = refs->names.len;

	if (buf_add(&refs->names, a) || buf_add(&refs->names, b) || buf_add_byte(&refs->names, '\0'))
		return NONE;
	return at;
}

static struct found *add(struct collection *c, struct view name, struct err *err)
{
	size_t at = keep(c->refs, view_of(c->prefix), name);

	if (at == NONE) {
		(void)err_set(err, ERR_LIMIT, 0, "the repository's refs take too much memory");
		return NULL;
	}
	if (c->count == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 256;
		struct found *grown = reallocarray(c->found, cap, sizeof(*grown));

		if (!grown) {
			(void)err_nomem(err);
			return NULL;
		}
		c->found = grown;
		c->cap = cap;
	}
	c->found[c->count] = (struct found){ .name = at, .target = NONE };
	return &c->found[c->count++];
}

static int take_text(struct collection *c, struct view name, struct view text, struct err *err)
{
	struct found *f = add(c, name, err);
	struct view target;

	if (!f)
		return -1;
	f->is_broken = refname_parse(text, c->repo->hash_len, &f->id, &target) || (!target.len && oid_is_null(&f->id));
	if (f->is_broken)
		tell(c->refs, ERR_FORMAT, "the ref '%s%.*s' holds neither an object's id nor another ref's name",
		     c->prefix, (int)name.len, name.ptr);
	if (f->is_broken || !target.len)
		return 0;
	f->target = keep(c->refs, target, VIEW_NONE);
	return f->target == NONE ? err_nomem(err) : 0;
}

/* In old repositories a symbolic ref is a link. 1 when it was one, 0, or -1 with err. */
static int take_link(struct collection *c, int fd, const char *base, struct view name, struct err *err)
{
	char target[PATH_MAX + 5] = "ref: ";
	ssize_t len = readlinkat(fd, base, target + 5, PATH_MAX);

	if (len <= 0 || !text_starts(view_from(target + 5, (size_t)len), VIEW("refs/")))
		return 0;
	return take_text(c, name, view_from(target, (size_t)len + 5), err) ? -1 : 1;
}

/* Reads the file of one ref, name without the collection's prefix. */
static int take_file(struct collection *c, int fd, const char *base, struct view name, bool is_link, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(GIT_REF_FILE_BYTES);
	int status = is_link ? take_link(c, fd, base, name, err) : 0;
	struct err trouble = ERR_INIT;

	if (status)
		return status < 0 ? -1 : 0;
	if (is_link && !reffiles_is_regular(fd, base)) {
		tell(c->refs, ERR_FORMAT, "the ref '%s%.*s' is a link to no file", c->prefix, (int)name.len, name.ptr);
		return 0;
	}
	if (file_read_at(fd, base, &text, &trouble) == 0)
		return take_text(c, name, buf_view(&text), err);
	if (trouble.kind == ERR_NOMEM)
		return err_nomem(err);
	if (trouble.errnum != ENOENT) /* deleted or packed since it was listed */
		note(c->refs, &trouble);
	return 0;
}

static int take_below(void *context, int fd, const char *base, const char *name, bool is_link, struct err *err)
{
	struct collection *c = context;
	struct view v = view_of(name);

	if (refname_is_of_tree(v) != c->only_of_tree)
		return 0;
	if (refname_is_valid(v))
		return take_file(c, fd, base, v, is_link, err);
	tell(c->refs, ERR_FORMAT, "'%s%s' is no name for a ref", c->prefix, name);
	return 0;
}

static bool is_link(const char *path)
{
	char byte;

	return readlink(path, &byte, 1) >= 0;
}

/* HEAD of the work tree at hand. */
static int take_head(struct collection *c, const char *dir, struct err *err)
{
	DEFER(freep) char *path = gitdir_path(dir, "HEAD");

	if (!path)
		return err_nomem(err);
	return take_file(c, AT_FDCWD, path, VIEW("HEAD"), is_link(path), err);
}

/* The refs below dir/refs. */
static int take_folder(struct collection *c, const char *dir, bool only_of_tree, struct err *err)
{
	const struct reffiles_visitor visitor = { .context = c, .file = take_below, .trouble = note_trouble };
	DEFER(freep) char *folder = gitdir_path(dir, "refs");

	c->only_of_tree = only_of_tree;
	return folder ? reffiles_walk(folder, "refs/", &visitor, err) : err_nomem(err);
}

/* One linked work tree: its HEAD and its own refs. */
static int take_tree(struct collection *c, const char *dir, const char *prefix, struct err *err)
{
	int ret;

	c->prefix = prefix;
	ret = take_head(c, dir, err) || take_folder(c, dir, true, err) ? -1 : 0;
	c->prefix = "";
	return ret;
}

static int take_linked(struct collection *c, const char *name, struct err *err)
{
	DEFER(buf_done) struct buf dir = BUF_INIT(PATH_MAX), prefix = BUF_INIT(PATH_MAX);

	if (buf_addf(&dir, "%s/worktrees/%s", c->repo->common, name) || buf_addf(&prefix, "worktrees/%s/", name))
		return err_set(err, ERR_LIMIT, 0, "the name of the linked work tree '%s' is too long", name);
	return strcmp(dir.ptr, c->repo->dir) == 0 ? 0 : take_tree(c, dir.ptr, prefix.ptr, err);
}

/* The work trees other than the one at hand. */
static int take_others(struct collection *c, struct err *err)
{
	DEFER(freep) char *path = gitdir_path(c->repo->common, "worktrees");
	DEFER(closep) int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct file_list list = { .entries = NULL };
	int errnum, ret = 0;

	if (!path)
		return err_nomem(err);
	if (strcmp(c->repo->dir, c->repo->common) != 0 && take_tree(c, c->repo->common, "main-worktree/", err))
		return -1;
	if (fd >= 0 && file_list_read(&list, fd, &errnum))
		tell(c->refs, ERR_IO, "cannot read the folder '%s'", path);
	for (size_t i = 0; i < list.count && ret == 0; i++)
		if (list.entries[i].type == FILE_FOLDER)
			ret = take_linked(c, list.entries[i].name, err);
	file_list_done(&list);
	return ret;
}

static int take_line(struct collection *c, struct view line, struct err *err)
{
	size_t hex = 2 * c->repo->hash_len;
	struct view name = view_sub(line, hex + 1, line.len);
	struct found *f;
	struct oid id;

	if (!line.len || line.ptr[0] == '#' || line.ptr[0] == '^')
		return 0;
	if (line.len <= hex || line.ptr[hex] != ' ' || oid_parse(view_sub(line, 0, hex), c->repo->hash_len, &id) ||
	    oid_is_null(&id) || !text_starts(name, VIEW("refs/")) || !refname_is_valid(name)) {
		tell(c->refs, ERR_FORMAT, "'%s/packed-refs' has a line that is no ref", c->repo->common);
		return 0;
	}
	f = add(c, name, err);
	if (!f)
		return -1;
	f->id = id;
	f->is_packed = true;
	return 0;
}

static int take_packed(struct collection *c, struct err *err)
{
	DEFER(freep) char *path = gitdir_path(c->repo->common, "packed-refs");
	struct err trouble = ERR_INIT;
	struct view all, rest, line;
	int ret = 0;

	if (!path)
		return err_nomem(err);
	if (map_file(path, &all, &trouble)) {
		if (trouble.errnum != ENOENT)
			note(c->refs, &trouble);
		return 0;
	}
	rest = all;
	while (ret == 0 && text_next_line(&rest, &line))
		ret = take_line(c, line, err);
	map_done(&all);
	return ret;
}

/* Files first: what is packed meanwhile is in packed-refs before its file goes. */
static int collect(struct collection *c, struct err *err)
{
	const struct gitrepo *r = c->repo;

	if (take_head(c, r->dir, err) || take_folder(c, r->common, false, err) || take_folder(c, r->dir, true, err) ||
	    take_others(c, err))
		return -1;
	return take_packed(c, err);
}

static const char *text_at(const struct collection *c, size_t place)
{
	return c->refs->names.ptr + place;
}

static int by_name(const void *a, const void *b, void *context)
{
	const struct found *x = a, *y = b;
	int order = strcmp(text_at(context, x->name), text_at(context, y->name));

	return order ? order : (int)x->is_packed - (int)y->is_packed;
}

/* Sorts, and drops what a file hides. */
static void settle(struct collection *c)
{
	size_t kept = 0;

	if (c->count)
		qsort_r(c->found, c->count, sizeof(*c->found), by_name, c);
	for (size_t i = 0; i < c->count; i++)
		if (kept == 0 || strcmp(text_at(c, c->found[kept - 1].name), text_at(c, c->found[i].name)) != 0)
			c->found[kept++] = c->found[i];
	c->count = kept;
}

/* prefix may be empty. NULL when there is none. */
static const struct found *find(const struct collection *c, struct view prefix, const char *name)
{
	size_t from = 0, to = c->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct view there = view_of(text_at(c, c->found[middle].name));
		int order = text_cmp(view_sub(there, 0, prefix.len), prefix);

		if (order == 0)
			order = text_cmp(view_sub(there, prefix.len, there.len), view_of(name));
		if (order == 0)
			return &c->found[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

/* The part of a ref's name that says which work tree has it. */
static struct view tree_prefix(const char *name)
{
	const char *end;

	if (text_starts(view_of(name), VIEW("main-worktree/")))
		return view_from(name, sizeof("main-worktree/") - 1);
	if (!text_starts(view_of(name), VIEW("worktrees/")))
		return VIEW_NONE;
	end = strchr(name + sizeof("worktrees/") - 1, '/');
	return view_from(name, end ? (size_t)(end - name) + 1 : 0);
}

/* Follows a symbolic ref to its end. NULL when there is none, or when it is broken. */
static const struct found *follow(const struct collection *c, const struct found *f)
{
	struct view prefix = tree_prefix(text_at(c, f->name));
	const struct found *start = f;

	for (int hops = 1; f && f->target != NONE; hops++) {
		const char *target = text_at(c, f->target);

		if (hops == REFNAME_HOPS) {
			tell(c->refs, ERR_FORMAT, "the symbolic ref '%s' leads through more than %d others",
			     text_at(c, start->name), REFNAME_HOPS - 1);
			return NULL;
		}
		f = find(c, refname_is_of_tree(view_of(target)) ? prefix : VIEW_NONE, target);
	}
	return f && !f->is_broken ? f : NULL;
}

static int finish(struct collection *c, struct err *err)
{
	settle(c);
	c->refs->refs = calloc(c->count + 1, sizeof(*c->refs->refs));
	if (!c->refs->refs)
		return err_nomem(err);
	for (size_t i = 0; i < c->count; i++) {
		const struct found *end = follow(c, &c->found[i]);

		if (end)
			c->refs->refs[c->refs->count++] =
				(struct ref){ .name = text_at(c, c->found[i].name), .id = end->id };
	}
	return 0;
}

static int read_files(struct collection *c, struct err *err)
{
	return collect(c, err) || finish(c, err) ? -1 : 0;
}

static int by_ref(const void *a, const void *b)
{
	return strcmp(((const struct ref *)a)->name, ((const struct ref *)b)->name);
}

/* `NAME SP ID` lines as git prints them. */
static int read_listing(struct collection *c, struct err *err)
{
	struct refs *refs = c->refs;
	struct view rest, line;
	size_t count = 0;

	if (refs_git_list(c->repo, &refs->names, err))
		return -1;
	for (size_t i = 0; i < refs->names.len; i++)
		count += refs->names.ptr[i] == '\n';
	refs->refs = calloc(count + 1, sizeof(*refs->refs));
	if (!refs->refs)
		return err_nomem(err);
	rest = buf_view(&refs->names);
	while (text_next_line(&rest, &line)) {
		struct ref *r = &refs->refs[refs->count];
		size_t blank = text_find_byte(line, ' ');

		if (blank == SIZE_MAX || oid_parse(view_sub(line, blank + 1, line.len), c->repo->hash_len, &r->id))
			return err_set(err, ERR_FORMAT, 0, "git lists a ref in a form that is not understood");
		refs->names.ptr[(size_t)(line.ptr - refs->names.ptr) + blank] = '\0';
		r->name = line.ptr;
		refs->count++;
	}
	qsort(refs->refs, refs->count, sizeof(*refs->refs), by_ref);
	return 0;
}

int refs_read(const struct gitrepo *repo, struct refs *ret, struct err *err)
{
	struct collection c = { .repo = repo, .refs = ret, .prefix = "" };
	int status;

	*ret = (struct refs){ .names = BUF_INIT(GIT_REF_NAMES_BYTES) };
	status = repo->has_reftable ? read_listing(&c, err) : read_files(&c, err);
	free(c.found);
	if (status)
		refs_done(ret);
	return status;
}

void refs_done(struct refs *refs)
{
	free(refs->refs);
	buf_done(&refs->names);
	*refs = (struct refs){ .refs = NULL };
}
