/* SPDX-License-Identifier: Apache-2.0 */
/* The file as a whole, and the sections that are plain values; models, budgets and departments are in
 * policy_read_scope.c. */
#include "common/policy/policy_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/policy/policy_reading.h"

/* ---- life ---- */

void policy_free(struct policy *policy)
{
	struct policy_file *file = (struct policy_file *)policy;

	if (!file)
		return;
	for (size_t i = 0; i < file->count; i++)
		free(file->blocks[i]);
	free(file->blocks);
	conf_free(file->conf);
	free(file);
}

void policy_freep(struct policy **policy)
{
	policy_free(*policy);
	*policy = NULL;
}

void *policy_file_alloc(struct policy_file *file, size_t count, size_t size, struct err *err)
{
	void **blocks = grow_items(file->blocks, file->count, &file->cap, sizeof(*file->blocks));
	void *block;

	if (blocks)
		file->blocks = blocks;
	block = blocks ? calloc(count + 1, size) : NULL;
	if (!block) {
		(void)err_nomem(err);
		return NULL;
	}
	blocks[file->count++] = block;
	return block;
}

bool policy_place(const struct policy *policy, const char *text, unsigned *ret_line, unsigned *ret_column)
{
	const struct policy_file *file = (const struct policy_file *)policy;
	const struct conf_node *node = policy->path ? conf_find_string(file->conf, text) : NULL;

	if (node) {
		*ret_line = conf_line(node);
		*ret_column = conf_column(node);
	}
	return node != NULL;
}

const struct keyname_policy *policy_names(const struct policy *policy)
{
	return &policy->names;
}

const char *policy_find(const char *over, const char *under)
{
	const char *named = getenv("SKANT_POLICY");

	if (over && *over)
		return over;
	if (named && *named)
		return named;
	if (under && *under)
		return under;
	return access(POLICY_PATH, F_OK) == 0 ? POLICY_PATH : NULL;
}

/* ---- values ---- */

int policy_read_keys(struct policy_file *file, const struct conf_node *node, const struct policy_section *section,
		     void *into, struct err *err)
{
	DEFER(freep) const char **known = calloc(section->count, sizeof(*known));

	if (!known)
		return err_nomem(err);
	for (size_t i = 0; i < section->count; i++)
		known[i] = section->keys[i].name;
	if (conf_keys(node, known, section->count, err))
		return -1;
	for (size_t i = 0; i < section->count; i++) {
		const struct policy_key *key = &section->keys[i];
		const struct conf_node *value = conf_get(node, key->name);

		if (value && key->read(file, value, key, (char *)into + key->offset, err))
			return -1;
	}
	return 0;
}

POLICY_READ(policy_read_bool)
{
	(void)file;
	(void)key;
	return conf_bool(node, member, err);
}

static POLICY_READ(read_number)
{
	(void)file;
	return conf_u64(node, key->min, key->max, member, err);
}

/* Seconds. */
static POLICY_READ(read_duration)
{
	uint64_t ms;

	(void)file;
	(void)key;
	if (conf_duration(node, 0, POLICY_DURATION_MAX_S * 1000, &ms, err))
		return -1;
	*(uint64_t *)member = ms / 1000;
	return 0;
}

int policy_read_word(const struct conf_node *node, const char **ret, struct err *err)
{
	if (conf_string(node, ret, err))
		return -1;
	if (!**ret)
		return conf_error(node, err, "this text is empty; a name was expected");
	if (strlen(*ret) > POLICY_WORD_BYTES)
		return conf_error(node, err, "a name of at most %d bytes was expected", POLICY_WORD_BYTES);
	return 0;
}

/* check (may be NULL) says what is wrong with an entry. */
static int read_list(struct policy_file *file, const struct conf_node *node, const char *example,
		     int (*check)(const struct conf_node *entry, const char *text, struct err *err),
		     struct keyname_list *ret, struct err *err)
{
	const char **items;

	if (!conf_is_list(node))
		return conf_error(node, err, "a list such as %s was expected", example);
	items = policy_file_alloc(file, conf_count(node), sizeof(*items), err);
	if (!items)
		return -1;
	for (size_t i = 0; i < conf_count(node); i++) {
		const struct conf_node *entry = conf_at(node, i);

		if (policy_read_word(entry, &items[i], err) || (check && check(entry, items[i], err)))
			return -1;
	}
	*ret = (struct keyname_list){ .items = items, .count = conf_count(node) };
	return 0;
}

POLICY_READ(policy_read_words)
{
	(void)key;
	return read_list(file, node, "[ml, backend]", NULL, member, err);
}

static int check_glob(const struct conf_node *entry, const char *text, struct err *err)
{
	const char *flaw = glob_flaw(text);

	return flaw ? conf_error(entry, err, "the pattern %s; one such as claude-haiku-4-5-* was expected", flaw) : 0;
}

