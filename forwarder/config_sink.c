/* SPDX-License-Identifier: Apache-2.0 */
/* sinks: */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/config_read.h"
#include "forwarder/encode/encode.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define LOG_SOCKET "/dev/log"
#define FACILITY_AUDIT 13 /* RFC 5424, table 1: log audit */
#define PEN_EXAMPLE 32473 /* RFC 5612 */
#define WINDOW_BYTES (8u << 20)
#define WINDOW_MS 60'000
#define ROTATE_BYTES (100u << 20)
#define ROTATE_KEEP 14
#define MESSAGE_USUAL 8096 /* what rsyslog takes by default; longer ones it cuts or splits */
#define MESSAGE_LEAST 480  /* RFC 5424, section 6.1: what every receiver must take */
#define MESSAGE_UDP 65507  /* the payload of one datagram over IPv4 */
#define MESSAGE_MOST (1u << 30)

#define JOURNALD (1u << SETTINGS_JOURNALD)
#define SYSLOG (1u << SETTINGS_SYSLOG)
#define STDOUT (1u << SETTINGS_STDOUT)
#define FILES (1u << SETTINGS_FILE)
#define MEMBER(name) offsetof(struct settings_sink, name)

static bool is_tls(const struct settings_sink *s)
{
	return s->transport == SETTINGS_TLS || s->transport == SETTINGS_RELP_TLS;
}

static bool is_datagram(const struct settings_sink *s)
{
	return s->transport == SETTINGS_UNIX || s->transport == SETTINGS_UDP;
}

static int read_format(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		       struct err *err)
{
	unsigned which;

	if (conf_choice(node, encode_names, encode_name_count, &which, err))
		return -1;
	return config_set(member, view_of(encode_names[which]), err);
}

static int read_message(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
			struct err *err)
{
	const char *names[16] = { "text" };
	size_t count = 1;
	unsigned which;

	for (size_t i = 0; i < encode_name_count && count < ARRAY_LEN(names); i++)
		if (!encode_find(encode_names[i])->is_syslog)
			names[count++] = encode_names[i];
	if (conf_choice(node, names, count, &which, err))
		return -1;
	return config_set(member, view_of(names[which]), err);
}

static int read_start(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		      struct err *err)
{
	struct settings_sink *sink = member;

	return config_take_start(node, &sink->start, &sink->start_unix_s, err);
}

/* RFC 5424, table 1, by the names that people use. */
static int read_facility(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
			 struct err *err)
{
	static const char *const names[] = { "kern",   "user",   "mail",   "daemon", "auth",     "syslog",
					     "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
					     "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
					     "local2", "local3", "local4", "local5", "local6",   "local7" };
	unsigned *facility = member;

	return conf_choice(node, names, ARRAY_LEN(names), facility, err);
}

static int read_sync(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		     struct err *err)
{
	static const char *const names[] = { "none", "batch" };
	bool *is_batch = member;
	unsigned which;

	if (conf_choice(node, names, ARRAY_LEN(names), &which, err))
		return -1;
	*is_batch = which == 1;
	return 0;
}

static int read_max_message(struct config_reading *, const struct conf_node *node, const struct config_key *,
			    void *member, struct err *err)
{
	struct settings_sink *s = member;
	bool is_syslog = s->type == SETTINGS_SYSLOG;
	uint64_t n;

	if (conf_size(node, MESSAGE_MOST, &n, err))
		return -1;
	if (n == 0 && is_syslog && is_datagram(s))
		return conf_error(node, err, "a datagram has an end: a size of at least %d bytes was expected",
				  MESSAGE_LEAST);
	if (n && n < MESSAGE_LEAST)
		return conf_error(node, err, "at least %d bytes were expected%s", MESSAGE_LEAST,
				  is_syslog && is_datagram(s) ? "" : ", or 0 for any number");
	if (is_syslog && s->transport == SETTINGS_UDP && n > MESSAGE_UDP)
		return conf_error(node, err, "at most %d bytes were expected: no UDP datagram holds more", MESSAGE_UDP);
	s->max_message = n;
	return 0;
}

static int read_address(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
			void *member, struct err *err)
{
	struct settings_sink *s = member;
	struct view host = VIEW_NONE;
	const char *text, *why;

	if (s->transport == SETTINGS_UNIX)
		return config_read_socket(r, node, key, &s->host, err);
	if (conf_string(node, &text, err))
		return -1;
	why = config_split_address(view_of(text), &host, &s->port);
	return why ? conf_error(node, err, "%s", why) : config_set(&s->host, host, err);
}

/* RFC 5424, section 6: HOSTNAME is up to 255 bytes of printable ASCII. */
static int read_hostname(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
			 struct err *err)
{
	struct view name = conf_text(node);
	bool is_right = name.len > 0 && name.len <= 255;

