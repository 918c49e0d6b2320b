/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/hook_git.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/proc.h"
#include "common/sys/self.h"
#include "scanner/source/gitdir.h"

#define ANSWER_BYTES (1u << 20)
#define HOOK_MODE 0755

/* What git answers here, without the newline. The user's own environment counts
 * here: it says which repository is meant. 0, 1 when git says no, or -1 with err. */
static int ask(const char *const *args, struct buf *ret, struct err *err)
{
	static const char *const env[] = { "LC_ALL=C", NULL }; /* for its complaints */
	struct proc_spec spec = { .argv = args, .env = env };
	DEFER(buf_done) struct buf complaint = BUF_INIT(ANSWER_BYTES);
	struct view rest, line = VIEW_NONE;
	int status;

	if (proc_run(&spec, ret, &complaint, &status, err))
		return -1;
	rest = buf_view(&complaint);
	if (status > 1 && text_find(rest, VIEW("not a git repository")) != SIZE_MAX)
		return err_set(
			err, ERR_USAGE, 0,
			"the current folder is not a git repository, nor in one: git's hooks belong to a repository");
	if (status > 1 && text_find(rest, VIEW("must be run in a work tree")) != SIZE_MAX)
		return err_set(err, ERR_USAGE, 0, "the current folder is inside of .git: the work tree's was expected");
	if (status > 1 && text_next_line(&rest, &line))
		return err_set(err, ERR_USAGE, 0, "git says: %.*s", (int)view_sub(line, 0, ERR_TEXT_BYTES / 2).len,
			       line.ptr);
	if (status > 1)
		return err_set(err, ERR_IO, 0, "'git %s' failed with exit code %d", args[1], status);
	if (text_ends(buf_view(ret), VIEW("\n")))
		buf_cut(ret, ret->len - 1);
	return status;
}

/* What relative paths of core.hooksPath start from: the work tree, or a bare repository itself. */
static int find_top(bool *ret_is_bare, struct buf *ret, struct err *err)
{
	static const char *const is_bare[] = { "git", "rev-parse", "--is-bare-repository", NULL };
	static const char *const bare_top[] = { "git", "rev-parse", "--absolute-git-dir", NULL };
	static const char *const top[] = { "git", "rev-parse", "--show-toplevel", NULL };
	DEFER(buf_done) struct buf answer = BUF_INIT(ANSWER_BYTES);

	if (ask(is_bare, &answer, err))
		return -1;
	*ret_is_bare = text_eq(buf_view(&answer), VIEW("true"));
	return ask(*ret_is_bare ? bare_top : top, ret, err) ? -1 : 0;
}

/* A tool that writes its hooks folder anew would drop ours, and one before ours would not know its name any more. */
static int refuse_managed(const struct hook_type *type, struct view folder, struct err *err)
{
	while (folder.len > 1 && folder.ptr[folder.len - 1] == '/')
		folder.len--;
	if (!text_ends(folder, VIEW("/.husky/_")) && !text_ends(folder, VIEW("/.husky")))
		return 0;
	return err_set(err, ERR_USAGE, 0,
		       "the hooks of this repository are husky's (core.hooksPath), and skant leaves them alone: it is "
		       "installed by the line `SKANT_HOOK=%s skant %s` in .husky/%s",
		       type->name, type->command, type->name);
}

/* The folder that git takes hooks from. NULL with err. */
static char *find_folder(struct hook_place *p, struct err *err)
{
	static const char *const path[] = { "git", "config", "--type=path", "--get", "core.hooksPath", NULL };
	static const char *const usual[] = { "git", "rev-parse", "--git-path", "hooks", NULL };
	DEFER(buf_done) struct buf top = BUF_INIT(ANSWER_BYTES), answer = BUF_INIT(ANSWER_BYTES);
	DEFER(freep) char *folder = NULL;
	int status;

	if (find_top(&p->is_bare, &top, err))
		return NULL;
	status = ask(path, &answer, err);
	if (status == 1 && ask(usual, &answer, err))
		return NULL;
	if (status < 0)
		return NULL;
	if (!answer.len) {
		(void)err_set(err, ERR_CONFIG, 0, "core.hooksPath is empty; a folder was expected");
		return NULL;
	}
	folder = status == 0 ? gitdir_path(top.ptr, answer.ptr) : strdup(answer.ptr);
	if (!folder)
		(void)err_nomem(err);
	else if (status == 0 && refuse_managed(p->type, view_of(folder), err))
		return NULL;
	if (folder && status == 0)
		p->shared = buf_detach(&answer);
	return TAKE(folder);
}

static int add_script(const struct hook_type *type, struct buf *ret, struct err *err)
{
	char self[PATH_MAX];

	if (self_path(self) < 0)
		return err_set(err, ERR_IO, errno, "cannot find where skant itself is");
	return hook_script_add(type, self, ret) ? err_nomem(err) : 0;
}

