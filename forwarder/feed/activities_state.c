/* SPDX-License-Identifier: Apache-2.0 */
/* The state that is stored with each page: one JSON object, so that people can read it. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "forwarder/feed/activities.h"

#define VERSION 1
#define HEX_DIGITS 16

void activities_state_done(struct activities_state *state)
{
	free(state->own.ids);
	free(state->own_before.ids);
}

/* --- reading --- */

static uint64_t number_of(struct view object, const char *key)
{
	struct view v = json_member(object, key);
	uint64_t n;

	return v.len && text_u64(v, INT64_MAX, &n) == 0 ? n : 0;
}

static int64_t time_of(struct view object, const char *key)
{
	return (int64_t)number_of(object, key);
}

static int parse_hex(struct view value, uint64_t *ret)
{
	struct view v = view_sub(value, 1, HEX_DIGITS);

	*ret = 0;
	if (value.len != HEX_DIGITS + 2 || json_type_of(value) != JSON_STRING)
		return -1;
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];

		if (!text_is_digit(c) && (c < 'a' || c > 'f'))
			return -1;
		*ret = *ret << 4 | (uint64_t)(text_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return 0;
}

static uint64_t hex_of(struct view object, const char *key)
{
	struct view v = json_member(object, key);
	uint64_t n;

	return v.len && parse_hex(v, &n) == 0 ? n : 0;
}

static int read_own(struct view object, const char *key, struct activities_own *ret, struct err *err)
{
	struct view own = json_member(object, key), ids, id;

	if (!own.len || json_type_of(own) != JSON_OBJECT)
		return 0;
	ret->since_s = time_of(own, "since");
	ids = json_member(own, "ids");
	if (!ids.len || json_type_of(ids) != JSON_ARRAY)
		return 0;
	ret->ids = calloc(ACTIVITIES_OWN_MOST, sizeof(*ret->ids));
	if (!ret->ids)
		return err_nomem(err);
	while (ret->count < ACTIVITIES_OWN_MOST && json_each(&ids, &id))
		if (parse_hex(id, &ret->ids[ret->count]) == 0)
			ret->count++;
	return 0;
}

static void read_lags(struct view object, uint64_t lags[static ACTIVITIES_LAG_BUCKETS])
{
	struct view list = json_member(object, "lags"), value;

	if (!list.len || json_type_of(list) != JSON_ARRAY)
		return;
	for (size_t i = 0; i < ACTIVITIES_LAG_BUCKETS && json_each(&list, &value); i++)
		if (text_u64(value, UINT32_MAX, &lags[i]))
			lags[i] = 0;
}

/* What of the configuration says which rows are stored: when it changes, old rows may be new. */
static uint64_t filter_hash(const struct settings_feed *s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(SIZE_MAX / 2);
	char *const *const lists[] = { s->filter.types, s->filter.classes, s->filter.actors, s->filter.workspaces };
	int status = buf_addf(&text, "%d %d", (int)s->filter.severity, (int)s->skip_own);

	for (size_t i = 0; i < ARRAY_LEN(lists) && !status; i++) {
		status = buf_add_byte(&text, '\n');
		for (char *const *entry = lists[i]; entry && *entry && !status; entry++)
			status = buf_add(&text, view_from(*entry, strlen(*entry) + 1));
	}
	return status ? 0 : activities_hash(buf_view(&text));
}

/* Where a feed that is new begins; start: now is known once upstream has said what time it is. */
static void begin(struct activities *a)
{
	const struct settings_feed *s = a->env.settings;
	int64_t from_s = s->start == SETTINGS_TIME && s->start_unix_s > 0 ? s->start_unix_s : 0;

	a->state = (struct activities_state){ .is_known = s->start != SETTINGS_NOW,
					      .is_behind = true,
					      .from_s = from_s,
					      .settled_s = from_s,
					      .filter = filter_hash(s) };
}

static int read_state(struct view object, struct activities_state *s, struct err *err)
{
	struct view behind = json_member(object, "behind");

	*s = (struct activities_state){ .is_known = true,
					.is_behind = behind.len && json_type_of(behind) == JSON_TRUE,
					.from_s = time_of(object, "from"),
					.settled_s = time_of(object, "settled"),
					.newest_ns = time_of(object, "newest_ns"),
					.wide_s = number_of(object, "wide"),
					.reconciled_s = time_of(object, "reconciled"),
					.filter = hex_of(object, "filter"),
					.switched_ns = time_of(object, "switched_ns"),
					.off_ns = time_of(object, "off_ns") };
	read_lags(object, s->lags);
	return read_own(object, "own", &s->own, err) || read_own(object, "own_before", &s->own_before, err) ? -1 : 0;
}

int activities_load(struct activities *a, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PAGE_STATE_BYTES);
	uint64_t filter = filter_hash(a->env.settings);
	struct view object;

	if (a->env.out->state(a->env.out->context, a->env.settings->name, &text, err))
		return -1;
	if (!text.len) {
		begin(a);
		return 0;
	}
	if (json_whole(buf_view(&text), &object, NULL) || json_type_of(object) != JSON_OBJECT ||
	    !json_member(object, "settled").len)
		return err_set(err, ERR_FORMAT, 0, "what the spool keeps of this feed is damaged");
	if (number_of(object, "version") != VERSION)
		return err_set(err, ERR_CONFIG, 0, "what the spool keeps of this feed was written by another version");
	if (read_state(object, &a->state, err))
		return -1;
	a->is_silent = a->state.filter != filter;
	a->state.filter = filter;
	return 0;
}

/* --- writing --- */

static void write_time(struct jsonw *w, const char *key, int64_t n)
{
	jsonw_member_u64(w, key, n > 0 ? (uint64_t)n : 0);
}

static void write_hex(struct jsonw *w, uint64_t n)
{
	char text[HEX_DIGITS];

	for (size_t i = HEX_DIGITS; i-- > 0; n >>= 4)
		text[i] = "0123456789abcdef"[n & 15];
	jsonw_string(w, view_from(text, sizeof(text)));
}

static void write_own(struct jsonw *w, const char *key, const struct activities_own *own)
{
	if (!own->count)
		return;
	jsonw_key(w, key);
	jsonw_object(w);
	write_time(w, "since", own->since_s);
	jsonw_key(w, "ids");
	jsonw_array(w);
	for (size_t i = 0; i < own->count; i++)
		write_hex(w, own->ids[i]);
	jsonw_end(w);
	jsonw_end(w);
}

int activities_write_state(struct activities *a)
{
	const struct activities_state *s = &a->state;
	struct jsonw w;

	buf_clear(&a->state_text);
	jsonw_init(&w, &a->state_text, 0);
	jsonw_object(&w);
	write_time(&w, "version", VERSION);
	jsonw_key(&w, "behind");
	jsonw_bool(&w, s->is_behind);
	write_time(&w, "from", s->from_s);
	write_time(&w, "settled", s->settled_s);
	write_time(&w, "newest_ns", s->newest_ns);
	jsonw_key(&w, "lags");
	jsonw_array(&w);
	for (size_t i = 0; i < ACTIVITIES_LAG_BUCKETS; i++)
		jsonw_u64(&w, s->lags[i]);
	jsonw_end(&w);
	jsonw_member_u64(&w, "wide", s->wide_s);
	write_time(&w, "reconciled", s->reconciled_s);
	jsonw_key(&w, "filter");
	write_hex(&w, s->filter);
	write_time(&w, "switched_ns", s->switched_ns);
	write_time(&w, "off_ns", s->off_ns);
	write_own(&w, "own", &s->own);
	write_own(&w, "own_before", &s->own_before);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}
