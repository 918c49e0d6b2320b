/* SPDX-License-Identifier: Apache-2.0 */
/* What can only be said of all feeds and sinks together. */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/config_read.h"

/* The value of the mapping's key, or the mapping where a default stands for it. */
static const struct conf_node *value_or_all(const struct conf_node *mapping, const char *key)
{
	const struct conf_node *value = conf_get(mapping, key);

	return value ? value : mapping;
}

static int check_feed_pair(const struct config_reading *r, size_t i, size_t j, struct err *err)
{
	const struct settings_feed *a = &r->settings->feeds[i], *b = &r->settings->feeds[j];

	if (strcmp(a->name, b->name) == 0)
		return conf_error(value_or_all(r->feeds[j], "name"), err,
				  "there is a feed '%s' already; another name was expected", b->name);
	if (a->socket && b->socket && strcmp(a->socket, b->socket) == 0)
		return conf_error(value_or_all(r->feeds[j], "socket"), err,
				  "the feed '%s' has this socket already; another path was expected", a->name);
	return 0;
}

static bool is_apart(char *const *a, char *const *b)
{
	if (!a || !b)
		return false;
	for (; *a; a++)
		for (char *const *other = b; *other; other++)
			if (strcmp(*a, *other) == 0)
				return false;
	return true;
}

/* Whether no event can pass both: it has one feed, one class, and at most one workspace. */
static bool takes_other_events(const struct event_filter *a, const struct event_filter *b)
{
	return is_apart(a->feeds, b->feeds) || is_apart(a->classes, b->classes) ||
	       is_apart(a->workspaces, b->workspaces);
}

/* An entry of a journal does not tell which sink has sent it: each would take the other's for its own. */
static int check_journal_pair(const struct config_reading *r, size_t i, size_t j, struct err *err)
{
	const struct settings_sink *a = &r->settings->sinks[i], *b = &r->settings->sinks[j];

	if (strcmp(a->socket, b->socket) == 0 && !takes_other_events(&a->filter, &b->filter))
		return conf_error(value_or_all(r->sinks[j], "socket"), err,
				  "the sink '%s' sends to this journal already, and each would take the other's "
				  "entries for its own: the socket of another journal was expected, or filters whose "
				  "feeds, classes or workspaces have nothing in common",
				  a->name);
	if (strcmp(a->socket, b->socket) != 0 &&
	    strcmp(a->journal ? a->journal : "", b->journal ? b->journal : "") == 0)
		return conf_error(value_or_all(r->sinks[j], "journal"), err,
				  "the sink '%s' reads from this journal already, and sends to another socket: the "
				  "folder of the journal behind '%s' was expected",
				  a->name, b->socket);
	return 0;
}

static int check_sink_pair(const struct config_reading *r, size_t i, size_t j, struct err *err)
{
	const struct settings_sink *a = &r->settings->sinks[i], *b = &r->settings->sinks[j];

	if (strcmp(a->name, b->name) == 0)
		return conf_error(value_or_all(r->sinks[j], "name"), err,
				  "there is a sink '%s' already; another name was expected", b->name);
	if (a->path && b->path && strcmp(a->path, b->path) == 0)
		return conf_error(value_or_all(r->sinks[j], "path"), err,
				  "the sink '%s' writes to this file already; another path was expected", a->name);
	if (a->type == SETTINGS_STDOUT && b->type == SETTINGS_STDOUT)
		return conf_error(r->sinks[j], err,
				  "the sink '%s' writes to standard output already; one such sink was expected",
				  a->name);
	if (a->type == SETTINGS_JOURNALD && b->type == SETTINGS_JOURNALD)
		return check_journal_pair(r, i, j, err);
	return 0;
}

static int check_pairs(const struct config_reading *r, struct err *err)
{
	for (size_t j = 0; j < r->settings->feed_count; j++)
		for (size_t i = 0; i < j; i++)
			if (check_feed_pair(r, i, j, err))
				return -1;
	for (size_t j = 0; j < r->settings->sink_count; j++)
		for (size_t i = 0; i < j; i++)
			if (check_sink_pair(r, i, j, err))
				return -1;
	return 0;
}

/* A sink that waits for a feed that is not there would be silent for ever. */
static int check_filters(const struct config_reading *r, struct err *err)
{
	const char *names[CONFIG_FEEDS_MAX + 1] = { "skantd" };
	size_t count = 1;
	unsigned which;

	for (size_t i = 0; i < r->settings->feed_count; i++)
		names[count++] = r->settings->feeds[i].name;
	for (size_t i = 0; i < r->settings->sink_count; i++) {
		const struct conf_node *filter = conf_get(r->sinks[i], "filter");
		const struct conf_node *feeds = filter ? conf_get(filter, "feeds") : NULL;

		for (size_t n = 0; feeds && n < conf_count(feeds); n++)
			if (conf_choice(conf_at(feeds, n), names, count, &which, err))
				return -1;
	}
	return 0;
}

static int check_content(const struct config_reading *r, struct err *err)
{
	for (size_t i = 0; i < r->settings->feed_count; i++)
		if (r->settings->feeds[i].include_content && r->settings->profile.dialect != API_CCA)
			return conf_error(conf_get(r->feeds[i], "include_content"), err,
					  "the dialect '%s' has no content in its activities; false was expected, or "
					  "the dialect '%s'",
					  api_dialect_names[r->settings->profile.dialect], api_dialect_names[API_CCA]);
	return 0;
}

/* Reports by the hour, restatements, keys and members are of the provider's published API only. */
static int check_dialect(const struct config_reading *r, struct err *err)
{
	for (size_t i = 0; i < r->settings->feed_count; i++) {
		const struct settings_feed *f = &r->settings->feeds[i];

		if (f->type != SETTINGS_ACTIVITIES && f->type != SETTINGS_INGEST &&
		    r->settings->profile.dialect != API_PLATFORM)
			return conf_error(value_or_all(r->feeds[i], "type"), err,
					  "a feed of type '%s' needs the dialect '%s', and this is '%s'",
					  settings_feed_types[f->type], api_dialect_names[API_PLATFORM],
					  api_dialect_names[r->settings->profile.dialect]);
	}
	return 0;
}

int config_check_all(struct config_reading *r, struct err *err)
{
	return check_pairs(r, err) || check_filters(r, err) || check_content(r, err) || check_dialect(r, err) ? -1 : 0;
}
