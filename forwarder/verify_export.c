/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/map.h"
#include "forwarder/export_line.h"
#include "forwarder/spool/chain.h"
#include "forwarder/verify.h"

#define WHERE "export"

struct record {
	uint64_t seq, line;
	uint32_t id_len;
	bool is_replay;
	size_t id_at; /* in ids */
	unsigned char hash[DIGEST_SHA256_BYTES], chain[DIGEST_SHA256_BYTES];
};

struct export
{
	struct verify_report *report;
	struct record *records;
	size_t count, cap;
	struct buf ids;
	uint64_t lines, strangers, highest;
	size_t next; /* while the ledger is walked */
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

static int read_lines(struct export *x, struct view rest)
{
	struct export_line line = { .store = BUF_INIT(AUDIT_LINE_BYTES) };
	struct view text;
	int status = 0;

	while (status == 0 && text_next_line(&rest, &text)) {
		int n = export_line_read(text, &line);

		x->lines++;
		x->strangers += n == 0;
		if (n < 0)
			status = verify_add(x->report, VERIFY_ALTERED, 0, WHERE,
					    "line %" PRIu64
					    " is one of ours, and its number, id, hash or chain is damaged",
					    x->lines);
		else if (n > 0)
			status = check_line(x, &line);
	}
	buf_done(&line.store);
	return status;
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
	x->report->counts[VERIFY_MISSING] += end - first;
	return 0;
}

/* Neighbours by number: doubles, holes, and whether the chain leads from one to the next. */
static int check_pair(struct export *x, const struct record *a, const struct record *b, bool holes_count)
{
	unsigned char chain[DIGEST_SHA256_BYTES];

	if (a->seq == b->seq) {
		if (memcmp(a->hash, b->hash, sizeof(a->hash)) != 0)
			return verify_add(x->report, VERIFY_ALTERED, b->seq, WHERE,
					  "lines %" PRIu64 " and %" PRIu64 " have one number and not one hash", a->line,
					  b->line);
		return b->is_replay || a->is_replay
			       ? 0
			       : verify_add(x->report, VERIFY_UNEXPECTED, b->seq, WHERE,
					    "line %" PRIu64 ": it is there already, unmarked", b->line);
	}
	if (b->seq != a->seq + 1)
		return holes_count ? add_hole(x, a->seq + 1, b->seq) : 0;
	memcpy(chain, a->chain, sizeof(chain));
	chain_link(chain, view_sub(buf_view(&x->ids), b->id_at, b->id_len), b->hash);
	if (memcmp(chain, b->chain, sizeof(chain)) != 0)
		return verify_add(x->report, VERIFY_ALTERED, b->seq, WHERE,
				  "the chain does not lead from event %" PRIu64 " to this one", a->seq);
	return 0;
}

static int take_entry(void *context, const struct spool_entry *entry, struct err *err)
{
	const struct event *e = &entry->event;
	struct export *x = context;
	const struct record *r;
	int status = 0;

	while (x->next < x->count && x->records[x->next].seq < e->seq)
		x->next++;
	r = &x->records[x->next];
	if (x->next == x->count || r->seq != e->seq)
		status = verify_add(x->report, VERIFY_MISSING, e->seq, WHERE, "no line has %.*s", (int)e->id.len,
				    e->id.ptr);
	else if (memcmp(r->hash, e->hash, sizeof(r->hash)) != 0 || memcmp(r->chain, e->chain, sizeof(r->chain)) != 0)
		status = verify_add(x->report, VERIFY_ALTERED, e->seq, WHERE,
				    "line %" PRIu64 ": its hash or its chain is not the ledger's", r->line);
	return status ? err_nomem(err) : 0;
}

static int check_ledger(struct export *x, struct spool *spool, struct err *err)
{
	uint64_t first = x->records[0].seq, last = x->records[x->count - 1].seq, head = spool_head(spool);
	struct spool_size size;

	if (spool_size(spool, &size, err))
		return -1;
	if (last > head &&
	    verify_add(x->report, VERIFY_UNEXPECTED, last, WHERE, "the ledger ends with event %" PRIu64, head))
		return err_nomem(err);
	if (first < size.oldest_seq)
		first = size.oldest_seq;
	return first && first <= head ? spool_entry_each(spool, first, last < head ? last : head, take_entry, x, err)
				      : 0;
}

static int check(struct export *x, struct spool *spool, struct err *err)
{
	qsort(x->records, x->count, sizeof(*x->records), compare);
	for (size_t i = 1; i < x->count; i++)
		if (check_pair(x, &x->records[i - 1], &x->records[i], !spool))
			return err_nomem(err);
	if (spool && check_ledger(x, spool, err))
		return -1;
	if (verify_note(x->report,
			"export: %" PRIu64 " lines, %zu of them events of ours, from %" PRIu64 " to %" PRIu64 "%s",
			x->lines, x->count, x->records[0].seq, x->records[x->count - 1].seq,
			spool ? ", compared with the ledger" : ", checked by itself"))
		return err_nomem(err);
	return 0;
}

int verify_export(struct spool *spool, const char *path, struct verify_report *report, struct err *err)
{
	struct export x = { .report = report, .ids = BUF_INIT(SIZE_MAX / 2) };
	struct view text;
	int status;

	if (map_file(path, &text, err))
		return -1;
	status = read_lines(&x, text) ? err_nomem(err) : 0;
	if (status == 0 && !x.count)
		status = err_set(err, ERR_FORMAT, 0,
				 "no line of '%s' is an event of skantd: JSON lines (json, ecs, ocsf, or journalctl -o "
				 "json) or syslog lines with their RFC 5424 element were expected",
				 path);
	if (status == 0)
		status = check(&x, spool, err);
	map_done(&text);
	free(x.records);
	buf_done(&x.ids);
	return status;
}