POLICY_READ(policy_read_globs)
{
	(void)key;
	return read_list(file, node, "[claude-sonnet-4-6, 'claude-haiku-4-5-*']", check_glob, member, err);
}

static int check_domain(const struct conf_node *entry, const char *text, struct err *err)
{
	if (text_is_host(view_of(text)))
		return 0;
	return conf_error(entry, err, "the domain of e-mail addresses was expected, such as example.com, without @");
}

static POLICY_READ(read_domains)
{
	(void)key;
	return read_list(file, node, "[example.com]", check_domain, member, err);
}

static int check_geo(const struct conf_node *entry, const char *text, struct err *err)
{
	for (const char *p = text; *p; p++)
		if ((!text_is_alnum(*p) && *p != '-' && *p != '_') || *p != text_lower(*p))
			return conf_error(entry, err,
					  "a region as the API calls it was expected, such as us, eu or global");
	return 0;
}

static POLICY_READ(read_geos)
{
	(void)key;
	return read_list(file, node, "[us, eu]", check_geo, member, err);
}

/* ---- names ---- */

static POLICY_READ(read_format)
{
	(void)file;
	(void)key;
	return conf_string(node, member, err);
}

static POLICY_READ(read_length)
{
	uint64_t n;

	if (read_number(file, node, key, &n, err))
		return -1;
	*(unsigned *)member = (unsigned)n;
	return 0;
}

#define NAMES(member) offsetof(struct keyname_policy, member)

static const struct policy_key names_keys[] = {
	{ "format", read_format, NAMES(format), 0, 0 },
	{ "teams", policy_read_words, NAMES(teams), 0, 0 },
	{ "environments", policy_read_words, NAMES(environments), 0, 0 },
	{ "purposes", policy_read_words, NAMES(purposes), 0, 0 },
	{ "enforce", policy_read_bool, NAMES(enforce), 0, 0 },
	{ "max_length", read_length, NAMES(max_length), 1, NAME_BYTES },
};
static const struct policy_section names_section = { "names", names_keys, ARRAY_LEN(names_keys) };

static POLICY_READ(read_names)
{
	const struct keyname_policy *names = member;
	const struct conf_node *format;
	struct err why = ERR_INIT;

	(void)key;
	if (policy_read_keys(file, node, &names_section, member, err))
		return -1;
	format = conf_get(node, "format");
	if (keyname_policy_check(names, &why))
		return conf_error(format ? format : node, err, "%s", why.text);
	return 0;
}

/* ---- rotation ---- */

#define ROTATION(member) offsetof(struct policy_rotation, member)

static const struct policy_key rotation_keys[] = {
	{ "warn_after", read_duration, ROTATION(warn_after_s), 0, 0 },
	{ "max_age", read_duration, ROTATION(max_age_s), 0, 0 },
	{ "unused_after", read_duration, ROTATION(unused_after_s), 0, 0 },
};
static const struct policy_section rotation_section = { "rotation", rotation_keys, ARRAY_LEN(rotation_keys) };

/* A warning that never comes before it is too late is a mistake where it was written, and follows max_age where not. */
static POLICY_READ(read_rotation)
{
	struct policy_rotation *rotation = member;
	const struct conf_node *warn;

	(void)key;
	if (policy_read_keys(file, node, &rotation_section, member, err))
		return -1;
	warn = conf_get(node, "warn_after");
	if (!rotation->max_age_s || rotation->warn_after_s < rotation->max_age_s)
		return 0;
	if (warn)
		return conf_error(warn, err, "a time shorter than max_age was expected: the warning comes before it");
	rotation->warn_after_s = rotation->max_age_s * 2 / 3;
	return 0;
}

/* ---- keys ---- */

static POLICY_READ(read_one_per)
{
	unsigned set = 0;

	(void)file;
	(void)key;
	if (!conf_is_list(node))
		return conf_error(node, err, "a list such as [workspace, purpose] was expected");
	for (size_t i = 0; i < conf_count(node); i++) {
		unsigned part;

		if (conf_choice(conf_at(node, i), policy_key_part_names, POLICY_KEY_PARTS, &part, err))
			return -1;
		if (set & 1u << part)
			return conf_error(conf_at(node, i), err, "'%s' stands in this list already",
					  policy_key_part_names[part]);
		set |= 1u << part;
	}
	*(unsigned *)member = set;
	return 0;
}

#define KEYS(member) offsetof(struct policy_keys, member)

static const struct policy_key keys_keys[] = {
	{ "allow_default_workspace", policy_read_bool, KEYS(allow_default_workspace), 0, 0 },
	{ "require_expiry", policy_read_bool, KEYS(require_expiry), 0, 0 },
	{ "one_key_per", read_one_per, KEYS(one_per), 0, 0 },
};
static const struct policy_section keys_section = { "keys", keys_keys, ARRAY_LEN(keys_keys) };

