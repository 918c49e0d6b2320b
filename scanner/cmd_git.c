/* SPDX-License-Identifier: Apache-2.0 */
/* skant git: a whole history, or what some commits bring in. */
#include <stdlib.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/fleet.h"
#include "scanner/githistory.h"
#include "scanner/source/git/refs.h"

#define INPUT_BYTES (64u << 20)

/* The folder whose .skant.yaml counts: the work tree's, or one with what HEAD has of it. */
static int find_root(struct gitrun *r, const char **ret, struct err *err)
{
	struct oid head = { .bytes = { 0 } };

	*ret = r->repo.root;
	if (r->repo.root)
		return 0;
	if (r->options->accepting && !r->options->output)
		return err_set(err, ERR_USAGE, 0,
			       "'%s' has no work tree that a baseline could lie in; -o FILE names one", r->repo.dir);
	if (refs_resolve(&r->repo, "HEAD", &head, err) < 0 ||
	    baseside_open(&r->base, r->reader, r->repo.hash_len, &head, err))
		return -1;
	*ret = r->base.folder;
	return 0;
}

/* With -v: the way on from what was found. */
static void tell_next(const struct gitrun *r, const char *repository)
{
	const char *full = r->options->full ? " --full" : "";

	if (!r->options->verbose || pipeline_worst(r->session.pipeline) < (int)SEVERITY_MEDIUM)
		return;
	if (!repository || text_find_byte(view_of(repository), '\'') != SIZE_MAX) /* one word for the shell */
		log_info("how to take it out of the history, in order: skant git%s -f jsonl | skant explain --report -",
			 full);
	else
		log_info("how to take it out of the history, in order: skant git%s -f jsonl '%s' | "
			 "skant explain --report -",
			 full, repository);
}

static int run_history(struct gitrun *r, const char *repository)
{
	struct err err = ERR_INIT;
	const char *root;

	r->session.context.command = "git";
	r->session.counts_objects = true;
	r->session.covers = COVERS_HISTORY;
	if (find_root(r, &root, &err) || session_prepare(&r->session, root, r->options->jobs, &err))
		return session_refuse(&r->session, &err);
	gitrun_confine(r);
	if (githistory_scan(r, &err) && err.kind == ERR_NONE)
		(void)err_nomem(&err);
	tell_next(r, repository);
	return session_conclude(&r->session, &err);
}

static int list_commits(struct gitrun *r, struct rangelist *ret, struct err *err)
{
	DEFER(buf_done) struct buf input = BUF_INIT(INPUT_BYTES);
	const struct options *o = r->options;
	struct rangelist_request q = { .range = o->range,
				       .since = o->since,
				       .log_opts = o->log_opts,
				       .remote = getenv("SKANT_REMOTE"), /* the hook's first argument */
				       .is_push = o->range && text_eq(view_of(o->range), VIEW("-")) };

	if (q.is_push && file_read_rest(STDIN_FILENO, "standard input", &input, err))
		return -1;
	if (q.remote && !*q.remote)
		q.remote = NULL;
	q.push = buf_view(&input);
	return rangelist_read(&r->repo, r->reader, &q, ret, err);
}

static int run_range(struct gitrun *r)
{
	struct rangelist list = { .count = 0 };
	struct err err = ERR_INIT;
	int ret;

	r->session.context.command = "git";
	if (list_commits(r, &list, &err))
		return session_refuse(&r->session, &err);
	if (!list.count && !list.tip_count)
		log_info("no commit is in that range");
	ret = gitrun_list(r, &list);
	rangelist_done(&list);
	return ret;
}

static bool is_range(const struct options *o)
{
	return o->range || o->since || o->log_opts;
}

/* What is for a range of commits alone, and there is none. */
static int check_whole(const struct options *o, struct err *err)
{
	if (!o->trust_change && !o->whole_files)
		return 0;
	return err_set(err, ERR_USAGE, 0, "%s is for a range of commits, not for a whole history",
		       o->trust_change ? "--trust" : "--whole-files");
}

/* What does not go with a range of commits. */
static int check_range(const struct options *o, const char *whole, struct err *err)
{
	if (whole)
		return err_set(err, ERR_USAGE, 0, "%s is for a whole history, not for a range of commits", whole);
	if (o->range && text_eq(view_of(o->range), VIEW("-")) && o->since)
		return err_set(err, ERR_USAGE, 0,
			       "--since does not go with --range -: what is pushed is read as a whole");
	if (o->range && o->log_opts)
		return err_set(err, ERR_USAGE, 0, "--range and --log-opts both name a range; one is enough");
	return 0;
}

static int check_options(const struct options *o, size_t count, struct err *err)
{
	const char *whole = o->full ? "--full" : o->cache ? "--cache" : o->connectivity ? "--connectivity" : NULL;

	if (count > 1)
		return err_set(err, ERR_USAGE, 0, "skant git takes one repository");
	if (o->repositories || o->shard_count || o->plan || o->resume)
		return fleet_check_options(o, count, err);
	if (o->staged && (whole || is_range(o)))
		return err_set(err, ERR_USAGE, 0, "--staged reads the index; it goes with no %s",
			       whole ? whole : "range of commits");
	if (is_range(o))
		return check_range(o, whole, err);
	return o->staged ? 0 : check_whole(o, err);
}

int cmd_git(const struct options *o, char **args, size_t count)
{
	static const char *const here[] = { "." };
	struct gitrun r = { .options = o, .session = { .options = o } };
	struct err err = ERR_INIT;
	int ret;

	r.session.targets = count ? (const char *const *)args : here;
	r.session.target_count = 1;
	if (check_options(o, count, &err))
		return session_refuse(&r.session, &err);
	if (o->repositories)
		return o->plan ? fleet_plan(o) : fleet_scan(o);
	if (o->staged)
		return cmd_staged_of(o, count ? args[0] : NULL);
	if (gitrun_open(&r, count ? args[0] : NULL, &err))
		ret = session_refuse(&r.session, &err);
	else
		ret = is_range(o) ? run_range(&r) : run_history(&r, count ? args[0] : NULL);
	gitrun_done(&r);
	return ret;
}
