/* SPDX-License-Identifier: Apache-2.0 */
/* What a command works with: the options, the profile they lead to, the API client. */
#ifndef ADMIN_SESSION_H
#define ADMIN_SESSION_H

#include <stdatomic.h>

#include "admin/options.h"
#include "common/api/client.h"
#include "common/api/record.h"
#include "common/policy/policy_read.h"
#include "common/sys/term.h"

struct session {
	const struct options *o;
	struct profile profile;
	struct api *api;
	int request_log_fd;                                     /* -1: none */
	atomic_bool stop;                                       /* raised by whoever wants calls to end */
	struct policy *policy;                                  /* once session_policy has read one */
	struct directory *workspaces, *people, *invites, *keys; /* once lookup.h has asked for them */
	struct term_progress progress;                          /* between session_reading and session_has_read */
	uint64_t answers;                                       /* in that time */
};

/* Reads the profile and makes the client; nothing is sent. s is zeroed before. session_done is due in any case. */
[[nodiscard]] int session_open(struct session *s, const struct options *o, struct err *err);
void session_done(struct session *s);

/* How session_open made the client, for a command that needs another one (and frees s->api then). */
void session_api_options(struct session *s, struct api_options *ret);

/* Around what a command reads before it prints anything: a line on a terminal's standard error tells, once it has taken
 * a second, how far that is; not with --quiet, nor with --verbose, which has its own. Nothing else is to be logged
 * meanwhile. session_done ends it as well. */
void session_reading(struct session *s);
void session_has_read(struct session *s);

/* The exact number of arguments; what names them in the message ("one user id"). 0, or -1 with ERR_USAGE. */
[[nodiscard]] int session_args(const char *what, size_t wanted, size_t count, struct err *err);

/* The route of an operation in the session's dialect; NULL with ERR_USAGE. */
const struct api_route *session_route(const struct session *s, enum api_operation operation, struct err *err);

/* The policy: that of --policy, $SKANT_POLICY or the usual place, read once; else policy_standard. Lives as long as the
 * session. NULL with err; a file that cannot be read is ERR_CONFIG. */
const struct policy *session_policy(struct session *s, struct err *err);

/* Arguments of a list call. */
#define FILTERS_MAX (4u * LIST_MAX)

struct filters {
	struct api_argument items[FILTERS_MAX];
	size_t count;
};

/* NULL: nothing is added. A command adds three lists and a dozen others at most, which is less than FILTERS_MAX. */
void filters_add(struct filters *a, const char *name, const char *value);
void filters_add_all(struct filters *a, const char *name, const struct texts *values);

/* Starts an output in the format that was asked for. */
void session_output(const struct session *s, struct output *out, const struct shape *shape);

/* Prints one object: a reply's body, or a row of ours (operation = API_OPERATIONS). */
[[nodiscard]] int session_print(const struct session *s, enum api_operation operation, const struct column *columns,
				size_t count, struct view object, struct err *err);

#endif
