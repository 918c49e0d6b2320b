/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and how each version becomes the next: PRAGMA user_version counts the steps that were done. */
#include <inttypes.h>

#include "forwarder/spool/base.h"

#define APPLICATION_ID 0x736b616e /* "skan" (SQLite's file format, 1.3.14) */

static const char *const steps[] = {
	"CREATE TABLE ledger (seq INTEGER PRIMARY KEY, feed TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, "
	"origin INTEGER NOT NULL, time INTEGER NOT NULL, observed INTEGER NOT NULL, hash BLOB NOT NULL, "
	"chain BLOB NOT NULL, redacted INTEGER NOT NULL, UNIQUE (feed, id)) STRICT;"
	"CREATE TABLE bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
	"CREATE TABLE feeds (name TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE sinks (name TEXT PRIMARY KEY, confirmed INTEGER NOT NULL, attempted INTEGER NOT NULL, "
	"window_start INTEGER NOT NULL, durable INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0, "
	"unproven INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0, replayed INTEGER NOT NULL DEFAULT 0, "
	"resent INTEGER NOT NULL DEFAULT 0, cut INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
	"CREATE TABLE exceptions (sink TEXT NOT NULL, seq INTEGER NOT NULL, rejected INTEGER NOT NULL, "
	"reason TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (sink, seq)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE replays (id INTEGER PRIMARY KEY, sink TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
	"dead INTEGER NOT NULL, done INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;"
	"CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;",
};

static int pragma(struct base *base, const char *sql, int64_t *ret, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int status = sqlite3_prepare_v2(base->db, sql, -1, &s, NULL);

	if (status == SQLITE_OK)
		status = sqlite3_step(s);
	*ret = status == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	if (status != SQLITE_ROW)
		base_error(base, "cannot read the spool", err);
	(void)sqlite3_finalize(s);
	return status == SQLITE_ROW ? 0 : -1;
}

static int take_step(struct base *base, size_t step, struct err *err)
{
	DEFER(buf_done) struct buf version = BUF_INIT(256);

	if (buf_addf(&version, "PRAGMA user_version = %zu", step + 1))
		return err_nomem(err);
	if (base_begin(base, err))
		return -1;
	if (base_exec(base, steps[step], err) || base_exec(base, version.ptr, err)) {
		(void)!base_end(base, false, NULL);
		return -1;
	}
	return base_end(base, true, err);
}

static int check(struct base *base, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int status = sqlite3_prepare_v2(base->db, "PRAGMA quick_check(1)", -1, &s, NULL);
	struct view verdict;

	if (status == SQLITE_OK)
		status = sqlite3_step(s);
	if (status != SQLITE_ROW) {
		base_error(base, "cannot check the spool", err);
		(void)sqlite3_finalize(s);
		return -1;
	}
	verdict = base_text(s, 0);
	status = verdict.len == 2 && verdict.ptr[0] == 'o' ? 0 : -1;
	if (status)
		err_set(err, ERR_FORMAT, 0, "the spool is damaged: %.*s", (int)verdict.len, verdict.ptr);
	(void)sqlite3_finalize(s);
	return status;
}

int schema_bring_up(struct base *base, struct err *err)
{
	DEFER(buf_done) struct buf id = BUF_INIT(256);
	int64_t version, application;

	if (pragma(base, "PRAGMA user_version", &version, err) ||
	    pragma(base, "PRAGMA application_id", &application, err))
		return -1;
	if ((version || application) && application != APPLICATION_ID)
		return err_set(err, ERR_CONFIG, 0, "the spool's file is a database of another program");
	if (version > (int64_t)ARRAY_LEN(steps))
		return err_set(err, ERR_CONFIG, 0,
			       "the spool was written by a newer skantd (its schema is %" PRId64
			       ", this one knows %zu): it "
			       "is left as it is",
			       version, ARRAY_LEN(steps));
	if (buf_addf(&id, "PRAGMA application_id = %d", APPLICATION_ID))
		return err_nomem(err);
	if (!version && (base_exec(base, "PRAGMA auto_vacuum = INCREMENTAL", err) || base_exec(base, id.ptr, err)))
		return -1;
	if (base_exec(base,
		      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864",
		      err) ||
	    check(base, err))
		return -1;
	for (size_t step = (size_t)version; step < ARRAY_LEN(steps); step++)
		if (take_step(base, step, err))
			return -1;
	return 0;
}
