/* SPDX-License-Identifier: Apache-2.0 */
/* How fast the spool stores pages, sees that it has them, reads, tells and audits, by the clock and in processor time,
 * which a busy machine blurs less. One line each:
 *
 *	spool_bench DIR [EVENTS]	DIR: an empty folder on the disk in question; 200,000 events unless told */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/spool/spool.h"

#define EVENTS 200'000
#define EVENTS_MAX 100'000'000
#define BODY_BYTES 600
#define PAGE_MAX 1000
#define NS_PER_S 1e9

static struct page_record records[PAGE_MAX];
static char ids[PAGE_MAX][40];
static char bodies[PAGE_MAX][BODY_BYTES];

/* Records from number on, with ids in no order, as the provider's. */
static struct page make_page(uint64_t number, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t n = number + i, mixed = n * 0x9E3779B97F4A7C15u;
		int len = snprintf(ids[i], sizeof(ids[i]), "activity_%016" PRIx64 "%08" PRIx64, mixed, n);

		memset(bodies[i], 'x', BODY_BYTES);
		(void)snprintf(bodies[i], BODY_BYTES, "{\"n\":%" PRIu64 ",\"text\":\"", n);
		records[i] = (struct page_record){ .id = view_from(ids[i], (size_t)len),
						   .type = VIEW("platform_api_key_created"),
						   .origin = EVENT_PLATFORM,
						   .time_ns = (int64_t)n,
						   .body = view_from(bodies[i], BODY_BYTES) };
	}
	return (struct page){ .feed = "audit", .records = records, .count = count, .state = VIEW("cursor") };
}

/* Processor time is told from line to line. */
static void tell(const char *what, uint64_t count, uint64_t start_ns)
{
	static double told;
	double s = (double)(clock_mono_ns() - start_ns) / NS_PER_S;
	struct timespec cpu;
	double used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	used = (double)cpu.tv_sec + (double)cpu.tv_nsec / NS_PER_S;
	printf("%-28s %10" PRIu64 " in %7.3f s: %10.0f/s; %7.3f s of processor\n", what, count, s, (double)count / s,
	       used - told);
	told = used;
	(void)fflush(stdout);
}

static int put(struct spool *spool, const char *what, uint64_t from, uint64_t to, size_t page_size, struct err *err)
{
	uint64_t start_ns = clock_mono_ns();

	for (uint64_t n = from; n < to; n += page_size) {
		struct page page = make_page(n, page_size);
		struct page_stored stored = { .added = 0 };

		if (spool_put(spool, &page, &stored, err))
			return -1;
	}
	tell(what, to - from, start_ns);
	return 0;
}

static int read_all(struct spool *spool, struct err *err)
{
	DEFER(spool_batch_freep) struct spool_batch *batch = spool_batch_new(spool, err);
	uint64_t start_ns = clock_mono_ns(), seq = 0, count = 0;
	struct event *events;
	int n;

	if (!batch)
		return -1;
	while ((n = spool_read(batch, seq, 1000, 4u << 20, &events, NULL, err)) > 0) {
		seq = events[n - 1].seq;
		count += (uint64_t)n;
	}
	tell("read, 1000 at once", count, start_ns);
	return n;
}

static int count_entry(void *context, const struct spool_entry *, struct err *)
{
	*(uint64_t *)context += 1;
	return 0;
}

static int audit(struct spool *spool, struct err *err)
{
	uint64_t start_ns = clock_mono_ns(), count = 0;

	if (spool_entry_each(spool, 1, spool_head(spool), count_entry, &count, err))
		return -1;
	tell("entries told", count, start_ns);
	start_ns = clock_mono_ns();
	if (spool_audit(spool, 1, spool_head(spool), NULL, NULL, &count, err))
		return -1;
	tell("audit", count, start_ns);
	return 0;
}

static int trim(struct spool *spool, struct err *err)
{
	const struct spool_keep keep = { .bodies_ns = -(int64_t)NS_PER_S, .ledger_ns = INT64_MAX / 2 };
	uint64_t start_ns = clock_mono_ns(), steps = 0, longest_ns = 0;
	bool more = true;

	while (more) {
		uint64_t step_ns = clock_mono_ns();

		if (spool_trim(spool, &keep, &more, err))
			return -1;
		step_ns = clock_mono_ns() - step_ns;
		longest_ns = step_ns > longest_ns ? step_ns : longest_ns;
		steps++;
	}
	tell("bodies trimmed", spool_head(spool), start_ns);
	printf("%-28s %10" PRIu64 ", the longest %.1f ms\n", "steps of it", steps, (double)longest_ns / 1e6);
	return 0;
}

static int run(const char *dir, uint64_t events, struct err *err)
{
	const struct spool_options options = { .dir = dir };
	DEFER(spool_freep) struct spool *spool = spool_open(&options, err);
	uint64_t start_ns;

	if (!spool || put(spool, "put, pages of 100", 0, events / 2, 100, err) ||
	    put(spool, "put, pages of 1000", events / 2, events, PAGE_MAX, err) ||
	    put(spool, "put again, pages of 1000", 0, events, PAGE_MAX, err) || read_all(spool, err) ||
	    audit(spool, err))
		return -1;
	spool_free(TAKE(spool));
	start_ns = clock_mono_ns();
	spool = spool_open(&options, err);
	if (!spool)
		return -1;
	tell("opened again", events, start_ns);
	return trim(spool, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	uint64_t events = EVENTS;

	if (argc < 2 || argc > 3 || (argc == 3 && text_u64(view_of(argv[2]), EVENTS_MAX, &events)) || events % 2000) {
		(void)fputs("usage: spool_bench DIR [EVENTS, a multiple of 2000]\n", stderr);
		return 2;
	}
	if (run(argv[1], events, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return 0;
}
