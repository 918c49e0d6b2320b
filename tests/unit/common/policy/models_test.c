/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/models.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/policy/prices.h"
#include "tests/support/unit.h"

static const struct policy_models any = { .workspace = NULL };

static struct models *builtin(void)
{
	struct err err = ERR_INIT;
	struct models *models = models_builtin(&err);

	if (!models)
		fail_msg("%s", err.text);
	return models;
}

static void assert_refused(const char *text, const char *place, const char *word)
{
	struct err err = ERR_INIT;

	assert_null(models_parse(view_of(text), "m.yaml", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, place) || !strstr(err.text, word))
		fail_msg("no '%s' and '%s' in '%s'", place, word, err.text);
}

static struct model find(const struct models *models, const char *name, int64_t day)
{
	struct model model;

	assert_true(models_find(models, view_of(name), day, &model));
	return model;
}

static void an_alias_leads_to_its_model_and_is_known_as_one(void **state)
{
	DEFER(models_freep) struct models *models = builtin();
	struct model alias = find(models, "claude-haiku-4-5", 0), id = find(models, "claude-haiku-4-5-20251001", 0);

	(void)state;
	assert_string_equal(alias.id, "claude-haiku-4-5-20251001");
	assert_string_equal(id.id, "claude-haiku-4-5-20251001");
	assert_true(alias.is_alias);
	assert_false(id.is_alias);
}

static void ids_without_a_date_pin_their_model(void **state)
{
	DEFER(models_freep) struct models *models = builtin();

	(void)state;
	assert_false(find(models, "claude-opus-5", 0).is_alias);
	assert_false(find(models, "claude-sonnet-4-6", 0).is_alias);
}

static void a_state_is_that_of_the_day_asked_for(void **state)
{
	DEFER(models_freep) struct models *models = builtin();
	int64_t day = clock_days(2026, 11, 30);

	(void)state;
	assert_int_equal(find(models, "claude-sonnet-4-5", day - 1).state, MODEL_DEPRECATED);
	assert_int_equal(find(models, "claude-sonnet-4-5", day).state, MODEL_RETIRED);
	assert_int_equal(find(models, "claude-sonnet-4-5", day).retires_day, day);
	assert_int_equal(find(models, "claude-mythos-preview", day).state, MODEL_DEPRECATED);
	assert_int_equal(find(models, "claude-mythos-preview", day).retires_day, INT64_MAX);
}

static void a_day_that_is_only_the_earliest_retires_nothing(void **state)
{
	DEFER(models_freep) struct models *models = builtin();
	struct model model = find(models, "claude-haiku-4-5-20251001", clock_days(2027, 1, 1));

	(void)state;
	assert_int_equal(model.state, MODEL_ACTIVE);
	assert_true(model.is_earliest);
	assert_int_equal(model.retires_day, clock_days(2026, 10, 15));
}

static void a_model_that_is_not_in_the_list_is_not_known(void **state)
{
	DEFER(models_freep) struct models *models = builtin();
	struct model model;

	(void)state;
	assert_false(models_find(models, VIEW("claude-opus-9"), 0, &model));
	assert_false(models_find(models, VIEW("claude-opus-"), 0, &model));
	assert_false(models_find(models, VIEW_NONE, 0, &model));
	assert_int_equal(models_check(models, &any, VIEW("claude-opus-9"), 0, 0), MODEL_UNKNOWN);
}

