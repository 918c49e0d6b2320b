/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/gitrun.h"

#include <stdlib.h>
#include <string.h>

#include "common/sys/log.h"
#include "scanner/source/git/introduced.h"

#define READER_SHARE 4 /* of --max-memory: the largest object that is held whole */

void gitrun_done(struct gitrun *r)
{
	baseside_close(&r->base);
	object_reader_freep(&r->reader);
	objects_freep(&r->objects);
	gitrepo_done(&r->repo);
}

int gitrun_open(struct gitrun *r, const char *path, struct err *err)
{
	if (gitrepo_open(path, &r->repo, err))
		return -1;
	if (r->repo.shallow_count)
		qsort(r->repo.shallow, r->repo.shallow_count, sizeof(*r->repo.shallow), oid_compare);
	r->objects = objects_open((const char *const *)r->repo.stores, r->repo.store_count, r->repo.hash_len, err);
	if (!r->objects)
		return -1;
	r->reader = object_reader_new(r->objects, (size_t)(r->options->max_memory_bytes / READER_SHARE), err);
	return r->reader ? 0 : -1;
}

static void scan_range(struct gitrun *r, const struct rangelist *list, struct err *err)
{
	const struct item_sink *sink = pipeline_sink(r->session.pipeline);
	struct introduced_options o = { .reader = r->reader,
					.hash_len = r->repo.hash_len,
					.sink = sink,
					.shallow = r->repo.shallow,
					.shallow_count = r->repo.shallow_count,
					.first_parent = list->first_parent,
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

/* Says what is wrong with the base side's configuration, without the name of the folder that it was put into. */
static void warn_base(const struct gitrun *r, const struct err *err)
{
	size_t len = strlen(r->base.folder);
	const char *at = strstr(err->text, r->base.folder);

	if (at && at[len] == '/')
		log_warn("the configuration of the side that the change starts from does not count: %.*s%s",
			 (int)(at - err->text), err->text, at + len + 1);
	else
		log_warn("the configuration of the side that the change starts from does not count: %s", err->text);
}

int gitrun_prepare_base(struct gitrun *r, const struct oid *commit, unsigned jobs, struct err *err)
{
	struct oid none = { .bytes = { 0 } };

	if (baseside_open(&r->base, r->reader, r->repo.hash_len, commit, err))
		return -1;
	if (session_prepare(&r->session, r->base.folder, jobs, err) == 0)
		return 0;
	if (err->kind != ERR_CONFIG || r->options->config)
		return -1;
	/* A mistake there must not keep out the change that mends it: without allowances the verdict is only
	 * stricter. */
	warn_base(r, err);
	session_reset(&r->session);
	baseside_close(&r->base);
	*err = (struct err)ERR_INIT;
	return baseside_open(&r->base, r->reader, r->repo.hash_len, &none, err) ||
			       session_prepare(&r->session, r->base.folder, jobs, err)
		       ? -1
		       : 0;
}

void gitrun_confine(struct gitrun *r)
{
	baseside_close(&r->base);
	session_confine(&r->session);
}

/* What a clone with --filter lacks is fetched when git needs it, but not for us. */
static void tell_partial(const struct gitrun *r)
{
	struct summary summary;

	pipeline_summary(r->session.pipeline, &summary);
	if (r->repo.is_partial && summary.unread[UNREAD_MISSING_OBJECT])
		log_warn("this is a partial clone: git log -p RANGE >/dev/null fetches what it lacks of a range, and "
			 "a clone without --filter has it all");
}

int gitrun_list(struct gitrun *r, const struct rangelist *list)
{
	struct err err = ERR_INIT;
	bool uses_base = !r->options->trust_change || !r->repo.root;

	r->session.distrusts_markers = !r->options->trust_change;
	r->session.counts_objects = true;
	if (uses_base ? gitrun_prepare_base(r, &list->base, 1, &err)
		      : session_prepare(&r->session, r->repo.root, 1, &err))
		return session_refuse(&r->session, &err);
	gitrun_confine(r);
	scan_range(r, list, &err);
	tell_partial(r);
	return session_conclude(&r->session, &err);
}
