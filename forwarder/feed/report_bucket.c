/* SPDX-License-Identifier: Apache-2.0 */
/* One bucket of a report: its rows beside those that were told before. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/feed/report.h"

#define GROUP_BYTES 4096
#define NUMBER_BYTES 32

int report_add_key(struct buf *key, const struct report *r, int64_t from_s, const struct report_row *row)
{
	/* Ten digits of seconds last to the year 2286, in the order of time. */
	if (buf_addf(key, REPORT_ROWS "%s/%010" PRId64 "/", r->shape, from_s))
		return -1;
	return row ? digest_add_hex(key, row->group, sizeof(row->group)) : 0;
}

int report_add_group(struct buf *group, const struct view *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool is_none = record_is_null(parts[i]) || record_is_absent(parts[i]);

		if (is_none ? buf_add_text(group, " -")
			    : buf_addf(group, " %zu:", parts[i].len) || buf_add(group, parts[i]))
			return -1;
	}
	return 0;
}

static int add_group(struct report *r, const void *row, struct report_row *ret, struct err *err)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	buf_clear(&r->scratch);
	if (buf_add_text(&r->scratch, r->shape) || r->kind->add_group(&r->scratch, row))
		return err_nomem(err);
	digest_sha256(buf_view(&r->scratch), hash);
	memcpy(ret->group, hash, sizeof(ret->group));
	return 0;
}

int report_add_row(struct report *r, struct view raw, struct err *err)
{
	struct report_row *rows = grow_items(r->bucket.rows, r->bucket.count, &r->bucket.cap, sizeof(*rows));
	struct report_row row = { .at = r->bucket.text.len, .len = raw.len };

	if (!rows)
		return err_nomem(err);
	r->bucket.rows = rows;
	if (raw.len > FEED_ROW_BYTES)
		return err_set(err, ERR_LIMIT, 0, "a row of %zu bytes, at most %u are taken", raw.len, FEED_ROW_BYTES);
	if (r->kind->read(&r->walk.reader, raw, r->row, err) || add_group(r, r->row, &row, err))
		return -1;
	if (r->kind->see && r->kind->see(r, r->row, r->bucket.from_s, err))
		return -1;
	if (buf_add(&r->bucket.text, raw))
		return err_set(err, ERR_LIMIT, 0, "a bucket of more than %u bytes", FEED_BUCKET_BYTES);
	rows[r->bucket.count++] = row;
	/* What was seen may be many events, in a bucket of any size. */
	return batch_flush(&r->batch, err);
}

/* --- events --- */

static int make_id(struct report *r, const char *type, const struct report_row *row, uint64_t revision)
{
	buf_clear(&r->id);
	return buf_addf(&r->id, "%s:", type) || clock_add_rfc3339(&r->id, r->bucket.from_s) ||
	       buf_add_byte(&r->id, ':') || digest_add_hex(&r->id, row->group, sizeof(row->group)) ||
	       buf_addf(&r->id, ":%" PRIu64, revision);
}

/* What is kept of a row: how often it was told, and its bytes. */
static int keep(struct report *r, const struct report_row *row, uint64_t revision, struct view raw, struct err *err)
{
	struct jsonw w;

	buf_clear(&r->key);
	buf_clear(&r->scratch);
	jsonw_init(&w, &r->scratch, 0);
	jsonw_object(&w);
	jsonw_member_u64(&w, "revision", revision);
	jsonw_key(&w, "row");
	jsonw_raw(&w, raw.len ? raw : VIEW("null"));
	jsonw_end(&w);
	if (!jsonw_ok(&w) || report_add_key(&r->key, r, r->bucket.from_s, row))
		return err_nomem(err);
	return batch_keep(&r->batch, buf_view(&r->key), buf_view(&r->scratch), err);
}

static int tell(struct report *r, const struct report_row *row, const struct report_change *change, struct err *err)
{
	bool is_first = change->revision == 1;
	const char *type = is_first ? r->kind->type : r->kind->restated;
	struct jsonw *w;

	buf_clear(&r->message);
	if (r->kind->add_message(r, &r->message, change) || make_id(r, r->kind->type, row, change->revision))
		return err_nomem(err);
	w = batch_begin(&r->batch, type, change->from_s, is_first ? NULL : "notice", buf_view(&r->message));
	batch_member_time(w, "starting_at", change->from_s);
	batch_member_time(w, "ending_at", change->to_s);
	jsonw_member_u64(w, "revision", change->revision);
	r->kind->write(r, w, change);
	if (change->raw.len) {
		jsonw_key(w, "row");
		jsonw_raw(w, change->raw);
	}
	if (change->raw_before.len) {
		jsonw_key(w, "row_before");
		jsonw_raw(w, change->raw_before);
	}
	if (batch_end(&r->batch, buf_view(&r->id), err))
		return -1;
	return keep(r, row, change->revision, change->raw, err);
}

/* What is kept of a row, in *text: its revision and its bytes. An item that cannot be read was never written by us. */
static void read_kept(struct view kept, uint64_t *ret_revision, struct view *ret_raw)
{
	struct view row = json_member(kept, "row");

	if (text_u64(json_member(kept, "revision"), INT64_MAX, ret_revision))
		*ret_revision = 1;
	*ret_raw = row.len && json_type_of(row) == JSON_OBJECT ? row : VIEW_NONE;
}

