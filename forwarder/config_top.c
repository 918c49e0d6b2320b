/* SPDX-License-Identifier: Apache-2.0 */
/* The sections, but for one feed and one sink. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "common/sys/file.h"
#include "forwarder/config_read.h"

#define S UINT64_C(1000)
#define HOUR (60 * 60 * S)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

static int read_version(struct config_reading *, const struct conf_node *node, const struct config_key *, void *,
			struct err *err)
{
	uint64_t n;

	return conf_u64(node, 1, 1, &n, err);
}

static int read_policy(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
		       void *member, struct err *err)
{
	struct settings *s = member;
	struct err why = ERR_INIT;

	if (config_read_file(r, node, key, &s->policy, err))
		return -1;
	if (!file_is_regular(s->policy, NULL))
		return conf_error(node, err, "there is no file '%s'", s->policy);
	s->rules = policy_read(s->policy, &why);
	if (s->rules)
		return 0;
	return why.kind == ERR_CONFIG ? err_set(err, ERR_CONFIG, 0, "%s", why.text)
				      : conf_error(node, err, "%s", why.text);
}

static int read_base_url(struct config_reading *r, const struct conf_node *node, const struct config_key *key, void *,
			 struct err *err)
{
	r->api.base_url_node = node;
	return config_read_text(r, node, key, &r->api.base_url, err);
}

static int read_dialect(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *,
			struct err *err)
{
	unsigned which;

	if (conf_choice(node, api_dialect_names, API_DIALECTS, &which, err))
		return -1;
	r->api.dialect_node = node;
	r->api.dialect = (enum api_dialect)which;
	return 0;
}

static int read_standard(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *,
			 struct err *err)
{
	return profile_read_source(node, r->file, &r->standard, err);
}

static int read_ca_file(struct config_reading *r, const struct conf_node *node, const struct config_key *key, void *,
			struct err *err)
{
	return config_read_existing(r, node, key, &r->api.ca_file, err);
}

static int read_loopback(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *,
			 struct err *err)
{
	r->api.loopback_node = node;
	return conf_bool(node, &r->api.allow_http_loopback, err);
}

#define MEMBER(name) offsetof(struct settings, name)

static const struct config_key api_keys[] = {
	{ "base_url", read_base_url, 0, 0, 0, 0 },
	{ "dialect", read_dialect, 0, 0, 0, 0 },
	{ "credential", read_standard, 0, 0, 0, 0 },
	{ "ca_file", read_ca_file, 0, 0, 0, 0 },
	{ "requests_per_minute", config_read_number64, MEMBER(requests_per_minute), 0, 1'000'000, 0 },
	{ "timeout", config_read_duration, MEMBER(timeout_ms), S, HOUR, 0 },
	{ "allow_http_loopback", read_loopback, 0, 0, 0, 0 },
};
static const struct config_section api_section = { "api", api_keys, ARRAY_LEN(api_keys) };

static int read_api(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		    struct err *err)
{
	return config_read_section(r, node, &api_section, 0, NULL, member, err);
}

static int read_when_full(struct config_reading *, const struct conf_node *node, const struct config_key *, void *,
			  struct err *err)
{
	if (text_eq(conf_text(node), VIEW("stop-reading")))
		return 0;
	return conf_error(node, err, "stop-reading was expected: an event is never dropped");
}

static const struct config_key retention_keys[] = {
	{ "bodies", config_read_duration, MEMBER(retention.bodies_ms), 0, 100 * YEAR, 0 },
	{ "ledger", config_read_duration, MEMBER(retention.ledger_ms), 0, 100 * YEAR, 0 },
	{ "max_bytes", config_read_size, MEMBER(retention.max_bytes), 64u << 10, UINT64_C(1) << 50, 0 },
	{ "when_full", read_when_full, 0, 0, 0, 0 },
};
static const struct config_section retention_section = { "retention", retention_keys, ARRAY_LEN(retention_keys) };

static int read_retention(struct config_reading *r, const struct conf_node *node, const struct config_key *,
			  void *member, struct err *err)
{
	const struct settings *s = member;

	if (config_read_section(r, node, &retention_section, 0, NULL, member, err))
		return -1;
	if (s->retention.ledger_ms < s->retention.bodies_ms)
		return conf_error(node, err, "the ledger has to be kept at least as long as the bodies");
	/* The last day is read again now and then, and as much may an activity come late. */
	if (s->retention.ledger_ms < 2 * DAY)
		return conf_error(node, err,
				  "the ledger has to be kept for 2d at least: what upstream lists again is known by "
				  "it, and would be stored once more");
	return 0;
}

