/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/client.h"

#include <fcntl.h>

#include "common/sys/json.h"
#include "tests/support/client.h"
#include "tests/support/unit.h"

/* What the peer answers, one after the other; the last one again and again. */
struct script {
	struct {
		const char *status, *headers, *body;
		size_t cut_at; /* 0 = nothing is cut */
		bool reset, silent;
	} replies[4];
	unsigned count;
	const char *raw; /* sent as it is instead */
	char last[4096]; /* the last request */
};

static struct client client;
static struct script script;

static void answer(void *context, unsigned n, const char *request, struct peer_reply *reply)
{
	struct script *s = context;
	unsigned i = n < s->count ? n : s->count - 1;

	(void)snprintf(s->last, sizeof(s->last), "%s", request);
	peer_answer(reply, s->replies[i].status, s->replies[i].headers ? s->replies[i].headers : "",
		    s->replies[i].body);
	if (s->replies[i].cut_at)
		reply->cut_at = s->replies[i].cut_at;
	reply->reset = s->replies[i].reset;
	reply->silent = s->replies[i].silent;
	if (s->raw) {
		reply->len = reply->cut_at = strlen(s->raw);
		memcpy(reply->bytes, s->raw, reply->len);
	}
}

static void say(const char *status, const char *headers, const char *body)
{
	script.replies[script.count].status = status;
	script.replies[script.count].headers = headers;
	script.replies[script.count++].body = body;
}

static int set_up(void **state)
{
	(void)state;
	memset(&script, 0, sizeof(script));
	client_start(&client, answer, &script);
	client_set_key(&client, CREDENTIAL_ADMIN, "sk-ant-admin01-");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	client_stop(&client);
	return 0;
}

static const struct api_argument user = { .name = "id", .value = { .ptr = "user_1", .len = 6 } };
static const struct api_argument invite[] = { { "email", { "a@example.com", 13 } }, { "role", { "user", 4 } } };

struct result {
	int status;
	struct api_reply reply;
	struct api_refusal refusal;
	struct err err;
};

static void result_done(struct result *r)
{
	api_reply_done(&r->reply);
}

static struct result call(enum api_operation operation, const struct api_argument *arguments, size_t count)
{
	struct result r = { .err = ERR_INIT };

	if (!client.api)
		client_open(&client);
	r.status = api_call(client.api, operation, arguments, count, &r.reply, &r.refusal, &r.err);
	return r;
}

static struct result get_user(void)
{
	return call(API_USER_GET, &user, 1);
}

static struct result send_invite(void)
{
	return call(API_INVITE_CREATE, invite, 2);
}

static unsigned requests(void)
{
	return atomic_load(&client.peer.requests);
}

static void assert_says(const struct result *r, enum err_kind kind, const char *part)
{
	assert_int_equal(r->status, -1);
	if (r->err.kind != kind || !strstr(r->err.text, part))
		fail_msg("kind %d, '%s'", (int)r->err.kind, r->err.text);
}

static const char no_scope[] = "{\"type\":\"error\",\"error\":{\"type\":\"permission_error\",\"message\":"
			       "\"Missing required scopes. Got: ['a'] Needed: ['b']\"}}";

static void a_call_gives_the_body_as_it_came_and_the_ids_in_its_headers(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	say("200 OK", "request-id: req_01\r\nAnthropic-Organization-Id: org-uuid\r\n", "{\"id\" : \"user_1\"}");
	r = get_user();
	assert_int_equal(r.status, 0);
	assert_int_equal(r.reply.status, 200);
	assert_true(r.reply.was_sent);
	assert_view(buf_view(&r.reply.body), "{\"id\" : \"user_1\"}");
	assert_view(buf_view(&r.reply.request_id), "req_01");
	assert_view(buf_view(&r.reply.organization), "org-uuid");
}

static void a_call_sends_the_key_the_version_and_who_asks(void **state)
{
	char header[CLIENT_KEY_BYTES + 16] = "x-api-key: ", key[CLIENT_KEY_BYTES];
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client_make_key(key, "sk-ant-admin01-");
	(void)snprintf(header, sizeof(header), "\r\nx-api-key: %s\r\n", key);
	say("200 OK", NULL, "{}");
	r = get_user();
	assert_int_equal(strncmp(script.last, "GET /v1/organizations/users/user_1 HTTP/1.1\r\n", 45), 0);
	assert_non_null(strstr(script.last, header));
	assert_non_null(strstr(script.last, "\r\nanthropic-version: 2023-06-01\r\n"));
	assert_non_null(strstr(script.last, "\r\nUser-Agent: test/1\r\n"));
	assert_null(strstr(script.last, "uthorization"));
}

