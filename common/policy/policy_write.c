/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_write.h"

#include "common/base/text.h"
#include "common/sys/jsonw.h"

#define DECIMAL_BYTES 128

static void put_list(struct jsonw *w, const char *key, const struct keyname_list *list)
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (size_t i = 0; i < list->count; i++)
		jsonw_string(w, view_of(list->items[i]));
	jsonw_end(w);
}

static void put_bool(struct jsonw *w, const char *key, bool b)
{
	jsonw_key(w, key);
	jsonw_bool(w, b);
}

/* In the largest unit that tells it exactly. */
static void put_duration(struct jsonw *w, const char *key, uint64_t seconds)
{
	DEFER(buf_done) struct buf text = BUF_INIT(DECIMAL_BYTES);

	if (text_add_duration(&text, seconds * 1000))
		w->failed = true;
	else
		jsonw_member(w, key, buf_view(&text));
}

static void start(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_object(w);
}

static void put_names(struct jsonw *w, const struct keyname_policy *names)
{
	start(w, "names");
	jsonw_member_text(w, "format", names->format);
	put_list(w, "teams", &names->teams);
	put_list(w, "environments", &names->environments);
	put_list(w, "purposes", &names->purposes);
	put_bool(w, "enforce", names->enforce);
	jsonw_member_u64(w, "max_length", names->max_length);
	jsonw_end(w);
}

static void put_keys(struct jsonw *w, const struct policy *policy)
{
	start(w, "rotation");
	put_duration(w, "warn_after", policy->rotation.warn_after_s);
	put_duration(w, "max_age", policy->rotation.max_age_s);
	put_duration(w, "unused_after", policy->rotation.unused_after_s);
	jsonw_end(w);
	start(w, "keys");
	put_bool(w, "allow_default_workspace", policy->keys.allow_default_workspace);
	put_bool(w, "require_expiry", policy->keys.require_expiry);
	jsonw_key(w, "one_key_per");
	jsonw_array(w);
	for (unsigned i = 0; i < POLICY_KEY_PARTS; i++)
		if (policy->keys.one_per & 1u << i)
			jsonw_string(w, view_of(policy_key_part_names[i]));
	jsonw_end(w);
	jsonw_end(w);
}

static void put_model(struct jsonw *w, const char *key, const struct policy_models *models)
{
	start(w, key);
	put_list(w, "allow", &models->allow);
	put_bool(w, "pinned_only", models->pinned_only);
	jsonw_end(w);
}

static void put_models(struct jsonw *w, const struct policy *policy)
{
	start(w, "models");
	put_model(w, "default", policy_models_of(policy, VIEW_NONE, VIEW_NONE));
	start(w, "workspaces");
	for (size_t i = 0; i < policy->model_count; i++)
		if (policy->models[i].workspace)
			put_model(w, policy->models[i].workspace, &policy->models[i]);
	jsonw_end(w);
	jsonw_end(w);
}

static void put_departments(struct jsonw *w, const struct policy *policy)
{
	start(w, "departments");
	for (size_t i = 0; i < policy->department_count; i++) {
		start(w, policy->departments[i].name);
		put_list(w, "workspaces", &policy->departments[i].workspaces);
		put_bool(w, "regulated", policy->departments[i].regulated);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void put_budget(struct jsonw *w, const struct policy_budget *budget)
{
	DEFER(buf_done) struct buf limit = BUF_INIT(DECIMAL_BYTES);

	jsonw_object(w);
	if (budget->scope == POLICY_ORGANIZATION)
		put_bool(w, policy_scope_names[budget->scope], true);
	else
		jsonw_member_text(w, policy_scope_names[budget->scope], budget->name);
	if (decimal_write(&limit, budget->limit_usd))
		w->failed = true;
	jsonw_member(w, policy_period_names[budget->period], buf_view(&limit));
	jsonw_key(w, "alert_at");
	jsonw_array(w);
	for (size_t i = 0; i < budget->alert_count; i++)
		jsonw_u64(w, budget->alert_at[i]);
	jsonw_end(w);
	jsonw_end(w);
}

static void put_budgets(struct jsonw *w, const struct policy *policy)
{
	jsonw_key(w, "budgets");
	jsonw_array(w);
	for (size_t i = 0; i < policy->budget_count; i++)
		put_budget(w, &policy->budgets[i]);
	jsonw_end(w);
}

static void put_data(struct jsonw *w, const struct policy *policy)
{
	start(w, "data");
	put_bool(w, "include_content", policy->data.include_content);
	start(w, "retention");
	put_duration(w, "default", policy->data.retention_s);
	put_duration(w, "regulated", policy->data.retention_regulated_s);
	jsonw_end(w);
	put_list(w, "allowed_inference_geos", &policy->data.inference_geos);
	jsonw_end(w);
	start(w, "access");
	jsonw_member_u64(w, "max_admins", policy->access.max_admins);
	put_duration(w, "invite_max_age", policy->access.invite_max_age_s);
	put_duration(w, "review_every", policy->access.review_every_s);
	put_list(w, "allowed_email_domains", &policy->access.email_domains);
	jsonw_end(w);
}

int policy_add_json(const struct policy *policy, unsigned indent, struct buf *buf)
{
	const size_t before = buf->len;
	struct jsonw w;

	jsonw_init(&w, buf, indent);
	jsonw_object(&w);
	jsonw_member_u64(&w, "version", 1);
	put_names(&w, &policy->names);
	put_keys(&w, policy);
	put_models(&w, policy);
	put_budgets(&w, policy);
	put_departments(&w, policy);
	put_data(&w, policy);
	jsonw_end(&w);
	if (jsonw_ok(&w))
		return 0;
	buf_cut(buf, before);
	return -1;
}
