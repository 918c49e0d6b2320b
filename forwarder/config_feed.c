/* SPDX-License-Identifier: Apache-2.0 */
/* feeds: */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/config_read.h"

#define INGEST_SOCKET "/run/skant/ingest.sock"
#define DGRAM_BYTES 6 /* ".dgram" is put behind its path */
#define RECORD_MIN_BYTES 1024

#define S UINT64_C(1000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define ACTIVITIES (1u << SETTINGS_ACTIVITIES)
#define INGEST (1u << SETTINGS_INGEST)
#define MEMBER(name) offsetof(struct settings_feed, name)

static int read_start(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		      struct err *err)
{
	struct settings_feed *feed = member;

	return config_take_start(node, &feed->start, &feed->start_unix_s, err);
}

static int read_settle(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
		       void *member, struct err *err)
{
	uint64_t *ms = member;

	if (text_eq(conf_text(node), VIEW("auto"))) {
		*ms = 0;
		return 0;
	}
	if (conf_is_scalar(node) && !text_is_digit(conf_text(node).ptr[0]))
		return conf_error(node, err, "auto or a duration such as 90s was expected");
	return config_read_duration(r, node, key, member, err);
}

static const struct config_key keys[] = {
	{ "name", config_read_name, MEMBER(name), 0, 0, 0 },
	{ "type", config_read_known, 0, 0, 0, 0 },
	{ "credential", config_read_credential, MEMBER(credential), 0, 0, ACTIVITIES },
	{ "start", read_start, 0, 0, 0, ACTIVITIES },
	{ "poll", config_read_duration, MEMBER(poll_ms), 5 * S, DAY, ACTIVITIES },
	{ "settle", read_settle, MEMBER(settle_ms), S, DAY, ACTIVITIES },
	{ "reconcile", config_read_pause, MEMBER(reconcile_ms), MINUTE, 30 * DAY, ACTIVITIES },
	{ "filter", config_read_filter, MEMBER(filter), CONFIG_OF_FEED, 0, 0 },
	{ "include_content", config_read_bool, MEMBER(include_content), 0, 0, ACTIVITIES },
	{ "skip_own", config_read_bool, MEMBER(skip_own), 0, 0, ACTIVITIES },
	{ "socket", config_read_socket, MEMBER(socket), 0, DGRAM_BYTES, INGEST },
	{ "group", config_read_text, MEMBER(group), 0, 0, INGEST },
	{ "max_record", config_read_size, MEMBER(max_record), RECORD_MIN_BYTES, JSON_RECORD_BYTES, INGEST },
};
const struct config_section config_feed_keys = { "feeds", keys, ARRAY_LEN(keys) };

static const char *const called[SETTINGS_FEED_TYPES] = { "feed of type 'activities'", "feed of type 'ingest'" };

int config_read_feed(struct config_reading *r, const struct conf_node *node, struct settings_feed *f, struct err *err)
{
	const struct conf_node *type = conf_get(node, "type");
	unsigned which;

	if (!conf_is_mapping(node))
		return conf_error(node, err, "a feed was expected, such as {name: audit, type: activities}");
	if (!type || conf_is_null(type))
		return conf_error(node, err, "a feed needs 'type: activities' or 'type: ingest'");
	if (conf_choice(type, settings_feed_types, SETTINGS_FEED_TYPES, &which, err))
		return -1;
	f->type = (enum settings_feed_type)which;
	f->start = SETTINGS_NOW;
	f->poll_ms = 30 * S;
	f->reconcile_ms = HOUR;
	f->filter.severity = EVENT_DEBUG;
	f->max_record = INGEST_RECORD_BYTES;
	if (config_read_section(r, node, &config_feed_keys, which, called[which], f, err))
		return -1;
	if (!f->name)
		return conf_error(node, err, "a feed needs a 'name'");
	if (f->type == SETTINGS_INGEST && !f->socket)
		return config_set(&f->socket, VIEW(INGEST_SOCKET), err);
	return 0;
}
