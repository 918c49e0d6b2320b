/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/history.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/record.h"
#include "scanner/source/git/blobfeed.h"
#include "scanner/source/git/origin.h"
#include "scanner/source/git/suspects.h"

#define READER_SHARE 4 /* of max_bytes: the largest object that is read again */

struct history {
	const struct history_options *o;
	const struct item_sink *sink;
	struct object_reader *reader;
	struct graph graph;
	struct pool_task *slots; /* one a worker, for what could not be read */
	struct oidmap told;      /* objects that were told to be unreadable */
	struct attribution_find *finds;
	size_t find_count;
	struct origin_texts texts;
	uint64_t known_packs, missing, unread;
	uint64_t hidden; /* findings that only --full would show */
	bool failed;
};

static bool is_stopped(void *context)
{
	const struct history *h = context;

	return h->sink->stopped(h->sink->context);
}

/* Each object once, however many things need it. */
static void tell_unread(void *context, const struct oid *id, enum unread reason)
{
	struct history *h = context;
	char hex[OID_HEX_BYTES];
	struct item item = { .folder = VIEW_NONE };

	if (oidmap_get(&h->told, id->bytes) != OIDMAP_NONE)
		return;
	if (oidmap_put(&h->told, id->bytes, 0))
		h->failed = true;
	oid_hex(id, h->o->hash_len, hex);
	item.name = view_of(hex);
	h->sink->unread(h->sink->context, 0, &h->slots[0], &item, reason, 0);
}

static void tell_shallow(struct history *h)
{
	char hex[OID_HEX_BYTES];
	struct item item = { .folder = VIEW_NONE };

	for (size_t i = 0; i < h->o->shallow_count; i++) {
		oid_hex(&h->o->shallow[i], h->o->hash_len, hex);
		item.name = view_of(hex);
		h->sink->unread(h->sink->context, 0, &h->slots[0], &item, UNREAD_SHALLOW, 0);
	}
}

static void emit_slots(struct history *h)
{
	for (unsigned i = 0; i < h->o->jobs; i++)
		if (h->slots[i].output)
			h->sink->emit(h->sink->context, &h->slots[i]);
}

/* Suspects, and objects that are missing: the same walk says whether anything needs them. */
static int make_finds(struct history *h, const struct suspects *s)
{
	size_t a = 0, b = 0;

	h->finds = calloc(s->count + s->missing_count + 1, sizeof(*h->finds));
	if (!h->finds)
		return -1;
	while (a < s->count || b < s->missing_count) {
		struct attribution_find *f = &h->finds[h->find_count++];
		bool is_suspect = b == s->missing_count ||
				  (a < s->count && memcmp(&s->items[a].id, &s->missing[b], OID_MAX_BYTES) <= 0);

		attribution_find_init(f);
		f->id = is_suspect ? s->items[a].id : s->missing[b];
		f->type = is_suspect ? s->items[a].type : OBJECT_BLOB;
		f->is_missing = !is_suspect;
		a += is_suspect;
		b += !is_suspect;
	}
	return 0;
}

static int attribute(struct history *h, const struct suspects *s, struct err *err)
{
	struct attribution a = { .reader = h->reader,
				 .graph = &h->graph,
				 .tips = h->o->tips,
				 .tip_count = h->o->tip_count,
				 .loose_ends = s->commits,
				 .loose_end_count = h->o->full ? s->commit_count : 0,
				 .finds = h->finds,
				 .find_count = h->find_count,
				 .max_bytes = h->o->max_bytes,
				 .unread = tell_unread,
				 .stopped = is_stopped,
				 .context = h };

	h->graph.shallow = h->o->shallow;
	h->graph.shallow_count = h->o->shallow_count;
	h->graph.unread = tell_unread;
	h->graph.context = h;
	return attribution_run(&a, err);
}

static const struct graph_commit *commit_of(const struct history *h, const struct attribution_find *f)
{
	return f->first == OIDMAP_NONE ? NULL : &h->graph.commits[f->first];
}

static struct view path_of(const struct attribution_find *f, char hex[static OID_HEX_BYTES], size_t hash_len)
{
	if (f->type == OBJECT_COMMIT)
		return VIEW("COMMIT_EDITMSG");
	if (f->type == OBJECT_TAG)
		return VIEW("TAG_EDITMSG");
	if (f->path.len)
		return buf_view(&f->path);
	oid_hex(&f->id, hash_len, hex);
	return view_of(hex);
}

