/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/api/retry.h"
#include "common/base/text.h"

#define NS_PER_S UINT64_C(1'000'000'000)
#define FIRST_CAUSES (RETRY_CAUSES / 2) /* that many are never overwritten */

/* Where the n-th try (from 0) is kept: behind the first ones, the last ones go round. */
static unsigned place(unsigned n)
{
	return n < FIRST_CAUSES ? n : FIRST_CAUSES + (n - FIRST_CAUSES) % (RETRY_CAUSES - FIRST_CAUSES);
}

void retry_log_add(struct retry_log *log, const struct retry_try *t, uint64_t start_ns, uint64_t now_ns)
{
	struct retry_cause *c = &log->causes[place(log->count)];

	if (log->count == 0)
		log->first_ns = start_ns;
	log->last_ns = now_ns;
	c->fault = t->fault;
	c->status = t->status;
	memcpy(c->error_type, t->error_type, sizeof(c->error_type));
	memcpy(c->request_id, t->request_id, sizeof(c->request_id));
	log->count++;
}

static int add_cause(struct buf *buf, const struct retry_cause *c)
{
	static const char *const faults[RETRY_FAULTS] = {
		[RETRY_NO_FAULT] = "",
		[RETRY_NO_CONNECT] = "no connection",
		[RETRY_TLS] = "TLS handshake failed",
		[RETRY_UNTRUSTED] = "certificate not trusted",
		[RETRY_UNSENT] = "connection lost before the request was sent",
		[RETRY_RESET] = "connection reset",
		[RETRY_TIMEOUT] = "timed out",
		[RETRY_CUT] = "answer cut off",
		[RETRY_ENCODING] = "answer cannot be decoded",
		[RETRY_PROTOCOL] = "answer is not HTTP",
		[RETRY_UNREADABLE] = "answer cannot be read",
		[RETRY_TOO_LARGE] = "answer too large",
		[RETRY_CANCELLED] = "stopped",
	};
	bool has_status = c->status > 0;

	if (has_status && buf_addf(buf, "%d", c->status))
		return -1;
	if (c->error_type[0] && buf_addf(buf, "%s%s", has_status ? " " : "", c->error_type))
		return -1;
	if (c->fault != RETRY_NO_FAULT &&
	    buf_addf(buf, "%s%s", has_status || c->error_type[0] ? ", " : "", faults[c->fault]))
		return -1;
	return c->request_id[0] ? buf_addf(buf, " (%s)", c->request_id) : 0;
}

/* How many tries in a row, from this one on, failed in the same way. */
static unsigned count_same(const struct retry_log *log, unsigned n, unsigned end)
{
	const struct retry_cause *first = &log->causes[place(n)];
	unsigned same = 1;

	while (n + same < end) {
		const struct retry_cause *c = &log->causes[place(n + same)];

		if (c->fault != first->fault || c->status != first->status || c->request_id[0] ||
		    first->request_id[0] || strcmp(c->error_type, first->error_type) != 0)
			break;
		same++;
	}
	return same;
}

static int add_alike(struct buf *buf, const struct retry_log *log, unsigned n, unsigned same)
{
	if (buf_add_text(buf, n ? "; " : ": ") || add_cause(buf, &log->causes[place(n)]))
		return -1;
	return same > 1 && same < log->count ? buf_addf(buf, " (%u times)", same) : 0;
}

int retry_add_causes(struct buf *buf, const struct retry_log *log)
{
	unsigned skipped = log->count > RETRY_CAUSES ? log->count - RETRY_CAUSES : 0;
	size_t start = buf->len;
	int failed = buf_addf(buf, "tried %u time%s in %llu s", log->count, text_plural(log->count),
			      (unsigned long long)((log->last_ns - log->first_ns) / NS_PER_S));

	for (unsigned n = 0; n < log->count && !failed;) {
		unsigned same;

		if (skipped && n == FIRST_CAUSES) {
			failed = buf_addf(buf, "; %u more", skipped);
			n += skipped;
		}
		same = count_same(log, n, skipped && n < FIRST_CAUSES ? FIRST_CAUSES : log->count);
		failed = failed || add_alike(buf, log, n, same);
		n += same;
	}
	if (failed)
		buf_cut(buf, start);
	return failed ? -1 : 0;
}

int retry_add_reason(struct buf *buf, const struct retry_verdict *verdict)
{
	unsigned long long seconds = verdict->wait_ns / NS_PER_S + (verdict->wait_ns % NS_PER_S > 0);

	switch (verdict->reason) {
	case RETRY_SPEND_LIMIT:
		return buf_add_text(buf, "the spend limit has been reached");
	case RETRY_AMBIGUOUS:
		return buf_add_text(
			buf, "it may have been carried out, and is not repeated: look before it is called again");
	case RETRY_EXHAUSTED:
		return buf_add_text(buf, "all tries were used up");
	case RETRY_NO_TIME:
		return buf_addf(buf, "the next try may be in %llu s, behind the deadline", seconds);
	case RETRY_FINAL:
		break;
	}
	return buf_add_text(buf, "another try would end the same way");
}
