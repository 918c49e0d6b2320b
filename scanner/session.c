/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/session.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/sys/log.h"
#include "common/sys/map.h"
#include "common/sys/term.h"
#include "scanner/accept.h"
#include "scanner/cmd.h"
#include "scanner/joined_report.h"
#include "scanner/narrate.h"
#include "scanner/privilege.h"

#define NS_PER_S 1'000'000'000u
#define SECONDS_PER_DAY 86400
#define INVENTORY_FRESH_DAYS 7

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

/* Reports name the rules that were in use, found or not. */
static int list_rules(struct session *s, struct err *err)
{
	const struct ruleset *set = s->setup.rules;
	size_t count = 0;

	s->rules = calloc(ruleset_count(set) + 1, sizeof(struct rule *));
	if (!s->rules)
		return err_nomem(err);
	for (size_t i = 0; i < ruleset_count(set); i++)
		if (ruleset_enabled(set, i))
			s->rules[count++] = ruleset_at(set, i);
	s->context.rules = s->rules;
	s->context.rule_count = count;
	return 0;
}

static void done(struct session *s)
{
	pipeline_freep(&s->pipeline);
	archives_freep(&s->archives);
	free(s->rules);
	s->rules = NULL;
	setup_done(&s->setup);
	inventory_done(&s->inventory);
	covered_done(&s->covered);
}

static int read_inventory(struct session *s, struct err *err)
{
	const char *path = s->options->inventory;
	const struct inventory *i = &s->inventory;
	int64_t age_days;

	if (!path)
		return 0;
	if (inventory_read(&s->inventory, path, err))
		return -1;
	age_days = i->exported_at ? (clock_unix_s() - i->exported_s) / SECONDS_PER_DAY : 0;
	if (i->without_hint)
		log_warn("%zu of %zu keys in '%s' have no hint to compare findings with", i->without_hint,
			 i->count + i->without_hint, path);
	if (age_days > INVENTORY_FRESH_DAYS)
		log_warn("'%s' was exported %lld days ago: what has changed since is not known", path,
			 (long long)age_days);
	return 0;
}

static int prepare_archives(struct session *s, unsigned jobs, struct err *err)
{
	struct archives_options o = { .limits = s->setup.archive, .jobs = jobs, .warn = log_warn_text };

	if (o.limits.depth == 0)
		return 0;
	s->archives = archives_new(&o, err);
	return s->archives ? 0 : -1;
}

static bool wants_progress(const struct options *o)
{
	if (o->progress == PROGRESS_AUTO)
		return !o->quiet && !o->verbose && term_is_terminal(STDERR_FILENO);
	return o->progress == PROGRESS_ALWAYS;
}

int session_prepare(struct session *s, const char *root, unsigned jobs, struct err *err)
{
	const struct options *o = s->options;
	struct pipeline_options p;

	s->started_ns = clock_mono_ns();
	if (setup_read(o, root, &s->setup, err))
		return -1;
	if (list_rules(s, err) || read_inventory(s, err) || prepare_archives(s, jobs, err))
		return -1;
	s->context.names = s->setup.names;
	s->context.targets = s->targets;
	s->context.target_count = s->target_count;
	s->context.started_s = clock_unix_s();
	s->context.verbose = o->verbose;
	s->context.colour = !o->no_colour && !o->report_path && term_has_colour(STDOUT_FILENO);
	s->context.hook = getenv("SKANT_HOOK");
	s->context.fail_on = o->fail_on;
	catch_signals();
	if (o->accepting ? accept_open(o->accepting, o->output, s->setup.baseline_path, s->setup.baseline_named_by,
				       root, err)
			 : reports_open(&s->reports, o, &s->context, err))
		return -1;
	if (covered_find(&s->covered, s->covers, root, s->targets, s->target_count))
		return err_nomem(err);
	p = (struct pipeline_options){ .rules = s->setup.rules,
				       .baseline = o->accepting ? o->accepting->old : s->setup.baseline,
				       .accepted = o->accepting ? o->accepting->found : NULL,
				       .suppress = s->setup.suppress,
				       .names = s->setup.names,
				       .inventory = o->inventory ? &s->inventory : NULL,
				       .verify = o->verifier,
				       .archives = s->archives,
				       .reports = s->reports.items,
				       .report_count = s->reports.count,
				       .joined = s->joined,
				       .jobs = jobs,
				       .decode_depth = s->setup.decode_depth,
				       .min_confidence = o->min_confidence,
				       .ignore_allow = o->ignore_allow,
				       .distrusts_markers = s->distrusts_markers,
				       .counts_objects = s->counts_objects,
				       .verbose = o->verbose,
				       .progress = wants_progress(o),
				       .timeout_ns = o->timeout_s * NS_PER_S };
	s->pipeline = pipeline_new(&p, err);
	return s->pipeline ? 0 : -1;
}

