/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "forwarder/encode/encode.h"
#include "forwarder/export_line.h"
#include "forwarder/spool/chain.h"
#include "forwarder/verify.h"
#include "forwarder/verify_due.h"

#define WHERE "export"
#define CHUNK_BYTES (1u << 20)

struct record {
	uint64_t seq, line;
	uint32_t id_len;
	bool is_replay, is_bare;
	bool may_be_cut; /* its id */
	size_t id_at;    /* in ids */
	unsigned char hash[DIGEST_SHA256_BYTES], chain[DIGEST_SHA256_BYTES];
};

struct export
{
	struct verify_report *report;
	struct record *records;
	size_t count, cap;
	struct buf ids;
	struct buf text;         /* what was read and not looked at yet, at most a line and a chunk */
	struct export_line line; /* its store is used again from line to line */
	bool is_too_long;        /* the line that text begins with: what it began with has been let go of */
	uint64_t lines, damaged, highest;
	uint64_t proved;   /* lines whose upstream bytes are there */
	uint64_t unlinked; /* events of which it cannot be told whether the chain leads to them */
	/* While the ledger is walked. */
	size_t next;
	struct verify_due *due; /* of the sink that it is the export of; NULL: it ought to have all */
	uint64_t unchecked;
};

static int add_record(struct export *x, const struct export_line *line)
{
	struct record *records = grow_items(x->records, x->count, &x->cap, sizeof(*records));
	struct record *r;

	if (!records)
		return -1;
	x->records = records;
	r = &records[x->count];
	*r = (struct record){ .seq = line->seq,
			      .line = x->lines,
			      .is_replay = line->is_replay,
			      .is_bare = line->is_bare,
			      .may_be_cut = line->is_truncated && encode_may_have_cut_id(line->id.len),
			      .id_at = x->ids.len,
			      .id_len = (uint32_t)line->id.len };
	memcpy(r->hash, line->hash, sizeof(r->hash));
	memcpy(r->chain, line->chain, sizeof(r->chain));
	if (buf_add(&x->ids, line->id))
		return -1;
	x->count++;
	return 0;
}

/* One line of ours: the bytes against their hash, and its place in the order. */
static int check_line(struct export *x, const struct export_line *line)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	x->proved += line->upstream.len > 0;
	if (line->upstream.len) {
		digest_sha256(line->upstream, hash);
		if (memcmp(hash, line->hash, sizeof(hash)) != 0 &&
		    verify_add(x->report, VERIFY_ALTERED, line->seq, WHERE,
			       "line %" PRIu64 ": the upstream bytes are not what the hash says", x->lines))
			return -1;
	}
	if (line->seq < x->highest && !line->is_replay &&
	    verify_add(x->report, VERIFY_UNEXPECTED, line->seq, WHERE,
		       "line %" PRIu64 ": it stands behind event %" PRIu64, x->lines, x->highest))
		return -1;
	if (line->seq > x->highest)
		x->highest = line->seq;
	return add_record(x, line);
}

static int take_line(struct export *x, struct view text)
{
	int n = export_line_read(text, &x->line);

	x->lines++;
	if (n > 0)
		return check_line(x, &x->line);
	x->damaged += n < 0;
	return n < 0 ? verify_add(x->report, VERIFY_ALTERED, 0, WHERE,
				  "line %" PRIu64
				  " is one of ours, and its number, id, hash or chain is damaged, or there twice",
				  x->lines)
		     : 0;
}

/* Those whose end is there; at the end of the export, all. */
static int take_lines(struct export *x, bool is_end)
{
	struct view rest = buf_view(&x->text), line;

	while (rest.len && (is_end || text_find_byte(rest, '\n') != SIZE_MAX)) {
		(void)text_next_line(&rest, &line);
		if (take_line(x, x->is_too_long ? VIEW_NONE : line))
			return -1;
		x->is_too_long = false;
	}
	if (rest.len)
		memmove(x->text.ptr, rest.ptr, rest.len);
	buf_cut(&x->text, rest.len);
	if (rest.len > AUDIT_LINE_BYTES) { /* none of ours is as long */
		buf_clear(&x->text);
		x->is_too_long = true;
	}
	return 0;
}

static int read_lines(struct export *x, int fd, const char *name, struct err *err)
{
	ssize_t n;

	do {
		if (buf_reserve(&x->text, CHUNK_BYTES))
			return err_nomem(err);
		n = file_read_full(fd, x->text.ptr + x->text.len, CHUNK_BYTES);
		if (n < 0)
			return err_set(err, ERR_IO, errno, "cannot read %s", name);
		x->text.len += (size_t)n;
		if (take_lines(x, n == 0))
			return err_nomem(err);
	} while (n > 0);
	return 0;
}