static void a_write_is_json_even_without_a_body(void **state)
{
	static const struct api_argument workspace = { "id", { "wrkspc_1", 8 } };
	DEFER(result_done) struct result r = { .status = 1 }, with_body = { .status = 1 };

	(void)state;
	say("200 OK", NULL, "{}");
	r = call(API_WORKSPACE_ARCHIVE, &workspace, 1);
	assert_int_equal(r.status, 0);
	assert_int_equal(strncmp(script.last, "POST /v1/organizations/workspaces/wrkspc_1/archive HTTP/1.1\r\n", 60),
			 0);
	assert_non_null(strstr(script.last, "\r\nContent-Length: 0\r\n"));
	assert_non_null(strstr(script.last, "\r\ncontent-type: application/json\r\n"));
	assert_null(strstr(script.last, "form-urlencoded"));
	with_body = send_invite();
	assert_int_equal(with_body.status, 0);
	assert_non_null(strstr(script.last, "\r\ncontent-type: application/json\r\n"));
	assert_null(strstr(script.last, "\r\nExpect"));
	assert_non_null(strstr(script.last, "\r\n\r\n{\"email\":\"a@example.com\",\"role\":\"user\"}"));
}

static void a_removal_is_a_delete(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 }, next = { .status = 1 };

	(void)state;
	say("200 OK", NULL, "{}");
	r = call(API_USER_DELETE, &user, 1);
	assert_int_equal(r.status, 0);
	assert_int_equal(strncmp(script.last, "DELETE /v1/organizations/users/user_1 HTTP/1.1\r\n", 48), 0);
	next = get_user();
	assert_int_equal(next.status, 0);
	assert_int_equal(strncmp(script.last, "GET ", 4), 0);
}

static void a_token_goes_as_a_bearer_and_never_as_a_key(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client_set_key(&client, CREDENTIAL_OAUTH, "sk-ant-oat01-");
	say("200 OK", NULL, "{}");
	r = get_user();
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(script.last, "\r\nauthorization: Bearer sk-ant-oat01-"));
	assert_null(strstr(script.last, "x-api-key"));
	assert_null(strstr(script.last, "anthropic-beta"));
}

static void a_token_for_models_names_the_beta_that_lets_it_in(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client_set_key(&client, CREDENTIAL_OAUTH, "sk-ant-oat01-");
	say("200 OK", NULL, "{}");
	r = call(API_MODEL_LIST, NULL, 0);
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(script.last, "\r\nanthropic-beta: oauth-2025-04-20\r\n"));
}

static void without_a_key_that_may_nothing_is_sent(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	say("200 OK", NULL, "{}");
	r = call(API_MODEL_LIST, NULL, 0);
	assert_says(&r, ERR_CONFIG, "model.list: there is no key that may do it");
	assert_string_equal(strstr(r.err.text, "; of another"), "; of another kind there is: admin ($TEST_KEY_ADMIN)");
	assert_int_equal(requests(), 0);
}

static void a_key_of_another_kind_is_told_before_anything_is_sent(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client_set_key(&client, CREDENTIAL_ADMIN, "sk-ant-api03-");
	say("200 OK", NULL, "{}");
	r = get_user();
	assert_says(&r, ERR_CONFIG, "$TEST_KEY_ADMIN holds a key of kind 'api'");
	assert_int_equal(requests(), 0);
}

static void the_weakest_key_that_may_is_sent(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client_set_key(&client, CREDENTIAL_API, "sk-ant-api03-");
	client_set_key(&client, CREDENTIAL_COMPLIANCE, "sk-ant-api01-");
	say("200 OK", NULL, "{}");
	r = call(API_ACTIVITY_LIST, NULL, 0);
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(script.last, "x-api-key: sk-ant-api01-"));
}

