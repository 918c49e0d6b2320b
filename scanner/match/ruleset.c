/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/ruleset.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/sys/conf.h"
#include "scanner/match/rulefile.h"

struct entry {
	const struct rule *rule;
	bool is_off;
};

struct owned_file {
	struct owned_file *next;
	struct rulefile *file;
};

struct ruleset {
	struct entry *entries;
	size_t count, cap;
	struct owned_file *files;
};

struct ruleset *ruleset_new(void)
{
	return calloc(1, sizeof(struct ruleset));
}

void ruleset_free(struct ruleset *set)
{
	if (!set)
		return;
	for (struct owned_file *f = set->files, *next; f; f = next) {
		next = f->next;
		rulefile_free(f->file);
		free(f);
	}
	free(set->entries);
	free(set);
}

void ruleset_freep(struct ruleset **set)
{
	ruleset_free(*set);
	*set = NULL;
}

static int make_room(struct ruleset *set, size_t more, struct err *err)
{
	struct entry *grown;

	if (set->count + more > RULES_MAX)
		return err_set(err, ERR_LIMIT, 0, "too many rules: at most %d are possible", RULES_MAX);
	if (set->count + more <= set->cap)
		return 0;
	grown = reallocarray(set->entries, set->count + more, sizeof(*grown));
	if (!grown)
		return err_nomem(err);
	set->entries = grown;
	set->cap = set->count + more;
	return 0;
}

int ruleset_add(struct ruleset *set, const struct rule *rules, size_t count, struct err *err)
{
	if (make_room(set, count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		set->entries[set->count++] = (struct entry){ .rule = &rules[i] };
	return 0;
}

static int check_ids(const struct ruleset *set, const struct rulefile *file, const struct conf *conf, struct err *err)
{
	size_t count;
	const struct rule *rules = rulefile_rules(file, &count);

	for (size_t i = 0; i < count; i++) {
		const struct rule *same = ruleset_find(set, view_of(rules[i].id));

		if (same)
			return conf_error(rulefile_node(conf, i), err, "the id '%s' is taken by a rule of '%s'",
					  rules[i].id, same->source);
	}
	return 0;
}

static int add_file(struct ruleset *set, const struct conf *conf, const char *name, struct err *err)
{
	struct owned_file *owned = calloc(1, sizeof(*owned));
	const struct rule *rules = NULL;
	size_t count = 0;

	if (!owned)
		return err_nomem(err);
	owned->file = rulefile_read(conf, name, err);
	if (owned->file)
		rules = rulefile_rules(owned->file, &count);
	if (!owned->file || check_ids(set, owned->file, conf, err) || ruleset_add(set, rules, count, err)) {
		rulefile_free(owned->file);
		free(owned);
		return -1;
	}
	owned->next = set->files;
	set->files = owned;
	return 0;
}

int ruleset_parse(struct ruleset *set, struct view text, const char *name, struct err *err)
{
	DEFER(conf_freep) struct conf *conf = conf_parse(text, name, err);

	return conf ? add_file(set, conf, name, err) : -1;
}

int ruleset_read(struct ruleset *set, const char *path, struct err *err)
{
	DEFER(conf_freep) struct conf *conf = conf_read(path, err);

	return conf ? add_file(set, conf, path, err) : -1;
}

size_t ruleset_count(const struct ruleset *set)
{
	return set->count;
}

const struct rule *ruleset_at(const struct ruleset *set, size_t index)
{
	return set->entries[index].rule;
}

const struct rule *ruleset_find(const struct ruleset *set, struct view id)
{
	for (size_t i = 0; i < set->count; i++)
		if (text_eq(view_of(set->entries[i].rule->id), id))
			return set->entries[i].rule;
	return NULL;
}

bool ruleset_matches(const struct ruleset *set, struct view glob)
{
	for (size_t i = 0; i < set->count; i++)
		if (glob_match(glob, view_of(set->entries[i].rule->id), 0))
			return true;
	return false;
}

size_t ruleset_enable(struct ruleset *set, struct view glob, bool on)
{
	size_t matched = 0;

	for (size_t i = 0; i < set->count; i++)
		if (glob_match(glob, view_of(set->entries[i].rule->id), 0)) {
			set->entries[i].is_off = !on;
			matched++;
		}
	return matched;
}

bool ruleset_enabled(const struct ruleset *set, size_t index)
{
	return !set->entries[index].is_off;
}
