/* SPDX-License-Identifier: Apache-2.0 */
/* skant's command line: the option table and what it is read into. */
#ifndef SCANNER_OPTIONS_H
#define SCANNER_OPTIONS_H

#include "common/sys/opt.h"
#include "scanner/rule.h"

#define REPORTS_MAX 16 /* more than there are formats */
#define LIST_MAX 64    /* repeats of one option */

enum command {
	COMMAND_DIR,
	COMMAND_STAGED,
	COMMAND_GIT,
	COMMAND_STDIN,
	COMMAND_NAMES,
	COMMAND_RULES,
	COMMAND_EXPLAIN,
	COMMAND_HOOK,
	COMMAND_RECEIVE,
	COMMAND_AGENT,
	COMMAND_BASELINE,
	COMMAND_MERGE,
	COMMANDS
};

enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct report_request {
	const char *format;
	const char *path; /* NULL: where --report-path says, else standard output */
	char *text;       /* owned copy that the two point into */
};

struct switch_request { /* --enable-rule and --disable-rule, in the order given */
	const char *glob;
	bool on;
};

struct verify;
struct privilege;
struct accepting;

struct options { /* texts point into argv */
	struct report_request reports[REPORTS_MAX];
	size_t report_count;
	const char *report_path;
	const char *config;
	const char *rules[LIST_MAX];
	size_t rule_count;
	const char *from[LIST_MAX]; /* of `names` */
	size_t from_count;
	const char *against; /* of `rules check`; NULL = not given */
	struct switch_request switches[LIST_MAX];
	size_t switch_count;
	const char *label;
	const char *range, *since; /* git: NULL = not given */
	const char *log_opts;      /* gitleaks' way to say both; words are split at blanks */
	const char *cache;
	const char *repositories;     /* a list of them, or a plan; NULL = not given */
	const char *plan;             /* where to write one; NULL = not given */
	unsigned shard, shard_count;  /* which part of how many, the first is 0; 0 of 0: not given */
	const char *inventory;        /* NULL = not given */
	const char *baseline;         /* NULL = not given */
	const char *output;           /* of `baseline -o`; NULL = not given */
	struct accepting *accepting;  /* cmd_baseline's: it takes what is found, there are no reports; NULL = none */
	const char *hook_type;        /* NULL = not given */
	const char *explained_report; /* of `explain --report`; NULL = not given, - = standard input */
	enum severity fail_on;
	enum confidence min_confidence;
	bool ignore_allow, no_ignore, quiet, verbose, no_colour;
	bool full, connectivity, whole_files, resume;
	bool verify;                 /* ask skantctl whether keys are live: nothing but the command line can say so */
	struct verify *verifier;     /* it, running; main's. NULL = nobody is to be asked */
	struct privilege *privilege; /* what it may still do; main's. NULL = anything */
	bool git;                    /* of `baseline --git` */
	bool staged;                 /* gitleaks' `git --staged` */
	bool trust_change; /* --trust change: what is scanned may bring its own configuration and allow markers */
	enum progress_mode progress;
	int log_level; /* -1: not given */
	uint64_t max_target_bytes, max_memory_bytes, timeout_s;
	/* Limits for archives; UINT64_MAX: not given. */
	uint64_t archive_depth, archive_ratio, archive_bytes;
	unsigned jobs;
	uint64_t decode_depth; /* UINT64_MAX: not given */
	int exit_code;
};

extern const struct opt_program options_program;

void options_init(struct options *o);
void options_done(struct options *o);
/* The opt_handler; context is the struct options. */
int options_take(void *context, int id, const char *value, struct err *err);

#endif
