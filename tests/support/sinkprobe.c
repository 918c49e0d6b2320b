/* SPDX-License-Identifier: Apache-2.0 */
/* One sink with nothing above it, for end-to-end tests and benches:
 *
 *	sinkprobe COUNT[:BODY] TYPE [KEY=VALUE ...]
 *
 * makes COUNT events, numbers 1 to COUNT, the same ones each time, each with a body of about BODY bytes; every tenth is
 * an `err`, all others are `info`. KEY=VALUE is what a sink's part of skantd.yaml may hold. Commands come on standard
 * input, a line each, and each is answered by a line of JSON:
 *
 *	deliver A B [doubtful] [replay] [batch=N]	events A to B in batches of N, up to the first that fails
 *	idle | finish
 *	read_back [FROM_S TO_S]
 *	probe
 *	quit						(as the end of input)
 *
 * SIGTERM has the sink return at once. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/jsonw.h"
#include "forwarder/config.h"
#include "forwarder/parts.h"
#include "tests/support/madeevent.h"

#define LINE_BYTES 256
#define COUNT_MAX 10'000'000
#define NS_PER_S 1'000'000'000

struct probe {
	struct settings settings;
	const struct sink_ops *ops;
	struct sink_env env;
	void *sink;
	uint64_t count, body_len;
	int64_t observed_ns;
	struct event events[SINK_BATCH_EVENTS];
	char *bodies;
	struct sink_receipt receipt; /* of a deliver command: the sum */
	uint64_t bytes, resent, cut, durable;
	size_t rejected, unproven;
	char reason[128];
};

static atomic_bool stop;
static int wake_fd;

static void on_term(int number)
{
	const uint64_t one = 1;

	(void)number;
	atomic_store(&stop, true);
	(void)!write(wake_fd, &one, sizeof(one));
}

static void must(bool is_so, const char *what)
{
	if (is_so)
		return;
	(void)fprintf(stderr, "sinkprobe: %s\n", what);
	exit(2);
}

static void check(int status, const struct err *err)
{
	must(status == 0, err->text);
}

/* --- the sink --- */

static void add_yaml(struct buf *yaml, const char *argument)
{
	const char *equals = strchr(argument, '=');

	must(equals, "what a sink is given is KEY=VALUE");
	must(!buf_addf(yaml, ", %.*s: %s", (int)(equals - argument), argument, equals + 1), "no memory");
}

static void open_sink(struct probe *p, char **arguments)
{
	DEFER(buf_done) struct buf yaml = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;

	must(!buf_addf(&yaml,
		       "version: 1\nstate_dir: /nowhere\nfeeds: [{name: audit, type: ingest, socket: /nowhere/s}]\n"
		       "sinks: [{name: probe, type: %s",
		       *arguments++),
	     "no memory");
	while (*arguments)
		add_yaml(&yaml, *arguments++);
	must(!buf_add_text(&yaml, "}]\n"), "no memory");
	check(config_parse(buf_view(&yaml), "sinkprobe", &p->settings, &err), &err);
	p->ops = parts_sink_ops(&p->settings.sinks[0]);
	p->env.stop = &stop;
	p->env.wake_fd = wake_fd;
	p->sink = parts_open_sink(&p->settings.sinks[0], &p->env, "host.example", &err);
	check(p->sink ? 0 : -1, &err);
}

/* --- answers --- */

static void answer(struct jsonw *w, struct buf *out)
{
	jsonw_end(w);
	must(jsonw_ok(w), "no memory");
	(void)printf("%.*s\n", (int)out->len, out->ptr);
	(void)fflush(stdout);
}

static const char *name_of(enum sink_result result)
{
	static const char *const names[] = { "ok", "retry", "lost", "broken" };

	return names[result];
}

static void add_up(struct probe *p)
{
	const struct sink_receipt *r = &p->receipt;

	p->bytes += r->bytes;
	p->resent += r->resent;
	p->cut += r->cut;
	p->durable = r->durable_seq > p->durable ? r->durable_seq : p->durable;
	for (size_t i = 0; i < r->exception_count; i++) {
		p->rejected += r->exceptions[i].is_rejected;
		p->unproven += !r->exceptions[i].is_rejected;
		memcpy(p->reason, r->exceptions[i].reason, sizeof(p->reason));
	}
}

