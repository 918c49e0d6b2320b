/* SPDX-License-Identifier: Apache-2.0 */
/* One event of a coding agent, as its hooks hand it over on standard input: a JSON object with "hook_event_name"
 * (Claude Code's hooks reference, https://docs.claude.com/en/docs/claude-code/hooks).
 *
 * What is read of it: UserPromptSubmit has "prompt"; PreToolUse has "tool_name" and "tool_input"; PostToolUse has
 * "tool_response" as well. "cwd" is where relative paths start. Other events and members mean nothing here. */
#ifndef SCANNER_AGENT_EVENT_H
#define SCANNER_AGENT_EVENT_H

#include "common/base/buf.h"
#include "common/base/err.h"

enum agent_kind { AGENT_OTHER, AGENT_PROMPT, AGENT_BEFORE_TOOL, AGENT_AFTER_TOOL };

/* What a tool does with the file that its input names. */
enum agent_access {
	AGENT_NO_FILE,
	AGENT_READS,
	AGENT_EDITS,  /* puts new text in place of old text */
	AGENT_WRITES, /* puts a whole file, or a whole cell of a notebook, in place of what is there */
};

struct agent_event {
	enum agent_kind kind;
	enum agent_access access;
	const char *part;    /* name of the member that is looked through: "prompt", "tool_input", "tool_response" */
	struct view content; /* its value; points into the text that was parsed */
	struct buf name;     /* the event's */
	struct buf tool;     /* name of the tool, or empty */
	struct buf cwd;      /* or empty */
	struct buf file;     /* path as the tool was given it, unless access is AGENT_NO_FILE */
};

/* One string in an event's content. Views are valid during the call only. */
struct agent_text {
	struct view where; /* "tool_input.edits[0].new_string" */
	struct view text;  /* unescaped */
	bool is_old;       /* stands there already, and the edit takes it away */
};

/* 0, or -1 to end the walk with err. */
typedef int agent_text_fn(void *context, const struct agent_text *text, struct err *err);

/* Reads an event. text must outlive ret, which is to be given to agent_event_done in any case. 0, or -1 with err: what
 * the event lacks, without a byte of it. */
[[nodiscard]] int agent_event_parse(struct view text, struct agent_event *ret, struct err *err);
void agent_event_done(struct agent_event *event);

/* Hands each string of the content to take, in order; names of members as well. 0, or -1 with err. */
[[nodiscard]] int agent_event_walk(const struct agent_event *event, agent_text_fn *take, void *context,
				   struct err *err);

#endif
