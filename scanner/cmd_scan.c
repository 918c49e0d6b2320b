/* SPDX-License-Identifier: Apache-2.0 */
/* skant dir, skant stdin: the same scan over different sources. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/sys/log.h"
#include "common/sys/term.h"
#include "scanner/cmd.h"
#include "scanner/narrate.h"
#include "scanner/pipeline.h"
#include "scanner/setup.h"
#include "scanner/source/stream.h"
#include "scanner/source/target.h"
#include "scanner/source/worktree.h"

#define NS_PER_S 1'000'000'000u

struct scan {
	const struct options *options;
	const char *const *targets;
	size_t target_count;
	struct setup setup;
	struct report_context context;
	struct report *reports[REPORTS_MAX + 1];
	size_t report_count;
	struct pipeline *pipeline;
};

static void on_signal(int)
{
	pipeline_stop();
}

/* The first signal ends the scan, and what was found is still reported, marked incomplete; the second one kills. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int open_report(struct scan *s, const char *format, const char *path, struct err *err)
{
	struct report *r = report_open(report_find(view_of(format)), path, &s->context, err);

	if (!r)
		return -1;
	s->reports[s->report_count++] = r;
	return 0;
}

/* Each FMT=FILE is a report of its own; besides, there is one in the format that was given without file. */
static int open_reports(struct scan *s, struct err *err)
{
	const struct options *o = s->options;
	const char *main_format = NULL;
	bool any_file = false;

	for (size_t i = 0; i < o->report_count; i++) {
		any_file |= o->reports[i].path != NULL;
		if (o->reports[i].path ? open_report(s, o->reports[i].format, o->reports[i].path, err)
				       : main_format && err_set(err, ERR_USAGE, 0,
								"two report formats without a file; use -f %s=FILE",
								o->reports[i].format))
			return -1;
		if (!o->reports[i].path)
			main_format = o->reports[i].format;
	}
	if (!main_format && any_file && !o->report_path)
		return 0;
	return open_report(s, main_format ? main_format : "text", o->report_path, err);
}

static void abort_reports(struct scan *s)
{
	for (size_t i = 0; i < s->report_count; i++)
		report_abort(s->reports[i]);
	s->report_count = 0;
}

/* 0, or -1 when some report could not be written; a reader of our output that has gone away is no news. */
static int close_reports(struct scan *s, const struct summary *summary)
{
	int ret = 0;

	for (size_t i = 0; i < s->report_count; i++) {
		struct err err = ERR_INIT;

		if (report_close(s->reports[i], summary, &err) == 0)
			continue;
		ret = -1;
		if (err.errnum != EPIPE)
			log_error("%s", err.text);
	}
	s->report_count = 0;
	return ret;
}

static bool wants_progress(const struct options *o)
{
	if (o->progress == PROGRESS_AUTO)
		return !o->quiet && !o->verbose && term_is_terminal(STDERR_FILENO);
	return o->progress == PROGRESS_ALWAYS;
}

static int prepare(struct scan *s, const char *root, unsigned jobs, struct err *err)
{
	const struct options *o = s->options;
	struct pipeline_options p;

	if (setup_read(o, root, &s->setup, err))
		return -1;
	s->context.names = s->setup.names;
	s->context.targets = s->targets;
	s->context.target_count = s->target_count;
	s->context.colour = !o->no_colour && !o->report_path && term_has_colour(STDOUT_FILENO);
	catch_signals();
	if (open_reports(s, err))
		return -1;
	p = (struct pipeline_options){ .rules = s->setup.rules,
				       .suppress = s->setup.suppress,
				       .names = s->setup.names,
				       .reports = s->reports,
				       .report_count = s->report_count,
				       .jobs = jobs,
				       .min_confidence = o->min_confidence,
				       .ignore_allow = o->ignore_allow,
				       .verbose = o->verbose,
				       .progress = wants_progress(o),
				       .timeout_ns = o->timeout_s * NS_PER_S };
	s->pipeline = pipeline_new(&p, err);
	return s->pipeline ? 0 : -1;
}

static int refuse(struct scan *s, const struct err *err)
{
	log_error("%s", err->text);
	abort_reports(s);
	pipeline_freep(&s->pipeline);
	setup_done(&s->setup);
	return EXIT_USAGE;
}

/* Ends the reports, says what was done, and finds the exit status. failure is what kept the source from its work. */
static int conclude(struct scan *s, uint64_t started_ns, const struct err *failure)
{
	struct summary summary;
	int ret = EXIT_CLEAN;

	pipeline_summary(s->pipeline, &summary);
	if (failure->kind != ERR_NONE || summary.failed) {
		log_error("%s", failure->kind != ERR_NONE ? failure->text : "out of memory: findings may be missing");
		summary.incomplete = summary.failed = true;
	}
	if (pipeline_worst(s->pipeline) >= (int)s->options->fail_on)
		ret = s->options->exit_code;
	if (close_reports(s, &summary) || summary.incomplete)
		ret = EXIT_INCOMPLETE;
	narrate_summary(&summary, clock_mono_ns() - started_ns);
	pipeline_freep(&s->pipeline);
	setup_done(&s->setup);
	return ret;
}

static void warn(const char *text)
{
	log_warn("%s", text);
}

int cmd_dir(const struct options *o, char **args, size_t count)
{
	static const char *const here[] = { "." };
	uint64_t started_ns = clock_mono_ns();
	struct scan s = { .options = o, .context = { .command = "dir" } };
	struct worktree_options w = { .no_ignore = o->no_ignore,
				      .max_file_bytes = o->max_target_bytes,
				      .jobs = o->jobs };
	struct err err = ERR_INIT;
	DEFER(freep) char *root = NULL;

	s.targets = count ? (const char *const *)args : here;
	s.target_count = count ? count : 1;
	if (target_check(s.targets, s.target_count, &err))
		return refuse(&s, &err);
	root = target_root(s.targets[0], &err);
	if (!root || prepare(&s, root, o->jobs, &err))
		return refuse(&s, &err);
	(void)worktree_scan(s.targets, s.target_count, &w, pipeline_sink(s.pipeline), warn, &err);
	return conclude(&s, started_ns, &err);
}

int cmd_stdin(const struct options *o, char **args, size_t count)
{
	uint64_t started_ns = clock_mono_ns();
	const char *const target[] = { o->label };
	struct scan s = { .options = o, .targets = target, .target_count = 1, .context = { .command = "stdin" } };
	struct err err = ERR_INIT;
	DEFER(freep) char *root = NULL;

	if (count) {
		(void)err_set(&err, ERR_USAGE, 0, "skant stdin reads standard input; it takes no '%s'", args[0]);
		return refuse(&s, &err);
	}
	root = target_root(".", &err);
	if (!root || prepare(&s, root, 1, &err))
		return refuse(&s, &err);
	(void)stream_scan(STDIN_FILENO, o->label, pipeline_sink(s.pipeline), &err);
	return conclude(&s, started_ns, &err);
}
