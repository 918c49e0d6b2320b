/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/map.h"
#include "scanner/source/git/refname.h"
#include "scanner/source/git/refs.h"
#include "scanner/source/git/refs_git.h"
#include "scanner/source/gitdir.h"

/* Looks name up in packed-refs. 0, 1 when it is not there, or -1 with err. */
static int find_packed(const struct gitrepo *r, struct view name, struct oid *ret, struct err *err)
{
	DEFER(freep) char *path = gitdir_path(r->common, "packed-refs");
	size_t hex = 2 * r->hash_len;
	struct err trouble = ERR_INIT;
	struct view all, rest, line;
	int found = 1;

	if (!path)
		return err_nomem(err);
	if (map_file(path, &all, &trouble)) {
		if (trouble.errnum == ENOENT)
			return 1;
		*err = trouble;
		return -1;
	}
	rest = all;
	while (found && text_next_line(&rest, &line))
		if (line.len == hex + 1 + name.len && text_ends(line, name) && line.ptr[hex] == ' ' &&
		    oid_parse(view_sub(line, 0, hex), r->hash_len, ret) == 0)
			found = 0;
	map_done(&all);
	return found;
}

/* The text of a ref's file: a link to another ref reads as a symbolic one. 0, 1 when there is none, or -1 with err. */
static int read_text(const char *path, struct buf *out, struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target));
	struct err trouble = ERR_INIT;

	buf_clear(out);
	if (len > 0 && text_starts(view_from(target, (size_t)len), VIEW("refs/")))
		return buf_add_text(out, "ref: ") || buf_add(out, view_from(target, (size_t)len)) ? err_nomem(err) : 0;
	if (!file_is_regular(path, &(bool){ false }))
		return 1;
	if (file_read(path, out, &trouble) == 0)
		return 0;
	if (trouble.errnum == ENOENT)
		return 1;
	if (err)
		*err = trouble;
	return -1;
}

/* The file of a ref, or of one beside HEAD. */
static char *path_of(const struct gitrepo *r, const char *name)
{
	return gitdir_path(refname_is_of_tree(view_of(name)) ? r->dir : r->common, name);
}

/* Follows name, in full, to an id. 0, 1 when there is none, or -1 with err. */
static int resolve_full(const struct gitrepo *r, const char *name, struct oid *ret, struct err *err)
{
	DEFER(buf_done) struct buf at = BUF_INIT(GIT_REF_NAME_BYTES), text = BUF_INIT(GIT_REF_FILE_BYTES);

	if (buf_add_text(&at, name))
		return err_set(err, ERR_LIMIT, 0, "the name of a ref is longer than %u bytes", GIT_REF_NAME_BYTES);
	for (int hops = 0; hops < REFNAME_HOPS; hops++) {
		DEFER(freep) char *path = path_of(r, at.ptr);
		struct view target;
		int status = path ? read_text(path, &text, err) : err_nomem(err);

		if (status)
			return status < 0 ? -1 : find_packed(r, buf_view(&at), ret, err);
		if (refname_parse(buf_view(&text), r->hash_len, ret, &target))
			return err_set(err, ERR_FORMAT, 0,
				       "the ref '%s' holds neither an object's id nor another ref's name", at.ptr);
		if (!target.len)
			return 0;
		buf_clear(&at);
		if (buf_add(&at, target))
			return err_set(err, ERR_LIMIT, 0, "the name of a ref is longer than %u bytes",
				       GIT_REF_NAME_BYTES);
	}
	return err_set(err, ERR_FORMAT, 0, "the symbolic ref '%s' leads through more than %d others", name,
		       REFNAME_HOPS - 1);
}

/* Whether a full name may be looked up: nothing else below the repository's folder is to be read as a ref. */
static bool may_be_ref(struct view name)
{
	return refname_is_valid(name) &&
	       (refname_is_pseudo(name) || text_starts(name, VIEW("refs/")) || text_starts(name, VIEW("worktrees/")));
}

int refs_resolve(const struct gitrepo *repo, const char *name, struct oid *ret, struct err *err)
{
	static const char *const forms[][2] = {
		{ "", "" },
		{ "refs/", "" },
		{ "refs/tags/", "" },
		{ "refs/heads/", "" },
		{ "refs/remotes/", "" },
		{ "refs/remotes/", "/HEAD" },
	};

	if (strcmp(name, "@") == 0)
		name = "HEAD";
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		DEFER(buf_done) struct buf full = BUF_INIT(GIT_REF_NAME_BYTES);
		int status;

		if (buf_addf(&full, "%s%s%s", forms[i][0], name, forms[i][1]))
			return err_set(err, ERR_LIMIT, 0, "the name of a ref is longer than %u bytes",
				       GIT_REF_NAME_BYTES);
		if (!may_be_ref(buf_view(&full)))
			continue;
		status = repo->has_reftable ? refs_git_id(repo, full.ptr, ret, err)
					    : resolve_full(repo, full.ptr, ret, err);
		if (status <= 0)
			return status;
	}
	return 1;
}

int refs_pseudo(const struct gitrepo *repo, const char *name, struct oid **ret, size_t *ret_count, struct err *err)
{
	DEFER(freep) char *path = gitdir_path(repo->dir, name);
	DEFER(buf_done) struct buf text = BUF_INIT(GIT_REF_FILE_BYTES);
	struct view rest, line, target;
	int status = path ? read_text(path, &text, err) : err_nomem(err);

	*ret = NULL;
	*ret_count = 0;
	if (status || text.len == 0)
		return status < 0 ? -1 : 0;
	*ret = calloc(text.len / (2 * repo->hash_len) + 1, sizeof(**ret));
	if (!*ret)
		return err_nomem(err);
	rest = buf_view(&text);
	while (text_next_line(&rest, &line)) {
		if (refname_parse(line, repo->hash_len, *ret + *ret_count, &target) || target.len) {
			freep(ret);
			*ret_count = 0;
			return err_set(err, ERR_FORMAT, 0, "'%s' has a line without an object's id", path);
		}
		(*ret_count)++;
	}
	return 0;
}
