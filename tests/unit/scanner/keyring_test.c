/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/keyring.h"

#include <stdio.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

#define THREADS 4
#define MANY 5000

static void hold_number(struct keyring *k, unsigned n)
{
	char id[SECRET_ID_BYTES], secret[32];

	(void)snprintf(id, sizeof(id), "sha256:%032x", n);
	(void)snprintf(secret, sizeof(secret), "key %u", n);
	keyring_hold(k, id, view_of(secret));
}

static const char *id_of(unsigned n)
{
	static char id[SECRET_ID_BYTES];

	(void)snprintf(id, sizeof(id), "sha256:%032x", n);
	return id;
}

static void a_key_is_held_once(void **state)
{
	DEFER(keyring_done) struct keyring k;

	(void)state;
	keyring_init(&k);
	hold_number(&k, 1);
	hold_number(&k, 1);
	assert_int_equal(k.count, 1);
	assert_string_equal(keyring_find(&k, id_of(1))->secret.ptr, "key 1");
	assert_null(keyring_find(&k, id_of(2)));
	assert_false(k.is_full);
}

static void an_empty_one_has_nothing(void **state)
{
	DEFER(keyring_done) struct keyring k;

	(void)state;
	keyring_init(&k);
	assert_null(keyring_find(&k, id_of(1)));
	keyring_want(&k, id_of(1));
	assert_null(k.first_wanted);
}

static void wanted_ones_come_in_order_and_once(void **state)
{
	DEFER(keyring_done) struct keyring k;

	(void)state;
	keyring_init(&k);
	for (unsigned n = 0; n < 9; n++)
		hold_number(&k, n);
	keyring_want(&k, id_of(7));
	keyring_want(&k, id_of(3));
	keyring_want(&k, id_of(7));
	assert_string_equal(k.first_wanted->id, id_of(7));
	assert_string_equal(k.first_wanted->next_wanted->id, id_of(3));
	assert_null(k.first_wanted->next_wanted->next_wanted);
}

static void what_is_longer_than_a_key_is_not_held(void **state)
{
	static const char long_text[VERIFY_KEY_BYTES + 1];
	DEFER(keyring_done) struct keyring k;

	(void)state;
	keyring_init(&k);
	keyring_hold(&k, id_of(1), view_from(long_text, sizeof(long_text)));
	assert_null(keyring_find(&k, id_of(1)));
	assert_true(k.is_full);
}

static void beyond_its_limit_it_is_full(void **state)
{
	DEFER(keyring_done) struct keyring k;

	(void)state;
	keyring_init(&k);
	for (unsigned n = 0; n <= VERIFY_KEYS_MAX; n++)
		hold_number(&k, n);
	assert_true(k.is_full);
	assert_int_equal(k.count, VERIFY_KEYS_MAX);
	assert_non_null(keyring_find(&k, id_of(VERIFY_KEYS_MAX - 1)));
	assert_null(keyring_find(&k, id_of(VERIFY_KEYS_MAX)));
}

static void *hold_many(void *context)
{
	for (unsigned n = 0; n < MANY; n++)
		hold_number(context, n);
	return NULL;
}

static void threads_may_hold_at_once(void **state)
{
	DEFER(keyring_done) struct keyring k;
	pthread_t threads[THREADS];

	(void)state;
	keyring_init(&k);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hold_many, &k), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(k.count, MANY);
	for (unsigned n = 0; n < MANY; n++)
		assert_non_null(keyring_find(&k, id_of(n)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_held_once),
		cmocka_unit_test(an_empty_one_has_nothing),
		cmocka_unit_test(wanted_ones_come_in_order_and_once),
		cmocka_unit_test(what_is_longer_than_a_key_is_not_held),
		cmocka_unit_test(beyond_its_limit_it_is_full),
		cmocka_unit_test(threads_may_hold_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
