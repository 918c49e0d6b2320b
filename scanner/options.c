/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/options.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "common/sys/opt_value.h"
#include "scanner/report/report.h"

#define MEGABYTE 1'000'000u
#define MEMORY_MIN_BYTES (64u << 20)
#define MEMORY_USUAL_BYTES (1u << 30)
#define TIMEOUT_MAX_S (7u * 24 * 3600)

#define FOR_DIR (1u << COMMAND_DIR)
#define FOR_STDIN (1u << COMMAND_STDIN)
#define FOR_STAGED (1u << COMMAND_STAGED)
#define FOR_GIT (1u << COMMAND_GIT)
#define FOR_HOOK (1u << COMMAND_HOOK)
#define FOR_RECEIVE (1u << COMMAND_RECEIVE)
#define FOR_AGENT (1u << COMMAND_AGENT)
#define FOR_SCANS (FOR_DIR | FOR_STAGED | FOR_GIT | FOR_STDIN | FOR_RECEIVE)
#define FOR_NAMES (1u << COMMAND_NAMES)
#define FOR_RULES (1u << COMMAND_RULES)
#define FOR_EXPLAIN (1u << COMMAND_EXPLAIN)
#define FOR_ALL (FOR_SCANS | FOR_NAMES | FOR_RULES | FOR_EXPLAIN | FOR_HOOK | FOR_AGENT)

enum {
	OPT_FORMAT,
	OPT_REPORT_PATH,
	OPT_CONFIG,
	OPT_RULES,
	OPT_ENABLE,
	OPT_DISABLE,
	OPT_FAIL_ON,
	OPT_IGNORE_ALLOW,
	OPT_MIN_CONFIDENCE,
	OPT_INVENTORY,
	OPT_VERIFY,
	OPT_MAX_TARGET,
	OPT_NO_IGNORE,
	OPT_LABEL,
	OPT_RANGE,
	OPT_SINCE,
	OPT_FULL,
	OPT_CONNECTIVITY,
	OPT_WHOLE_FILES,
	OPT_TRUST,
	OPT_CACHE,
	OPT_MAX_MEMORY,
	OPT_TYPE,
	OPT_REPORT,
	OPT_STAGED,
	OPT_LOG_OPTS,
	OPT_JOBS,
	OPT_TIMEOUT,
	OPT_EXIT_CODE,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_NO_COLOUR,
	OPT_PROGRESS,
	OPT_LOG_LEVEL,
	OPT_REDACT,
	OPT_NO_BANNER,
};

