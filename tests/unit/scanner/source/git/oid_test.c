/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/oid.h"

#include "scanner/source/git/oidmap.h"
#include "tests/support/unit.h"

#define MANY SLOWED(30000)

static void hex_is_read_and_written(void **)
{
	struct oid id;
	char hex[OID_HEX_BYTES];

	assert_int_equal(oid_parse(VIEW("0123456789abcdefABCDEF0123456789abcdef01"), OID_SHA1_BYTES, &id), 0);
	oid_hex(&id, OID_SHA1_BYTES, hex);
	assert_string_equal(hex, "0123456789abcdefabcdef0123456789abcdef01");
	assert_int_equal(id.bytes[OID_SHA1_BYTES], 0);
	assert_false(oid_is_null(&id));
}

static void what_is_no_id_of_that_length_is_refused(void **)
{
	const struct view bad[] = { VIEW(""),
				    VIEW("0123456789abcdef0123456789abcdef0123456"),
				    VIEW("0123456789abcdef0123456789abcdef012345678"),
				    VIEW("0123456789abcdef0123456789abcdef0123456g"),
				    VIEW(" 123456789abcdef0123456789abcdef01234567"),
				    VIEW("0123456789abcdef0123456789abcdef0123456\0") };
	struct oid id;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(oid_parse(bad[i], OID_SHA1_BYTES, &id), -1);
	assert_int_equal(oid_parse(VIEW("0123456789abcdef0123456789abcdef01234567"), OID_SHA256_BYTES, &id), -1);
}

static void the_null_id_is_known(void **)
{
	struct oid id;

	assert_int_equal(oid_parse(VIEW("0000000000000000000000000000000000000000"), OID_SHA1_BYTES, &id), 0);
	assert_true(oid_is_null(&id));
}

static struct oid numbered(unsigned n)
{
	struct oid id = { .bytes = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } }; /* alike at the start, as a forger would have it */

	memcpy(id.bytes + 12, &n, sizeof(n));
	return id;
}

static void a_map_gives_back_what_was_put(void **)
{
	struct oidmap m;

	oidmap_init(&m, OID_SHA1_BYTES);
	for (unsigned i = 0; i < MANY; i++) {
		struct oid id = numbered(i);

		assert_int_equal(oidmap_get(&m, id.bytes), OIDMAP_NONE);
		assert_int_equal(oidmap_put(&m, id.bytes, i), 0);
	}
	for (unsigned i = 0; i < MANY; i++) {
		struct oid id = numbered(i);

		assert_int_equal(oidmap_get(&m, id.bytes), i);
	}
	assert_int_equal(m.count, MANY);
	oidmap_done(&m);
}

static void the_last_value_of_an_id_counts(void **)
{
	struct oidmap m;
	struct oid id = numbered(1);

	oidmap_init(&m, OID_SHA256_BYTES);
	assert_int_equal(oidmap_put(&m, id.bytes, 5), 0);
	assert_int_equal(oidmap_put(&m, id.bytes, 7), 0);
	assert_int_equal(oidmap_get(&m, id.bytes), 7);
	assert_int_equal(m.count, 1);
	oidmap_done(&m);
	assert_int_equal(oidmap_get(&m, id.bytes), OIDMAP_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_read_and_written),
		cmocka_unit_test(what_is_no_id_of_that_length_is_refused),
		cmocka_unit_test(the_null_id_is_known),
		cmocka_unit_test(a_map_gives_back_what_was_put),
		cmocka_unit_test(the_last_value_of_an_id_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
