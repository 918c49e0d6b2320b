/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/mock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"
#include "tests/mock/auth.h"
#include "tests/mock/control.h"
#include "tests/mock/fault.h"
#include "tests/mock/journal.h"
#include "tests/mock/must.h"
#include "tests/mock/route.h"
#include "tests/mock/when.h"

#define BASE_SPAN (30 * WHEN_DAY)
#define PATH_BYTES 4096

int64_t mock_now(const struct mock *m)
{
	int64_t now = m->settings->now_us;

	return (now ? now : clock_unix_s() * WHEN_SECOND) + m->advanced_us;
}

/* The base ends when the mock starts, and is long enough for its rows. */
static int make_feeds(struct mock *m, struct err *err)
{
	const struct settings *s = m->settings;
	int64_t end = when_floor(mock_now(m), WHEN_SECOND);
	int64_t needed = (int64_t)(s->activities / FEED_PER_SECOND + 1) * WHEN_SECOND;
	int64_t start =
		s->start_us ? when_floor(s->start_us, WHEN_SECOND) : end - (needed > BASE_SPAN ? needed : BASE_SPAN);

	if (end - start < needed)
		return err_set(err, ERR_USAGE, 0, "%llu activities need %lld seconds from --start to --now",
			       (unsigned long long)s->activities, (long long)(needed / WHEN_SECOND));
	feed_init(&m->feed, s->seed, "activity_", s->compliance_on ? s->activities : 0, start, end);
	feed_init(&m->cca_feed, s->seed ^ RNG_CCA, "act_", s->activities, start, end);
	return 0;
}

static int read_script(struct mock *m, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(SCRIPT_BYTES);

	if (!m->settings->script)
		return 0;
	if (file_read(m->settings->script, &text, err))
		return -1;
	if (script_read(&m->script, buf_view(&text), err))
		return err_prefix(err, "%s", m->settings->script);
	return 0;
}

int mock_init(struct mock *m, const struct settings *s, struct err *err)
{
	*m = (struct mock){ .settings = s, .log_fd = -1, .is_off = !s->compliance_on };
	if (read_script(m, err) || make_feeds(m, err))
		return -1;
	if (s->log) {
		m->log_fd = open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (m->log_fd < 0)
			return err_set(err, ERR_IO, errno, "cannot write the log '%s'", s->log);
	}
	model_init(&m->model, s, mock_now(m));
	auth_make(m);
	m->route_counts = must_have(calloc(route_count(), sizeof(*m->route_counts)));
	prerender_init(&m->prerender, &m->feed, &m->model, s->prerender);
	return 0;
}

void mock_done(struct mock *m)
{
	for (size_t i = 0; i < MOCK_REASONS; i++)
		free(m->reasons[i]);
	free(m->route_counts);
	model_done(&m->model);
	feed_done(&m->feed);
	feed_done(&m->cca_feed);
	script_done(&m->script);
	prerender_done(&m->prerender);
	closep(&m->log_fd);
}

static int write_credential(const char *dir, const char *name, const char *value, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	DEFER(closep) int fd = -1;

	if (buf_addf(&path, "%s/%s", dir, name))
		return err_set(err, ERR_USAGE, 0, "the path of the credentials is too long");
	fd = open(path.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, 0600) || file_write_full(fd, view_of(value)) || file_write_full(fd, VIEW("\n")))
		return err_set(err, ERR_IO, errno, "cannot write the credential '%s'", path.ptr);
	return 0;
}

int mock_write_credentials(const struct mock *m, const char *dir, struct err *err)
{
	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_set(err, ERR_IO, errno, "cannot make the folder '%s'", dir);
	for (size_t i = 0; i < CREDS; i++)
		if (auth_files[i] && write_credential(dir, auth_files[i], m->credentials[i], err))
			return -1;
	return 0;
}

/* Headers that each reply has, and those that depend on who asks. */
static void add_headers(struct call *c)
{
	struct model *m = c->model;
	const struct ident foreign = rng_uuid(~m->seed, RNG_ORGANIZATION, 0);
	struct ident uuid = c->cred == CRED_FOREIGN ? foreign : m->organization_uuid;

	if (!http_reply_get(c->rp, "content-type"))
		http_reply_header(c->rp, "content-type", "application/json");
	http_reply_header(c->rp, "request-id", "%s", c->request_id.text);
	if (c->cred == CRED_NONE || c->cred == CRED_UNKNOWN)
		return;
	http_reply_header(c->rp, "anthropic-organization-id", "%s", uuid.text);
	if (c->cred == CRED_API) /* the default workspace's own id */
		http_reply_header(c->rp, "anthropic-workspace-id", "%s", m->workspaces[0].id.text);
}

