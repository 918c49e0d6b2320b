/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/redact.h"
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000
#define ROW_TEXT_BYTES 256 /* of a record that is not the row's own: an id that is made */
#define LISTED "/v1/compliance/activities"
#define AGENT "skantd"

const struct rows_form activities_forms[API_DIALECTS] = {
	[API_PLATFORM] = { PAGE_ENVELOPE, .wanted = { [ACTIVITIES_ID] = { "id", NULL },
						      [ACTIVITIES_TYPE] = { "type", NULL },
						      [ACTIVITIES_TIME] = { "created_at", NULL },
						      [ACTIVITIES_REQUEST] = { "request_id", NULL },
						      [ACTIVITIES_URL] = { "url", NULL },
						      [ACTIVITIES_ENABLED] = { "compliance_api_enabled", NULL },
						      [ACTIVITIES_AGENT] = { "actor", "user_agent" } } },
	[API_CCA] = { PAGE_ENVELOPE, .wanted = { [ACTIVITIES_ID] = { "id", NULL },
						 [ACTIVITIES_TYPE] = { "type", NULL },
						 [ACTIVITIES_TIME] = { "timestamp", NULL } } },
};

/* --- one row --- */

/* Whether a string value can be an id or a type as it stands. */
static bool is_clean(struct view value, size_t most)
{
	if (value.len < 3 || value.len - 2 > most || json_type_of(value) != JSON_STRING)
		return false;
	for (size_t i = 1; i < value.len - 1; i++)
		if (value.ptr[i] <= ' ' || value.ptr[i] > '~' || value.ptr[i] == '\\')
			return false;
	return true;
}

static struct view inside(struct view value)
{
	return view_sub(value, 1, value.len - 2);
}

/* The text of a string value, or nothing; good until the next one. */
static struct view text_of(struct activities *a, struct view value)
{
	struct view text = VIEW_NONE;

	buf_clear(&a->escaped);
	if (!value.len || json_type_of(value) != JSON_STRING || json_text(value, &a->escaped, &text))
		return VIEW_NONE;
	return text;
}

static bool read_time(struct activities *a, struct view value, int64_t *ret_ns)
{
	uint32_t ns;
	int64_t s;

	if (clock_parse_time(text_of(a, value), &s, &ns) || s < 0 || s >= INT64_MAX / NS_PER_S)
		return false;
	*ret_ns = s * NS_PER_S + ns;
	return true;
}

static int make_id(struct activities *a, struct view row, struct view *ret)
{
	unsigned char hash[DIGEST_SHA256_BYTES];
	size_t start = a->texts.len;

	digest_sha256(row, hash);
	if (buf_add_text(&a->texts, "sha256:") || digest_add_hex(&a->texts, hash, sizeof(hash)))
		return -1;
	*ret = view_sub(buf_view(&a->texts), start, SIZE_MAX);
	return 0;
}

/* Whether the row tells of a request of ours. What is older than we remember goes by who says to have asked: a poll saw
 * that row when it was new, and would have known it for another's. */
static bool is_own(struct activities *a, size_t row, struct view type, int64_t time_ns)
{
	const struct activities_own *oldest = a->state.own_before.count ? &a->state.own_before : &a->state.own;
	const struct rows *rows = &a->walk.rows;

	if (a->dialect != API_PLATFORM || !text_eq(type, VIEW(ACTIVITIES_ACCESSED)))
		return false;
	if (activities_own_has(a, text_of(a, rows_member(rows, row, ACTIVITIES_REQUEST))))
		return true;
	if (a->mode == ACTIVITIES_LIVE || (oldest->count && time_ns >= oldest->since_s * NS_PER_S))
		return false;
	return text_starts(text_of(a, rows_member(rows, row, ACTIVITIES_AGENT)), VIEW(AGENT)) &&
	       text_find(text_of(a, rows_member(rows, row, ACTIVITIES_URL)), VIEW(LISTED)) != SIZE_MAX;
}

/* A row that is larger than any record may be would stop the feed for good: what stands for it tells size and hash, and
 * id, type and time as they came. */
