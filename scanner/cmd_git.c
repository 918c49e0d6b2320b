/* SPDX-License-Identifier: Apache-2.0 */
/* skant git: a whole history, or what some commits bring in. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/baseside.h"
#include "scanner/cmd.h"
#include "scanner/session.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/history.h"
#include "scanner/source/git/introduced.h"
#include "scanner/source/git/rangelist.h"
#include "scanner/source/git/tips.h"

#define READER_SHARE 4 /* of --max-memory: the largest object that is held whole */
#define INPUT_BYTES (64u << 20)

struct run {
	const struct options *options;
	struct gitrepo repo;
	struct objects *objects;
	struct object_reader *reader;
	struct session session;
	struct baseside base;
};

static void note(const char *text)
{
	log_warn("%s", text);
}

static void done(struct run *r)
{
	baseside_close(&r->base);
	object_reader_freep(&r->reader);
	objects_freep(&r->objects);
	gitrepo_done(&r->repo);
}

static int open_all(struct run *r, const char *path, struct err *err)
{
	if (gitrepo_open(path, &r->repo, err))
		return -1;
	r->objects = objects_open((const char *const *)r->repo.stores, r->repo.store_count, r->repo.hash_len, err);
	if (!r->objects)
		return -1;
	r->reader = object_reader_new(r->objects, (size_t)(r->options->max_memory_bytes / READER_SHARE), err);
	return r->reader ? 0 : -1;
}

/* What lacks of a repository that is not whole. */
static void tell_partial(struct run *r)
{
	const struct item_sink *sink = pipeline_sink(r->session.pipeline);
	struct item item = { .name = VIEW("partial clone") };
	struct pool_task slot = { .output = NULL };

	if (!r->repo.is_partial)
		return;
	note("this is a partial clone: objects that were left out when it was made are not read");
	sink->unread(sink->context, 0, &slot, &item, UNREAD_MISSING_OBJECT, 0);
	if (slot.output)
		sink->emit(sink->context, &slot);
}

static void tell_troubles(const struct tips *t)
{
	if (t->trouble_count == 1)
		log_warn("%s", t->trouble.text);
	else if (t->trouble_count)
		log_warn("%s (and %zu more refs or reflogs that say nothing sensible)", t->trouble.text,
			 t->trouble_count - 1);
}

static int scan_history(struct run *r, struct err *err)
{
	struct history_options h = { .objects = r->objects,
				     .hash_len = r->repo.hash_len,
				     .shallow = r->repo.shallow,
				     .shallow_count = r->repo.shallow_count,
				     .full = r->options->full,
				     .jobs = r->options->jobs,
				     .max_bytes = (size_t)r->options->max_memory_bytes,
				     .note = note };
	struct history_result result;
	struct tips tips;
	int ret;

	if (tips_read(&r->repo, r->options->full, &tips, err))
		return -1;
	tell_troubles(&tips);
	tell_partial(r);
	h.tips = tips.items;
	h.tip_count = tips.count;
	ret = history_scan(&h, pipeline_sink(r->session.pipeline), &result, err);
	tips_done(&tips);
	return ret;
}

/* The folder whose .skant.yaml counts: the work tree's, or one with what HEAD has of it. */
static int find_root(struct run *r, const char **ret, struct err *err)
{
	struct oid head = { .bytes = { 0 } };

	*ret = r->repo.root;
	if (r->repo.root)
		return 0;
	if (refs_resolve(&r->repo, "HEAD", &head, err) < 0 ||
	    baseside_open(&r->base, r->reader, r->repo.hash_len, &head, err))
		return -1;
	*ret = r->base.folder;
	return 0;
}

static int run_history(struct run *r)
{
	struct err err = ERR_INIT;
	const char *root;

	r->session.context.command = "git";
	r->session.counts_objects = true;
	if (find_root(r, &root, &err) || session_prepare(&r->session, root, r->options->jobs, &err))
		return session_refuse(&r->session, &err);
	if (scan_history(r, &err) && err.kind == ERR_NONE)
		(void)err_nomem(&err);
	return session_conclude(&r->session, &err);
}

