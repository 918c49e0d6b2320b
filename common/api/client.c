/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/api/call.h"
#include "common/api/estimate.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/json.h"

/* The server's limits, each with a limiter of its own when the caller has none. */
enum family { FAMILY_MESSAGES, FAMILY_ADMIN, FAMILY_COMPLIANCE, FAMILIES };

/* A connection and what belongs to it; one thread's while it is out of the list. */
struct channel {
	struct transport *transport;
	struct transport_reply reply;
	struct channel *next;
};

struct api {
	struct api_options options;
	char *user_agent;
	struct ratelimit *own_limits[FAMILIES];
	pthread_mutex_t lock; /* what is below */
	struct channel *idle;
	struct credential credentials[CREDENTIAL_KINDS]; /* once loaded they stay as they are */
	bool is_loaded[CREDENTIAL_KINDS];
	unsigned lacking[API_OPERATIONS]; /* kinds whose key was found to lack the operation's scope */
};

static void channel_free(struct channel *c)
{
	if (!c)
		return;
	transport_free(c->transport);
	transport_reply_done(&c->reply);
	free(c);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	while (api->idle) {
		struct channel *next = api->idle->next;

		channel_free(api->idle);
		api->idle = next;
	}
	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++)
		credential_wipe(&api->credentials[i]);
	for (unsigned i = 0; i < FAMILIES; i++)
		ratelimit_free(api->own_limits[i]);
	(void)pthread_mutex_destroy(&api->lock);
	free(api->user_agent);
	free(api);
}

void api_freep(struct api **api)
{
	api_free(*api);
	*api = NULL;
}

struct api *api_new(const struct api_options *options, struct err *err)
{
	static const struct ratelimit_limits none;
	DEFER(api_freep) struct api *api = calloc(1, sizeof(*api));

	if (!api) {
		(void)err_nomem(err);
		return NULL;
	}
	(void)pthread_mutex_init(&api->lock, NULL);
	api->options = *options;
	api->user_agent = strdup(options->user_agent ? options->user_agent : "skant");
	if (!api->user_agent) {
		(void)err_nomem(err);
		return NULL;
	}
	for (unsigned i = 0; i < FAMILIES && !options->ratelimit; i++) {
		api->own_limits[i] = ratelimit_new(&none, NULL, err);
		if (!api->own_limits[i])
			return NULL;
	}
	return TAKE(api);
}

const struct profile *api_profile(const struct api *api)
{
	return api->options.profile;
}

static struct ratelimit *limiter_of(const struct api *api, struct view target)
{
	if (api->options.ratelimit)
		return api->options.ratelimit;
	if (text_find(target, VIEW("/compliance/")) != SIZE_MAX)
		return api->own_limits[FAMILY_COMPLIANCE];
	if (text_starts(target, VIEW("/v1/messages")) || text_starts(target, VIEW("/v1/models")))
		return api->own_limits[FAMILY_MESSAGES];
	return api->own_limits[FAMILY_ADMIN];
}

static struct channel *channel_take(struct api *api, struct err *err)
{
	struct channel *c;

	(void)pthread_mutex_lock(&api->lock);
	c = api->idle;
	if (c)
		api->idle = c->next;
	(void)pthread_mutex_unlock(&api->lock);
	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c) {
		(void)err_nomem(err);
		return NULL;
	}
	c->transport = transport_new(api->options.profile, api->user_agent, err);
	if (!c->transport) {
		channel_free(c);
		return NULL;
	}
	return c;
}

static void channel_give(struct api *api, struct channel *c)
{
	(void)pthread_mutex_lock(&api->lock);
	c->next = api->idle;
	api->idle = c;
	(void)pthread_mutex_unlock(&api->lock);
}

/* Loads the kind's credential unless it has been. *ret: its value, empty when there is none. */
static int load(struct api *api, enum credential_kind kind, struct view *ret, struct err *err)
{
	struct credential *c = &api->credentials[kind];
	int status = 0;

	(void)pthread_mutex_lock(&api->lock);
	if (!api->is_loaded[kind]) {
		status = credential_load(&api->options.profile->credentials[kind], kind, c, err);
		api->is_loaded[kind] = status == 0;
	}
	*ret = status ? VIEW_NONE : buf_view(&c->value);
	(void)pthread_mutex_unlock(&api->lock);
	return status;
}

