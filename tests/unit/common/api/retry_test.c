/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/retry.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define NOW_S 1795528149 /* Tue, 24 Nov 2026 13:49:09 GMT */
#define NS UINT64_C(1'000'000'000)

static const struct retry_call get = { .is_repeatable = true, .max_retries = 5, .deadline_ns = UINT64_MAX };
static const struct retry_call post = { .is_repeatable = false, .max_retries = 5, .deadline_ns = UINT64_MAX };

static struct retry_verdict decide(const struct retry_call *call, const struct retry_try *t)
{
	return retry_decide(call, t, 1, 100 * NS, NOW_S, 0);
}

/* 'd'one, 'a'gain, 'f'inal, '?' ambiguous */
static char letter(const struct retry_verdict *v)
{
	if (v->action != RETRY_GIVE_UP)
		return v->action == RETRY_DONE ? 'd' : 'a';
	return v->is_ambiguous ? '?' : v->reason == RETRY_FINAL ? 'f' : '!';
}

static void every_status_has_its_verdict(void **state)
{
	/* for x-should-retry absent, true, false: of a call that may be repeated, of one that may not */
	static const struct {
		int status;
		const char *get, *post;
	} cases[] = {
		{ 200, "ddd", "ddd" }, { 201, "ddd", "ddd" }, { 204, "ddd", "ddd" }, { 299, "ddd", "ddd" },
		{ 301, "faf", "faf" }, { 302, "faf", "faf" }, { 304, "faf", "faf" }, { 307, "faf", "faf" },
		{ 400, "faf", "faf" }, { 401, "faf", "faf" }, { 402, "faf", "faf" }, { 403, "faf", "faf" },
		{ 404, "faf", "faf" }, { 405, "faf", "faf" }, { 409, "faf", "faf" }, { 413, "faf", "faf" },
		{ 408, "aaf", "???" }, { 429, "aaf", "aaf" }, { 500, "aaf", "???" }, { 501, "aaf", "???" },
		{ 502, "aaf", "???" }, { 503, "aaf", "?a?" }, { 504, "aaf", "???" }, { 529, "aaf", "?a?" },
		{ 599, "aaf", "???" }, { 600, "faf", "???" }, { 100, "faf", "???" }, { 0, "faf", "???" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (unsigned should = 0; should < 3; should++) {
			struct retry_try t = { .status = cases[i].status };
			struct retry_verdict g, p;

			t.should = should == 1 ? RETRY_SHOULD : should == 2 ? RETRY_SHOULD_NOT : RETRY_UNSAID;
			g = decide(&get, &t);
			p = decide(&post, &t);
			if (letter(&g) != cases[i].get[should] || letter(&p) != cases[i].post[should])
				fail_msg("%d, x-should-retry %u: %c and %c", cases[i].status, should, letter(&g),
					 letter(&p));
		}
}

static void every_fault_has_its_verdict(void **state)
{
	static const struct {
		enum retry_fault fault;
		int status;
		char get, post;
	} cases[] = {
		{ RETRY_NO_CONNECT, 0, 'a', 'a' }, { RETRY_TLS, 0, 'a', 'a' },
		{ RETRY_UNTRUSTED, 0, 'f', 'f' },  { RETRY_UNSENT, 0, 'a', 'a' },
		{ RETRY_RESET, 0, 'a', '?' },      { RETRY_TIMEOUT, 0, 'a', '?' },
		{ RETRY_CUT, 0, 'a', '?' },        { RETRY_CUT, 200, 'a', '?' },
		{ RETRY_CUT, 429, 'a', 'a' },      { RETRY_CUT, 400, 'a', 'a' },
		{ RETRY_CUT, 500, 'a', '?' },      { RETRY_ENCODING, 200, 'a', '?' },
		{ RETRY_PROTOCOL, 0, 'a', '?' },   { RETRY_TOO_LARGE, 200, 'f', '?' },
		{ RETRY_CANCELLED, 0, 'f', '?' },  { RETRY_UNREADABLE, 200, 'a', '?' },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct retry_try t = { .fault = cases[i].fault, .status = cases[i].status };
		struct retry_verdict g = decide(&get, &t), p = decide(&post, &t);

		if (letter(&g) != cases[i].get || letter(&p) != cases[i].post)
			fail_msg("fault %d, status %d: %c and %c", (int)t.fault, t.status, letter(&g), letter(&p));
	}
}

static void a_spend_limit_ends_the_call_whatever_else_is_said(void **state)
{
	struct retry_try t = { .status = 429, .should = RETRY_SHOULD };
	struct retry_verdict v;

	(void)state;
	retry_set_error(&t, VIEW("rate_limit_error"), VIEW("enforced_spend_limit_reached"));
	v = decide(&get, &t);
	assert_int_equal(v.action, RETRY_GIVE_UP);
	assert_int_equal(v.reason, RETRY_SPEND_LIMIT);
	assert_false(v.is_ambiguous);
	retry_set_error(&t, VIEW("rate_limit_error"), VIEW("another"));
	assert_int_equal(decide(&get, &t).action, RETRY_AGAIN);
}

static void the_wait_doubles_to_a_minute(void **state)
{
	static const uint64_t most_s[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct retry_call call = { .is_repeatable = true, .max_retries = UINT32_MAX, .deadline_ns = UINT64_MAX };
	struct retry_try t = { .status = 503 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(most_s); i++) {
		assert_int_equal(retry_decide(&call, &t, i + 1, 0, NOW_S, most_s[i] * NS).wait_ns, most_s[i] * NS);
		assert_int_equal(retry_decide(&call, &t, i + 1, 0, NOW_S, most_s[i] * NS + 1).wait_ns, 0);
	}
	assert_int_equal(retry_decide(&call, &t, UINT32_MAX, 0, NOW_S, 60 * NS).wait_ns, 60 * NS);
}

static void the_jitter_is_full(void **state)
{
	struct retry_call call = { .is_repeatable = true, .max_retries = 9, .deadline_ns = UINT64_MAX };
	struct retry_try t = { .status = 503 };
	uint64_t random = 88172645463325252u;
	unsigned quarters[4] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		uint64_t wait = retry_decide(&call, &t, 3, 0, NOW_S, random).wait_ns;

		assert_true(wait <= 4 * NS);
		quarters[wait == 4 * NS ? 3 : wait / NS]++;
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
	}
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(quarters[i], 800, 1200);
}

static void retry_after_overrides_the_wait(void **state)
{
	struct retry_try t = { .status = 429 };

	(void)state;
	retry_header(&t, VIEW("Retry-After"), VIEW("17"), NOW_S);
	assert_int_equal(retry_decide(&get, &t, 1, 0, NOW_S, 12345).wait_ns, 17 * NS);
	retry_header(&t, VIEW("retry-after"), VIEW("Tue, 24 Nov 2026 13:50:09 GMT"), NOW_S);
	assert_int_equal(retry_decide(&get, &t, 5, 0, NOW_S, 12345).wait_ns, 60 * NS);
	retry_header(&t, VIEW("date"), VIEW("Tue, 24 Nov 2026 13:50:00 GMT"), NOW_S);
	assert_int_equal(retry_decide(&get, &t, 1, 0, NOW_S, 12345).wait_ns, 9 * NS);
}

static void what_would_wait_past_the_deadline_is_given_up_at_once(void **state)
{
	struct retry_call call = { .is_repeatable = true, .max_retries = 9, .deadline_ns = 130 * NS };
	struct retry_try t = { .status = 429 };
	DEFER(buf_done) struct buf text = BUF_INIT(1000);
	struct retry_verdict v;

	(void)state;
	retry_header(&t, VIEW("retry-after"), VIEW("29"), NOW_S);
	assert_int_equal(retry_decide(&call, &t, 1, 100 * NS, NOW_S, 0).action, RETRY_AGAIN);
	retry_header(&t, VIEW("retry-after"), VIEW("30"), NOW_S);
	v = retry_decide(&call, &t, 1, 100 * NS, NOW_S, 0);
	assert_int_equal(v.action, RETRY_GIVE_UP);
	assert_int_equal(v.reason, RETRY_NO_TIME);
	assert_int_equal(retry_add_reason(&text, &v), 0);
	assert_string_equal(text.ptr, "the next try may be in 30 s, behind the deadline");
	retry_header(&t, VIEW("retry-after"), VIEW("99999999999999999999"), NOW_S);
	assert_int_equal(retry_decide(&call, &t, 1, 100 * NS, NOW_S, 0).reason, RETRY_NO_TIME);
	retry_header(&t, VIEW("retry-after"), VIEW("0"), NOW_S);
	assert_int_equal(retry_decide(&call, &t, 1, 130 * NS, NOW_S, 0).reason, RETRY_NO_TIME);
	assert_int_equal(retry_decide(&call, &t, 1, 131 * NS, NOW_S, 0).reason, RETRY_NO_TIME);
}

static void tries_come_to_an_end(void **state)
{
	struct retry_call call = { .is_repeatable = true, .max_retries = 2, .deadline_ns = UINT64_MAX };
	struct retry_try t = { .status = 529, .should = RETRY_SHOULD };

	(void)state;
	assert_int_equal(retry_decide(&call, &t, 1, 0, NOW_S, 0).action, RETRY_AGAIN);
	assert_int_equal(retry_decide(&call, &t, 2, 0, NOW_S, 0).action, RETRY_AGAIN);
	assert_int_equal(retry_decide(&call, &t, 3, 0, NOW_S, 0).reason, RETRY_EXHAUSTED);
	call.max_retries = 0;
	assert_int_equal(retry_decide(&call, &t, 1, 0, NOW_S, 0).reason, RETRY_EXHAUSTED);
}

static void only_some_methods_may_be_repeated(void **state)
{
	(void)state;
	assert_true(retry_is_repeatable(VIEW("GET")));
	assert_true(retry_is_repeatable(VIEW("HEAD")));
	assert_true(retry_is_repeatable(VIEW("PUT")));
	assert_true(retry_is_repeatable(VIEW("OPTIONS")));
	assert_false(retry_is_repeatable(VIEW("POST")));
	assert_false(retry_is_repeatable(VIEW("DELETE")));
	assert_false(retry_is_repeatable(VIEW("PATCH")));
	assert_false(retry_is_repeatable(VIEW("get")));
	assert_false(retry_is_repeatable(VIEW_NONE));
}

static void headers_are_read_in_any_case(void **state)
{
	struct retry_try t = { 0 };

	(void)state;
	retry_header(&t, VIEW("X-Should-Retry"), VIEW(" True "), NOW_S);
	assert_int_equal(t.should, RETRY_SHOULD);
	retry_header(&t, VIEW("x-should-retry"), VIEW("FALSE"), NOW_S);
	assert_int_equal(t.should, RETRY_SHOULD_NOT);
	retry_header(&t, VIEW("x-should-retry"), VIEW("1"), NOW_S);
	assert_int_equal(t.should, RETRY_UNSAID);
	retry_header(&t, VIEW("Request-ID"), VIEW("req_011CSHoEeqs5"), NOW_S);
	assert_string_equal(t.request_id, "req_011CSHoEeqs5");
	retry_header(&t, VIEW("x-request-id"), VIEW("req_2"), NOW_S);
	assert_string_equal(t.request_id, "req_011CSHoEeqs5");
}

static void what_is_not_fit_to_be_shown_is_not_kept(void **state)
{
	static const char *const bad_ids[] = { "",
					       "id_1",
					       "req_\x1b[2J",
					       "req_a b",
					       "req_sk-ant-x",
					       "req_\xc3\xa9",
					       "req_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	static const char *const bad_types[] = { "",
						 "API key",
						 "sk-ant-api",
						 "error1",
						 "Error",
						 "a\nb",
						 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct retry_try t = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_ids); i++) {
		retry_header(&t, VIEW("request-id"), VIEW("req_1"), NOW_S);
		retry_header(&t, VIEW("request-id"), view_of(bad_ids[i]), NOW_S);
		assert_string_equal(t.request_id, "");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_types); i++) {
		retry_set_error(&t, VIEW("api_error"), VIEW_NONE);
		assert_string_equal(t.error_type, "api_error");
		retry_set_error(&t, view_of(bad_types[i]), VIEW_NONE);
		assert_string_equal(t.error_type, "");
	}
}

