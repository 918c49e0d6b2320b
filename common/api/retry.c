/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/retry.h"

#include <string.h>

#include "common/base/text.h"

#define NS_PER_S UINT64_C(1'000'000'000)
#define WAIT_MAX_S 60
#define DOUBLINGS_MAX 6 /* 2^6 is above WAIT_MAX_S */

bool retry_is_repeatable(struct view method)
{
	return text_eq(method, VIEW("GET")) || text_eq(method, VIEW("HEAD")) || text_eq(method, VIEW("OPTIONS")) ||
	       text_eq(method, VIEW("PUT"));
}

/* Keeps a word that is fit to be shown; whatever else it is becomes empty. */
static void set_word(char ret[static RETRY_WORD_BYTES], struct view v, bool (*is_fit)(char))
{
	ret[0] = '\0';
	if (v.len >= RETRY_WORD_BYTES)
		return;
	for (size_t i = 0; i < v.len; i++)
		if (!is_fit(v.ptr[i]))
			return;
	if (v.len)
		memcpy(ret, v.ptr, v.len);
	ret[v.len] = '\0';
}

static bool is_of_type(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_of_id(char c)
{
	return text_is_alnum(c) || c == '_';
}

void retry_header(struct retry_try *t, struct view name, struct view value, int64_t now_s)
{
	value = text_trim(value);
	if (after_header(&t->after, name, value, now_s))
		return;
	if (text_eq_nocase(name, VIEW("x-should-retry")))
		t->should = text_eq_nocase(value, VIEW("true"))    ? RETRY_SHOULD
			    : text_eq_nocase(value, VIEW("false")) ? RETRY_SHOULD_NOT
								   : RETRY_UNSAID;
	else if (text_eq_nocase(name, VIEW("request-id")))
		set_word(t->request_id, text_starts(value, VIEW("req_")) ? value : VIEW_NONE, is_of_id);
}

void retry_set_error(struct retry_try *t, struct view type, struct view error_code)
{
	set_word(t->error_type, type, is_of_type);
	t->is_spend_limit = text_eq(error_code, VIEW("enforced_spend_limit_reached"));
}

static bool is_success(const struct retry_try *t)
{
	return t->fault == RETRY_NO_FAULT && t->status >= 200 && t->status <= 299;
}

/* Whether another try may end otherwise. */
static bool may_pass(const struct retry_try *t)
{
	if (t->fault == RETRY_UNTRUSTED || t->fault == RETRY_TOO_LARGE || t->fault == RETRY_CANCELLED)
		return false;
	if (t->should != RETRY_UNSAID)
		return t->should == RETRY_SHOULD;
	if (t->fault != RETRY_NO_FAULT)
		return true;
	return t->status == 408 || t->status == 429 || (t->status >= 500 && t->status <= 599);
}

/* Whether the server surely did nothing. */
static bool did_nothing(const struct retry_try *t)
{
	switch (t->fault) {
	case RETRY_NO_CONNECT:
	case RETRY_TLS:
	case RETRY_UNTRUSTED:
	case RETRY_UNSENT:
		return true;
	default:
		break; /* what of a status is known counts, even if the body is cut */
	}
	if (t->status >= 400 && t->status <= 499)
		return t->status != 408;
	return (t->status == 503 || t->status == 529) && t->should == RETRY_SHOULD;
}

/* A redirect, which is never followed, is an answer: nothing was done. */
static bool may_be_done(const struct retry_call *call, const struct retry_try *t)
{
	bool is_redirect = t->status >= 300 && t->status <= 399;

	return !call->is_repeatable && !did_nothing(t) && !is_redirect;
}

static uint64_t wait_ns(const struct retry_try *t, unsigned tries, int64_t now_s, uint64_t random)
{
	unsigned doublings = tries ? tries - 1 : 0;
	uint64_t seconds;

	if (after_asked(&t->after, now_s, &seconds))
		return seconds * NS_PER_S; /* 2^31 seconds at most */
	seconds = doublings < DOUBLINGS_MAX ? UINT64_C(1) << doublings : WAIT_MAX_S;
	return random % (seconds * NS_PER_S + 1);
}

static struct retry_verdict give_up(enum retry_reason reason, bool is_ambiguous, uint64_t wait)
{
	return (struct retry_verdict){
		.action = RETRY_GIVE_UP, .reason = reason, .is_ambiguous = is_ambiguous, .wait_ns = wait
	};
}

struct retry_verdict retry_decide(const struct retry_call *call, const struct retry_try *t, unsigned tries,
				  uint64_t now_ns, int64_t now_s, uint64_t random)
{
	bool is_ambiguous = may_be_done(call, t);
	uint64_t wait;

	if (is_success(t))
		return (struct retry_verdict){ .action = RETRY_DONE };
	if (t->is_spend_limit)
		return give_up(RETRY_SPEND_LIMIT, is_ambiguous, 0);
	if (is_ambiguous)
		return give_up(RETRY_AMBIGUOUS, true, 0);
	if (!may_pass(t))
		return give_up(RETRY_FINAL, false, 0);
	if (tries > call->max_retries)
		return give_up(RETRY_EXHAUSTED, false, 0);
	wait = wait_ns(t, tries, now_s, random);
	if (now_ns >= call->deadline_ns || wait >= call->deadline_ns - now_ns)
		return give_up(RETRY_NO_TIME, false, wait);
	return (struct retry_verdict){ .action = RETRY_AGAIN, .wait_ns = wait };
}