static int make_body(struct activities *a, size_t row, struct view bytes, struct page_record *r, struct err *err)
{
	static const enum activities_member kept[] = { ACTIVITIES_ID, ACTIVITIES_TYPE, ACTIVITIES_TIME };
	const struct rows_form *form = &activities_forms[a->dialect];
	unsigned char hash[DIGEST_SHA256_BYTES];
	size_t start = a->texts.len;
	int status = buf_addf(&a->texts, "{\"skant_oversized_bytes\":%zu,\"skant_sha256\":\"", bytes.len);

	digest_sha256(bytes, hash);
	status |= digest_add_hex(&a->texts, hash, sizeof(hash)) || buf_add_byte(&a->texts, '"');
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		struct view value = rows_member(&a->walk.rows, row, kept[i]);

		if (value.len && value.len <= PAGE_ID_BYTES)
			status |=
				buf_addf(&a->texts, ",\"%s\":", form->wanted[kept[i]].key) || buf_add(&a->texts, value);
	}
	if (status || buf_add_byte(&a->texts, '}'))
		return err_nomem(err);
	r->body = view_sub(buf_view(&a->texts), start, SIZE_MAX);
	return 0;
}

static int read_row(struct activities *a, size_t row, struct page_record *ret, struct err *err)
{
	struct view bytes = rows_row(&a->walk.rows, row), id = rows_member(&a->walk.rows, row, ACTIVITIES_ID);
	struct view type = rows_member(&a->walk.rows, row, ACTIVITIES_TYPE);

	*ret = (struct page_record){ .origin = a->dialect == API_CCA ? EVENT_CCA : EVENT_PLATFORM,
				     .type = is_clean(type, PAGE_TYPE_BYTES) ? inside(type) : VIEW("unknown") };
	if (is_clean(id, PAGE_ID_BYTES))
		ret->id = inside(id);
	else if (make_id(a, bytes, &ret->id))
		return err_nomem(err);
	if (read_time(a, rows_member(&a->walk.rows, row, ACTIVITIES_TIME), &ret->time_ns)) {
		if (ret->time_ns > a->page_newest_ns)
			a->page_newest_ns = ret->time_ns;
		if (ret->time_ns < a->page_oldest_ns)
			a->page_oldest_ns = ret->time_ns;
	} else {
		ret->time_ns = activities_now_s(a) * NS_PER_S;
	}
	ret->is_own = is_own(a, row, ret->type, ret->time_ns);
	if (bytes.len > JSON_RECORD_BYTES)
		return make_body(a, row, bytes, ret, err);
	return redact_json(bytes, &a->texts, &ret->body, &ret->is_redacted, err);
}

/* --- a page --- */

static int make_room(struct activities *a, size_t count)
{
	struct page_record *records;
	bool *is_new;

	buf_clear(&a->texts);
	/* Texts are pointed to: they have to stay where they are. What is masked is never longer than it was. */
	if (buf_reserve(&a->texts, a->walk.reply.body.len + ROW_TEXT_BYTES * (count + 1)))
		return -1;
	if (count <= a->cap)
		return 0;
	records = reallocarray(a->records, count, sizeof(*records));
	if (!records)
		return -1;
	a->records = records;
	is_new = reallocarray(a->is_new, count, sizeof(*is_new));
	if (!is_new)
		return -1;
	a->is_new = is_new;
	a->cap = count;
	return 0;
}

/* The API's own order, oldest first. */
static int compare(const void *a, const void *b)
{
	const struct page_record *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return text_cmp(x->id, y->id);
}

/* Whether the row switches recording off or on, and when. */
static bool is_switch(struct activities *a, size_t row, int64_t *ret_ns, bool *ret_is_on)
{
	struct view type = rows_member(&a->walk.rows, row, ACTIVITIES_TYPE);
	struct view enabled = rows_member(&a->walk.rows, row, ACTIVITIES_ENABLED);

	if (!enabled.len || !type.len || json_type_of(type) != JSON_STRING ||
	    !json_string_is(type, VIEW(ACTIVITIES_SWITCHED)))
		return false;
	*ret_is_on = json_type_of(enabled) == JSON_TRUE;
	return (*ret_is_on || json_type_of(enabled) == JSON_FALSE) &&
	       read_time(a, rows_member(&a->walk.rows, row, ACTIVITIES_TIME), ret_ns);
}