static void the_causes_of_all_tries_are_told(void **state)
{
	struct retry_try overloaded = { .status = 529, .request_id = "req_01" }, reset = { .fault = RETRY_RESET },
			 cut = { .status = 200, .fault = RETRY_CUT, .request_id = "req_02" },
			 limited = { .status = 429 };
	struct retry_log log = { 0 };
	DEFER(buf_done) struct buf text = BUF_INIT(1000);

	(void)state;
	retry_set_error(&overloaded, VIEW("overloaded_error"), VIEW_NONE);
	retry_log_add(&log, &overloaded, 5 * NS, 6 * NS);
	retry_log_add(&log, &reset, 7 * NS, 8 * NS);
	retry_log_add(&log, &cut, 9 * NS, 10 * NS);
	retry_log_add(&log, &limited, 16 * NS, 17 * NS);
	assert_int_equal(retry_add_causes(&text, &log), 0);
	assert_string_equal(text.ptr, "tried 4 times in 12 s: 529 overloaded_error (req_01); connection reset; "
				      "200, answer cut off (req_02); 429");
}

static void one_try_is_no_plural(void **state)
{
	struct retry_log log = { 0 };
	DEFER(buf_done) struct buf text = BUF_INIT(1000);

	(void)state;
	retry_log_add(&log, &(struct retry_try){ .fault = RETRY_NO_CONNECT }, NS, NS);
	assert_int_equal(retry_add_causes(&text, &log), 0);
	assert_string_equal(text.ptr, "tried 1 time in 0 s: no connection");
}

