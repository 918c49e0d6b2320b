/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl's command line: the option table and what it is read into. */
#ifndef ADMIN_OPTIONS_H
#define ADMIN_OPTIONS_H

#include "admin/output.h"
#include "common/api/profile.h"
#include "common/sys/opt.h"

#define LIST_MAX 32 /* repeats of one option */

enum command {
	COMMAND_AUTH_CHECK,
	COMMAND_ORG_SHOW,
	COMMAND_ORG_LIST,
	COMMAND_ORG_USERS,
	COMMAND_USERS_LIST,
	COMMAND_USERS_GET,
	COMMAND_USERS_UPDATE,
	COMMAND_USERS_REMOVE,
	COMMAND_INVITES_LIST,
	COMMAND_INVITES_CREATE,
	COMMAND_INVITES_GET,
	COMMAND_INVITES_REVOKE,
	COMMAND_WORKSPACES_LIST,
	COMMAND_WORKSPACES_GET,
	COMMAND_WORKSPACES_CREATE,
	COMMAND_WORKSPACES_UPDATE,
	COMMAND_WORKSPACES_ARCHIVE,
	COMMAND_MEMBERS_LIST,
	COMMAND_MEMBERS_ADD,
	COMMAND_MEMBERS_UPDATE,
	COMMAND_MEMBERS_REMOVE,
	COMMAND_KEYS_LIST,
	COMMAND_KEYS_GET,
	COMMAND_KEYS_RENAME,
	COMMAND_KEYS_DISABLE,
	COMMAND_KEYS_ENABLE,
	COMMAND_KEYS_ARCHIVE,
	COMMAND_KEYS_EXPORT,
	COMMAND_KEYS_AUDIT,
	COMMAND_GROUPS_LIST,
	COMMAND_GROUPS_GET,
	COMMAND_GROUPS_MEMBERS,
	COMMAND_GROUPS_CREATE,
	COMMAND_USAGE_MESSAGES,
	COMMAND_USAGE_CLAUDE_CODE,
	COMMAND_USAGE_ESTIMATE,
	COMMAND_COST,
	COMMAND_POLICY_CHECK,
	COMMAND_POLICY_SHOW,
	COMMAND_POLICY_TEMPLATE,
	COMMAND_ACCESS_REVIEW,
	COMMAND_ACTIVITIES_QUERY,
	COMMAND_ACTIVITIES_TAIL,
	COMMAND_ACTIVITIES_TYPES,
	COMMAND_MODELS_LIST,
	COMMAND_MODELS_CHECK,
	COMMAND_MESSAGE_SEND,
	COMMAND_MESSAGE_COUNT,
	COMMAND_REPORT_KEYS,
	COMMAND_REPORT_USAGE,
	COMMAND_REPORT_ACCESS,
	COMMAND_REPORT_ALL,
	COMMAND_VERIFY,
	COMMANDS
};

struct texts { /* values of an option that may be repeated, in the order given */
	const char *items[LIST_MAX];
	size_t count;
};

struct options { /* texts point into argv; NULL = not given */
	enum output_format format;
	struct profile_flags profile;
	bool dry_run, yes, quiet, verbose, no_colour;
	uint64_t timeout_ms; /* 0 = the client's */
	uint64_t max_retries;
	const char *request_log;
	uint64_t limit;     /* rows in all; UINT64_MAX = all */
	uint64_t page_size; /* 0 = the largest that the API gives */
	const char *email, *name, *colour, *expires_in_days, *order, *from, *to;
	struct texts roles, statuses, workspaces, tags, types, actors, violations;
	uint64_t interval_s;
	const char *policy, *prices, *bucket, *record, *html;
	const char *verify_record, *reviewer, *show;
	struct texts group_by; /* items may be lists with commas */
	struct texts keys;
	bool projection;
	const char *description, *audit_level;
	uint64_t retention_days, retires_within_days;
	bool require_encryption;
	struct texts regions;
	/* message */
	const char *model, *system, *queue, *results, *usage_file, *ingest, *team, *feature;
	uint64_t max_tokens, rpm, itpm, otpm, tpd, jobs, wait_ms; /* but for max_tokens: 0 = not given */
};

extern const struct opt_program options_program;

void options_init(struct options *o);
/* The opt_handler; context is the struct options. */
int options_take(void *context, int id, const char *value, struct err *err);

/* The one value of a list, or NULL when it was not given; ERR_USAGE when the option came more than once. */
[[nodiscard]] int options_single(const struct texts *texts, const char *name, const char **ret, struct err *err);

#endif
