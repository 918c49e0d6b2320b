/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/options.h"

#include "scanner/option_ids.h"
#include "scanner/report/report.h"

#define FOR_DIR (1u << COMMAND_DIR)
#define FOR_STDIN (1u << COMMAND_STDIN)
#define FOR_STAGED (1u << COMMAND_STAGED)
#define FOR_GIT (1u << COMMAND_GIT)
#define FOR_HOOK (1u << COMMAND_HOOK)
#define FOR_RECEIVE (1u << COMMAND_RECEIVE)
#define FOR_AGENT (1u << COMMAND_AGENT)
#define FOR_BASELINE (1u << COMMAND_BASELINE)
#define FOR_MERGE (1u << COMMAND_MERGE)
#define FOR_SCANS (FOR_DIR | FOR_STAGED | FOR_GIT | FOR_STDIN | FOR_RECEIVE)
#define FOR_NAMES (1u << COMMAND_NAMES)
#define FOR_RULES (1u << COMMAND_RULES)
#define FOR_EXPLAIN (1u << COMMAND_EXPLAIN)
#define FOR_ALL (FOR_SCANS | FOR_NAMES | FOR_RULES | FOR_EXPLAIN | FOR_HOOK | FOR_AGENT | FOR_BASELINE | FOR_MERGE)