static void of_many_tries_the_first_and_the_last_are_told(void **state)
{
	struct retry_log log = { 0 };
	DEFER(buf_done) struct buf text = BUF_INIT(1000);

	(void)state;
	for (int i = 0; i < 100; i++)
		retry_log_add(&log, &(struct retry_try){ .status = 500 + i }, 0, (uint64_t)i * NS);
	assert_int_equal(retry_add_causes(&text, &log), 0);
	assert_string_equal(text.ptr, "tried 100 times in 99 s: 500; 501; 502; 503; 92 more; 596; 597; 598; 599");
}

static void tries_in_a_row_that_failed_alike_are_told_once(void **state)
{
	static const int statuses[] = { 0, 0, 0, 0, 429, 429, 0 };
	struct retry_log log = { 0 }, same = { 0 };
	DEFER(buf_done) struct buf text = BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		enum retry_fault fault = statuses[i] ? RETRY_NO_FAULT : RETRY_NO_CONNECT;

		retry_log_add(&log, &(struct retry_try){ .fault = fault, .status = statuses[i] }, 0, NS);
		retry_log_add(&same, &(struct retry_try){ .fault = RETRY_NO_CONNECT }, 0, NS);
	}
	assert_int_equal(retry_add_causes(&text, &log), 0);
	assert_string_equal(text.ptr, "tried 7 times in 1 s: no connection (4 times); 429 (2 times); no connection");
	buf_clear(&text);
	assert_int_equal(retry_add_causes(&text, &same), 0);
	assert_string_equal(text.ptr, "tried 7 times in 1 s: no connection");
}

