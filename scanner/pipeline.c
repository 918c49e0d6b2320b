/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/pipeline.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "common/sys/term.h"
#include "scanner/inspect.h"
#include "scanner/marks.h"
#include "scanner/match/matcher.h"
#include "scanner/outlet.h"
#include "scanner/prefilter/prefilter.h"
#include "scanner/record.h"
#include "scanner/search.h"

#define PATH_BYTES (1u << 20)

struct worker {
	struct matcher_worker *matcher;
	struct search *search;
	struct inspector inspector;
	struct buf path, below;     /* scratch */
	atomic_ullong files, bytes; /* read by the progress line of another thread */
};

struct pipeline {
	struct pipeline_options options;
	struct inspect_options inspect;
	struct item_sink sink;
	struct matcher *matcher;
	struct marks *marks;
	const struct prefilter *prefilter; /* of the marks */
	struct worker *workers;
	struct outlet outlet; /* of what was emitted */
	struct term_progress progress;
	pthread_mutex_t progress_lock; /* taken only when there is a progress line */
	uint64_t deadline_ns;
	atomic_bool failed;
	atomic_bool output_gone;
};

static atomic_bool stop_requested;

void pipeline_stop(void)
{
	atomic_store(&stop_requested, true);
}

static struct records *output_of(struct pipeline *p, struct pool_task *slot)
{
	if (!slot->output)
		slot->output = records_new();
	if (!slot->output)
		atomic_store(&p->failed, true);
	return slot->output;
}

/* Lets a task that has collected much give some of it away. */
static void settle(struct pool_task *slot, size_t before)
{
	struct records *r = slot->output;

	if (slot->pool && r && r->bytes > before)
		pool_flush(slot, r->bytes - before);
}

static void add_unread(struct pipeline *p, unsigned worker, struct pool_task *slot, const struct item *item,
		       struct record_unread u)
{
	struct worker *w = &p->workers[worker];
	struct records *r = output_of(p, slot);
	size_t before = r ? r->bytes : 0;

	buf_clear(&w->path);
	buf_clear(&w->below);
	if (!r || item_add_path(item, &w->path) || item_add_below(item, &w->below)) {
		atomic_store(&p->failed, true);
		return;
	}
	u.path = w->path.ptr;
	u.below = w->below.ptr;
	u.inside_len = item->inside_len;
	u.own_len = item->own_len;
	if (records_add_unread(r, &u))
		atomic_store(&p->failed, true);
	settle(slot, before);
}

static void take_unread(void *context, unsigned worker, struct pool_task *slot, const struct item *item,
			enum unread reason, int errnum)
{
	add_unread(context, worker, slot, item, (struct record_unread){ .reason = reason, .errnum = errnum });
}

static void take_unread_text(void *context, unsigned worker, struct pool_task *slot, const struct item *item,
			     enum unread reason, const char *text)
{
	add_unread(context, worker, slot, item, (struct record_unread){ .reason = reason, .detail = text });
}

static int report_trouble(struct worker *w, struct records *r, const struct item *item,
			  const struct matcher_trouble *trouble)
{
	struct record_unread u = { .reason = UNREAD_LIMIT, .detail = trouble->err.text };

	buf_clear(&w->path);
	buf_clear(&w->below);
	if (item_add_path(item, &w->path) || item_add_below(item, &w->below))
		return -1;
	u.path = w->path.ptr;
	u.below = w->below.ptr;
	u.inside_len = item->inside_len;
	u.own_len = item->own_len;
	return records_add_unread(r, &u);
}

/* Turns the piece's matches, *ret_count of them, into records. */
static int take_matches(struct pipeline *p, struct worker *w, struct pool_task *slot, const struct item *item,
			const struct piece *piece, size_t *ret_count)
{
	struct matcher_trouble trouble;
	const struct match *matches;
	size_t count = matcher_finish(w->matcher, &matches, &trouble), before;
	struct records *r;

	*ret_count = count;
	if (count == SIZE_MAX)
		return -1;
	if (count == 0 && !trouble.any)
		return 0;
	r = output_of(p, slot);
	if (!r)
		return -1;
	before = r->bytes;
	if (trouble.any && report_trouble(w, r, item, &trouble))
		return -1;
	if (count && inspector_take(&w->inspector, item, piece, matches, count, r))
		return -1;
	if (!r->first) {
		records_free(r);
		slot->output = NULL;
	} else {
		settle(slot, before);
	}
	return 0;
}

