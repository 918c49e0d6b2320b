/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "common/sys/map.h"
#include "scanner/cmd.h"
#include "scanner/fleet_settings.h"
#include "scanner/githistory.h"
#include "scanner/parts_read.h"
#include "scanner/shard.h"

#define PATH_BYTES (1u << 20)

struct fleet {
	struct gitrun run; /* its session is that of all of them */
	const char *target;
	struct repolist list;
	uint32_t *parts; /* that each of the list belongs to; NULL: all are wanted */
	struct shards shards;
	struct joined joined;
	struct parts kept; /* an earlier report, when it is to be resumed */
};

static int refuse(struct err *err, const char *option)
{
	return err_set(err, ERR_USAGE, 0, "--repositories is for whole histories; it goes with no %s", option);
}

static int check_scope(const struct options *o, struct err *err)
{
	if (o->staged)
		return refuse(err, "--staged");
	if (o->range || o->since || o->log_opts)
		return refuse(err, "range of commits");
	if (o->whole_files)
		return refuse(err, "--whole-files");
	if (o->cache)
		return refuse(err, "--cache");
	if (o->trust_change)
		return err_set(err, ERR_USAGE, 0,
			       "--repositories goes with no --trust: no repository's own configuration counts");
	return 0;
}

/* The jsonl report that is written to a file; NULL: there is none. */
static const char *resumed_path(const struct options *o)
{
	for (size_t i = 0; i < o->report_count; i++)
		if (strcmp(o->reports[i].format, "jsonl") == 0)
			return o->reports[i].path ? o->reports[i].path : o->report_path;
	return NULL;
}

int fleet_check_options(const struct options *o, size_t count, struct err *err)
{
	if (!o->repositories)
		return err_set(err, ERR_USAGE, 0, "--%s is for the repositories that --repositories names",
			       o->plan          ? "plan"
			       : o->shard_count ? "shard"
						: "resume");
	if (count)
		return err_set(err, ERR_USAGE, 0, "--repositories names what is scanned; no other may be named");
	if (o->plan && (o->shard_count || o->resume || o->report_count || o->report_path))
		return err_set(err, ERR_USAGE, 0,
			       "--plan writes a plan and scans nothing; it goes with no --shard, --resume or report");
	if (o->resume && !resumed_path(o))
		return err_set(err, ERR_USAGE, 0, "--resume needs a report in the format jsonl that goes to a file");
	return check_scope(o, err);
}

/* Says of the repository as a whole that it was not read. */
static void tell_unread(struct fleet *f, enum unread reason, const char *why)
{
	const struct item_sink *sink = pipeline_sink(f->run.session.pipeline);
	struct item item = { .name = VIEW("") };
	struct pool_task slot = { .output = NULL };

	if (why)
		sink->unread_text(sink->context, 0, &slot, &item, reason, why);
	else
		sink->unread(sink->context, 0, &slot, &item, reason, 0);
	if (slot.output)
		sink->emit(sink->context, &slot);
}

int fleet_check_itself(const struct gitrepo *r, const char *path, struct err *err)
{
	DEFER(freep) char *real = realpath(path, NULL);

	if (real &&
	    ((r->root && strcmp(real, r->root) == 0) || strcmp(real, r->dir) == 0 || strcmp(real, r->common) == 0))
		return 0;
	return err_set(err, ERR_USAGE, 0, "it is no repository itself, but lies in that of '%s'",
		       r->root ? r->root : r->dir);
}

static int scan_one(struct fleet *f, size_t index, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);

	if (repolist_add_path(&f->list, index, &path))
		return err_nomem(err);
	if (gitrun_open(&f->run, path.ptr, err) || fleet_check_itself(&f->run.repo, path.ptr, err))
		return -1;
	if (githistory_scan(&f->run, err) == 0)
		return 0;
	return err->kind == ERR_NONE ? err_nomem(err) : -1;
}

/* 0, or -1 when there is no memory. */
static int take_one(struct fleet *f, size_t index)
{
	struct pipeline *p = f->run.session.pipeline;
	const char *name = f->list.entries[index].name;
	bool was_cut = map_was_cut(), is_read;
	struct err err = ERR_INIT;

	pipeline_enter(p, name);
	if (pipeline_sink(p)->stopped(pipeline_sink(p)->context))
		tell_unread(f, UNREAD_INTERRUPTED, NULL);
	else if (scan_one(f, index, &err))
		tell_unread(f, UNREAD_UNREADABLE, err.text);
	gitrun_done(&f->run);
	is_read = pipeline_leave(p) && map_was_cut() == was_cut;
	return textset_add(is_read ? &f->shards.read : &f->shards.incomplete, view_of(name));
}

