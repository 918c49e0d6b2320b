/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an answer's headers, one a line as `name: value`, the first line an error type. What is waited for stays
 * within bounds, and what is shown of it is plain. */
#include <stdlib.h>

#include "common/api/ratestate.h"
#include "common/api/retry.h"
#include "common/base/text.h"

#define NOW_S 1795528149
#define NOW_NS UINT64_C(5'000'000'000'000)
#define NS_PER_S UINT64_C(1'000'000'000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_limits(const struct ratelimit_word *word)
{
	static struct ratestate s; /* large */
	struct ratelimit_limits none = { 0 };
	struct ratelimit_use use = { 10, 10 };
	struct ratelimit_ticket ticket;
	uint64_t ready_ns;

	ratestate_init(&s, NOW_NS);
	ratestate_take(&s, &use, NOW_NS, &ticket);
	ratestate_observe(&s, word, NOW_NS, NOW_S);
	check(ratestate_check(&s, NOW_NS));
	ready_ns = ratestate_ready_ns(&s, &none, &use, NOW_NS, 0);
	check(ready_ns <= NOW_NS + (RATELIMIT_HOLD_S + 1) * NS_PER_S);
	check(ratestate_earliest_ns(&s, &none, &use, NOW_NS) <= ready_ns);
	ratestate_settle(&s, &ticket, &use);
}

static void check_retry(struct retry_try *t)
{
	struct retry_call call = { .is_repeatable = true, .max_retries = 3, .deadline_ns = NOW_NS + 100 * NS_PER_S };
	DEFER(buf_done) struct buf text = BUF_INIT(4096);
	struct retry_log log = { 0 };

	for (t->status = 100; t->status < 600; t->status += 29) {
		struct retry_verdict v = retry_decide(&call, t, 2, NOW_NS, NOW_S, (uint64_t)t->status << 40);

		check(v.action != RETRY_AGAIN || v.wait_ns < 100 * NS_PER_S);
		retry_log_add(&log, t, NOW_NS, NOW_NS);
	}
	check(retry_add_causes(&text, &log) == 0);
	for (size_t i = 0; i < text.len; i++)
		check(text.ptr[i] >= ' ' && text.ptr[i] <= '~');
	check(text_find(buf_view(&text), VIEW("sk-ant-")) == SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = view_from(data, size), line = VIEW_NONE;
	struct ratelimit_word word = { 0 };
	struct retry_try t = { 0 };

	if (text_next_line(&rest, &line))
		retry_set_error(&t, line, VIEW_NONE);
	while (text_next_line(&rest, &line)) {
		size_t colon = text_find_byte(line, ':');
		struct view name = view_sub(line, 0, colon), value = VIEW_NONE;

		if (colon != SIZE_MAX)
			value = view_sub(line, colon + 1, line.len);
		ratelimit_header(&word, name, value);
		retry_header(&t, name, value, NOW_S);
	}
	check_limits(&word);
	check_retry(&t);
	return 0;
}
