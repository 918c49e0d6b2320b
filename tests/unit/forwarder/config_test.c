/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration says, and what stands where it says nothing. */
#include "forwarder/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

#define TEXT_BYTES 8192
#define S UINT64_C(1000)
#define HOUR (3600 * S)
#define DAY (24 * HOUR)

static char folder[] = "/tmp/config-test-XXXXXX";
static char key_path[sizeof(folder) + 16];

static int set_up(void **state)
{
	static const char *const variables[] = { "SKANT_PROFILE",
						 "SKANT_BASE_URL",
						 "SKANT_DIALECT",
						 "SKANT_CA_FILE",
						 "SKANT_ALLOW_HTTP_LOOPBACK",
						 "SKANT_POLICY",
						 "HOME",
						 "XDG_CONFIG_HOME",
						 "CREDENTIALS_DIRECTORY" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		(void)unsetenv(variables[i]);
	return 0;
}

static int make_folder(void **state)
{
	memcpy(strstr(folder, "test-") + 5, "XXXXXX", 6);
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(key_path, sizeof(key_path), "%s/key.pem", folder);
	return set_up(state);
}

static int remove_folder(void **state)
{
	(void)unlink(key_path);
	(void)rmdir(folder);
	return set_up(state);
}

static void parse(const char *text, struct settings *ret)
{
	struct err err = ERR_INIT;

	if (config_parse(view_of(text), "dir/f", ret, &err))
		fail_msg("%s\n%s", err.text, text);
}

static void assert_refuses(const char *text, const char *part)
{
	struct settings s;
	struct err err = ERR_INIT;

	assert_int_equal(config_parse(view_of(text), "f", &s, &err), -1);
	if (!strstr(err.text, part))
		fail_msg("%s", err.text);
}

/* A configuration with this feed, or this sink, or this section. */
static void parse_feed(const char *feed, struct settings *ret)
{
	char text[TEXT_BYTES];

	(void)snprintf(text, sizeof(text), "version: 1\nfeeds: [{%s}]\nsinks: [{name: b, type: stdout}]\n", feed);
	parse(text, ret);
}

static void parse_sink(const char *sink, struct settings *ret)
{
	char text[TEXT_BYTES];

	(void)snprintf(text, sizeof(text), "version: 1\nfeeds: [{name: a, type: ingest}]\nsinks: [{%s}]\n", sink);
	parse(text, ret);
}

static void parse_top(const char *top, struct settings *ret)
{
	char text[TEXT_BYTES];

	(void)snprintf(text, sizeof(text),
		       "version: 1\nfeeds: [{name: a, type: activities}]\nsinks: [{name: b, type: stdout}]\n%s\n", top);
	parse(text, ret);
}

static void what_is_not_said_has_its_usual_value(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_top("", &s);
	assert_string_equal(s.path, "dir/f");
	assert_string_equal(s.state_dir, "/var/lib/skant");
	assert_null(s.policy);
	assert_string_equal(s.profile.name, "default");
	assert_string_equal(s.profile.base_url, "https://api.anthropic.com");
	assert_int_equal(s.profile.dialect, API_PLATFORM);
	assert_null(s.profile.ca_file);
	assert_int_equal(s.requests_per_minute, 0);
	assert_int_equal(s.timeout_ms, 30 * S);
	assert_int_equal(s.retention.bodies_ms, 7 * DAY);
	assert_int_equal(s.retention.ledger_ms, 6 * 365 * DAY);
	assert_int_equal(s.retention.max_bytes, UINT64_C(2) << 30);
	assert_null(s.metrics.textfile);
	assert_null(s.metrics.listen);
	assert_int_equal(s.health.stale_ms, 600 * S);
	assert_int_equal(s.health.heartbeat_ms, HOUR);
	assert_int_equal(s.health.quiet_ms, DAY);
	assert_int_equal(s.feed_count, 1);
	assert_int_equal(s.sink_count, 1);
}

static void a_null_is_as_if_it_were_not_there(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_top(
		"state_dir: null\npolicy:\napi: ~\nretention: {bodies: null}\nmetrics: {textfile: null, listen: null}\n"
		"health: {heartbeat: ~}",
		&s);
	assert_string_equal(s.state_dir, "/var/lib/skant");
	assert_int_equal(s.retention.bodies_ms, 7 * DAY);
	assert_null(s.metrics.listen);
	assert_int_equal(s.health.heartbeat_ms, HOUR);
}

static void each_key_of_the_top_is_read(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_top("state_dir: /var/lib/other\n"
		  "retention: {bodies: 0, ledger: 100y, max_bytes: 64KiB, when_full: stop-reading}\n"
		  "metrics: {textfile: /var/lib/skant.prom, listen: '127.0.0.1:9187'}\n"
		  "health: {stale_after: 0, heartbeat: 90s, quiet_after: 1y}\n"
		  "api: {base_url: 'https://api.example.com/', dialect: cca, requests_per_minute: 50, timeout: 1h}",
		  &s);
	assert_string_equal(s.state_dir, "/var/lib/other");
	assert_int_equal(s.retention.bodies_ms, 0);
	assert_int_equal(s.retention.ledger_ms, 100 * 365 * DAY);
	assert_int_equal(s.retention.max_bytes, 64 << 10);
	assert_string_equal(s.metrics.textfile, "/var/lib/skant.prom");
	assert_string_equal(s.metrics.listen, "127.0.0.1:9187");
	assert_int_equal(s.health.stale_ms, 0);
	assert_int_equal(s.health.heartbeat_ms, 90 * S);
	assert_int_equal(s.health.quiet_ms, 365 * DAY);
	assert_string_equal(s.profile.base_url, "https://api.example.com");
	assert_int_equal(s.profile.dialect, API_CCA);
	assert_int_equal(s.requests_per_minute, 50);
	assert_int_equal(s.timeout_ms, HOUR);
}

static void metrics_are_served_on_this_machine_alone(void **state)
{
	static const char *const good[] = { "127.0.0.1:9187", "127.8.8.8:1", "[::1]:65535", "/run/skant/metrics.sock" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		DEFER(settings_done) struct settings s = { .path = NULL };
		char top[100];

		(void)snprintf(top, sizeof(top), "metrics: {listen: '%s'}", good[i]);
		parse_top(top, &s);
		assert_string_equal(s.metrics.listen, good[i]);
	}
}

/* --- the api section --- */

static void the_environment_says_where_the_api_is_unless_the_file_does(void **state)
{
	DEFER(settings_done) struct settings by_env = { .path = NULL }, by_file = { .path = NULL };

	(void)state;
	(void)setenv("SKANT_BASE_URL", "http://127.0.0.1:8080", 1);
	(void)setenv("SKANT_ALLOW_HTTP_LOOPBACK", "1", 1);
	(void)setenv("SKANT_DIALECT", "cca", 1);
	parse_top("", &by_env);
	parse_top("api: {base_url: 'https://api.example.com', dialect: platform}", &by_file);
	(void)set_up(NULL);
	assert_string_equal(by_env.profile.base_url, "http://127.0.0.1:8080");
	assert_int_equal(by_env.profile.dialect, API_CCA);
	assert_string_equal(by_file.profile.base_url, "https://api.example.com");
	assert_int_equal(by_file.profile.dialect, API_PLATFORM);
}

static void plain_http_is_for_loopback_when_it_is_allowed(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_top("api: {base_url: 'http://[::1]:8080', allow_http_loopback: true}", &s);
	assert_string_equal(s.profile.base_url, "http://[::1]:8080");
	assert_true(s.profile.allow_http_loopback);
}

static void what_the_environment_allows_the_file_may_forbid(void **state)
{
	static const char text[] =
		"version: 1\nfeeds: [{name: a, type: activities}]\nsinks: [{name: b, type: stdout}]\n"
		"api: {base_url: 'http://127.0.0.1:1', allow_http_loopback: false}\n";

	(void)state;
	(void)setenv("SKANT_ALLOW_HTTP_LOOPBACK", "1", 1);
	assert_refuses(text, "f:4:17: ");
	(void)set_up(NULL);
}

static void a_feed_has_its_own_credential_or_that_of_the_api_section(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse("version: 1\nfeeds:\n- {name: a, type: activities, credential: own}\n- {name: b, type: activities}\n"
	      "- {name: c, type: ingest}\nsinks: [{name: b, type: stdout}]\napi: {credential: {file: keys/standard}}\n",
	      &s);
	assert_int_equal(s.feeds[0].credential.from, CREDENTIAL_FROM_SYSTEMD);
	assert_string_equal(s.feeds[0].credential.name, "own");
	assert_int_equal(s.feeds[1].credential.from, CREDENTIAL_FROM_FILE);
	assert_string_equal(s.feeds[1].credential.name, "dir/keys/standard");
	assert_int_equal(s.feeds[2].credential.from, CREDENTIAL_UNSET);
}

static void without_a_credential_it_is_those_of_the_profile(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_top("", &s);
	assert_int_equal(s.feeds[0].credential.from, CREDENTIAL_UNSET);
	assert_string_equal(s.profile.credentials[CREDENTIAL_COMPLIANCE].name, "ANTHROPIC_COMPLIANCE_API_KEY");
}

/* --- feeds --- */

static void a_feed_of_activities_has_its_usual_values(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	const struct settings_feed *f;

	(void)state;
	parse_feed("name: audit-1, type: activities", &s);
	f = &s.feeds[0];
	assert_string_equal(f->name, "audit-1");
	assert_int_equal(f->type, SETTINGS_ACTIVITIES);
	assert_int_equal(f->start, SETTINGS_NOW);
	assert_int_equal(f->poll_ms, 30 * S);
	assert_int_equal(f->settle_ms, 0);
	assert_int_equal(f->reconcile_ms, HOUR);
	assert_false(f->include_content);
	assert_false(f->skip_own);
	assert_int_equal(f->filter.severity, EVENT_DEBUG);
	assert_null(f->filter.types);
	assert_null(f->socket);
}

static void each_key_of_a_feed_of_activities_is_read(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	const struct settings_feed *f;

	(void)state;
	(void)setenv("SKANT_DIALECT", "cca", 1);
	parse_feed("name: a, type: activities, credential: {env: A_KEY}, start: 2026-11-24T13:49:09Z, poll: 5s, "
		   "settle: 90s, reconcile: 0, include_content: true, skip_own: true, "
		   "filter: {types: ['platform_*', x], classes: [key, sign-in], actors: [user_1], workspaces: [w1], "
		   "severity: notice}",
		   &s);
	(void)set_up(NULL);
	f = &s.feeds[0];
	assert_int_equal(f->credential.from, CREDENTIAL_FROM_ENV);
	assert_string_equal(f->credential.name, "A_KEY");
	assert_int_equal(f->start, SETTINGS_TIME);
	assert_int_equal(f->start_unix_s, 1795528149);
	assert_int_equal(f->poll_ms, 5 * S);
	assert_int_equal(f->settle_ms, 90 * S);
	assert_int_equal(f->reconcile_ms, 0);
	assert_true(f->include_content);
	assert_true(f->skip_own);
	assert_string_equal(f->filter.types[0], "platform_*");
	assert_string_equal(f->filter.types[1], "x");
	assert_null(f->filter.types[2]);
	assert_string_equal(f->filter.classes[1], "sign-in");
	assert_string_equal(f->filter.actors[0], "user_1");
	assert_string_equal(f->filter.workspaces[0], "w1");
	assert_int_equal(f->filter.severity, EVENT_NOTICE);
}

static void a_start_is_now_the_beginning_a_date_or_a_time(void **state)
{
	static const struct {
		const char *text;
		enum settings_start start;
		int64_t unix_s;
	} cases[] = { { "now", SETTINGS_NOW, 0 },
		      { "beginning", SETTINGS_BEGINNING, 0 },
		      { "1970-01-02", SETTINGS_TIME, 86400 },
		      { "'1970-01-01T01:00:00+01:00'", SETTINGS_TIME, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(settings_done) struct settings feed = { .path = NULL }, sink = { .path = NULL };
		char text[200];

		(void)snprintf(text, sizeof(text), "name: a, type: activities, start: %s", cases[i].text);
		parse_feed(text, &feed);
		assert_int_equal(feed.feeds[0].start, cases[i].start);
		assert_int_equal(feed.feeds[0].start_unix_s, cases[i].unix_s);
		(void)snprintf(text, sizeof(text), "name: a, type: journald, start: %s", cases[i].text);
		parse_sink(text, &sink);
		assert_int_equal(sink.sinks[0].start, cases[i].start);
		assert_int_equal(sink.sinks[0].start_unix_s, cases[i].unix_s);
	}
}

static void a_feed_of_local_records_is_read(void **state)
{
	DEFER(settings_done) struct settings usual = { .path = NULL }, s = { .path = NULL };

	(void)state;
	parse_feed("name: apps, type: ingest", &usual);
	assert_int_equal(usual.feeds[0].type, SETTINGS_INGEST);
	assert_string_equal(usual.feeds[0].socket, "/run/skant/ingest.sock");
	assert_null(usual.feeds[0].group);
	assert_int_equal(usual.feeds[0].max_record, INGEST_RECORD_BYTES);
	parse_feed("name: apps, type: ingest, socket: /s, group: skant, max_record: 4KiB, filter: {severity: err}", &s);
	assert_string_equal(s.feeds[0].socket, "/s");
	assert_string_equal(s.feeds[0].group, "skant");
	assert_int_equal(s.feeds[0].max_record, 4096);
	assert_int_equal(s.feeds[0].filter.severity, EVENT_ERR);
}

/* --- sinks --- */

static void a_sink_begins_with_what_the_spool_has_and_takes_all(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_sink("name: b, type: journald", &s);
	assert_int_equal(s.sinks[0].start, SETTINGS_BEGINNING);
	assert_int_equal(s.sinks[0].filter.severity, EVENT_DEBUG);
	assert_null(s.sinks[0].filter.feeds);
}

static void a_sink_of_the_journal_is_read(void **state)
{
	DEFER(settings_done) struct settings usual = { .path = NULL }, s = { .path = NULL };

	(void)state;
	parse_sink("name: b, type: journald", &usual);
	assert_int_equal(usual.sinks[0].type, SETTINGS_JOURNALD);
	assert_string_equal(usual.sinks[0].socket, "/run/systemd/journal/socket");
	assert_null(usual.sinks[0].journal);
	assert_null(usual.sinks[0].format);
	assert_true(usual.sinks[0].sync_batch);
	assert_int_equal(usual.sinks[0].facility, 13);
	assert_int_equal(usual.sinks[0].max_message, 0);
	parse_sink("name: b, type: journald, socket: /s, journal: /j, sync: none, facility: authpriv, "
		   "filter: {feeds: [a, skantd]}",
		   &s);
	assert_string_equal(s.sinks[0].socket, "/s");
	assert_string_equal(s.sinks[0].journal, "/j");
	assert_false(s.sinks[0].sync_batch);
	assert_int_equal(s.sinks[0].facility, 10);
	assert_string_equal(s.sinks[0].filter.feeds[1], "skantd");
}

static void journal_sinks_have_a_journal_or_events_of_their_own(void **state)
{
	static const char *const pairs[] = {
		"{name: b, type: journald}, {name: c, type: journald, socket: /s, journal: /j}",
		"{name: b, type: journald, filter: {feeds: [a]}}, {name: c, type: journald, filter: {feeds: [skantd]}}",
		"{name: b, type: journald, filter: {classes: [key, alert]}}, "
		"{name: c, type: journald, filter: {classes: [finding, usage]}}",
		"{name: b, type: journald, filter: {workspaces: [w1]}}, "
		"{name: c, type: journald, filter: {workspaces: [w2, w3]}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		DEFER(settings_done) struct settings s = { .path = NULL };
		char text[TEXT_BYTES];

		(void)snprintf(text, sizeof(text),
			       "version: 1\nfeeds: [{name: a, type: ingest, socket: /i}]\nsinks: [%s]\n", pairs[i]);
		parse(text, &s);
		assert_int_equal(s.sink_count, 2);
	}
}

static void an_empty_list_of_a_filter_is_as_none(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_sink("name: b, type: stdout, filter: {types: [], feeds: [], classes: [], actors: [], workspaces: []}",
		   &s);
	assert_true(event_filter_takes_all(&s.sinks[0].filter));
}

static void each_transport_of_syslog_has_its_usual_values(void **state)
{
	static const struct {
		const char *text;
		enum settings_transport transport;
		const char *format, *host;
		uint16_t port;
	} cases[] = {
		{ "transport: unix", SETTINGS_UNIX, "rfc3164", "/dev/log", 0 },
		{ "transport: unix, address: /l", SETTINGS_UNIX, "rfc3164", "/l", 0 },
		{ "transport: udp, address: '127.0.0.1:514'", SETTINGS_UDP, "rfc5424", "127.0.0.1", 514 },
		{ "transport: tcp, address: '[2001:db8::1]:601'", SETTINGS_TCP, "rfc5424", "2001:db8::1", 601 },
		{ "transport: tls, address: 'siem.example.com:6514'", SETTINGS_TLS, "rfc5424", "siem.example.com",
		  6514 },
		{ "transport: relp, address: 'my_host:65535'", SETTINGS_RELP, "rfc5424", "my_host", 65535 },
		{ "transport: relp+tls, address: 'r:1'", SETTINGS_RELP_TLS, "rfc5424", "r", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(settings_done) struct settings s = { .path = NULL };
		const struct settings_sink *sink;
		char text[200];

		(void)snprintf(text, sizeof(text), "name: b, type: syslog, %s", cases[i].text);
		parse_sink(text, &s);
		sink = &s.sinks[0];
		assert_int_equal(sink->type, SETTINGS_SYSLOG);
		assert_int_equal(sink->transport, cases[i].transport);
		assert_string_equal(sink->format, cases[i].format);
		assert_string_equal(sink->message, "text");
		assert_string_equal(sink->host, cases[i].host);
		assert_int_equal(sink->port, cases[i].port);
		assert_int_equal(sink->max_message, 8096);
		assert_int_equal(sink->window_bytes, 8 << 20);
		assert_int_equal(sink->window_ms, 60 * S);
		assert_int_equal(sink->facility, 13);
		assert_int_equal(sink->pen, 32473);
		assert_null(sink->hostname);
		assert_null(sink->ca_file);
		assert_null(sink->server_name);
	}
}

static void each_key_of_a_syslog_sink_is_read(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	const struct settings_sink *sink;

	(void)state;
	parse_sink("name: b, type: syslog, transport: tcp, address: 'a:1', format: rfc3164, message: ecs, hostname: h, "
		   "pen: 4294967295, facility: local7, max_message: 0, replay_window: {bytes: 0, seconds: 86400}, "
		   "filter: {severity: warning}",
		   &s);
	sink = &s.sinks[0];
	assert_string_equal(sink->format, "rfc3164");
	assert_string_equal(sink->message, "ecs");
	assert_string_equal(sink->hostname, "h");
	assert_int_equal(sink->pen, UINT32_MAX);
	assert_int_equal(sink->facility, 23);
	assert_int_equal(sink->max_message, 0);
	assert_int_equal(sink->window_bytes, 0);
	assert_int_equal(sink->window_ms, 86400 * S);
	assert_int_equal(sink->filter.severity, EVENT_WARNING);
}

static void another_format_rides_in_a_syslog_line(void **state)
{
	static const struct {
		const char *text, *format, *message;
	} cases[] = {
		{ "type: syslog, transport: tcp, address: 'a:1', format: json", "rfc5424", "json" },
		{ "type: syslog, transport: unix, format: cef", "rfc3164", "cef" },
		{ "type: syslog, transport: unix, format: rfc5424", "rfc5424", "text" },
		{ "type: syslog, transport: udp, address: 'a:1', message: json", "rfc5424", "json" },
		{ "type: stdout, format: ocsf", "ocsf", "text" },
		{ "type: stdout, format: rfc5424, message: json", "rfc5424", "json" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(settings_done) struct settings s = { .path = NULL };
		char text[200];

		(void)snprintf(text, sizeof(text), "name: b, %s", cases[i].text);
		parse_sink(text, &s);
		assert_string_equal(s.sinks[0].format, cases[i].format);
		assert_string_equal(s.sinks[0].message, cases[i].message);
	}
}

static void write_key(mode_t mode)
{
	FILE *f = fopen(key_path, "we");

	assert_non_null(f);
	assert_true(fputs("x\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(key_path, mode), 0);
}

static void tls_is_read(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	const struct settings_sink *sink;
	char text[1024];

	(void)state;
	write_key(0600);
	(void)snprintf(text, sizeof(text),
		       "name: b, type: syslog, transport: relp+tls, address: 'a:1', "
		       "tls: {ca_file: %s, cert_file: %s, key_file: %s, server_name: siem.example.com}",
		       key_path, key_path, key_path);
	parse_sink(text, &s);
	sink = &s.sinks[0];
	assert_string_equal(sink->ca_file, key_path);
	assert_string_equal(sink->cert_file, key_path);
	assert_string_equal(sink->key_file, key_path);
	assert_string_equal(sink->server_name, "siem.example.com");
}

static void a_key_file_that_others_may_read_is_refused(void **state)
{
	char text[TEXT_BYTES];

	(void)state;
	write_key(0640);
	(void)snprintf(
		text, sizeof(text),
		"version: 1\nfeeds: [{name: a, type: ingest}]\nsinks:\n"
		"- {name: b, type: syslog, transport: tls, address: 'a:1', tls: {cert_file: %s, key_file: %s}}\n",
		key_path, key_path);
	assert_refuses(text, "has mode 0640");
}

static void a_file_that_is_read_may_lie_beside_the_configuration(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	DEFER(buf_done) struct buf name = BUF_INIT(1000);
	struct err err = ERR_INIT;

	(void)state;
	write_key(0600);
	assert_int_equal(buf_addf(&name, "%s/skantd.yaml", folder), 0);
	if (config_parse(VIEW("version: 1\nfeeds: [{name: a, type: ingest}]\nsinks: [{name: b, type: stdout}]\n"
			      "api: {ca_file: key.pem}\n"),
			 name.ptr, &s, &err))
		fail_msg("%s", err.text);
	assert_string_equal(s.profile.ca_file, key_path);
}

static void the_policy_is_checked_and_its_own_errors_are_told(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	char text[TEXT_BYTES];
	FILE *f = fopen(key_path, "we");

	(void)state;
	assert_non_null(f);
	assert_true(fputs("version: 1\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	(void)setenv("SKANT_POLICY", key_path, 1);
	parse_top("", &s);
	assert_string_equal(s.policy, key_path);
	(void)set_up(NULL);
	write_key(0600);
	(void)snprintf(text, sizeof(text),
		       "version: 1\nfeeds: [{name: a, type: ingest}]\nsinks: [{name: b, type: stdout}]\npolicy: %s\n",
		       key_path);
	assert_refuses(text, "key.pem:1:1: ");
}

static void a_sink_of_standard_output_is_json_of_any_size(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	parse_sink("name: b, type: stdout", &s);
	assert_int_equal(s.sinks[0].type, SETTINGS_STDOUT);
	assert_string_equal(s.sinks[0].format, "json");
	assert_int_equal(s.sinks[0].max_message, 0);
}

static void a_sink_of_a_file_is_read(void **state)
{
	DEFER(settings_done) struct settings usual = { .path = NULL }, half = { .path = NULL }, s = { .path = NULL };

	(void)state;
	parse_sink("name: b, type: file, path: /x", &usual);
	assert_string_equal(usual.sinks[0].format, "json");
	assert_string_equal(usual.sinks[0].path, "/x");
	assert_int_equal(usual.sinks[0].rotate_bytes, 0);
	parse_sink("name: b, type: file, path: /x, rotate: {}", &half);
	assert_int_equal(half.sinks[0].rotate_bytes, 100 << 20);
	assert_int_equal(half.sinks[0].rotate_keep, 14);
	parse_sink("name: b, type: file, path: /x, format: ecs, rotate: {size: 4KiB, keep: 9999}, max_message: 480",
		   &s);
	assert_string_equal(s.sinks[0].format, "ecs");
	assert_int_equal(s.sinks[0].rotate_bytes, 4096);
	assert_int_equal(s.sinks[0].rotate_keep, 9999);
	assert_int_equal(s.sinks[0].max_message, 480);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_has_its_usual_value),
		cmocka_unit_test(a_null_is_as_if_it_were_not_there),
		cmocka_unit_test(each_key_of_the_top_is_read),
		cmocka_unit_test(metrics_are_served_on_this_machine_alone),
		cmocka_unit_test(the_environment_says_where_the_api_is_unless_the_file_does),
		cmocka_unit_test(plain_http_is_for_loopback_when_it_is_allowed),
		cmocka_unit_test(what_the_environment_allows_the_file_may_forbid),
		cmocka_unit_test(a_feed_has_its_own_credential_or_that_of_the_api_section),
		cmocka_unit_test(without_a_credential_it_is_those_of_the_profile),
		cmocka_unit_test(a_feed_of_activities_has_its_usual_values),
		cmocka_unit_test(each_key_of_a_feed_of_activities_is_read),
		cmocka_unit_test(a_start_is_now_the_beginning_a_date_or_a_time),
		cmocka_unit_test(a_feed_of_local_records_is_read),
		cmocka_unit_test(a_sink_begins_with_what_the_spool_has_and_takes_all),
		cmocka_unit_test(a_sink_of_the_journal_is_read),
		cmocka_unit_test(journal_sinks_have_a_journal_or_events_of_their_own),
		cmocka_unit_test(an_empty_list_of_a_filter_is_as_none),
		cmocka_unit_test(each_transport_of_syslog_has_its_usual_values),
		cmocka_unit_test(each_key_of_a_syslog_sink_is_read),
		cmocka_unit_test(another_format_rides_in_a_syslog_line),
		WITH_FOLDER(tls_is_read),
		WITH_FOLDER(a_key_file_that_others_may_read_is_refused),
		WITH_FOLDER(a_file_that_is_read_may_lie_beside_the_configuration),
		WITH_FOLDER(the_policy_is_checked_and_its_own_errors_are_told),
		cmocka_unit_test(a_sink_of_standard_output_is_json_of_any_size),
		cmocka_unit_test(a_sink_of_a_file_is_read),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
