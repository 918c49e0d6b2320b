/* SPDX-License-Identifier: Apache-2.0 */
/* skantd's commands: each gets its FILE, or NULL, and returns 0, 1 (the check found problems), or -1 with err, which
 * main says and turns into the exit status. */
#ifndef FORWARDER_CMD_H
#define FORWARDER_CMD_H

#include "forwarder/access.h"
#include "forwarder/config.h"
#include "forwarder/feed.h"
#include "forwarder/options.h"

enum exit_status { EXIT_DONE = 0, EXIT_PROBLEMS = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3, EXIT_LATER = 75 };

typedef int command_fn(const struct options *o, const char *file, struct err *err);

command_fn cmd_run, cmd_check, cmd_status, cmd_verify, cmd_replay, cmd_emit;

/* The configuration with what the options change in it. 0, or -1 with err. */
[[nodiscard]] int cmd_load(const struct options *o, enum config_use use, struct settings *ret, struct err *err);

/* Opens --request-log; -1 when there is none. 0, or -1 with err. */
[[nodiscard]] int cmd_open_log(const struct options *o, int *ret_fd, struct err *err);

/* Writes all of text to standard output. 0, or -1 with err. */
[[nodiscard]] int cmd_print(struct view text, struct err *err);

/* The sink of that name; NULL with ERR_USAGE that lists those there are. */
const struct settings_sink *cmd_find_sink(const struct settings *settings, const char *name, struct err *err);

/* Keeps the first error, for whoever called to say; those behind it are said at once. */
void cmd_note_failure(struct err *first, const struct err *why);

struct spool;

/* A feed that a command asks, without storing what it says. */
struct cmd_feed {
	const struct feed_ops *ops;
	void *feed;
	struct feed_env env;
	struct feed_out out;
	struct access access;
	struct ratelimit *ratelimit;
	atomic_bool stop;
	int wake_fd, log_fd;
};
/* spool: where the feed's state is, that says where it began; NULL: as if it were new. known: the spool that knows
 * which organization the feed is of; may be NULL. *ret must stay where it is until cmd_close_feed.
 * 0, or -1 with err. */
[[nodiscard]] int cmd_open_feed(const struct options *o, const struct settings *settings,
				const struct settings_feed *feed, struct spool *spool, struct spool *known,
				struct cmd_feed *ret, struct err *err);
void cmd_close_feed(struct cmd_feed *feed);

#endif
