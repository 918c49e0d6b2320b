/* SPDX-License-Identifier: Apache-2.0 */
/* Inventories, answers and held keys when memory is short: an error or less, never a wrong word. */
#include "tests/support/nomem.h"

#include "scanner/answer.h"
#include "scanner/inventory.h"
#include "scanner/keyring.h"
#include "tests/support/unit.h"

#define ID "sha256:0123456789abcdef0123456789abcdef"
#define HINT                                                                                                           \
	"sk-ant-"                                                                                                      \
	"api03-R2D...igAA"

static const char text[] = "{\"schema\":\"skant-inventory/1\"}\n"
			   "{\"id\":\"a\",\"name\":\"a\",\"hint\":\"" HINT "\",\"status\":\"active\","
			   "\"created_at\":\"2026-11-01T00:00:00Z\"}\n";

static bool read_inventory(void *context, long n)
{
	DEFER(inventory_done) struct inventory i;
	struct err err = ERR_INIT;
	bool failed;
	size_t count;
	int ret;

	(void)context;
	nomem_start(n);
	ret = inventory_parse(&i, view_of(text), "file", &err);
	failed = nomem_stop();
	assert_int_equal(ret, failed ? -1 : 0);
	if (failed)
		assert_int_equal(err.kind, ERR_NOMEM);
	else
		assert_non_null(inventory_find(&i, HINT, &count));
	return failed;
}

static bool read_answer(void *context, long n)
{
	DEFER(answer_done) struct answer a;
	struct err err = ERR_INIT;
	bool failed;
	int ret;

	(void)context;
	nomem_start(n);
	ret = answer_read(&a,
			  VIEW("{\"secret_id\":\"" ID "\",\"verified\":\"live\",\"reasons\":[\"a\",\"b\"],"
			       "\"organization_id\":\"o\"}"),
			  &err);
	failed = nomem_stop();
	assert_int_equal(ret, failed ? -1 : 0);
	if (failed)
		assert_int_equal(err.kind, ERR_NOMEM);
	return failed;
}

static bool hold_key(void *context, long n)
{
	DEFER(keyring_done) struct keyring k;
	bool failed;

	(void)context;
	keyring_init(&k);
	nomem_start(n);
	keyring_hold(&k, ID, VIEW("key"));
	failed = nomem_stop();
	assert_int_equal(k.is_full, failed);
	assert_int_equal(keyring_find(&k, ID) == NULL, failed);
	return failed;
}

static void an_inventory_is_read_or_refused(void **state)
{
	(void)state;
	assert_true(nomem_each(read_inventory, NULL) > 2);
}

static void an_answer_is_read_or_refused(void **state)
{
	(void)state;
	assert_true(nomem_each(read_answer, NULL) > 2);
}

static void a_key_is_held_or_its_lack_is_known(void **state)
{
	(void)state;
	assert_true(nomem_each(hold_key, NULL) > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inventory_is_read_or_refused),
		cmocka_unit_test(an_answer_is_read_or_refused),
		cmocka_unit_test(a_key_is_held_or_its_lack_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