/* Redraws the progress line when it is time to. */
static void show_progress(struct pipeline *p)
{
	DEFER(buf_done) struct buf text = BUF_INIT(256);
	unsigned long long files = 0, bytes = 0;

	pthread_mutex_lock(&p->progress_lock);
	if (!term_progress_due(&p->progress)) {
		pthread_mutex_unlock(&p->progress_lock);
		return;
	}
	for (unsigned i = 0; i < p->options.jobs; i++) {
		files += atomic_load_explicit(&p->workers[i].files, memory_order_relaxed);
		bytes += atomic_load_explicit(&p->workers[i].bytes, memory_order_relaxed);
	}
	if (!text_add_grouped(&text, files) &&
	    !buf_add_text(&text, p->options.counts_objects ? " objects, " : " files, ") &&
	    !text_add_bytes(&text, bytes))
		term_progress_show(&p->progress, buf_view(&text));
	pthread_mutex_unlock(&p->progress_lock);
}

/* The counters are one thread's to write, and read by others: no locked addition is needed. */
static void add_count(atomic_ullong *counter, unsigned long long n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

static void count_piece(struct pipeline *p, unsigned worker, const struct piece *piece)
{
	struct worker *w = &p->workers[worker];

	if (piece->is_first)
		add_count(&w->files, 1);
	add_count(&w->bytes, piece->bytes.len - (piece->is_first ? 0 : SCAN_OVERLAP_BYTES));
	if (p->options.progress && worker == 0)
		show_progress(p);
}

/* Has the matcher look at the piece and what decoders make of it. 0, or -1 when there is no memory. */
static int match_piece(struct worker *w, const struct item *item, const struct piece *piece)
{
	enum search_trouble trouble;
	struct err err = ERR_INIT;

	matcher_start(w->matcher, item, piece);
	if (search_piece(w->search, piece, &trouble))
		return -1;
	if (trouble == SEARCH_TOO_LARGE) {
		(void)err_set(&err, ERR_LIMIT, 0, "compressed data in it unpacks to more than %u bytes",
			      DECODE_UNPACKED_BYTES);
		matcher_note(w->matcher, &err);
	}
	return 0;
}

static void take_piece(void *context, unsigned worker, struct pool_task *slot, const struct item *item,
		       const struct piece *piece)
{
	struct pipeline *p = context;
	struct worker *w = &p->workers[worker];
	size_t matches = 0;

	if (!item->is_again)
		count_piece(p, worker, piece);
	if (match_piece(w, item, piece) || take_matches(p, w, slot, item, piece, &matches))
		atomic_store(&p->failed, true);
	if (!piece->is_last)
		inspector_leave(&w->inspector, piece, matches > 0);
}

static bool is_marked(void *context, unsigned, struct view bytes)
{
	const struct pipeline *p = context;
	struct prefilter_cursor cursor = { 0 };
	struct prefilter_hit hit;

	return prefilter_scan(p->prefilter, bytes, &cursor, &hit, 1) > 0;
}

static void pass(void *context, unsigned worker, uint64_t bytes)
{
	struct pipeline *p = context;

	add_count(&p->workers[worker].files, 1);
	add_count(&p->workers[worker].bytes, bytes);
	if (p->options.progress && worker == 0)
		show_progress(p);
}

static bool suspects(void *context, unsigned worker, const struct piece *piece)
{
	struct pipeline *p = context;
	struct worker *w = &p->workers[worker];
	struct matcher_trouble trouble;
	const struct match *matches;

	count_piece(p, worker, piece);
	if (match_piece(w, NULL, piece))
		atomic_store(&p->failed, true);
	return matcher_finish(w->matcher, &matches, &trouble) > 0 || trouble.any;
}

static bool is_stopped(void *context)
{
	struct pipeline *p = context;

	if (atomic_load_explicit(&stop_requested, memory_order_relaxed) ||
	    atomic_load_explicit(&p->output_gone, memory_order_relaxed))
		return true;
	if (!p->deadline_ns || clock_mono_ns() < p->deadline_ns)
		return false;
	pipeline_stop();
	return true;
}

static void emit(void *context, struct pool_task *slot)
{
	struct pipeline *p = context;

	if (p->options.progress) {
		pthread_mutex_lock(&p->progress_lock);
		term_progress_clear(&p->progress);
		pthread_mutex_unlock(&p->progress_lock);
	}
	if (outlet_take(&p->outlet, slot->output))
		atomic_store(&p->output_gone, true);
	slot->output = NULL;
}

static void hold(void *context, const struct finding *f, struct view secret)
{
	struct pipeline *p = context;

	outlet_hold(&p->outlet, f, secret);
}

static int workers_new(struct pipeline *p, struct err *err)
{
	p->workers = calloc(p->options.jobs, sizeof(*p->workers));
	if (!p->workers)
		return err_nomem(err);
	for (unsigned i = 0; i < p->options.jobs; i++) {
		struct worker *w = &p->workers[i];

		w->path = w->below = (struct buf)BUF_INIT(PATH_BYTES);
		w->matcher = matcher_worker_new(p->matcher);
		w->search = w->matcher ? search_new(p->marks, w->matcher, p->options.decode_depth) : NULL;
		if (!w->search)
			return err_nomem(err);
		inspector_init(&w->inspector, &p->inspect, w->matcher);
	}
	return 0;
}

static void workers_free(struct pipeline *p)
{
	for (unsigned i = 0; p->workers && i < p->options.jobs; i++) {
		struct worker *w = &p->workers[i];

		inspector_done(&w->inspector);
		search_freep(&w->search);
		matcher_worker_free(w->matcher);
		buf_done(&w->path);
		buf_done(&w->below);
	}
	free(p->workers);
}

static int stages_new(struct pipeline *p, struct err *err)
{
	const struct pipeline_options *o = &p->options;

	p->matcher = matcher_new(o->rules, err);
	if (!p->matcher)
		return -1;
	p->marks = marks_new(p->matcher, o->decode_depth > 0, err);
	if (!p->marks)
		return -1;
	p->prefilter = marks_prefilter(p->marks);
	if (!matcher_has_bare_rules(p->matcher))
		p->sink.longest_mark = prefilter_longest(p->prefilter);
	for (size_t i = 0; i < ruleset_count(o->rules); i++)
		p->outlet.summary.rules += ruleset_enabled(o->rules, i);
	p->inspect = (struct inspect_options){ .names = o->names,
					       .suppress = o->suppress,
					       .counter = p->prefilter,
					       .ignore_allow = o->ignore_allow,
					       .distrusts_markers = o->distrusts_markers,
					       .found = o->verify ? hold : NULL,
					       .context = p };
	return workers_new(p, err);
}

struct pipeline *pipeline_new(const struct pipeline_options *options, struct err *err)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	if (!p) {
		(void)err_nomem(err);
		return NULL;
	}
	p->options = *options;
	outlet_init(&p->outlet, &(const struct outlet_options){ .reports = options->reports,
								.report_count = options->report_count,
								.suppress = options->suppress,
								.baseline = options->baseline,
								.accepted = options->accepted,
								.inventory = options->inventory,
								.joined = options->joined,
								.verify = options->verify,
								.min_confidence = options->min_confidence,
								.verbose = options->verbose });
	p->sink = (struct item_sink){ .context = p,
				      .is_marked = is_marked,
				      .pass = pass,
				      .suspects = suspects,
				      .piece = take_piece,
				      .unread = take_unread,
				      .unread_text = take_unread_text,
				      .emit = emit,
				      .stopped = is_stopped,
				      .archives = options->archives };
	pthread_mutex_init(&p->progress_lock, NULL);
	if (stages_new(p, err)) {
		pipeline_freep(&p);
		return NULL;
	}
	p->outlet.summary.are_objects = options->counts_objects;
	p->outlet.summary.instructions = prefilter_level_name(p->prefilter);
	p->deadline_ns = options->timeout_ns ? clock_mono_ns() + options->timeout_ns : 0;
	term_progress_start(&p->progress, options->progress);
	return p;
}

