/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and models. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/must.h"
#include "tests/mock/route.h"
#include "tests/mock/when.h"

static const struct {
	const char *id, *name, *created;
} models[] = {
	/* newest first */
	{ "claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-07T00:00:00Z" },
	{ "claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-28T00:00:00Z" },
	{ "claude-opus-5-5", "Claude Opus 5.5", "2026-09-22T00:00:00Z" },
	{ "claude-opus-5", "Claude Opus 5", "2026-07-24T00:00:00Z" },
	{ "claude-sonnet-5", "Claude Sonnet 5", "2026-06-30T00:00:00Z" },
	{ "claude-opus-4-8", "Claude Opus 4.8", "2026-05-28T00:00:00Z" },
	{ "claude-opus-4-7", "Claude Opus 4.7", "2026-04-16T00:00:00Z" },
	{ "claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z" },
	{ "claude-opus-4-6", "Claude Opus 4.6", "2026-02-05T00:00:00Z" },
	{ "claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-24T00:00:00Z" },
	{ "claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z" },
	{ "claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z" },
};

#define MESSAGE_WINDOW_NS UINT64_C(60'000'000'000)
#define NS_PER_S UINT64_C(1'000'000'000)

static size_t model_index(struct view id)
{
	for (size_t i = 0; i < ARRAY_LEN(models); i++) {
		if (text_eq(view_of(models[i].id), id))
			return i;
		/* claude-opus-4-5 means the dated one */
		if (id.len > 12 && text_starts(view_of(models[i].id), id) && models[i].id[id.len] == '-' &&
		    models[i].id[id.len + 1] == '2')
			return i;
	}
	return SIZE_MAX;
}

static struct ident model_id(const struct call *c, size_t i)
{
	struct ident id;

	(void)c;
	(void)snprintf(id.text, sizeof(id.text), "%s", models[i].id);
	return id;
}

static void write_model(struct call *c, size_t i)
{
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "type", "model");
	jsonw_member_text(&c->w, "id", models[i].id);
	jsonw_member_text(&c->w, "display_name", models[i].name);
	jsonw_member_text(&c->w, "created_at", models[i].created);
	if (i % 3)
		jsonw_member_u64(&c->w, "max_input_tokens", i % 2 ? 1000000 : 200000);
	else
		call_null(&c->w, "max_input_tokens");
	jsonw_member_u64(&c->w, "max_tokens", 64000);
	jsonw_key(&c->w, "capabilities");
	jsonw_raw(&c->w, VIEW("{\"batch\":{\"supported\":true}}"));
	jsonw_end(&c->w);
}

void get_models(struct call *c)
{
	call_list_ids(c, &(struct list){ c, ARRAY_LEN(models), NULL, model_id, write_model });
}

void get_model(struct call *c)
{
	size_t i = model_index(c->rq->ids[0]);

	if (i == SIZE_MAX)
		call_fail(c, 404, "not_found_error", "model: %.*s", (int)c->rq->ids[0].len, c->rq->ids[0].ptr);
	else
		write_model(c, i);
}

/* Four bytes a token, as a rule of thumb. */
static uint64_t count_tokens(const struct call *c)
{
	return (call_member(c, "messages").len + call_member(c, "system").len) / 4 + 1;
}

static bool check_messages(struct call *c)
{
	struct view cursor = call_member(c, "messages"), one;
	size_t count = 0;

	while (cursor.ptr && json_each(&cursor, &one)) {
		struct view role = json_type_of(one) == JSON_OBJECT ? json_member(one, "role") : VIEW_NONE;

		if (!text_eq(role, VIEW("\"user\"")) && !text_eq(role, VIEW("\"assistant\""))) {
			call_refuse(c, 400, "invalid_request_error",
				    "messages.%zu.role: user or assistant was expected", count);
			return false;
		}
		if (!json_member(one, "content").ptr) {
			call_refuse(c, 400, "invalid_request_error", "messages.%zu.content: Field required", count);
			return false;
		}
		count++;
	}
	if (count)
		return true;
	call_refuse(c, 400, "invalid_request_error", "messages: at least one message is required");
	return false;
}

static bool check_model(struct call *c, const char *model)
{
	if (model_index(view_of(model)) != SIZE_MAX)
		return true;
	call_fail(c, 404, "not_found_error", "model: %s", model);
	return false;
}

/* Of the last messages, how many a window that ends now holds; *ret_until_ns: when the oldest of them leaves it. */
static uint64_t messages_lately(const struct mock *m, uint64_t now_ns, uint64_t *ret_until_ns)
{
	uint64_t rate = m->settings->message_rate, count = 0;

	*ret_until_ns = now_ns;
	while (count < rate && count < m->message_count) {
		uint64_t at_ns = m->message_ns[(m->message_count - count - 1) % rate];

		if (now_ns - at_ns >= MESSAGE_WINDOW_NS)
			break;
		*ret_until_ns = at_ns + MESSAGE_WINDOW_NS;
		count++;
	}
	return count;
}

