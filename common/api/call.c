/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/api/refusal.h"
#include "common/api/request_log.h"
#include "common/api/retry.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/redact.h"

#define NS_PER_MS UINT64_C(1'000'000)
#define OAUTH_BETA "oauth-2025-04-20"

/* A call that is going on. */
struct tries {
	const struct call *call;
	struct retry_call limits;
	struct retry_log log;
	struct retry_try last;
	enum transport_fault fault;
	bool is_unreadable; /* a good answer, but for its body */
	struct err why;     /* of the last try's fault */
	struct api_refusal refusal;
	struct transport_reply *reply;
	char cause[RETRY_WORD_BYTES]; /* why there is another try */
};

static const enum retry_fault faults[TRANSPORT_FAULTS] = {
	[TRANSPORT_OK] = RETRY_NO_FAULT,         [TRANSPORT_NO_CONNECT] = RETRY_NO_CONNECT,
	[TRANSPORT_NO_TLS] = RETRY_TLS,          [TRANSPORT_UNTRUSTED] = RETRY_UNTRUSTED,
	[TRANSPORT_UNSENT] = RETRY_UNSENT,       [TRANSPORT_RESET] = RETRY_RESET,
	[TRANSPORT_TIMEOUT] = RETRY_TIMEOUT,     [TRANSPORT_CUT] = RETRY_CUT,
	[TRANSPORT_BAD_CODING] = RETRY_ENCODING, [TRANSPORT_NO_HTTP] = RETRY_PROTOCOL,
	[TRANSPORT_TOO_LARGE] = RETRY_TOO_LARGE, [TRANSPORT_STOPPED] = RETRY_CANCELLED,
	[TRANSPORT_NO_MEMORY] = RETRY_CANCELLED,
};

static bool is_raised(const atomic_bool *flag)
{
	return flag && atomic_load_explicit(flag, memory_order_relaxed);
}

/* Whether no more is to be sent. */
static bool is_stopped(const struct call *call)
{
	return is_raised(call->options->stop) || is_raised(call->options->drain);
}

/* 0, or -1 when stop was raised meanwhile. */
static int pause_for(const struct call *call, uint64_t wait_ns)
{
	uint64_t until_ns = clock_mono_ns() + wait_ns;

	for (uint64_t now_ns = clock_mono_ns(); now_ns < until_ns; now_ns = clock_mono_ns()) {
		uint64_t left_ns = until_ns - now_ns;
		struct timespec step = {
			.tv_nsec = (long)(left_ns < API_PAUSE_MS * NS_PER_MS ? left_ns : API_PAUSE_MS * NS_PER_MS)
		};

		if (is_stopped(call))
			return -1;
		(void)nanosleep(&step, NULL);
	}
	return is_stopped(call) ? -1 : 0;
}

/* Its turn in the rate limit, which has a clock of its own. */
static int take_turn(struct tries *t, struct ratelimit_ticket *ret, struct err *err)
{
	uint64_t now_ns = clock_mono_ns();
	uint64_t left_ns = t->limits.deadline_ns > now_ns ? t->limits.deadline_ns - now_ns : 0;
	struct ratelimit_until until = {
		.deadline_ns = ratelimit_system_clock.now_ns(ratelimit_system_clock.self) + left_ns,
		.stop = t->call->options->drain ? t->call->options->drain : t->call->options->stop,
	};

	switch (ratelimit_take(t->call->ratelimit, &t->call->estimate, &until, ret, err)) {
	case RATELIMIT_TAKEN:
		return 0;
	case RATELIMIT_LATE:
	case RATELIMIT_STOPPED:
		if (err)
			err->kind = ERR_LATER;
		break;
	case RATELIMIT_NEVER:
		if (err)
			err->kind = ERR_USAGE;
		break;
	case RATELIMIT_FAILED:
		break;
	}
	return err_prefix(err, "%s", api_operation_name(t->call->operation));
}

static bool is_good(const struct tries *t)
{
	return t->fault == TRANSPORT_OK && t->reply->status >= 200 && t->reply->status <= 299;
}

