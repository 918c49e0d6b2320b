/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_record.h"

#include <unistd.h>

#include "admin/message_results.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

#define NS_PER_MS UINT64_C(1'000'000)
#define EVENT_KEY_BYTES 16

const char *const outcome_names[OUTCOMES] = { "done", "refused", "later", "unknown", "invalid" };

static void member(struct jsonw *w, const char *key, struct view text)
{
	if (text.len)
		jsonw_member(w, key, text);
}

/* On one line: in valid JSON a line ends between values only. */
static int raw_member(struct jsonw *w, const char *key, struct view json)
{
	DEFER(buf_wipe) struct buf flat = BUF_INIT(RESULT_BYTES);
	struct view rest = json, line;

	if (!json.len)
		return 0;
	if (text_find_byte(json, '\n') != SIZE_MAX || text_find_byte(json, '\r') != SIZE_MAX)
		while (rest.len) {
			size_t end = 0;

			while (end < rest.len && rest.ptr[end] != '\n' && rest.ptr[end] != '\r')
				end++;
			line = view_sub(rest, 0, end);
			if (buf_add(&flat, line))
				return -1;
			rest = view_sub(rest, end + 1, SIZE_MAX);
		}
	jsonw_key(w, key);
	jsonw_raw(w, flat.len ? buf_view(&flat) : json);
	return 0;
}

static int add_time(struct jsonw *w, int64_t unix_s)
{
	DEFER(buf_done) struct buf time = BUF_INIT(64);

	if (clock_add_rfc3339(&time, unix_s))
		return -1;
	jsonw_member(w, "timestamp", buf_view(&time));
	return 0;
}

/* Whether there is more in an answer than its text. */
static bool has_more(const struct api_message *message)
{
	struct view content = message->content, part;

	while (json_each(&content, &part))
		if (json_type_of(part) != JSON_OBJECT || !json_string_is(json_member(part, "type"), VIEW("text")))
			return true;
	return false;
}

static int add_answer(struct jsonw *w, const struct message_outcome *o)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(API_REPLY_BYTES);
	const struct api_message *m = &o->message;

	member(w, "message_id", m->id);
	member(w, "model", m->model.len ? m->model : o->prompt->model);
	member(w, "stop_reason", m->stop_reason);
	if (raw_member(w, "usage", m->usage) || api_message_add_text(&text, m))
		return -1;
	jsonw_member(w, "text", buf_view(&text));
	return has_more(m) ? raw_member(w, "content", m->content) : 0;
}

static void add_error(struct jsonw *w, const struct message_outcome *o)
{
	const struct api_refusal *refusal = &o->answer.refusal;

	jsonw_key(w, "error");
	jsonw_object(w);
	if (refusal->status)
		jsonw_member_u64(w, "http_status", refusal->status);
	member(w, "type", view_of(refusal->type));
	jsonw_member_text(w, "message", o->why.text);
	jsonw_end(w);
}

static int end_line(struct jsonw *w)
{
	jsonw_end(w);
	return jsonw_ok(w) ? buf_add_byte(w->out, '\n') : -1;
}

int message_add_result(struct buf *buf, const struct message_outcome *o)
{
	DEFER(buf_done) struct buf digest = BUF_INIT(4 * PROMPT_DIGEST_BYTES);
	const struct prompt *p = o->prompt;
	struct jsonw w;

	jsonw_init(&w, buf, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "schema", RESULT_SCHEMA);
	member(&w, "id", p->id);
	if (p->line)
		jsonw_member_u64(&w, "line", p->line);
	jsonw_member_text(&w, "status", outcome_names[o->kind]);
	if (add_time(&w, o->unix_s) || digest_add_hex(&digest, p->digest, sizeof(p->digest)))
		return -1;
	if (p->id.len)
		jsonw_member(&w, "prompt_sha256", buf_view(&digest));
	member(&w, "request_id", buf_view(&o->answer.reply.request_id));
	if (o->kind != OUTCOME_DONE)
		add_error(&w, o);
	else if (o->is_count)
		jsonw_member_u64(&w, "input_tokens", o->input_tokens);
	else if (add_answer(&w, o))
		return -1;
	if (o->answer.reply.was_sent)
		jsonw_member_u64(&w, "latency_ms", o->answer.reply.duration_ns / NS_PER_MS);
	member(&w, "team", p->team);
	member(&w, "feature", p->feature);
	return raw_member(&w, "metadata", p->metadata) ? -1 : end_line(&w);
}