static void tell_receipt(const struct probe *p, const char *command, enum sink_result result, uint64_t confirmed,
			 uint64_t took_ns, const struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct jsonw w;

	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "command", command);
	jsonw_member_text(&w, "result", name_of(result));
	jsonw_member_u64(&w, "confirmed", confirmed); /* the number of the last one; 0 = none of them */
	jsonw_member_u64(&w, "sent", p->receipt.sent);
	jsonw_member_u64(&w, "bytes", p->bytes);
	jsonw_member_u64(&w, "resent", p->resent);
	jsonw_member_u64(&w, "cut", p->cut);
	jsonw_member_u64(&w, "durable", p->durable);
	jsonw_member_u64(&w, "rejected", p->rejected);
	jsonw_member_u64(&w, "unproven", p->unproven);
	jsonw_member_text(&w, "reason", p->reason);
	jsonw_member_u64(&w, "us", took_ns / 1000);
	jsonw_member_text(&w, "error", result == SINK_OK ? "" : err->text);
	answer(&w, &out);
}

/* --- commands --- */

static enum sink_result deliver_batch(struct probe *p, uint64_t first, size_t count, bool is_doubtful, bool is_replay,
				      struct err *err)
{
	struct sink_batch batch = { .events = p->events, .count = count, .is_doubtful = is_doubtful };

	for (size_t i = 0; i < count; i++)
		check(madeevent(&p->events[i], p->bodies + i * (p->body_len + 1), p->body_len, first + i,
				p->observed_ns, is_replay, err),
		      err);
	p->receipt = (struct sink_receipt){ .confirmed = 0 };
	return p->ops->deliver(p->sink, &batch, &p->receipt, err);
}

static void deliver(struct probe *p, uint64_t first, uint64_t last, uint64_t size, bool is_doubtful, bool is_replay)
{
	uint64_t confirmed = 0, took_ns = 0;
	enum sink_result result = SINK_OK;
	struct err err = ERR_INIT;

	p->bytes = p->resent = p->cut = p->durable = 0;
	p->rejected = p->unproven = 0;
	p->reason[0] = '\0';
	while (first <= last && result == SINK_OK) {
		size_t count = last - first + 1 > size ? size : last - first + 1;
		uint64_t started_ns = clock_mono_ns();

		result = deliver_batch(p, first, count, is_doubtful, is_replay, &err);
		took_ns += clock_mono_ns() - started_ns;
		add_up(p);
		must(result != SINK_OK || p->receipt.confirmed == count, "SINK_OK, and not all are told of");
		first += p->receipt.confirmed;
		confirmed = p->receipt.confirmed ? first - 1 : confirmed;
	}
	tell_receipt(p, "deliver", result, confirmed, took_ns, &err);
}

static void run_deliver(struct probe *p, struct view line)
{
	uint64_t numbers[2] = { 0, 0 }, size = SINK_BATCH_EVENTS;
	bool is_doubtful = false, is_replay = false;

	for (size_t n = 0; line.len; n++) {
		size_t space = text_find_byte(line, ' ');
		struct view word = view_sub(line, 0, space);

		line = space == SIZE_MAX ? VIEW_NONE : view_sub(line, space + 1, SIZE_MAX);
		if (n < 2)
			must(!text_u64(word, p->count, &numbers[n]), "deliver A B: numbers of events");
		else if (text_starts(word, VIEW("batch=")))
			must(!text_u64(view_sub(word, 6, SIZE_MAX), SINK_BATCH_EVENTS, &size) && size, "batch=N");
		is_doubtful |= text_eq(word, VIEW("doubtful"));
		is_replay |= text_eq(word, VIEW("replay"));
	}
	must(numbers[0] && numbers[0] <= numbers[1], "deliver A B: A is at most B");
	deliver(p, numbers[0], numbers[1], size, is_doubtful, is_replay);
}

static void run_idle(struct probe *p)
{
	enum sink_result result = SINK_OK;
	uint64_t started_ns = clock_mono_ns();
	struct err err = ERR_INIT;

	p->receipt = (struct sink_receipt){ .confirmed = 0 };
	if (p->ops->idle)
		result = p->ops->idle(p->sink, &p->receipt, &err);
	p->durable = p->receipt.durable_seq;
	tell_receipt(p, "idle", result, 0, clock_mono_ns() - started_ns, &err);
}