/* Whoever can connect reads what an organisation does, so nobody else's machine may. */
static int read_listen(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
		       void *member, struct err *err)
{
	struct view host = VIEW_NONE;
	const char *text;
	uint16_t port;

	if (conf_text(node).len && conf_text(node).ptr[0] == '/')
		return config_read_socket(r, node, key, member, err);
	if (conf_string(node, &text, err))
		return -1;
	if (config_split_address(view_of(text), &host, &port))
		return conf_error(node, err,
				  "127.0.0.1:PORT or [::1]:PORT, with a port from 1 to 65535, or the path of a socket "
				  "was expected");
	if (!config_is_loopback(host))
		return conf_error(node, err,
				  "a loopback address (127.0.0.1:9187, [::1]:9187) or the path of a socket was "
				  "expected: metrics go out without password and encryption");
	return config_set(member, view_of(text), err);
}

static const struct config_key metrics_keys[] = {
	{ "textfile", config_read_path, MEMBER(metrics.textfile), 0, 0, 0 },
	{ "listen", read_listen, MEMBER(metrics.listen), 0, 0, 0 },
};
static const struct config_section metrics_section = { "metrics", metrics_keys, ARRAY_LEN(metrics_keys) };

static int read_metrics(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
			struct err *err)
{
	return config_read_section(r, node, &metrics_section, 0, NULL, member, err);
}

static const struct config_key health_keys[] = {
	{ "stale_after", config_read_pause, MEMBER(health.stale_ms), S, YEAR, 0 },
	{ "heartbeat", config_read_pause, MEMBER(health.heartbeat_ms), S, YEAR, 0 },
	{ "quiet_after", config_read_pause, MEMBER(health.quiet_ms), S, YEAR, 0 },
};
static const struct config_section health_section = { "health", health_keys, ARRAY_LEN(health_keys) };

static int read_health(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		       struct err *err)
{
	return config_read_section(r, node, &health_section, 0, NULL, member, err);
}

static int read_feeds(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		      struct err *err)
{
	struct settings *s = member;

	if (!conf_is_list(node))
		return conf_error(node, err,
				  "a list of feeds was expected, such as `- {name: audit, type: activities}`");
	for (size_t i = 0; i < conf_count(node); i++) {
		if (s->feed_count == CONFIG_FEEDS_MAX)
			return conf_error(conf_at(node, i), err, "at most %d feeds were expected", CONFIG_FEEDS_MAX);
		r->feeds[s->feed_count] = conf_at(node, i);
		if (config_read_feed(r, conf_at(node, i), &s->feeds[s->feed_count++], err))
			return -1;
	}
	return 0;
}

static int read_sinks(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		      struct err *err)
{
	struct settings *s = member;

	if (!conf_is_list(node))
		return conf_error(node, err,
				  "a list of sinks was expected, such as `- {name: journal, type: journald}`");
	for (size_t i = 0; i < conf_count(node); i++) {
		if (s->sink_count == CONFIG_SINKS_MAX)
			return conf_error(conf_at(node, i), err, "at most %d sinks were expected", CONFIG_SINKS_MAX);
		r->sinks[s->sink_count] = conf_at(node, i);
		if (config_read_sink(r, conf_at(node, i), &s->sinks[s->sink_count++], err))
			return -1;
	}
	return 0;
}

static const struct config_key top_keys[] = {
	{ "version", read_version, 0, 0, 0, CONFIG_IN_EACH },
	{ "state_dir", config_read_path, MEMBER(state_dir), 0, 0, 0 },
	{ "policy", read_policy, 0, 0, 0, 0 },
	{ "api", read_api, 0, 0, 0, 0 },
	{ "retention", read_retention, 0, 0, 0, 0 },
	{ "metrics", read_metrics, 0, 0, 0, 0 },
	{ "health", read_health, 0, 0, 0, 0 },
	{ "feeds", read_feeds, 0, 0, 0, CONFIG_IN_EACH },
	{ "sinks", read_sinks, 0, 0, 0, CONFIG_IN_EACH },
};
const struct config_section config_top_keys = { "top", top_keys, ARRAY_LEN(top_keys) };

const struct config_section *const config_sections[] = {
	&config_top_keys,   &api_section,        &config_feed_keys,   &config_sink_keys,
	&config_tls_keys,   &config_window_keys, &config_rotate_keys, &config_filter_keys,
	&retention_section, &metrics_section,    &health_section,
};
const size_t config_section_count = ARRAY_LEN(config_sections);