void pipeline_freep(struct pipeline **at)
{
	struct pipeline *p = *at;

	*at = NULL;
	if (!p)
		return;
	workers_free(p);
	marks_free(p->marks);
	matcher_free(p->matcher);
	outlet_done(&p->outlet);
	pthread_mutex_destroy(&p->progress_lock);
	free(p);
}

const struct item_sink *pipeline_sink(const struct pipeline *p)
{
	return &p->sink;
}

void pipeline_summary(struct pipeline *p, struct summary *ret)
{
	term_progress_clear(&p->progress);
	outlet_finish(&p->outlet, is_stopped, p);
	*ret = p->outlet.summary;
	for (unsigned i = 0; i < p->options.jobs; i++) {
		ret->files += atomic_load(&p->workers[i].files);
		ret->bytes += atomic_load(&p->workers[i].bytes);
	}
	ret->failed |= atomic_load(&p->failed);
}

void pipeline_enter(struct pipeline *p, const char *repository)
{
	p->outlet.repository = repository;
	p->outlet.has_gaps = false;
}

bool pipeline_leave(struct pipeline *p)
{
	p->outlet.repository = NULL;
	return !p->outlet.has_gaps && !p->outlet.summary.failed && !atomic_load(&p->failed);
}

int pipeline_worst(const struct pipeline *p)
{
	return p->outlet.worst;
}