int api_has(struct api *api, enum credential_kind kind, struct err *err)
{
	struct view value;

	if (load(api, kind, &value, err))
		return -1;
	return value.len > 0;
}

/* "compliance ($ANTHROPIC_COMPLIANCE_API_KEY) or admin ($ANTHROPIC_ADMIN_KEY)": the kinds in the set. */
static int add_kinds(struct buf *buf, const struct profile *profile, unsigned kinds)
{
	const char *separator = "";

	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++) {
		if (!(kinds & 1u << i))
			continue;
		if (buf_addf(buf, "%s%s (", separator, credential_kind_names[i]) ||
		    credential_add_source(buf, &profile->credentials[i]) || buf_add_byte(buf, ')'))
			return -1;
		separator = " or ";
	}
	return 0;
}

static int no_credential(struct api *api, enum api_operation operation, unsigned kinds, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4 * ERR_TEXT_BYTES);
	DEFER(buf_done) struct buf others = BUF_INIT(4 * ERR_TEXT_BYTES);
	unsigned there = 0;

	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++) {
		struct view value;

		if (!(kinds & 1u << i) && load(api, (enum credential_kind)i, &value, NULL) == 0 && value.len)
			there |= 1u << i;
	}
	if (add_kinds(&text, api->options.profile, kinds) || add_kinds(&others, api->options.profile, there))
		return err_nomem(err);
	return err_set(err, ERR_CONFIG, 0, "%s: there is no key that may do it; one of this kind was expected: %s%s%s",
		       api_operation_name(operation), text.ptr ? text.ptr : "none",
		       others.len ? "; of another kind there is: " : "", others.len ? others.ptr : "");
}

/* The weakest kind in the set that there is a credential of. */
static int pick(struct api *api, enum api_operation operation, unsigned kinds, enum credential_kind *ret_kind,
		struct view *ret, struct err *err)
{
	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++) {
		if (!(kinds & 1u << i))
			continue;
		if (load(api, (enum credential_kind)i, ret, err))
			return -1;
		*ret_kind = (enum credential_kind)i;
		if (ret->len)
			return 0;
	}
	return no_credential(api, operation, kinds, err);
}

/* What asks only: it is sent in a dry run as well. */
static bool is_read(const struct api_route *route, enum api_operation operation)
{
	return strcmp(route->method, "GET") == 0 || route->paging != API_NO_PAGES || operation == API_MESSAGE_COUNT;
}

static void reply_clear(struct api_reply *reply)
{
	reply->status = 0;
	reply->duration_ns = 0;
	reply->date_s = 0;
	reply->was_sent = false;
	reply->body.max = API_REPLY_BYTES;
	reply->request_id.max = reply->organization.max = reply->workspace.max = 4 * API_HEADER_BYTES;
	buf_clear(&reply->body);
	buf_clear(&reply->request_id);
	buf_clear(&reply->organization);
	buf_clear(&reply->workspace);
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
	buf_done(&reply->request_id);
	buf_done(&reply->organization);
	buf_done(&reply->workspace);
}

/* Lends the caller's buffer to the channel, so that a page is read in place. */
static void swap_body(struct channel *c, struct api_reply *reply)
{
	struct buf body = c->reply.body;

	c->reply.body = reply->body;
	reply->body = body;
}

static int exchange(struct api *api, struct call *call, struct api_reply *reply, struct api_refusal *refusal,
		    struct err *err)
{
	struct channel *c = channel_take(api, err);
	int status;

