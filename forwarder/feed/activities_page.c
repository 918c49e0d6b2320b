/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "forwarder/feed/activities.h"
#include "forwarder/feed/redact.h"

#define NS_PER_S 1'000'000'000
#define NS_PER_MS 1'000'000
#define ACCESSED "compliance_api_accessed"

/* --- our own requests --- */

void own_ids_add(struct own_ids *own, struct view id)
{
	if (!id.len || id.len >= sizeof(*own->ids))
		return;
	if (!own->ids)
		own->ids = calloc(OWN_IDS, sizeof(*own->ids));
	if (!own->ids) /* then rows of our own come through, which is no loss */
		return;
	memset(own->ids[own->next], 0, sizeof(*own->ids));
	memcpy(own->ids[own->next], id.ptr, id.len);
	own->next = (own->next + 1) % OWN_IDS;
	own->count += own->count < OWN_IDS;
}

bool own_ids_has(const struct own_ids *own, struct view id)
{
	for (size_t i = 0; i < own->count; i++)
		if (text_eq(view_of(own->ids[i]), id))
			return true;
	return false;
}

/* --- one row --- */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Whether a text can be an id or a type as it is. */
static bool is_plain(struct view v, size_t most)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < ' ' || v.ptr[i] == 0x7F)
			return false;
	return v.len > 0 && v.len <= most;
}

static int keep_text(struct activities *a, struct view v, struct view *ret)
{
	size_t start = a->texts.len;

	if (buf_add(&a->texts, v))
		return -1;
	*ret = view_sub(buf_view(&a->texts), start, SIZE_MAX);
	return 0;
}

/* An id that cannot be one is replaced by what the row itself gives: nothing is lost for it, and nothing comes twice. */
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

static bool has_filter(const struct event_filter *f)
{
	return f->types || f->feeds || f->classes || f->actors || f->workspaces || f->severity != EVENT_DEBUG;
}

/* The filter of the settings, and our own polling. */
static int is_wanted(struct activities *a, const struct api_activity *activity, const struct page_record *r, bool *ret,
		     struct err *err)
{
	const struct settings_feed *s = a->env->settings;
	struct buf store = a->event.store;

	*ret = true;
	if (s->skip_own && text_eq(activity->type, VIEW(ACCESSED)) && own_ids_has(&a->own, activity->request_id)) {
		*ret = false;
		return 0;
	}
	if (!has_filter(&s->filter))
		return 0;
	a->event = (struct event){ .feed = view_of(s->name),
				   .id = r->id,
				   .type = r->type,
				   .origin = r->origin,
				   .time_ns = r->time_ns,
				   .body = r->body,
				   .store = store };
	if (event_read(&a->event, err))
		return -1;
	*ret = event_passes(&a->event, &s->filter);
	return 0;
}

static int64_t time_of(const struct api_activity *activity)
{
	uint32_t ns = 0;
	int64_t s;

	if (activity->created_at.is_known && clock_parse_time(activity->created_at.text, &s, &ns) == 0 &&
	    s > INT64_MIN / NS_PER_S && s < INT64_MAX / NS_PER_S)
		return s * NS_PER_S + ns;
	return 0;
}

/* Our own polling goes by its user agent as well: of rows that are only compared, not of those that are stored. */
static bool looks_own(const struct activities *a, const struct api_activity *activity)
{
	return a->env->settings->skip_own && text_eq(activity->type, VIEW(ACCESSED)) &&
	       text_starts(activity->actor_user_agent, VIEW("skantd/"));
}

int activities_record(struct activities *a, struct view row, struct page_record *ret, bool *ret_is_wanted,
		      struct err *err)
{
	struct api_activity activity;
	struct err why = ERR_INIT;

	*ret = (struct page_record){ .origin = a->dialect == API_CCA ? EVENT_CCA : EVENT_PLATFORM, .body = row };
	*ret_is_wanted = true;
	/* A row that is not what the API promises is stored all the same: it is evidence, too. */
	if (api_activity_read(&a->reader, row, &activity, &why))
		activity = (struct api_activity){ .id = VIEW_NONE };
	ret->time_ns = time_of(&activity);
	if (!ret->time_ns)
		ret->time_ns = a->has_newest ? a->newest_ns : now_ns();
	ret->is_own = looks_own(a, &activity);
	if (is_plain(activity.id, PAGE_ID_BYTES) ? keep_text(a, activity.id, &ret->id) : make_id(a, row, &ret->id))
		return err_nomem(err);
	if (keep_text(a, is_plain(activity.type, PAGE_TYPE_BYTES) ? activity.type : VIEW("unknown"), &ret->type))
		return err_nomem(err);
	if (redact_json(row, &a->texts, &ret->body, &ret->is_redacted, err))
		return -1;
	a->last_ns = ret->time_ns;
	return is_wanted(a, &activity, ret, ret_is_wanted, err);
}