static const struct opt options[] = {
	{ OPT_FORMAT, "report-format", 'f', "FMT", REPORT_FORMATS, "text",
	  "report format; FMT=FILE writes one more report to a file, and may be repeated", FOR_SCANS | FOR_MERGE,
	  false },
	{ OPT_FORMAT, "report-format", 'f', "FORMAT", "text json jsonl csv", "text", "report format", FOR_NAMES,
	  false },
	{ OPT_REPORT_PATH, "report-path", 'r', "FILE", "@file", "standard output",
	  "where the report goes; the file appears whole or not at all", FOR_SCANS | FOR_NAMES | FOR_MERGE, false },
	{ OPT_CONFIG, "config", 'c', "FILE", "@file",
	  ".skant.yaml of the work tree, or of the side that a change starts from", "configuration file",
	  FOR_SCANS | FOR_NAMES | FOR_BASELINE | FOR_MERGE, false },
	{ OPT_RULES, "rules", 0, "FILE", "@file", NULL, "add the rules of a file; may be repeated",
	  FOR_SCANS | FOR_RULES | FOR_EXPLAIN | FOR_BASELINE | FOR_MERGE, false },
	{ OPT_ENABLE, "enable-rule", 0, "ID", NULL, NULL, "switch a rule on again; a glob on ids, may be repeated",
	  FOR_SCANS | FOR_BASELINE, false },
	{ OPT_DISABLE, "disable-rule", 0, "ID", NULL, NULL,
	  "switch a rule off; a glob on ids, may be repeated; what is off is said on standard error",
	  FOR_SCANS | FOR_BASELINE, false },
	{ OPT_BASELINE, "baseline-path", 'b', "FILE", "@file", "baseline: of the configuration",
	  "what is listed there is not new; a baseline as `skant baseline` writes it, or gitleaks' JSON report",
	  FOR_SCANS, false },
	{ OPT_OUTPUT, "output", 'o', "FILE", "@file", "that of the configuration, or .skant-baseline.json at the root",
	  "the baseline to write; if it exists, say what came and what went", FOR_BASELINE, false },
	{ OPT_GIT, "git", 0, NULL, NULL, NULL, "accept what is in the repository's history, as `skant git` reads it",
	  FOR_BASELINE, false },
	{ OPT_FAIL_ON, "fail-on", 0, "SEVERITY", "low medium high critical", "medium",
	  "least severity of a finding that makes the exit status 1", FOR_SCANS | FOR_MERGE, false },
	{ OPT_IGNORE_ALLOW, "ignore-allow", 0, NULL, NULL, NULL,
	  "report what skant:allow markers, allow entries and ignore files would hide", FOR_SCANS, false },
	{ OPT_MIN_CONFIDENCE, "min-confidence", 0, "LEVEL", "low medium high", "medium",
	  "least confidence of a finding that is reported; placeholders are low", FOR_SCANS | FOR_BASELINE, false },
	{ OPT_INVENTORY, "inventory", 0, "FILE", "@file", NULL,
	  "say whose key was probably found: compares hints with the keys that `skantctl keys export` wrote", FOR_SCANS,
	  false },
	{ OPT_VERIFY, "verify", 0, NULL, NULL, NULL,
	  "ask the API, through `skantctl verify`, whether each key that is found is live; the keys leave the machine",
	  FOR_SCANS, false },
	{ OPT_MAX_TARGET, "max-target-megabytes", 0, "N", NULL, "none",
	  "leave out files larger than N megabytes, and count them", FOR_DIR | FOR_BASELINE, false },
	{ OPT_DECODE_DEPTH, "max-decode-depth", 0, "N", NULL, "3",
	  "encodings within each other that are followed; 0 reads plain text and UTF-16 only", FOR_SCANS, false },
	{ OPT_NO_IGNORE, "no-ignore", 0, NULL, NULL, NULL, "also read what .gitignore excludes", FOR_DIR | FOR_BASELINE,
	  false },
	{ OPT_ARCHIVE_DEPTH, "max-archive-depth", 0, "N", NULL, "2",
	  "open archives and compressed files, and those within them, N deep; 0 reads them as they are", FOR_SCANS,
	  false },
	{ OPT_ARCHIVE_RATIO, "max-archive-ratio", 0, "N", NULL, "100",
	  "stop at an archive when more than N times its size has come out of it, beyond 16 MiB", FOR_SCANS, false },
	{ OPT_ARCHIVE_BYTES, "max-archive-bytes", 0, "SIZE", NULL, "1G",
	  "stop at an archive when more than that has come out of it", FOR_SCANS, false },
	{ OPT_FROM, "from", 0, "FILE", "@file", NULL,
	  "check the names of a list (- is standard input): one a line, CSV with a column \"name\", or JSON as "
	  "skantctl writes it; may be repeated",
	  FOR_NAMES, false },
	{ OPT_AGAINST, "against", 0, "PATH", "@file", "a made-up text",
	  "measure how long each rule takes over the files below PATH", FOR_RULES, false },
	{ OPT_LABEL, "label", 0, "NAME", NULL, "stdin", "path that findings in the stream are reported under",
	  FOR_STDIN, false },
	{ OPT_RANGE, "range", 0, "A..B", NULL, NULL,
	  "only what these commits introduce: A..B, A...B, one commit, or - for what a pre-push hook gets on standard "
	  "input",
	  FOR_GIT, false },
	{ OPT_SINCE, "since", 0, "DATE", NULL, NULL,
	  "only what commits since then introduce: of --range, or else of all that HEAD reaches", FOR_GIT, false },
	{ OPT_FULL, "full", 0, NULL, NULL, NULL,
	  "every object of the store, even if only a reflog or nothing leads to it, and where each came from",
	  FOR_GIT | FOR_BASELINE, false },
	{ OPT_CONNECTIVITY, "connectivity", 0, NULL, NULL, NULL,
	  "also look for objects that are missing from trees in packs of more than 100,000 objects; takes twice as "
	  "long",
	  FOR_GIT, false },
	{ OPT_WHOLE_FILES, "whole-files", 0, NULL, NULL, NULL,
	  "also report secrets that were in that path before the change", FOR_STAGED | FOR_GIT | FOR_RECEIVE, false },
	{ OPT_TRUST, "trust", 0, "SIDE", "base change", "base",
	  "whose configuration and allow markers count for a range: those of the commits it starts from, or its own",
	  FOR_GIT | FOR_RECEIVE, false },
	{ OPT_CACHE, "cache", 0, "FILE", "@file", NULL,
	  "remember which packs were clean, and skip them under the same rules and version", FOR_GIT, false },
	{ OPT_REPOSITORIES, "repositories", 0, "FILE", "@file", NULL,
	  "scan the repositories of a list (- is standard input), one path a line, or of a plan", FOR_GIT, false },
	{ OPT_REPOSITORIES, "repositories", 0, "FILE", "@file", NULL,
	  "a list of repositories (- is standard input), or a plan: name those that are in no report", FOR_MERGE,
	  false },
	{ OPT_PLAN, "plan", 0, "FILE", "@file", NULL,
	  "scan nothing, but write the list of --repositories with their sizes, as a plan for --shard", FOR_GIT,
	  false },
	{ OPT_SHARD, "shard", 0, "I/N", NULL, "all of the plan",
	  "only part I of N of a plan's repositories, from 1/N to N/N; K+1/N is part K, counted from 0", FOR_GIT,
	  false },
	{ OPT_RESUME, "resume", 0, NULL, NULL, NULL,
	  "scan nothing if the jsonl report is there already, complete and of the same plan, part and settings",
	  FOR_GIT, false },
	{ OPT_MAX_MEMORY, "max-memory", 0, "SIZE", NULL, "1G", "memory to stay below, such as 256M",
	  FOR_GIT | FOR_RECEIVE | FOR_BASELINE, false },
	{ OPT_TYPE, "type", 0, "HOOK", "pre-commit pre-merge-commit pre-push pre-receive claude-code", "pre-commit",
	  "which hook; status without it names them all", FOR_HOOK, false },
	{ OPT_REPORT, "report", 0, "FILE", "@file", NULL,
	  "give steps and commands for what this report names (json or jsonl; - is standard input)", FOR_EXPLAIN,
	  false },
	{ OPT_REPORT, "report", 0, "FILE", "@file", NULL,
	  "accept what this report names (jsonl; - is standard input), and scan nothing", FOR_BASELINE, false },
	{ OPT_STAGED, "staged", 0, NULL, NULL, NULL, "gitleaks' way to say `skant staged`", FOR_GIT, true },
	{ OPT_LOG_OPTS, "log-opts", 0, "ARGS", NULL, NULL, "gitleaks' way to name a range: arguments of git log",
	  FOR_GIT, true },
	{ OPT_JOBS, "jobs", 'j', "N", NULL, "the processors", "threads that read",
	  FOR_DIR | FOR_GIT | FOR_RECEIVE | FOR_BASELINE, false },
	{ OPT_TIMEOUT, "timeout", 0, "SECONDS", NULL, "none", "stop after so long, and say what was not read",
	  FOR_SCANS | FOR_BASELINE, false },
	{ OPT_EXIT_CODE, "exit-code", 0, "N", NULL, "1", "exit status when there are findings",
	  FOR_SCANS | FOR_NAMES | FOR_MERGE, false },
	{ OPT_QUIET, "quiet", 'q', NULL, NULL, NULL, "nothing on standard error but errors", FOR_ALL, false },
	{ OPT_VERBOSE, "verbose", 'v', NULL, NULL, NULL,
	  "say of each match why it was or was not reported; show allowed findings as well", FOR_SCANS, false },
	{ OPT_VERBOSE, "verbose", 'v', NULL, NULL, NULL,
	  "say of each match why it was or was not reported, and which entries came and went", FOR_BASELINE, false },
	{ OPT_VERBOSE, "verbose", 'v', NULL, NULL, NULL, "show allowed findings as well", FOR_MERGE, false },
	{ OPT_VERBOSE, "verbose", 'v', NULL, NULL, NULL, "say what the kernel lacks to confine skant to what it needs",
	  FOR_NAMES | FOR_RULES | FOR_EXPLAIN | FOR_HOOK | FOR_AGENT, false },
	{ OPT_NO_COLOUR, "no-color", 0, NULL, NULL, NULL,
	  "no colour, even on a terminal (NO_COLOR in the environment does the same)", FOR_ALL, false },
	{ OPT_PROGRESS, "progress", 0, "WHEN", "auto always never", "auto",
	  "a progress line on standard error: auto means on a terminal, after a second", FOR_SCANS | FOR_BASELINE,
	  false },
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
			     "With FILEs these are read whole, as they are in the index." },
	[COMMAND_GIT] = { "git", "[REPO]", "scan a repository's history (default: the one of the current folder)",
			  "Reads every blob, commit message, tag and note that refs, stashes and HEAD reach; with "
			  "--full all "
			  "objects there are; with --range what some commits introduce." },
	[COMMAND_STDIN] = { "stdin", NULL, "scan one stream", "Reads standard input to its end." },
	[COMMAND_NAMES] = { "names", "[NAME ...]", "check key names against the policy",
			    "Checks each NAME and those of --from; without either, those on standard input." },
	[COMMAND_RULES] = { "rules", "list | show ID | check [FILE ...]", "list, show or check rules",
			    "check validates rule files (without any: the built-in rules), runs their own examples, "
			    "and says how long each takes, also on inputs that are made to be hard for it." },
	[COMMAND_EXPLAIN] = { "explain", "[RULE]", "what a finding means, what to do, how to rotate the key",
			      "Gives the order of steps, and the commands that take a key out of a git history; with "
			      "--report those for exactly what a report names, of RULE or of all rules." },
	[COMMAND_HOOK] = { "hook", "install | uninstall | status", "run skant from a hook of git or of a coding agent",
			   "install keeps a hook that is there and runs it as well; uninstall puts it back." },
	[COMMAND_RECEIVE] = { "receive", NULL, "scan what a push brings, as a server's pre-receive hook",
			      "Reads `old new ref` lines on standard input and the objects of the quarantine folder." },
	[COMMAND_AGENT] = { "agent", NULL, "check one event of a coding agent, as its hook",
			    "Reads one JSON event on standard input; exit status 2 blocks what would bring a key in." },
	[COMMAND_BASELINE] = { "baseline", "[PATH ...]",
			       "accept what is there today, so that scans report only what is new",
			       "Reads what dir reads, with --git what git reads of a repository, or takes --report, "
			       "and writes a file that -b and `baseline:` in .skant.yaml name. It holds no key: an "
			       "entry knows a key by its digest, so that lines may move and files be renamed." },
	[COMMAND_MERGE] = { "merge", "REPORT.jsonl ...", "one report from the reports of many machines",
			    "Reads reports in the format jsonl (- is standard input). The same secret at the same "
			    "place is one finding; the summaries are added up, and the exit status is that of one "
			    "scan: 3 when any part was incomplete, cut off or of a newer version." },
};

