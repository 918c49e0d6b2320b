/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/gitcache.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/version.h"
#include "common/sys/log.h"

static void add_text(struct digest_sha256 *d, const char *text)
{
	digest_sha256_add(d, view_from(text ? text : "", text ? strlen(text) + 1 : 1)); /* with its NUL */
}

static void add_list(struct digest_sha256 *d, const struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		add_text(d, list->items[i]);
	add_text(d, "");
}

/* Everything of a rule by which it could match something else. */
static void add_rule(struct digest_sha256 *d, const struct rule *rule)
{
	const uint64_t numbers[] = {
		rule->kind,           rule->scope, rule->secret_group,         rule->keywords_nocase,
		rule->keyword_starts, rule->table, rule->min_entropy_centibits
	};

	add_text(d, rule->id);
	add_text(d, rule->regex);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		digest_sha256_add_u64(d, numbers[i]);
	add_list(d, &rule->keywords);
	add_list(d, &rule->also);
	add_list(d, &rule->columns);
	add_list(d, &rule->decided_by);
	add_list(d, &rule->headings);
	add_list(d, &rule->include);
	add_list(d, &rule->exclude);
}

void gitcache_key(const struct setup *setup, char ret[static 2 * DIGEST_SHA256_BYTES + 1])
{
	const struct ruleset *rules = setup->rules;
	const uint64_t limits[] = { setup->archive.depth, setup->archive.ratio, setup->archive.bytes };
	unsigned char bytes[DIGEST_SHA256_BYTES];
	struct digest_sha256 d;
	struct oid as_id;

	digest_sha256_init(&d);
	add_text(&d, SKANT_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		digest_sha256_add_u64(&d, limits[i]);
	for (size_t i = 0; i < ruleset_count(rules); i++)
		if (ruleset_enabled(rules, i))
			add_rule(&d, ruleset_at(rules, i));
	digest_sha256_end(&d, bytes);
	as_id = oid_from(bytes, sizeof(bytes));
	oid_hex(&as_id, sizeof(bytes), ret);
}

static bool is_below(const char *path, const char *folder)
{
	DEFER(freep) char *real = folder ? realpath(folder, NULL) : NULL;
	size_t len = real ? strlen(real) : 0;

	return real && strncmp(path, real, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Whoever can write to the repository could put a cache there that says it is clean. */
static bool is_inside(const char *path, const struct gitrepo *repo)
{
	DEFER(freep) char *copy = strdup(path), *folder = copy ? realpath(dirname(copy), NULL) : NULL;

	return !folder || is_below(folder, repo->root) || is_below(folder, repo->dir) || is_below(folder, repo->common);
}

int gitcache_open(struct gitcache *c, const struct gitrun *r, struct err *err)
{
	const char *path = r->options->cache, *why = NULL;
	int status;

	*c = (struct gitcache){ .is_open = false };
	if (!path)
		return 0;
	if (is_inside(path, &r->repo)) {
		log_warn("the cache '%s' is not used: its folder is missing, or lies in what is scanned", path);
		return 0;
	}
	gitcache_key(&r->session.setup, c->key);
	status = packcache_read(&c->packs, path, c->key, r->repo.hash_len, &why);
	if (status < 0)
		return err_nomem(err);
	if (why)
		log_warn("the cache '%s' is not used: %s", path, why);
	c->is_open = status == 0;
	return 0;
}

void gitcache_save(struct gitcache *c, const struct gitrun *r)
{
	struct err err = ERR_INIT;

	if (c->is_open && packcache_write(&c->packs, r->options->cache, c->key, r->repo.hash_len, &err))
		log_warn("the cache is not kept: %s", err.text);
}

void gitcache_done(struct gitcache *c)
{
	packcache_done(&c->packs);
	c->is_open = false;
}
