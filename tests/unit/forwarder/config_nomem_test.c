/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration, with each allocation failing in turn. */
#include <stdlib.h>

#include "forwarder/config.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static const char all_keys[] =
	"version: 1\nstate_dir: /s\n"
	"api: {base_url: 'https://a.example.com', dialect: cca, credential: x, ca_file: /dev/null, timeout: 5s}\n"
	"feeds:\n"
	"- {name: a, type: activities, start: 2026-01-01, filter: {types: [a, b], actors: [c], workspaces: [d]}}\n"
	"- {name: b, type: activities, credential: {env: X}, include_content: true}\n"
	"- {name: c, type: ingest, socket: /i, group: g}\n"
	"sinks:\n"
	"- {name: a, type: journald, socket: /j, journal: /k, filter: {feeds: [a, skantd], classes: [key]}}\n"
	"- {name: b, type: syslog, transport: tls, address: 'h:1', hostname: n,\n"
	"   tls: {ca_file: /dev/null, server_name: s}}\n"
	"- {name: c, type: syslog, transport: unix, format: json}\n"
	"- {name: d, type: file, path: /p, format: ecs}\n"
	"metrics: {textfile: /t, listen: '[::1]:9187'}\n";

static bool parse_with_a_failure(void *context, long n)
{
	struct err err = ERR_INIT;
	struct settings s = { .path = NULL };
	const char *text = context;
	bool has_failed;
	int status;

	nomem_start(n);
	status = config_parse(view_of(text), "f", &s, &err);
	has_failed = nomem_stop();
	if (status == 0)
		settings_done(&s);
	assert_null(s.path);
	assert_int_equal(status, err.kind == ERR_NONE ? 0 : -1);
	if (!has_failed)
		return false;
	assert_int_equal(status, -1);
	assert_true(err.kind == ERR_NOMEM || err.kind == ERR_CONFIG);
	return true;
}

static void a_configuration_without_memory_is_an_error(void **state)
{
	char text[sizeof(all_keys)];

	(void)state;
	memcpy(text, all_keys, sizeof(text));
	assert_true(nomem_each(parse_with_a_failure, text) > 100);
}

static void a_refusal_without_memory_is_an_error(void **state)
{
	char text[] = "version: 1\nfeeds: [{name: a, type: activities, poll: soon}]\n";

	(void)state;
	assert_true(nomem_each(parse_with_a_failure, text) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_without_memory_is_an_error),
		cmocka_unit_test(a_refusal_without_memory_is_an_error),
	};

	(void)unsetenv("HOME");
	(void)unsetenv("XDG_CONFIG_HOME");
	(void)unsetenv("SKANT_POLICY");
	(void)unsetenv("SKANT_BASE_URL");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
