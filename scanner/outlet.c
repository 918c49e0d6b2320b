/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/outlet.h"

#include <stdlib.h>
#include <string.h>

#include "common/sys/log.h"
#include "scanner/narrate.h"
#include "scanner/relocate.h"

void outlet_init(struct outlet *o, const struct outlet_options *options)
{
	*o = (struct outlet){ .options = *options, .worst = -1 };
	o->waiting_end = &o->waiting;
}

void outlet_done(struct outlet *o)
{
	struct record *next;

	for (struct record *i = o->waiting; i; i = next) {
		next = i->next;
		free(i);
	}
	for (size_t i = 0; i < o->summary.example_count; i++)
		free(o->summary.examples[i].path);
}

static bool is_low(const struct outlet *o, const struct finding *f)
{
	return f->confidence < o->options.min_confidence;
}

/* Whether its key is worth a question: whoever wrote that it is none, or that it may be there, is believed. */
static bool is_for_verify(const struct outlet *o, const struct finding *f)
{
	return o->options.verify && f->rule->kind != KIND_KEYNAME && f->status == STATUS_NEW && !is_low(o, f);
}

void outlet_hold(const struct outlet *o, const struct finding *f, struct view secret)
{
	if (is_for_verify(o, f) && !(o->options.baseline && baseline_has(o->options.baseline, f)))
		verify_hold(o->options.verify, f, secret);
}

static int report(struct outlet *o, struct finding *f)
{
	int ret = 0;

	if (o->options.inventory)
		inventory_join(o->options.inventory, f);
	if (o->options.joined) {
		if (joined_add(o->options.joined, f) == 0)
			return 0;
		o->summary.failed = true;
		return -1;
	}
	for (size_t i = 0; i < o->options.report_count; i++)
		ret |= report_finding(o->options.reports[i], f);
	return ret;
}

static int flush(struct outlet *o)
{
	int ret = 0;

	for (size_t i = 0; i < o->options.report_count; i++)
		ret |= report_flush(o->options.reports[i]);
	return ret;
}

/* Whether it is to be reported. */
static bool count_finding(struct outlet *o, struct finding *f)
{
	struct summary *s = &o->summary;

	if (o->options.baseline && baseline_meet(o->options.baseline, f) && f->status == STATUS_NEW && !is_low(o, f))
		f->status = STATUS_BASELINE;
	if (f->status == STATUS_ALLOWED) {
		s->allowed++;
	} else if (is_low(o, f)) {
		s->below_confidence++;
	} else if (f->status == STATUS_BASELINE) {
		s->baseline++;
	} else {
		s->findings[f->severity]++;
		if ((int)f->severity > o->worst)
			o->worst = (int)f->severity;
	}
	if (o->options.verbose && !o->options.is_told)
		narrate_finding(f, o->options.min_confidence);
	return !is_low(o, f) && (f->status == STATUS_NEW || o->options.verbose);
}

static void keep_example(struct outlet *o, const struct record_unread *u)
{
	char *path = strdup(u->path);

	if (path)
		summary_add_example(&o->summary,
				    &(const struct summary_example){
					    .reason = u->reason, .path = path, .inside_len = u->inside_len },
				    o->repository);
}

static void count_unread(struct outlet *o, const struct record_unread *u)
{
	const char *accepted = suppress_accepts(o->options.suppress, u);

	if (accepted) {
		o->summary.accepted++;
		log_debug("not read, accepted (%s): %s", accepted, u->path);
		return;
	}
	o->summary.unread[u->reason]++;
	o->has_gaps |= unread_is_incomplete(u->reason);
	o->summary.incomplete |= unread_is_incomplete(u->reason);
	keep_example(o, u);
	narrate_unread(u);
}

/* 0, or -1 when there is no memory. */
static int add_accepted(const struct outlet *o, const struct finding *f)
{
	if (!o->options.accepted || f->status == STATUS_ALLOWED || is_low(o, f))
		return 0;
	return baseline_add(o->options.accepted, f);
}

/* 0, or -1; takes the record over when it has to wait, and says so. */
static int take(struct outlet *o, struct record *i, bool *ret_waits)
{
	*ret_waits = false;
	if (!i->is_finding) {
		count_unread(o, &i->unread);
		return 0;
	}
	if (!count_finding(o, &i->finding))
		return add_accepted(o, &i->finding);
	if (add_accepted(o, &i->finding))
		return -1;
	if (!o->options.verify)
		return report(o, &i->finding);
	if (is_for_verify(o, &i->finding))
		verify_want(o->options.verify, &i->finding);
	*ret_waits = true; /* also what is not asked about: the order stays */
	i->next = NULL;
	*o->waiting_end = i;
	o->waiting_end = &i->next;
	return 0;
}

int outlet_take(struct outlet *o, struct records *r)
{
	struct records *moved = o->repository ? records_relocate(r, o->repository) : r;
	struct record *next;
	int ret = 0;

	if (!moved) {
		o->summary.failed = true;
		records_free(r);
		return -1;
	}
	r = moved;
	for (struct record *i = r->first; i; i = next) {
		bool waits;

		next = i->next;
		ret |= take(o, i, &waits);
		if (!waits)
			free(i);
	}
	for (size_t reason = 0; reason < UNREAD_COUNT; reason++)
		o->summary.unread[reason] += r->skipped[reason];
	r->first = NULL;
	records_free(r);
	return flush(o) || ret ? -1 : 0;
}

void outlet_finish(struct outlet *o, bool (*stopped)(void *context), void *context)
{
	if (!o->waiting)
		return;
	verify_ask(o->options.verify, stopped, context);
	for (struct record *i = o->waiting; i; i = i->next) {
		struct finding *f = &i->finding;

		if (is_for_verify(o, f)) {
			f->verdict = verify_verdict(o->options.verify, f);
			o->summary.verified[f->verdict.state]++;
		}
		if (report(o, f))
			return; /* report_close tells why */
	}
}