/* Takes a place in the rate of messages; false: answered, as there is none. */
static bool take_turn(struct call *c)
{
	struct mock *m = c->mock;
	uint64_t now_ns = clock_mono_ns(), until_ns, rate = m->settings->message_rate;

	if (!rate)
		return true;
	if (messages_lately(m, now_ns, &until_ns) < rate) {
		m->message_ns[m->message_count++ % rate] = now_ns;
		return true;
	}
	call_fail(c, 429, "rate_limit_error", "This request would exceed the rate limit of %llu requests per minute.",
		  (unsigned long long)rate);
	http_reply_header(c->rp, "retry-after", "%llu", (unsigned long long)((until_ns - now_ns) / NS_PER_S + 1));
	return false;
}

static void rate_headers(struct call *c, uint64_t tokens)
{
	DEFER(buf_done) struct buf reset = BUF_INIT(64);
	uint64_t rate = c->mock->settings->message_rate, until_ns;
	uint64_t left = rate ? rate - messages_lately(c->mock, clock_mono_ns(), &until_ns) : 3999;

	when_add(&reset, c->now_us + WHEN_SECOND, 0, false);
	http_reply_header(c->rp, "anthropic-ratelimit-requests-limit", "%llu",
			  (unsigned long long)(rate ? rate : 4000));
	http_reply_header(c->rp, "anthropic-ratelimit-requests-remaining", "%llu", (unsigned long long)left);
	http_reply_header(c->rp, "anthropic-ratelimit-requests-reset", "%s", reset.ptr);
	http_reply_header(c->rp, "anthropic-ratelimit-tokens-limit", "2000000");
	http_reply_header(c->rp, "anthropic-ratelimit-tokens-remaining", "%llu",
			  (unsigned long long)(2000000 - tokens));
	http_reply_header(c->rp, "anthropic-ratelimit-tokens-reset", "%s", reset.ptr);
	http_reply_header(c->rp, "anthropic-ratelimit-input-tokens-limit", "1600000");
	http_reply_header(c->rp, "anthropic-ratelimit-input-tokens-remaining", "1600000");
	http_reply_header(c->rp, "anthropic-ratelimit-input-tokens-reset", "%s", reset.ptr);
	http_reply_header(c->rp, "anthropic-ratelimit-output-tokens-limit", "400000");
	http_reply_header(c->rp, "anthropic-ratelimit-output-tokens-remaining", "400000");
	http_reply_header(c->rp, "anthropic-ratelimit-output-tokens-reset", "%s", reset.ptr);
}

/* A prompt that marks what is to be cached has a tenth of it read from the cache and half of it written there. */
static void write_usage(struct call *c, uint64_t input, uint64_t output)
{
	bool is_cached = text_find(call_member(c, "messages"), VIEW("\"cache_control\"")) != SIZE_MAX;
	uint64_t read = is_cached ? input / 10 : 0, written = is_cached ? input / 2 : 0;
	struct jsonw *w = &c->w;

	jsonw_key(w, "usage");
	jsonw_object(w);
	jsonw_member_u64(w, "input_tokens", input - read - written);
	jsonw_member_u64(w, "output_tokens", output);
	jsonw_member_u64(w, "cache_creation_input_tokens", written);
	jsonw_member_u64(w, "cache_read_input_tokens", read);
	jsonw_key(w, "cache_creation");
	jsonw_object(w);
	jsonw_member_u64(w, "ephemeral_5m_input_tokens", written);
	jsonw_member_u64(w, "ephemeral_1h_input_tokens", 0);
	jsonw_end(w);
	call_null(w, "server_tool_use");
	jsonw_member_text(w, "service_tier", "standard");
	jsonw_member_text(w, "inference_geo", "global");
	jsonw_end(w);
}

void post_messages(struct call *c)
{
	DEFER(freep) char *model = call_text(c, "model");
	struct ident id = rng_ident("msg_", c->mock->settings->seed, RNG_MESSAGE, c->mock->requests);
	uint64_t max = 0, output = 6;

	if (text_u64(call_member(c, "max_tokens"), 1'000'000, &max) || max == 0) {
		call_refuse(c, 400, "invalid_request_error", "max_tokens: must be greater than or equal to 1");
		return;
	}
	if (!check_messages(c) || !check_model(c, model) || !take_turn(c))
		return;
	output = max < output ? max : output;
	rate_headers(c, count_tokens(c));
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", id.text);
	jsonw_member_text(&c->w, "type", "message");
	jsonw_member_text(&c->w, "role", "assistant");
	jsonw_member_text(&c->w, "model", models[model_index(view_of(model))].id);
	jsonw_key(&c->w, "content");
	jsonw_raw(&c->w, VIEW("[{\"type\":\"text\",\"text\":\"Hello, Jörg \\ud83d\\ude00\"}]"));
	jsonw_member_text(&c->w, "stop_reason", output < 6 ? "max_tokens" : "end_turn");
	call_null(&c->w, "stop_sequence");
	write_usage(c, count_tokens(c), output);
	jsonw_end(&c->w);
}

void post_count_tokens(struct call *c)
{
	DEFER(freep) char *model = call_text(c, "model");

	if (!check_messages(c) || !check_model(c, model))
		return;
	jsonw_object(&c->w);
	jsonw_member_u64(&c->w, "input_tokens", count_tokens(c));
	jsonw_end(&c->w);
}