static void a_key_that_lacks_the_scope_gives_way_and_is_not_asked_again(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 }, again = { .status = 1 };

	(void)state;
	client_set_key(&client, CREDENTIAL_COMPLIANCE, "sk-ant-api01-");
	say("403 Forbidden", NULL, no_scope);
	say("200 OK", NULL, "{}");
	r = get_user();
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(script.last, "x-api-key: sk-ant-admin01-"));
	assert_int_equal(requests(), 2);
	again = get_user();
	assert_int_equal(again.status, 0);
	assert_int_equal(requests(), 3);
}

static void a_refusal_tells_type_message_request_and_whose_key_it_was(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	say("403 Forbidden", "request-id: req_02\r\n", no_scope);
	r = get_user();
	assert_says(&r, ERR_REFUSED,
		    "user.get: 403 permission_error: Missing required scopes. Got: ['a'] Needed: ['b']");
	assert_non_null(strstr(r.err.text, "the admin key of $TEST_KEY_ADMIN (request req_02)"));
	assert_int_equal(r.refusal.status, 403);
	assert_string_equal(r.refusal.type, "permission_error");
	assert_int_equal(requests(), 1);
}

static void a_key_in_a_message_of_the_server_is_masked(void **state)
{
	static char body[512];
	char key[CLIENT_KEY_BYTES];
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client_make_key(key, "sk-ant-admin01-");
	(void)snprintf(body, sizeof(body), "{\"error\":{\"type\":\"authentication_error\",\"message\":\"bad %s\"}}",
		       key);
	say("401 Unauthorized", NULL, body);
	r = get_user();
	assert_says(&r, ERR_REFUSED, "bad sk-ant-admin01-");
	assert_null(strstr(r.err.text, key));
	assert_null(strstr(r.refusal.message, key));
}

static void a_key_that_a_server_sends_back_in_a_header_goes_nowhere(void **state)
{
	static char headers[512];
	char key[CLIENT_KEY_BYTES], text[2048] = "";
	int fds[2];
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	client.options.request_log_fd = fds[1];
	client_make_key(key, "sk-ant-admin01-");
	(void)snprintf(headers, sizeof(headers), "request-id: %s\r\ncontent-type: text/%s\r\n", key, key);
	say("502 Bad Gateway", headers, "");
	r = get_user();
	assert_says(&r, ERR_LATER, "502: the answer is text/sk-ant-admin01-");
	assert_null(strstr(r.err.text, key));
	assert_null(strstr(r.reply.request_id.ptr, key));
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_null(strstr(text, key));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void what_may_pass_is_tried_again(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client.options.max_retries = 2;
	say("503 Unavailable", "retry-after: 0\r\n", "");
	say("529 Overloaded", "retry-after: 0\r\n", "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}");
	say("200 OK", NULL, "{}");
	r = get_user();
	assert_int_equal(r.status, 0);
	assert_int_equal(requests(), 3);
}

static int read_json(void *context, struct view body, struct err *err)
{
	return json_whole(body, context, err);
}

static struct result call_read(enum api_operation operation, const struct api_argument *arguments, size_t count,
			       struct view *ret_json)
{
	const struct api_reading reading = { read_json, ret_json };
	struct result r = { .err = ERR_INIT };

	client_open(&client);
	r.status = api_call_read(client.api, operation, arguments, count, &reading, &r.reply, &r.refusal, &r.err);
	return r;
}

static void an_answer_that_cannot_be_read_is_asked_for_again(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };
	struct view json;

	(void)state;
	client.options.max_retries = 2;
	say("200 OK", "retry-after: 0\r\n", "{\"id\":\"user");
	say("200 OK", "retry-after: 0\r\n", "");
	say("200 OK", NULL, "{\"id\":\"user_1\"}");
	r = call_read(API_USER_GET, &user, 1, &json);
	assert_int_equal(r.status, 0);
	assert_view(json, "{\"id\":\"user_1\"}");
	assert_ptr_equal(json.ptr, r.reply.body.ptr); /* views of the body are the caller's to use */
	assert_int_equal(requests(), 3);
}

static void an_answer_that_can_never_be_read_is_told_with_all_tries(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };
	struct view json;

	(void)state;
	client.options.max_retries = 1;
	say("200 OK", "retry-after: 0\r\nrequest-id: req_04\r\n", "[1,");
	r = call_read(API_USER_GET, &user, 1, &json);
	assert_says(&r, ERR_FORMAT, "user.get: not valid JSON at byte 3");
	assert_non_null(strstr(r.err.text, "tried 2 times in "));
	assert_non_null(strstr(r.err.text, "200, answer cannot be read (req_04)"));
}

