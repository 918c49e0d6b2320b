/* SPDX-License-Identifier: Apache-2.0 */
/* How fast the journald sink stores events, read back, beside a minimal sender of the very same bytes, which only waits
 * for the last of them to show. Both run in turns; the ratio of their medians is printed. Run it where journald may be
 * filled: tests/bench/journald does, in a namespace.
 *
 * journal_bench [EVENTS [ROUNDS]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/sink.h"
#include "forwarder/sink/journal_read.h"
#include "forwarder/sink/journal_socket.h"
#include "forwarder/sink/journal_wire.h"

#define BODY                                                                                                           \
	"{\"id\":\"activity_%" PRIu64 "\",\"created_at\":\"2026-04-10T08:09:10Z\","                                    \
	"\"organization_id\":\"org_01Wv6\",\"type\":\"platform_api_key_updated\",\"api_key_id\":\"apikey_01\","        \
	"\"workspace_id\":\"wrkspc_1\",\"actor\":{\"type\":\"user_actor\",\"user_id\":\"user_01Tu\","                  \
	"\"email_address\":\"anna@example.com\",\"ip_address\":\"192.0.2.34\",\"user_agent\":\"Mozilla/5.0\"},"        \
	"\"updates\":[{\"type\":\"status\",\"previous_value\":\"active\",\"current_value\":\"inactive\"}]}"
#define BATCH SINK_BATCH_EVENTS
#define PER_DATAGRAM 100
#define ROUNDS_MAX 9

static struct event events[BATCH];
static struct buf bodies[BATCH], ids[BATCH];
static uint64_t next_seq;

static void die(const char *text)
{
	(void)fprintf(stderr, "journal_bench: %s\n", text);
	exit(1);
}

static void make_batch(void)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < BATCH; i++) {
		struct event *e = &events[i];
		uint64_t seq = ++next_seq;

		buf_clear(&bodies[i]);
		buf_clear(&ids[i]);
		bodies[i].max = ids[i].max = 4096;
		if (buf_addf(&bodies[i], BODY, seq) || buf_addf(&ids[i], "activity_%" PRIu64, seq))
			die("no memory");
		e->seq = seq;
		e->feed = VIEW("audit");
		e->id = buf_view(&ids[i]);
		e->type = VIEW("platform_api_key_updated");
		e->origin = EVENT_PLATFORM;
		e->observed_ns = (int64_t)clock_unix_s() * 1'000'000'000;
		e->body = buf_view(&bodies[i]);
		digest_sha256(e->body, e->hash);
		digest_sha256(e->id, e->chain);
		if (event_read(e, &err))
			die(err.text);
	}
}

/* The fuller a file, the longer journald takes for an entry: each run has one of its own. */
static void begin_file(void)
{
	if (system("journalctl --quiet --rotate")) /* NOLINT(cert-env33-c,concurrency-mt-unsafe): there is one thread */
		die("journalctl cannot rotate the journal");
	sync(); /* or the writing of the last one slows this one */
}

static double seconds(uint64_t since_ns)
{
	return (double)(clock_mono_ns() - since_ns) / 1e9;
}

/* Encodes a batch, sends it, and at the end waits until the last event is at the journal's end. */
static double run_minimal(size_t count)
{
	const atomic_bool stop = false;
	const struct sink_env env = { .stop = &stop, .wake_fd = -1 };
	struct journal_socket socket = { .env = &env, .path = "/run/systemd/journal/socket", .fd = -1 };
	struct buf wire = BUF_INIT(64u << 20);
	struct err err = ERR_INIT;
	struct journal_reader *reader = journal_reader_open(NULL, clock_unix_ns() / 1000, NULL, &err);
	struct journal_entry entry = { .seq = 0 };
	uint64_t start_ns;
	double spent = 0;

	if (!reader)
		die(err.text);
	for (size_t done = 0; done < count; done += BATCH) {
		make_batch();
		start_ns = clock_mono_ns();
		for (size_t i = 0; i < BATCH; i += PER_DATAGRAM) {
			buf_clear(&wire);
			for (size_t k = i; k < i + PER_DATAGRAM; k++)
				if ((k > i && buf_add_byte(&wire, '\n')) || journal_add_entry(&wire, &events[k], 13))
					die("no memory");
			if (journal_send(&socket, buf_view(&wire), 30'000, &err))
				die(err.text);
		}
		spent += seconds(start_ns);
	}
	start_ns = clock_mono_ns();
	do
		if (journal_reader_tail(reader, false, &err) || journal_reader_previous(reader, &entry, &err) < 0)
			die(err.text);
	while (entry.seq != next_seq);
	spent += seconds(start_ns);
	journal_reader_free(reader);
	journal_socket_close(&socket);
	buf_done(&wire);
	return spent;
}

static double run_sink(size_t count, bool is_synced)
{
	char socket[] = "/run/systemd/journal/socket";
	const struct settings_sink settings = { .socket = socket, .facility = 13, .sync_batch = is_synced };
	struct sink_receipt *receipt = calloc(1, sizeof(*receipt));
	struct err err = ERR_INIT;
	atomic_bool stop;
	struct sink_env env = { .settings = &settings, .stop = &stop, .wake_fd = eventfd(0, EFD_CLOEXEC) };
	double spent = 0;
	void *sink;

	atomic_init(&stop, false);
	sink = sink_journald.open(&env, &err);
	if (!sink || !receipt)
		die(err.text);
	for (size_t done = 0; done < count; done += BATCH) {
		const struct sink_batch batch = { .events = events, .count = BATCH };
		uint64_t start_ns;

		make_batch();
		start_ns = clock_mono_ns();
		*receipt = (struct sink_receipt){ .confirmed = 0 };
		if (sink_journald.deliver(sink, &batch, receipt, &err) != SINK_OK || receipt->confirmed != BATCH)
			die(err.text);
		spent += seconds(start_ns);
	}
	sink_journald.close(sink);
	free(receipt);
	return spent;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static uint64_t number(const char *text, uint64_t max)
{
	uint64_t n;

	if (text_u64(view_of(text), max, &n) || !n)
		die("a number was expected");
	return n;
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? (size_t)number(argv[1], 10'000'000) : 100'000;
	size_t rounds = argc > 2 ? (size_t)number(argv[2], ROUNDS_MAX) : 3;
	double minimal[ROUNDS_MAX], stored[ROUNDS_MAX], durable[ROUNDS_MAX], m, s, d;

	count = (count + BATCH - 1) / BATCH * BATCH;
	for (size_t i = 0; i < rounds; i++) {
		begin_file();
		minimal[i] = run_minimal(count);
		begin_file();
		stored[i] = run_sink(count, false);
		begin_file();
		durable[i] = run_sink(count, true);
	}
	m = median(minimal, rounds);
	s = median(stored, rounds);
	d = median(durable, rounds);
	printf("| what | events/s | of the minimal sender |\n| --- | --- | --- |\n");
	printf("| minimal sender, %zu events of the same bytes | %.0f | |\n", count, (double)count / m);
	printf("| the sink, each read back (`sync: none`) | %.0f | %.2f |\n", (double)count / s, m / s);
	printf("| the sink, each read back and synced | %.0f | %.2f |\n", (double)count / d, m / d);
	return 0;
}