static bool is_wanted(const struct fleet *f, size_t index)
{
	return !f->parts || f->parts[index] == f->run.options->shard;
}

static void scan_all(struct fleet *f, struct err *err)
{
	for (size_t i = 0; i < f->list.count; i++)
		if (is_wanted(f, i) && take_one(f, i) && err->kind == ERR_NONE)
			(void)err_nomem(err);
}

static int found(void *context, const struct finding *finding)
{
	return joined_add(context, finding);
}

/* Why an earlier report does not do; NULL: it does. */
static const char *objection(const struct fleet *f)
{
	const struct shards *old = &f->kept.shards;

	if (strcmp(old->list, f->shards.list) != 0 || old->count != f->shards.count ||
	    memcmp(old->have, f->shards.have, sizeof(old->have)) != 0)
		return "it is of another plan, or of another part";
	if (strcmp(old->settings, f->shards.settings) != 0)
		return "rules, configuration, options or version were others";
	return f->kept.sum.incomplete ? "it is not complete" : NULL;
}

/* Whether the report that is there is taken as it is. */
static bool resume(struct fleet *f)
{
	const char *path = f->run.options->resume ? resumed_path(f->run.options) : NULL, *why;
	struct err err = ERR_INIT;

	if (!path || !file_is_regular(path, NULL))
		return false;
	parts_init(&f->kept, f->run.session.setup.rules, found, &f->joined);
	why = parts_read(&f->kept, path, &err) ? err.text : objection(f);
	if (why) {
		log_info("'%s' is made anew: %s", path, why);
		joined_done(&f->joined);
		return false;
	}
	log_info("'%s' is there and complete: nothing is scanned", path);
	f->shards.read = f->kept.shards.read;
	f->kept.shards.read = (struct textset){ .count = 0 };
	f->run.session.kept = &f->kept.sum;
	return true;
}

static int divide(struct fleet *f, struct err *err)
{
	const struct options *o = f->run.options;
	DEFER(freep) void *store = NULL;
	uint64_t *bytes;

	memcpy(f->shards.list, f->list.digest, sizeof(f->shards.list));
	f->shards.total = f->list.count;
	f->shards.count = o->shard_count ? o->shard_count : 1;
	shards_set(&f->shards, o->shard);
	if (f->shards.count == 1)
		return 0;
	if (!f->list.is_plan)
		return err_set(err, ERR_USAGE, 0,
			       "'%s' has no sizes, and machines that measure for themselves may divide it differently: "
			       "--plan FILE makes a plan of it, which --shard takes",
			       o->repositories);
	store = bytes = calloc(f->list.count + 1, sizeof(*bytes));
	if (!bytes)
		return err_nomem(err);
	for (size_t i = 0; i < f->list.count; i++)
		bytes[i] = f->list.entries[i].bytes;
	f->parts = shard_divide(bytes, f->list.count, f->shards.count);
	return f->parts ? 0 : err_nomem(err);
}

static int scan(struct fleet *f)
{
	struct session *s = &f->run.session;
	struct err err = ERR_INIT;

	if (repolist_read(&f->list, f->target, &err) || divide(f, &err) ||
	    session_prepare(s, NULL, f->run.options->jobs, &err) ||
	    fleet_settings(f->run.options, &s->setup, f->shards.settings, &err))
		return session_refuse(s, &err);
	session_confine(s);
	if (!resume(f))
		scan_all(f, &err);
	return session_conclude(s, &err);
}

int fleet_scan(const struct options *o)
{
	struct fleet f = { .run = { .options = o, .session = { .options = o } }, .target = o->repositories };
	struct session *s = &f.run.session;
	int ret;

	s->context.command = "git";
	s->counts_objects = true;
	s->distrusts_markers = true;
	s->covers = COVERS_NOTHING;
	s->joined = &f.joined;
	s->shards = &f.shards;
	s->targets = &f.target;
	s->target_count = 1;
	ret = scan(&f);
	if (f.kept.context)
		parts_done(&f.kept);
	joined_done(&f.joined);
	shards_done(&f.shards);
	repolist_done(&f.list);
	free(f.parts);
	return ret;
}