static void every_fault_has_words(void **state)
{
	(void)state;
	for (unsigned fault = RETRY_NO_FAULT + 1; fault < RETRY_FAULTS; fault++) {
		struct retry_log log = { 0 };
		DEFER(buf_done) struct buf text = BUF_INIT(1000);

		retry_log_add(&log, &(struct retry_try){ .fault = (enum retry_fault)fault }, 0, 0);
		assert_int_equal(retry_add_causes(&text, &log), 0);
		assert_true(text.len > sizeof("tried 1 time in 0 s: "));
	}
}

static void texts_that_do_not_fit_leave_nothing(void **state)
{
	struct retry_log log = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		retry_log_add(&log, &(struct retry_try){ .status = 429, .error_type = "a", .request_id = "r" }, 0, 0);
	for (size_t max = 0;; max++) {
		DEFER(buf_done) struct buf text = BUF_INIT(max);

		if (retry_add_causes(&text, &log) == 0)
			break;
		assert_int_equal(text.len, 0);
		assert_true(max < 200);
	}
}

static void every_reason_has_words_of_its_own(void **state)
{
	char seen[5][100];

	(void)state;
	for (unsigned reason = RETRY_FINAL; reason <= RETRY_NO_TIME; reason++) {
		struct retry_verdict v = { .action = RETRY_GIVE_UP, .reason = (enum retry_reason)reason };
		DEFER(buf_done) struct buf text = BUF_INIT(99);

		assert_int_equal(retry_add_reason(&text, &v), 0);
		memcpy(seen[reason], text.ptr, text.len + 1);
		for (unsigned i = 0; i < reason; i++)
			assert_string_not_equal(seen[i], seen[reason]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_its_verdict),
		cmocka_unit_test(every_fault_has_its_verdict),
		cmocka_unit_test(a_spend_limit_ends_the_call_whatever_else_is_said),
		cmocka_unit_test(the_wait_doubles_to_a_minute),
		cmocka_unit_test(the_jitter_is_full),
		cmocka_unit_test(retry_after_overrides_the_wait),
		cmocka_unit_test(what_would_wait_past_the_deadline_is_given_up_at_once),
		cmocka_unit_test(tries_come_to_an_end),
		cmocka_unit_test(only_some_methods_may_be_repeated),
		cmocka_unit_test(headers_are_read_in_any_case),
		cmocka_unit_test(what_is_not_fit_to_be_shown_is_not_kept),
		cmocka_unit_test(the_causes_of_all_tries_are_told),
		cmocka_unit_test(one_try_is_no_plural),
		cmocka_unit_test(of_many_tries_the_first_and_the_last_are_told),
		cmocka_unit_test(tries_in_a_row_that_failed_alike_are_told_once),
		cmocka_unit_test(every_fault_has_words),
		cmocka_unit_test(texts_that_do_not_fit_leave_nothing),
		cmocka_unit_test(every_reason_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