	for (size_t i = 0; is_right && i < name.len; i++)
		is_right = name.ptr[i] > ' ' && name.ptr[i] < 0x7F;
	if (!is_right)
		return conf_error(node, err, "1 to 255 bytes of printable ASCII without spaces were expected");
	return config_set(member, name, err);
}

static int read_server_name(struct config_reading *, const struct conf_node *node, const struct config_key *,
			    void *member, struct err *err)
{
	if (!config_is_host(conf_text(node)))
		return conf_error(node, err, "a host name or an address was expected, without a port");
	return config_set(member, conf_text(node), err);
}

static int read_key_file(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
			 void *member, struct err *err)
{
	DEFER(buf_done) struct buf credential = BUF_INIT(API_TARGET_BYTES);
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct view name = conf_text(node);
	bool is_name = text_find_byte(name, '/') == SIZE_MAX;
	char **path = member;
	struct err why = ERR_INIT;

	if (config_read_file(r, node, key, member, err))
		return -1;
	if (folder && is_name) {
		if (buf_addf(&credential, "%s/%.*s", folder, (int)name.len, name.ptr))
			return err_nomem(err);
		if (config_set(path, buf_view(&credential), err))
			return -1;
	}
	if (r->use != CONFIG_TO_RUN || credential_check_file(*path, &why) == 0)
		return 0;
	return conf_error(node, err, "%s%s", why.text,
			  is_name && !folder ? " ($CREDENTIALS_DIRECTORY, where a name is looked for first, is not set)"
					     : "");
}

static const struct config_key tls_keys[] = {
	{ "ca_file", config_read_existing, MEMBER(ca_file), 0, 0, 0 },
	{ "cert_file", config_read_existing, MEMBER(cert_file), 0, 0, 0 },
	{ "key_file", read_key_file, MEMBER(key_file), 0, 0, 0 },
	{ "server_name", read_server_name, MEMBER(server_name), 0, 0, 0 },
};
const struct config_section config_tls_keys = { "tls", tls_keys, ARRAY_LEN(tls_keys) };

static int read_tls(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		    struct err *err)
{
	struct settings_sink *s = member;

	if (!is_tls(s))
		return conf_error(node, err, "'tls' needs 'transport: tls' or 'transport: relp+tls'; this is '%s'",
				  settings_transports[s->transport]);
	if (config_read_section(r, node, &config_tls_keys, 0, NULL, s, err))
		return -1;
	if (!s->cert_file != !s->key_file)
		return conf_error(node, err, "cert_file and key_file belong together: '%s' was expected as well",
				  s->cert_file ? "key_file" : "cert_file");
	return 0;
}

static const struct config_key window_keys[] = {
	{ "bytes", config_read_size, MEMBER(window_bytes), 0, 1u << 30, 0 },
	{ "seconds", config_read_seconds, MEMBER(window_ms), 0, 86400, 0 },
};
const struct config_section config_window_keys = { "replay_window", window_keys, ARRAY_LEN(window_keys) };

static int read_window(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		       struct err *err)
{
	return config_read_section(r, node, &config_window_keys, 0, NULL, member, err);
}

static const struct config_key rotate_keys[] = {
	{ "size", config_read_size, MEMBER(rotate_bytes), 4096, UINT64_C(1) << 40, 0 },
	{ "keep", config_read_number, MEMBER(rotate_keep), 1, 9999, 0 },
};
const struct config_section config_rotate_keys = { "rotate", rotate_keys, ARRAY_LEN(rotate_keys) };

static int read_rotate(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		       struct err *err)
{
	struct settings_sink *s = member;

	s->rotate_bytes = ROTATE_BYTES;
	s->rotate_keep = ROTATE_KEEP;
	return config_read_section(r, node, &config_rotate_keys, 0, NULL, s, err);
}

static const struct config_key keys[] = {
	{ "name", config_read_name, MEMBER(name), 0, 0, 0 },
	{ "type", config_read_known, 0, 0, 0, 0 },
	{ "transport", config_read_known, 0, 0, 0, SYSLOG },
	{ "address", read_address, 0, 0, 0, SYSLOG },
	{ "tls", read_tls, 0, 0, 0, SYSLOG },
	{ "format", read_format, MEMBER(format), 0, 0, SYSLOG | STDOUT | FILES },
	{ "message", read_message, MEMBER(message), 0, 0, SYSLOG | STDOUT | FILES },
	{ "hostname", read_hostname, MEMBER(hostname), 0, 0, SYSLOG | STDOUT | FILES },
	{ "pen", config_read_number, MEMBER(pen), 1, UINT32_MAX, SYSLOG | STDOUT | FILES },
	{ "facility", read_facility, MEMBER(facility), 0, 0, 0 },
	{ "start", read_start, 0, 0, 0, 0 },
	{ "filter", config_read_filter, MEMBER(filter), CONFIG_OF_SINK, 0, 0 },
	{ "max_message", read_max_message, 0, 0, 0, SYSLOG | STDOUT | FILES },
	{ "replay_window", read_window, 0, 0, 0, SYSLOG | STDOUT | FILES },
	{ "socket", config_read_socket, MEMBER(socket), 0, 0, JOURNALD },
	{ "journal", config_read_path, MEMBER(journal), 0, 0, JOURNALD },
	{ "sync", read_sync, MEMBER(sync_batch), 0, 0, JOURNALD },
	{ "path", config_read_path, MEMBER(path), 0, 0, FILES },
	{ "rotate", read_rotate, 0, 0, 0, FILES },
};
const struct config_section config_sink_keys = { "sinks", keys, ARRAY_LEN(keys) };

