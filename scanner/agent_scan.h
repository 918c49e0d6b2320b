/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for keys in what an event of a coding agent brings: strings from memory, and files that it names. Built-in
 * rules and those of the work tree's .skant.yaml, without the ones for key names; at least medium confidence.
 *
 * A marker (`skant:allow`) inside of an event counts for nothing: whoever writes the event does not set the verdict.
 * Allow entries of the configuration and ignore files count, and so do markers in a file that is on disk already. */
#ifndef SCANNER_AGENT_SCAN_H
#define SCANNER_AGENT_SCAN_H

#include "common/base/secret.h"
#include "scanner/options.h"
#include "scanner/pipeline.h"
#include "scanner/setup.h"
#include "scanner/source/reader.h"

enum agent_use {
	AGENT_KNOWN, /* the keys in it are no news, wherever else they turn up */
	AGENT_NEW,   /* the keys in it are what is looked for */
};

/* Where a text stands. */
struct agent_place {
	struct view where; /* for people: "tool_input.command" */
	struct view path;  /* from the root of the work tree, for globs and ignore files; may be empty */
};

struct agent_scan {
	struct setup setup;
	struct pipeline *pipeline;
	struct reader reader; /* for files; its window is made with the first */
	char *root, *cwd;     /* absolute, without links */
	/* The first new key; rule is NULL when there is none. */
	const struct rule *rule;
	struct buf where, masked;
	uint64_t line;
	char secret_id[SECRET_ID_BYTES];
	size_t count;       /* of all new ones */
	struct buf known;   /* ids, SECRET_ID_BYTES each */
	struct err trouble; /* of the first thing that could not be looked through */
	/* The text at hand. */
	const struct agent_place *place;
	enum agent_use use;
	bool is_file;
};

/* cwd is the event's folder, "" = our own. 0, or -1 with err; then agent_scan_done as well. */
[[nodiscard]] int agent_scan_open(struct agent_scan *s, const struct options *o, const char *cwd, struct err *err);
void agent_scan_done(struct agent_scan *s);

/* Appends path, relative ones starting at cwd, as seen from the root of the work tree and with links resolved; what
 * lies outside keeps its absolute path. 0, or -1 as buf_add. */
[[nodiscard]] int agent_scan_below(const struct agent_scan *s, const char *path, struct buf *ret);

[[nodiscard]] int agent_scan_text(struct agent_scan *s, const struct agent_place *place, struct view text,
				  enum agent_use use, struct err *err);
/* The same of a regular file. One that is not there, or is something else, has no keys; *ret_read (may be NULL) says
 * whether it was one. What cannot be read is trouble. */
[[nodiscard]] int agent_scan_file(struct agent_scan *s, const struct agent_place *place, const char *path,
				  enum agent_use use, struct err *err);

/* The heap path of what the agent calls path; NULL when there is no memory. */
char *agent_scan_path(const struct agent_scan *s, const char *path);

#endif
