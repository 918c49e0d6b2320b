/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/clock.h"
#include "forwarder/sink/journal_wire.h"
#include "forwarder/sink/journald_work.h"

/* {"probe":NUMBER,"filling":"xxx..."} */
static int add_body(struct buf *body, size_t size)
{
	if (buf_addf(body, "{\"probe\":%llu,\"filling\":\"", (unsigned long long)clock_mono_ns()))
		return -1;
	while (body->len < size)
		if (buf_add_byte(body, 'x'))
			return -1;
	return buf_add_text(body, "\"}");
}

/* A message of so many bytes that says what it is. 0 it is there, 1 it is not, -1. */
static int probe_one(struct journald *j, size_t size, struct err *err)
{
	DEFER(buf_done) struct buf body = BUF_INIT(2 * (size_t)JSON_RECORD_BYTES);
	struct event event = { .seq = 1,
			       .feed = VIEW("skantd"),
			       .id = VIEW(EVENT_PROBE_ID),
			       .type = VIEW(EVENT_PROBE_TYPE),
			       .class = EVENT_CLASS_RECORD,
			       .severity = EVENT_INFO,
			       .is_replay = true,
			       .message = VIEW("test message of skantd check: nothing has happened") };
	const struct sink_batch batch = { .events = &event, .count = 1 };
	struct sink_receipt receipt = { .confirmed = 0 };

	if (add_body(&body, size))
		return err_nomem(err);
	/* Whoever reads the journal back knows by these that it is no event (event_is_probe). */
	event.fields[EVENT_ACTIVITY_ID] = event.id;
	event.fields[EVENT_ACTIVITY_TYPE] = event.type;
	event.body = buf_view(&body);
	event.observed_ns = clock_unix_ns();
	digest_sha256(event.body, event.hash);
	if (journald_look_start(j, &batch, err) != SINK_OK)
		return -1;
	buf_clear(&j->wire);
	if (journal_add_entry(&j->wire, &event, j->env->settings->facility))
		return err_nomem(err);
	if (journald_send(j, &receipt, err) != SINK_OK || journald_look(j, err) != SINK_OK)
		return -1;
	return j->found != 1;
}

int journald_probe(void *sink, struct buf *report, struct err *err)
{
	static const size_t sizes[] = { 100, 10'000, 200'000, 1'000'000 };
	struct journald *j = sink;
	int worst = 0, synced;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		int status = probe_one(j, sizes[i], err);

		if (status < 0)
			return -1;
		worst |= status;
		if (buf_addf(report, "a message of %zu bytes: %s\n", sizes[i],
			     status ? "NOT found in the journal" : "stored and read back"))
			return err_nomem(err);
	}
	synced = journal_sync(&j->sync, err);
	if (synced < 0)
		return -1;
	return buf_addf(report, "%s\n",
			synced ? "the journal is on a disk and can be synced: events are proved durable"
			       : "the journal is kept in memory (Storage=volatile): events are never proved durable")
		       ? err_nomem(err)
		       : worst;
}