/* By time of the first commit, those without one last; then by its id, by path, by object. */
static int by_place(const void *a, const void *b, void *context)
{
	const struct history *h = context;
	const struct attribution_find *x = a, *y = b;
	const struct graph_commit *c = commit_of(h, x), *d = commit_of(h, y);
	char hex[OID_HEX_BYTES], other[OID_HEX_BYTES];
	int order = 0;

	if (!c != !d)
		return c ? -1 : 1;
	if (c && c->time_s != d->time_s)
		return c->time_s < d->time_s ? -1 : 1;
	if (c)
		order = memcmp(&c->id, &d->id, OID_MAX_BYTES);
	if (order == 0)
		order = text_cmp(path_of(x, hex, h->o->hash_len), path_of(y, other, h->o->hash_len));
	return order ? order : memcmp(&x->id, &y->id, OID_MAX_BYTES);
}

static int make_origin(struct history *h, const struct attribution_find *f, struct origin *o)
{
	const struct graph_commit *first = commit_of(h, f);

	origin_start(o, &h->texts, &f->id, f->type, h->o->hash_len);
	if (first && f->type != OBJECT_TAG && origin_add_commit(o, &h->texts, h->reader, &first->id, h->o->hash_len))
		return -1;
	if (f->type == OBJECT_TAG && origin_add_tag(o, &h->texts, h->reader, &f->id, h->o->hash_len))
		return -1;
	if (first && f->type == OBJECT_TAG) {
		oid_hex(&first->id, h->o->hash_len, h->texts.commit);
		o->commit = h->texts.commit;
	}
	if (f->last != OIDMAP_NONE && f->type != OBJECT_TAG) {
		oid_hex(&h->graph.commits[f->last].id, h->o->hash_len, h->texts.last);
		o->last = h->texts.last;
	}
	o->at_head = f->at_head;
	if (is_stopped(h)) /* what was found out so far may not be so */
		return 0;
	o->reached = reach_names[f->reach];
	o->refs = f->refs.len ? f->refs.ptr : NULL;
	o->also_at = f->also_at.len ? f->also_at.ptr : NULL;
	return 0;
}

struct feed { /* one object on its way to the sink */
	struct history *h;
	struct item item;
	struct pool_task slot;
};

static void feed(struct feed *f, const struct oid *id)
{
	struct blobfeed b = { .sink = f->h->sink, .slot = &f->slot, .item = &f->item, .goes_on = true };
	enum object_result status = object_pieces(f->h->reader, id, blobfeed_piece, &b, NULL);

	blobfeed_end(&b);
	if (status == OBJECT_NOMEM)
		f->h->failed = true;
	else if (status != OBJECT_OK)
		tell_unread(f->h, id, object_unread(status));
}

/* Rules that are for certain paths alone may find something under another name of the object. */
static void feed_paths(struct feed *f, const struct attribution_find *find, struct view rest)
{
	while (rest.len) {
		size_t end = text_find(rest, VIEW("//"));
		struct feed other = { .h = f->h, .item = f->item };

		item_set_path(&other.item, view_sub(rest, 0, end));
		rest = end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + 2, rest.len);
		feed(&other, &find->id);
		if (records_join(f->slot.output, other.slot.output))
			other.slot.output = NULL;
		else if (!f->slot.output)
			f->slot.output = TAKE(other.slot.output);
		records_free(other.slot.output);
	}
}

static void report(struct history *h, const struct attribution_find *find)
{
	char hex[OID_HEX_BYTES];
	struct origin origin;
	struct feed f = { .h = h, .item = { .origin = &origin, .is_again = true } };

	if (make_origin(h, find, &origin)) {
		h->failed = true;
		return;
	}
	item_set_path(&f.item, path_of(find, hex, h->o->hash_len));
	feed(&f, &find->id);
	if (find->type == OBJECT_BLOB) {
		feed_paths(&f, find, buf_view(&find->also_at));
		feed_paths(&f, find, buf_view(&find->more_at));
	}
	if (!f.slot.output)
		return;
	if (h->o->full || find->reach <= REACH_STASH || is_stopped(h)) {
		h->sink->emit(h->sink->context, &f.slot);
		return;
	}
	h->hidden += records_count_new(f.slot.output);
	records_free(f.slot.output);
}

/* The first ones one by one, with the path where they should be; all of them are counted. */
static void tell_missing(struct history *h, const struct attribution_find *f)
{
	struct records *r = h->slots[0].output;

	if (h->missing++ < GIT_MISSING_TOLD || !r)
		tell_unread(h, &f->id, UNREAD_MISSING_OBJECT);
	else
		r->skipped[UNREAD_MISSING_OBJECT]++;
}

static void report_all(struct history *h)
{
	qsort_r(h->finds, h->find_count, sizeof(*h->finds), by_place, h);
	for (size_t i = 0; i < h->find_count; i++) {
		const struct attribution_find *f = &h->finds[i];

		if (!f->is_missing)
			report(h, f);
		else if (f->reach <= REACH_STASH) /* what nothing needs may rightly have been pruned */
			tell_missing(h, f);
	}
}

