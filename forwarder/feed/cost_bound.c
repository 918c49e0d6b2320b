/* SPDX-License-Identifier: Apache-2.0 */
/* Which workspaces and keys budgets are about, by their ids. The policy names them; what had the name once in a period
 * belongs to the budget until the period ends, whatever it is called then, and a workspace or key whose name nothing
 * else has taken over stays with its budget. Those of a department or a team go over to the one that has them now.
 *
 * Kept in the spool as "bound/HASH OF SCOPE AND NAME/ID", an object with "id" and "day": the last day on which it was
 * called so. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/feed/cost.h"

#define DAY_S INT64_C(86'400)
#define BOUND "bound/"
#define BOUND_END "bound0"
#define HASH_BYTES 8

static bool is_of_keys(const struct policy_budget *b)
{
	return b->scope == POLICY_KEY || b->scope == POLICY_TEAM;
}

/* Those of one scope and name are about the same. */
static size_t find_first(const struct policy_budget *all, size_t budget)
{
	size_t i = 0;

	while (i < budget && (all[i].scope != all[budget].scope || strcmp(all[i].name, all[budget].name) != 0))
		i++;
	return i;
}

int cost_bound_open(struct cost *c, struct err *err)
{
	c->first = calloc(c->policy->budget_count, sizeof(*c->first));
	if (!c->first)
		return err_nomem(err);
	for (size_t i = 0; i < c->policy->budget_count; i++)
		c->first[i] = find_first(c->policy->budgets, i);
	return 0;
}

static bool has_bounds(const struct cost *c, size_t budget)
{
	return c->policy->budgets[budget].scope != POLICY_ORGANIZATION && c->first[budget] == budget;
}

static int add_prefix(struct buf *key, const struct policy_budget *b)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PAGE_ITEM_BYTES);
	unsigned char hash[DIGEST_SHA256_BYTES];

	if (buf_addf(&text, "%s:%s", policy_scope_names[b->scope], b->name))
		return -1;
	digest_sha256(buf_view(&text), hash);
	return buf_add_text(key, BOUND) || digest_add_hex(key, hash, HASH_BYTES) || buf_add_byte(key, '/') ? -1 : 0;
}

/* --- the list --- */

static void clear(struct cost *c)
{
	for (size_t i = 0; i < c->bound_count; i++)
		free(c->bounds[i].id);
	c->bound_count = 0;
}

void cost_bound_close(struct cost *c)
{
	clear(c);
	free(c->bounds);
	free(c->first);
}

static int compare_to(const struct cost_bound *b, size_t budget, struct view id)
{
	if (b->budget != budget)
		return b->budget < budget ? -1 : 1;
	return text_cmp(view_of(b->id), id);
}