/* Tells the limiter what became of the turn. */
static void settle(struct tries *t, const struct ratelimit_ticket *ticket)
{
	const struct call *call = t->call;
	struct ratelimit_use used = call->estimate;
	struct view rest = buf_view(&t->reply->headers.text), name, value;
	struct ratelimit_word word = { .after = { .has_date = false } };

	if (t->fault == TRANSPORT_NO_CONNECT || t->fault == TRANSPORT_NO_TLS || t->fault == TRANSPORT_UNTRUSTED ||
	    t->fault == TRANSPORT_UNSENT) {
		ratelimit_return(call->ratelimit, ticket);
		return;
	}
	if (is_good(t) && call->used)
		call->used(buf_view(&t->reply->body), &used);
	ratelimit_settle(call->ratelimit, ticket, &used);
	while (transport_headers_next(&rest, &name, &value))
		ratelimit_header(&word, name, value);
	ratelimit_observe(call->ratelimit, &word);
}

static bool is_of_models(enum api_operation operation)
{
	return operation >= API_MESSAGE_CREATE && operation <= API_MODEL_GET;
}

struct start { /* of a try */
	struct ratelimit *ratelimit;
	struct ratelimit_ticket *ticket;
};

static void starting(void *context)
{
	const struct start *start = context;

	ratelimit_start(start->ratelimit, start->ticket);
}

static void exchange(struct tries *t, struct ratelimit_ticket *ticket)
{
	const struct call *call = t->call;
	uint64_t now_ns = clock_mono_ns();
	uint64_t timeout_ms = call->options->timeout_ms ? call->options->timeout_ms : API_TIMEOUT_MS;
	uint64_t end_ns = now_ns + timeout_ms * NS_PER_MS;
	struct start start = { call->ratelimit, ticket };
	struct transport_request request = {
		.method = call->route->method,
		.target = call->target,
		.body = call->body,
		.credential = call->credential,
		.kind = call->kind,
		.beta = call->kind == CREDENTIAL_OAUTH && is_of_models(call->operation) ? OAUTH_BETA : NULL,
		.once = !call->route->repeatable,
		.max_bytes = API_REPLY_BYTES,
		.deadline_ns = end_ns < t->limits.deadline_ns ? end_ns : t->limits.deadline_ns,
		.stop = call->options->stop,
		.starting = starting,
		.context = &start,
	};

	t->fault = transport_exchange(call->transport, &request, t->reply, &t->why);
	request_log_add(call->options->request_log_fd, &request, t->reply, t->fault);
}

/* A page where JSON was promised: somebody on the way answered. */
static bool is_html(const struct transport_reply *reply)
{
	return text_eq_nocase(view_sub(transport_header(reply, "content-type"), 0, 9), VIEW("text/html"));
}

/* No key of a name that somebody gave goes further. */
static int mask_keys(struct transport_reply *reply, struct err *err)
{
	DEFER(buf_wipe) struct buf store = BUF_INIT(reply->body.max);
	struct view masked;
	struct buf whole;
	bool has_key;

	if (redact_json(buf_view(&reply->body), &store, &masked, &has_key, err))
		return -1;
	if (has_key) {
		whole = reply->body;
		reply->body = store;
		store = whole;
	}
	return 0;
}

/* Has a good answer read. 0, or -1 with err when that cannot be done at all. */
static int read_answer(struct tries *t, struct err *err)
{
	const struct api_reading *reading = t->call->reading;
	struct err why = ERR_INIT;

	t->is_unreadable = false;
	if (!is_good(t) || is_html(t->reply))
		return 0;
	if (t->call->options->masks_keys && t->call->operation != API_MESSAGE_CREATE && mask_keys(t->reply, err))
		return -1;
	if (!reading || reading->read(reading->context, buf_view(&t->reply->body), &why) == 0)
		return 0;
	t->is_unreadable = why.kind == ERR_FORMAT;
	t->why = why;
	if (t->is_unreadable)
		return 0;
	return err_set(err, why.kind, why.errnum, "%s: %s", api_operation_name(t->call->operation), why.text);
}

