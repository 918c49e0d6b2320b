/* SPDX-License-Identifier: Apache-2.0 */
/* The tips and what they lead to; attribution_blobs.c does the work for those that trees hold. */
#include "scanner/source/git/attribution.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/git/commit.h"

#define TEXT_BYTES ((size_t)64 << 20) /* of one find's paths, or names of refs */

static int compare_find(const void *id, const void *find)
{
	return memcmp(id, &((const struct attribution_find *)find)->id, OID_MAX_BYTES);
}

static struct attribution_find *find_of(const struct attribution *a, const struct oid *id)
{
	return a->find_count ? bsearch(id, a->finds, a->find_count, sizeof(*a->finds), compare_find) : NULL;
}

void attribution_find_init(struct attribution_find *f)
{
	f->reach = REACH_NOTHING;
	f->first = f->last = OIDMAP_NONE;
	f->path = f->also_at = f->more_at = f->refs = (struct buf)BUF_INIT(TEXT_BYTES);
}

void attribution_find_done(struct attribution_find *f)
{
	buf_done(&f->path);
	buf_done(&f->also_at);
	buf_done(&f->more_at);
	buf_done(&f->refs);
}

static void tell_unread(const struct attribution *a, const struct oid *id, enum object_result status)
{
	a->unread(a->context, id, object_unread(status));
}

/* A tag on the way from a tip. */
static int meet_tag(struct attribution *a, const struct oid *id, const struct attribution_tip *tip)
{
	struct attribution_find *f = find_of(a, id);

	if (!f)
		return 0;
	if (tip->reach < f->reach)
		f->reach = tip->reach;
	return tip->name && buf_addf(&f->refs, "%s\n", tip->name) ? -1 : 0;
}

/* A blob needs not be read for what it leads to; anything else that is too large hides what it does. */
static void peel_large(struct attribution *a, struct peeled *p)
{
	enum object_type type;

	if (object_type(a->reader, &p->id, UINT32_MAX, &type) == OBJECT_OK && type == OBJECT_BLOB)
		p->kind = PEELED_BLOB;
	else
		tell_unread(a, &p->id, OBJECT_LIMIT);
}

/* The kind of what a tip leads to in the end. */
static enum peeled_kind kind_of(enum object_type type)
{
	if (type == OBJECT_COMMIT)
		return PEELED_COMMIT;
	return type == OBJECT_TREE ? PEELED_TREE : PEELED_BLOB;
}

/* Follows a tip through tags to what it is about. 0, or -1 when there is no memory. */
static int peel(struct attribution *a, const struct attribution_tip *tip, struct peeled *ret)
{
	size_t hash_len = a->graph->hash_len;

	*ret = (struct peeled){ .kind = PEELED_NOTHING, .id = tip->id, .commit = OIDMAP_NONE };
	for (unsigned depth = 0; depth < GIT_TAG_DEPTH; depth++) {
		struct object object;
		enum object_result status = object_read(a->reader, &ret->id, &object, NULL);
		struct tag tag;

		if (status == OBJECT_LIMIT) {
			peel_large(a, ret);
			return 0;
		}
		if (status == OBJECT_NOMEM)
			return -1;
		if (status == OBJECT_MISSING && tip->reach == REACH_REFLOG && depth == 0)
			return 0; /* an entry outlives what it is about */
		if (status != OBJECT_OK) {
			tell_unread(a, &ret->id, status);
			return 0;
		}
		if (tip->is_commit && object.type != OBJECT_COMMIT)
			tell_unread(a, &ret->id, OBJECT_CORRUPT);
		if (object.type != OBJECT_TAG) {
			ret->kind = kind_of(object.type);
			return 0;
		}
		if (meet_tag(a, &ret->id, tip))
			return -1;
		if (tag_parse(object.content, hash_len, &tag)) {
			tell_unread(a, &ret->id, OBJECT_CORRUPT);
			return 0;
		}
		ret->id = tag.target;
	}
	a->unread(a->context, &ret->id, UNREAD_LIMIT);
	return 0;
}

/* Fills the graph, the best reach first. */
static int add_tips(struct attribution *a, struct peeled *peeled)
{
	for (unsigned reach = 0; reach < REACHES; reach++) {
		for (size_t i = 0; i < a->tip_count; i++) {
			if (a->tips[i].reach != reach)
				continue;
			if (peel(a, &a->tips[i], &peeled[i]))
				return -1;
			if (peeled[i].kind != PEELED_COMMIT)
				continue;
			if (graph_add(a->graph, &peeled[i].id, (enum reach)reach))
				return -1;
			peeled[i].commit = graph_find(a->graph, &peeled[i].id);
		}
	}
	for (size_t i = 0; i < a->loose_end_count; i++)
		if (graph_add(a->graph, &a->loose_ends[i], REACH_NOTHING))
			return -1;
	return 0;
}

/* A tag's commit is the one it leads to in the end, also of a tag that nothing reaches. */
static int place_tags(struct attribution *a)
{
	for (size_t i = 0; i < a->find_count; i++) {
		struct attribution_find *f = &a->finds[i];
		struct attribution_tip tip = { .id = f->id, .reach = REACH_NOTHING };
		struct peeled peeled;

		if (f->type != OBJECT_TAG)
			continue;
		if (peel(a, &tip, &peeled))
			return -1;
		if (peeled.kind == PEELED_COMMIT)
			f->first = f->last = graph_find(a->graph, &peeled.id);
	}
	return 0;
}

static void place_commits(struct attribution *a)
{
	for (size_t i = 0; i < a->find_count; i++) {
		struct attribution_find *f = &a->finds[i];

		if (f->type != OBJECT_COMMIT)
			continue;
		f->first = f->last = graph_find(a->graph, &f->id);
		if (f->first != OIDMAP_NONE)
			f->reach = a->graph->commits[f->first].reach;
	}
}

/* As many finds at once as fit; the next round tries as many again. */
static int run_rounds(struct attribution *a, const struct peeled *peeled, const uint32_t *order, struct err *err)
{
	size_t from = 0, size = a->find_count;

	while (from < a->find_count) {
		size_t to = a->find_count - from > size ? from + size : a->find_count;
		int status = attribution_blobs(a, peeled, order, from, to);

		if (a->stopped(a->context))
			return err_set(err, ERR_LIMIT, 0, "the scan was stopped before all finds had their commits");
		if (status < 0 || (status > 0 && to - from == 1))
			return err_nomem(err);
		if (status > 0)
			size = (to - from) / 2;
		else
			from = to;
	}
	return 0;
}

int attribution_run(struct attribution *a, struct err *err)
{
	struct peeled *peeled = calloc(a->tip_count + 1, sizeof(*peeled));
	uint32_t *order = NULL;
	int ret = -1;

	for (size_t i = 0; i < a->find_count; i++) {
		struct attribution_find *f = &a->finds[i];

		attribution_find_init(f);
	}
	if (peeled && add_tips(a, peeled) == 0 && place_tags(a) == 0) {
		place_commits(a);
		order = graph_order(a->graph);
	}
	if (order)
		ret = run_rounds(a, peeled, order, err);
	else
		(void)err_nomem(err);
	free(order);
	free(peeled);
	return ret;
}
