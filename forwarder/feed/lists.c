/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/lists.h"

#include "common/api/endpoint_org.h"
#include "common/api/endpoint_workspace.h"
#include "common/base/bounds.h"
#include "common/base/text.h"

#define STATE "{\"version\":1}"

int lists_init(struct lists *l, const struct feed_env *env, struct err *err)
{
	DEFER(buf_done) struct buf state = BUF_INIT(PAGE_STATE_BYTES);

	*l = (struct lists){ .env = *env,
			     .policy = env->all->rules ? env->all->rules : &policy_standard,
			     .id = BUF_INIT(PAGE_ID_BYTES),
			     .message = BUF_INIT(8 * EVENT_MESSAGE_BYTES),
			     .item = BUF_INIT(PAGE_ITEM_BYTES),
			     .store = BUF_INIT(PAGE_ITEM_BYTES),
			     .scope = BUF_INIT(EVENT_MESSAGE_BYTES),
			     .key = BUF_INIT(PAGE_ITEM_KEY_BYTES) };
	l->turn.env = &l->env;
	batch_init(&l->batch, &l->env);
	/* Texts of what is kept point into it: it has to stay where it is. */
	if (buf_reserve(&l->store, PAGE_ITEM_BYTES))
		return err_nomem(err);
	if (env->out->state(env->out->context, env->settings->name, &state, err))
		return -1;
	l->is_known = state.len > 0;
	return 0;
}

void lists_done(struct lists *l)
{
	batch_done(&l->batch);
	directory_free(l->directory);
	buf_done(&l->id);
	buf_done(&l->message);
	buf_done(&l->item);
	buf_done(&l->store);
	buf_done(&l->key);
	buf_done(&l->scope);
}

/* --- workspaces --- */

/* One that was kept, and may not be listed now. */
static int take_workspace(void *context, const struct page_item *item, struct err *err)
{
	struct lists *l = context;
	struct api_workspace w = { .raw = VIEW_NONE };
	int answer;

	buf_clear(&l->store);
	w.id = roster_text(item->value, "id", &l->store);
	if (roster_is(item->value, "gone") || organization_workspace(l->org, w.id))
		return 0;
	answer = lists_ask(l, DIRECTORY_WORKSPACES, w.id, VIEW_NONE, err);
	if (answer != LISTS_UNKNOWN)
		return answer < 0 ? -1 : 0;
	w.name = roster_text(item->value, "name", &l->store);
	w.archived_at = roster_time(item->value, "archived_at");
	return directory_put_workspace(l->directory, &w, err);
}

static int keep_workspace(struct lists *l, const struct org_workspace *w, struct view key, uint64_t revision,
			  struct err *err)
{
	struct jsonw kept;

	lists_keep(l, &kept, revision);
	jsonw_member_text(&kept, "id", w->id);
	jsonw_member_text(&kept, "name", w->name);
	if (w->archived_at_s > 0)
		jsonw_member_u64(&kept, "archived_at", (uint64_t)w->archived_at_s);
	return lists_kept(l, &kept, LISTS_WORKSPACES, key, err);
}

static int see_workspace(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct lists *l = context;
	const struct org_workspace *w;

	if (index == SIZE_MAX)
		return lists_keep_gone(l, LISTS_WORKSPACES, key, revision, err) ? -1 : lists_flush(l, err);
	w = &l->org->workspaces[index];
	buf_clear(&l->store);
	if (kept.len && !roster_is(kept, "gone") && text_eq(roster_text(kept, "name", &l->store), view_of(w->name)) &&
	    (int64_t)roster_number(kept, "archived_at") == w->archived_at_s)
		return 0;
	return keep_workspace(l, w, key, revision, err) ? -1 : lists_flush(l, err);
}

