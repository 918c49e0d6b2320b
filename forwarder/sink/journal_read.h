/* SPDX-License-Identifier: Apache-2.0 */
/* Reading our own events back from the journal: the only file that sees libsystemd's sd-journal.
 *
 * Anybody may send a message that says it is skantd's. What counts here came from a sender that journald itself says is
 * us: of our user, or of the unit that we run in (_UID, _SYSTEMD_UNIT; systemd.journal-fields(7)). Whoever looks at
 * what another process sent, such as verify, says who that is. */
#ifndef FORWARDER_SINK_JOURNAL_READ_H
#define FORWARDER_SINK_JOURNAL_READ_H

#include "forwarder/event.h"

struct journal_reader;
struct sink_writer;

/* One entry, as far as it concerns us. Views are good until the next entry. */
struct journal_entry {
	bool is_ours; /* it has our fields, and a sender that is us */
	uint64_t seq;
	unsigned char hash[DIGEST_SHA256_BYTES];
	bool is_replay;
	bool is_this_boot;
	uint64_t mono_us; /* when journald took it, by the clock of this boot */
	int64_t realtime_us;
};

/* Of what journald took since then (realtime, us); folder NULL: in the system's journal; writer NULL: we are. NULL with
 * err: ERR_CONFIG when it may not be read. */
struct journal_reader *journal_reader_open(const char *folder, int64_t since_us, const struct sink_writer *writer,
					   struct err *err);
/* Whether it reads all that has been taken since then until now: journald has not begun a file meanwhile. */
bool journal_reader_covers(const struct journal_reader *r, int64_t since_us);
void journal_reader_free(struct journal_reader *r);

/* Goes behind the newest entry that there is now. with_name: from here on only those entries count that say they are
 * skantd's, which takes longer an entry and passes over all others. 0 or -1. */
[[nodiscard]] int journal_reader_tail(struct journal_reader *r, bool with_name, struct err *err);
/* The entry before. 1, 0 there is none, -1. */
[[nodiscard]] int journal_reader_previous(struct journal_reader *r, struct journal_entry *ret, struct err *err);

/* Whether the entry with this SKANT_CHAIN is found by its fields. A journald that is killed while it adds an entry
 * leaves one that is there and read, but not in all of its file's indexes: no search for a field finds it. The chain is
 * the last of our fields that is indexed. 1, 0, -1; then journal_reader_tail is to be called anew. */
[[nodiscard]] int journal_reader_is_indexed(struct journal_reader *r, const unsigned char *chain, struct err *err);

/* Tells all events of ours (test messages are none) that journald took from from_us on and before to_us, oldest first:
 * seq, id, type, feed, hash (of the bytes in ANTHROPIC_JSON), chain, time_ns (0: not known), is_replay. */
[[nodiscard]] int journal_reader_each(struct journal_reader *r, int64_t from_us, int64_t to_us,
				      int (*tell)(void *context, const struct event *event, struct err *err),
				      void *context, struct err *err);

#endif
