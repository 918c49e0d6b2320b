/* SPDX-License-Identifier: Apache-2.0 */
/* The spool: where events wait until every sink is done with them, and the ledger that stays behind. One SQLite file
 * (WAL, synchronous=FULL) in the state folder; nothing else of the project sees SQLite.
 *
 * What one call stores is there wholly or not at all, and on the disk when it returns. Usable by several threads at
 * once. One process a state folder writes (a lock that dies with the process); others may read meanwhile.
 *
 * Events get sequence numbers from 1 without a gap, and a chain over all of them:
 *
 *	hash  = SHA-256(body)
 *	chain = SHA-256(chain of the event before || length of the id as 64 bits, big-endian || id || hash)
 *
 * and before the first event the chain is 32 zero bytes. When a body's time is over, its ledger row stays: sequence,
 * feed, id, type, times, hash, chain. */
#ifndef FORWARDER_SPOOL_SPOOL_H
#define FORWARDER_SPOOL_SPOOL_H

#include "forwarder/page.h"

struct spool;

struct spool_options {
	const char *dir;         /* has to exist; the file is DIR/spool.db, 0600, beside it DIR/lock */
	uint64_t max_bytes;      /* spool_put answers "full" from there on; 0 = any number */
	bool read_only;          /* takes no lock, changes nothing; for status and verify beside a running daemon */
	bool is_guest;           /* takes no lock, and only adds replays; beside a running daemon or without one */
	int64_t (*now_ns)(void); /* NULL: the system's clock */
};

/* Opens, creates, checks (PRAGMA quick_check) and brings an older schema up to date. NULL with err: another process has
 * the lock (its pid is told), a newer schema (which is left untouched), damage, a folder that others may write to. */
struct spool *spool_open(const struct spool_options *options, struct err *err);
void spool_free(struct spool *spool);
void spool_freep(struct spool **spool);

/* --- feeds --- */

/* Stores the new ones among the records and the feed's state. 0; 1 when the spool is full: nothing is stored; -1 with
 * err (ERR_IO, errnum of a full disk or a read-only file system among them: it may go through later; ERR_FORMAT: a
 * record breaks the rules of page.h). */
[[nodiscard]] int spool_put(struct spool *spool, const struct page *page, struct page_stored *ret, struct err *err);

/* From now on max_bytes of spool_options is this. */
void spool_limit(struct spool *spool, uint64_t max_bytes);

/* Appends the feed's state; nothing when it has none. */
[[nodiscard]] int spool_feed_state(struct spool *spool, const char *feed, struct buf *ret, struct err *err);

/* Appends the names of all feeds that ever had a state, but for one, a line each. */
[[nodiscard]] int spool_feed_names(struct spool *spool, const char *but, struct buf *ret, struct err *err);

/* What the feed keeps by name (struct page_item): appends the value of key; nothing when there is none. */
[[nodiscard]] int spool_item(struct spool *spool, const char *feed, struct view key, struct buf *ret, struct err *err);

/* Tells all with from <= key < to, in the order of bytes. What is told lives during the call, which may itself call the
 * spool; what it changes behind its place is told changed. 0, or what tell returned when it was not 0, or -1. */
[[nodiscard]] int spool_item_each(struct spool *spool, const char *feed, struct view from, struct view to,
				  page_item_tell *tell, void *context, struct err *err);

/* Which of these ids the feed has. ret: an array of count. */
[[nodiscard]] int spool_has(struct spool *spool, const char *feed, const struct view *ids, size_t count, bool *ret,
			    struct err *err);

/* --- reading --- */

uint64_t spool_head(struct spool *spool); /* the last sequence number; 0 = none. No system call */

struct spool_head {
	uint64_t seq;
	unsigned char chain[DIGEST_SHA256_BYTES];
	int64_t observed_ns;
};
[[nodiscard]] int spool_head_read(struct spool *spool, struct spool_head *ret, struct err *err);

/* Writes 1 to an eventfd whenever events were added, until it is told to stop (is_on false). At most 64 of them. */
[[nodiscard]] int spool_subscribe(struct spool *spool, int event_fd, bool is_on);

/* A place in memory for what one thread reads. */
struct spool_batch;
struct spool_batch *spool_batch_new(struct spool *spool, struct err *err); /* has its own connection */
void spool_batch_free(struct spool_batch *batch);
void spool_batch_freep(struct spool_batch **batch);

/* Reads events after seq, in order: at most max_count, and no more once their bodies have max_bytes (always at least
 * one). *ret_events (event_read was not called; the events keep their stores from call to call) live until the next
 * read. Events whose body has gone are skipped and counted in *ret_gone (may be NULL). The number of events, 0 at the
 * end; -1 with err. */
[[nodiscard]] int spool_read(struct spool_batch *batch, uint64_t after_seq, size_t max_count, size_t max_bytes,
			     struct event **ret_events, uint64_t *ret_gone, struct err *err);

/* The first sequence number of an event observed at or after time_ns; head + 1 when there is none. */
[[nodiscard]] int spool_seq_at(struct spool *spool, int64_t time_ns, uint64_t *ret, struct err *err);