static void a_write_whose_answer_cannot_be_read_is_not_sent_again(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };
	struct view json;

	(void)state;
	client.options.max_retries = 3;
	say("200 OK", "retry-after: 0\r\n", "{");
	r = call_read(API_INVITE_CREATE, invite, 2, &json);
	assert_says(&r, ERR_FORMAT,
		    "it may have been carried out all the same and was not sent again: look (invite.list)");
	assert_int_equal(requests(), 1);
}

static void after_the_last_try_all_causes_are_told(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client.options.max_retries = 1;
	say("503 Unavailable", "retry-after: 0\r\n", "");
	say("529 Overloaded", "retry-after: 0\r\nrequest-id: req_03\r\n",
	    "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}");
	r = get_user();
	assert_says(&r, ERR_LATER, "tried 2 times in ");
	assert_non_null(strstr(r.err.text, ": 503; 529 overloaded_error (req_03)"));
}

static void a_spend_limit_is_no_reason_to_come_again(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client.options.max_retries = 3;
	say("429 Too Many", NULL,
	    "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\",\"details\":{\"error_code\":"
	    "\"enforced_spend_limit_reached\"}}}");
	r = get_user();
	assert_says(&r, ERR_REFUSED, "the spend limit has been reached");
	assert_int_equal(requests(), 1);
}

static void a_limit_that_holds_beyond_the_deadline_ends_the_call_at_once(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 }, next = { .status = 1 };

	(void)state;
	client.options.max_retries = 3;
	say("429 Too Many", "retry-after: 7200\r\n", "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\"}}");
	r = get_user();
	assert_says(&r, ERR_LATER, "the next try may be in 7200 s, behind the deadline");
	next = get_user();
	assert_says(&next, ERR_LATER, "the rate limit leaves no room before the call's deadline");
	assert_int_equal(requests(), 1);
}

static void what_the_server_says_of_its_limit_holds_for_the_next_call(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 }, next = { .status = 1 };

	(void)state;
	client.options.deadline_ms = 10000;
	say("200 OK",
	    "date: Sun, 01 Nov 2026 12:00:00 GMT\r\nanthropic-ratelimit-requests-limit: 50\r\n"
	    "anthropic-ratelimit-requests-remaining: 0\r\n"
	    "anthropic-ratelimit-requests-reset: 2026-11-01T12:00:30Z\r\n",
	    "{}");
	r = get_user();
	assert_int_equal(r.status, 0);
	next = get_user();
	assert_says(&next, ERR_LATER, "the rate limit leaves no room before the call's deadline");
	assert_int_equal(requests(), 1);
}

static void a_write_that_may_have_happened_is_not_sent_again(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client.options.max_retries = 3;
	say("500 Oops", NULL, "{\"error\":{\"type\":\"api_error\",\"message\":\"m\"}}");
	r = send_invite();
	assert_says(&r, ERR_LATER,
		    "it may have been carried out all the same and was not sent again: look (invite.list)");
	assert_int_equal(requests(), 1);
}

static void a_write_goes_over_a_connection_of_its_own(void **state)
{
	DEFER(result_done) struct result first = { .status = 1 }, r = { .status = 1 };

	(void)state;
	client.options.max_retries = 3;
	say("200 OK", NULL, "{}");
	say("200 OK", NULL, "{}");
	script.replies[1].cut_at = 1;
	script.replies[1].reset = true;
	first = get_user();
	assert_int_equal(first.status, 0);
	r = send_invite();
	assert_says(&r, ERR_LATER, "look (invite.list)");
	assert_int_equal(requests(), 2); /* over the kept connection, libcurl would have sent it again */
}

static void a_redirect_is_told_and_not_followed(void **state)
{
	static char location[128];
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	(void)snprintf(location, sizeof(location), "location: %s/elsewhere\r\n", client.peer.url);
	client.options.max_retries = 3;
	say("307 Temporary Redirect", location, "");
	r = get_user();
	assert_says(&r, ERR_REFUSED, "307, a redirect, which is not followed");
	assert_int_equal(requests(), 1);
}

static void a_page_of_a_proxy_is_named_and_not_shown(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	say("502 Bad Gateway", "content-type: text/html; charset=utf-8\r\n", "<html>secret words</html>");
	r = get_user();
	assert_says(&r, ERR_LATER, "502: the answer is text/html, without the API's error object: a proxy");
	assert_null(strstr(r.err.text, "secret words"));
}

