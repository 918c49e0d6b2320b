/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/setup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/config.h"
#include "scanner/elsewhere.h"

#define PATH_BYTES (1u << 20)
#define SECONDS_PER_DAY 86400

void setup_done(struct setup *s)
{
	ruleset_free(s->rules);
	suppress_free(s->suppress);
	baseline_free(s->baseline);
	free(s->baseline_path);
	free(s->baseline_named_by);
	free(s->policy_path);
	policy_free(s->policy);
	*s = (struct setup){ .rules = NULL };
}

int setup_rules(const struct options *o, struct setup *ret, struct err *err)
{
	ret->rules = ruleset_new();
	if (!ret->rules)
		return err_nomem(err);
	if (ruleset_add(ret->rules, rules_builtin, rules_builtin_count, err))
		return -1;
	for (size_t i = 0; i < o->rule_count; i++)
		if (ruleset_read(ret->rules, o->rules[i], err))
			return -1;
	return 0;
}

static char *join(const char *folder, const char *name)
{
	struct buf out = BUF_INIT(PATH_BYTES);

	if (buf_add_text(&out, folder) || (!text_ends(buf_view(&out), VIEW("/")) && buf_add_byte(&out, '/')) ||
	    buf_add_text(&out, name)) {
		buf_done(&out);
		return NULL;
	}
	return buf_detach(&out);
}

/* --config, SKANT_CONFIG, or .skant.yaml at the root when there is one. */
static int read_config(const struct options *o, const char *root, struct setup *s, struct config *ret, struct err *err)
{
	const char *given = o->config ? o->config : getenv("SKANT_CONFIG");
	DEFER(freep) char *usual = root ? join(root, CONFIG_NAME) : NULL;
	bool exists;

	if (!given && !root)
		return 0;
	if (!usual && root)
		return err_nomem(err);
	if (!given && !file_is_regular(usual, &exists))
		return exists ? err_set(err, ERR_CONFIG, 0, "'%s' is no regular file", usual) : 0;
	if (config_read(given ? given : usual, clock_unix_s() / SECONDS_PER_DAY, s->rules, s->suppress, log_warn_text,
			ret, err) == 0)
		return 0;
	return given ? -1 : elsewhere_hide("configuration", usual, usual, err);
}

static int read_policy(const struct config *config, struct setup *s, struct err *err)
{
	const char *path = policy_find(NULL, config->policy);

	if (path && path == config->policy && !file_is_regular(path, NULL))
		return err_set(err, ERR_CONFIG, 0, "there is no policy '%s', which the configuration names", path);
	if (path) {
		s->policy_path = strdup(path);
		if (!s->policy_path)
			return err_nomem(err);
		s->policy = policy_read(path, err);
		if (!s->policy)
			return path == config->policy ? elsewhere_hide("policy", path, config->path, err) : -1;
	}
	s->names = s->policy ? policy_names(s->policy) : &keyname_standard;
	return 0;
}

static int apply_switches(const struct options *o, struct setup *s, struct err *err)
{
	for (size_t i = 0; i < o->switch_count; i++) {
		const struct switch_request *r = &o->switches[i];

		if (ruleset_enable(s->rules, view_of(r->glob), r->on) == 0)
			return err_set(err, ERR_USAGE, 0, "there is no rule '%s'; see `skant rules list`", r->glob);
		if (!r->on)
			log_warn("rule '%s' is switched off by --disable-rule", r->glob);
	}
	return 0;
}

static int read_ignore_files(const char *root, struct setup *s, struct err *err)
{
	static const char *const names[] = { ".skantignore", ".gitleaksignore" };

	for (size_t i = 0; root && i < ARRAY_LEN(names); i++) {
		DEFER(freep) char *path = join(root, names[i]);

		if (!path)
			return err_nomem(err);
		if (suppress_read(s->suppress, path, log_warn_text, err))
			return -1;
	}
	return 0;
}

/* The flag's, when it was given. */
static uint64_t either(uint64_t flag, uint64_t configured)
{
	return flag == UINT64_MAX ? configured : flag;
}

/* What --baseline-path names, or the configuration. Whoever accepts what is there has one of his own. */
static int read_baseline(const struct options *o, const char *config, struct setup *s, struct err *err)
{
	const char *path = o->baseline ? o->baseline : o->ignore_allow ? NULL : s->baseline_path;

	if (!path || o->accepting)
		return 0;
	if (!o->baseline && !file_is_regular(path, NULL))
		return err_set(err, ERR_CONFIG, 0,
			       "there is no baseline '%s', which the configuration names; `skant baseline` writes one",
			       path);
	s->baseline = baseline_new();
	if (!s->baseline)
		return err_nomem(err);
	if (baseline_read(s->baseline, path, err)) {
		if (!o->baseline)
			return elsewhere_hide("baseline", path, config, err);
		if (err->kind == ERR_CONFIG)
			err->kind = ERR_USAGE; /* no mistake of the side that a change starts from */
		return -1;
	}
	if (baseline_whole_secrets(s->baseline))
		log_warn("'%s' holds secrets as they are (%zu); what `skant baseline` writes holds none", path,
			 baseline_whole_secrets(s->baseline));
	return 0;
}

int setup_read(const struct options *o, const char *root, struct setup *ret, struct err *err)
{
	DEFER(config_done) struct config config;

	config_init(&config);
	*ret = (struct setup){ .rules = NULL };
	if (setup_rules(o, ret, err))
		return -1;
	ret->suppress = suppress_new();
	if (!ret->suppress)
		return err_nomem(err);
	if (read_config(o, root, ret, &config, err) || read_policy(&config, ret, err) || apply_switches(o, ret, err))
		return -1;
	ret->archive = (struct archive_limits){ .depth = (unsigned)either(o->archive_depth, config.archive_depth),
						.ratio = either(o->archive_ratio, config.archive_ratio),
						.bytes = either(o->archive_bytes, config.archive_bytes) };
	ret->decode_depth = (unsigned)either(o->decode_depth, config.decode_depth);
	ret->baseline_path = TAKE(config.baseline);
	if (read_baseline(o, config.path, ret, err))
		return -1;
	if (ret->baseline_path && !o->config && !getenv("SKANT_CONFIG"))
		ret->baseline_named_by = TAKE(config.path);
	return read_ignore_files(root, ret, err);
}
