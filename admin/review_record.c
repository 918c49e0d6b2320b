/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/review_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

#define RECORD_MODE 0640
#define LOCK_TRY_NS 20'000'000

/* What a record ends with: its own hash, of what stands before and a brace. */
#define SEAL_BEFORE ",\"sha256\":\""
#define SEAL_BEHIND "\"}"
#define SEAL_BYTES (sizeof(SEAL_BEFORE) - 1 + 2 * DIGEST_SHA256_BYTES + sizeof(SEAL_BEHIND) - 1)

void review_chain_done(struct review_chain *chain)
{
	buf_done(&chain->organization_id);
	buf_done(&chain->reviewer);
}

/* ---- checking ---- */

struct place {
	const char *path;
	uint64_t line;
};

PRINTF_LIKE(3, 4)
static int unsound(const struct place *at, struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return err_set(err, ERR_FORMAT, 0, "%s:%llu: %s", at->path, (unsigned long long)at->line, text);
}

static void seal_of(struct view before, unsigned char ret[static DIGEST_SHA256_BYTES])
{
	struct digest_sha256 d;

	digest_sha256_init(&d);
	digest_sha256_add(&d, before);
	digest_sha256_add(&d, VIEW("}"));
	digest_sha256_end(&d, ret);
}

static int check_seal(const struct place *at, struct view line, struct err *err)
{
	unsigned char told[DIGEST_SHA256_BYTES], real[DIGEST_SHA256_BYTES];
	struct view before, seal;

	if (line.len < SEAL_BYTES)
		return unsound(at, err, "the record does not end with its own SHA-256");
	before = view_sub(line, 0, line.len - SEAL_BYTES);
	seal = view_sub(line, before.len, SEAL_BYTES);
	if (!text_starts(seal, VIEW(SEAL_BEFORE)) || !text_ends(seal, VIEW(SEAL_BEHIND)) ||
	    digest_read_hex(view_sub(seal, sizeof(SEAL_BEFORE) - 1, sizeof(told) * 2), told, sizeof(told)))
		return unsound(at, err, "the record does not end with its own SHA-256");
	seal_of(before, real);
	if (memcmp(told, real, sizeof(real)) != 0)
		return unsound(at, err, "the record was altered: its SHA-256 is not the one that it ends with");
	return 0;
}

/* The text of a member; ret is empty when there is none. 0, or -1 without memory. */
static int read_text(struct view object, const char *key, struct buf *ret)
{
	struct view value = json_member(object, key);

	buf_clear(ret);
	return value.ptr && json_type_of(value) == JSON_STRING ? json_add_string(ret, value) : 0;
}

static int read_time(const struct place *at, struct view object, const char *key, int64_t *ret, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_RECORD_BYTES);

	if (read_text(object, key, &text))
		return err_nomem(err);
	if (clock_parse_rfc3339(buf_view(&text), ret))
		return unsound(at, err, "the record's %s is no RFC 3339 time", key);
	return 0;
}

static int check_link(const struct place *at, struct view object, const struct review_chain *chain, struct err *err)
{
	DEFER(buf_done) struct buf told = BUF_INIT(REVIEW_RECORD_BYTES);
	unsigned char before[DIGEST_SHA256_BYTES];
	struct view number = json_member(object, "number");
	uint64_t n;

	if (!number.ptr || text_u64(number, UINT64_MAX, &n))
		return unsound(at, err, "the record has no number");
	if (n != chain->count + 1)
		return unsound(at, err,
			       "record %llu stands where record %llu was expected: some were taken out or moved",
			       (unsigned long long)n, (unsigned long long)chain->count + 1);
	if (read_text(object, "previous_sha256", &told))
		return err_nomem(err);
	if (digest_read_hex(buf_view(&told), before, sizeof(before)) ||
	    memcmp(before, chain->head, sizeof(before)) != 0)
		return unsound(at, err,
			       "the record does not follow the one before it: that one was altered or "
			       "exchanged (the SHA-256 that this one holds of it is another)");
	return 0;
}

