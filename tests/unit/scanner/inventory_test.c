/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/inventory.h"

#include <string.h>

#include "tests/support/unit.h"

#define HEAD "{\"schema\":\"skant-inventory/1\",\"organization_id\":\"o\",\"exported_at\":\"2026-11-24T13:49:09Z\"}\n"
#define HINT                                                                                                           \
	"sk-ant-"                                                                                                      \
	"api03-R2D...igAA"
#define KEY(id, name, hint)                                                                                            \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"hint\":\"" hint "\",\"status\":\"active\","                        \
	"\"workspace_id\":null,\"workspace\":\"Default\",\"created_at\":\"2026-11-01T00:00:00Z\"}\n"

static int parse(struct inventory *i, const char *text, struct err *err)
{
	return inventory_parse(i, view_of(text), "file", err);
}

static void members_are_read(void **state)
{
	DEFER(inventory_done) struct inventory i;
	const struct inventory_key *key;
	size_t count;

	(void)state;
	assert_int_equal(
		parse(&i,
		      HEAD "\r\n{\"new\":[1],\"id\":\"apikey_1\",\"name\":\"a\\u00e4\",\"hint\":\"" HINT
			   "\",\"status\":\"expired\",\"workspace_id\":\"w\",\"created_at\":\"1970-01-01T00:00:07Z\","
			   "\"expires_at\":\"1970-01-02T00:00:00Z\",\"created_by\":\"user_1\"}",
		      NULL),
		0);
	key = inventory_find(&i, HINT, &count);
	assert_int_equal(count, 1);
	assert_string_equal(key->id, "apikey_1");
	assert_string_equal(key->name, "a\xc3\xa4");
	assert_string_equal(key->status, "expired");
	assert_string_equal(key->workspace_id, "w");
	assert_null(key->workspace);
	assert_int_equal(key->created_s, 7);
	assert_int_equal(key->expires_s, 86400);
	assert_string_equal(i.exported_at, "2026-11-24T13:49:09Z");
}

static void null_is_as_absent(void **state)
{
	DEFER(inventory_done) struct inventory i;
	size_t count;

	(void)state;
	assert_int_equal(parse(&i, HEAD KEY("apikey_1", "a", HINT), NULL), 0);
	assert_null(inventory_find(&i, HINT, &count)->workspace_id);
	assert_null(inventory_find(&i, HINT, &count)->expires_at);
}

static void all_keys_of_a_hint_are_found_and_no_others(void **state)
{
	DEFER(inventory_done) struct inventory i;
	const struct inventory_key *key;
	size_t count;

	(void)state;
	assert_int_equal(parse(&i,
			       HEAD KEY("apikey_3", "c", HINT) KEY("apikey_0", "z",
								   "sk-ant-"
								   "api03-R2C...igAA") KEY("apikey_1", "a", HINT)
				       KEY("apikey_9", "z",
					   "sk-ant-"
					   "api03-R2E...igAA") KEY("apikey_2", "b", HINT),
			       NULL),
			 0);
	key = inventory_find(&i, HINT, &count);
	assert_int_equal(count, 3);
	assert_string_equal(key[0].id, "apikey_1");
	assert_string_equal(key[1].id, "apikey_2");
	assert_string_equal(key[2].id, "apikey_3");
}

static void a_key_that_is_told_twice_is_one(void **state)
{
	DEFER(inventory_done) struct inventory i;
	size_t count;

	(void)state;
	assert_int_equal(parse(&i, HEAD KEY("apikey_1", "a", HINT) KEY("apikey_1", "a", HINT), NULL), 0);
	assert_non_null(inventory_find(&i, HINT, &count));
	assert_int_equal(count, 1);
}

static void lookalikes_are_not_found(void **state)
{
	static const char *const others[] = { "",
					      "sk-ant-"
					      "api03-...",
					      "sk-ant-"
					      "api03-r2D...igAA",
					      "sk-ant-"
					      "api03-R2D...igAB",
					      "sk-ant-"
					      "api03-R2D...igA",
					      "sk-ant-"
					      "api03-R2D...igAAA",
					      "sk-ant-"
					      "api01-R2D...igAA",
					      "sk-ant-"
					      "admin01-R2D...igAA" };
	DEFER(inventory_done) struct inventory i;
	size_t count;

	(void)state;
	assert_int_equal(parse(&i, HEAD KEY("apikey_1", "a", HINT), NULL), 0);
	for (size_t n = 0; n < ARRAY_LEN(others); n++) {
		assert_null(inventory_find(&i, others[n], &count));
		assert_int_equal(count, 0);
	}
}

