/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/spool/base.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define BUSY_MS 10'000
#define CACHE_KIB "8192"

/* Pages of the write-ahead log: from the first number on each commit moves them to the database; from the second on it
 * waits so long for readers to let go of the log, so that it starts anew. A log that grew all the same is cut again. */
#define WAL_PAGES 4000
#define WAL_PAGES_MAX 12288
#define WAL_PAGES_RETRY 1024
#define WAL_WAIT_MS 100
#define WAL_BYTES_KEPT "50331648"

#define EVENT_COLUMNS "l.seq, l.feed, l.id, l.type, l.origin, l.time, l.observed, l.hash, l.chain, l.redacted, b.body"
#define CURSOR_COLUMNS                                                                                                 \
	"confirmed, attempted, window_start, durable, delivered, unproven, rejected, replayed, resent, cut, start, name"

/* What a feed keeps is a note under its name: feed:NAME/KEY. No feed has a slash in its name. */
#define ITEM_NAME "'feed:' || ?1 || '/' || "

static const char *const texts[BASE_STATEMENTS] = {
	[BASE_BEGIN] = "BEGIN IMMEDIATE",
	[BASE_COMMIT] = "COMMIT",
	[BASE_ROLLBACK] = "ROLLBACK",
	[BASE_HAS] = "SELECT 1 FROM ledger WHERE feed = ?1 AND id = ?2",
	[BASE_ADD_EVENT] = "INSERT INTO ledger (seq, feed, id, type, origin, time, observed, hash, chain, redacted) "
			   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[BASE_ADD_BODY] = "INSERT INTO bodies (seq, body) VALUES (?1, ?2)",
	/* What is the same already is not written: then there is nothing to sync either. */
	[BASE_SET_FEED] = "INSERT INTO feeds (name, state) VALUES (?1, ?2) "
			  "ON CONFLICT (name) DO UPDATE SET state = excluded.state WHERE state IS NOT excluded.state",
	[BASE_GET_FEED] = "SELECT state FROM feeds WHERE name = ?1",
	[BASE_FEED_NAMES] = "SELECT group_concat(name, char(10)) FROM feeds WHERE name <> ?1",
	[BASE_SET_ITEM] = "INSERT INTO notes (name, value) VALUES (" ITEM_NAME "?2, ?3) "
			  "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value",
	[BASE_DROP_ITEM] = "DELETE FROM notes WHERE name = " ITEM_NAME "?2",
	[BASE_GET_ITEM] = "SELECT value FROM notes WHERE name = " ITEM_NAME "?2",
	[BASE_ITEMS] = "SELECT substr(name, length(" ITEM_NAME "'') + 1), value FROM notes "
		       "WHERE name >= " ITEM_NAME "?2 AND name < " ITEM_NAME "?3 ORDER BY name LIMIT ?4",
	[BASE_GET_MARK] = "SELECT seq, chain, observed FROM marks WHERE name = ?1",
	[BASE_SET_MARK] = "INSERT INTO marks (name, seq, chain, observed) VALUES (?1, ?2, ?3, ?4) "
			  "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, chain = excluded.chain, "
			  "observed = excluded.observed",
	[BASE_LAST] = "SELECT seq, chain, observed FROM ledger WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1",
	[BASE_READ] = "SELECT " EVENT_COLUMNS " FROM bodies b JOIN ledger l ON l.seq = b.seq "
		      "WHERE b.seq > ?1 ORDER BY b.seq LIMIT ?2",
	[BASE_OBSERVED] = "SELECT observed FROM ledger WHERE seq >= ?1 ORDER BY seq LIMIT 1",
	[BASE_PAGES] = "SELECT (SELECT page_count FROM pragma_page_count), "
		       "(SELECT freelist_count FROM pragma_freelist_count), (SELECT page_size FROM pragma_page_size)",
	[BASE_GET_CURSOR] = "SELECT " CURSOR_COLUMNS " FROM sinks WHERE name = ?1",
	[BASE_ADD_CURSOR] =
		"INSERT INTO sinks (name, confirmed, attempted, window_start, start) VALUES (?1, ?2, ?2, ?2, ?2)",
	[BASE_SET_CURSOR] = "INSERT OR REPLACE INTO sinks (" CURSOR_COLUMNS ") "
			    "VALUES (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?1)",
	[BASE_CURSORS] = "SELECT " CURSOR_COLUMNS " FROM sinks WHERE name > ?1 ORDER BY name LIMIT ?2",
	[BASE_SET_EXCEPTION] = "INSERT OR REPLACE INTO exceptions (sink, seq, rejected, reason, at) "
			       "VALUES (?1, ?2, ?3, ?4, ?5)",
	[BASE_EXCEPTIONS] = "SELECT sink, seq, rejected, reason FROM exceptions WHERE (sink, seq) > (?1, ?2) "
			    "ORDER BY sink, seq LIMIT ?3",
	[BASE_ADD_REPLAY] = "INSERT INTO replays (sink, first, last, dead, done, at) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
	[BASE_NEXT_REPLAY] = "SELECT id, first, last, dead, done FROM replays WHERE sink = ?1 AND id > ?2 "
			     "ORDER BY id LIMIT 1",
	[BASE_SET_REPLAY] = "UPDATE replays SET done = ?2 WHERE id = ?1",
	[BASE_END_REPLAY] = "DELETE FROM replays WHERE id = ?1",
	[BASE_END_DEAD] =
		"DELETE FROM exceptions WHERE rejected AND EXISTS (SELECT 1 FROM replays r WHERE r.id = ?1 AND "
		"r.dead AND r.sink = exceptions.sink AND exceptions.seq BETWEEN r.first AND r.last AND "
		"exceptions.at < r.at)",
	[BASE_HELD_BY_REPLAYS] = "SELECT min(max(first, done + 1)) FROM replays WHERE sink = ?1",
	[BASE_BODY_SIZES] = "SELECT seq, length(body) FROM bodies WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT ?3",
	[BASE_TRIM_BODIES] = "DELETE FROM bodies WHERE seq <= ?1",
	[BASE_TRIM_LEDGER] = "DELETE FROM ledger WHERE seq <= ?1",
	[BASE_TRIM_EXCEPTIONS] = "DELETE FROM exceptions WHERE seq <= ?1",
	[BASE_VACUUM] = "PRAGMA incremental_vacuum(256)",
	[BASE_ENTRIES] = "SELECT " EVENT_COLUMNS " FROM ledger l LEFT JOIN bodies b ON b.seq = l.seq "
			 "WHERE l.seq BETWEEN ?1 AND ?2 ORDER BY l.seq LIMIT ?3",
	[BASE_GET_NOTE] = "SELECT value FROM notes WHERE name = ?1",
	[BASE_SET_NOTE] = "INSERT INTO notes (name, value) VALUES (?1, ?2) "
			  "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};

int base_error(const struct base *base, const char *what, struct err *err)
{
	int code = base->db ? sqlite3_extended_errcode(base->db) : SQLITE_NOMEM;
	/* What SQLite keeps is not told anew when a COMMIT fails; errno was 0 before the call. */
	int errnum = errno || !base->db ? errno : sqlite3_system_errno(base->db);
	const char *text = base->db ? sqlite3_errmsg(base->db) : "no memory";

	if (code == SQLITE_IOERR_NOMEM)
		return err_nomem(err);
	switch (code & 0xFF) {
	case SQLITE_NOMEM:
		return err_nomem(err);
	case SQLITE_FULL:
		return err_set(err, ERR_IO, ENOSPC, "%s", what);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(err, ERR_IO, EROFS, "%s", what);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return err_set(err, ERR_IO, errnum ? errnum : EIO, "%s", what);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return err_set(err, ERR_LATER, 0, "%s: another process holds the spool", what);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_FORMAT, 0, "%s: the spool is damaged: %s", what, text);
	default:
		return err_set(err, ERR_INTERNAL, 0, "%s: %s", what, text);
	}
}