static const struct opt options[] = {
	{ OPT_FORMAT, "report-format", 'f', "FMT", REPORT_FORMATS, "text",
	  "report format; FMT=FILE writes one more report to a file, and may be repeated; names writes text, json or "
	  "jsonl",
	  FOR_SCANS | FOR_NAMES, false },
	{ OPT_REPORT_PATH, "report-path", 'r', "FILE", "@file", "standard output",
	  "where the report goes; the file appears whole or not at all", FOR_SCANS | FOR_NAMES, false },
	{ OPT_CONFIG, "config", 'c', "FILE", "@file",
	  ".skant.yaml of the work tree, or of the side that a change starts from", "configuration file",
	  FOR_SCANS | FOR_NAMES, false },
	{ OPT_RULES, "rules", 0, "FILE", "@file", NULL, "add the rules of a file; may be repeated",
	  FOR_SCANS | FOR_RULES | FOR_EXPLAIN, false },
	{ OPT_ENABLE, "enable-rule", 0, "ID", NULL, NULL, "switch a rule on again; a glob on ids, may be repeated",
	  FOR_SCANS, false },
	{ OPT_DISABLE, "disable-rule", 0, "ID", NULL, NULL,
	  "switch a rule off; a glob on ids, may be repeated; what is off is said on standard error", FOR_SCANS,
	  false },
	{ OPT_FAIL_ON, "fail-on", 0, "SEVERITY", "low medium high critical", "medium",
	  "least severity of a finding that makes the exit status 1", FOR_SCANS, false },
	{ OPT_IGNORE_ALLOW, "ignore-allow", 0, NULL, NULL, NULL,
	  "report what skant:allow markers, allow entries and ignore files would hide", FOR_SCANS, false },
	{ OPT_MIN_CONFIDENCE, "min-confidence", 0, "LEVEL", "low medium high", "medium",
	  "least confidence of a finding that is reported; placeholders are low", FOR_SCANS, false },
	{ OPT_INVENTORY, "inventory", 0, "FILE", "@file", NULL,
	  "say whose key a find probably is: compares hints with the keys that `skantctl keys export` wrote", FOR_SCANS,
	  false },
	{ OPT_VERIFY, "verify", 0, NULL, NULL, NULL,
	  "ask the API, through `skantctl verify`, whether each key that is found is live; the keys leave the machine",
	  FOR_SCANS, false },
	{ OPT_MAX_TARGET, "max-target-megabytes", 0, "N", NULL, "none",
	  "leave out files larger than N megabytes, and count them", FOR_DIR, false },
	{ OPT_NO_IGNORE, "no-ignore", 0, NULL, NULL, NULL, "also read what .gitignore excludes", FOR_DIR, false },
	{ OPT_LABEL, "label", 0, "NAME", NULL, "stdin", "path that findings in the stream are reported under",
	  FOR_STDIN, false },
	{ OPT_RANGE, "range", 0, "A..B", NULL, NULL,
	  "only what these commits introduce: A..B, A...B, one commit, or - for what a pre-push hook gets on standard "
	  "input",
	  FOR_GIT, false },
	{ OPT_SINCE, "since", 0, "DATE", NULL, NULL,
	  "only what commits since then introduce, those of --range or else those that HEAD reaches", FOR_GIT, false },
	{ OPT_FULL, "full", 0, NULL, NULL, NULL,
	  "every object of the store, also what only a reflog or nothing reaches, and where each came from", FOR_GIT,
	  false },
	{ OPT_CONNECTIVITY, "connectivity", 0, NULL, NULL, NULL,
	  "also look for what trees in packs of more than 100,000 objects name and is not there; takes twice as long",
	  FOR_GIT, false },
	{ OPT_WHOLE_FILES, "whole-files", 0, NULL, NULL, NULL, "also report what stood in that path before the change",
	  FOR_STAGED | FOR_GIT | FOR_RECEIVE, false },
	{ OPT_TRUST, "trust", 0, "SIDE", "base change", "base",
	  "whose configuration and allow markers count for a range: those of the commits it starts from, or its own",
	  FOR_GIT | FOR_RECEIVE, false },
	{ OPT_CACHE, "cache", 0, "FILE", "@file", NULL,
	  "remember which packs were clean, and skip them under the same rules and version", FOR_GIT, false },
	{ OPT_MAX_MEMORY, "max-memory", 0, "SIZE", NULL, "1G", "memory to stay below, such as 256M",
	  FOR_GIT | FOR_RECEIVE, false },
	{ OPT_TYPE, "type", 0, "HOOK", "pre-commit pre-merge-commit pre-push pre-receive claude-code", "pre-commit",
	  "which hook; status without it names them all", FOR_HOOK, false },
	{ OPT_REPORT, "report", 0, "FILE", "@file", NULL,
	  "a report in the format json or jsonl (- is standard input): steps and commands for what it names",
	  FOR_EXPLAIN, false },
	{ OPT_STAGED, "staged", 0, NULL, NULL, NULL, "gitleaks' way to say `skant staged`", FOR_GIT, true },
	{ OPT_LOG_OPTS, "log-opts", 0, "ARGS", NULL, NULL, "gitleaks' way to name a range: arguments of git log",
	  FOR_GIT, true },
	{ OPT_JOBS, "jobs", 'j', "N", NULL, "the processors", "threads that read", FOR_DIR | FOR_GIT | FOR_RECEIVE,
	  false },
	{ OPT_TIMEOUT, "timeout", 0, "SECONDS", NULL, "none", "stop after so long; what was not read then is said",
	  FOR_SCANS, false },
	{ OPT_EXIT_CODE, "exit-code", 0, "N", NULL, "1", "exit status when there are findings", FOR_SCANS | FOR_NAMES,
	  false },
	{ OPT_QUIET, "quiet", 'q', NULL, NULL, NULL, "nothing on standard error but errors", FOR_ALL, false },
	{ OPT_VERBOSE, "verbose", 'v', NULL, NULL, NULL,
	  "say of each match why it was or was not reported; show allowed findings as well", FOR_ALL, false },
	{ OPT_NO_COLOUR, "no-color", 0, NULL, NULL, NULL,
	  "no colour, also on a terminal (NO_COLOR in the environment does the same)", FOR_ALL, false },
	{ OPT_PROGRESS, "progress", 0, "WHEN", "auto always never", "auto",
	  "a progress line on standard error: auto means on a terminal, after a second", FOR_SCANS, false },
	{ OPT_LOG_LEVEL, "log-level", 0, "LEVEL", "error warn info debug", "info", "what is said on standard error",
	  FOR_ALL, false },
	{ OPT_REDACT, "redact", 0, "[N]", NULL, NULL, "accepted for gitleaks' sake: keys are always masked", FOR_SCANS,
	  true },
	{ OPT_NO_BANNER, "no-banner", 0, NULL, NULL, NULL, "accepted for gitleaks' sake: there is no banner", FOR_SCANS,
	  true },
};

