/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_ids.h"

#include <string.h>

#include "tests/support/unit.h"

#define MANY 100000

static void digest_of(unsigned n, unsigned char ret[static PROMPT_DIGEST_BYTES])
{
	prompt_id_digest(view_from(&n, sizeof(n)), ret);
}

static void each_of_many_ids_is_found_with_its_prompt(void **state)
{
	DEFER(message_ids_done) struct message_ids ids = { 0 };
	unsigned char id[PROMPT_DIGEST_BYTES], prompt[PROMPT_DIGEST_BYTES];
	const unsigned char *found;
	struct err err = ERR_INIT;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		digest_of(i, id);
		digest_of(i + MANY, prompt);
		assert_null(message_ids_find(&ids, id));
		assert_int_equal(message_ids_put(&ids, id, prompt, &err), 0);
	}
	assert_int_equal(ids.count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		digest_of(i, id);
		digest_of(i + MANY, prompt);
		found = message_ids_find(&ids, id);
		assert_non_null(found);
		assert_memory_equal(found, prompt, sizeof(prompt));
	}
}

static void the_last_prompt_of_an_id_counts(void **state)
{
	DEFER(message_ids_done) struct message_ids ids = { 0 };
	unsigned char id[PROMPT_DIGEST_BYTES], prompt[PROMPT_DIGEST_BYTES];
	struct err err = ERR_INIT;

	(void)state;
	digest_of(1, id);
	for (unsigned i = 2; i < 4; i++) {
		digest_of(i, prompt);
		assert_int_equal(message_ids_put(&ids, id, prompt, &err), 0);
	}
	assert_int_equal(ids.count, 1);
	assert_memory_equal(message_ids_find(&ids, id), prompt, sizeof(prompt));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_many_ids_is_found_with_its_prompt),
		cmocka_unit_test(the_last_prompt_of_an_id_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
