/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/report/known.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/report/shown.h"

#define ID_SHOWN 11 /* characters of an id: apikey_ and four more */
#define SECONDS_PER_DAY 86400

static int add_safe(struct buf *out, const char *text)
{
	return shown_add_clean(out, view_of(text));
}

static int add_id(struct buf *out, const char *id, bool is_whole)
{
	struct view v = view_of(id);

	if (is_whole || v.len <= ID_SHOWN)
		return add_safe(out, id);
	return shown_add_clean(out, view_sub(v, 0, ID_SHOWN)) || buf_add_text(out, "\u2026") ? -1 : 0;
}

static int add_days(struct buf *out, int64_t days)
{
	return buf_addf(out, "%lld day%s", (long long)days, days == 1 ? "" : "s");
}

static int add_age(struct buf *out, const struct inventory_key *key, int64_t now_s)
{
	int64_t days = (now_s - key->created_s) / SECONDS_PER_DAY;

	if (days <= 0)
		return buf_add_text(out, ", made today");
	return buf_add_text(out, ", made ") || add_days(out, days) || buf_add_text(out, " ago") ? -1 : 0;
}

static int add_end(struct buf *out, const struct inventory_key *key, int64_t now_s)
{
	int64_t days = (key->expires_s - now_s) / SECONDS_PER_DAY;

	if (!key->expires_at)
		return 0;
	if (key->expires_s <= now_s)
		return days == 0 ? buf_add_text(out, ", expired today")
				 : buf_add_text(out, ", expired ") || add_days(out, -days) || buf_add_text(out, " ago");
	return days == 0 ? buf_add_text(out, ", expires within a day")
			 : buf_add_text(out, ", expires in ") || add_days(out, days);
}

/* Without one it belongs to the default workspace or to the whole organisation: the inventory does not tell which. */
static int add_workspace(struct buf *out, const struct inventory_key *key)
{
	const char *name = key->workspace ? key->workspace : key->workspace_id;

	if (!name)
		return buf_add_text(out, ", no workspace of its own");
	return buf_add_text(out, ", workspace ") || add_safe(out, name) ? -1 : 0;
}

/* Live by what the inventory says: active, and its time is not over. */
static int add_status(struct buf *out, const struct inventory_key *key, int64_t now_s)
{
	if (!text_eq(view_of(key->status), VIEW("active")))
		return add_safe(out, key->status);
	return buf_add_text(out, key->expires_at && key->expires_s <= now_s ? "expired" : "live");
}

static int add_one(struct buf *out, const struct inventory_key *key, int64_t now_s, bool with_ids)
{
	return buf_add_text(out, "probably ") || add_status(out, key, now_s) || buf_add_text(out, " key '") ||
			       add_safe(out, key->name) || buf_add_text(out, "' (") || add_id(out, key->id, with_ids) ||
			       buf_add_byte(out, ')') || add_workspace(out, key) || add_age(out, key, now_s) ||
			       add_end(out, key, now_s)
		       ? -1
		       : 0;
}

int known_add_owner(struct buf *out, const struct finding *f, int64_t now_s, bool with_ids)
{
	size_t count = f->inventory_count;

	if (count == 1)
		return add_one(out, f->inventory, now_s, with_ids);
	if (buf_addf(out, "probably one of %zu keys with this hint: ", count))
		return -1;
	for (size_t i = 0; i < count && i < INVENTORY_SHOWN; i++) {
		const struct inventory_key *key = &f->inventory[i];

		if ((i && buf_add_text(out, ", ")) || buf_add_byte(out, '\'') || add_safe(out, key->name) ||
		    buf_add_text(out, "' (") || add_id(out, key->id, with_ids) || buf_add_text(out, ", ") ||
		    add_status(out, key, now_s) || buf_add_byte(out, ')'))
			return -1;
	}
	return count > INVENTORY_SHOWN ? buf_addf(out, " and %zu more", count - INVENTORY_SHOWN) : 0;
}

static int add_reason(struct buf *out, const char *before, const char *reason, const char *after)
{
	if (!reason || !*reason)
		return 0;
	return buf_add_text(out, before) || add_safe(out, reason) || buf_add_text(out, after) ? -1 : 0;
}

int known_add_verdict(struct buf *out, const struct verdict *v)
{
	static const char *const texts[VERIFIED_COUNT] = { "", "live: revoke it now", "dead: no longer accepted",
							   "unknown: could not be checked" };

	if (buf_add_text(out, texts[v->state]))
		return -1;
	if (v->state == VERIFIED_UNKNOWN)
		return add_reason(out, ": ", v->reason, "");
	return add_reason(out, " (", v->reason, ")") || add_reason(out, ", organization ", v->organization, "") ? -1
														: 0;
}

static void put_members(struct jsonw *w, const struct inventory_key *key)
{
	shown_put(w, "id", key->id);
	shown_put(w, "name", key->name);
	shown_put(w, "workspace_id", key->workspace_id);
	shown_put(w, "workspace", key->workspace);
	shown_put(w, "status", key->status);
	shown_put(w, "created_at", key->created_at);
	shown_put(w, "expires_at", key->expires_at);
}

static void put_candidates(struct jsonw *w, const struct finding *f)
{
	jsonw_member_u64(w, "candidates", f->inventory_count);
	jsonw_key(w, "keys");
	jsonw_array(w);
	for (size_t i = 0; i < f->inventory_count && i < INVENTORY_SHOWN; i++) {
		jsonw_object(w);
		put_members(w, &f->inventory[i]);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void known_put(struct jsonw *w, const struct finding *f)
{
	if (f->inventory_count) {
		jsonw_key(w, "inventory");
		jsonw_object(w);
		if (f->inventory_count == 1)
			put_members(w, f->inventory);
		else
			put_candidates(w, f);
		jsonw_end(w);
	}
	jsonw_member_text(w, "verified", verified_names[f->verdict.state]);
	shown_put(w, "verified_reason", f->verdict.reason);
	shown_put(w, "verified_organization_id", f->verdict.organization);
}
