/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/refs_git.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/gitcmd.h"
#include "scanner/source/gitdir.h"

#define ID_BYTES 4096

static int run(const struct gitrepo *r, const char *const *args, struct buf *out, int *ret_status, struct err *err)
{
	const struct gitcmd_place place = { .dir = r->dir, .root = r->root };

	return gitcmd_run_at(&place, args, out, ret_status, err);
}

int refs_git_id(const struct gitrepo *repo, const char *name, struct oid *ret, struct err *err)
{
	const char *const args[] = { "rev-parse", "--quiet", "--verify", "--end-of-options", name, NULL };
	DEFER(buf_done) struct buf out = BUF_INIT(ID_BYTES);
	int status;

	if (run(repo, args, &out, &status, err))
		return -1;
	if (status)
		return 1;
	if (oid_parse(text_trim(buf_view(&out)), repo->hash_len, ret))
		return err_set(err, ERR_FORMAT, 0, "git prints an object's id in a form that is not understood");
	return 0;
}

/* A line for name, if there is such a ref. */
static int add_one(const struct gitrepo *r, const char *name, struct buf *out, struct err *err)
{
	char hex[OID_HEX_BYTES];
	struct oid id;
	int status = refs_git_id(r, name, &id, err);

	if (status)
		return status < 0 ? -1 : 0;
	oid_hex(&id, r->hash_len, hex);
	return buf_addf(out, "%s %s\n", name, hex) ? err_nomem(err) : 0;
}

static int add_linked(const struct gitrepo *r, struct buf *out, struct err *err)
{
	DEFER(freep) char *path = gitdir_path(r->common, "worktrees");
	DEFER(closep) int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct file_list list = { .entries = NULL };
	int errnum, ret = 0;

	if (!path)
		return err_nomem(err);
	if (fd >= 0)
		(void)file_list_read(&list, fd, &errnum);
	for (size_t i = 0; i < list.count && ret == 0; i++) {
		DEFER(buf_done) struct buf name = BUF_INIT(PATH_MAX);

		ret = buf_addf(&name, "worktrees/%s/HEAD", list.entries[i].name) ? err_nomem(err)
										 : add_one(r, name.ptr, out, err);
	}
	file_list_done(&list);
	return ret;
}

int refs_git_list(const struct gitrepo *repo, struct buf *out, struct err *err)
{
	static const char *const args[] = { "for-each-ref", "--format=%(refname) %(objectname)", NULL };
	int status;

	if (run(repo, args, out, &status, err))
		return -1;
	if (status)
		return err_set(err, ERR_IO, 0, "'git for-each-ref' failed in '%s'", repo->dir);
	return add_one(repo, "HEAD", out, err) || add_one(repo, "main-worktree/HEAD", out, err)
		       ? -1
		       : add_linked(repo, out, err);
}

int refs_git_log(const struct gitrepo *repo, bool only_stash, struct buf *out, struct err *err)
{
	static const char *const all[] = { "rev-list", "--no-walk=unsorted", "--reflog", "--ignore-missing", NULL };
	static const char *const stash[] = { "reflog", "show", "--format=%H", "refs/stash", "--", NULL };
	struct oid id;
	int status;

	if (only_stash) {
		status = refs_git_id(repo, "refs/stash", &id, err);
		if (status)
			return status < 0 ? -1 : 0;
	}
	if (run(repo, only_stash ? stash : all, out, &status, err))
		return -1;
	return status ? err_set(err, ERR_IO, 0, "git cannot list the reflogs of '%s'", repo->dir) : 0;
}
