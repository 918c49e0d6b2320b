/* SPDX-License-Identifier: Apache-2.0 */
/* The state that is stored with each page: one JSON object, so that people can read it. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "forwarder/feed/activities.h"

#define VERSION 1
#define NS_PER_S 1'000'000'000

static int64_t number_of(struct view object, const char *key, int64_t otherwise)
{
	struct view v = json_member(object, key);
	bool is_negative = v.len && v.ptr[0] == '-';
	uint64_t n;

	if (!v.len || text_u64(view_sub(v, is_negative, SIZE_MAX), INT64_MAX, &n))
		return otherwise;
	return is_negative ? -(int64_t)n : (int64_t)n;
}

static bool flag_of(struct view object, const char *key)
{
	struct view v = json_member(object, key);

	return v.len && json_type_of(v) == JSON_TRUE;
}

/* Where a feed that is new begins: `newest` is what lies before it. */
static void begin(struct activities *a)
{
	const struct settings_feed *s = a->env->settings;

	a->has_newest = s->start == SETTINGS_TIME;
	a->newest_ns = a->start_ns = s->start == SETTINGS_TIME ? s->start_unix_s * NS_PER_S : 0;
}

int activities_load(struct activities *a, struct err *err)
{
	DEFER(buf_done) struct buf state = BUF_INIT(PAGE_STATE_BYTES);
	struct view object;

	if (a->env->out->state(a->env->out->context, a->env->settings->name, &state, err))
		return -1;
	if (!state.len) {
		begin(a);
		return 0;
	}
	if (json_whole(buf_view(&state), &object, err) || json_type_of(object) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "what the spool keeps of this feed is damaged");
	if (number_of(object, "version", 0) != VERSION)
		return err_set(err, ERR_CONFIG, 0, "what the spool keeps of this feed was written by another version");
	a->has_newest = json_member(object, "newest").len > 0;
	a->newest_ns = number_of(object, "newest", 0);
	a->start_ns = number_of(object, "start", 0);
	a->overlap_s = number_of(object, "overlap", 0);
	a->off_ns = number_of(object, "off", 0);
	a->is_caught_up = flag_of(object, "caught_up");
	a->has_no_order = flag_of(object, "no_order");
	return 0;
}

static void member_number(struct jsonw *w, const char *key, int64_t n)
{
	DEFER(buf_done) struct buf text = BUF_INIT(32);

	jsonw_key(w, key);
	if (buf_addf(&text, "%lld", (long long)n))
		w->failed = true;
	jsonw_raw(w, buf_view(&text));
}

int activities_add_state(const struct activities *a, struct buf *buf)
{
	struct jsonw w;

	jsonw_init(&w, buf, 0);
	jsonw_object(&w);
	member_number(&w, "version", VERSION);
	if (a->has_newest)
		member_number(&w, "newest", a->newest_ns);
	member_number(&w, "start", a->start_ns);
	member_number(&w, "overlap", a->overlap_s);
	member_number(&w, "off", a->off_ns);
	jsonw_key(&w, "caught_up");
	jsonw_bool(&w, a->is_caught_up);
	jsonw_key(&w, "no_order");
	jsonw_bool(&w, a->has_no_order);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}