/* A row that the report has. */
static int tell_row(struct report *r, const struct report_row *row, bool is_final, struct err *err)
{
	DEFER(buf_done) struct buf kept = BUF_INIT(PAGE_ITEM_BYTES);
	struct report_change change = { .from_s = r->bucket.from_s,
					.to_s = r->bucket.from_s + report_width_s(r),
					.raw = view_sub(buf_view(&r->bucket.text), row->at, row->len),
					.row = r->row };

	buf_clear(&r->key);
	if (report_add_key(&r->key, r, r->bucket.from_s, row))
		return err_nomem(err);
	if (r->env.out->item(r->env.out->context, r->env.settings->name, buf_view(&r->key), &kept, err))
		return -1;
	if (!kept.len && !is_final)
		return 0;
	if (kept.len)
		read_kept(buf_view(&kept), &change.revision, &change.raw_before);
	if (r->kind->read(&r->reader, change.raw, r->row, err))
		return -1;
	if (change.raw_before.len) {
		if (r->kind->read(&r->reader_before, change.raw_before, r->row_before, err))
			return -1;
		change.before = r->row_before;
		if (r->kind->is_same(r->row, r->row_before))
			return 0;
	}
	change.revision++;
	return tell(r, row, &change, err) ? -1 : batch_flush(&r->batch, err);
}

/* --- rows that are gone --- */

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct report_row *)a)->group, ((const struct report_row *)b)->group,
		      sizeof(((const struct report_row *)a)->group));
}

static int read_group(struct view hex, struct report_row *ret)
{
	if (hex.len != 2 * sizeof(ret->group))
		return -1;
	for (size_t i = 0; i < sizeof(ret->group); i++) {
		int high = text_hex_value(hex.ptr[2 * i]), low = text_hex_value(hex.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		ret->group[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

static int tell_gone(void *context, const struct page_item *item, struct err *err)
{
	struct report *r = context;
	struct report_change change = { .from_s = r->bucket.from_s, .to_s = r->bucket.from_s + report_width_s(r) };
	struct report_row row = { .at = 0 };
	size_t slash = item->key.len;

	while (slash > 0 && item->key.ptr[slash - 1] != '/')
		slash--;
	if (read_group(view_sub(item->key, slash, SIZE_MAX), &row) ||
	    (r->bucket.count && bsearch(&row, r->bucket.rows, r->bucket.count, sizeof(row), compare)))
		return 0;
	read_kept(item->value, &change.revision, &change.raw_before);
	if (!change.raw_before.len)
		return 0; /* it was told to be gone already */
	if (r->kind->read(&r->reader_before, change.raw_before, r->row_before, err))
		return -1;
	change.before = r->row_before;
	change.revision++;
	return tell(r, &row, &change, err) ? -1 : batch_flush(&r->batch, err);
}

static int tell_all_gone(struct report *r, struct err *err)
{
	DEFER(buf_done) struct buf from = BUF_INIT(64), to = BUF_INIT(64);

	if (report_add_key(&from, r, r->bucket.from_s, NULL) || buf_add(&to, buf_view(&from)))
		return err_nomem(err);
	to.ptr[to.len - 1]++;
	return r->env.out->items(r->env.out->context, r->env.settings->name, buf_view(&from), buf_view(&to), tell_gone,
				 r, err);
}

/* By group, and those of one group by their bytes: in whatever order they come, the first of them is the first. */
static int compare_all(const void *a, const void *b, void *context)
{
	const struct report *r = context;
	const struct report_row *x = a, *y = b;
	struct view text = buf_view(&r->bucket.text);
	int order = compare(x, y);

	return order ? order : text_cmp(view_sub(text, x->at, x->len), view_sub(text, y->at, y->len));
}

/* What of the group's rows is the nth, where the reply does not tell by what they differ: a group of its own. */
static void set_nth(struct report_row *row, uint64_t n)
{
	struct digest_sha256 digest;
	unsigned char hash[DIGEST_SHA256_BYTES];
	char number[NUMBER_BYTES];

	(void)snprintf(number, sizeof(number), " #%" PRIu64, n);
	digest_sha256_init(&digest);
	digest_sha256_add(&digest, view_from((const char *)row->group, sizeof(row->group)));
	digest_sha256_add(&digest, view_of(number));
	digest_sha256_end(&digest, hash);
	memcpy(row->group, hash, sizeof(row->group));
}

/* Sorts the rows by groups. Rows that nothing tells apart are told all the same, as there may be a difference that this
 * version does not know, and money that is not told is lost. */
static void sort_rows(struct report *r)
{
	struct report_row *rows = r->bucket.rows, first;
	uint64_t n = 0;

	if (!r->bucket.count)
		return;
	qsort_r(rows, r->bucket.count, sizeof(*rows), compare_all, r);
	first = rows[0];
	for (size_t i = 1; i < r->bucket.count; i++) {
		if (compare(&first, &rows[i]) == 0) {
			set_nth(&rows[i], ++n);
		} else {
			first = rows[i];
			n = 0;
		}
	}
	qsort(rows, r->bucket.count, sizeof(*rows), compare);
}

int report_tell_bucket(struct report *r, bool is_final, struct err *err)
{
	int status = 0;

	sort_rows(r);
	for (size_t i = 0; !status && i < r->bucket.count; i++)
		status = tell_row(r, &r->bucket.rows[i], is_final, err);
	return status ? status : tell_all_gone(r, err);
}