static const struct opt_command commands[COMMANDS] = {
	[COMMAND_DIR] = { "dir", "[PATH ...]", "scan files on disk (default: the current folder)",
			  "Reads every file below each PATH. Inside a git work tree that is what git would track: "
			  "ignored "
			  "files are left out unless they are tracked, and counted. Links are not followed." },
	[COMMAND_STAGED] = { "staged", "[FILE ...]", "scan what `git commit` is about to record",
			     "Reads the blobs of the index that differ from HEAD, as git will store them, never the "
			     "files of the work tree. A finding counts when its secret was not in that path before. "
			     "With FILEs the index blobs of these are read whole." },
	[COMMAND_GIT] = { "git", "[REPO]", "scan a repository's history (default: the one of the current folder)",
			  "Reads every blob, commit message, tag and note that refs, stashes and HEAD reach; with "
			  "--full all "
			  "objects there are; with --range what some commits introduce." },
	[COMMAND_STDIN] = { "stdin", "", "scan one stream", "Reads standard input to its end." },
	[COMMAND_NAMES] = { "names", "[NAME ...]", "check key names against the policy",
			    "Checks each NAME, or without any each line of standard input; a line that is a JSON "
			    "object "
			    "is checked by its member \"name\"." },
	[COMMAND_RULES] = { "rules", "list | show ID | check [FILE ...]", "list, show or check rules",
			    "check validates rule files (without any: the built-in rules) and runs their own "
			    "examples." },
	[COMMAND_EXPLAIN] = { "explain", "[RULE]", "what a finding means, what to do, how to rotate the key",
			      "Gives the order of steps, and the commands that take a key out of a git history; with "
			      "--report those for exactly what a report names, of RULE or of all rules." },
	[COMMAND_HOOK] = { "hook", "install | uninstall | status", "run skant from a hook of git or of a coding agent",
			   "install keeps a hook that is there and runs it as well; uninstall puts it back." },
	[COMMAND_RECEIVE] = { "receive", "", "scan what a push brings, as a server's pre-receive hook",
			      "Reads `old new ref` lines on standard input and the objects of the quarantine folder." },
	[COMMAND_AGENT] = { "agent", "", "check one event of a coding agent, as its hook",
			    "Reads one JSON event on standard input; exit status 2 blocks what would bring a key in." },
};

static const char *const footers[COMMANDS] = {
	[COMMAND_RULES] = "Exit status: 0 done, 2 usage, configuration or a rule that is wrong.",
	[COMMAND_EXPLAIN] = "Exit status: 0 done, 2 usage, no such rule, or a report that cannot be read.",
	[COMMAND_HOOK] = "Exit status: 0 done, or installed; 1 (status) not installed; 2 usage, or no hook to change.",
	[COMMAND_AGENT] =
		"Exit status: 0 lets the event pass, 2 blocks it; what has happened already is never blocked.",
};

const struct opt_program options_program = {
	.name = "skant",
	.summary = "finds hardcoded Claude API keys, and key names that break your convention",
	.footer = "Exit status: 0 clean, 1 findings, 2 usage or configuration, 3 the scan is incomplete.\n"
		  "Nothing leaves this machine without --verify, and no key is ever printed whole.",
	.footers = footers,
	.commands = commands,
	.command_count = COMMANDS,
	.options = options,
	.option_count = ARRAY_LEN(options),
};

static unsigned processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set) > JOBS_MAX ? JOBS_MAX : (unsigned)CPU_COUNT(&set);
}

