/* SPDX-License-Identifier: Apache-2.0 */
/* skantd's command line: the option table and what it is read into. */
#ifndef FORWARDER_OPTIONS_H
#define FORWARDER_OPTIONS_H

#include "common/api/profile.h"
#include "common/sys/log.h"
#include "common/sys/opt.h"

enum command { COMMAND_RUN, COMMAND_CHECK, COMMAND_STATUS, COMMAND_VERIFY, COMMAND_REPLAY, COMMAND_EMIT, COMMANDS };

struct options { /* texts point into argv; NULL = not given */
	const char *config;
	const char *state_dir; /* instead of the configuration's */
	bool is_once, as_json, dead_only;
	const char *sink, *from, *to, *export_file, *socket;
	enum log_level log_level;
	struct profile_flags profile;
	uint64_t timeout_ms; /* 0 = the configuration's */
	unsigned max_retries;
	const char *request_log;
};

extern const struct opt_program options_program;

void options_init(struct options *o);
/* The opt_handler; context is the struct options. */
int options_take(void *context, int id, const char *value, struct err *err);

/* --from and --to as times: from the beginning, and to the end, when not given. A date is its midnight in UTC. 0, or -1
 * with ERR_USAGE. */
[[nodiscard]] int options_range(const struct options *o, int64_t *ret_from_ns, int64_t *ret_to_ns, struct err *err);

/* Whether no configuration was named and there is none in the usual place. */
bool options_config_is_absent(const struct options *o);

#endif
