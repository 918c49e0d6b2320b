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
#define USAGE (1u << SETTINGS_USAGE)
#define REPORTS (USAGE | 1u << SETTINGS_COST)
#define LISTS (1u << SETTINGS_KEYS | 1u << SETTINGS_ACCESS)
#define ASKING (ACTIVITIES | REPORTS | LISTS)
#define MEMBER(name) offsetof(struct settings_feed, name)

static int read_start(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		      struct err *err)
{
	struct settings_feed *feed = member;

	if (feed->type != SETTINGS_ACTIVITIES && text_eq(conf_text(node), VIEW("beginning")))
		return conf_error(node, err,
				  "now, a date such as 2027-01-31 or a time was expected: reports have no "
				  "beginning that is known");
	return config_take_start(node, &feed->start, &feed->start_unix_s, err);
}

static int read_settle(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
		       void *member, struct err *err)
{
	struct settings_feed *feed = member;

	if (feed->type != SETTINGS_ACTIVITIES)
		return config_read_duration(r, node, key, &feed->settle_ms, err);
	if (text_eq(conf_text(node), VIEW("auto"))) {
		feed->settle_ms = 0;
		return 0;
	}
	if (conf_is_scalar(node) && !text_is_digit(conf_text(node).ptr[0]))
		return conf_error(node, err, "auto or a duration such as 90s was expected");
	return config_read_duration(r, node, key, &feed->settle_ms, err);
}

/* What is no list of activities is to be asked for once a minute at most: so the provider wants it of its reports. */
static int read_poll(struct config_reading *r, const struct conf_node *node, const struct config_key *key, void *member,
		     struct err *err)
{
	struct settings_feed *feed = member;
	struct config_key own = *key;

	if (feed->type != SETTINGS_ACTIVITIES)
		own.min = MINUTE;
	return config_read_duration(r, node, &own, &feed->poll_ms, err);
}

static int read_groups(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		       struct err *err)
{
	unsigned *groups = member, which;

	if (!conf_is_list(node))
		return conf_error(node, err, "a list was expected, such as [workspace_id, model]");
	*groups = 0;
	for (size_t i = 0; i < conf_count(node); i++) {
		if (conf_choice(conf_at(node, i), settings_groups, SETTINGS_GROUPS, &which, err))
			return -1;
		if (*groups & 1u << which)
			return conf_error(conf_at(node, i), err, "'%s' stands in the list already",
					  settings_groups[which]);
		*groups |= 1u << which;
	}
	return 0;
}

static int read_bucket(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		       struct err *err)
{
	enum settings_bucket *bucket = member;
	unsigned which;

	if (conf_choice(node, settings_buckets, SETTINGS_BUCKETS, &which, err))
		return -1;
	*bucket = (enum settings_bucket)which;
	return 0;
}

static const struct config_key keys[] = {
	{ "name", config_read_name, MEMBER(name), 0, 0, 0 },
	{ "type", config_read_known, 0, 0, 0, 0 },
	{ "credential", config_read_credential, MEMBER(credential), 0, 0, ASKING },
	{ "start", read_start, 0, 0, 0, ACTIVITIES | REPORTS },
	{ "poll", read_poll, 0, 5 * S, DAY, ASKING },
	{ "settle", read_settle, 0, S, DAY, ACTIVITIES | REPORTS },
	{ "lookback", config_read_duration, MEMBER(lookback_ms), HOUR, 31 * DAY, REPORTS },
	{ "group_by", read_groups, MEMBER(group_by), 0, 0, USAGE },
	{ "bucket", read_bucket, MEMBER(bucket), 0, 0, USAGE },
	{ "reconcile", config_read_pause, MEMBER(reconcile_ms), MINUTE, 30 * DAY, ACTIVITIES },
	{ "filter", config_read_filter, MEMBER(filter), CONFIG_OF_FEED, 0, 0 },
	{ "include_content", config_read_bool, MEMBER(include_content), 0, 0, ACTIVITIES },
	{ "skip_own", config_read_bool, MEMBER(skip_own), 0, 0, ACTIVITIES },
	{ "socket", config_read_socket, MEMBER(socket), 0, DGRAM_BYTES, INGEST },
	{ "group", config_read_text, MEMBER(group), 0, 0, INGEST },
	{ "max_record", config_read_size, MEMBER(max_record), RECORD_MIN_BYTES, JSON_RECORD_BYTES, INGEST },
};
const struct config_section config_feed_keys = { "feeds", keys, ARRAY_LEN(keys) };

