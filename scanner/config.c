/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/config.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/conf.h"
#include "common/sys/file.h"
#include "scanner/elsewhere.h"

struct reading {
	const char *path;
	int64_t today;
	struct ruleset *rules;
	struct suppress *suppress;
	void (*note)(const char *text);
};

PRINTF_LIKE(2, 3)
static void notef(const struct reading *r, const char *fmt, ...)
{
	DEFER(buf_done) struct buf text = BUF_INIT(LOG_LINE_BYTES);
	va_list args;

	va_start(args, fmt);
	if (buf_addvf(&text, fmt, args) == 0)
		r->note(text.ptr);
	va_end(args);
}

/* A path in the configuration is relative to the configuration's folder. NULL when there is no memory. */
static char *beside(const char *config, const char *path)
{
	struct buf out = BUF_INIT(1u << 20);
	const char *slash = strrchr(config, '/');

	if (path[0] != '/' && slash && buf_add(&out, view_from(config, (size_t)(slash - config) + 1)))
		return NULL;
	if (buf_add_text(&out, path)) {
		buf_done(&out);
		return NULL;
	}
	return buf_detach(&out);
}

/* A list of texts, borrowed from the document. The caller frees items. */
static int take_list(const struct conf_node *node, struct rule_list *ret, struct err *err)
{
	const char **items;

	*ret = (struct rule_list){ .count = 0 };
	if (!node)
		return 0;
	if (!conf_is_list(node) || conf_count(node) == 0)
		return conf_error(node, err, "a list with at least one entry was expected");
	items = calloc(conf_count(node), sizeof(*items));
	if (!items)
		return err_nomem(err);
	ret->items = items;
	for (; ret->count < conf_count(node); ret->count++)
		if (conf_string(conf_at(node, ret->count), &items[ret->count], err))
			return -1;
	return 0;
}

static void list_done(struct rule_list *list)
{
	free((void *)(uintptr_t)list->items);
}

static int take_rules(const struct reading *r, const struct conf_node *node, struct err *err)
{
	if (!conf_is_list(node))
		return conf_error(node, err, "a list of rule files was expected");
	for (size_t i = 0; i < conf_count(node); i++) {
		DEFER(freep) char *path = NULL;
		const char *text;

		if (conf_string(conf_at(node, i), &text, err))
			return -1;
		path = beside(r->path, text);
		if (!path)
			return err_nomem(err);
		if (!file_is_regular(path, NULL))
			return conf_error(conf_at(node, i), err, "there is no rule file '%s'", path);
		if (ruleset_read(r->rules, path, err))
			return err->kind == ERR_IO
				       ? conf_error(conf_at(node, i), err, "cannot read the rule file '%s'", path)
				       : elsewhere_hide("rule file", path, r->path, err);
	}
	return 0;
}

static int take_disable(const struct reading *r, const struct conf_node *node, struct err *err)
{
	if (!conf_is_list(node))
		return conf_error(node, err, "a list of rule ids was expected");
	for (size_t i = 0; i < conf_count(node); i++) {
		const char *glob;

		if (conf_string(conf_at(node, i), &glob, err))
			return -1;
		if (ruleset_enable(r->rules, view_of(glob), false) == 0)
			return conf_error(conf_at(node, i), err, "there is no rule '%s'; see `skant rules list`", glob);
		notef(r, "rule '%s' is switched off by '%s'", glob, r->path);
	}
	return 0;
}

static int take_reason(const struct conf_node *entry, const char **ret, struct err *err)
{
	const struct conf_node *node = conf_get(entry, "reason");

	if (!node)
		return conf_error(entry, err, "this entry has no 'reason'; say why it is there");
	if (conf_string(node, ret, err))
		return -1;
	return **ret ? 0 : conf_error(node, err, "the reason is empty");
}

