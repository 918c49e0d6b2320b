/* SPDX-License-Identifier: Apache-2.0 */
/* What a report's feed keeps beside its rows: up to where all is stored, and how its rows are grouped. */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/feed/report.h"

#define VERSION 1
#define SHAPE_HASH_BYTES 8

/* Rows that are told apart otherwise are other rows. */
static int make_shape(struct report *r, struct err *err)
{
	const struct settings_feed *s = r->env.settings;
	DEFER(buf_done) struct buf text = BUF_INIT(256), hex = BUF_INIT(REPORT_SHAPE_BYTES);
	unsigned char hash[DIGEST_SHA256_BYTES];

	if (buf_addf(&text, "%s %s", r->kind->type, settings_buckets[s->bucket]))
		return err_nomem(err);
	for (unsigned i = 0; i < SETTINGS_GROUPS; i++)
		if (s->group_by & 1u << i && buf_addf(&text, " %s", settings_groups[i]))
			return err_nomem(err);
	digest_sha256(buf_view(&text), hash);
	if (digest_add_hex(&hex, hash, SHAPE_HASH_BYTES))
		return err_nomem(err);
	memccpy(r->shape, hex.ptr, '\0', sizeof(r->shape));
	return 0;
}

static int64_t time_of(struct view object, const char *key)
{
	struct view v = json_member(object, key);
	uint64_t n;

	return v.len && text_u64(v, INT64_MAX, &n) == 0 ? (int64_t)n : 0;
}

int report_load(struct report *r, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PAGE_STATE_BYTES);
	struct view object, shape;

	if (make_shape(r, err) || r->env.out->state(r->env.out->context, r->env.settings->name, &text, err))
		return -1;
	if (!text.len)
		return 0;
	if (json_whole(buf_view(&text), &object, NULL) || json_type_of(object) != JSON_OBJECT ||
	    !json_member(object, "settled").len)
		return err_set(err, ERR_FORMAT, 0, "what the spool keeps of this feed is damaged");
	if (time_of(object, "version") != VERSION)
		return err_set(err, ERR_CONFIG, 0, "what the spool keeps of this feed was written by another version");
	r->is_known = true;
	r->from_s = time_of(object, "from");
	r->settled_s = time_of(object, "settled");
	shape = json_member(object, "shape");
	if (json_type_of(shape) != JSON_STRING || !json_string_is(shape, view_of(r->shape))) {
		r->is_reshaped = true;
		r->from_s = r->settled_s = clock_floor(r->settled_s, report_width_s(r));
	}
	r->stored_s = r->settled_s;
	return 0;
}

struct view report_state(struct report *r)
{
	struct jsonw w;

	buf_clear(&r->state);
	jsonw_init(&w, &r->state, 0);
	jsonw_object(&w);
	jsonw_member_u64(&w, "version", VERSION);
	jsonw_member_text(&w, "shape", r->shape);
	jsonw_member_u64(&w, "from", (uint64_t)r->from_s);
	jsonw_member_u64(&w, "settled", (uint64_t)r->settled_s);
	jsonw_end(&w);
	return jsonw_ok(&w) ? buf_view(&r->state) : VIEW_NONE;
}
