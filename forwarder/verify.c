/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/jsonw.h"

const char *const verify_kind_names[VERIFY_KINDS] = { "missing", "unexpected", "altered", "gap" };

void verify_init(struct verify_report *r)
{
	*r = (struct verify_report){ .notes = BUF_INIT(AUDIT_NOTES_BYTES) };
}

void verify_done(struct verify_report *r)
{
	free(r->differences);
	buf_done(&r->notes);
	verify_init(r);
}

bool verify_is_clean(const struct verify_report *r)
{
	for (unsigned i = 0; i < VERIFY_KINDS; i++)
		if (r->counts[i])
			return false;
	return true;
}

static void put_clean(char *ret, size_t size, struct view text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(AUDIT_NOTES_BYTES);

	ret[0] = '\0';
	if (text_add_clean(&clean, text) || !clean.len)
		return;
	if (clean.len >= size)
		buf_cut(&clean, size - 1);
	memcpy(ret, clean.ptr, clean.len + 1);
}

/* Of the one behind the last. All of one side are added in a row. */
static void set_place(struct verify_report *r)
{
	struct verify_difference *d = &r->differences[r->count];

	d->place = r->count;
	if (r->count)
		d->side = d[-1].side + (strcmp(d[-1].where, d->where) != 0);
}

static int compare(const void *a, const void *b)
{
	const struct verify_difference *x = a, *y = b;

	if (x->side != y->side)
		return x->side < y->side ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

void verify_sort(struct verify_report *r)
{
	if (r->count)
		qsort(r->differences, r->count, sizeof(*r->differences), compare);
}

void verify_count(struct verify_report *r, enum verify_kind kind, uint64_t first, uint64_t end)
{
	if (first >= end)
		return;
	r->counts[kind] += end - first;
	if (first && (!r->untold_from[kind] || first < r->untold_from[kind]))
		r->untold_from[kind] = first;
	if (end - 1 > r->untold_to[kind])
		r->untold_to[kind] = end - 1;
}

int verify_add(struct verify_report *r, enum verify_kind kind, uint64_t seq, const char *where, const char *fmt, ...)
{
	DEFER(buf_done) struct buf text = BUF_INIT(AUDIT_NOTES_BYTES);
	struct verify_difference *differences;
	va_list args;
	int status;

	if (r->told[kind] >= AUDIT_TOLD) {
		verify_count(r, kind, seq, seq + 1);
		return 0;
	}
	r->counts[kind]++;
	differences = grow_items(r->differences, r->count, &r->cap, sizeof(*differences));
	if (!differences)
		return -1;
	r->differences = differences;
	va_start(args, fmt);
	status = buf_addvf(&text, fmt, args);
	va_end(args);
	if (status)
		return -1;
	differences[r->count] = (struct verify_difference){ .kind = kind, .seq = seq };
	put_clean(differences[r->count].where, sizeof(differences->where), view_of(where));
	put_clean(differences[r->count].text, sizeof(differences->text), buf_view(&text));
	set_place(r);
	r->count++;
	r->told[kind]++;
	return 0;
}

int verify_note(struct verify_report *r, const char *fmt, ...)
{
	va_list args;
	int status;

	va_start(args, fmt);
	status = buf_addvf(&r->notes, fmt, args);
	va_end(args);
	return status || buf_add_byte(&r->notes, '\n') ? -1 : 0;
}

static int tell_fault(void *context, uint64_t seq, enum spool_fault fault, struct err *err)
{
	static const struct {
		enum verify_kind kind;
		const char *text;
	} faults[] = {
		[SPOOL_MISSING] = { VERIFY_MISSING, "the ledger has no row of this number" },
		[SPOOL_BODY_ALTERED] = { VERIFY_ALTERED, "the body is not what its hash says" },
		[SPOOL_BODY_MISSING] = { VERIFY_MISSING, "the body has gone before its time" },
		[SPOOL_CHAIN_BROKEN] = { VERIFY_ALTERED, "the chain does not lead from the row before to this one" },
	};

	return verify_add(context, faults[fault].kind, seq, "ledger", "%s", faults[fault].text) ? err_nomem(err) : 0;
}

int verify_ledger(struct spool *spool, struct verify_report *r, struct err *err)
{
	DEFER(buf_done) struct buf chain = BUF_INIT(2 * DIGEST_SHA256_BYTES + 1);
	struct spool_size size;
	struct spool_head head;
	uint64_t checked = 0;

	if (spool_size(spool, &size, err) || spool_head_read(spool, &head, err))
		return -1;
	if (!head.seq)
		return verify_note(r, "ledger: it has no events yet") ? err_nomem(err) : 0;
	if (spool_audit(spool, size.oldest_seq, head.seq, tell_fault, r, &checked, err))
		return -1;
	if (digest_add_hex(&chain, head.chain, sizeof(head.chain)) ||
	    verify_note(r,
			"ledger: events %" PRIu64 " to %" PRIu64 ": %" PRIu64 " rows, %" PRIu64
			" with their body; chain of the last one %s",
			size.oldest_seq, head.seq, checked, size.bodies, chain.ptr))
		return err_nomem(err);
	return 0;
}

int verify_add_text(struct buf *buf, const struct verify_report *r, struct err *err)
{
	int status = buf_add(buf, buf_view(&r->notes));

	for (size_t i = 0; i < r->count; i++) {
		const struct verify_difference *d = &r->differences[i];

		status |= buf_addf(buf, "%s: %s: ", verify_kind_names[d->kind], d->where);
		if (d->seq)
			status |= buf_addf(buf, "event %" PRIu64 ": ", d->seq);
		status |= buf_addf(buf, "%s\n", d->text);
	}
	for (unsigned i = 0; i < VERIFY_KINDS; i++) {
		if (r->counts[i] == r->told[i])
			continue;
		status |= buf_addf(buf, "%s: and %" PRIu64 " more", verify_kind_names[i], r->counts[i] - r->told[i]);
		if (r->untold_to[i])
			status |= buf_addf(buf, ", of events %" PRIu64 " to %" PRIu64, r->untold_from[i],
					   r->untold_to[i]);
		status |= buf_add_byte(buf, '\n');
	}
	status |= buf_addf(buf, "%" PRIu64 " missing, %" PRIu64 " unexpected, %" PRIu64 " altered, %" PRIu64 " gaps\n",
			   r->counts[VERIFY_MISSING], r->counts[VERIFY_UNEXPECTED], r->counts[VERIFY_ALTERED],
			   r->counts[VERIFY_GAP]);
	return status ? err_nomem(err) : 0;
}

int verify_add_json(struct buf *buf, const struct verify_report *r, struct err *err)
{
	static const char *const keys[VERIFY_KINDS] = { "missing", "unexpected", "altered", "gaps" };
	struct view rest = buf_view(&r->notes), line;
	struct jsonw w;

	jsonw_init(&w, buf, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "schema", "skant-verify/1");
	for (unsigned i = 0; i < VERIFY_KINDS; i++)
		jsonw_member_u64(&w, keys[i], r->counts[i]);
	jsonw_key(&w, "notes");
	jsonw_array(&w);
	while (text_next_line(&rest, &line))
		jsonw_string(&w, line);
	jsonw_end(&w);
	jsonw_key(&w, "differences");
	jsonw_array(&w);
	for (size_t i = 0; i < r->count; i++) {
		jsonw_object(&w);
		jsonw_member_text(&w, "kind", verify_kind_names[r->differences[i].kind]);
		jsonw_member_text(&w, "where", r->differences[i].where);
		if (r->differences[i].seq)
			jsonw_member_u64(&w, "seq", r->differences[i].seq);
		jsonw_member_text(&w, "text", r->differences[i].text);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_end(&w);
	return jsonw_ok(&w) && buf_add_byte(buf, '\n') == 0 ? 0 : err_nomem(err);
}