/* Each glob on rule ids has to fit some rule: a slip would otherwise allow nothing, silently. */
static int check_rule_globs(const struct reading *r, const struct conf_node *node, struct err *err)
{
	for (size_t i = 0; node && i < conf_count(node); i++) {
		struct view glob = conf_text(conf_at(node, i));

		if (!ruleset_matches(r->rules, glob))
			return conf_error(conf_at(node, i), err, "there is no such rule; see `skant rules list`");
	}
	return 0;
}

/* The day itself is the last one. */
static void tell_end(const struct reading *r, const struct conf_node *entry, const struct suppress_allow *a)
{
	int64_t left = a->expires_days - r->today;

	if (left < 0)
		notef(r, "%s:%u: this allow entry has expired and no longer works (%s)", r->path, conf_line(entry),
		      a->reason);
	else if (left == 0)
		notef(r, "%s:%u: today is the last day of this allow entry (%s)", r->path, conf_line(entry), a->reason);
	else if (left <= ALLOW_ENDS_SOON_DAYS)
		notef(r, "%s:%u: this allow entry works for %lld more day%s (%s)", r->path, conf_line(entry),
		      (long long)left, left == 1 ? "" : "s", a->reason);
}

static int take_allow_parts(const struct reading *r, const struct conf_node *entry, struct suppress_allow *a,
			    struct err *err)
{
	const struct conf_node *paths = conf_get(entry, "paths"), *rules = conf_get(entry, "rules");
	const struct conf_node *expires = conf_get(entry, "expires");

	if (!paths && !rules)
		return conf_error(entry, err, "an allow entry needs 'paths' or 'rules'");
	if (take_list(paths, &a->paths, err) || take_list(rules, &a->rules, err) || check_rule_globs(r, rules, err) ||
	    take_reason(entry, &a->reason, err) || (expires && conf_date(expires, &a->expires_days, err)))
		return -1;
	tell_end(r, entry, a);
	return suppress_add_allow(r->suppress, a, r->today) ? err_nomem(err) : 0;
}

static int take_allow(const struct reading *r, const struct conf_node *entry, struct err *err)
{
	static const char *const known[] = { "paths", "rules", "reason", "expires" };
	struct suppress_allow a = { .expires_days = INT64_MAX };
	int ret;

	if (conf_keys(entry, known, ARRAY_LEN(known), err))
		return -1;
	ret = take_allow_parts(r, entry, &a, err);
	list_done(&a.paths);
	list_done(&a.rules);
	return ret;
}

static int take_reasons(const struct conf_node *node, uint32_t *ret, struct err *err)
{
	if (!node || !conf_is_list(node) || conf_count(node) == 0)
		return 0;
	for (size_t i = 0; i < conf_count(node); i++) {
		unsigned reason;

		if (conf_choice(conf_at(node, i), unread_names, UNREAD_INTERRUPTED, &reason, err))
			return -1;
		*ret |= 1u << reason;
	}
	return 0;
}

static int take_unread(const struct reading *r, const struct conf_node *entry, struct err *err)
{
	static const char *const known[] = { "paths", "reasons", "reason" };
	struct suppress_unread u = { .reasons = 0 };
	int ret = -1;

	if (conf_keys(entry, known, ARRAY_LEN(known), err))
		return -1;
	if (take_reasons(conf_get(entry, "reasons"), &u.reasons, err))
		return -1;
	if (!u.reasons)
		return conf_error(entry, err, "'reasons' with a list such as [unreadable] was expected");
	if (!conf_get(entry, "paths"))
		return conf_error(entry, err, "'paths' with a list of globs was expected");
	if (take_list(conf_get(entry, "paths"), &u.paths, err) == 0 && take_reason(entry, &u.reason, err) == 0)
		ret = suppress_add_unread(r->suppress, &u) ? err_nomem(err) : 0;
	list_done(&u.paths);
	return ret;
}

static int take_each(const struct reading *r, const struct conf_node *node,
		     int (*take)(const struct reading *, const struct conf_node *, struct err *), struct err *err)
{
	if (!conf_is_list(node))
		return conf_error(node, err, "a list of entries was expected");
	for (size_t i = 0; i < conf_count(node); i++)
		if (take(r, conf_at(node, i), err))
			return -1;
	return 0;
}