static void a_good_page_of_html_is_no_answer(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	say("200 OK", "content-type: text/html\r\n", "<html>sign in</html>");
	r = get_user();
	assert_says(&r, ERR_FORMAT, "text/html where JSON was expected");
}

static void a_body_that_does_not_inflate_is_told_as_such(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	say("200 OK", "content-encoding: gzip\r\n", "this is no gzip at all");
	r = get_user();
	assert_says(&r, ERR_FORMAT, "cannot be decoded");
}

static void what_is_no_http_is_told_as_such(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	say("200 OK", NULL, "{}");
	script.raw = "SSH-2.0-OpenSSH_9.2\r\n";
	r = get_user();
	assert_says(&r, ERR_FORMAT, " speaks no HTTP");
}

static void a_server_that_says_nothing_ends_with_the_time(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	client.options.timeout_ms = 200;
	say("200 OK", NULL, "{}");
	script.replies[0].silent = true;
	r = get_user();
	assert_says(&r, ERR_LATER, "no whole answer came in time from 127.0.0.1:");
}

static void a_raised_flag_ends_a_call(void **state)
{
	static atomic_bool stop;
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	atomic_store(&stop, true);
	client.options.stop = &stop;
	client.options.max_retries = 3;
	say("200 OK", NULL, "{}");
	script.replies[0].silent = true;
	r = get_user();
	assert_says(&r, ERR_LATER, "stop");
}

static int note_request(void *context, const char *method, struct view target, struct view body, struct err *err)
{
	char *ret = context;

	(void)err;
	(void)snprintf(ret, 256, "%s %.*s %.*s", method, (int)target.len, target.ptr, (int)body.len, body.ptr);
	return 0;
}

static void a_dry_run_shows_writes_and_sends_reads(void **state)
{
	static char shown[256];
	DEFER(result_done) struct result r = { .status = 1 }, read = { .status = 1 };

	(void)state;
	client.options.dry_run = note_request;
	client.options.context = shown;
	say("200 OK", NULL, "{}");
	r = send_invite();
	assert_int_equal(r.status, 0);
	assert_false(r.reply.was_sent);
	assert_string_equal(shown, "POST /v1/organizations/invites {\"email\":\"a@example.com\",\"role\":\"user\"}");
	assert_int_equal(requests(), 0);
	read = get_user();
	assert_int_equal(read.status, 0);
	assert_int_equal(requests(), 1);
}

static void a_proxy_of_the_environment_never_sees_a_plain_request(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("all_proxy", "http://127.0.0.1:1", 1);
	say("200 OK", NULL, "{}");
	r = get_user();
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
	assert_int_equal(r.status, 0);
}

static void the_request_log_has_a_line_a_try_without_query_key_and_body(void **state)
{
	static const struct api_argument by_email[] = { { "email", { "who@example.com", 15 } } };
	char text[2048] = "";
	int fds[2];
	DEFER(result_done) struct result r = { .status = 1 };

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	client.options.request_log_fd = fds[1];
	client.options.max_retries = 1;
	say("503 Unavailable", "retry-after: 0\r\nrequest-id: req_04\r\n", "secret words");
	say("200 OK", NULL, "{}");
	r = call(API_USER_LIST, by_email, 1);
	assert_int_equal(r.status, 0);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_non_null(strstr(text, "\"method\":\"GET\",\"path\":\"/v1/organizations/users\",\"status\":503,"
				     "\"request_id\":\"req_04\",\"duration_ms\":"));
	assert_non_null(strstr(text, "\"status\":200,"));
	assert_null(strstr(text, "example.com"));
	assert_null(strstr(text, "secret words"));
	assert_null(strstr(text, "sk-ant"));
}

struct observed {
	unsigned count;
	struct api_try tries[4];
	char causes[4][16];
	unsigned pauses;
	char pause_causes[4][16];
};

static void observe(void *context, const struct api_try *t)
{
	struct observed *o = context;

	assert_true(o->count < ARRAY_LEN(o->tries));
	o->tries[o->count] = *t;
	(void)snprintf(o->causes[o->count++], sizeof(o->causes[0]), "%s", t->retry_cause);
}

