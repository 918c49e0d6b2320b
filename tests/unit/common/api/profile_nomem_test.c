/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles and credentials, with each allocation failing in turn. */
#include "common/api/profile.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static char folder[] = "/tmp/profile-nomem-XXXXXX";
static char path[sizeof(folder) + 16];

static void write_file(void)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(
		fprintf(f,
			"version: 1\nprofiles:\n  default:\n    base_url: https://a.example.com\n    ca_file: ca.pem\n"
			"    credentials:\n      api: {file: %s}\n      admin: {systemd: x}\n      oauth: null\n"
			"  other: {dialect: cca}\n",
			path) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* A configuration is no key, but a file of one's own: it is refused for its bytes, once it was read. */
static int load(struct err *err)
{
	DEFER(profile_done) struct profile p = { .name = NULL };
	DEFER(credential_wipe) struct credential c = { .value = BUF_INIT(0) };
	struct profile_flags flags = { .base_url = "https://b.example.com/" };
	const char *const paths[] = { path };

	if (profile_load_files(paths, 1, &flags, &p, err))
		return -1;
	return credential_load(&p.credentials[CREDENTIAL_API], CREDENTIAL_API, &c, err) ? 1 : 0;
}

static bool load_with_a_failure(void *context, long n)
{
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	status = load(&err);
	has_failed = nomem_stop();
	assert_int_not_equal(status, 0);
	if (!has_failed) {
		assert_int_equal(status, 1);
		assert_int_equal(err.kind, ERR_CONFIG);
	}
	return has_failed;
}

static void a_profile_without_memory_is_an_error(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	write_file();
	assert_true(nomem_each(load_with_a_failure, NULL) > 30);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_profile_without_memory_is_an_error) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
