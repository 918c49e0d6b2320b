/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: one file a format behind struct report_format; the driver writes what they produce, whole or not at all when
 * it goes to a file. */
#ifndef SCANNER_REPORT_REPORT_H
#define SCANNER_REPORT_REPORT_H

#include "common/base/err.h"
#include "scanner/finding.h"
#include "scanner/summary.h"

struct report_context {
	const char *const *targets; /* as the user named them */
	size_t target_count;
	const char *command; /* "dir", "stdin" */
	const struct keyname_policy *names;
	const struct rule *const *rules; /* those in use */
	size_t rule_count;
	int64_t started_s, ended_s; /* since 1970-01-01; the end is known when the report ends */
	bool colour;
	bool verbose;          /* also say what leads to a finding */
	const char *hook;      /* which hook runs us, as SKANT_HOOK says; NULL = none */
	enum severity fail_on; /* what makes that hook stop */
};

/* Each appends to out and returns 0, or -1 as buf_add. Findings come one after the other; none is kept. */
struct report_format {
	const char *name;
	bool is_whole;    /* nothing may be written before the end */
	bool is_new_only; /* its readers take all it holds for open: no place for findings that are allowed */
	int (*begin)(const struct report_context *c, struct buf *out);
	int (*finding)(const struct report_context *c, const struct finding *f, bool is_first, struct buf *out);
	int (*end)(const struct report_context *c, const struct summary *s, bool is_empty, struct buf *out);
	/* A format that keeps something from one finding to the next has these instead of the three above: */
	void *(*open)(const struct report_context *c, struct buf *out); /* NULL: as -1 */
	int (*take)(void *state, const struct report_context *c, const struct finding *f, struct buf *out);
	int (*close)(void *state, const struct report_context *c, const struct summary *s, struct buf *out);
	void (*drop)(void *state); /* after close as well */
};

extern const struct report_format report_text, report_json, report_jsonl, report_sarif, report_csv, report_junit,
	report_gitlab, report_github, report_gitleaks, report_html;
extern const struct report_format report_hook; /* for people whose hook stopped them; has no name to ask for */

#define REPORT_FORMATS "text json jsonl sarif csv junit gitlab github gitleaks html" /* their names */
const struct report_format *report_find(struct view name); /* NULL when there is none of that name */

struct report; /* one being written */

/* path NULL: standard output, as it goes. NULL with err. */
struct report *report_open(const struct report_format *format, const char *path, const struct report_context *context,
			   struct err *err);
/* A failure sticks: later calls return -1 as well, the first error is kept for report_close. */
int report_finding(struct report *r, const struct finding *f);
/* Hands what there is to standard output; files are written at the end. */
int report_flush(struct report *r);
/* Ends and frees it. 0, or -1 with err; ERR_IO with errnum EPIPE: the reader of our output has gone. */
[[nodiscard]] int report_close(struct report *r, const struct summary *s, struct err *err);
void report_abort(struct report *r); /* leaves nothing behind */

#endif