static void note_pause(void *context, enum api_operation operation, const char *cause, uint64_t wait_ns)
{
	struct observed *o = context;

	assert_true(o->pauses < ARRAY_LEN(o->pause_causes));
	assert_int_equal(operation, API_USER_GET);
	assert_true(wait_ns < 60 * UINT64_C(1'000'000'000));
	(void)snprintf(o->pause_causes[o->pauses++], sizeof(o->pause_causes[0]), "%s", cause);
}

static void each_try_is_told_with_what_came_of_it_and_why_it_was_made(void **state)
{
	DEFER(result_done) struct result r = { .status = 1 };
	struct observed o = { .count = 0 };

	(void)state;
	say("429 Too Many Requests", "retry-after: 0\r\n", "{}");
	say("200 OK", "", "{\"id\":\"user_1\"}");
	script.replies[1].reset = true;
	script.replies[1].cut_at = 30;
	say("200 OK", "", "{\"id\":\"user_1\"}");
	client.options.max_retries = 2;
	client.options.observed = observe;
	client.options.pauses = note_pause;
	client.options.context = &o;
	r = get_user();
	assert_int_equal(r.status, 0);
	assert_int_equal(o.count, 3);
	assert_int_equal(o.tries[0].operation, API_USER_GET);
	assert_int_equal(o.tries[0].status, 429);
	assert_false(o.tries[0].is_retry);
	assert_string_equal(o.causes[0], "");
	assert_true(o.tries[1].is_retry);
	assert_string_equal(o.causes[1], "429");
	assert_int_equal(o.tries[1].fault, TRANSPORT_RESET);
	assert_string_equal(o.causes[2], "reset");
	assert_int_equal(o.tries[2].status, 200);
	assert_int_equal(o.tries[2].fault, TRANSPORT_OK);
	assert_int_equal(o.pauses, 2);
	assert_string_equal(o.pause_causes[0], "429");
	assert_string_equal(o.pause_causes[1], "reset");
}

static void the_servers_own_time_comes_with_the_reply(void **state)
{
	DEFER(result_done) struct result with = { .status = 1 };
	DEFER(result_done) struct result without = { .status = 1 };

	(void)state;
	say("200 OK", "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "{}");
	say("200 OK", "date: yesterday\r\n", "{}");
	with = get_user();
	without = get_user();
	assert_int_equal(with.reply.date_s, 784111777);
	assert_int_equal(without.status, 0);
	assert_int_equal(without.reply.date_s, 0);
}

static void a_key_of_the_callers_is_sent_instead_of_the_profiles(void **state)
{
	struct api_reply reply = { .status = 0 };
	struct err err = ERR_INIT;
	char key[CLIENT_KEY_BYTES];

	(void)state;
	client_make_key(key, "sk-ant-api03-");
	say("200 OK", NULL, "{}");
	client_open(&client);
	assert_int_equal(
		api_call_with(client.api, view_of(key), CREDENTIAL_API, API_ORG_GET, NULL, 0, &reply, NULL, &err), 0);
	assert_non_null(strstr(script.last, "x-api-key: sk-ant-api03-"));
	api_reply_done(&reply);
}

static void a_key_that_breaks_out_of_its_header_is_not_sent(void **state)
{
	struct api_reply reply = { .status = 0 };
	struct err err = ERR_INIT;

	(void)state;
	say("200 OK", NULL, "{}");
	client_open(&client);
	assert_int_equal(api_call_with(client.api, VIEW("sk-ant-api03-a\r\nx: y"), CREDENTIAL_API, API_ORG_GET, NULL, 0,
				       &reply, NULL, &err),
			 -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(requests(), 0);
	api_reply_done(&reply);
}

static void whether_a_key_is_there_is_known_without_a_request(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	say("200 OK", NULL, "{}");
	client_open(&client);
	assert_int_equal(api_has(client.api, CREDENTIAL_ADMIN, &err), 1);
	assert_int_equal(api_has(client.api, CREDENTIAL_API, &err), 0);
	assert_int_equal(requests(), 0);
}

/* Breaks the connection at each byte of a reply, by a reset or by closing it: a call ends well only when all of it was
 * there, and a write reaches the server once. */
static void break_everywhere(bool reset, bool writes)
{
	static const char body[] = "{\"id\":\"user_1\"}";
	struct peer_reply whole;
	unsigned before = 0;

	say("200 OK", "content-type: application/json\r\nrequest-id: req_05\r\n", body);
	peer_answer(&whole, script.replies[0].status, script.replies[0].headers, body);
	for (size_t at = 0; at < whole.len; at++) {
		DEFER(result_done) struct result r = { .status = 1 };

		script.replies[0].cut_at = at ? at : 1;
		script.replies[0].reset = reset;
		r = writes ? send_invite() : get_user();
		assert_int_equal(r.status, -1);
		assert_true(r.err.kind == ERR_LATER || r.err.kind == ERR_FORMAT);
		assert_true(!writes || requests() == before + 1);
		assert_true(!writes || strstr(r.err.text, "it may have been carried out"));
		before = requests();
	}
}

static void a_reply_that_is_reset_at_any_byte_is_no_reply(void **state)
{
	(void)state;
	break_everywhere(true, false);
}

static void a_reply_that_is_closed_at_any_byte_is_no_reply(void **state)
{
	(void)state;
	break_everywhere(false, false);
}

static void a_write_whose_reply_is_reset_at_any_byte_is_sent_once(void **state)
{
	(void)state;
	break_everywhere(true, true);
}

static void a_write_whose_reply_is_closed_at_any_byte_is_sent_once(void **state)
{
	(void)state;
	break_everywhere(false, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_gives_the_body_as_it_came_and_the_ids_in_its_headers),
		TEST(a_call_sends_the_key_the_version_and_who_asks),
		TEST(a_write_is_json_even_without_a_body),
		TEST(a_removal_is_a_delete),
		TEST(a_token_goes_as_a_bearer_and_never_as_a_key),
		TEST(a_token_for_models_names_the_beta_that_lets_it_in),
		TEST(without_a_key_that_may_nothing_is_sent),
		TEST(a_key_of_another_kind_is_told_before_anything_is_sent),
		TEST(the_weakest_key_that_may_is_sent),
		TEST(a_key_that_lacks_the_scope_gives_way_and_is_not_asked_again),
		TEST(a_refusal_tells_type_message_request_and_whose_key_it_was),
		TEST(a_key_in_a_message_of_the_server_is_masked),
		TEST(a_key_that_a_server_sends_back_in_a_header_goes_nowhere),
		TEST(what_may_pass_is_tried_again),
		TEST(an_answer_that_cannot_be_read_is_asked_for_again),
		TEST(an_answer_that_can_never_be_read_is_told_with_all_tries),
		TEST(a_write_whose_answer_cannot_be_read_is_not_sent_again),
		TEST(after_the_last_try_all_causes_are_told),
		TEST(a_spend_limit_is_no_reason_to_come_again),
		TEST(a_limit_that_holds_beyond_the_deadline_ends_the_call_at_once),
		TEST(what_the_server_says_of_its_limit_holds_for_the_next_call),
		TEST(a_write_that_may_have_happened_is_not_sent_again),
		TEST(a_write_goes_over_a_connection_of_its_own),
		TEST(a_redirect_is_told_and_not_followed),
		TEST(a_page_of_a_proxy_is_named_and_not_shown),
		TEST(a_good_page_of_html_is_no_answer),
		TEST(a_body_that_does_not_inflate_is_told_as_such),
		TEST(what_is_no_http_is_told_as_such),
		TEST(a_server_that_says_nothing_ends_with_the_time),
		TEST(a_raised_flag_ends_a_call),
		TEST(a_dry_run_shows_writes_and_sends_reads),
		TEST(a_proxy_of_the_environment_never_sees_a_plain_request),
		TEST(the_request_log_has_a_line_a_try_without_query_key_and_body),
		TEST(each_try_is_told_with_what_came_of_it_and_why_it_was_made),
		TEST(the_servers_own_time_comes_with_the_reply),
		TEST(a_key_of_the_callers_is_sent_instead_of_the_profiles),
		TEST(a_key_that_breaks_out_of_its_header_is_not_sent),
		TEST(whether_a_key_is_there_is_known_without_a_request),
		TEST(a_reply_that_is_reset_at_any_byte_is_no_reply),
		TEST(a_reply_that_is_closed_at_any_byte_is_no_reply),
		TEST(a_write_whose_reply_is_reset_at_any_byte_is_sent_once),
		TEST(a_write_whose_reply_is_closed_at_any_byte_is_sent_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
