/* SPDX-License-Identifier: Apache-2.0 */
/* Activities that clients cause. */
#include <string.h>

#include "common/base/text.h"
#include "tests/mock/must.h"
#include "tests/mock/record.h"
#include "tests/mock/route.h"
#include "tests/mock/when.h"

#define RECORD_BYTES (1u << 20)

static void write_actor(struct jsonw *w, const struct call *c)
{
	uint64_t seed = c->mock->settings->seed;
	bool is_admin = c->cred == CRED_ADMIN;

	jsonw_key(w, "actor");
	jsonw_object(w);
	jsonw_member_text(w, "type", is_admin ? "admin_api_key_actor" : "api_actor");
	jsonw_member_text(w, is_admin ? "admin_api_key_id" : "api_key_id",
			  rng_ident("apikey_", seed, RNG_CREDENTIAL, (uint64_t)c->cred).text);
	jsonw_member_text(w, "ip_address", "127.0.0.1");
	jsonw_member(w, "user_agent", http_header(c->rq, "user-agent"));
	jsonw_end(w);
}

struct moment {
	int64_t at_us, visible_us; /* when it happens, and from when on it is listed */
};

static struct moment now(const struct call *c)
{
	return (struct moment){ c->now_us, c->now_us };
}

/* A new row of the platform's feed. fields may be empty. */
static void add(struct call *c, const char *type, bool has_organization, struct view fields, struct moment when)
{
	struct buf json = BUF_INIT(RECORD_BYTES);
	struct extra e = { .at_us = when.at_us,
			   .visible_us = when.visible_us,
			   .id = feed_new_id(&c->mock->feed),
			   .type = type,
			   .has_organization = has_organization };
	struct jsonw w;

	jsonw_init(&w, &json, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "id", e.id.text);
	call_when(&w, "created_at", when.at_us);
	call_or_null(&w, "organization_id", has_organization ? c->model->organization.text : NULL);
	call_or_null(&w, "organization_uuid", has_organization ? c->model->organization_uuid.text : NULL);
	write_actor(&w, c);
	jsonw_member_text(&w, "type", type);
	jsonw_end(&w);
	must(!jsonw_ok(&w));
	if (fields.len) {
		buf_cut(&json, json.len - 1); /* the brace */
		must(buf_add_text(&json, ",") || buf_add(&json, fields) || buf_add_text(&json, "}"));
	}
	e.json = must_have(buf_detach(&json));
	feed_add(&c->mock->feed, &e);
}

static void add_cca(struct call *c, const char *type, struct view fields, struct moment when)
{
	struct buf json = BUF_INIT(RECORD_BYTES);
	struct extra e = { .at_us = when.at_us,
			   .visible_us = when.visible_us,
			   .id = feed_new_id(&c->mock->cca_feed),
			   .type = type,
			   .has_organization = true };
	struct ident key = rng_ident("key_", c->mock->settings->seed, RNG_CREDENTIAL, (uint64_t)c->cred);
	struct jsonw w;

	jsonw_init(&w, &json, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "id", e.id.text);
	call_when(&w, "timestamp", e.at_us);
	jsonw_member_text(&w, "type", type);
	jsonw_member_text(&w, "organization_id", c->model->organization.text);
	jsonw_member_text(&w, "api_key_id", key.text);
	jsonw_key(&w, "details");
	jsonw_object(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	must(!jsonw_ok(&w));
	buf_cut(&json, json.len - 2);
	must(buf_add(&json, fields) || buf_add_text(&json, "}}"));
	e.json = must_have(buf_detach(&json));
	feed_add(&c->mock->cca_feed, &e);
}

void call_record(struct call *c, const char *type, const char *cca_type, struct view fields)
{
	if (!c->mock->is_off)
		add(c, type, true, fields, now(c));
	add_cca(c, cca_type, fields, now(c));
}

void record_add(struct call *c, const char *type, int64_t at_us, int64_t visible_us)
{
	const struct moment when = { at_us, visible_us };

	if (!c->mock->is_off)
		add(c, type, true, VIEW("\"api_key_id\":\"apikey_01late\""), when);
	add_cca(c, "agents.update", VIEW_NONE, when);
}

static void record_access(struct call *c)
{
	DEFER(buf_done) struct buf fields = BUF_INIT(RECORD_BYTES);
	struct buf object = BUF_INIT(RECORD_BYTES);
	struct jsonw w;

	jsonw_init(&w, &object, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "request_id", c->request_id.text);
	jsonw_member_text(&w, "request_method", c->rq->method);
	jsonw_member_u64(&w, "status_code", c->rp->status);
	jsonw_member_text(&w, "url", c->rq->target);
	call_null(&w, "request_body");
	jsonw_end(&w);
	must(!jsonw_ok(&w) || buf_add(&fields, view_sub(buf_view(&object), 1, object.len - 2)));
	buf_done(&object);
	add(c, "compliance_api_accessed", false, buf_view(&fields), now(c));
}

void route_record_read(struct call *c)
{
	static const char *const viewed[][2] = {
		{ "/v1/organizations/cost_report", "platform_cost_report_viewed" },
		{ "/v1/organizations/usage_report/messages", "platform_usage_report_messages_viewed" },
		{ "/v1/organizations/usage_report/claude_code", "platform_usage_report_claude_code_viewed" },
	};

	if (c->mock->is_off || !c->mock->settings->self_feed)
		return;
	if (text_starts(c->rq->path, VIEW("/v1/compliance/")))
		record_access(c);
	for (size_t i = 0; i < ARRAY_LEN(viewed); i++)
		if (text_eq(c->rq->path, view_of(viewed[i][0])))
			add(c, viewed[i][1], true, VIEW_NONE, now(c));
}
