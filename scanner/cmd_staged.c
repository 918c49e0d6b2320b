/* SPDX-License-Identifier: Apache-2.0 */
/* skant staged: what `git commit` is about to record. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/text.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/gitrun.h"
#include "scanner/source/git/staged.h"
#include "scanner/source/git/toppath.h"
#include "scanner/source/gitdir.h"

struct run {
	struct gitrun git;
	char **paths; /* from the work tree's root, sorted, each once */
	size_t count;
	size_t absent; /* that the index does not have */
	bool is_lost;  /* one of these is not on the disk either */
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The FILE arguments as paths from the root. 0, or -1 with err. */
static int read_paths(struct run *r, char **args, size_t count, struct err *err)
{
	size_t kept = 0;

	r->paths = calloc(count + 1, sizeof(*r->paths));
	if (!r->paths)
		return err_nomem(err);
	for (; r->count < count; r->count++) {
		r->paths[r->count] = toppath_of(r->git.repo.root, args[r->count], err);
		if (!r->paths[r->count])
			return -1;
	}
	if (count == 0)
		return 0;
	qsort(r->paths, count, sizeof(*r->paths), by_text);
	for (size_t i = 1; i < count; i++) {
		if (by_text(&r->paths[kept], &r->paths[i]) == 0)
			free(r->paths[i]);
		else
			r->paths[++kept] = r->paths[i];
	}
	r->count = kept + 1;
	return 0;
}

static void run_done(struct run *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->paths[i]);
	free(r->paths);
	gitrun_done(&r->git);
}

/* A hook's list may name what the commit removes. */
static void note_absent(void *context, const char *path)
{
	struct run *r = context;
	DEFER(freep) char *full = gitdir_path(r->git.repo.root, path);
	struct stat st;

	r->absent++;
	if (full && lstat(full, &st) == 0) {
		log_warn("'%s' is not in the index: no commit will record it, and it was not scanned", path);
		return;
	}
	r->is_lost = true;
	log_warn("'%s' is neither in the index nor on the disk", path);
}

static int scan(struct run *r, struct err *err)
{
	const struct options *o = r->git.options;
	struct staged_options s = { .repo = &r->git.repo,
				    .reader = r->git.reader,
				    .paths = (const char *const *)r->paths,
				    .path_count = r->count,
				    .whole_files = o->whole_files,
				    .note = log_warn_text,
				    .absent = note_absent,
				    .context = r };

	if (staged_scan(&s, pipeline_sink(r->git.session.pipeline), err))
		return -1;
	if (r->is_lost && r->absent == r->count)
		return err_set(err, ERR_USAGE, 0, "the index has none of the files that were named");
	return 0;
}

static int open_tree(struct run *r, const char *repository, struct err *err)
{
	if (gitrun_open(&r->git, repository, err))
		return -1;
	if (r->git.repo.root)
		return 0;
	return err_set(err, ERR_USAGE, 0,
		       "'%s' has no work tree, so nothing can be staged in it; GIT_WORK_TREE names one",
		       r->git.repo.dir);
}

/* Of a repository: args are files of the current one, or that repository itself. */
static int run_staged(const struct options *o, char **args, size_t count, const char *repository)
{
	static const char *const here[] = { "." };
	DEFER(run_done) struct run r = { .git = { .options = o, .session = { .options = o } } };
	struct session *s = &r.git.session;
	struct err err = ERR_INIT;

	s->targets = count ? (const char *const *)args : here;
	s->target_count = count ? count : 1;
	s->context.command = "staged";
	if (open_tree(&r, repository, &err) || read_paths(&r, args, repository ? 0 : count, &err) ||
	    session_prepare(s, r.git.repo.root, 1, &err))
		return session_refuse(s, &err);
	session_confine(s);
	(void)scan(&r, &err);
	if (err.kind == ERR_USAGE) /* nothing of what was named is there */
		return session_refuse(s, &err);
	return session_conclude(s, &err);
}

int cmd_staged(const struct options *o, char **args, size_t count)
{
	return run_staged(o, args, count, NULL);
}

int cmd_staged_of(const struct options *o, char *repository)
{
	return run_staged(o, &repository, repository ? 1 : 0, repository);
}
