/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/mock/activity.h"
#include "tests/mock/must.h"
#include "tests/mock/when.h"

static const char *const types[] = { "messages.create",   "messages.create", "messages.create",    "messages.create",
				     "sessions.create",   "sessions.event",  "files.upload",       "files.download",
				     "agents.create",     "agents.update",   "admin.users.update", "admin.keys.create",
				     "admin.keys.revoke", "gizmos.assemble" };
static const char *const models[] = { "claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5-20251001" };

static uint64_t number(const struct feed *f, uint64_t index, uint64_t place)
{
	return rng_at(f->seed ^ place, RNG_CCA, index);
}

static bool has_model(const char *type)
{
	return strcmp(type, "messages.create") == 0 || strcmp(type, "sessions.event") == 0;
}

struct cca_activity activity_cca(const struct feed *f, const struct model *m, uint64_t index)
{
	uint64_t n = number(f, index, 1);
	struct cca_activity a = { .type = types[n % ARRAY_LEN(types)] };

	if (has_model(a.type))
		a.model = models[n / 64 % ARRAY_LEN(models)];
	if (n / 4096 % 4) /* the others come from keys that belong to nobody */
		a.user = m->users[n / 65536 % m->user_count].id;
	return a;
}

/* All that a call of the Messages API has to tell. */
static void write_details(struct jsonw *w, uint64_t n)
{
	static const char *const tools[] = { "[]", "[\"web_search\"]", "[\"bash\",\"edit\"]" };
	static const char *const reasons[] = { "end_turn", "max_tokens", "tool_use", "refusal" };

	jsonw_member_text(w, "request_id", rng_ident("req_", n, RNG_REQUEST, 1).text);
	jsonw_member_u64(w, "input_tokens", n % 150'000);
	jsonw_member_u64(w, "output_tokens", n / 7 % 9'000);
	jsonw_member_text(w, "stop_reason", reasons[n / 64 % ARRAY_LEN(reasons)]);
	jsonw_member_u64(w, "latency_ms", 200 + n / 512 % 30'000);
	jsonw_key(w, "tools_used");
	jsonw_raw(w, view_of(tools[n / 4096 % ARRAY_LEN(tools)]));
}

static void write_content(struct jsonw *w, uint64_t n)
{
	jsonw_key(w, "content");
	jsonw_object(w);
	jsonw_key(w, "prompt");
	jsonw_raw(w, n % 5 ? VIEW("\"Bonjour, \\u00e7a va?\"") : VIEW("\"nul \\u0000 and half a pair \\ud83d\\n\""));
	jsonw_member_text(w, "response", "Très bien.");
	jsonw_end(w);
}

void activity_render_cca(struct jsonw *w, const struct feed *f, const struct model *m, uint64_t index,
			 bool with_content)
{
	DEFER(buf_done) struct buf when = BUF_INIT(64);
	struct cca_activity a = activity_cca(f, m, index);
	uint64_t n = rng_mix(number(f, index, 2));
	struct ident key = rng_ident("key_", m->seed, RNG_KEY, n % 12);

	when_add(&when, feed_time(f, index), feed_digits(f, index), n % 3 == 1);
	jsonw_object(w);
	jsonw_member_text(w, "id", feed_id(f, index).text);
	jsonw_member(w, "timestamp", buf_view(&when));
	jsonw_member_text(w, "type", a.type);
	jsonw_member_text(w, "organization_id", m->organization.text);
	if (a.user.text[0])
		jsonw_member_text(w, "user_id", a.user.text);
	else
		jsonw_member_text(w, "api_key_id", key.text);
	if (n % 3)
		jsonw_member_text(w, "workspace", model_cca_id(&m->workspaces[n / 3 % m->workspace_count].id).text);
	jsonw_member_text(w, "model", a.model);
	jsonw_key(w, "details");
	jsonw_object(w);
	if (strcmp(a.type, "messages.create") == 0)
		write_details(w, n);
	else if (n % 9 == 0)
		jsonw_member_u64(w, "serial", 9007199254740993u);
	jsonw_end(w);
	if (with_content && strcmp(a.type, "messages.create") == 0)
		write_content(w, n);
	jsonw_end(w);
}