static void what_the_policy_does_not_list_is_not_allowed(void **state)
{
	static const char *const allow[] = { "claude-sonnet-4-6", "claude-haiku-4-5-*", "claude-next-?" };
	const struct policy_models policy = { .allow = { allow, ARRAY_LEN(allow) } };
	DEFER(models_freep) struct models *models = builtin();

	(void)state;
	assert_int_equal(models_check(models, &policy, VIEW("claude-sonnet-4-6"), 0, 0), 0);
	assert_int_equal(models_check(models, &policy, VIEW("claude-haiku-4-5-20251001"), 0, 0), 0);
	assert_int_equal(models_check(models, &policy, VIEW("claude-haiku-4-5"), 0, 0), 0);
	assert_int_equal(models_check(models, &policy, VIEW("claude-next-1"), 0, 0), MODEL_UNKNOWN);
	assert_int_equal(models_check(models, &policy, VIEW("claude-opus-5"), 0, 0), MODEL_NOT_ALLOWED);
	assert_int_equal(models_check(models, &policy, VIEW("claude-opus-9"), 0, 0), MODEL_NOT_ALLOWED | MODEL_UNKNOWN);
}

static void an_allowed_alias_allows_the_id_that_the_report_tells(void **state)
{
	static const char *const allow[] = { "claude-opus-4-5" };
	const struct policy_models policy = { .allow = { allow, ARRAY_LEN(allow) } };
	DEFER(models_freep) struct models *models = builtin();

	(void)state;
	assert_int_equal(models_check(models, &policy, VIEW("claude-opus-4-5-20251101"), 0, 0), 0);
	assert_int_equal(models_check(models, &policy, VIEW("claude-opus-4-6"), 0, 0), MODEL_NOT_ALLOWED);
}

static void an_alias_is_not_pinned(void **state)
{
	static const struct policy_models pinned = { .pinned_only = true };
	DEFER(models_freep) struct models *models = builtin();

	(void)state;
	assert_int_equal(models_check(models, &pinned, VIEW("claude-opus-4-5"), 0, 0), MODEL_NOT_PINNED);
	assert_int_equal(models_check(models, &pinned, VIEW("claude-opus-4-5-20251101"), 0, 0), 0);
	assert_int_equal(models_check(models, &any, VIEW("claude-opus-4-5"), 0, 0), 0);
}

static void a_retirement_is_told_as_many_days_ahead_as_asked_for(void **state)
{
	DEFER(models_freep) struct models *models = builtin();
	int64_t day = clock_days(2027, 2, 5);

	(void)state;
	assert_int_equal(models_check(models, &any, VIEW("claude-opus-4-6"), day - 61, 60), 0);
	assert_int_equal(models_check(models, &any, VIEW("claude-opus-4-6"), day - 60, 60), MODEL_RETIRES);
	assert_int_equal(models_check(models, &any, VIEW("claude-opus-4-6"), day + 1, 0), MODEL_RETIRES);
	assert_int_equal(models_check(models, &any, VIEW("claude-mythos-preview"), day, 60), MODEL_RETIRES);
	assert_int_equal(models_check(models, &any, VIEW("claude-sonnet-4-5"), 0, 60), MODEL_RETIRES);
}

/* Of a preview no price was ever published. */
static bool is_preview(const char *id)
{
	return strcmp(id, "claude-mythos-preview") == 0;
}

/* From before the first one's release until it goes, or for as long as nobody knows when it goes. */
static void every_model_has_a_price_on_each_day_of_its_life(void **state)
{
	const int64_t first = clock_days(2024, 2, 1), last = clock_days(2028, 3, 1);
	struct err err = ERR_INIT;
	DEFER(models_freep) struct models *models = builtin();
	DEFER(prices_freep) struct prices *prices = prices_builtin(&err);

	(void)state;
	assert_non_null(prices);
	assert_true(models_count(models) > 20);
	for (size_t i = 0; i < models_count(models); i++) {
		const char *id = models_id(models, i);
		const struct price_model *price = prices_model(prices, view_of(id));
		struct model model = find(models, id, 0);

		if (is_preview(id)) {
			assert_null(price);
			continue;
		}
		if (!price)
			fail_msg("%s has no price", id);
		for (int64_t day = first; day < last && (model.is_earliest || day < model.retires_day); day++)
			if (!price_model_rate(price, &(const struct price_terms){ .day = day }))
				fail_msg("%s has no price on day %lld", id, (long long)day);
	}
}

