/* SPDX-License-Identifier: Apache-2.0 */
/* A usage record: what an application wrote about one request, one JSON object (RFC 8259) a line.
 *
 *	timestamp	RFC 3339 (UTC when it has no zone), or seconds since 1970 as a number; needed
 *	model		needed
 *	input_tokens	needed: those neither written to the cache nor read from it, as the Messages API counts them
 *	output_tokens	needed
 *	cache_read_input_tokens, cache_creation_input_tokens
 *	cache_creation	{ephemeral_5m_input_tokens, ephemeral_1h_input_tokens}: by lifetime; what of
 *			cache_creation_input_tokens is in neither has the usual lifetime, 5 minutes
 *	service_tier, inference_geo, speed	as the API's replies have them: batch, us and fast change the price
 *	batch, fast	true or false: the same said by the application
 *	usage		all of that but timestamp and model may stand here, as in the API's reply
 *	team, feature, stop_reason, request_id, api_key_id or key
 *
 * null is the same as absent. What else is there may be anything. A field that is there twice has to be the same. */
#ifndef ADMIN_USAGE_RECORD_H
#define ADMIN_USAGE_RECORD_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/policy/prices.h"

enum usage_text { USAGE_MODEL, USAGE_TEAM, USAGE_FEATURE, USAGE_STOP_REASON, USAGE_KEY, USAGE_TEXTS };

struct usage_record {
	struct view texts[USAGE_TEXTS]; /* unescaped, at most NAME_BYTES; good until the next is read; absent: len 0 */
	int64_t unix_s;
	struct price_tokens tokens;
	bool is_batch, is_us, is_fast;
};

struct usage_reader;

struct usage_reader *usage_reader_new(void); /* NULL without memory */
void usage_reader_free(struct usage_reader *reader);
void usage_reader_freep(struct usage_reader **reader);

/* Reads a line, which is not empty. 0, or -1 with err (ERR_FORMAT: what is wrong, and what was expected; no input
 * bytes) and the byte in line that it is about. */
[[nodiscard]] int usage_record_read(struct usage_reader *reader, struct view line, struct usage_record *ret,
				    size_t *ret_at, struct err *err);

/* Its two ways, which agree: what most lines are, at full speed (1: it is up to the other), and whatever there is. */
[[nodiscard]] int usage_record_read_plain(struct usage_reader *reader, struct view line, struct usage_record *ret);
[[nodiscard]] int usage_record_read_any(struct usage_reader *reader, struct view line, struct usage_record *ret,
					size_t *ret_at, struct err *err);

#endif