/* In a store that is too large to be asked what each of its objects refers to. */
static void check_tips(struct history *h)
{
	for (size_t i = 0; i < h->o->tip_count; i++)
		if (h->o->tips[i].reach < REACH_REFLOG && !object_exists(h->reader, &h->o->tips[i].id))
			tell_unread(h, &h->o->tips[i].id, UNREAD_MISSING_OBJECT);
}

/* A partial clone lacks what it lacks on purpose, but it was not read. Where all was checked it is known what that
 * is. */
static void tell_partial(struct history *h, const struct suspects *s)
{
	struct item item = { .name = VIEW("partial clone") };

	if (!h->o->is_partial || (s->all_checked && s->missing_count == 0))
		return;
	if (h->o->note)
		h->o->note("this is a partial clone: objects that were left out when it was made are not read");
	if (!s->all_checked)
		h->sink->unread(h->sink->context, 0, &h->slots[0], &item, UNREAD_MISSING_OBJECT, 0);
}

static void tell_hidden(const struct history *h)
{
	DEFER(buf_done) struct buf text = BUF_INIT(256);

	if (h->hidden && h->o->note &&
	    buf_addf(&text, "%llu more %s in objects that no ref reaches; --full shows where",
		     (unsigned long long)h->hidden, h->hidden == 1 ? "finding stands" : "findings stand") == 0)
		h->o->note(text.ptr);
}

/* A folder of objects that could not be opened: others may need what it held. */
static bool lacks_folder(const struct history *h)
{
	bool is_loss = true;

	return objects_trouble(h->o->objects, 0, &is_loss) != NULL;
}

static int scan(struct history *h, struct err *err)
{
	struct suspects_options options = { .objects = h->o->objects,
					    .hash_len = h->o->hash_len,
					    .jobs = h->o->jobs,
					    .max_bytes = h->o->max_bytes,
					    .wants_commits = h->o->full,
					    .checks = true,
					    .checks_large = h->o->connectivity || lacks_folder(h),
					    .shallow = h->o->shallow,
					    .shallow_count = h->o->shallow_count,
					    .cache = h->o->cache,
					    .note = h->o->note };
	struct suspects s;
	int ret;

	tell_shallow(h);
	if (suspects_find(&options, h->sink, h->slots, &s, err))
		return -1;
	if (h->o->full && s.count && s.known_packs) { /* packs that were passed over hold commits that may lead there */
		suspects_done(&s);
		options.cache = NULL;
		if (suspects_find(&options, h->sink, h->slots, &s, err))
			return -1;
	}
	tell_partial(h, &s);
	ret = make_finds(h, &s) ? err_nomem(err) : 0;
	if (ret == 0 && !is_stopped(h)) {
		if (h->find_count || s.all_checked)
			ret = attribute(h, &s, err);
		else
			check_tips(h);
	}
	h->known_packs = s.known_packs;
	h->unread = s.unread;
	suspects_done(&s);
	if (h->find_count && (ret == 0 || is_stopped(h)))
		report_all(h);
	return ret;
}

static void tell_interrupted(struct history *h)
{
	struct item item = { .name = VIEW("object store") };

	if (is_stopped(h))
		h->sink->unread(h->sink->context, 0, &h->slots[0], &item, UNREAD_INTERRUPTED, 0);
}

int history_scan(const struct history_options *options, const struct item_sink *sink, struct history_result *ret,
		 struct err *err)
{
	struct history h = { .o = options, .sink = sink };
	int status = -1;

	h.slots = calloc(options->jobs, sizeof(*h.slots));
	h.reader = object_reader_new(options->objects, options->max_bytes / READER_SHARE, err);
	oidmap_init(&h.told, options->hash_len);
	origin_texts_init(&h.texts);
	graph_init(&h.graph, h.reader, options->hash_len);
	if (h.slots && h.reader) {
		status = scan(&h, err);
		if (is_stopped(&h)) { /* whatever else went wrong then is no news */
			tell_interrupted(&h);
			status = 0;
		}
		emit_slots(&h);
		tell_hidden(&h);
	}
	if (status == 0 && h.failed)
		status = err_nomem(err);
	ret->suspects = h.find_count;
	ret->known_packs = h.known_packs;
	ret->lost = h.told.count;
	ret->is_whole = status == 0 && !is_stopped(&h) && h.unread == 0 && h.told.count == 0;
	for (size_t i = 0; i < h.find_count; i++)
		attribution_find_done(&h.finds[i]);
	free(h.finds);
	graph_done(&h.graph);
	oidmap_done(&h.told);
	origin_texts_done(&h.texts);
	object_reader_freep(&h.reader);
	free(h.slots);
	return status;
}
