/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and how each version becomes the next: PRAGMA user_version counts the steps that were done. */
#include <errno.h>
#include <inttypes.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/spool/base.h"

#define APPLICATION_ID 0x736b616e /* "skan" (SQLite's file format, 1.3.14) */

static const char *const steps[] = {
	"CREATE TABLE ledger (seq INTEGER PRIMARY KEY, feed TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, "
	"origin INTEGER NOT NULL, time INTEGER NOT NULL, observed INTEGER NOT NULL, hash BLOB NOT NULL, "
	"chain BLOB NOT NULL, redacted INTEGER NOT NULL, UNIQUE (feed, id)) STRICT;"
	"CREATE TABLE bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
	"CREATE TABLE marks (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, chain BLOB NOT NULL, "
	"observed INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE feeds (name TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE sinks (name TEXT PRIMARY KEY, confirmed INTEGER NOT NULL, attempted INTEGER NOT NULL, "
	"window_start INTEGER NOT NULL, start INTEGER NOT NULL, durable INTEGER NOT NULL DEFAULT 0, "
	"delivered INTEGER NOT NULL DEFAULT 0, unproven INTEGER NOT NULL DEFAULT 0, "
	"rejected INTEGER NOT NULL DEFAULT 0, "
	"replayed INTEGER NOT NULL DEFAULT 0, resent INTEGER NOT NULL DEFAULT 0, cut INTEGER NOT NULL DEFAULT 0) "
	"STRICT, WITHOUT ROWID;"
	"CREATE TABLE exceptions (sink TEXT NOT NULL, seq INTEGER NOT NULL, rejected INTEGER NOT NULL, "
	"reason TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (sink, seq)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE replays (id INTEGER PRIMARY KEY, sink TEXT NOT NULL, first INTEGER NOT NULL, "
	"last INTEGER NOT NULL, dead INTEGER NOT NULL, done INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;"
	"CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct schema schema_current = { steps, ARRAY_LEN(steps) };

/* The first column of the first row that sql gives, as a number and, when ret_text is not NULL, as text. */
static int ask(struct base *base, const char *sql, int64_t *ret, struct buf *ret_text, struct err *err)
{
	sqlite3_stmt *s = NULL;
	bool has_row;
	int status;

	errno = 0;
	status = sqlite3_prepare_v2(base->db, sql, -1, &s, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_step(s);
	has_row = status == SQLITE_ROW;
	*ret = has_row ? sqlite3_column_int64(s, 0) : 0;
	status = has_row ? 0 : base_error(base, "cannot read the spool", err);
	if (has_row && ret_text && buf_add(ret_text, base_blob(s, 0)))
		status = err_nomem(err);
	(void)sqlite3_finalize(s);
	return status;
}

int schema_check(struct base *base, const struct schema *schema, int64_t *ret_version, struct err *err)
{
	int64_t application, tables;

	if (ask(base, "PRAGMA user_version", ret_version, NULL, err) ||
	    ask(base, "PRAGMA application_id", &application, NULL, err) ||
	    ask(base, "SELECT count(*) FROM sqlite_schema", &tables, NULL, err))
		return -1;
	if (application != APPLICATION_ID && (*ret_version || application || tables))
		return err_set(err, ERR_CONFIG, 0, "it is a database of another program");
	if (*ret_version < 0 || *ret_version > (int64_t)schema->count)
		return err_set(err, ERR_CONFIG, 0,
			       "it was written by a newer skantd (its schema is %" PRId64
			       ", this one knows %zu), and is left as it is",
			       *ret_version, schema->count);
	return 0;
}

int schema_match(struct base *base, const struct schema *schema, struct err *err)
{
	int64_t version;

	if (schema_check(base, schema, &version, err))
		return -1;
	if (version != (int64_t)schema->count)
		return err_set(err, ERR_CONFIG, 0,
			       "it was written by an older skantd (its schema is %" PRId64
			       ", this one needs %zu): starting skantd once brings it up to date",
			       version, schema->count);
	return 0;
}

static int take_step(struct base *base, const struct schema *schema, size_t step, struct err *err)
{
	DEFER(buf_done) struct buf version = BUF_INIT(256);
	bool is_good;

	if (buf_addf(&version, "PRAGMA application_id = %d; PRAGMA user_version = %zu", APPLICATION_ID, step + 1))
		return err_nomem(err);
	if (base_begin(base, err))
		return -1;
	is_good = base_exec(base, schema->steps[step], err) == 0 && base_exec(base, version.ptr, err) == 0;
	return base_end(base, is_good, err);
}

static int check_pages(struct base *base, struct err *err)
{
	DEFER(buf_done) struct buf verdict = BUF_INIT(LOG_LINE_BYTES);
	int64_t number;

	if (ask(base, "PRAGMA quick_check(1)", &number, &verdict, err))
		return -1;
	/* A page that cannot be read is an answer as well. */
	if (errno == EIO)
		return err_set(err, ERR_IO, errno, "cannot check the spool");
	if (!text_eq(buf_view(&verdict), VIEW("ok")))
		return err_set(err, ERR_FORMAT, 0, "the spool is damaged: %s", verdict.len ? verdict.ptr : "");
	return 0;
}

static int use_wal(struct base *base, struct err *err)
{
	DEFER(buf_done) struct buf mode = BUF_INIT(64);
	int64_t number;

	if (ask(base, "PRAGMA journal_mode = WAL", &number, &mode, err))
		return -1;
	if (!text_eq(buf_view(&mode), VIEW("wal")))
		return err_set(err, ERR_CONFIG, 0, "the file system has no shared memory for a write-ahead log");
	return 0;
}

int schema_bring_up(struct base *base, const struct schema *schema, struct err *err)
{
	int64_t version;

	if (schema_check(base, schema, &version, err))
		return -1;
	/* Before the first page is written; later it is without effect. */
	if (!version && base_exec(base, "PRAGMA auto_vacuum = INCREMENTAL", err))
		return -1;
	if (use_wal(base, err) || base_exec(base, "PRAGMA synchronous = FULL", err) || check_pages(base, err))
		return -1;
	for (size_t step = (size_t)version; step < schema->count; step++)
		if (take_step(base, schema, step, err))
			return -1;
	return 0;
}