/* --- one page --- */

static int make_room(struct activities *a, size_t count)
{
	struct page_record *records;
	bool *is_new;

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

/* Texts may be as many bytes as the page, and what is masked is rewritten; an id that is made has 71. */
int activities_reserve(struct activities *a, const struct page_walk *walk)
{
	buf_clear(&a->texts);
	return buf_reserve(&a->texts, 2 * walk->reply.body.len + 128 * walk->rows.count + 4096);
}

static int gather(struct activities *a, const struct page_walk *walk, bool is_reversed, struct err *err)
{
	size_t count = walk->rows.count;

	a->count = 0;
	if (make_room(a, count) || activities_reserve(a, walk))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		bool is_wanted;

		if (activities_record(a, rows_row(&walk->rows, is_reversed ? count - 1 - i : i), &a->records[a->count],
				      &is_wanted, err))
			return -1;
		if (a->records[a->count].time_ns > a->newest_ns || !a->has_newest)
			a->newest_ns = a->records[a->count].time_ns;
		a->has_newest = true;
		a->count += is_wanted;
	}
	return 0;
}

/* What the new rows tell of how late rows come. */
static void measure(struct activities *a, const struct page_stored *stored)
{
	const struct feed_out *out = a->env->out;
	int64_t now = now_ns();

	for (size_t i = 0; i < a->count && stored->added; i++) {
		int64_t time_ns = a->records[i].time_ns, late_s;

		if (!a->is_new[i])
			continue;
		late_s = (a->poll_newest_ns - time_ns) / NS_PER_S;
		if (a->is_caught_up && late_s >= a->overlap_s / 2 && a->overlap_s < OVERLAP_MOST_S)
			a->overlap_s = 2 * late_s + 1 < OVERLAP_MOST_S ? 2 * late_s + 1 : OVERLAP_MOST_S;
		a->late += a->is_reconciling;
		if (text_eq(a->records[i].type, VIEW(ACTIVITIES_SWITCHED)))
			activities_switched(a, a->records[i].body, time_ns);
		if (a->is_caught_up)
			out->lag(out->context, a->env->settings->name,
				 now > time_ns ? (uint64_t)((now - time_ns) / NS_PER_MS) : 0);
	}
}

/* The page, in parts of what one transaction takes; the state goes with the last of them. */
static int put_parts(struct activities *a, struct view state, struct page_stored *ret, struct err *err)
{
	const struct feed_out *out = a->env->out;
	size_t done = 0;

	do {
		size_t n = a->count - done < PAGE_RECORDS_MAX ? a->count - done : PAGE_RECORDS_MAX;
		const struct page page = { .feed = a->env->settings->name,
					   .records = a->records + done,
					   .count = n,
					   .state = done + n == a->count ? state : VIEW_NONE };
		struct page_stored stored = { .is_new = a->is_new + done };
		int status = out->put(out->context, &page, &stored, err);

		if (status)
			return status;
		ret->added += stored.added;
		done += n;
	} while (done < a->count);
	return 0;
}

int activities_put(struct activities *a, const struct page_walk *walk, bool is_reversed, struct err *err)
{
	DEFER(buf_done) struct buf state = BUF_INIT(PAGE_STATE_BYTES);
	int64_t before_ns = a->newest_ns, off_ns = a->off_ns;
	bool had_newest = a->has_newest;
	struct page_stored stored = { .added = 0 };
	int status;

	own_ids_add(&a->own, buf_view(&walk->reply.request_id));
	if (gather(a, walk, is_reversed, err))
		return -1;
	if (activities_add_state(a, &state))
		return err_nomem(err);
	status = put_parts(a, buf_view(&state), &stored, err);
	if (status) { /* not stored: as if it had not been read */
		a->newest_ns = before_ns;
		a->has_newest = had_newest;
		return status;
	}
	measure(a, &stored);
	if (a->off_ns == off_ns)
		return 0;
	buf_clear(&state);
	a->count = 0;
	return activities_add_state(a, &state) ? err_nomem(err) : put_parts(a, buf_view(&state), &stored, err);
}