static void three_dots_may_be_one_character(void **state)
{
	DEFER(inventory_done) struct inventory i;
	size_t count;

	(void)state;
	assert_int_equal(parse(&i,
			       HEAD KEY("apikey_1", "a",
					"sk-ant-"
					"api03-R2D\u2026igAA"),
			       NULL),
			 0);
	assert_non_null(inventory_find(&i, HINT, &count));
}

static void hints_of_other_forms_are_counted_and_never_match(void **state)
{
	static const char *const forms[] = { "",
					     "sk-ant-"
					     "api03-...",
					     "sk-ant-"
					     "api03-...igAA",
					     "sk-ant-"
					     "api03R2D...igAA",
					     "sk-ant-"
					     "-R2D...igAA",
					     "sk-ant-"
					     "api03-R2D..igAA",
					     "sk-ant-"
					     "api03-R2D....igA",
					     "sk-ant-"
					     "api03-R D...igAA",
					     "sk-ant-"
					     "abcdefghijklm-R2D...igAA" };

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(forms); n++) {
		DEFER(inventory_done) struct inventory i;
		DEFER(buf_done) struct buf text = BUF_INIT(4096);
		size_t count;

		assert_int_equal(buf_addf(&text,
					  HEAD "{\"id\":\"a\",\"name\":\"a\",\"hint\":\"%s\",\"status\":\"active\","
					       "\"created_at\":\"2026-11-01T00:00:00Z\"}",
					  forms[n]),
				 0);
		assert_int_equal(parse(&i, text.ptr, NULL), 0);
		assert_int_equal(i.without_hint, 1);
		assert_null(inventory_find(&i, forms[n], &count));
	}
}

static void an_inventory_may_be_empty(void **state)
{
	DEFER(inventory_done) struct inventory i;
	size_t count;

	(void)state;
	assert_int_equal(parse(&i, "{\"schema\":\"skant-inventory/1\"}", NULL), 0);
	assert_null(inventory_find(&i, HINT, &count));
	assert_null(i.exported_at);
}

static void refused(const char *text, const char *what)
{
	DEFER(inventory_done) struct inventory i;
	struct err err = ERR_INIT;

	assert_int_equal(parse(&i, text, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, what))
		fail_msg("'%s' is not in '%s'", what, err.text);
}

static void what_is_wrong_is_told_by_file_and_line(void **state)
{
	(void)state;
	refused("", "file:1: ");
	refused("\n\n{}", "file:3: the first line names no schema");
	refused("{\"schema\":1}", "file:1: schema: a text was expected");
	refused("{\"schema\":\"skant-finding/1\"}", "skant-inventory/1 was expected");
	refused("{\"schema\":\"skant-inventory/1\",\"exported_at\":\"x\"}", "file:1: exported_at: ");
	refused(HEAD "[]", "file:2: this line is no JSON object");
	refused(HEAD "{\"id\"", "file:2: ");
	refused(HEAD "{}", "file:2: id: ");
	refused(HEAD "{\"id\":\"\"}", "file:2: id: ");
	refused(HEAD "{\"id\":\"a\",\"name\":[]}", "file:2: name: ");
	refused(HEAD "{\"id\":\"a\",\"name\":\"a\\u0000b\"}", "file:2: name: a text without");
	refused(HEAD "{\"id\":\"a\",\"name\":\"a\"}", "file:2: status: ");
	refused(HEAD "{\"id\":\"a\",\"name\":\"a\",\"status\":\"active\",\"created_at\":\"2026-13-01T00:00:00Z\"}",
		"file:2: created_at: a time such as");
	refused(HEAD HEAD, "file:2: id: ");
}

static void only_keys_are_joined(void **state)
{
	DEFER(inventory_done) struct inventory i;
	struct rule rule = { .kind = KIND_KEYNAME };
	struct finding f = { .rule = &rule, .masked = HINT };

	(void)state;
	assert_int_equal(parse(&i, HEAD KEY("apikey_1", "a", HINT), NULL), 0);
	inventory_join(&i, &f);
	assert_int_equal(f.inventory_count, 0);
	rule.kind = KIND_API;
	inventory_join(&i, &f);
	assert_int_equal(f.inventory_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_read),
		cmocka_unit_test(null_is_as_absent),
		cmocka_unit_test(all_keys_of_a_hint_are_found_and_no_others),
		cmocka_unit_test(a_key_that_is_told_twice_is_one),
		cmocka_unit_test(lookalikes_are_not_found),
		cmocka_unit_test(three_dots_may_be_one_character),
		cmocka_unit_test(hints_of_other_forms_are_counted_and_never_match),
		cmocka_unit_test(an_inventory_may_be_empty),
		cmocka_unit_test(what_is_wrong_is_told_by_file_and_line),
		cmocka_unit_test(only_keys_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