static POLICY_READ(read_keys)
{
	(void)key;
	return policy_read_keys(file, node, &keys_section, member, err);
}

/* ---- data and access ---- */

#define DATA(member) offsetof(struct policy_data, member)

static const struct policy_key retention_keys[] = {
	{ "default", read_duration, DATA(retention_s), 0, 0 },
	{ "regulated", read_duration, DATA(retention_regulated_s), 0, 0 },
};
static const struct policy_section retention_section = { "data.retention", retention_keys, ARRAY_LEN(retention_keys) };

static POLICY_READ(read_retention)
{
	(void)key;
	return policy_read_keys(file, node, &retention_section, member, err);
}

static const struct policy_key data_keys[] = {
	{ "include_content", policy_read_bool, DATA(include_content), 0, 0 },
	{ "retention", read_retention, 0, 0, 0 },
	{ "allowed_inference_geos", read_geos, DATA(inference_geos), 0, 0 },
};
static const struct policy_section data_section = { "data", data_keys, ARRAY_LEN(data_keys) };

static POLICY_READ(read_data)
{
	struct policy_data *data = member;

	(void)key;
	data->is_given = true;
	return policy_read_keys(file, node, &data_section, member, err);
}

#define ACCESS(member) offsetof(struct policy_access, member)

static const struct policy_key access_keys[] = {
	{ "max_admins", read_number, ACCESS(max_admins), 0, POLICY_ADMINS_MAX },
	{ "invite_max_age", read_duration, ACCESS(invite_max_age_s), 0, 0 },
	{ "review_every", read_duration, ACCESS(review_every_s), 0, 0 },
	{ "allowed_email_domains", read_domains, ACCESS(email_domains), 0, 0 },
};
static const struct policy_section access_section = { "access", access_keys, ARRAY_LEN(access_keys) };

static POLICY_READ(read_access)
{
	(void)key;
	return policy_read_keys(file, node, &access_section, member, err);
}

/* ---- the file ---- */

static POLICY_READ(read_version)
{
	uint64_t n;

	(void)file;
	(void)key;
	(void)member;
	return conf_u64(node, 1, 1, &n, err);
}

#define POLICY(member) offsetof(struct policy, member)

/* In the order in which they are read: budgets name departments. */
static const struct policy_key top_keys[] = {
	{ "version", read_version, 0, 0, 0 },
	{ "names", read_names, POLICY(names), 0, 0 },
	{ "rotation", read_rotation, POLICY(rotation), 0, 0 },
	{ "keys", read_keys, POLICY(keys), 0, 0 },
	{ "models", policy_read_models, 0, 0, 0 },
	{ "departments", policy_read_departments, 0, 0, 0 },
	{ "budgets", policy_read_budgets, 0, 0, 0 },
	{ "data", read_data, POLICY(data), 0, 0 },
	{ "access", read_access, POLICY(access), 0, 0 },
};
static const struct policy_section top_section = { "", top_keys, ARRAY_LEN(top_keys) };

const struct policy_section *const policy_sections[] = {
	&top_section,           &names_section,        &rotation_section,      &keys_section,
	&policy_section_models, &policy_section_model, &policy_section_budget, &policy_section_department,
	&data_section,          &retention_section,    &access_section,
};
const size_t policy_section_count = ARRAY_LEN(policy_sections);

static int read_file(struct policy_file *file, const char *name, struct err *err)
{
	const struct conf_node *root = conf_root(file->conf);
	const size_t len = strlen(name);
	char *path;

	file->policy = policy_standard;
	path = policy_file_alloc(file, len + 1, 1, err);
	if (!path)
		return -1;
	memcpy(path, name, len);
	file->policy.path = path;
	if (policy_read_keys(file, root, &top_section, &file->policy, err))
		return -1;
	return conf_get(root, "version") ? 0 : conf_error(root, err, "'version: 1' was expected");
}

static struct policy *policy_new(struct conf *conf, const char *name, struct err *err)
{
	struct policy_file *file = conf ? calloc(1, sizeof(*file)) : NULL;

	if (!file) {
		if (conf)
			(void)err_nomem(err);
		conf_free(conf);
		return NULL;
	}
	file->conf = conf;
	if (read_file(file, name, err)) {
		policy_free(&file->policy);
		return NULL;
	}
	return &file->policy;
}

struct policy *policy_read(const char *path, struct err *err)
{
	return policy_new(conf_read(path, err), path, err);
}

struct policy *policy_parse(struct view text, const char *name, struct err *err)
{
	return policy_new(conf_parse(text, name, err), name, err);
}
