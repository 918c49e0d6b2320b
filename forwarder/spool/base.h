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
#define BASE_SUBSCRIBERS 64

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
	BASE_HEAD,
	BASE_READ,
	BASE_OBSERVED,
	BASE_FIRST,
	BASE_FIRST_BODY,
	BASE_PAGES,
	BASE_GET_CURSOR,
	BASE_ADD_CURSOR,
	BASE_SET_CURSOR,
	BASE_EACH_CURSOR,
	BASE_SET_EXCEPTION,
	BASE_EACH_EXCEPTION,
	BASE_ADD_REPLAY,
	BASE_NEXT_REPLAY,
	BASE_SET_REPLAY,
	BASE_END_REPLAY,
	BASE_END_DEAD,
	BASE_HELD_BY_REPLAYS,
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
};

struct spool {
	struct spool_options options;
	char *path; /* of the database */
	int lock_fd;
	char name[9]; /* random hex, in the ids that we give */

	pthread_mutex_t mutex; /* base, and all below but head */
	struct base base;
	unsigned char chain[DIGEST_SHA256_BYTES]; /* of the last event */
	int64_t observed_ns;                      /* when that was stored */
	int subscribers[BASE_SUBSCRIBERS];
	size_t subscriber_count;

	atomic_uint_least64_t head;
};

/* Opens a connection. 0 or -1 with err. */
[[nodiscard]] int base_open(struct base *base, const char *path, int flags, struct err *err);
void base_close(struct base *base);

/* The statement, ready to be bound; NULL with err. */
sqlite3_stmt *base_statement(struct base *base, enum base_statement statement, struct err *err);

/* Steps: 1 a row, 0 the end, -1 with err. After the end and after an error the statement is reset. */
[[nodiscard]] int base_step(struct base *base, sqlite3_stmt *statement, struct err *err);
/* Runs a statement that gives no rows, already bound. */
[[nodiscard]] int base_run(struct base *base, sqlite3_stmt *statement, struct err *err);
void base_reset(sqlite3_stmt *statement);

/* Fills err from the connection's last error; returns -1. */
int base_error(const struct base *base, const char *what, struct err *err);

/* Runs SQL that needs no values, several statements. */
[[nodiscard]] int base_exec(struct base *base, const char *sql, struct err *err);

/* A transaction that writes: begin, then end with whether to keep it. base_end returns 0 when it was kept. */
[[nodiscard]] int base_begin(struct base *base, struct err *err);
[[nodiscard]] int base_end(struct base *base, bool keep, struct err *err);

/* The first column of the only row; 0 when it is null or there is none. */
[[nodiscard]] int base_first(struct base *base, enum base_statement statement, uint64_t *ret, struct err *err);

/* Values. Views are not copied: they have to stay until the statement is reset. */
void base_bind_text(sqlite3_stmt *statement, int index, struct view v);
void base_bind_blob(sqlite3_stmt *statement, int index, struct view v);
struct view base_text(sqlite3_stmt *statement, int column);
struct view base_blob(sqlite3_stmt *statement, int column);
static inline uint64_t base_u64(sqlite3_stmt *statement, int column)
{
	return (uint64_t)sqlite3_column_int64(statement, column);
}

/* Creates the tables or brings them up to date; refuses a newer schema untouched. */
[[nodiscard]] int schema_bring_up(struct base *base, struct err *err);

/* Reads one row of BASE_READ or BASE_ENTRIES, whose columns agree. Views are good until the next step. */
void row_read(sqlite3_stmt *statement, struct event *ret);

#endif