static const char *const called[SETTINGS_FEED_TYPES] = {
	[SETTINGS_ACTIVITIES] = "feed of type 'activities'",
	[SETTINGS_INGEST] = "feed of type 'ingest'",
	[SETTINGS_USAGE] = "feed of type 'usage'",
	[SETTINGS_COST] = "feed of type 'cost'",
	[SETTINGS_KEYS] = "feed of type 'keys'",
	[SETTINGS_ACCESS] = "feed of type 'access'",
};

/* What holds where nothing is said. */
static void set_standard(struct settings_feed *f)
{
	static const uint64_t polls_ms[SETTINGS_FEED_TYPES] = {
		[SETTINGS_ACTIVITIES] = 30 * S, [SETTINGS_USAGE] = 5 * MINUTE, [SETTINGS_COST] = HOUR,
		[SETTINGS_KEYS] = HOUR,         [SETTINGS_ACCESS] = 6 * HOUR,
	};
	bool is_report = REPORTS & 1u << f->type;

	f->start = is_report ? SETTINGS_BACK : SETTINGS_NOW;
	f->poll_ms = polls_ms[f->type];
	f->reconcile_ms = HOUR;
	f->filter.severity = EVENT_DEBUG;
	f->max_record = INGEST_RECORD_BYTES;
	if (!is_report)
		return;
	f->settle_ms = f->type == SETTINGS_COST ? 6 * HOUR : HOUR;
	f->lookback_ms = f->type == SETTINGS_COST ? 7 * DAY : 3 * DAY;
	f->group_by = 1u << SETTINGS_BY_WORKSPACE | 1u << SETTINGS_BY_MODEL;
	f->bucket = f->type == SETTINGS_COST ? SETTINGS_DAY : SETTINGS_HOUR;
}

/* Whether what lookback says is enough: no bucket may leave it before it is final, so that what came last is read; and
 * little enough: what is compared with is kept, for each bucket. */
static int check_lookback(const struct settings_feed *f, const struct conf_node *node, struct err *err)
{
	static const uint64_t widths_ms[SETTINGS_BUCKETS] = { MINUTE, HOUR, DAY };
	uint64_t most_ms = FEED_LOOKBACK_BUCKETS * widths_ms[f->bucket];
	DEFER(buf_done) struct buf text = BUF_INIT(256);

	if (f->lookback_ms < f->settle_ms) {
		if (buf_add_text(&text, "at least as long as 'settle' was expected (") ||
		    text_add_duration(&text, f->settle_ms) ||
		    buf_add_text(&text, "): what the report adds to a bucket until it is final would not be read"))
			return err_nomem(err);
		return conf_error(node, err, "%s", text.ptr);
	}
	if (f->lookback_ms <= most_ms)
		return 0;
	if (text_add_duration(&text, most_ms))
		return err_nomem(err);
	return conf_error(node, err, "with buckets of %s at most %s was expected: %u buckets, each of which is kept",
			  settings_buckets[f->bucket], text.ptr, FEED_LOOKBACK_BUCKETS);
}

int config_read_feed(struct config_reading *r, const struct conf_node *node, struct settings_feed *f, struct err *err)
{
	const struct conf_node *type = conf_get(node, "type");
	unsigned which;

	if (!conf_is_mapping(node))
		return conf_error(node, err, "a feed was expected, such as {name: audit, type: activities}");
	if (!type || conf_is_null(type))
		return conf_error(node, err, "a feed needs a 'type': activities, ingest, usage, cost, keys or access");
	if (conf_choice(type, settings_feed_types, SETTINGS_FEED_TYPES, &which, err))
		return -1;
	f->type = (enum settings_feed_type)which;
	set_standard(f);
	if (config_read_section(r, node, &config_feed_keys, which, called[which], f, err))
		return -1;
	if (!f->name)
		return conf_error(node, err, "a feed needs a 'name'");
	if (REPORTS & 1u << f->type &&
	    check_lookback(f, conf_get(node, "lookback") ? conf_get(node, "lookback") : node, err))
		return -1;
	if (f->type == SETTINGS_INGEST && !f->socket)
		return config_set(&f->socket, VIEW(INGEST_SOCKET), err);
	return 0;
}
