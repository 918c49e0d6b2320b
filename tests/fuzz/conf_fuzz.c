/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as configuration and policy: an answer or an error, never both, never neither; and what a policy is written
 * as reads back to the same policy. */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "common/policy/policy_write.h"
#include "common/sys/conf.h"

#define WRITTEN_BYTES (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void ask(const struct conf_node *node)
{
	static const char *const names[] = { "allow", "rules" };
	const char *text;
	unsigned number;
	uint64_t big;
	int64_t days;
	bool b;

	for (int kind = 0; kind < 9; kind++) {
		struct err err = ERR_INIT;
		int ret = kind == 0   ? conf_string(node, &text, &err)
			  : kind == 1 ? conf_bool(node, &b, &err)
			  : kind == 2 ? conf_u64(node, 0, UINT64_MAX, &big, &err)
			  : kind == 3 ? conf_size(node, UINT64_MAX, &big, &err)
			  : kind == 4 ? conf_date(node, &days, &err)
			  : kind == 5 ? conf_centi(node, 800, &number, &err)
			  : kind == 6 ? conf_duration(node, 1000, UINT64_MAX, &big, &err)
			  : kind == 7 ? conf_choice(node, names, 2, &number, &err)
				      : conf_keys(node, names, 2, &err);

		check((ret == 0) == (err.kind == ERR_NONE));
	}
}

/* Ends, because an alias stands for no more than the limits of a document. */
static void walk(const struct conf_node *node)
{
	ask(node);
	check(conf_line(node) > 0 && conf_column(node) > 0);
	check(conf_is_scalar(node) + conf_is_list(node) + conf_is_mapping(node) == 1);
	for (size_t i = 0; i < conf_count(node); i++) {
		if (conf_is_mapping(node))
			check(conf_is_scalar(conf_key_at(node, i)));
		walk(conf_at(node, i));
	}
}

static void check_budgets(const struct policy *policy)
{
	for (size_t i = 0; i < policy->budget_count; i++) {
		const struct policy_budget *b = &policy->budgets[i];

		check(decimal_cmp(b->limit_usd, decimal_of(0)) > 0 && b->alert_count > 0);
		check(b->scope < POLICY_SCOPES && b->period < POLICY_PERIODS);
		for (size_t k = 0; k < b->alert_count; k++)
			check(b->alert_at[k] > (k ? b->alert_at[k - 1] : 0) && b->alert_at[k] <= 1000);
	}
}

static void check_policy(const struct policy *policy)
{
	DEFER(buf_done) struct buf once = BUF_INIT(WRITTEN_BYTES), twice = BUF_INIT(WRITTEN_BYTES);
	struct err err = ERR_INIT;
	DEFER(policy_freep) struct policy *again = NULL;

	check_budgets(policy);
	check(policy_models_of(policy, VIEW("wrkspc_1"), VIEW("ml-prod")) != NULL);
	(void)policy_department_of(policy, VIEW("wrkspc_1"), VIEW("legal-prod"));
	check(policy_add_json(policy, 0, &once) == 0);
	again = policy_parse(buf_view(&once), "again", &err);
	if (!again) /* JSON has a node for each default, and a large file may be at its limit of nodes or bytes */
		check(once.len > CONF_FILE_BYTES || text_find(view_of(err.text), VIEW("too many")) != SIZE_MAX);
	else
		check(policy_add_json(again, 0, &twice) == 0 && text_eq(buf_view(&once), buf_view(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_from(data, size);
	struct err conf_err = ERR_INIT, policy_err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(text, "f", &conf_err);
	DEFER(policy_freep) struct policy *policy = policy_parse(text, "f", &policy_err);

	check((conf != NULL) == (conf_err.kind == ERR_NONE));
	check((policy != NULL) == (policy_err.kind == ERR_NONE));
	if (conf)
		walk(conf_root(conf));
	if (policy) {
		(void)keyname_check(policy_names(policy), VIEW("ml-prod-inference"));
		(void)keyname_check(policy_names(policy), text);
		check_policy(policy);
	}
	return 0;
}