static int take_limits(const struct conf_node *node, struct config *ret, struct err *err)
{
	static const char *const known[] = { "archive_depth", "archive_ratio", "archive_bytes", "decode_depth" };
	const struct conf_node *depth, *ratio, *bytes, *decode;

	if (conf_keys(node, known, ARRAY_LEN(known), err))
		return -1;
	depth = conf_get(node, known[0]);
	ratio = conf_get(node, known[1]);
	bytes = conf_get(node, known[2]);
	decode = conf_get(node, known[3]);
	if ((depth && conf_u64(depth, 0, ARCHIVE_DEPTH_MAX, &ret->archive_depth, err)) ||
	    (ratio && conf_u64(ratio, 1, ARCHIVE_RATIO_MAX, &ret->archive_ratio, err)) ||
	    (bytes && conf_size(bytes, ARCHIVE_BYTES_MAX, &ret->archive_bytes, err)) ||
	    (decode && conf_u64(decode, 0, DECODE_DEPTH_MAX, &ret->decode_depth, err)))
		return -1;
	return ret->archive_bytes ? 0 : conf_error(bytes, err, "a size above 0 was expected");
}

/* A file that the configuration names, if it does. */
static int take_path(const struct reading *r, const struct conf_node *node, char **ret, struct err *err)
{
	const char *path;

	if (!node)
		return 0;
	if (conf_string(node, &path, err))
		return -1;
	*ret = beside(r->path, path);
	return *ret ? 0 : err_nomem(err);
}

static int take_all(const struct reading *r, const struct conf_node *root, struct config *ret, struct err *err)
{
	const struct conf_node *rules = conf_get(root, "rules"), *disable = conf_get(root, "disable");
	const struct conf_node *allow = conf_get(root, "allow"), *unread = conf_get(root, "accept_unread");
	const struct conf_node *policy = conf_get(root, "policy"), *baseline = conf_get(root, "baseline");
	const struct conf_node *limits = conf_get(root, "limits");

	if ((rules && take_rules(r, rules, err)) || (disable && take_disable(r, disable, err)) ||
	    (allow && take_each(r, allow, take_allow, err)) || (unread && take_each(r, unread, take_unread, err)) ||
	    (limits && take_limits(limits, ret, err)))
		return -1;
	return take_path(r, policy, &ret->policy, err) || take_path(r, baseline, &ret->baseline, err) ? -1 : 0;
}

void config_init(struct config *c)
{
	*c = (struct config){ .archive_depth = ARCHIVE_DEPTH,
			      .archive_ratio = ARCHIVE_RATIO,
			      .archive_bytes = ARCHIVE_BYTES,
			      .decode_depth = DECODE_DEPTH };
}

int config_read(const char *path, int64_t today, struct ruleset *rules, struct suppress *suppress,
		void (*note)(const char *text), struct config *ret, struct err *err)
{
	static const char *const known[] = { "version", "rules",  "disable",       "allow",
					     "policy",  "limits", "accept_unread", "baseline" };
	struct reading r = { .path = path, .today = today, .rules = rules, .suppress = suppress, .note = note };
	DEFER(conf_freep) struct conf *conf = conf_read(path, err);
	const struct conf_node *root, *version;
	uint64_t n;

	config_init(ret);
	if (!conf)
		return -1;
	ret->path = strdup(path);
	if (!ret->path)
		return err_nomem(err);
	root = conf_root(conf);
	version = conf_get(root, "version");
	if (conf_keys(root, known, ARRAY_LEN(known), err))
		return -1;
	if (!version)
		return conf_error(root, err, "'version: 1' was expected");
	if (conf_u64(version, 1, 1, &n, err))
		return -1;
	return take_all(&r, root, ret, err);
}

void config_done(struct config *c)
{
	free(c->path);
	free(c->policy);
	free(c->baseline);
	*c = (struct config){ .policy = NULL };
}
