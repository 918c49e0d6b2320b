/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/policy/policy_read.h"
#include "forwarder/config.h"

static void list_done(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static void filter_done(struct event_filter *filter)
{
	list_done(filter->types);
	list_done(filter->feeds);
	list_done(filter->classes);
	list_done(filter->actors);
	list_done(filter->workspaces);
}

static void feed_done(struct settings_feed *feed)
{
	free(feed->name);
	credential_source_done(&feed->credential);
	filter_done(&feed->filter);
	free(feed->socket);
	free(feed->group);
}

static void sink_done(struct settings_sink *sink)
{
	free(sink->name);
	free(sink->format);
	free(sink->message);
	filter_done(&sink->filter);
	free(sink->socket);
	free(sink->journal);
	free(sink->host);
	free(sink->hostname);
	free(sink->ca_file);
	free(sink->cert_file);
	free(sink->key_file);
	free(sink->server_name);
	free(sink->path);
}

void settings_done(struct settings *settings)
{
	for (size_t i = 0; i < settings->feed_count; i++)
		feed_done(&settings->feeds[i]);
	for (size_t i = 0; i < settings->sink_count; i++)
		sink_done(&settings->sinks[i]);
	free(settings->feeds);
	free(settings->sinks);
	free(settings->path);
	free(settings->state_dir);
	free(settings->policy);
	policy_free(settings->rules);
	profile_done(&settings->profile);
	free(settings->metrics.textfile);
	free(settings->metrics.listen);
	*settings = (struct settings){ .path = NULL };
}