static enum hook_state state_of(const struct hook_place *p, struct view text)
{
	switch (hook_script_author(text)) {
	case HOOK_OURS:
		if (access(p->path, X_OK))
			return HOOK_IDLE;
		return text_eq(text, buf_view(&p->script)) ? HOOK_INSTALLED : HOOK_OUTDATED;
	case HOOK_CHANGED:
		return HOOK_ALTERED;
	default:
		return HOOK_OTHER;
	}
}

static int look(struct hook_place *p, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HOOK_FILE_BYTES);
	struct stat st;
	bool exists;

	p->has_kept = lstat(p->kept, &st) == 0;
	if (!file_is_regular(p->path, &exists)) {
		p->state = exists ? HOOK_OTHER : HOOK_NONE;
		return 0;
	}
	if (file_read(p->path, &text, err)) {
		if (err->kind != ERR_LIMIT)
			return -1;
		*err = (struct err)ERR_INIT; /* a hook of that size is a program, not our script */
	}
	p->state = state_of(p, buf_view(&text));
	return 0;
}

int hook_git_find(const struct hook_type *type, struct hook_place *ret, struct err *err)
{
	DEFER(freep) char *folder = NULL;

	*ret = (struct hook_place){ .type = type, .script = BUF_INIT(HOOK_FILE_BYTES) };
	folder = find_folder(ret, err);
	if (!folder || add_script(type, &ret->script, err))
		return -1;
	ret->path = gitdir_path(folder, type->name);
	if (!ret->path || asprintf(&ret->kept, "%s" HOOK_BEFORE, ret->path) < 0) {
		ret->kept = NULL;
		return err_nomem(err);
	}
	return look(ret, err);
}

void hook_git_done(struct hook_place *place)
{
	free(place->path);
	free(place->kept);
	free(place->shared);
	buf_done(&place->script);
}

/* Whoever may read the hook may run it. */
static int make_executable(int fd)
{
	struct stat st;

	return fstat(fd, &st) || fchmod(fd, (st.st_mode & 07777) | (st.st_mode & 0444) >> 2) ? -1 : 0;
}

static int write_script(const struct hook_place *p, struct err *err)
{
	struct file_replace file;

	if (file_replace_open(&file, p->path, HOOK_MODE, err))
		return -1;
	if (file_write_full(file.fd, buf_view(&p->script)) == 0 && make_executable(file.fd) == 0)
		return file_replace_commit(&file, err);
	(void)err_set(err, ERR_IO, errno, "cannot write '%s'", p->path);
	file_replace_abort(&file);
	return -1;
}

/* git makes no hooks folder where its template has none. */
static int make_folder(const struct hook_place *p, struct err *err)
{
	DEFER(freep) char *folder = strndup(p->path, (size_t)(strrchr(p->path, '/') - p->path));

	if (!folder)
		return err_nomem(err);
	if (mkdir(folder, 0777) && errno != EEXIST)
		return err_set(err, ERR_IO, errno, "cannot make the hooks folder '%s'", folder);
	return 0;
}

static int install_beside(const struct hook_place *p, struct err *err)
{
	if (p->has_kept)
		return err_set(err, ERR_USAGE, 0,
			       "'%s' was kept by an earlier install, and '%s' is not skant's: join the two or take "
			       "one away first",
			       p->kept, p->path);
	if (rename(p->path, p->kept))
		return err_set(err, ERR_IO, errno, "cannot keep '%s' as '%s'", p->path, p->kept);
	if (write_script(p, err) == 0)
		return 0;
	(void)rename(p->kept, p->path);
	return -1;
}

static int refuse_altered(const struct hook_place *p, struct err *err)
{
	return err_set(
		err, ERR_USAGE, 0,
		"'%s' was written by skant and changed since: take out what was added behind its last line first",
		p->path);
}

int hook_git_install(const struct hook_place *place, struct err *err)
{
	if (place->is_bare && !place->type->in_bare)
		return err_set(err, ERR_USAGE, 0,
			       "this is a bare repository: nobody commits in it or pushes from it, so a %s hook would "
			       "never run; pre-receive is its hook",
			       place->type->name);
	switch (place->state) {
	case HOOK_INSTALLED:
		return 0;
	case HOOK_ALTERED:
		return refuse_altered(place, err);
	case HOOK_OTHER:
		return install_beside(place, err);
	default:
		return make_folder(place, err) || write_script(place, err) ? -1 : 0;
	}
}

int hook_git_uninstall(const struct hook_place *place, struct err *err)
{
	if (place->state == HOOK_ALTERED)
		return refuse_altered(place, err);
	if (place->state == HOOK_OTHER)
		return err_set(err, ERR_USAGE, 0, "'%s' is not skant's: it stays", place->path);
	if (place->has_kept && rename(place->kept, place->path))
		return err_set(err, ERR_IO, errno, "cannot put '%s' back as '%s'", place->kept, place->path);
	if (!place->has_kept && place->state != HOOK_NONE && unlink(place->path))
		return err_set(err, ERR_IO, errno, "cannot remove '%s'", place->path);
	return 0;
}