int message_add_usage(struct buf *buf, const struct message_outcome *o)
{
	const struct api_message *m = &o->message;
	struct jsonw w;

	jsonw_init(&w, buf, 0);
	jsonw_object(&w);
	if (add_time(&w, o->unix_s))
		return -1;
	member(&w, "model", m->model.len ? m->model : o->prompt->model);
	jsonw_member_u64(&w, "input_tokens", m->uncached_input_tokens.value);
	jsonw_member_u64(&w, "output_tokens", m->output_tokens.value);
	jsonw_member_u64(&w, "cache_creation_input_tokens", m->cache_creation_input_tokens.value);
	jsonw_member_u64(&w, "cache_read_input_tokens", m->cache_read_input_tokens.value);
	if (m->usage.len && json_type_of(m->usage) == JSON_OBJECT &&
	    raw_member(&w, "cache_creation", json_member(m->usage, "cache_creation")))
		return -1;
	member(&w, "service_tier", m->service_tier);
	member(&w, "inference_geo", m->inference_geo);
	member(&w, "stop_reason", m->stop_reason);
	member(&w, "team", o->prompt->team);
	member(&w, "feature", o->prompt->feature);
	member(&w, "request_id", buf_view(&o->answer.reply.request_id));
	member(&w, "message_id", m->id);
	return end_line(&w);
}

static void add_tools(struct jsonw *w, const struct api_message *m)
{
	struct view content = m->content, part;

	jsonw_key(w, "tools_used");
	jsonw_array(w);
	while (json_each(&content, &part)) {
		struct view type = json_type_of(part) == JSON_OBJECT ? json_member(part, "type") : VIEW_NONE;
		struct view name = type.len ? json_member(part, "name") : VIEW_NONE;

		if (!name.len || json_type_of(name) != JSON_STRING)
			continue;
		if (json_string_is(type, VIEW("tool_use")) || json_string_is(type, VIEW("server_tool_use")))
			jsonw_raw(w, name);
	}
	jsonw_end(w);
}

static int add_facts(struct jsonw *w, const struct message_outcome *o)
{
	const struct api_message *m = &o->message;

	member(w, "stop_reason", m->stop_reason);
	jsonw_member_u64(w, "input_tokens", m->input_tokens);
	jsonw_member_u64(w, "output_tokens", m->output_tokens.value);
	if (m->usage.len && json_type_of(m->usage) == JSON_OBJECT && raw_member(w, "usage", m->usage))
		return -1;
	add_tools(w, m);
	member(w, "message_id", m->id);
	return 0;
}

/* What tells the event from all others, so that it can be handed over again. */
static int add_key(struct jsonw *w)
{
	DEFER(buf_done) struct buf key = BUF_INIT(4 * EVENT_KEY_BYTES);
	unsigned char random[EVENT_KEY_BYTES];

	if (getentropy(random, sizeof(random)) || digest_add_hex(&key, random, sizeof(random)))
		return -1;
	jsonw_member(w, "idempotency_key", buf_view(&key));
	return 0;
}

int message_add_event(struct buf *buf, const struct message_outcome *o)
{
	const struct api_refusal *refusal = &o->answer.refusal;
	struct jsonw w;

	jsonw_init(&w, buf, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "event", "api_call");
	if (add_time(&w, o->unix_s))
		return -1;
	jsonw_member_text(&w, "outcome", outcome_names[o->kind]);
	member(&w, "organization_id", buf_view(&o->answer.reply.organization));
	member(&w, "workspace_id", buf_view(&o->answer.reply.workspace));
	member(&w, "model", o->message.model.len ? o->message.model : o->prompt->model);
	if (o->kind == OUTCOME_DONE && add_facts(&w, o))
		return -1;
	if (refusal->status)
		jsonw_member_u64(&w, "http_status", refusal->status);
	member(&w, "error_type", view_of(refusal->type));
	jsonw_member_u64(&w, "latency_ms", o->answer.reply.duration_ns / NS_PER_MS);
	member(&w, "team", o->prompt->team);
	member(&w, "feature", o->prompt->feature);
	member(&w, "request_id", buf_view(&o->answer.reply.request_id));
	return add_key(&w) ? -1 : end_line(&w);
}