/* Where it is, or would be. */
static size_t place_of(const struct cost *c, size_t budget, struct view id)
{
	size_t low = 0, high = c->bound_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_to(&c->bounds[mid], budget, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct cost_bound *find(const struct cost *c, size_t budget, struct view id)
{
	size_t at = place_of(c, budget, id);

	return at < c->bound_count && compare_to(&c->bounds[at], budget, id) == 0 ? &c->bounds[at] : NULL;
}

/* The one that is there, or a new one, of no day yet. NULL without memory. */
static struct cost_bound *add(struct cost *c, size_t budget, struct view id)
{
	struct cost_bound *bounds, *found = find(c, budget, id);
	size_t at = place_of(c, budget, id);
	char *copy;

	if (found)
		return found;
	bounds = grow_items(c->bounds, c->bound_count, &c->bound_cap, sizeof(*bounds));
	if (!bounds)
		return NULL;
	c->bounds = bounds;
	copy = strndup(id.ptr, id.len);
	if (!copy)
		return NULL;
	memmove(bounds + at + 1, bounds + at, (c->bound_count - at) * sizeof(*bounds));
	bounds[at] = (struct cost_bound){ .budget = budget, .id = copy, .last_day = INT64_MIN };
	c->bound_count++;
	return &bounds[at];
}

const struct cost_bound *cost_bound_next(const struct cost *c, size_t budget, int64_t day, size_t *at)
{
	size_t first = c->first[budget], from = place_of(c, first, VIEW(""));

	for (*at = *at > from ? *at : from; *at < c->bound_count && c->bounds[*at].budget == first; (*at)++)
		if (c->bounds[*at].last_day >= day)
			return &c->bounds[(*at)++];
	return NULL;
}

/* --- what is kept --- */

struct loading {
	struct cost *cost;
	size_t budget;
};

static int take_kept(void *context, const struct page_item *item, struct err *err)
{
	struct loading *l = context;
	DEFER(buf_done) struct buf store = BUF_INIT(PAGE_ITEM_BYTES);
	struct view object, value, id;
	struct cost_bound *b;
	uint64_t day;

	/* What is none of ours is passed over, and goes in time. */
	if (json_whole(item->value, &object, NULL) || json_type_of(object) != JSON_OBJECT ||
	    text_u64(json_member(object, "day"), INT32_MAX, &day))
		return 0;
	value = json_member(object, "id");
	if (!value.len || json_type_of(value) != JSON_STRING || json_text(value, &store, &id) || !id.len)
		return 0;
	b = add(l->cost, l->budget, id);
	if (!b)
		return err_nomem(err);
	b->last_day = (int64_t)day;
	return 0;
}

static int load(struct cost *c, size_t budget, struct err *err)
{
	const struct feed_out *out = c->report.env.out;
	DEFER(buf_done) struct buf from = BUF_INIT(PAGE_ITEM_KEY_BYTES), to = BUF_INIT(PAGE_ITEM_KEY_BYTES);
	struct loading l = { c, budget };

	if (add_prefix(&from, &c->policy->budgets[budget]) || buf_add(&to, buf_view(&from)))
		return err_nomem(err);
	to.ptr[to.len - 1]++;
	return out->items(out->context, c->report.env.settings->name, buf_view(&from), buf_view(&to), take_kept, &l,
			  err);
}

static int keep(struct cost *c, const struct cost_bound *b, struct err *err)
{
	DEFER(buf_done) struct buf key = BUF_INIT(PAGE_ITEM_KEY_BYTES), id = BUF_INIT(PAGE_ITEM_KEY_BYTES);
	DEFER(buf_done) struct buf value = BUF_INIT(PAGE_ITEM_BYTES);
	struct jsonw w;

	jsonw_init(&w, &value, 0);
	jsonw_object(&w);
	jsonw_member(&w, "id", view_of(b->id));
	jsonw_member_u64(&w, "day", (uint64_t)b->last_day);
	jsonw_end(&w);
	if (!jsonw_ok(&w) || add_prefix(&key, &c->policy->budgets[b->budget]) || batch_add_id(&id, view_of(b->id)) ||
	    buf_add(&key, buf_view(&id)))
		return err_nomem(err);
	return batch_keep(&c->report.batch, buf_view(&key), buf_view(&value), err);
}

/* --- what is called so now --- */

static int name(struct cost *c, size_t budget, struct view id, struct err *err)
{
	const struct policy_budget *b = &c->policy->budgets[budget];
	struct cost_bound *bound;

	if (!id.len || !(is_of_keys(b) ? cost_scope_has(c, b, VIEW_NONE, id) : cost_scope_has(c, b, id, VIEW_NONE)))
		return 0;
	bound = add(c, budget, id);
	if (!bound)
		return err_nomem(err);
	bound->is_now = true;
	return 0;
}

/* Of departments and teams: whether another one has it now, that the policy knows or not. */
static bool is_elsewhere(const struct cost *c, const struct cost_bound *bound)
{
	const struct policy_budget *b = &c->policy->budgets[bound->budget];
	struct view id = view_of(bound->id);

	if (bound->is_now || b->scope == POLICY_WORKSPACE || b->scope == POLICY_KEY)
		return false;
	if (b->scope == POLICY_DEPARTMENT)
		return policy_department_of(c->policy, id, names_of(&c->names, id)) != NULL;
	return cost_scope_team(c, id).len > 0;
}

/* Of one budget: today is the last day of those that are called so now; when nothing is, of those that were last. */
static int date(struct cost *c, size_t budget, int64_t today, struct err *err)
{
	enum policy_scope scope = c->policy->budgets[budget].scope;
	size_t from = place_of(c, budget, VIEW("")), to = place_of(c, budget + 1, VIEW(""));
	bool stays = scope == POLICY_WORKSPACE || scope == POLICY_KEY;
	int64_t last = INT64_MIN;
	int status = 0;

	for (size_t i = from; i < to; i++) {
		stays &= !c->bounds[i].is_now;
		last = c->bounds[i].last_day > last ? c->bounds[i].last_day : last;
	}
	for (size_t i = from; i < to && !status; i++) {
		struct cost_bound *b = &c->bounds[i];

		b->counts = !is_elsewhere(c, b);
		if ((!b->is_now && !(stays && b->last_day == last)) || b->last_day >= today)
			continue;
		b->last_day = today;
		status = keep(c, b, err) ? -1 : batch_flush(&c->report.batch, err);
	}
	return status;
}

/* --- the shape --- */

static int add_list(struct buf *text, const struct keyname_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (buf_addf(text, " %s", list->items[i]))
			return -1;
	return buf_add_byte(text, '\n');
}

/* All on which it depends which money belongs to which budget; not the limits. */
static int make_shape(struct cost *c, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(SIZE_MAX / 2), hex = BUF_INIT(COST_SHAPE_BYTES);
	const struct policy *p = c->policy;
	unsigned char hash[DIGEST_SHA256_BYTES];
	int status = 0;

	for (size_t i = 0; i < p->budget_count && !status; i++)
		status = buf_addf(&text, "%d %d %s\n", (int)p->budgets[i].scope, (int)p->budgets[i].period,
				  p->budgets[i].name);
	for (size_t i = 0; i < p->department_count && !status; i++)
		status = buf_add_text(&text, p->departments[i].name) || add_list(&text, &p->departments[i].workspaces);
	for (size_t i = 0; i < c->bound_count && !status; i++)
		if (c->bounds[i].counts)
			status = buf_addf(&text, "%zu %s\n", c->bounds[i].budget, c->bounds[i].id);
	digest_sha256(buf_view(&text), hash);
	if (status || digest_add_hex(&hex, hash, COST_HASH_BYTES))
		return err_nomem(err);
	memccpy(c->shape, hex.ptr, '\0', sizeof(c->shape));
	return 0;
}

int cost_bound_read(struct cost *c, int64_t today, struct err *err)
{
	const struct organization *org = directory_get(c->names.directory);
	int status = 0;

	clear(c);
	for (size_t b = 0; b < c->policy->budget_count && !status; b++) {
		bool is_keys = is_of_keys(&c->policy->budgets[b]);

		if (!has_bounds(c, b))
			continue;
		status = load(c, b, err);
		for (size_t i = 0; !is_keys && i < org->workspace_count && !status; i++)
			status = name(c, b, view_of(org->workspaces[i].id), err);
		for (size_t i = 0; is_keys && i < org->key_count && !status; i++)
			status = name(c, b, view_of(org->keys[i].id), err);
		if (!status)
			status = date(c, b, today, err);
	}
	return status ? status : make_shape(c, err);
}

bool cost_bound_has(const struct cost *c, size_t budget, struct view workspace, struct view key, int64_t day)
{
	const struct policy_budget *b = &c->policy->budgets[budget];
	const struct cost_bound *bound;
	int64_t from_s, to_s;

	if (cost_scope_has(c, b, workspace, key))
		return true;
	if (b->scope == POLICY_ORGANIZATION)
		return false;
	bound = find(c, c->first[budget], is_of_keys(b) ? key : workspace);
	if (!bound || !bound->counts)
		return false;
	budget_period(b->period, day * DAY_S, &from_s, &to_s);
	return bound->last_day >= clock_day(from_s);
}

/* --- what nobody looks at any more --- */

struct forgetting {
	struct cost *cost;
	int64_t before_day;
};

static int drop_old(void *context, const struct page_item *item, struct err *err)
{
	const struct forgetting *f = context;
	struct view object;
	uint64_t day;

	if (json_whole(item->value, &object, NULL) == 0 && json_type_of(object) == JSON_OBJECT &&
	    text_u64(json_member(object, "day"), INT32_MAX, &day) == 0 && (int64_t)day >= f->before_day)
		return 0;
	return batch_drop(&f->cost->report.batch, item, err);
}

int cost_bound_forget(struct cost *c, int64_t before_day, struct err *err)
{
	const struct feed_out *out = c->report.env.out;
	struct forgetting f = { c, before_day };

	return out->items(out->context, c->report.env.settings->name, VIEW(BOUND), VIEW(BOUND_END), drop_old, &f, err);
}
