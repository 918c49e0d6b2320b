/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/tips.h"

#include <stdlib.h>

#include "common/base/text.h"

static int add(struct tips *t, const struct oid *id, enum reach reach, const char *name)
{
	if (oid_is_null(id))
		return 0;
	if (t->count == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 64;
		struct attribution_tip *grown = reallocarray(t->items, cap, sizeof(*grown));

		if (!grown)
			return -1;
		t->items = grown;
		t->cap = cap;
	}
	t->items[t->count++] = (struct attribution_tip){ .id = *id, .reach = reach, .name = name };
	return 0;
}

/* HEAD and what belongs to other work trees lead somewhere, but are no refs that a report would name. */
static int add_ref(struct tips *t, const struct ref *ref)
{
	struct view name = view_of(ref->name);
	bool is_shared = text_starts(name, VIEW("refs/")), is_head = text_eq(name, VIEW("HEAD"));
	enum reach reach = text_eq(name, VIEW("refs/stash")) ? REACH_STASH : REACH_REF;

	if (oid_is_null(&ref->id))
		return 0;
	if (add(t, &ref->id, reach, is_shared ? ref->name : NULL))
		return -1;
	t->items[t->count - 1].is_head = is_head;
	t->items[t->count - 1].is_commit = is_head || text_starts(name, VIEW("refs/heads/"));
	return 0;
}

static void note_trouble(struct tips *t, size_t count, const struct err *err)
{
	if (t->trouble_count == 0)
		t->trouble = *err;
	t->trouble_count += count;
}

static int add_all(struct tips *t, const struct reflog *log, bool with_reflogs)
{
	for (size_t i = 0; i < t->refs.count; i++)
		if (add_ref(t, &t->refs.refs[i]))
			return -1;
	for (size_t i = 0; i < log->stash_count; i++)
		if (add(t, &log->stash[i], REACH_STASH, NULL))
			return -1;
	for (size_t i = 0; with_reflogs && i < log->count; i++)
		if (add(t, &log->ids[i], REACH_REFLOG, NULL))
			return -1;
	return 0;
}

int tips_read(const struct gitrepo *repo, bool with_reflogs, struct tips *ret, struct err *err)
{
	struct reflog log;
	int failed;

	*ret = (struct tips){ .items = NULL };
	if (refs_read(repo, &ret->refs, err))
		return -1;
	if (reflog_read(repo, &log, err)) {
		tips_done(ret);
		return -1;
	}
	if (ret->refs.trouble_count)
		note_trouble(ret, ret->refs.trouble_count, &ret->refs.trouble);
	if (log.trouble_count)
		note_trouble(ret, log.trouble_count, &log.trouble);
	failed = add_all(ret, &log, with_reflogs);
	reflog_done(&log);
	if (!failed)
		return 0;
	tips_done(ret);
	return err_nomem(err);
}

void tips_done(struct tips *t)
{
	free(t->items);
	refs_done(&t->refs);
	*t = (struct tips){ .items = NULL };
}