/* A file, a pipe, or "-" for standard input. */
static int read_export(struct export *x, const char *path, struct err *err)
{
	bool is_input = strcmp(path, "-") == 0;
	DEFER(closep) int fd = is_input ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	DEFER(buf_done) struct buf name = BUF_INIT(CONFIG_PATH_BYTES + 3);

	if (!is_input && fd < 0)
		return err_set(err, ERR_IO, errno, "cannot open '%s'", path);
	if (is_input ? buf_add_text(&name, "standard input") : buf_addf(&name, "'%s'", path))
		return err_nomem(err);
	if (read_lines(x, is_input ? STDIN_FILENO : fd, name.ptr, err))
		return -1;
	return x->count || x->damaged
		       ? 0
		       : err_set(err, ERR_FORMAT, 0,
				 "no line of %s is an event of skantd: JSON lines (json, ecs, ocsf, or journalctl -o "
				 "json), syslog lines with their RFC 5424 element, or CEF were expected",
				 name.ptr);
}

static int compare(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* The numbers from first up to end are not there. */
static int add_hole(struct export *x, uint64_t first, uint64_t end)
{
	while (first < end && x->report->told[VERIFY_MISSING] < AUDIT_TOLD)
		if (verify_add(x->report, VERIFY_MISSING, first++, WHERE, "no line has this number"))
			return -1;
	verify_count(x->report, VERIFY_MISSING, first, end);
	return 0;
}

static struct view id_of(const struct export *x, const struct record *r)
{
	return view_sub(buf_view(&x->ids), r->id_at, r->id_len);
}

/* Either id may have been cut to make the message fit. */
static bool is_double(const struct export *x, const struct record *a, const struct record *b)
{
	bool is_cut = a->may_be_cut || b->may_be_cut;

	return memcmp(a->hash, b->hash, sizeof(a->hash)) == 0 && memcmp(a->chain, b->chain, sizeof(a->chain)) == 0 &&
	       (is_cut || text_eq(id_of(x, a), id_of(x, b)));
}

/* Neighbours by number: doubles, holes, and whether the chain leads from one to the next. */
static int check_pair(struct export *x, const struct record *a, const struct record *b, bool holes_count)
{
	unsigned char chain[DIGEST_SHA256_BYTES];

	if (a->seq == b->seq) {
		if (!is_double(x, a, b))
			return verify_add(x->report, VERIFY_ALTERED, b->seq, WHERE,
					  "lines %" PRIu64 " and %" PRIu64 " have one number, and not one id, hash and "
					  "chain",
					  a->line, b->line);
		return b->is_replay || a->is_replay
			       ? 0
			       : verify_add(x->report, VERIFY_UNEXPECTED, b->seq, WHERE,
					    "line %" PRIu64 ": it is there already, unmarked", b->line);
	}
	if (b->seq != a->seq + 1)
		return holes_count ? add_hole(x, a->seq + 1, b->seq) : 0;
	memcpy(chain, a->chain, sizeof(chain));
	chain_link(chain, id_of(x, b), b->hash);
	if (memcmp(chain, b->chain, sizeof(chain)) == 0)
		return 0;
	x->unlinked += b->may_be_cut; /* the ledger has the whole one */
	return b->may_be_cut ? 0
			     : verify_add(x->report, VERIFY_ALTERED, b->seq, WHERE,
					  "the chain does not lead from event %" PRIu64 " to this one", a->seq);
}

/* Whether it ought to be there. */
static int miss_entry(struct export *x, const struct spool_entry *entry, struct err *err)
{
	enum verify_dueness dueness = VERIFY_DUE;

	if (x->due && verify_due_look(x->due, entry, &dueness, err))
		return -1;
	x->unchecked += dueness == VERIFY_DUE_UNKNOWN;
	if (dueness == VERIFY_DUE && verify_add(x->report, VERIFY_MISSING, entry->event.seq, WHERE, "no line has %.*s",
						(int)entry->event.id.len, entry->event.id.ptr))
		return err_nomem(err);
	return 0;
}

/* An id may have been cut to make the message fit (place_fit). */
static bool is_altered(const struct export *x, const struct record *r, const struct event *e)
{
	return memcmp(r->hash, e->hash, sizeof(r->hash)) != 0 || memcmp(r->chain, e->chain, sizeof(r->chain)) != 0 ||
	       !text_starts(e->id, id_of(x, r));
}

/* Each line that has the event's number. */
static int take_entry(void *context, const struct spool_entry *entry, struct err *err)
{
	const struct event *e = &entry->event;
	struct export *x = context;

	while (x->next < x->count && x->records[x->next].seq < e->seq)
		x->next++;
	if (x->next == x->count || x->records[x->next].seq != e->seq)
		return miss_entry(x, entry, err);
	for (; x->next < x->count && x->records[x->next].seq == e->seq; x->next++) {
		const struct record *r = &x->records[x->next];

		if (is_altered(x, r, e) &&
		    verify_add(x->report, VERIFY_ALTERED, e->seq, WHERE,
			       "line %" PRIu64 ": its id, its hash or its chain is not the ledger's", r->line))
			return err_nomem(err);
	}
	return 0;
}

/* What the ledger has before and behind the export is not looked for in it, and that is said. first: the first event
 * that is looked for. */
static int note_reach(struct export *x, uint64_t oldest, uint64_t first, uint64_t head)
{
	uint64_t last = x->records[x->count - 1].seq;
	int status = 0;

	if (oldest && first > oldest)
		status |= verify_note(x->report,
				      "export: it %s event %" PRIu64 ": events %" PRIu64 " to %" PRIu64
				      " of the ledger are before it and were not looked for",
				      x->due ? "is that of a sink that began with" : "begins with", first, oldest,
				      first - 1 < head ? first - 1 : head);
	if (x->records[0].seq < oldest)
		status |= verify_note(x->report,
				      "export: events %" PRIu64 " to %" PRIu64
				      " are older than the ledger, and were not compared with it",
				      x->records[0].seq, last < oldest ? last : oldest - 1);
	if (last < head)
		status |= verify_note(x->report,
				      "export: it ends with event %" PRIu64 ": events %" PRIu64 " to %" PRIu64
				      " of the ledger are behind it and were not looked for",
				      last, last + 1, head);
	return status;
}

/* Of a sink it is known where it began: then what its export lacks at the beginning is missing. */
static int check_ledger(struct export *x, struct spool *spool, struct err *err)
{
	uint64_t first = x->records[0].seq, last = x->records[x->count - 1].seq, head;
	struct spool_head now; /* the export may have been written while it was read */
	struct spool_size size;

	if (spool_head_read(spool, &now, err))
		return -1;
	head = now.seq;
	if (x->due && x->due->start < first)
		first = x->due->start + 1;
	if (spool_size(spool, &size, err))
		return -1;
	if (note_reach(x, size.oldest_seq, first, head))
		return err_nomem(err);
	if (last > head &&
	    verify_add(x->report, VERIFY_UNEXPECTED, last, WHERE, "the ledger ends with event %" PRIu64, head))
		return err_nomem(err);
	if (first < size.oldest_seq)
		first = size.oldest_seq;
	if (first && first <= head && spool_entry_each(spool, first, last < head ? last : head, take_entry, x, err))
		return -1;
	if (x->unchecked &&
	    verify_note(x->report,
			"export: of %" PRIu64 " events that are not there and whose body has gone it is "
			"not known whether the sink's filter let them pass",
			x->unchecked))
		return err_nomem(err);
	return 0;
}

/* A receiver may leave the upstream bytes out of all that it writes. Where it does not, a line without them, which does
 * not say that they were left out, had them. */
static int check_bytes(struct export *x)
{
	for (size_t i = 0; i < x->count && x->proved; i++)
		if (x->records[i].is_bare &&
		    verify_add(x->report, VERIFY_ALTERED, x->records[i].seq, WHERE,
			       "line %" PRIu64 ": the upstream bytes are not there, and it does not say why",
			       x->records[i].line))
			return -1;
	return x->proved == x->count ? 0
				     : verify_note(x->report,
						   "export: %" PRIu64
						   " of them are without the upstream bytes: their number, id, hash "
						   "and place in the chain are checked, not what happened",
						   x->count - x->proved);
}

static int check(struct export *x, struct spool *spool, struct err *err)
{
	if (!x->count)
		return verify_note(x->report, "export: %" PRIu64 " lines, none of them a whole event of ours", x->lines)
			       ? err_nomem(err)
			       : 0;
	qsort(x->records, x->count, sizeof(*x->records), compare);
	for (size_t i = 1; i < x->count; i++)
		if (check_pair(x, &x->records[i - 1], &x->records[i], !spool))
			return err_nomem(err);
	if (x->unlinked && !spool &&
	    verify_note(x->report,
			"export: of %" PRIu64 " events, whose id may have been cut to make them fit, it cannot be told "
			"whether the chain leads to them",
			x->unlinked))
		return err_nomem(err);
	if (verify_note(x->report,
			"export: %" PRIu64 " lines, %zu of them events of ours, from %" PRIu64 " to %" PRIu64 "%s",
			x->lines, x->count, x->records[0].seq, x->records[x->count - 1].seq,
			spool ? ", compared with the ledger"
			      : ", checked by itself: what is before and behind them is not known"))
		return err_nomem(err);
	if (check_bytes(x))
		return err_nomem(err);
	return spool ? check_ledger(x, spool, err) : 0;
}

int verify_export(struct spool *spool, const char *path, const struct settings_sink *sink, struct verify_report *report,
		  struct err *err)
{
	struct export x = { .report = report,
			    .ids = BUF_INIT(SIZE_MAX / 2),
			    .text = BUF_INIT(AUDIT_LINE_BYTES + 2 * (size_t)CHUNK_BYTES),
			    .line = { .store = BUF_INIT(AUDIT_LINE_BYTES) } };
	struct verify_due due = { .settings = sink };
	int status = sink ? verify_due_init(spool, sink, &due, err) : 0;

	x.due = sink ? &due : NULL;
	if (status == 0)
		status = read_export(&x, path, err);
	if (status == 0)
		status = check(&x, spool, err);
	verify_due_done(&due);
	free(x.records);
	buf_done(&x.ids);
	buf_done(&x.text);
	buf_done(&x.line.store);
	return status;
}
