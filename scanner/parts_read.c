/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/parts_read.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/sys/log.h"
#include "scanner/lines.h"

#define TOLD_MAX 20 /* records of one report whose fault is told */

struct part {
	struct parts *parts;
	struct lines lines;
	size_t faults;
	uint64_t records; /* that were understood */
	bool is_open;     /* a summary has yet to come */
};

void parts_init(struct parts *p, const struct ruleset *rules, int (*found)(void *context, const struct finding *f),
		void *context)
{
	*p = (struct parts){ .found = found, .context = context };
	readback_init(&p->readback, rules);
}

void parts_done(struct parts *p)
{
	readback_done(&p->readback);
	shards_done(&p->shards);
	for (size_t i = 0; i < p->sum.example_count; i++)
		free(p->sum.examples[i].path);
	p->sum.example_count = 0;
}

/* The record is left out: it is said, and the whole is incomplete. */
static void fault(struct part *part, const struct err *why)
{
	part->parts->sum.lost_records++;
	part->parts->sum.incomplete = true;
	if (part->faults++ < TOLD_MAX)
		log_warn("%s:%zu: %s", part->lines.path, part->lines.number, why->text);
}

/* before: what was lost before this summary was read. */
static void tell_lost(const struct part *part, uint64_t cut_before, uint64_t lost_before)
{
	uint64_t cut = part->parts->sum.cut_reports - cut_before, lost = part->parts->sum.lost_records - lost_before;

	if (cut)
		log_warn("%s:%zu: of the reports that were merged into this one %llu %s cut off", part->lines.path,
			 part->lines.number, (unsigned long long)cut, cut == 1 ? "was" : "were");
	if (lost)
		log_warn("%s:%zu: of the reports that were merged into this one %llu record%s could not be read",
			 part->lines.path, part->lines.number, (unsigned long long)lost, text_plural(lost));
}

static int take_summary(struct part *part, struct view object, struct err *err)
{
	struct parts *p = part->parts;
	uint64_t cut = p->sum.cut_reports, lost = p->sum.lost_records;

	part->is_open = false;
	if (readback_repositories(object, &p->shards, err) || readback_summary(object, &p->sum, err))
		return -1;
	tell_lost(part, cut, lost);
	return 0;
}

static int take_record(struct part *part, enum readback_kind kind, struct view object, struct err *err)
{
	struct parts *p = part->parts;
	struct finding finding;

	if (kind == READBACK_SUMMARY)
		return take_summary(part, object, err);
	part->is_open = true;
	if (readback_finding(&p->readback, object, &finding, err))
		return -1;
	return p->found(p->context, &finding) ? err_nomem(err) : 0;
}

/* 0, or -1 with err when nothing more is to be read. */
static int take_line(struct part *part, struct view line, struct err *err)
{
	struct err why = ERR_INIT;
	enum readback_kind kind;
	struct view object;

	if (!text_trim(line).len)
		return 0;
	if (readback_line(line, &kind, &object, &why)) {
		/* a last line without its end was cut off */
		if (part->records == 0 && part->faults == 0 && why.kind != ERR_LIMIT && why.kind != ERR_NOMEM &&
		    (why.kind == ERR_USAGE || part->lines.has_ended))
			return err_set(err, ERR_USAGE, 0, "%s:%zu: %s", part->lines.path, part->lines.number, why.text);
	} else if (take_record(part, kind, object, &why) == 0) {
		part->records++;
		return 0;
	}
	if (why.kind == ERR_NOMEM)
		return err_nomem(err);
	if (why.kind == ERR_REFUSED)
		return err_set(err, ERR_USAGE, 0, "%s:%zu: %s", part->lines.path, part->lines.number, why.text);
	fault(part, &why);
	return 0;
}

static int take_lines(struct part *part, struct err *err)
{
	struct view line;

	for (;;) {
		struct err why = ERR_INIT;
		int ret = lines_next(&part->lines, &line, &why);

		if (ret == 1)
			return 0;
		if (ret && why.kind == ERR_LIMIT) {
			fault(part, &(struct err){ .text = "this line is longer than any record is" });
		} else if (ret) {
			*err = why;
			return -1;
		} else if (take_line(part, line, err)) {
			return -1;
		}
	}
}

int parts_read(struct parts *p, const char *path, struct err *err)
{
	struct part part = { .parts = p, .is_open = true };
	int ret = lines_open(&part.lines, path, REPORT_TEXT_BYTES, err) || take_lines(&part, err) ? -1 : 0;

	if (ret == 0 && part.faults > TOLD_MAX)
		log_warn("%s: %zu more records that could not be read", part.lines.path, part.faults - TOLD_MAX);
	if (ret == 0 && part.is_open) {
		p->sum.cut_reports++;
		p->sum.incomplete = true;
		log_warn("%s:%zu: the report ends without a summary: it was cut off", part.lines.path,
			 part.lines.number);
	}
	lines_close(&part.lines);
	return ret;
}
