/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/dialect.h"

#include <string.h>

#include "common/api/credential.h"
#include "common/base/bounds.h"
#include "tests/support/unit.h"

static const struct api_route *route(enum api_dialect dialect, enum api_operation operation)
{
	const struct api_route *ret = api_route(dialect, operation, NULL);

	assert_non_null(ret);
	return ret;
}

static void each_operation_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < API_OPERATIONS; i++) {
		assert_non_null(api_operation_name((enum api_operation)i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(api_operation_name((enum api_operation)i),
						api_operation_name((enum api_operation)j));
	}
}

static void an_operation_that_a_dialect_lacks_is_named_with_it(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(api_route(API_CCA, API_KEY_LIST, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "the 'cca' dialect of the API has no operation key.list");
	assert_null(api_route(API_PLATFORM, API_GROUP_CREATE, &err));
	assert_string_equal(err.text, "the 'platform' dialect of the API has no operation compliance.group.create");
}

static void the_dialects_lack_what_they_lack(void **state)
{
	static const enum api_operation lacking[] = {
		API_ORG_GET,
		API_INVITE_GET,
		API_WORKSPACE_LIST,
		API_WORKSPACE_GET,
		API_WORKSPACE_CREATE,
		API_WORKSPACE_UPDATE,
		API_WORKSPACE_ARCHIVE,
		API_MEMBER_LIST,
		API_MEMBER_GET,
		API_MEMBER_UPDATE,
		API_KEY_LIST,
		API_KEY_GET,
		API_KEY_UPDATE,
		API_RATELIMIT_LIST,
		API_WORKSPACE_RATELIMIT_LIST,
		API_COMPLIANCE_SETTINGS_GET,
		API_GROUP_LIST,
		API_GROUP_GET,
		API_GROUP_MEMBER_LIST,
	};

	(void)state;
	for (int i = 0; i < API_OPERATIONS; i++) {
		bool is_lacking = false;

		for (size_t j = 0; j < ARRAY_LEN(lacking); j++)
			is_lacking |= (int)lacking[j] == i;
		assert_int_equal(api_route(API_CCA, (enum api_operation)i, NULL) == NULL, is_lacking);
		assert_int_equal(api_route(API_PLATFORM, (enum api_operation)i, NULL) == NULL, i == API_GROUP_CREATE);
	}
}

/* Whether {name} in the path names a parameter. */
static bool is_parameter(const struct api_route *r, struct view name)
{
	for (const struct api_parameter *p = r->parameters; p->name; p++)
		if (strlen(p->name) == name.len && memcmp(p->name, name.ptr, name.len) == 0)
			return p->required && !p->in_body;
	return false;
}

static void assert_route_is_whole(const struct api_route *r)
{
	size_t count = 0;

	assert_true(r->path[0] == '/');
	assert_true(r->credentials != 0 && r->credentials < 1u << CREDENTIAL_KINDS);
	for (const char *brace = r->path; (brace = strchr(brace, '{')); brace++) {
		const char *end = strchr(brace, '}');

		assert_non_null(end);
		assert_true(is_parameter(r, view_from(brace + 1, (size_t)(end - brace - 1))));
	}
	for (const struct api_parameter *p = r->parameters; p->name; p++, count++) {
		assert_non_null(p->wire);
		assert_false(p->is_closed && !p->values);
		assert_false(p->in_body && strcmp(r->method, "GET") == 0);
	}
	assert_true(count <= API_PARAMETERS_MAX);
	if (r->paging == API_PAGES_BY_ID)
		assert_true(count >= 3);
}

static void every_route_is_whole(void **state)
{
	(void)state;
	for (int d = 0; d < API_DIALECTS; d++)
		for (int i = 0; i < API_OPERATIONS; i++) {
			const struct api_route *r = api_route((enum api_dialect)d, (enum api_operation)i, NULL);

			if (r)
				assert_route_is_whole(r);
		}
}

static void keys_are_asked_for_that_may(void **state)
{
	static const struct {
		enum api_dialect dialect;
		enum api_operation operation;
		unsigned credentials;
	} cases[] = {
		{ API_PLATFORM, API_KEY_LIST, 1u << CREDENTIAL_ADMIN | 1u << CREDENTIAL_OAUTH },
		{ API_PLATFORM, API_USER_LIST,
		  1u << CREDENTIAL_ADMIN | 1u << CREDENTIAL_OAUTH | 1u << CREDENTIAL_COMPLIANCE },
		{ API_PLATFORM, API_ACTIVITY_LIST, 1u << CREDENTIAL_ADMIN | 1u << CREDENTIAL_COMPLIANCE },
		{ API_PLATFORM, API_GROUP_LIST, 1u << CREDENTIAL_COMPLIANCE },
		{ API_PLATFORM, API_MESSAGE_CREATE, 1u << CREDENTIAL_API | 1u << CREDENTIAL_OAUTH },
		{ API_CCA, API_USER_LIST, 1u << CREDENTIAL_ADMIN },
		{ API_CCA, API_ACTIVITY_LIST, 1u << CREDENTIAL_ADMIN },
		{ API_CCA, API_MODEL_LIST, 1u << CREDENTIAL_API | 1u << CREDENTIAL_OAUTH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(route(cases[i].dialect, cases[i].operation)->credentials, cases[i].credentials);
}

static void what_a_post_or_delete_changes_is_not_repeated(void **state)
{
	static const enum api_operation once[] = { API_INVITE_CREATE, API_INVITE_DELETE, API_USER_DELETE,
						   API_MEMBER_ADD,    API_MEMBER_DELETE, API_MESSAGE_CREATE };

	(void)state;
	for (int d = 0; d < API_DIALECTS; d++)
		for (size_t i = 0; i < ARRAY_LEN(once); i++)
			assert_false(route((enum api_dialect)d, once[i])->repeatable);
	assert_false(route(API_PLATFORM, API_WORKSPACE_ARCHIVE)->repeatable);
	assert_true(route(API_CCA, API_ACTIVITY_LIST)->repeatable);
	assert_false(route(API_PLATFORM, API_USER_UPDATE)->repeatable);
	assert_false(route(API_PLATFORM, API_WORKSPACE_UPDATE)->repeatable);
	assert_false(route(API_PLATFORM, API_MEMBER_UPDATE)->repeatable);
	assert_false(route(API_PLATFORM, API_KEY_UPDATE)->repeatable);
	assert_true(route(API_CCA, API_USER_UPDATE)->repeatable); /* a PUT */
}

static void a_dialect_is_found_by_its_name(void **state)
{
	enum api_dialect dialect = API_DIALECTS;

	(void)state;
	assert_int_equal(api_dialect_of(VIEW("platform"), &dialect, NULL), 0);
	assert_int_equal(dialect, API_PLATFORM);
	assert_int_equal(api_dialect_of(VIEW("cca"), &dialect, NULL), 0);
	assert_int_equal(dialect, API_CCA);
}

static void an_unknown_dialect_gets_the_nearest_one(void **state)
{
	struct err err = ERR_INIT;
	enum api_dialect dialect = API_CCA;

	(void)state;
	assert_int_equal(api_dialect_of(VIEW("plaftorm"), &dialect, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.text, "no dialect of the API is called 'plaftorm'; platform or cca was expected "
				      "(did you mean 'platform'?)");
	assert_int_equal(api_dialect_of(VIEW("\x1b[2J"), &dialect, &err), -1);
	assert_string_equal(err.text, "no dialect of the API is called '\\x1b[2J'; platform or cca was expected");
	assert_int_equal(api_dialect_of(VIEW_NONE, &dialect, &err), -1);
	assert_string_equal(err.text, "no dialect of the API is called ''; platform or cca was expected");
	assert_int_equal(dialect, API_CCA);
}

static void response_keys_have_other_names_in_cca(void **state)
{
	static const struct {
		enum api_operation operation;
		const char *name, *wire;
	} cases[] = {
		{ API_USER_LIST, "added_at", "created_at" },
		{ API_INVITE_LIST, "invited_at", "created_at" },
		{ API_INVITE_LIST, "expires_at", "expires_at" },
		{ API_MEMBER_ADD, "workspace_role", "role" },
		{ API_COST, "account_id", "user_id" },
		{ API_ACTIVITY_LIST, "created_at", "timestamp" },
		{ API_ACTIVITY_LIST, "workspace_id", "workspace" },
		{ API_ACTIVITY_LIST, "actor.user_id", "user_id" },
		{ API_COMPLIANCE_ORG_LIST, "uuid", "id" },
		{ API_COMPLIANCE_USER_LIST, "full_name", "name" },
		{ API_COMPLIANCE_USER_LIST, "organization_role", "role" },
		{ API_USAGE_MESSAGES, "model", "model" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_string_equal(api_wire_key(route(API_CCA, cases[i].operation), cases[i].name), cases[i].wire);
		if (cases[i].operation != API_GROUP_CREATE)
			assert_string_equal(api_wire_key(route(API_PLATFORM, cases[i].operation), cases[i].name),
					    cases[i].name);
	}
}

static void values_have_other_names_in_cca(void **state)
{
	const struct api_route *users = route(API_CCA, API_USER_LIST);

	(void)state;
	assert_view(api_our_value(users, "role", VIEW("viewer")), "user");
	assert_view(api_our_value(users, "role", VIEW("admin")), "admin");
	assert_view(api_our_value(users, "role", VIEW("a_new_role")), "a_new_role");
	assert_view(api_our_value(users, "name", VIEW("viewer")), "viewer");
	assert_view(api_our_value(route(API_CCA, API_INVITE_LIST), "status", VIEW("revoked")), "deleted");
	assert_view(api_our_value(route(API_CCA, API_MEMBER_ADD), "workspace_role", VIEW("developer")),
		    "workspace_developer");
	assert_view(api_our_value(route(API_CCA, API_MEMBER_ADD), "workspace_role", VIEW("viewer")), "workspace_user");
	assert_view(api_our_value(route(API_PLATFORM, API_USER_LIST), "role", VIEW("viewer")), "viewer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_has_a_name_of_its_own),
		cmocka_unit_test(an_operation_that_a_dialect_lacks_is_named_with_it),
		cmocka_unit_test(the_dialects_lack_what_they_lack),
		cmocka_unit_test(every_route_is_whole),
		cmocka_unit_test(keys_are_asked_for_that_may),
		cmocka_unit_test(what_a_post_or_delete_changes_is_not_repeated),
		cmocka_unit_test(a_dialect_is_found_by_its_name),
		cmocka_unit_test(an_unknown_dialect_gets_the_nearest_one),
		cmocka_unit_test(response_keys_have_other_names_in_cca),
		cmocka_unit_test(values_have_other_names_in_cca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