static void every_model_has_the_same_aliases_in_both_lists(void **state)
{
	struct err err = ERR_INIT;
	DEFER(models_freep) struct models *models = builtin();
	DEFER(prices_freep) struct prices *prices = prices_builtin(&err);
	static const char *const aliases[] = { "claude-haiku-4-5",         "claude-sonnet-4-5",
					       "claude-opus-4-5",          "claude-opus-4-1",
					       "claude-opus-4-0",          "claude-sonnet-4-0",
					       "claude-3-7-sonnet-latest", "claude-3-5-sonnet-latest",
					       "claude-3-5-haiku-latest",  "claude-3-opus-latest" };

	(void)state;
	assert_non_null(prices);
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
		struct model model = find(models, aliases[i], 0);

		assert_true(model.is_alias);
		assert_ptr_equal(prices_model(prices, view_of(aliases[i])), prices_model(prices, view_of(model.id)));
	}
}

/* A list of count models, m0 and on. */
static struct models *list_of(size_t count, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 22);

	assert_int_equal(buf_add_text(&text, "version: 1\nmodels:\n"), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_addf(&text, "- id: m%zu\n", i), 0);
	return models_parse(buf_view(&text), "m.yaml", err);
}

static void the_longest_list_is_read_and_no_longer_one(void **state)
{
	struct err err = ERR_INIT;
	DEFER(models_freep) struct models *models = list_of(MODELS_MAX, &err);

	(void)state;
	if (!models)
		fail_msg("%s", err.text);
	assert_int_equal(models_count(models), MODELS_MAX);
	assert_null(list_of(MODELS_MAX + 1, &err));
	assert_non_null(strstr(err.text, "a list of 1 to 10000 models was expected"));
	err = (struct err)ERR_INIT;
	assert_null(list_of(0, &err));
}

static void a_list_of_another_form_is_refused(void **state)
{
	(void)state;
	assert_refused("version: 1\nmodels: [{id: a, retires: 2026-02-30}]\n", "m.yaml:2:27:", "date");
	assert_refused("version: 1\nmodels: [{id: a, retires: 2026-02-01, retires_not_before: 2026-02-01}]\n",
		       "m.yaml:2:59:", "not both");
	assert_refused("version: 1\nmodels: [{id: a, state: retired}]\n", "m.yaml:2:25:", "active, deprecated");
	assert_refused("version: 1\nmodels: [{id: a}, {id: a}]\n", "m.yaml:2:24:", "line 2 already");
	assert_refused("version: 1\nmodels: [{id: a, alias: [b]}]\n", "m.yaml:2:18:", "aliases");
	assert_refused("version: 1\nmodels: [{id: a, aliases: b}]\n", "m.yaml:2:27:", "list");
	assert_refused("models: [{id: a}]\n", "m.yaml:1:1:", "version");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alias_leads_to_its_model_and_is_known_as_one),
		cmocka_unit_test(ids_without_a_date_pin_their_model),
		cmocka_unit_test(a_state_is_that_of_the_day_asked_for),
		cmocka_unit_test(a_day_that_is_only_the_earliest_retires_nothing),
		cmocka_unit_test(a_model_that_is_not_in_the_list_is_not_known),
		cmocka_unit_test(what_the_policy_does_not_list_is_not_allowed),
		cmocka_unit_test(an_allowed_alias_allows_the_id_that_the_report_tells),
		cmocka_unit_test(an_alias_is_not_pinned),
		cmocka_unit_test(a_retirement_is_told_as_many_days_ahead_as_asked_for),
		cmocka_unit_test(every_model_has_a_price_on_each_day_of_its_life),
		cmocka_unit_test(every_model_has_the_same_aliases_in_both_lists),
		cmocka_unit_test(the_longest_list_is_read_and_no_longer_one),
		cmocka_unit_test(a_list_of_another_form_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
