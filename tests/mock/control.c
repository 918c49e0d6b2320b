/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/control.h"

#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/change.h"
#include "tests/mock/must.h"
#include "tests/mock/record.h"
#include "tests/mock/route.h"
#include "tests/mock/when.h"

#define ADD_MAX 1'000'000

static void write_routes(struct call *c)
{
	jsonw_key(&c->w, "routes");
	jsonw_object(&c->w);
	for (size_t i = 0; i < route_count(); i++) {
		DEFER(buf_done) struct buf name = BUF_INIT(256);

		if (!c->mock->route_counts[i])
			continue;
		must(buf_addf(&name, "%s %s", route_at(i)->method, route_at(i)->pattern));
		jsonw_member_u64(&c->w, name.ptr, c->mock->route_counts[i]);
	}
	jsonw_end(&c->w);
}

static void write_script(struct call *c)
{
	const struct script *s = &c->mock->script;

	jsonw_key(&c->w, "fired");
	jsonw_array(&c->w);
	for (size_t i = 0; i < s->fault_count; i++)
		jsonw_u64(&c->w, s->faults[i].match.fired);
	jsonw_end(&c->w);
	jsonw_key(&c->w, "expected");
	jsonw_array(&c->w);
	for (size_t i = 0; i < s->expected_count; i++)
		jsonw_u64(&c->w, s->expected[i].fired);
	jsonw_end(&c->w);
}

static void get_state(struct call *c)
{
	jsonw_object(&c->w);
	jsonw_member_u64(&c->w, "requests", c->mock->requests);
	jsonw_member_u64(&c->w, "connections", c->mock->connections);
	call_when(&c->w, "now", c->now_us);
	jsonw_member_u64(&c->w, "activities", c->mock->feed.count + c->mock->feed.extra_count);
	jsonw_member_u64(&c->w, "cca_activities", c->mock->cca_feed.count + c->mock->cca_feed.extra_count);
	jsonw_key(&c->w, "unexpected");
	jsonw_array(&c->w);
	for (size_t i = 0; i < MOCK_REASONS && c->mock->reasons[i]; i++)
		jsonw_string(&c->w, view_of(c->mock->reasons[i]));
	jsonw_end(&c->w);
	write_routes(c);
	write_script(c);
	jsonw_end(&c->w);
}

static void bad(struct call *c, const char *why)
{
	call_fail(c, 400, "mock_error", "%s", why);
}

static void post_script(struct call *c)
{
	struct script script = { .faults = NULL };
	struct err err = ERR_INIT;

	if (script_read(&script, buf_view(&c->rq->body), &err)) {
		script_done(&script);
		bad(c, err.text);
		return;
	}
	script_done(&c->mock->script);
	c->mock->script = script;
	jsonw_object(&c->w);
	jsonw_end(&c->w);
}

static void post_advance(struct call *c)
{
	uint64_t seconds;

	if (text_u64(call_member(c, "seconds"), 1'000'000'000, &seconds)) {
		bad(c, "{\"seconds\":N} was expected");
		return;
	}
	c->mock->advanced_us += (int64_t)seconds * WHEN_SECOND;
	jsonw_object(&c->w);
	call_when(&c->w, "now", mock_now(c->mock));
	jsonw_end(&c->w);
}

/* A number of seconds that may be left out. 0 or -1. */
static int optional(struct call *c, const char *name, int64_t *ret_us)
{
	struct view value = call_member(c, name);
	uint64_t seconds = 0;

	if (value.ptr && text_u64(value, 1'000'000'000, &seconds))
		return -1;
	*ret_us = (int64_t)seconds * WHEN_SECOND;
	return 0;
}

/* {"activities":N, "seconds_ago":N?, "visible_in":N?}: new ones, late ones, ones that will have been late. */
static void post_add(struct call *c)
{
	int64_t ago_us, hidden_us;
	uint64_t count;

	if (text_u64(call_member(c, "activities"), ADD_MAX, &count) || optional(c, "seconds_ago", &ago_us) ||
	    optional(c, "visible_in", &hidden_us)) {
		bad(c, "{\"activities\":N} was expected");
		return;
	}
	for (uint64_t i = 0; i < count; i++)
		record_add(c, "platform_api_key_created", c->now_us - ago_us, c->now_us + hidden_us);
	get_state(c);
}

/* {"on":false}: the Compliance API is switched off, or on again; both leave a record where there is a feed. */
static void post_compliance(struct call *c)
{
	struct view on = call_member(c, "on");
	bool is_on = on.ptr && json_type_of(on) == JSON_TRUE;

	c->mock->is_off = false;
	call_record(c, "org_compliance_api_settings_updated", "agents.update",
		    is_on ? VIEW("\"compliance_api_enabled\":true") : VIEW("\"compliance_api_enabled\":false"));
	c->mock->is_off = !is_on;
	get_state(c);
}

void control_answer(struct call *c, struct http_request *rq)
{
	static const struct {
		const char *method, *path;
		void (*answer)(struct call *c);
	} calls[] = {
		{ "GET", "/__mock/state", get_state },
		{ "POST", "/__mock/script", post_script },
		{ "POST", "/__mock/advance", post_advance },
		{ "POST", "/__mock/add", post_add },
		{ "POST", "/__mock/compliance", post_compliance },
	};

	http_reply_header(c->rp, "content-type", "application/json");
	c->cred = CRED_ADMIN; /* who is said to have done what tests add */
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (strcmp(calls[i].method, rq->method) != 0 || !text_eq(rq->path, view_of(calls[i].path)))
			continue;
		calls[i].answer(c);
		return;
	}
	if (!change_answer(c))
		bad(c, "there is no such call of the mock's");
}