/* What the try's end means, for retry.h. */
static int note(struct tries *t, uint64_t start_ns, struct err *err)
{
	struct view rest = buf_view(&t->reply->headers.text), name, value;
	bool has_answer = t->fault == TRANSPORT_OK && t->reply->status >= 300;

	t->last = (struct retry_try){ .fault = t->is_unreadable ? RETRY_UNREADABLE : faults[t->fault],
				      .status = (int)t->reply->status };
	while (transport_headers_next(&rest, &name, &value))
		retry_header(&t->last, name, value, clock_unix_s());
	if (has_answer &&
	    refusal_read(t->reply->status, buf_view(&t->reply->body), t->call->credential, &t->refusal, &t->last, err))
		return -1;
	retry_log_add(&t->log, &t->last, start_ns, clock_mono_ns());
	return 0;
}

/* Why this try is going to be repeated, in a word that a metric can bear. */
static void note_cause(struct tries *t)
{
	static const char *const words[TRANSPORT_FAULTS] = {
		[TRANSPORT_OK] = "unreadable",       [TRANSPORT_NO_CONNECT] = "connect",
		[TRANSPORT_NO_TLS] = "tls",          [TRANSPORT_UNTRUSTED] = "untrusted",
		[TRANSPORT_UNSENT] = "unsent",       [TRANSPORT_RESET] = "reset",
		[TRANSPORT_TIMEOUT] = "timeout",     [TRANSPORT_CUT] = "cut",
		[TRANSPORT_BAD_CODING] = "coding",   [TRANSPORT_NO_HTTP] = "no-http",
		[TRANSPORT_TOO_LARGE] = "too-large", [TRANSPORT_STOPPED] = "stopped",
		[TRANSPORT_NO_MEMORY] = "no-memory",
	};

	if (t->fault == TRANSPORT_OK && !t->is_unreadable)
		(void)snprintf(t->cause, sizeof(t->cause), "%u", t->reply->status);
	else
		(void)snprintf(t->cause, sizeof(t->cause), "%s", words[t->fault]);
}

static void observe(const struct tries *t)
{
	const struct api_options *options = t->call->options;
	const struct api_try one = { .operation = t->call->operation,
				     .status = t->reply->status,
				     .fault = t->fault,
				     .duration_ns = t->reply->duration_ns,
				     .is_retry = t->log.count > 0,
				     .retry_cause = t->cause };

	if (options->observed)
		options->observed(options->context, &one);
}

/* One try. 0, or -1 with err when it is no use to go on, whatever retry.h says. */
static int try_once(struct tries *t, struct err *err)
{
	uint64_t start_ns = clock_mono_ns();
	struct ratelimit_ticket ticket;

	if (take_turn(t, &ticket, err))
		return -1;
	exchange(t, &ticket);
	observe(t);
	settle(t, &ticket);
	if (read_answer(t, err) || note(t, start_ns, err))
		return -1;
	if (t->fault == TRANSPORT_NO_MEMORY)
		return err_nomem(err);
	return 0;
}

/* Where a write that may have happened can be seen. */
static const char *look_at(enum api_operation operation)
{
	switch (operation) {
	case API_USER_UPDATE:
	case API_USER_DELETE:
		return api_operation_name(API_USER_GET);
	case API_INVITE_CREATE:
	case API_INVITE_DELETE:
		return api_operation_name(API_INVITE_LIST);
	case API_WORKSPACE_CREATE:
		return api_operation_name(API_WORKSPACE_LIST);
	case API_WORKSPACE_UPDATE:
	case API_WORKSPACE_ARCHIVE:
		return api_operation_name(API_WORKSPACE_GET);
	case API_MEMBER_ADD:
	case API_MEMBER_UPDATE:
	case API_MEMBER_DELETE:
		return api_operation_name(API_MEMBER_LIST);
	case API_KEY_UPDATE:
		return api_operation_name(API_KEY_GET);
	case API_GROUP_CREATE:
		return api_operation_name(API_GROUP_LIST);
	case API_MESSAGE_CREATE:
		return api_operation_name(API_USAGE_MESSAGES);
	default:
		return NULL;
	}
}