static int tell_event(void *context, const struct event *e, struct err *err)
{
	struct jsonw *w = context;

	(void)err;
	jsonw_object(w);
	jsonw_member_u64(w, "seq", e->seq);
	jsonw_member(w, "id", e->id);
	jsonw_member(w, "type", e->type);
	jsonw_member(w, "feed", e->feed);
	jsonw_member_u64(w, "time_s", (uint64_t)(e->time_ns / NS_PER_S));
	jsonw_key(w, "replay");
	jsonw_bool(w, e->is_replay);
	jsonw_end(w);
	return 0;
}

static void run_read_back(struct probe *p, struct view line)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 30);
	uint64_t from_s = 0, to_s = INT64_MAX / NS_PER_S;
	size_t space = text_find_byte(line, ' ');
	struct err err = ERR_INIT;
	struct jsonw w;
	int status;

	if (line.len)
		must(!text_u64(view_sub(line, 0, space), to_s, &from_s) &&
			     !text_u64(view_sub(line, space + 1, SIZE_MAX), to_s, &to_s),
		     "read_back FROM_S TO_S");
	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "command", "read_back");
	jsonw_key(&w, "events");
	jsonw_array(&w);
	must(p->ops->read_back, "this sink cannot be read back");
	status = p->ops->read_back(p->sink, (int64_t)from_s * NS_PER_S, (int64_t)to_s * NS_PER_S, tell_event, &w, &err);
	jsonw_end(&w);
	jsonw_member_text(&w, "error", status ? err.text : "");
	answer(&w, &out);
}

static void run_probe(struct probe *p)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20), report = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	struct jsonw w;
	int status = p->ops->probe(p->sink, &report, &err);

	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "command", "probe");
	jsonw_member_text(&w, "result", status < 0 ? "failed" : status ? "bad" : "good");
	jsonw_member(&w, "report", buf_view(&report));
	jsonw_member_text(&w, "error", status < 0 ? err.text : "");
	answer(&w, &out);
}

static void run_finish(struct probe *p)
{
	const struct err err = ERR_INIT;

	tell_receipt(p, "finish", p->ops->finish && p->ops->finish(p->sink) ? SINK_OK : SINK_LOST, 0, 0, &err);
}

static void run(struct probe *p, struct view line)
{
	if (text_starts(line, VIEW("deliver ")))
		run_deliver(p, view_sub(line, 8, SIZE_MAX));
	else if (text_eq(line, VIEW("idle")))
		run_idle(p);
	else if (text_eq(line, VIEW("finish")))
		run_finish(p);
	else if (text_starts(line, VIEW("read_back")))
		run_read_back(p, text_trim(view_sub(line, 9, SIZE_MAX)));
	else if (text_eq(line, VIEW("probe")))
		run_probe(p);
	else
		must(false, "an unknown command");
}

static void read_count(struct probe *p, const char *text)
{
	struct view v = view_of(text);
	size_t colon = text_find_byte(v, ':');

	p->body_len = 420;
	must(!text_u64(view_sub(v, 0, colon), COUNT_MAX, &p->count) &&
		     (colon == SIZE_MAX ||
		      !text_u64(view_sub(v, colon + 1, SIZE_MAX), JSON_RECORD_BYTES, &p->body_len)),
	     "COUNT[:BODY] is not understood");
	p->bodies = malloc(SINK_BATCH_EVENTS * (p->body_len + 1));
	must(p->bodies, "no memory");
}

int main(int argc, char **argv)
{
	struct probe *p = calloc(1, sizeof(*p));
	char line[LINE_BYTES];

	must(p && argc >= 3, "usage: sinkprobe COUNT[:BODY] TYPE [KEY=VALUE ...]");
	(void)signal(SIGPIPE, SIG_IGN);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)signal(SIGTERM, on_term);
	read_count(p, argv[1]);
	p->observed_ns = (clock_unix_s() - 60) * NS_PER_S; /* long enough ago for another of us to have sent them */
	open_sink(p, argv + 2);
	while (fgets(line, sizeof(line), stdin)) {
		struct view command = text_trim(view_of(line));

		if (text_eq(command, VIEW("quit")))
			break;
		run(p, command);
	}
	p->ops->close(p->sink);
	for (size_t i = 0; i < SINK_BATCH_EVENTS; i++)
		event_done(&p->events[i]);
	settings_done(&p->settings);
	free(p->bodies);
	free(p);
	return 0;
}