/* --- sinks --- */

struct spool_cursor {
	uint64_t confirmed; /* done with up to here */
	uint64_t attempted; /* may have been sent up to here */
	uint64_t window;    /* what is behind this one up to confirmed is sent again after a lost connection */
	uint64_t durable;   /* durable up to here; 0 where that is never known */
	uint64_t delivered, unproven, rejected, replayed, resent, cut; /* events, since the sink is there */
	uint64_t start; /* what spool_cursor_load was first told: nothing up to here is owed to the sink */
};

/* The sink's row; makes one that starts behind start_seq when there is none. */
[[nodiscard]] int spool_cursor_load(struct spool *spool, const char *sink, uint64_t start_seq, struct spool_cursor *ret,
				    struct err *err);

struct spool_exception {
	uint64_t seq;
	bool is_rejected; /* a dead letter; else unproven */
	const char *reason;
};

/* Stores where the sink is and what did not go as it should, together. */
[[nodiscard]] int spool_cursor_store(struct spool *spool, const char *sink, const struct spool_cursor *cursor,
				     const struct spool_exception *exceptions, size_t count, struct err *err);

/* All sinks that ever had a row, in the order of their names. */
[[nodiscard]] int spool_cursor_each(struct spool *spool,
				    int (*tell)(void *context, const char *sink, const struct spool_cursor *cursor,
						struct err *err),
				    void *context, struct err *err);

/* The exceptions of one sink, oldest first; sink NULL: of all. */
[[nodiscard]] int spool_exception_each(struct spool *spool, const char *sink,
				       int (*tell)(void *context, const char *sink, const struct spool_exception *e,
						   struct err *err),
				       void *context, struct err *err);

/* A replay that somebody asked for: the sink sends these again, marked, and then takes the row away. */
struct spool_replay {
	int64_t id;
	uint64_t from_seq, to_seq; /* both inclusive */
	bool dead_only;            /* its dead letters in that range, which are none any more once sent */
	uint64_t done_seq;         /* how far it is */
};
[[nodiscard]] int spool_replay_add(struct spool *spool, const char *sink, const struct spool_replay *replay,
				   struct err *err);
/* The oldest one that is not done and was asked for after the one with this id (0: of all). 1, 0 when there is none,
 * -1. */
[[nodiscard]] int spool_replay_next(struct spool *spool, const char *sink, int64_t after_id, struct spool_replay *ret,
				    struct err *err);
[[nodiscard]] int spool_replay_store(struct spool *spool, const struct spool_replay *replay, struct err *err);

/* --- keeping and proving --- */

struct spool_keep {
	int64_t bodies_ns, ledger_ns; /* ages */
	const char *const *sinks; /* those configured: a body stays until all of them are past it, window included */
	size_t sink_count;
};
/* One step of what is due, at most some milliseconds of writing. *ret_more: there may be more to do, and the call that
 * finds nothing says so at once. Fails on a disk without any room as well: deleting is written to the log first. */
[[nodiscard]] int spool_trim(struct spool *spool, const struct spool_keep *keep, bool *ret_more, struct err *err);

struct spool_size {
	/* Of the database, less what is free inside. The log beside it stays below 48 MiB, unless another program reads
	 * for long. */
	uint64_t bytes;
	uint64_t events, bodies; /* ledger rows, rows that have a body still */
	uint64_t max_bytes;
	uint64_t oldest_seq, oldest_body_seq; /* 0 = none */
};
[[nodiscard]] int spool_size(struct spool *spool, struct spool_size *ret, struct err *err);

/* One row of the ledger. */
struct spool_entry {
	struct event event; /* without what event_read makes; body empty when it has gone */
	bool has_body;
};

/* Tells all rows from from_seq to to_seq in order; what it is told lives during the call. */
[[nodiscard]] int spool_entry_each(struct spool *spool, uint64_t from_seq, uint64_t to_seq,
				   int (*tell)(void *context, const struct spool_entry *entry, struct err *err),
				   void *context, struct err *err);

/* What is wrong with the ledger itself: a missing number, a body that is not its hash, a link that is not its chain, a
 * body that has gone before its time. Each is told; *ret_checked counts rows. The chain of row from_seq - 1 is where it
 * starts, when that is there or was the last one whose time was over. */
enum spool_fault { SPOOL_MISSING, SPOOL_BODY_ALTERED, SPOOL_CHAIN_BROKEN, SPOOL_BODY_MISSING };
[[nodiscard]] int spool_audit(struct spool *spool, uint64_t from_seq, uint64_t to_seq,
			      int (*tell)(void *context, uint64_t seq, enum spool_fault fault, struct err *err),
			      void *context, uint64_t *ret_checked, struct err *err);

/* Things that are kept by name, for what has to outlast a restart (alerts that are on, gaps). */
[[nodiscard]] int spool_note_get(struct spool *spool, const char *name, struct buf *ret, struct err *err);
[[nodiscard]] int spool_note_set(struct spool *spool, const char *name, struct view value, struct err *err);

#endif
