/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_read.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/sys/conf.h"

struct policy {
	struct conf *conf; /* owns all texts */
	struct keyname_policy names;
	const char **lists[3]; /* teams, environments, purposes */
};

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < ARRAY_LEN(policy->lists); i++)
		free(policy->lists[i]);
	conf_free(policy->conf);
	free(policy);
}

void policy_freep(struct policy **policy)
{
	policy_free(*policy);
	*policy = NULL;
}

const struct keyname_policy *policy_names(const struct policy *policy)
{
	return &policy->names;
}

static int read_list(const struct conf_node *node, const char ***ret_items, struct keyname_list *ret, struct err *err)
{
	if (!conf_is_list(node))
		return conf_error(node, err, "a list such as [ml, backend] was expected");
	*ret_items = calloc(conf_count(node) + 1, sizeof(**ret_items));
	if (!*ret_items)
		return err_nomem(err);
	*ret = (struct keyname_list){ .items = *ret_items };
	for (; ret->count < conf_count(node); ret->count++)
		if (conf_string(conf_at(node, ret->count), &(*ret_items)[ret->count], err))
			return -1;
	return 0;
}

static int read_lists(struct policy *p, const struct conf_node *names, struct err *err)
{
	static const char *const keys[] = { "teams", "environments", "purposes" };
	struct keyname_list *const lists[] = { &p->names.teams, &p->names.environments, &p->names.purposes };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct conf_node *node = conf_get(names, keys[i]);

		if (node && read_list(node, &p->lists[i], lists[i], err))
			return -1;
	}
	return 0;
}

static int read_names(struct policy *p, const struct conf_node *names, struct err *err)
{
	static const char *const known[] = { "format", "teams", "environments", "purposes", "enforce", "max_length" };
	const struct conf_node *format, *enforce, *max_length;
	struct err why = ERR_INIT;
	uint64_t n = p->names.max_length;

	if (conf_keys(names, known, ARRAY_LEN(known), err))
		return -1;
	format = conf_get(names, "format");
	enforce = conf_get(names, "enforce");
	max_length = conf_get(names, "max_length");
	if ((format && conf_string(format, &p->names.format, err)) ||
	    (enforce && conf_bool(enforce, &p->names.enforce, err)) ||
	    (max_length && conf_u64(max_length, 1, NAME_BYTES, &n, err)) || read_lists(p, names, err))
		return -1;
	p->names.max_length = (unsigned)n;
	if (keyname_policy_check(&p->names, &why))
		return conf_error(format ? format : names, err, "%s", why.text);
	return 0;
}

static int read_policy(struct policy *p, struct err *err)
{
	static const char *const known[] = { "version", "names",       "rotation", "keys",  "models",
					     "budgets", "departments", "data",     "access" };
	const struct conf_node *root = conf_root(p->conf), *version, *names;
	uint64_t n;

	if (conf_keys(root, known, ARRAY_LEN(known), err))
		return -1;
	version = conf_get(root, "version");
	names = conf_get(root, "names");
	if (!version)
		return conf_error(root, err, "'version: 1' was expected");
	if (conf_u64(version, 1, 1, &n, err))
		return -1;
	return names ? read_names(p, names, err) : 0;
}

static struct policy *policy_new(struct conf *conf, struct err *err)
{
	struct policy *p = conf ? calloc(1, sizeof(*p)) : NULL;

	if (!p) {
		if (conf)
			(void)err_nomem(err);
		conf_free(conf);
		return NULL;
	}
	p->conf = conf;
	p->names = keyname_standard;
	if (read_policy(p, err)) {
		policy_free(p);
		return NULL;
	}
	return p;
}

struct policy *policy_read(const char *path, struct err *err)
{
	return policy_new(conf_read(path, err), err);
}

struct policy *policy_parse(struct view text, const char *name, struct err *err)
{
	return policy_new(conf_parse(text, name, err), err);
}