static int check_record(const struct place *at, struct view line, struct review_chain *chain, struct err *err)
{
	DEFER(buf_done) struct buf schema = BUF_INIT(REVIEW_RECORD_BYTES);
	struct err why = ERR_INIT;
	struct view object;
	int64_t time_s, due_s = 0;

	if (json_whole(line, &object, &why) || json_type_of(object) != JSON_OBJECT)
		return unsound(at, err, "this is no record: a JSON object was expected");
	if (read_text(object, "schema", &schema))
		return err_nomem(err);
	if (!text_eq(buf_view(&schema), VIEW(REVIEW_SCHEMA)))
		return unsound(at, err, "this is no record of a review: the schema %s was expected", REVIEW_SCHEMA);
	if (check_seal(at, line, err) || check_link(at, object, chain, err) ||
	    read_time(at, object, "time", &time_s, err))
		return -1;
	if (json_member(object, "next_due").ptr && read_time(at, object, "next_due", &due_s, err))
		return -1;
	if (time_s < chain->last_s)
		return unsound(at, err, "the record is of an earlier time than the one before it");
	if (read_text(object, "organization_id", &chain->organization_id) ||
	    read_text(object, "reviewer", &chain->reviewer))
		return err_nomem(err);
	chain->first_s = chain->count++ ? chain->first_s : time_s;
	chain->last_s = time_s;
	chain->due_s = due_s;
	digest_sha256(line, chain->head);
	return 0;
}

int review_check(struct view text, const char *path, struct review_chain *chain, struct err *err)
{
	struct place at = { .path = path, .line = 0 };

	while (text.len) {
		size_t end = text_find_byte(text, '\n');

		at.line++;
		if (end == SIZE_MAX)
			return unsound(&at, err,
				       "the last record is cut short: its %zu bytes have no end of line; take "
				       "them out once it is known where they come from",
				       text.len);
		if (end > REVIEW_RECORD_BYTES)
			return unsound(&at, err, "a record has %u bytes at most", REVIEW_RECORD_BYTES);
		if (check_record(&at, view_sub(text, 0, end), chain, err))
			return -1;
		text = view_sub(text, end + 1, SIZE_MAX);
	}
	return 0;
}

static int read_file(const char *path, struct buf *text, struct err *err)
{
	bool exists;

	if (!file_is_regular(path, &exists) && exists)
		return err_set(err, ERR_USAGE, 0,
			       "'%s' is no regular file: a file with records of reviews was expected", path);
	return file_read(path, text, err);
}

int review_check_file(const char *path, struct review_chain *chain, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES);

	return read_file(path, &text, err) || review_check(buf_view(&text), path, chain, err) ? -1 : 0;
}

/* ---- writing ---- */

static void put_counts(struct jsonw *w, const struct access_counts *counts, const struct access_seen *seen)
{
	jsonw_key(w, "counts");
	jsonw_object(w);
	jsonw_member_u64(w, "people", counts->people);
	jsonw_member_u64(w, "admins", counts->admins);
	jsonw_member_u64(w, "open_invites", counts->open_invites);
	if (seen->members)
		jsonw_member_u64(w, "members", counts->members);
	if (seen->keys) {
		jsonw_member_u64(w, "workspaces", counts->workspaces);
		jsonw_member_u64(w, "active_keys", counts->keys);
		jsonw_member_u64(w, "service_accounts", counts->service_accounts);
	}
	jsonw_end(w);
}

static void put_codes(struct jsonw *w, const char *key, const struct access_counts *counts, unsigned from, unsigned to)
{
	jsonw_key(w, key);
	jsonw_object(w);
	for (unsigned code = from; code < to; code++)
		if (counts->codes[code])
			jsonw_member_u64(w, access_codes[code], counts->codes[code]);
	jsonw_end(w);
}

static void put_time(struct jsonw *w, const char *key, int64_t time_s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(NAME_MAX_BYTES);

	w->failed |= clock_add_rfc3339(&text, time_s) != 0;
	jsonw_member(w, key, buf_view(&text));
}

static void put_hash(struct jsonw *w, const char *key, const unsigned char hash[static DIGEST_SHA256_BYTES])
{
	DEFER(buf_done) struct buf text = BUF_INIT(NAME_MAX_BYTES);

	w->failed |= digest_add_hex(&text, hash, DIGEST_SHA256_BYTES) != 0;
	jsonw_member(w, key, buf_view(&text));
}

static const char *if_any(const char *text)
{
	return text && *text ? text : NULL;
}

static bool put_record(const struct review_entry *entry, const struct review_chain *chain, struct buf *line)
{
	struct jsonw w;

	jsonw_init(&w, line, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "schema", REVIEW_SCHEMA);
	jsonw_member_u64(&w, "number", chain->count + 1);
	put_time(&w, "time", entry->time_s);
	jsonw_member_text(&w, "reviewer", entry->reviewer);
	jsonw_member_text(&w, "organization_id", if_any(entry->organization_id));
	jsonw_member_text(&w, "organization", if_any(entry->organization));
	put_counts(&w, entry->counts, &entry->seen);
	put_codes(&w, "violations", entry->counts, 0, ACCESS_NOTES);
	put_codes(&w, "notes", entry->counts, ACCESS_NOTES, ACCESS_CODES);
	if (entry->has_policy_file)
		put_hash(&w, "policy_sha256", entry->policy);
	put_hash(&w, "listing_sha256", entry->listing);
	if (entry->review_every_s)
		put_time(&w, "next_due", entry->time_s + (int64_t)entry->review_every_s);
	put_hash(&w, "previous_sha256", chain->head);
	jsonw_end(&w);
	return jsonw_ok(&w);
}

