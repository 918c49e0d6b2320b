/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/namelist.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"

static bool is_name(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] <= ' ' || v.ptr[i] > '~')
			return false;
	return v.len > 0 && v.len <= NAME_BYTES;
}

static int add(struct namelist *list, const struct conf_node *node, size_t owner, bool is_alias, struct err *err)
{
	struct namelist_entry *entries;

	if (!conf_is_scalar(node) || !is_name(conf_text(node)))
		return conf_error(node, err, "a model's name was expected: at most %d characters of ASCII, no space",
				  NAME_BYTES);
	entries = grow_items(list->entries, list->count, &list->cap, sizeof(*entries));
	if (!entries)
		return err_nomem(err);
	list->entries = entries;
	entries[list->count++] = (struct namelist_entry){
		.name = conf_text(node).ptr,
		.node = node,
		.owner = owner,
		.is_alias = is_alias,
	};
	return 0;
}

int namelist_read(struct namelist *list, const struct conf_node *model, size_t owner, const char **ret_id,
		  struct err *err)
{
	const struct conf_node *id = conf_get(model, "id"), *aliases = conf_get(model, "aliases");

	if (!id)
		return conf_error(model, err, "'id' was expected: the model's name");
	if (add(list, id, owner, false, err))
		return -1;
	*ret_id = conf_text(id).ptr;
	if (!aliases)
		return 0;
	if (!conf_is_list(aliases))
		return conf_error(aliases, err, "a list such as [claude-opus-4-5] was expected");
	for (size_t i = 0; i < conf_count(aliases); i++)
		if (add(list, conf_at(aliases, i), owner, true, err))
			return -1;
	return 0;
}

static bool is_before(const struct conf_node *a, const struct conf_node *b)
{
	return conf_line(a) != conf_line(b) ? conf_line(a) < conf_line(b) : conf_column(a) < conf_column(b);
}

static int compare(const void *left, const void *right)
{
	const struct namelist_entry *a = left, *b = right;
	int order = text_cmp(view_of(a->name), view_of(b->name));

	if (order)
		return order;
	return is_before(b->node, a->node) - is_before(a->node, b->node);
}

int namelist_sort(struct namelist *list, struct err *err)
{
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), compare);
	for (size_t i = 1; i < list->count; i++) {
		const struct namelist_entry *first = &list->entries[i - 1], *second = &list->entries[i];

		if (text_eq(view_of(first->name), view_of(second->name)))
			return conf_error(second->node, err, "'%s' is in line %u already; each name was expected once",
					  second->name, conf_line(first->node));
	}
	return 0;
}

const struct namelist_entry *namelist_find(const struct namelist *list, struct view name)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = text_cmp(name, view_of(list->entries[middle].name));

		if (order == 0)
			return &list->entries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void namelist_done(struct namelist *list)
{
	free(list->entries);
	*list = (struct namelist){ .count = 0 };
}

int namelist_root(const struct conf *conf, const char *const *known, size_t count, const struct conf_node **ret_models,
		  struct err *err)
{
	const struct conf_node *root = conf_root(conf), *version, *models;
	uint64_t n;

	if (conf_keys(root, known, count, err))
		return -1;
	version = conf_get(root, "version");
	models = conf_get(root, "models");
	if (!version)
		return conf_error(root, err, "'version: 1' was expected");
	if (conf_u64(version, 1, 1, &n, err))
		return -1;
	if (!models)
		return conf_error(root, err, "'models' was expected: a list of models");
	if (!conf_is_list(models) || conf_count(models) == 0 || conf_count(models) > MODELS_MAX)
		return conf_error(models, err, "a list of 1 to %d models was expected", MODELS_MAX);
	*ret_models = models;
	return 0;
}