static const char *const called[SETTINGS_SINK_TYPES] = { "sink of type 'journald'", "sink of type 'syslog'",
							 "sink of type 'stdout'", "sink of type 'file'" };

static int read_type(const struct conf_node *node, struct settings_sink *s, struct err *err)
{
	const struct conf_node *type = conf_get(node, "type"), *transport = conf_get(node, "transport");
	unsigned which;

	if (!type || conf_is_null(type))
		return conf_error(node, err, "a sink needs a 'type': journald, syslog, stdout or file");
	if (conf_choice(type, settings_sink_types, SETTINGS_SINK_TYPES, &which, err))
		return -1;
	s->type = (enum settings_sink_type)which;
	if (s->type != SETTINGS_SYSLOG)
		return 0;
	if (!transport || conf_is_null(transport))
		return conf_error(node, err,
				  "a sink of type 'syslog' needs a 'transport': unix, udp, tcp, tls, relp or relp+tls");
	if (conf_choice(transport, settings_transports, SETTINGS_TRANSPORTS, &which, err))
		return -1;
	s->transport = (enum settings_transport)which;
	return 0;
}

static void set_standard(struct settings_sink *s)
{
	s->start = SETTINGS_BEGINNING;
	s->filter.severity = EVENT_DEBUG;
	s->max_message = s->type == SETTINGS_SYSLOG ? MESSAGE_USUAL : 0;
	s->window_bytes = WINDOW_BYTES;
	s->window_ms = WINDOW_MS;
	s->facility = FACILITY_AUDIT;
	s->sync_batch = true;
	s->pen = PEN_EXAMPLE;
}

/* The format, and what MSG is. Over syslog another format than a syslog one rides in MSG. */
static int settle_format(const struct conf_node *node, struct settings_sink *s, struct err *err)
{
	bool is_syslog = s->type == SETTINGS_SYSLOG;
	const char *usual = !is_syslog ? "json" : s->transport == SETTINGS_UNIX ? "rfc3164" : "rfc5424";
	bool is_line;

	if (!s->format && config_set(&s->format, view_of(usual), err))
		return -1;
	is_line = encode_find(s->format)->is_syslog;
	if (s->message && !is_line)
		return conf_error(conf_get(node, "message"), err,
				  "'message' says what stands in a line of rfc5424 or rfc3164; this format is '%s'",
				  s->format);
	if (is_syslog && !is_line) {
		s->message = TAKE(s->format);
		return config_set(&s->format, view_of(usual), err);
	}
	return s->message ? 0 : config_set(&s->message, VIEW("text"), err);
}

static int settle_sink(const struct conf_node *node, struct settings_sink *s, struct err *err)
{
	if (!s->name)
		return conf_error(node, err, "a sink needs a 'name'");
	switch (s->type) {
	case SETTINGS_JOURNALD:
		return s->socket ? 0 : config_set(&s->socket, VIEW(JOURNAL_SOCKET), err);
	case SETTINGS_SYSLOG:
		if (!s->host && s->transport != SETTINGS_UNIX)
			return conf_error(node, err,
					  "a sink of type 'syslog' needs an 'address', such as siem.example.com:6514");
		if (!s->host && config_set(&s->host, VIEW(LOG_SOCKET), err))
			return -1;
		break;
	case SETTINGS_FILE:
		if (!s->path)
			return conf_error(node, err, "a sink of type 'file' needs a 'path'");
		break;
	case SETTINGS_STDOUT:
	case SETTINGS_SINK_TYPES:
		break;
	}
	return settle_format(node, s, err);
}

int config_read_sink(struct config_reading *r, const struct conf_node *node, struct settings_sink *s, struct err *err)
{
	if (!conf_is_mapping(node))
		return conf_error(node, err, "a sink was expected, such as {name: journal, type: journald}");
	if (read_type(node, s, err))
		return -1;
	set_standard(s);
	if (config_read_section(r, node, &config_sink_keys, s->type, called[s->type], s, err))
		return -1;
	return settle_sink(node, s, err);
}