static int read_input(struct buf *input, struct err *err)
{
	for (;;) {
		ssize_t n;

		if (buf_reserve(input, 64u << 10))
			return err_set(err, ERR_LIMIT, 0, "standard input is longer than a push can be");
		n = file_read_full(STDIN_FILENO, input->ptr + input->len, 64u << 10);
		if (n < 0)
			return err_set(err, ERR_IO, errno, "cannot read standard input");
		if (n == 0)
			return 0;
		input->len += (size_t)n;
	}
}

static int list_commits(struct run *r, struct rangelist *ret, struct err *err)
{
	DEFER(buf_done) struct buf input = BUF_INIT(INPUT_BYTES);
	const struct options *o = r->options;
	struct rangelist_request q = { .range = o->range,
				       .since = o->since,
				       .log_opts = o->log_opts,
				       .remote = getenv("SKANT_REMOTE"),
				       .is_push = o->range && text_eq(view_of(o->range), VIEW("-")) };

	if (q.is_push && read_input(&input, err))
		return -1;
	q.push = buf_view(&input);
	return rangelist_read(&r->repo, r->reader, &q, ret, err);
}

static void scan_range(struct run *r, const struct rangelist *list, struct err *err)
{
	const struct item_sink *sink = pipeline_sink(r->session.pipeline);
	struct introduced_options o = { .reader = r->reader,
					.hash_len = r->repo.hash_len,
					.sink = sink,
					.shallow = r->repo.shallow,
					.shallow_count = r->repo.shallow_count,
					.whole_files = r->options->whole_files };
	struct item item = { .name = VIEW("range") };
	struct introduced i;
	bool stopped = false;

	introduced_init(&i, &o);
	for (size_t n = 0; n < list->count && !stopped; n++) {
		introduced_commit(&i, &list->commits[n]);
		stopped = sink->stopped(sink->context);
	}
	for (size_t n = 0; n < list->tip_count && !stopped; n++) {
		introduced_tip(&i, &list->tips[n]);
		stopped = sink->stopped(sink->context);
	}
	if (stopped)
		sink->unread(sink->context, 0, &i.slot, &item, UNREAD_INTERRUPTED, 0);
	if (i.slot.output)
		sink->emit(sink->context, &i.slot);
	if (i.failed)
		(void)err_nomem(err);
	introduced_done(&i);
}

static int run_range(struct run *r)
{
	struct rangelist list = { .count = 0 };
	struct err err = ERR_INIT;
	const char *root = r->repo.root;
	int ret;

	r->session.context.command = "git";
	r->session.distrusts_markers = !r->options->trust_change;
	if (list_commits(r, &list, &err))
		return session_refuse(&r->session, &err);
	if (!r->options->trust_change || !root) {
		if (baseside_open(&r->base, r->reader, r->repo.hash_len, &list.base, &err)) {
			rangelist_done(&list);
			return session_refuse(&r->session, &err);
		}
		root = r->base.folder;
	}
	if (session_prepare(&r->session, root, 1, &err)) {
		ret = session_refuse(&r->session, &err);
	} else {
		scan_range(r, &list, &err);
		ret = session_conclude(&r->session, &err);
	}
	rangelist_done(&list);
	return ret;
}

static int check_options(const struct options *o, size_t count, struct err *err)
{
	bool is_range = o->range || o->since || o->log_opts;

	if (count > 1)
		return err_set(err, ERR_USAGE, 0, "skant git takes one repository");
	if (o->full && is_range)
		return err_set(err, ERR_USAGE, 0, "--full is for a whole history, not for a range of commits");
	if (o->cache && is_range)
		return err_set(err, ERR_USAGE, 0, "--cache is for a whole history, not for a range of commits");
	if (o->range && o->log_opts)
		return err_set(err, ERR_USAGE, 0, "--range and --log-opts both name a range; one is enough");
	return 0;
}

int cmd_git(const struct options *o, char **args, size_t count)
{
	static const char *const here[] = { "." };
	struct run r = { .options = o, .session = { .options = o } };
	struct err err = ERR_INIT;
	int ret;

	if (o->staged)
		return cmd_staged(o, args, 0);
	r.session.targets = count ? (const char *const *)args : here;
	r.session.target_count = 1;
	if (check_options(o, count, &err) || open_all(&r, count ? args[0] : NULL, &err))
		ret = session_refuse(&r.session, &err);
	else if (o->range || o->since || o->log_opts)
		ret = run_range(&r);
	else
		ret = run_history(&r);
	done(&r);
	return ret;
}
