/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/reflog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/git/reffiles.h"
#include "scanner/source/git/refs_git.h"
#include "scanner/source/gitdir.h"

struct reading {
	const struct gitrepo *repo;
	struct reflog *log;
	size_t cap, stash_cap;
};

static void note(void *context, const struct err *err)
{
	struct reflog *log = ((struct reading *)context)->log;

	if (log->trouble_count++ == 0)
		log->trouble = *err;
}

static int add(struct oid **ids, size_t *count, size_t *cap, const struct oid *id, struct err *err)
{
	if (oid_is_null(id) || (*count && oid_eq(&(*ids)[*count - 1], id))) /* mostly the last line's new one */
		return 0;
	if (*count == *cap) {
		size_t more = *cap ? 2 * *cap : 256;
		struct oid *grown = reallocarray(*ids, more, sizeof(*grown));

		if (!grown)
			return err_nomem(err);
		*ids = grown;
		*cap = more;
	}
	(*ids)[(*count)++] = *id;
	return 0;
}

static int add_id(struct reading *r, const struct oid *id, struct err *err)
{
	return add(&r->log->ids, &r->log->count, &r->cap, id, err);
}

static int add_stash(struct reading *r, const struct oid *id, struct err *err)
{
	return add(&r->log->stash, &r->log->stash_count, &r->stash_cap, id, err);
}

/* `OLD SP NEW SP ...`. 0, 1 when it is none, or -1 with err. */
static int take_line(struct reading *r, struct view line, bool is_stash, struct err *err)
{
	size_t len = r->repo->hash_len, hex = 2 * len;
	struct oid old, new;

	if (line.len < 2 * hex + 2 || line.ptr[hex] != ' ' || line.ptr[2 * hex + 1] != ' ' ||
	    oid_parse(view_sub(line, 0, hex), len, &old) || oid_parse(view_sub(line, hex + 1, hex), len, &new))
		return 1;
	if (add_id(r, &old, err))
		return -1;
	return is_stash ? add_stash(r, &new, err) : add_id(r, &new, err);
}

static int take_text(struct reading *r, const char *name, struct view text, struct err *err)
{
	bool is_stash = strcmp(name, "refs/stash") == 0;
	struct err trouble = ERR_INIT;
	struct view line;

	while (text_next_line(&text, &line)) {
		int status = take_line(r, line, is_stash, err);

		if (status < 0)
			return -1;
		if (status) {
			(void)err_set(&trouble, ERR_FORMAT, 0, "the reflog of '%s' has a line without two ids", name);
			note(r, &trouble);
		}
	}
	return 0;
}

static int take_file(void *context, int fd, const char *base, const char *name, bool is_link, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(GIT_REFLOG_BYTES);
	struct err trouble = ERR_INIT;

	if (is_link && !reffiles_is_regular(fd, base)) {
		(void)err_set(&trouble, ERR_FORMAT, 0, "the reflog of '%s' is a link to no file", name);
		note(context, &trouble);
		return 0;
	}
	if (file_read_at(fd, base, &text, &trouble) == 0)
		return take_text(context, name, buf_view(&text), err);
	if (trouble.kind == ERR_NOMEM)
		return err_nomem(err);
	if (trouble.errnum != ENOENT)
		note(context, &trouble);
	return 0;
}

/* The logs of one work tree; those that all share are in the main one. */
static int take_tree(struct reading *r, const char *dir, struct err *err)
{
	const struct reffiles_visitor visitor = { .context = r, .file = take_file, .trouble = note };
	DEFER(freep) char *head = gitdir_path(dir, "logs/HEAD"), *refs = gitdir_path(dir, "logs/refs");

	if (!head || !refs)
		return err_nomem(err);
	if (file_is_regular(head, &(bool){ false }) && take_file(r, AT_FDCWD, head, "HEAD", false, err))
		return -1;
	return reffiles_walk(refs, "refs/", &visitor, err);
}

static int take_linked(struct reading *r, struct err *err)
{
	DEFER(freep) char *path = gitdir_path(r->repo->common, "worktrees");
	DEFER(closep) int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct file_list list = { .entries = NULL };
	int errnum, ret = 0;

	if (!path)
		return err_nomem(err);
	if (fd >= 0)
		(void)file_list_read(&list, fd, &errnum);
	for (size_t i = 0; i < list.count && ret == 0; i++) {
		DEFER(freep) char *dir = gitdir_path(path, list.entries[i].name);

		ret = dir ? take_tree(r, dir, err) : err_nomem(err);
	}
	file_list_done(&list);
	return ret;
}

/* From a list of ids, one a line. */
static int take_list(struct reading *r, bool is_stash, struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(GIT_REFLOG_BYTES);
	struct view rest, line;
	struct oid id;

	if (refs_git_log(r->repo, is_stash, &out, err))
		return -1;
	rest = buf_view(&out);
	while (text_next_line(&rest, &line)) {
		if (oid_parse(line, r->repo->hash_len, &id))
			return err_set(err, ERR_FORMAT, 0, "git lists a reflog in a form that is not understood");
		if (is_stash ? add_stash(r, &id, err) : add_id(r, &id, err))
			return -1;
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct oid));
}

/* Sorts the ids, each once, and turns the stash round. */
static void finish(struct reflog *log, bool oldest_first)
{
	size_t kept = 0;

	if (log->count)
		qsort(log->ids, log->count, sizeof(*log->ids), by_id);
	for (size_t i = 0; i < log->count; i++)
		if (kept == 0 || !oid_eq(&log->ids[kept - 1], &log->ids[i]))
			log->ids[kept++] = log->ids[i];
	log->count = kept;
	for (size_t i = 0; oldest_first && i < log->stash_count / 2; i++) {
		struct oid last = log->stash[log->stash_count - 1 - i];

		log->stash[log->stash_count - 1 - i] = log->stash[i];
		log->stash[i] = last;
	}
}

int reflog_read(const struct gitrepo *repo, struct reflog *ret, struct err *err)
{
	struct reading r = { .repo = repo, .log = ret };
	int status;

	*ret = (struct reflog){ .ids = NULL };
	if (repo->has_reftable)
		status = take_list(&r, false, err) || take_list(&r, true, err) ? -1 : 0;
	else
		status = take_tree(&r, repo->common, err) || take_linked(&r, err) ? -1 : 0;
	if (status) {
		reflog_done(ret);
		return -1;
	}
	finish(ret, !repo->has_reftable);
	return 0;
}

void reflog_done(struct reflog *log)
{
	free(log->ids);
	free(log->stash);
	*log = (struct reflog){ .ids = NULL };
}
