/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the spool: one connection to the database, its statements, and how SQLite's errors are said. */
#ifndef FORWARDER_SPOOL_BASE_H
#define FORWARDER_SPOOL_BASE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "forwarder/spool/spool.h"

#define BASE_FILE "spool.db"
#define BASE_LOCK "lock"

/* Statements that are prepared once a connection, at their first use. */
enum base_statement {
	BASE_BEGIN,
	BASE_COMMIT,
	BASE_ROLLBACK,
	BASE_HAS,
	BASE_ADD_EVENT,
	BASE_ADD_BODY,
	BASE_SET_FEED,
	BASE_GET_FEED,
	BASE_FEED_NAMES,
	BASE_SET_ITEM,
	BASE_DROP_ITEM,
	BASE_GET_ITEM,
	BASE_ITEMS,
	BASE_GET_MARK,
	BASE_SET_MARK,
	BASE_LAST,
	BASE_READ,
	BASE_OBSERVED,
	BASE_PAGES,
	BASE_GET_CURSOR,
	BASE_ADD_CURSOR,
	BASE_SET_CURSOR,
	BASE_CURSORS,
	BASE_SET_EXCEPTION,
	BASE_EXCEPTIONS,
	BASE_ADD_REPLAY,
	BASE_NEXT_REPLAY,
	BASE_SET_REPLAY,
	BASE_END_REPLAY,
	BASE_END_DEAD,
	BASE_HELD_BY_REPLAYS,
	BASE_BODY_SIZES,
	BASE_TRIM_BODIES,
	BASE_TRIM_LEDGER,
	BASE_TRIM_EXCEPTIONS,
	BASE_VACUUM,
	BASE_ENTRIES,
	BASE_GET_NOTE,
	BASE_SET_NOTE,
	BASE_STATEMENTS,
};

struct base { /* one connection; one thread at a time */
	sqlite3 *db;
	sqlite3_stmt *statements[BASE_STATEMENTS];
	int wal_retry; /* pages of the log from which on starting it anew is tried again */
};

struct spool {
	struct spool_options options;
	bool is_owner; /* has the lock */
	char *path;    /* of the database */
	int lock_fd;
	char name[9]; /* random hex, in the ids that we give */

	pthread_mutex_t mutex; /* base, and all below but head */
	struct base base;
	unsigned char chain[DIGEST_SHA256_BYTES]; /* of the last event */
	int64_t observed_ns;                      /* when that was stored */
	int subscribers[SPOOL_SUBSCRIBERS_MAX];
	size_t subscriber_count;

	atomic_uint_least64_t head;
};

/* Opens a connection. 0 or -1 with err. */
[[nodiscard]] int base_open(struct base *base, const char *path, int flags, struct err *err);
void base_close(struct base *base);
/* From here on the connection keeps the write-ahead log short, and takes it away when it is the last to close. */
void base_own(struct base *base);

/* The statement, ready to be bound; NULL with err. */
sqlite3_stmt *base_statement(struct base *base, enum base_statement statement, struct err *err);

/* Steps: 1 a row, 0 the end, -1 with err. After the end and after an error the statement is reset. */
[[nodiscard]] int base_step(struct base *base, sqlite3_stmt *statement, struct err *err);
/* Runs a statement that is already bound to its end; rows that it gives are not looked at. */
[[nodiscard]] int base_run(struct base *base, sqlite3_stmt *statement, struct err *err);
/* Appends the first value that a statement gives which is already bound; nothing where it has no row. 0 or -1 with
 * err. */
[[nodiscard]] int base_get(struct base *base, sqlite3_stmt *statement, struct buf *ret, struct err *err);
void base_reset(sqlite3_stmt *statement);

/* Fills err from the connection's last error; returns -1. */
int base_error(const struct base *base, const char *what, struct err *err);

/* Runs SQL that needs no values, several statements. */
[[nodiscard]] int base_exec(struct base *base, const char *sql, struct err *err);

/* A transaction that writes: begin, then end with whether to keep it. base_end returns 0 when it was kept. */
[[nodiscard]] int base_begin(struct base *base, struct err *err);
[[nodiscard]] int base_end(struct base *base, bool keep, struct err *err);

/* Values. Views are not copied: they have to stay until the statement is reset. */
void base_bind_text(sqlite3_stmt *statement, int index, struct view v);
void base_bind_blob(sqlite3_stmt *statement, int index, struct view v);
struct view base_blob(sqlite3_stmt *statement, int column); /* or text: its bytes are UTF-8 as they are stored */
static inline uint64_t base_u64(sqlite3_stmt *statement, int column)
{
	return (uint64_t)sqlite3_column_int64(statement, column);
}

/* How the tables came to be: step n makes version n + 1. */
struct schema {
	const char *const *steps;
	size_t count;
};
extern const struct schema schema_current;

/* Creates the tables or brings them up to date, after a look at every page; what is not ours or newer is refused before
 * anything is written. */
[[nodiscard]] int schema_bring_up(struct base *base, const struct schema *schema, struct err *err);
/* For who changes no tables: 0 when they are of this very schema. */
[[nodiscard]] int schema_match(struct base *base, const struct schema *schema, struct err *err);
/* The version of what is there; -1 when it is not ours, or newer than schema. */
[[nodiscard]] int schema_check(struct base *base, const struct schema *schema, int64_t *ret_version, struct err *err);

/* What the tables themselves cannot tell when rows were taken from an end of theirs. */
#define MARK_HEAD "head"     /* the last event */
#define MARK_LEDGER "ledger" /* the last one whose row is over */
#define MARK_BODIES "bodies" /* the last one whose body is over; without chain and time */

/* The mark; all zero when it was never set. */
[[nodiscard]] int mark_get(struct base *base, const char *name, struct spool_head *ret, struct err *err);
[[nodiscard]] int mark_set(struct base *base, const char *name, const struct spool_head *mark, struct err *err);

/* The last row of the ledger up to seq; all zero when there is none. */
[[nodiscard]] int mark_last(struct base *base, uint64_t seq, struct spool_head *ret, struct err *err);
/* The last event, by its mark and by the ledger. */
[[nodiscard]] int mark_head(struct base *base, struct spool_head *ret, struct err *err);

/* Bytes of the file's pages that are in use. */
[[nodiscard]] int pages_used(struct base *base, uint64_t *ret_bytes, struct err *err);

/* What a page changes of what its feed keeps, within a transaction. */
[[nodiscard]] int items_set(struct base *base, const struct page *page, struct err *err);

/* spool_seq_at, for who has the mutex. */
[[nodiscard]] int time_find(struct spool *spool, int64_t time_ns, uint64_t *ret, struct err *err);

/* The rows of a statement whose columns are those of BASE_READ and BASE_ENTRIES, taken to memory: at most max_count
 * and max_bytes of bodies, at least one. Their number, or -1 with err. The statement is bound already, and reset
 * afterwards. */
[[nodiscard]] int batch_fill(struct spool_batch *batch, sqlite3_stmt *statement, size_t max_count, size_t max_bytes,
			     struct err *err);
struct base *batch_base(struct spool_batch *batch);
struct event *batch_events(struct spool_batch *batch);

#endif