int base_exec(struct base *base, const char *sql, struct err *err)
{
	errno = 0;
	if (sqlite3_exec(base->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return base_error(base, "cannot set up the spool", err);
	return 0;
}

/* Whether nobody can change the database: it is on a file system that may only be read, and all of it is in its own
 * file. SQLite wants to be told; it would make files beside it else. 0, or -1 without memory. */
static int find_immutable(const char *path, bool *ret)
{
	DEFER(buf_done) struct buf log = BUF_INIT(API_TARGET_BYTES + sizeof("-wal"));
	struct statvfs fs;
	struct stat st;

	*ret = false;
	if (statvfs(path, &fs) || !(fs.f_flag & ST_RDONLY))
		return 0;
	if (buf_addf(&log, "%s-wal", path))
		return -1;
	*ret = stat(log.ptr, &st) ? errno == ENOENT : st.st_size == 0;
	return 0;
}

/* As a URI (https://www.sqlite.org/uri.html). 0 or -1. */
static int add_immutable(struct buf *uri, const char *path)
{
	if (buf_add_text(uri, "file:"))
		return -1;
	for (; *path; path++) {
		bool is_plain = text_is_alnum(*path) || strchr("/-._~", *path);

		if (is_plain ? buf_add_byte(uri, *path) : buf_addf(uri, "%%%02X", (unsigned char)*path))
			return -1;
	}
	return buf_add_text(uri, "?immutable=1");
}

int base_open(struct base *base, const char *path, int flags, struct err *err)
{
	DEFER(buf_done) struct buf uri = BUF_INIT(4 * (size_t)API_TARGET_BYTES);
	bool is_immutable = false;

	*base = (struct base){ .db = NULL };
	if ((flags & SQLITE_OPEN_READONLY) && find_immutable(path, &is_immutable))
		return err_nomem(err);
	if (is_immutable) {
		if (add_immutable(&uri, path))
			return err_nomem(err);
		path = uri.ptr;
		flags |= SQLITE_OPEN_URI;
	}
	errno = 0;
	if (sqlite3_open_v2(path, &base->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL) !=
	    SQLITE_OK) {
		base_error(base, "cannot open the spool", err);
		base_close(base);
		return -1;
	}
	(void)sqlite3_busy_timeout(base->db, BUSY_MS);
	/* Closing moves the log into the database; who is only looking does not touch it. */
	(void)sqlite3_db_config(base->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (base_exec(base, "PRAGMA cache_size = -" CACHE_KIB "; PRAGMA trusted_schema = OFF", err)) {
		base_close(base);
		return -1;
	}
	return 0;
}

/* Called behind each commit with the pages that the log has. What cannot be done now is done behind another commit, and
 * the commit stands. */
static int keep_log_short(void *context, sqlite3 *db, const char *, int pages)
{
	struct base *base = context;

	if (pages < WAL_PAGES_MAX)
		base->wal_retry = WAL_PAGES_MAX;
	if (pages < base->wal_retry) {
		if (pages >= WAL_PAGES)
			(void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		return SQLITE_OK;
	}
	(void)sqlite3_busy_timeout(db, WAL_WAIT_MS);
	if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL) != SQLITE_OK)
		base->wal_retry = pages + WAL_PAGES_RETRY;
	(void)sqlite3_busy_timeout(db, BUSY_MS);
	return SQLITE_OK;
}

void base_own(struct base *base)
{
	base->wal_retry = WAL_PAGES_MAX;
	(void)sqlite3_db_config(base->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	(void)sqlite3_exec(base->db, "PRAGMA journal_size_limit = " WAL_BYTES_KEPT, NULL, NULL, NULL);
	(void)sqlite3_wal_hook(base->db, keep_log_short, base);
}

void base_close(struct base *base)
{
	for (unsigned i = 0; i < BASE_STATEMENTS; i++)
		(void)sqlite3_finalize(base->statements[i]);
	(void)sqlite3_close(base->db);
	*base = (struct base){ .db = NULL };
}

sqlite3_stmt *base_statement(struct base *base, enum base_statement statement, struct err *err)
{
	sqlite3_stmt **s = &base->statements[statement];

	errno = 0;
	if (!*s &&
	    sqlite3_prepare_v3(base->db, texts[statement], -1, SQLITE_PREPARE_PERSISTENT, s, NULL) != SQLITE_OK) {
		base_error(base, "cannot use the spool", err);
		return NULL;
	}
	return *s;
}

void base_reset(sqlite3_stmt *statement)
{
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
}

int base_step(struct base *base, sqlite3_stmt *statement, struct err *err)
{
	int status;

	errno = 0;
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW)
		return 1;
	if (status != SQLITE_DONE)
		base_error(base, "cannot use the spool", err);
	base_reset(statement);
	return status == SQLITE_DONE ? 0 : -1;
}

int base_run(struct base *base, sqlite3_stmt *statement, struct err *err)
{
	int status = 1;

	while (status > 0)
		status = base_step(base, statement, err);
	return status;
}

int base_get(struct base *base, sqlite3_stmt *statement, struct buf *ret, struct err *err)
{
	int status = base_step(base, statement, err);

	if (status <= 0)
		return status;
	status = buf_add(ret, base_blob(statement, 0)) ? err_nomem(err) : 0;
	base_reset(statement);
	return status;
}

/* What ends it is made ready first: a transaction that could not be ended for want of memory would stay open, and take
 * in what is stored behind it. */
int base_begin(struct base *base, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_BEGIN, err);

	if (!s || !base_statement(base, BASE_COMMIT, err) || !base_statement(base, BASE_ROLLBACK, err))
		return -1;
	return base_run(base, s, err);
}

int base_end(struct base *base, bool keep, struct err *err)
{
	sqlite3_stmt *s;

	if (keep) {
		s = base_statement(base, BASE_COMMIT, err);
		if (s && base_run(base, s, err) == 0)
			return 0;
	}
	/* After some errors SQLite has rolled back itself. */
	s = sqlite3_get_autocommit(base->db) ? NULL : base_statement(base, BASE_ROLLBACK, NULL);
	if (s)
		(void)base_run(base, s, NULL);
	return -1;
}

void base_bind_text(sqlite3_stmt *statement, int index, struct view v)
{
	(void)sqlite3_bind_text64(statement, index, v.len ? v.ptr : "", v.len, SQLITE_STATIC, SQLITE_UTF8);
}

void base_bind_blob(sqlite3_stmt *statement, int index, struct view v)
{
	(void)sqlite3_bind_blob64(statement, index, v.len ? v.ptr : "", v.len, SQLITE_STATIC);
}

struct view base_blob(sqlite3_stmt *statement, int column)
{
	const void *blob = sqlite3_column_blob(statement, column);

	return view_from(blob, (size_t)sqlite3_column_bytes(statement, column));
}
