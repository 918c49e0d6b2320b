/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of prices and models, with each allocation failing in turn. */
#include "common/policy/models.h"
#include "common/policy/prices.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static const char text[] =
	"version: 1\nmodels:\n  - id: m\n    aliases: [n]\n    prices:\n"
	"      - {until: 2026-01-01, input: 4, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.2, output: 20}\n"
	"      - {from: 2026-01-01, input: 4, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.2, output: 20}\n";

static bool read_prices(void *context, long n)
{
	struct err err = ERR_INIT;
	struct prices *prices;
	bool has_failed;

	(void)context;
	nomem_start(n);
	prices = prices_parse(view_of(text), "p.yaml", &err);
	has_failed = nomem_stop();
	assert_int_equal(prices == NULL, has_failed);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	prices_free(prices);
	return has_failed;
}

static bool read_models(void *context, long n)
{
	struct err err = ERR_INIT;
	struct models *models;
	bool has_failed;

	(void)context;
	nomem_start(n);
	models = models_builtin(&err);
	has_failed = nomem_stop();
	assert_int_equal(models == NULL, has_failed);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	models_free(models);
	return has_failed;
}

static void prices_without_memory_are_an_error(void **state)
{
	(void)state;
	assert_true(nomem_each(read_prices, NULL) > 20);
}

static void models_without_memory_are_an_error(void **state)
{
	(void)state;
	assert_true(nomem_each(read_models, NULL) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prices_without_memory_are_an_error),
		cmocka_unit_test(models_without_memory_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
