/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/githistory.h"

#include "common/sys/log.h"
#include "scanner/gitcache.h"
#include "scanner/source/git/history.h"
#include "scanner/source/git/tips.h"

/* What such a ref led to may be what nobody has looked at. */
static void tell_troubles(const struct gitrun *r, const struct tips *t)
{
	const struct item_sink *sink = pipeline_sink(r->session.pipeline);
	struct item item = { .name = VIEW("refs") };
	struct pool_task slot = { .output = NULL };

	if (t->trouble_count)
		sink->unread(sink->context, 0, &slot, &item, UNREAD_CORRUPT, 0);
	if (slot.output)
		sink->emit(sink->context, &slot);
	if (t->trouble_count == 1)
		log_warn("%s", t->trouble.text);
	else if (t->trouble_count)
		log_warn("%s (and %zu more refs or reflogs that say nothing sensible)", t->trouble.text,
			 t->trouble_count - 1);
}

int githistory_scan(struct gitrun *r, struct err *err)
{
	struct history_options h = { .objects = r->objects,
				     .hash_len = r->repo.hash_len,
				     .shallow = r->repo.shallow,
				     .shallow_count = r->repo.shallow_count,
				     .is_partial = r->repo.is_partial,
				     .full = r->options->full,
				     .connectivity = r->options->connectivity,
				     .jobs = r->options->jobs,
				     .max_bytes = (size_t)r->options->max_memory_bytes,
				     .note = log_warn_text };
	struct history_result result;
	struct gitcache cache;
	struct tips tips;
	int ret;

	if (gitcache_open(&cache, r, err))
		return -1;
	if (tips_read(&r->repo, r->options->full, &tips, err)) {
		gitcache_done(&cache);
		return -1;
	}
	h.cache = cache.is_open ? &cache.packs : NULL;
	tell_troubles(r, &tips);
	h.tips = tips.items;
	h.tip_count = tips.count;
	ret = history_scan(&h, pipeline_sink(r->session.pipeline), &result, err);
	tips_done(&tips);
	r->session.known_packs = result.known_packs;
	if (ret == 0 && result.is_whole)
		gitcache_save(&cache, r);
	gitcache_done(&cache);
	return ret;
}