int activities_each_switch(struct activities *a, feed_tell_switch *tell, void *context, struct err *err)
{
	int64_t time_ns;
	bool is_on;

	for (size_t i = 0; i < a->walk.rows.count; i++)
		if (is_switch(a, i, &time_ns, &is_on) && tell(context, time_ns, is_on, err))
			return -1;
	return 0;
}

/* Switches in the order of time, whatever that of the rows: again and again the next one that is not known. */
static void note_switches(struct activities *a)
{
	for (bool is_found = true; is_found;) {
		int64_t next_ns = INT64_MAX, time_ns;
		bool next_is_on = false, is_on;

		for (size_t i = 0; i < a->walk.rows.count; i++) {
			if (!is_switch(a, i, &time_ns, &is_on) || time_ns <= a->state.switched_ns || time_ns >= next_ns)
				continue;
			next_ns = time_ns;
			next_is_on = is_on;
		}
		is_found = next_ns != INT64_MAX;
		if (is_found)
			activities_note_switch(a, next_is_on, next_ns);
	}
}

int activities_gather(struct activities *a, struct err *err)
{
	size_t count = a->walk.rows.count;

	a->count = 0;
	a->page_newest_ns = INT64_MIN;
	a->page_oldest_ns = INT64_MAX;
	if (make_room(a, count))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct page_record *r = &a->records[a->count];
		int is_wanted = read_row(a, i, r, err) ? -1 : feed_takes(a->env.settings, r, &a->event, err);

		if (is_wanted < 0)
			return -1;
		if (r->is_own && a->env.settings->skip_own && !a->is_telling)
			continue;
		a->count += is_wanted > 0;
	}
	if (!a->is_telling && a->dialect == API_PLATFORM)
		note_switches(a);
	if (a->count)
		qsort(a->records, a->count, sizeof(*a->records), compare);
	return 0;
}

int64_t activities_newest(const struct activities *a)
{
	int64_t now_ns = activities_now_s(a) * NS_PER_S + NS_PER_S - 1;
	int64_t newest_ns = a->page_newest_ns < now_ns ? a->page_newest_ns : now_ns;

	return newest_ns > a->state.newest_ns ? newest_ns : a->state.newest_ns;
}

/* --- storing --- */

/* In parts of what one transaction takes; the state goes with the last of them. */
static int put(struct activities *a, struct err *err)
{
	const struct feed_out *out = a->env.out;
	size_t done = 0;

	if (activities_write_state(a))
		return err_nomem(err);
	do {
		size_t count = a->count - done < PAGE_RECORDS_MAX ? a->count - done : PAGE_RECORDS_MAX;
		const struct page page = { .feed = a->env.settings->name,
					   .records = count ? a->records + done : NULL,
					   .count = count,
					   .state = done + count == a->count ? buf_view(&a->state_text) : VIEW_NONE };
		struct page_stored stored = { .is_new = count ? a->is_new + done : NULL };
		int status = out->put(out->context, &page, &stored, err);

		if (status)
			return status > 0 ? ACTIVITIES_FULL : -1;
		done += count;
	} while (done < a->count);
	return 0;
}

int activities_store(struct activities *a, int64_t settled_s, struct err *err)
{
	int64_t settled_before_s = a->state.settled_s, newest_before_ns = a->state.newest_ns;
	int status;

	a->state.newest_ns = activities_newest(a);
	a->state.settled_s = settled_s;
	status = put(a, err);
	if (status) {
		a->state.settled_s = settled_before_s;
		a->state.newest_ns = newest_before_ns;
		return status;
	}
	activities_measure(a);
	return 0;
}

int activities_store_state(struct activities *a, struct err *err)
{
	a->count = 0;
	return put(a, err);
}