	if (!c)
		return -1;
	call->transport = c->transport;
	swap_body(c, reply);
	status = call_run(call, &c->reply, refusal, err);
	swap_body(c, reply);
	reply->status = c->reply.status;
	reply->duration_ns = c->reply.duration_ns;
	reply->was_sent = true;
	if (clock_parse_http_date(transport_header(&c->reply, "date"), clock_unix_s(), &reply->date_s))
		reply->date_s = 0;
	if (secret_add_masked_text(&reply->request_id, transport_header(&c->reply, "request-id"), call->credential) ||
	    secret_add_masked_text(&reply->organization, transport_header(&c->reply, "anthropic-organization-id"),
				   call->credential) ||
	    secret_add_masked_text(&reply->workspace, transport_header(&c->reply, "anthropic-workspace-id"),
				   call->credential))
		status = err_nomem(err);
	channel_give(api, c);
	if (status == 0 && reply->organization.len && api->options.owned)
		status = api->options.owned(api->options.owner, buf_view(&reply->organization), err);
	return status;
}

/* Tokens of a message before it is sent; the answer has at most max_tokens. */
static struct ratelimit_use estimate(enum api_operation operation, const struct api_argument *arguments, size_t count,
				     struct view body)
{
	struct ratelimit_use ret = { .input_tokens = 0 };

	if (operation != API_MESSAGE_CREATE)
		return ret;
	ret.input_tokens = estimate_tokens(body);
	for (size_t i = 0; i < count; i++)
		if (strcmp(arguments[i].name, "max_tokens") == 0)
			(void)text_u64(arguments[i].value, RATELIMIT_MAX, &ret.output_tokens);
	return ret;
}

static uint64_t number_of(struct view object, const char *key)
{
	struct view value = json_member(object, key);
	uint64_t n = 0;

	return value.len && text_u64(value, RATELIMIT_MAX / 4, &n) == 0 ? n : 0;
}

/* Tokens of a message as the reply tells them; reads from a cache are not limited. */
static void used_by_message(struct view body, struct ratelimit_use *ret)
{
	struct view whole, usage;

	if (json_whole(body, &whole, NULL) || json_type_of(whole) != JSON_OBJECT)
		return;
	usage = json_member(whole, "usage");
	if (usage.len == 0 || json_type_of(usage) != JSON_OBJECT)
		return;
	ret->input_tokens = number_of(usage, "input_tokens") + number_of(usage, "cache_creation_input_tokens");
	ret->output_tokens = number_of(usage, "output_tokens");
}

/* Sends it with one credential. */
static int send_with(struct api *api, struct call *call, struct api_reply *reply, struct api_refusal *refusal,
		     struct err *err)
{
	call->options = &api->options;
	call->ratelimit = limiter_of(api, call->target);
	if (api->options.picked)
		api->options.picked(api->options.context, call->operation, call->kind);
	return exchange(api, call, reply, refusal, err);
}

/* Sends it with the weakest of the kinds in the set. */
static int send_weakest(struct api *api, unsigned kinds, struct call *call, struct api_reply *reply,
			struct api_refusal *refusal, struct err *err)
{
	DEFER(buf_done) struct buf source = BUF_INIT(2 * ERR_TEXT_BYTES);

	if (pick(api, call->operation, kinds, &call->kind, &call->credential, err))
		return -1;
	if (credential_add_source(&source, &api->options.profile->credentials[call->kind]))
		return err_nomem(err);
	call->source = source.ptr;
	return send_with(api, call, reply, refusal, err);
}

static bool lacks_scope(const struct api_refusal *refusal)
{
	return refusal->status == 403 && text_starts(view_of(refusal->message), VIEW("Missing required scopes"));
}

/* Kinds of the route that are not known to lack its scope. */
static unsigned able_kinds(struct api *api, const struct call *call)
{
	unsigned kinds;

	(void)pthread_mutex_lock(&api->lock);
	kinds = call->route->credentials & ~api->lacking[call->operation];
	(void)pthread_mutex_unlock(&api->lock);
	return kinds ? kinds : call->route->credentials;
}

/* The kinds left after kind turned out to lack the scope; 0 when there is no other credential. */
static unsigned kinds_beside(struct api *api, const struct call *call, unsigned kinds)
{
	struct view value;

	(void)pthread_mutex_lock(&api->lock);
	api->lacking[call->operation] |= 1u << call->kind;
	(void)pthread_mutex_unlock(&api->lock);
	kinds &= ~(1u << call->kind);
	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++)
		if (kinds & 1u << i && load(api, (enum credential_kind)i, &value, NULL) == 0 && value.len)
			return kinds;
	return 0;
}