static bool check_headers(struct call *c)
{
	struct view version = http_header(c->rq, "anthropic-version"), type = http_header(c->rq, "content-type");

	if (!version.ptr) {
		call_refuse(c, 400, "invalid_request_error", "anthropic-version: header is required");
		return false;
	}
	if (!params_among("2023-06-01 2026-10-21", version)) {
		call_refuse(c, 400, "invalid_request_error", "anthropic-version: this is no valid version");
		return false;
	}
	if (c->rq->body.len &&
	    !text_eq_nocase(text_trim(view_sub(type, 0, text_find_byte(type, ';'))), VIEW("application/json"))) {
		call_refuse(c, 400, "invalid_request_error", "content-type: application/json was expected");
		return false;
	}
	return true;
}

/* Parameters that the documentation allows and this organisation's API may lack: a client has to do without. */
static bool lacks_order(struct call *c)
{
	if (c->mock->settings->asc_allowed || !text_eq(c->rq->path, VIEW("/v1/compliance/activities")) ||
	    !http_arg(c->rq, "order").ptr)
		return false;
	call_fail(c, 400, "invalid_request_error", "Unknown query parameter: 'order'.");
	return true;
}

static bool check_content(struct call *c)
{
	DEFER(buf_done) struct buf why = BUF_INIT(HTTP_REQUEST_BYTES);

	if (params_check(c->route->params, c->rq, &why)) {
		call_refuse(c, 400, "invalid_request_error", "%s", why.ptr);
		return false;
	}
	if (lacks_order(c))
		return false;
	if (!c->route->body) {
		if (c->rq->body.len == 0 || text_eq(text_trim(buf_view(&c->rq->body)), VIEW("{}")))
			return true;
		call_refuse(c, 400, "invalid_request_error", "This endpoint takes no request body.");
		return false;
	}
	if (params_check_body(c->route->body, buf_view(&c->rq->body), &why)) {
		call_refuse(c, 400, "invalid_request_error", "%s", why.ptr);
		return false;
	}
	return true;
}

/* 600 a minute over all keys and calls of the Compliance API, or as many as the settings say. */
static bool is_limited(struct call *c)
{
	struct mock *m = c->mock;
	int64_t minute = c->now_us / WHEN_MINUTE;

	if (!m->settings->rate || !text_starts(c->rq->path, VIEW("/v1/compliance/")))
		return false;
	if (minute != m->minute)
		m->minute_requests = 0;
	m->minute = minute;
	if (m->minute_requests++ < m->settings->rate)
		return false;
	call_fail(c, 429, "rate_limit_error", "This request would exceed the rate limit.");
	http_reply_header(c->rp, "retry-after", "%lld",
			  (long long)((c->now_us / WHEN_MINUTE + 1) * WHEN_MINUTE - c->now_us) / WHEN_SECOND + 1);
	return true;
}

static void find_route(struct call *c, struct http_request *rq)
{
	bool has_path = false;

	c->route = route_find(rq, &has_path);
	if (c->route)
		c->mock->route_counts[route_index(c->route)]++;
	else if (has_path)
		call_refuse(c, 405, "invalid_request_error", "Method Not Allowed");
	else
		call_refuse(c, 404, "not_found_error", "Not Found");
}

/* Everything before the handler. */
static bool check(struct call *c, struct http_request *rq)
{
	find_route(c, rq);
	if (!c->route || !check_headers(c))
		return false;
	if (http_decode_query(rq)) {
		call_refuse(c, 400, "invalid_request_error", "The query cannot be decoded.");
		return false;
	}
	return auth_allows(c) && !is_limited(c) && check_content(c);
}

static void note_unexpected(struct mock *m, const struct http_request *rq, struct http_reply *rp)
{
	struct buf text = BUF_INIT(1u << 20);

	if (!rp->unexpected.len || m->settings->lenient)
		return;
	if (script_expects(&m->script, rq))
		return;
	if (m->unexpected < MOCK_REASONS) {
		must(buf_addf(&text, "%s %.*s: %u, %s", rq->method, (int)rq->path.len, rq->path.ptr, rp->status,
			      rp->unexpected.ptr));
		m->reasons[m->unexpected] = must_have(buf_detach(&text));
	}
	m->unexpected++;
}

static void run(struct call *c, struct http_request *rq)
{
	bool is_replaced = fault_replaces(c->fault);

	if (check(c, rq) && (!is_replaced || c->fault->is_executed)) {
		c->route->answer(c);
		must(c->rp->status < 300 && !jsonw_ok(&c->w));
		route_record_read(c);
	}
	note_unexpected(c->mock, rq, c->rp);
}

void mock_answer(struct mock *m, struct http_request *rq, struct http_reply *rp, struct wire_fault *ret_wire)
{
	struct call c = { .mock = m, .model = &m->model, .rq = rq, .rp = rp, .now_us = mock_now(m) };

	*ret_wire = (struct wire_fault){ .delay_ms = 0 };
	jsonw_init(&c.w, &rp->body, 0);
	if (text_starts(rq->path, VIEW("/__mock/"))) {
		control_answer(&c, rq);
		return;
	}
	c.request_id = rng_ident("req_", m->settings->seed, RNG_REQUEST, m->requests++);
	c.cred = auth_who(m, rq);
	c.fault = script_fault(&m->script, rq);
	run(&c, rq);
	add_headers(&c);
	fault_apply(&c, ret_wire);
	journal_write(&c);
}
