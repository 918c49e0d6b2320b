/* SPDX-License-Identifier: Apache-2.0 */
/* skant merge: one report from the reports of many machines. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "common/sys/term.h"
#include "scanner/cmd.h"
#include "scanner/joined_report.h"
#include "scanner/narrate.h"
#include "scanner/parts_read.h"
#include "scanner/reports.h"
#include "scanner/setup.h"

struct merge {
	const struct options *options;
	struct setup setup;
	struct parts parts;
	struct joined joined;
	const struct rule **rules; /* known and made ones */
	struct report_context context;
	struct reports reports;
	uint64_t started_ns;
};

static int found(void *context, const struct finding *f)
{
	return joined_add(context, f);
}

static int check_args(char **args, size_t count, struct err *err)
{
	size_t streams = 0;

	if (count == 0)
		return err_set(err, ERR_USAGE, 0,
			       "the names of reports were expected, such as *.jsonl; - is standard input");
	for (size_t i = 0; i < count; i++)
		streams += text_eq(view_of(args[i]), VIEW("-"));
	return streams > 1 ? err_set(err, ERR_USAGE, 0, "- was given twice; there is one standard input") : 0;
}

/* A baseline here says nothing of what another machine has scanned, and has judged. */
static int read_setup(struct merge *m, struct err *err)
{
	struct options own = *m->options;

	own.ignore_allow = true;
	return setup_read(&own, ".", &m->setup, err);
}

static int list_rules(struct merge *m, struct err *err)
{
	size_t known = ruleset_count(m->setup.rules), made = m->parts.readback.made_count;

	m->rules = calloc(known + made + 1, sizeof(struct rule *));
	if (!m->rules)
		return err_nomem(err);
	for (size_t i = 0; i < known; i++)
		m->rules[i] = ruleset_at(m->setup.rules, i);
	for (size_t i = 0; i < made; i++)
		m->rules[known + i] = readback_made(&m->parts.readback, i);
	m->context.rules = m->rules;
	m->context.rule_count = known + made;
	return 0;
}

static int open_all(struct merge *m, char **args, size_t count, struct err *err)
{
	const struct options *o = m->options;

	m->context = (struct report_context){ .targets = (const char *const *)args,
					      .target_count = count,
					      .command = "merge",
					      .names = m->setup.names,
					      .started_s = clock_unix_s(),
					      .verbose = o->verbose,
					      .fail_on = o->fail_on };
	m->context.colour = !o->no_colour && !o->report_path && term_has_colour(STDOUT_FILENO);
	(void)signal(SIGPIPE, SIG_IGN);
	return list_rules(m, err) || reports_open(&m->reports, o, &m->context, err) ? -1 : 0;
}

/* What was found is counted anew, each once; all else are sums. */
static int write_all(struct merge *m, struct err *err)
{
	const struct options *o = m->options;
	const struct joined_report q = { .reports = m->reports.items,
					 .report_count = m->reports.count,
					 .suppress = m->setup.suppress,
					 .verbose = o->verbose };
	struct summary summary = m->parts.sum;
	int worst, ret;

	summary.instructions = summary.instructions ? summary.instructions : "none";
	summary.repositories = m->parts.shards.count ? &m->parts.shards : NULL;
	if (joined_report(&m->joined, &q, &summary, &worst))
		return err_nomem(err);
	m->context.ended_s = clock_unix_s();
	ret = worst >= (int)o->fail_on ? o->exit_code : EXIT_CLEAN;
	if (reports_close(&m->reports, &summary) || summary.incomplete)
		ret = EXIT_INCOMPLETE;
	if (m->joined.doubles)
		log_info("%llu %s in more than one report", (unsigned long long)m->joined.doubles,
			 m->joined.doubles == 1 ? "finding was" : "findings were");
	if (summary.repositories)
		narrate_repositories(summary.repositories);
	narrate_summary(&summary, clock_mono_ns() - m->started_ns);
	return ret;
}

/* Whether all repositories are there that the reports, or --repositories, say there are. */
static int check_repositories(struct merge *m, struct err *err)
{
	DEFER(repolist_done) struct repolist plan = { .count = 0 };
	const char *path = m->options->repositories;
	int ret;

	if (path && repolist_read(&plan, path, err))
		return -1;
	ret = shards_check(&m->parts.shards, path ? &plan : NULL, log_warn_text, err);
	if (ret > 0) {
		m->parts.sum.incomplete = true;
		m->parts.sum.missing_repositories = shards_missing(&m->parts.shards);
	}
	return ret < 0 ? -1 : 0;
}

static int merge(struct merge *m, char **args, size_t count, struct err *err)
{
	if (check_args(args, count, err) || read_setup(m, err))
		return -1;
	parts_init(&m->parts, m->setup.rules, found, &m->joined);
	for (size_t i = 0; i < count; i++)
		if (parts_read(&m->parts, args[i], err))
			return -1;
	if (check_repositories(m, err) || open_all(m, args, count, err))
		return -1;
	return write_all(m, err);
}

int cmd_merge(const struct options *o, char **args, size_t count)
{
	struct merge m = { .options = o, .started_ns = clock_mono_ns() };
	struct err err = ERR_INIT;
	int ret = merge(&m, args, count, &err);

	if (ret < 0) {
		log_error("%s", err.text);
		reports_abort(&m.reports);
		ret = EXIT_USAGE;
	}
	free(m.rules);
	parts_done(&m.parts);
	joined_done(&m.joined);
	setup_done(&m.setup);
	return ret;
}
