/* SPDX-License-Identifier: Apache-2.0 */
/* One prompt: a line of a queue (docs/messages.md), or what the command line says.
 *
 *	{"id":"a-1","prompt":"Say hi","model":"claude-haiku-4-5","system":"Be short","max_tokens":64,
 *	 "team":"ml","feature":"demo","metadata":{"row":7}}
 *
 * `messages`, an array as the API takes it, may stand instead of `prompt`. Strict: what is not named here is refused,
 * so that nothing is left out of a request that was meant to be in it. */
#ifndef ADMIN_MESSAGE_PROMPT_H
#define ADMIN_MESSAGE_PROMPT_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define PROMPT_DIGEST_BYTES 16

struct prompt {
	struct view id;                           /* given, or "line-N" */
	struct view prompt, messages;             /* the text; or the JSON array, and then prompt is VIEW_NONE */
	struct view model, system, team, feature; /* system, team, feature: VIEW_NONE when there is none */
	struct view metadata;                     /* any JSON, for the result; VIEW_NONE when there is none */
	uint64_t max_tokens;
	uint64_t line;                                /* from 1; 0 = it is of no queue */
	unsigned char id_digest[PROMPT_DIGEST_BYTES]; /* of the id */
	unsigned char digest[PROMPT_DIGEST_BYTES];    /* of all that is sent */
	struct buf store;                             /* unescaped texts */
	char own_id[32];
};

/* What counts where a line says nothing. Texts may be NULL. */
struct prompt_defaults {
	const char *model, *system, *team, *feature;
	uint64_t max_tokens;
};

#define PROMPT_INIT                                                                                                    \
	{                                                                                                              \
		.store = BUF_INIT(2 * (size_t)QUEUE_LINE_BYTES)                                                        \
	}

/* Reads a line. Views of *ret are of line, defaults and ret->store, which is used again. 0; -1 with err: ERR_FORMAT
 * (what, and what was expected; no input bytes but the names of members, cleaned), ERR_LIMIT, ERR_NOMEM. */
[[nodiscard]] int prompt_read(struct view line, uint64_t number, const struct prompt_defaults *defaults,
			      struct prompt *ret, struct err *err);

/* The same of one text. ERR_USAGE when there is no model. */
[[nodiscard]] int prompt_of(struct view text, const struct prompt_defaults *defaults, struct prompt *ret,
			    struct err *err);

void prompt_done(struct prompt *prompt);

/* What id_digest is of an id. */
void prompt_id_digest(struct view id, unsigned char ret[static PROMPT_DIGEST_BYTES]);

#endif