void options_init(struct options *o)
{
	*o = (struct options){ .fail_on = SEVERITY_MEDIUM,
			       .min_confidence = CONFIDENCE_MEDIUM,
			       .label = "stdin",
			       .max_memory_bytes = MEMORY_USUAL_BYTES,
			       .log_level = -1,
			       .jobs = processors(),
			       .exit_code = 1 };
}

void options_done(struct options *o)
{
	for (size_t i = 0; i < o->report_count; i++)
		free(o->reports[i].text);
}

static int take_choice(const char *name, const char *value, const char *const *names, size_t count, unsigned *ret,
		       struct err *err)
{
	DEFER(buf_done) struct buf all = BUF_INIT(ERR_TEXT_BYTES);

	for (size_t i = 0; i < count; i++) {
		if (text_eq(view_of(value), view_of(names[i]))) {
			*ret = (unsigned)i;
			return 0;
		}
		if (buf_addf(&all, "%s%s", i ? ", " : "", names[i]))
			return err_nomem(err);
	}
	return err_set(err, ERR_USAGE, 0, "--%s takes one of %s, not '%s'", name, all.ptr, value);
}

static int refuse_format(const char *given, struct err *err)
{
	DEFER(buf_done) struct buf all = BUF_INIT(ERR_TEXT_BYTES);

	for (const char *p = REPORT_FORMATS; *p; p++)
		if (buf_addf(&all, *p == ' ' ? ",%c" : "%c", *p))
			return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "--report-format takes one of %s, not '%s'", all.ptr, given);
}

/* FMT or FMT=FILE */
static int take_report(struct options *o, const char *value, struct err *err)
{
	struct report_request *r = &o->reports[o->report_count];
	char *equals;

	if (o->report_count == REPORTS_MAX)
		return err_set(err, ERR_USAGE, 0, "--report-format may be given %d times at most", REPORTS_MAX);
	r->text = strdup(value);
	if (!r->text)
		return err_nomem(err);
	o->report_count++;
	r->format = r->text;
	equals = strchr(r->text, '=');
	if (equals) {
		*equals = '\0';
		r->path = equals + 1;
	}
	if (!report_find(view_of(r->format)))
		return refuse_format(r->format, err);
	if (equals && !*r->path)
		return err_set(err, ERR_USAGE, 0, "--report-format %s= names no file", r->format);
	return 0;
}

static int take_list(const char *name, const char **list, size_t *count, const char *value, struct err *err)
{
	if (*count == LIST_MAX)
		return err_set(err, ERR_USAGE, 0, "--%s may be given %d times at most", name, LIST_MAX);
	list[(*count)++] = value;
	return 0;
}

static int take_switch(struct options *o, const char *glob, bool on, struct err *err)
{
	if (o->switch_count == LIST_MAX)
		return err_set(err, ERR_USAGE, 0, "rules may be switched on and off %d times at most", LIST_MAX);
	o->switches[o->switch_count++] = (struct switch_request){ .glob = glob, .on = on };
	return 0;
}

static int take_trust(struct options *o, const char *value, struct err *err)
{
	static const char *const sides[] = { "base", "change" };
	unsigned n = 0;

	if (take_choice("trust", value, sides, ARRAY_LEN(sides), &n, err))
		return -1;
	o->trust_change = n == 1;
	return 0;
}

static int take_memory(struct options *o, const char *value, struct err *err)
{
	if (text_size(view_of(value), UINT64_MAX, &o->max_memory_bytes) || o->max_memory_bytes < MEMORY_MIN_BYTES)
		return err_set(err, ERR_USAGE, 0, "--max-memory takes a size of at least 64M, such as 256M, not '%s'",
			       value);
	return 0;
}

static int take_level(struct options *o, int id, const char *value, struct err *err)
{
	static const char *const modes[] = { "auto", "always", "never" };
	unsigned n = 0;
	int ret;

	switch (id) {
	case OPT_FAIL_ON:
		ret = take_choice("fail-on", value, severity_names, ARRAY_LEN(severity_names), &n, err);
		o->fail_on = (enum severity)n;
		return ret;
	case OPT_MIN_CONFIDENCE:
		ret = take_choice("min-confidence", value, confidence_names, ARRAY_LEN(confidence_names), &n, err);
		o->min_confidence = (enum confidence)n;
		return ret;
	case OPT_PROGRESS:
		ret = take_choice("progress", value, modes, ARRAY_LEN(modes), &n, err);
		o->progress = (enum progress_mode)n;
		return ret;
	default:
		ret = take_choice("log-level", value, log_level_names, ARRAY_LEN(log_level_names), &n, err);
		o->log_level = (int)n;
		return ret;
	}
}