int lists_keep_workspaces(struct lists *l, struct err *err)
{
	DEFER(roster_done) struct roster roster;
	int status = 0;

	roster_init(&roster, LISTS_WORKSPACES);
	roster.tell = see_workspace;
	roster.context = l;
	for (size_t i = 0; i < l->org->workspace_count && !status; i++)
		status = roster_add(&roster, view_of(l->org->workspaces[i].id), VIEW_NONE, i, err);
	return status ? status : roster_compare(&roster, &l->env, err);
}

/* --- a poll --- */

int lists_read(struct lists *l, unsigned parts, struct err *err)
{
	struct api_answer answer = { .reply = { .status = 0 } };
	struct api_org org;
	int status = api_org_get(l->env.api, &answer, &org, err);

	if (!status)
		turn_note(&l->turn, &answer.reply);
	api_answer_done(&answer);
	if (status)
		return -1;
	batch_clear(&l->batch);
	directory_free(l->directory);
	l->org = NULL;
	l->asked = 0;
	l->now_s = turn_now_s(&l->turn);
	l->directory = directory_read(l->env.api, parts, err);
	if (!l->directory)
		return -1;
	l->org = directory_get(l->directory);
	if (directory_put_gone(l->directory, VIEW_NONE, err) ||
	    roster_each(LISTS_WORKSPACES, &l->env, take_workspace, l, err))
		return -1;
	directory_settle(l->directory);
	return 0;
}

int lists_store(struct lists *l, struct err *err)
{
	int status = batch_put(&l->batch, VIEW(STATE), err);

	l->is_known = l->is_known || !status;
	return status;
}

int lists_ask(struct lists *l, enum directory_part part, struct view id, struct view of, struct err *err)
{
	int status;

	if (l->asked >= FEED_ASKED_MOST || turn_is_stopped(&l->turn))
		return LISTS_UNKNOWN;
	l->asked++;
	status = directory_ask(l->directory, part, id, of, err);
	return status < 0 ? -1 : status ? LISTS_THERE : LISTS_GONE;
}

int lists_ask_person(struct lists *l, struct view user_id, struct err *err)
{
	int answer;

	if (organization_user(l->org, user_id) || organization_is_gone(l->org, user_id))
		return 0;
	answer = lists_ask(l, DIRECTORY_USERS, user_id, VIEW_NONE, err);
	if (answer == LISTS_GONE)
		return directory_put_gone(l->directory, user_id, err);
	return answer < 0 ? -1 : 0;
}

struct jsonw *lists_begin(struct lists *l, const char *type, const char *severity)
{
	return batch_begin(&l->batch, type, l->now_s, severity, buf_view(&l->message));
}

int lists_end(struct lists *l, struct view key, uint64_t revision, struct err *err)
{
	buf_clear(&l->id);
	/* A key was made of ids that are fit for it. */
	if (buf_addf(&l->id, "%s:", l->batch.type) || buf_add(&l->id, key) ||
	    buf_addf(&l->id, ":%llu", (unsigned long long)revision))
		return err_nomem(err);
	return batch_end(&l->batch, buf_view(&l->id), err);
}

void lists_keep(struct lists *l, struct jsonw *w, uint64_t revision)
{
	buf_clear(&l->item);
	jsonw_init(w, &l->item, 0);
	jsonw_object(w);
	jsonw_member_u64(w, "revision", revision);
}

int lists_kept(struct lists *l, struct jsonw *w, const char *prefix, struct view key, struct err *err)
{
	jsonw_end(w);
	buf_clear(&l->key);
	if (!jsonw_ok(w) || buf_add_text(&l->key, prefix) || buf_add(&l->key, key))
		return err_nomem(err);
	return batch_keep(&l->batch, buf_view(&l->key), buf_view(&l->item), err);
}

int lists_keep_gone(struct lists *l, const char *prefix, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw w;

	lists_keep(l, &w, revision);
	jsonw_key(&w, "gone");
	jsonw_bool(&w, true);
	return lists_kept(l, &w, prefix, key, err);
}

int lists_flush(struct lists *l, struct err *err)
{
	return batch_flush(&l->batch, err);
}
