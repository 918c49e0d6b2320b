/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as skantd's configuration: settings that hold together or an error, never both, never neither. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "forwarder/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_feed(const struct settings_feed *f)
{
	check(f->name && strlen(f->name) <= CONFIG_NAME_BYTES && strcmp(f->name, "skantd") != 0);
	check(f->type < SETTINGS_FEED_TYPES && f->filter.severity < EVENT_SEVERITIES);
	if (f->type == SETTINGS_INGEST) {
		check(f->socket && f->socket[0] == '/' && strlen(f->socket) + 6 <= CONFIG_SOCKET_BYTES);
		check(f->max_record >= 1024 && f->max_record <= JSON_RECORD_BYTES);
		return;
	}
	check(f->poll_ms >= 5000 && !f->socket);
	check((f->credential.from == CREDENTIAL_UNSET) == !f->credential.name);
}

static void check_sink(const struct settings_sink *s)
{
	check(s->name && s->type < SETTINGS_SINK_TYPES && s->facility < 24);
	check((s->type == SETTINGS_JOURNALD) == !s->format && !s->format == !s->message);
	check((s->type == SETTINGS_FILE) == (s->path != NULL));
	check(!s->cert_file == !s->key_file);
	check(s->max_message == 0 || s->max_message >= 480);
	if (s->type == SETTINGS_SYSLOG) {
		check(s->host && *s->host && s->transport < SETTINGS_TRANSPORTS);
		check((s->transport == SETTINGS_UNIX) == (s->port == 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings s;
	struct err err = ERR_INIT;
	int status = config_parse(view_from(data, size), "f", &s, &err);

	check((status == 0) == (err.kind == ERR_NONE));
	if (status) {
		check(err.text[0] != '\0');
		return 0;
	}
	check(s.feed_count > 0 && s.feed_count <= CONFIG_FEEDS_MAX);
	check(s.sink_count > 0 && s.sink_count <= CONFIG_SINKS_MAX);
	check(s.state_dir[0] == '/' && s.profile.base_url != NULL);
	check(s.retention.ledger_ms >= s.retention.bodies_ms && s.retention.max_bytes > 0);
	for (size_t i = 0; i < s.feed_count; i++)
		check_feed(&s.feeds[i]);
	for (size_t i = 0; i < s.sink_count; i++)
		check_sink(&s.sinks[i]);
	settings_done(&s);
	return 0;
}