static int take_amount(struct options *o, int id, const char *value, struct err *err)
{
	uint64_t n = 0;

	switch (id) {
	case OPT_MAX_TARGET:
		if (opt_number("max-target-megabytes", value, 1, UINT64_MAX / MEGABYTE, &n, err))
			return -1;
		o->max_target_bytes = n * MEGABYTE;
		return 0;
	case OPT_JOBS:
		if (opt_number("jobs", value, 1, JOBS_MAX, &n, err))
			return -1;
		o->jobs = (unsigned)n;
		return 0;
	case OPT_TIMEOUT:
		return opt_number("timeout", value, 1, TIMEOUT_MAX_S, &o->timeout_s, err);
	default:
		if (opt_number("exit-code", value, 0, 255, &n, err))
			return -1;
		o->exit_code = (int)n;
		return 0;
	}
}

static void take_flag(struct options *o, int id)
{
	switch (id) {
	case OPT_IGNORE_ALLOW:
		o->ignore_allow = true;
		break;
	case OPT_NO_IGNORE:
		o->no_ignore = true;
		break;
	case OPT_QUIET:
		o->quiet = true;
		break;
	case OPT_VERBOSE:
		o->verbose = true;
		break;
	case OPT_NO_COLOUR:
		o->no_colour = true;
		break;
	case OPT_CONNECTIVITY:
		o->connectivity = true;
		break;
	case OPT_FULL:
		o->full = true;
		break;
	case OPT_WHOLE_FILES:
		o->whole_files = true;
		break;
	case OPT_STAGED:
		o->staged = true;
		break;
	case OPT_VERIFY:
		o->verify = true;
		break;
	default: /* --redact, --no-banner: what they ask for is so anyway */
		break;
	}
}

/* The last one would win without a word, and the others be unread. */
static int take_range(struct options *o, const char *value, struct err *err)
{
	if (o->range)
		return err_set(err, ERR_USAGE, 0, "--range may be given once; '%s' was given already", o->range);
	o->range = value;
	return 0;
}

static void take_text(struct options *o, int id, const char *value)
{
	switch (id) {
	case OPT_REPORT_PATH:
		o->report_path = value;
		break;
	case OPT_CONFIG:
		o->config = value;
		break;
	case OPT_LABEL:
		o->label = value;
		break;
	case OPT_SINCE:
		o->since = value;
		break;
	case OPT_LOG_OPTS: /* pipelines hand over variables that may be empty */
		o->log_opts = text_trim(view_of(value)).len ? value : NULL;
		break;
	case OPT_CACHE:
		o->cache = value;
		break;
	case OPT_REPORT:
		o->explained_report = value;
		break;
	case OPT_INVENTORY:
		o->inventory = value;
		break;
	default:
		o->hook_type = value;
		break;
	}
}

int options_take(void *context, int id, const char *value, struct err *err)
{
	struct options *o = context;

	switch (id) {
	case OPT_FORMAT:
		return take_report(o, value, err);
	case OPT_REPORT_PATH:
	case OPT_CONFIG:
	case OPT_LABEL:
	case OPT_SINCE:
	case OPT_LOG_OPTS:
	case OPT_CACHE:
	case OPT_INVENTORY:
	case OPT_TYPE:
	case OPT_REPORT:
		take_text(o, id, value);
		return 0;
	case OPT_RANGE:
		return take_range(o, value, err);
	case OPT_TRUST:
		return take_trust(o, value, err);
	case OPT_MAX_MEMORY:
		return take_memory(o, value, err);
	case OPT_RULES:
		return take_list("rules", o->rules, &o->rule_count, value, err);
	case OPT_ENABLE:
	case OPT_DISABLE:
		return take_switch(o, value, id == OPT_ENABLE, err);
	case OPT_FAIL_ON:
	case OPT_MIN_CONFIDENCE:
	case OPT_PROGRESS:
	case OPT_LOG_LEVEL:
		return take_level(o, id, value, err);
	case OPT_MAX_TARGET:
	case OPT_JOBS:
	case OPT_TIMEOUT:
	case OPT_EXIT_CODE:
		return take_amount(o, id, value, err);
	default:
		take_flag(o, id);
		return 0;
	}
}
