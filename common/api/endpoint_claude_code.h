/* SPDX-License-Identifier: Apache-2.0 */
/* What people did with Claude Code. */
#ifndef COMMON_API_ENDPOINT_CLAUDE_CODE_H
#define COMMON_API_ENDPOINT_CLAUDE_CODE_H

#include "common/api/page.h"
#include "common/api/record.h"

struct api_claude_code {
	struct api_time date;                  /* the UTC day (platform) */
	struct view actor_type;                /* user_actor, api_actor */
	struct view actor_email, api_key_name; /* by the actor's type */
	struct view organization_id, customer_type, subscription_type, terminal_type;
	bool is_remote;
	struct api_number sessions, lines_added, lines_removed, commits, pull_requests;
	struct view tool_actions;    /* JSON object: {"edit_tool":{"accepted":n,"rejected":n}} */
	struct view model_breakdown; /* JSON array: for api_claude_code_model_read */
	/* cca */
	struct view user_id, project;
	struct api_decimal session_hours;
	struct api_number tool_calls, active_users;
	struct view raw;
};

struct api_claude_code_model {
	struct view model;
	struct api_number input, output, cache_read, cache_creation;
	struct api_decimal cents;
	struct view currency;
	struct view raw;
};

/* One call a day on the platform, one for all days in cca. */
struct claude_code_walk {
	struct api *api;
	struct page_walk pages;
	struct api_reader reader;
	struct api_argument *arguments; /* owned: starting_at, ending_at, then the caller's */
	size_t count;
	int64_t day, end_day; /* days since 1970-01-01; end_day is exclusive */
	struct buf from, to;  /* their texts */
	bool is_daily, is_open;
};

/* From the UTC day that from_s is in to the last second before to_s (Unix time). arguments (borrowed until
 * claude_code_done): group_by where the dialect has it. ERR_USAGE when to_s is not behind from_s. Nothing is sent yet.
 * claude_code_done is due after a failure as well. */
[[nodiscard]] int claude_code_start(struct claude_code_walk *walk, struct api *api, int64_t from_s, int64_t to_s,
				    const struct api_argument *arguments, size_t count, struct err *err);

/* 1 with *ret, valid until the next call; 0 at the end; -1 with err. */
[[nodiscard]] int claude_code_next(struct claude_code_walk *walk, struct api_claude_code *ret, struct err *err);

void claude_code_done(struct claude_code_walk *walk);

[[nodiscard]] int api_claude_code_read(struct api_reader *reader, struct view row, struct api_claude_code *ret,
				       struct err *err);

/* An element of model_breakdown. reader is another one than the row's. */
[[nodiscard]] int api_claude_code_model_read(struct api_reader *reader, struct view row,
					     struct api_claude_code_model *ret, struct err *err);

#endif