/* The weakest that may: a key whose scopes do not reach (nothing was done then) gives way to the next. */
static int send_able(struct api *api, struct call *call, struct api_reply *reply, struct api_refusal *refusal,
		     struct err *err)
{
	unsigned kinds = able_kinds(api, call);

	for (;;) {
		struct api_refusal why = { .status = 0 };
		int status = send_weakest(api, kinds, call, reply, &why, err);

		if (status && lacks_scope(&why))
			kinds = kinds_beside(api, call, kinds);
		else
			kinds = 0;
		if (kinds) {
			reply_clear(reply);
			continue;
		}
		if (refusal)
			*refusal = why;
		return status;
	}
}

/* Who calls. */
struct caller {
	struct view key; /* not empty: with this one, of that kind */
	enum credential_kind kind;
	bool is_any;                       /* with whatever credential may do it; else that of the kind */
	const struct api_reading *reading; /* may be NULL */
};

static int send_call(struct api *api, const struct caller *caller, struct call *call, struct api_reply *reply,
		     struct api_refusal *refusal, struct err *err)
{
	if (caller->is_any)
		return send_able(api, call, reply, refusal, err);
	if (caller->key.len == 0)
		return send_weakest(api, 1u << caller->kind, call, reply, refusal, err);
	call->credential = caller->key;
	call->kind = caller->kind;
	call->source = "the caller's choice";
	return send_with(api, call, reply, refusal, err);
}

static int run(struct api *api, const struct caller *caller, enum api_operation operation,
	       const struct api_argument *arguments, size_t count, struct api_reply *reply, struct api_refusal *refusal,
	       struct err *err)
{
	DEFER(buf_done) struct buf target = BUF_INIT(API_TARGET_BYTES);
	DEFER(buf_wipe) struct buf body = BUF_INIT(API_REQUEST_BYTES);
	enum api_dialect dialect = api->options.profile->dialect;
	struct call call = { .operation = operation, .route = api_route(dialect, operation, err) };

	reply_clear(reply);
	if (!call.route || api_write(dialect, operation, arguments, count, &target, &body, err))
		return -1;
	if (api->options.dry_run && !is_read(call.route, operation))
		return api->options.dry_run(api->options.context, call.route->method, buf_view(&target),
					    buf_view(&body), err);
	call.target = buf_view(&target);
	call.body = buf_view(&body);
	call.estimate = estimate(operation, arguments, count, call.body);
	call.used = operation == API_MESSAGE_CREATE ? used_by_message : NULL;
	call.reading = caller->reading;
	return send_call(api, caller, &call, reply, refusal, err);
}

int api_call(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
	     struct api_reply *reply, struct api_refusal *refusal, struct err *err)
{
	struct caller caller = { .is_any = true };

	return run(api, &caller, operation, arguments, count, reply, refusal, err);
}

int api_call_read(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  const struct api_reading *reading, struct api_reply *reply, struct api_refusal *refusal,
		  struct err *err)
{
	struct caller caller = { .is_any = true, .reading = reading };

	return run(api, &caller, operation, arguments, count, reply, refusal, err);
}

int api_call_as(struct api *api, enum credential_kind kind, enum api_operation operation,
		const struct api_argument *arguments, size_t count, struct api_reply *reply,
		struct api_refusal *refusal, struct err *err)
{
	struct caller caller = { .kind = kind };

	return run(api, &caller, operation, arguments, count, reply, refusal, err);
}

int api_call_with(struct api *api, struct view key, enum credential_kind kind, enum api_operation operation,
		  const struct api_argument *arguments, size_t count, struct api_reply *reply,
		  struct api_refusal *refusal, struct err *err)
{
	struct caller caller = { .key = key, .kind = kind };

	if (!credential_is_sendable(key))
		return err_set(err, ERR_USAGE, 0,
			       "%s: what was given is no key: up to %u visible ASCII characters were expected",
			       api_operation_name(operation), CREDENTIAL_BYTES);
	return run(api, &caller, operation, arguments, count, reply, refusal, err);
}