static const char *const footers[COMMANDS] = {
	[COMMAND_NAMES] =
		"Exit status: 0 clean, 1 a name breaks the policy, 2 usage or configuration, 3 no report was written.",
	[COMMAND_MERGE] =
		"Exit status: 0 clean, 1 findings, 2 usage, or reports that do not go together, 3 some are missing.",
	[COMMAND_RULES] = "Exit status: 0 done, 2 usage, configuration or a rule that is wrong.",
	[COMMAND_EXPLAIN] = "Exit status: 0 done, 2 usage, no such rule, or a report that cannot be read.",
	[COMMAND_BASELINE] = "Exit status: 0 written, 2 usage or configuration, 3 not everything was read or written.",
	[COMMAND_HOOK] = "Exit status: 0 done, or installed; 1 (status) not installed; 2 usage, or no hook to change.",
	[COMMAND_AGENT] =
		"Exit status: 0 lets the event pass, 2 blocks it; what has happened already is never blocked.",
};

const struct opt_program options_program = {
	.name = "skant",
	.summary = "skant finds hardcoded Claude API keys, and key names that break your convention.",
	.footer = "Exit status: 0 clean, 1 findings, 2 usage or configuration, 3 the scan is incomplete.\n"
		  "Nothing leaves this machine without --verify, and no key is ever printed whole.",
	.footers = footers,
	.commands = commands,
	.command_count = COMMANDS,
	.options = options,
	.option_count = ARRAY_LEN(options),
};
