/* SPDX-License-Identifier: Apache-2.0 */
/* filter: what a feed stores, or a sink is given. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/config_read.h"

#define NAME_OF(id, name, message_id) name,
static const char *const class_names[EVENT_CLASS_COUNT] = { EVENT_CLASSES(NAME_OF) };
#undef NAME_OF

/* A list that ends with NULL; an empty one is as none. What was read before an error stays in *member: it is freed with
 * the rest. */
static int read_list(struct config_reading *r, const struct conf_node *node, const struct config_key *key, void *member,
		     struct err *err)
{
	char ***list = member;

	(void)r;
	(void)key;
	if (!conf_is_list(node))
		return conf_error(node, err, "a list was expected, such as [one, two]");
	if (conf_count(node) > CONFIG_LIST_MAX)
		return conf_error(node, err, "at most %d entries were expected", CONFIG_LIST_MAX);
	if (conf_count(node) == 0)
		return 0;
	*list = calloc(conf_count(node) + 1, sizeof(**list));
	if (!*list)
		return err_nomem(err);
	for (size_t i = 0; i < conf_count(node); i++) {
		const struct conf_node *entry = conf_at(node, i);
		const char *text;

		if (conf_string(entry, &text, err))
			return -1;
		if (!*text || view_of(text).len > CONFIG_WORD_BYTES)
			return conf_error(entry, err, "1 to %d bytes of text were expected", CONFIG_WORD_BYTES);
		if (config_set(&(*list)[i], view_of(text), err))
			return -1;
	}
	return 0;
}

static int read_classes(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
			void *member, struct err *err)
{
	unsigned which;

	if (read_list(r, node, key, member, err))
		return -1;
	for (size_t i = 0; i < conf_count(node); i++)
		if (conf_choice(conf_at(node, i), class_names, EVENT_CLASS_COUNT, &which, err))
			return -1;
	return 0;
}

static int read_severity(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
			 struct err *err)
{
	enum event_severity *severity = member;
	unsigned which;

	if (conf_choice(node, event_severity_names, EVENT_SEVERITIES, &which, err))
		return -1;
	*severity = (enum event_severity)which;
	return 0;
}

#define MEMBER(name) offsetof(struct event_filter, name)

static const struct config_key keys[] = {
	{ "types", read_list, MEMBER(types), 0, 0, 0 },
	{ "feeds", read_list, MEMBER(feeds), 0, 0, 1u << CONFIG_OF_SINK },
	{ "classes", read_classes, MEMBER(classes), 0, 0, 0 },
	{ "actors", read_list, MEMBER(actors), 0, 0, 0 },
	{ "workspaces", read_list, MEMBER(workspaces), 0, 0, 0 },
	{ "severity", read_severity, MEMBER(severity), 0, 0, 0 },
};
const struct config_section config_filter_keys = { "filter", keys, ARRAY_LEN(keys) };

/* key->min: whose filter it is. */
int config_read_filter(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
		       void *member, struct err *err)
{
	static const char *const owners[] = {
		[CONFIG_OF_FEED] = "filter of a feed", [CONFIG_OF_SINK] = "filter of a sink"
	};

	return config_read_section(r, node, &config_filter_keys, (unsigned)key->min, owners[key->min], member, err);
}