/* What happened, at its last. */
static int add_outcome(struct buf *buf, const struct tries *t)
{
	const struct call *call = t->call;
	unsigned status = t->reply->status;
	struct view id = view_of(t->last.request_id);

	if (t->fault != TRANSPORT_OK || t->is_unreadable)
		return buf_add_text(buf, t->why.text);
	if (refusal_add_text(buf, &t->refusal, transport_header(t->reply, "content-type"), call->credential))
		return -1;
	if (status == 404 && text_starts(call->target, VIEW("/v1/compliance/")) &&
	    buf_add_text(buf, " (a compliance call whose key the API does not take is answered so as well)"))
		return -1;
	if ((status == 401 || status == 403) &&
	    buf_addf(buf, "; sent with the %s key of %s", credential_kind_names[call->kind], call->source))
		return -1;
	return id.len ? buf_addf(buf, " (request %s)", t->last.request_id) : 0;
}

static int add_advice(struct buf *buf, const struct tries *t, const struct retry_verdict *v)
{
	const char *look = look_at(t->call->operation);

	if (t->log.count > 1 && (buf_add_text(buf, "; ") || retry_add_causes(buf, &t->log)))
		return -1;
	if (v->is_ambiguous) {
		if (buf_add_text(buf, "; it may have been carried out all the same and was not sent again"))
			return -1;
		return look ? buf_addf(buf, ": look (%s) before you repeat it", look) : 0;
	}
	if (v->reason == RETRY_NO_TIME || v->reason == RETRY_SPEND_LIMIT)
		return buf_add_text(buf, "; ") || retry_add_reason(buf, v);
	return 0;
}

/* Whether the same may go through later, or the API has said no. */
static enum err_kind kind_of(const struct tries *t, const struct retry_verdict *v)
{
	if (t->fault != TRANSPORT_OK || t->is_unreadable)
		return t->why.kind;
	return v->reason == RETRY_FINAL || v->reason == RETRY_SPEND_LIMIT ? ERR_REFUSED : ERR_LATER;
}

static int give_up(const struct tries *t, const struct retry_verdict *v, struct api_refusal *refusal, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(16 * ERR_TEXT_BYTES);
	enum err_kind kind = kind_of(t, v);

	if (add_outcome(&text, t) || add_advice(&text, t, v))
		return err_nomem(err);
	if (refusal && kind == ERR_REFUSED)
		*refusal = t->refusal;
	if (refusal)
		refusal->is_unknown = v->is_ambiguous;
	return err_set(err, kind, 0, "%s: %s", api_operation_name(t->call->operation), text.ptr);
}

/* A good status, but is it the API's answer? */
static int accept_answer(const struct tries *t, struct err *err)
{
	if (!is_html(t->reply))
		return 0;
	return err_set(
		err, ERR_FORMAT, 0,
		"%s: the answer (status %u) is text/html where JSON was expected: a proxy or a sign-in page on the "
		"way answered, not the API",
		api_operation_name(t->call->operation), t->reply->status);
}

static uint64_t random_bits(void)
{
	uint64_t bits;

	return getentropy(&bits, sizeof(bits)) == 0 ? bits : clock_mono_ns();
}

int call_run(const struct call *call, struct transport_reply *reply, struct api_refusal *refusal, struct err *err)
{
	uint64_t deadline_ms = call->options->deadline_ms ? call->options->deadline_ms : API_DEADLINE_MS;
	struct tries t = {
		.call = call,
		.reply = reply,
		.limits = { .is_repeatable = call->route->repeatable,
			    .max_retries = call->options->max_retries,
			    .deadline_ns = clock_mono_ns() + deadline_ms * NS_PER_MS },
	};

	for (;;) {
		struct retry_verdict verdict;

		if (try_once(&t, err))
			return -1;
		verdict = retry_decide(&t.limits, &t.last, t.log.count, clock_mono_ns(), clock_unix_s(), random_bits());
		if (verdict.action == RETRY_DONE)
			return accept_answer(&t, err);
		if (verdict.action == RETRY_GIVE_UP)
			return give_up(&t, &verdict, refusal, err);
		note_cause(&t);
		if (call->options->pauses)
			call->options->pauses(call->options->context, call->operation, t.cause, verdict.wait_ns);
		if (pause_for(call, verdict.wait_ns))
			return err_set(err, ERR_LATER, 0, "%s: stopped before the next try",
				       api_operation_name(call->operation));
	}
}
