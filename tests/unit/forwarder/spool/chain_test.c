/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/spool/chain.h"

#include "tests/support/unit.h"

/* Reckoned with another program from the formula in spool.h: ids "activity_1" and "", bodies {"a":1} and {}. */
static void the_chain_is_that_of_the_formula(void **state)
{
	const struct {
		const char *id, *body, *chain;
	} links[] = {
		{ "activity_1", "{\"a\":1}", "e7b64a1f34640912d0ee4cc941c29445f3c3ae543c0f94a1beb8b6fd3902d37d" },
		{ "", "{}", "ae8c0da507aac35c1c9564ea2e568e57faf3ce87583e9be7d4ec707b3d5baea3" },
	};
	unsigned char chain[DIGEST_SHA256_BYTES] = { 0 }, hash[DIGEST_SHA256_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		DEFER(buf_done) struct buf hex = BUF_INIT(100);

		digest_sha256(view_of(links[i].body), hash);
		chain_link(chain, view_of(links[i].id), hash);
		assert_int_equal(digest_add_hex(&hex, chain, sizeof(chain)), 0);
		assert_string_equal(hex.ptr, links[i].chain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_chain_is_that_of_the_formula) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
