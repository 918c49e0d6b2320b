/* SPDX-License-Identifier: Apache-2.0 */
/* The small POSIX shell script that git runs as a hook and that runs skant: its text, and how it is told from a hook
 * that somebody else wrote.
 *
 * It runs the hook that was there before (NAME.before-skant beside it) and respects what that says; looks for skant at
 * the path that installed it, then in PATH; and refuses, with how to take it away, when there is none. */
#ifndef SCANNER_HOOK_SCRIPT_H
#define SCANNER_HOOK_SCRIPT_H

#include "common/base/buf.h"

#define HOOK_BEFORE ".before-skant"

struct hook_type {
	const char *name;    /* git's name of the hook: "pre-commit" */
	const char *command; /* what skant is started with */
	bool has_input;      /* git tells it something on standard input, which both hooks get */
	bool in_bare;        /* it runs in bare repositories as well */
};

/* NULL when skant is no hook of that name. */
const struct hook_type *hook_type_find(struct view name);
extern const struct hook_type hook_types[];
extern const size_t hook_type_count;

/* Appends the script; skant is the program's absolute path. 0, or -1 as buf_add. */
[[nodiscard]] int hook_script_add(const struct hook_type *type, const char *skant, struct buf *out);

enum hook_author {
	HOOK_FOREIGN,
	HOOK_OURS,    /* as some version of skant wrote it */
	HOOK_CHANGED, /* ours once, but something was put behind its end */
};
enum hook_author hook_script_author(struct view text);

#endif
