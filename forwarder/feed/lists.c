/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/lists.h"

#include "common/api/endpoint_org.h"
#include "common/base/bounds.h"

#define STATE "{\"version\":1}"
#define NOT_FOUND 404

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
	l->confirmed = 0;
	l->now_s = turn_now_s(&l->turn);
	l->directory = directory_read(l->env.api, parts, err);
	if (!l->directory)
		return -1;
	l->org = directory_get(l->directory);
	return 0;
}

int lists_store(struct lists *l, struct err *err)
{
	int status = batch_put(&l->batch, VIEW(STATE), err);

	l->is_known = l->is_known || !status;
	return status;
}

int lists_is_gone(struct lists *l, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  struct err *err)
{
	struct api_answer answer = { .reply = { .status = 0 } };
	struct err why = ERR_INIT;
	unsigned refused;
	int status;

	if (l->confirmed++ >= FEED_CONFIRM_MOST || turn_is_stopped(&l->turn))
		return 0;
	status = api_answer_get(l->env.api, operation, arguments, count, NULL, &answer, NULL, &why);
	refused = answer.refusal.status;
	api_answer_done(&answer);
	if (!status)
		return 0;
	if (why.kind == ERR_REFUSED && refused == NOT_FOUND)
		return 1;
	return err_set(err, why.kind, 0, "%s", why.text);
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