void session_confine(const struct session *s)
{
	const struct options *o = s->options;

	privilege_narrow(o->privilege, o->accepting ? o->accepting->path : NULL);
}

void session_reset(struct session *s)
{
	reports_abort(&s->reports);
	done(s);
}

static bool was_cut(void)
{
	if (map_was_cut())
		log_warn("a file was cut short while it was read: what it held need not have been looked at");
	return map_was_cut();
}

int session_refuse(struct session *s, const struct err *err)
{
	log_error("%s", err->text);
	session_reset(s);
	return was_cut() ? EXIT_INCOMPLETE : EXIT_USAGE;
}

static void count_baseline(const struct session *s, struct summary *summary)
{
	const struct baseline *b = s->options->accepting ? NULL : s->setup.baseline;
	const struct baseline_scope scope = covered_scope(&s->covered);

	if (!b)
		return;
	summary->has_baseline = true;
	summary->baseline_entries = baseline_count(b);
	summary->knows_unmet = scope.count > 0 && !summary->incomplete && !summary->failed;
	summary->baseline_unmet = summary->knows_unmet ? baseline_unmet(b, &scope) : 0;
}

/* The reports, or the baseline. */
static int write_out(struct session *s, const struct summary *summary)
{
	const struct baseline_scope scope = covered_scope(&s->covered);
	struct err err = ERR_INIT;

	if (!s->options->accepting)
		return reports_close(&s->reports, summary);
	if (accept_write(s->options->accepting, &scope, summary->incomplete, &err) == 0)
		return 0;
	log_error("%s", err.text);
	return -1;
}

/* Reports what came together. Gives the most severe of it. */
static int report_joined(struct session *s, struct summary *summary)
{
	const struct joined_report q = { .reports = s->reports.items,
					 .report_count = s->reports.count,
					 .suppress = s->setup.suppress,
					 .verbose = s->options->verbose,
					 .is_told = true };
	int worst = -1;

	summary->repositories = s->shards;
	if (joined_report(s->joined, &q, summary, &worst) == 0)
		return worst;
	log_error("out of memory: findings are missing");
	summary->incomplete = summary->failed = true;
	return worst;
}

int session_conclude(struct session *s, const struct err *failure)
{
	struct summary summary;
	int ret = EXIT_CLEAN, worst;

	pipeline_summary(s->pipeline, &summary);
	if (s->kept)
		summary = *s->kept;
	summary.known_packs = s->known_packs;
	if (was_cut()) {
		summary.unread[UNREAD_CORRUPT]++;
		summary.incomplete = true;
	}
	if (failure->kind != ERR_NONE || summary.failed) {
		log_error("%s", failure->kind != ERR_NONE ? failure->text : "out of memory: findings may be missing");
		summary.incomplete = summary.failed = true;
	}
	count_baseline(s, &summary);
	worst = s->joined ? report_joined(s, &summary) : pipeline_worst(s->pipeline);
	if (worst >= (int)s->options->fail_on)
		ret = s->options->exit_code;
	s->context.ended_s = clock_unix_s();
	if (write_out(s, &summary) || summary.incomplete)
		ret = EXIT_INCOMPLETE;
	if (!s->context.hook || summary_findings(&summary) || summary.incomplete || s->options->verbose)
		narrate_summary(&summary, clock_mono_ns() - s->started_ns);
	done(s);
	return ret;
}