/* Puts the record's own hash in front of its last brace, and ends the line. */
static int seal(struct buf *line)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	buf_cut(line, line->len - 1);
	seal_of(buf_view(line), hash);
	return buf_add_text(line, SEAL_BEFORE) || digest_add_hex(line, hash, sizeof(hash)) ||
			       buf_add_text(line, SEAL_BEHIND "\n")
		       ? -1
		       : 0;
}

static int check_entry(const char *path, const struct review_entry *entry, const struct review_chain *chain,
		       struct err *err)
{
	DEFER(buf_done) struct buf last = BUF_INIT(NAME_MAX_BYTES);

	if (!chain->count)
		return 0;
	if (!text_eq(buf_view(&chain->organization_id), view_of(if_any(entry->organization_id))))
		return err_set(err, ERR_USAGE, 0,
			       "'%s' holds reviews of another organisation: a file for each was expected", path);
	if (entry->time_s >= chain->last_s)
		return 0;
	if (clock_add_rfc3339(&last, chain->last_s))
		return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "the last review of '%s' is of %s, which is later than this machine's clock",
		       path, last.ptr);
}

static int write_whole(const char *path, struct view before, struct view line, struct err *err)
{
	struct file_replace f = { .fd = -1 };

	if (file_replace_open(&f, path, RECORD_MODE, err))
		return -1;
	if (file_write_full(f.fd, before) || file_write_full(f.fd, line)) {
		(void)err_set(err, ERR_IO, errno, "cannot write '%s': the record was not made", path);
		file_replace_abort(&f);
		return -1;
	}
	return file_replace_commit(&f, err);
}

static int append_locked(const char *path, const struct review_entry *entry, struct review_chain *chain,
			 struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REVIEW_FILE_BYTES), line = BUF_INIT(REVIEW_RECORD_BYTES + 1);

	if (read_file(path, &text, err) && (err->kind != ERR_IO || err->errnum != ENOENT))
		return -1;
	if (review_check(buf_view(&text), path, chain, err) || check_entry(path, entry, chain, err))
		return -1;
	if (!put_record(entry, chain, &line) || seal(&line))
		return err_set(err, ERR_LIMIT, 0, "the record does not fit into memory or %u bytes",
			       REVIEW_RECORD_BYTES);
	if (text.len + line.len > REVIEW_FILE_BYTES)
		return err_set(err, ERR_LIMIT, 0, "'%s' would have more than %u bytes: begin another file", path,
			       REVIEW_FILE_BYTES);
	if (review_check(buf_view(&line), path, chain,
			 err)) /* what chain is going to be: after that nothing may fail */
		return -1;
	return write_whole(path, buf_view(&text), buf_view(&line), err);
}

/* Locks the folder that the file is in: the file itself is another one after each record. */
static int lock_folder(const char *path, int *ret_fd, struct err *err)
{
	static const struct timespec pause = { .tv_nsec = LOCK_TRY_NS };
	const uint64_t end_ns = clock_mono_ns() + REVIEW_LOCK_NS;
	DEFER(freep) char *folder = file_replace_place(path);
	DEFER(closep) int fd = -1;

	if (!folder)
		return err_set(err, ERR_IO, errno, "cannot find the folder of '%s'", path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot open the folder '%s'", folder);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot lock the folder '%s'", folder);
		if (clock_mono_ns() >= end_ns)
			return err_set(err, ERR_LATER, 0, "another process holds the folder '%s' locked", folder);
		(void)nanosleep(&pause, NULL);
	}
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int review_append(const char *path, const struct review_entry *entry, struct review_chain *chain, struct err *err)
{
	struct review_entry timed = *entry;
	DEFER(closep) int lock_fd = -1;
	bool exists;

	if (!file_is_regular(path, &exists) && exists)
		return err_set(err, ERR_USAGE, 0,
			       "'%s' is no regular file: a file with records of reviews was expected", path);
	if (lock_folder(path, &lock_fd, err))
		return -1;
	if (!timed.time_s) /* not before: another record may have been written while this one waited */
		timed.time_s = clock_unix_s();
	return append_locked(path, &timed, chain, err);
}
