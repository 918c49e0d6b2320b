/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/profile_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/conf.h"

int profile_set(char **text, const char *value, struct err *err)
{
	char *copy = strdup(value);

	if (!copy)
		return err_nomem(err);
	free(*text);
	*text = copy;
	return 0;
}

/* A path that does not start at the root is meant from the configuration's own folder. */
static int set_path(char **text, const char *file, const char *value, struct err *err)
{
	const char *slash = strrchr(file, '/');
	DEFER(freep) char *joined = NULL;

	if (value[0] == '/' || !slash)
		return profile_set(text, value, err);
	if (asprintf(&joined, "%.*s%s", (int)(slash + 1 - file), file, value) < 0) {
		joined = NULL;
		return err_nomem(err);
	}
	return profile_set(text, joined, err);
}

static bool is_variable(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!text_is_alnum(v.ptr[i]) && v.ptr[i] != '_')
			return false;
	return v.len > 0 && !text_is_digit(v.ptr[0]);
}

static bool is_file_name(struct view v)
{
	return v.len > 0 && text_find_byte(v, '/') == SIZE_MAX && !text_eq(v, VIEW(".")) && !text_eq(v, VIEW(".."));
}

/* One text, not empty, of a mapping. */
static int read_text(const struct conf_node *node, const char *what, const char **ret, struct err *err)
{
	if (conf_string(node, ret, err))
		return -1;
	return **ret ? 0 : conf_error(node, err, "%s was expected, not an empty text", what);
}

static int read_systemd(const struct conf_node *node, struct credential_source *ret, struct err *err)
{
	const char *name;

	if (read_text(node, "the name of a systemd credential", &name, err))
		return -1;
	if (text_starts(view_of(name), VIEW("sk-ant-")))
		return conf_error(node, err,
				  "the name of a credential was expected, never a key itself: put the key into a file "
				  "of mode 0600, and replace it if somebody else could read this one");
	if (!is_file_name(view_of(name)))
		return conf_error(node, err, "the name of a file in $CREDENTIALS_DIRECTORY was expected, not a path");
	if (profile_set(&ret->name, name, err))
		return -1;
	ret->from = CREDENTIAL_FROM_SYSTEMD;
	return 0;
}

static int read_env(const struct conf_node *node, struct credential_source *ret, struct err *err)
{
	const char *name;

	if (read_text(node, "the name of an environment variable", &name, err))
		return -1;
	if (!is_variable(view_of(name)))
		return conf_error(node, err,
				  "the name of an environment variable was expected ([A-Za-z0-9_]), never a "
				  "key itself");
	if (profile_set(&ret->name, name, err))
		return -1;
	ret->from = CREDENTIAL_FROM_ENV;
	return 0;
}

static int read_file(const struct conf_node *node, const char *file, struct credential_source *ret, struct err *err)
{
	const char *path;

	if (read_text(node, "the path of a file", &path, err) || set_path(&ret->name, file, path, err))
		return -1;
	ret->from = CREDENTIAL_FROM_FILE;
	return 0;
}

int profile_read_source(const struct conf_node *node, const char *file, struct credential_source *ret, struct err *err)
{
	static const char *const known[] = { "env", "file", "systemd" };
	const struct conf_node *env, *path, *systemd;

	if (conf_is_scalar(node) && !conf_is_null(node))
		return read_systemd(node, ret, err);
	if (conf_keys(node, known, ARRAY_LEN(known), err))
		return -1;
	if (conf_count(node) != 1)
		return conf_error(node, err, "one of env, file and systemd was expected");
	env = conf_get(node, "env");
	path = conf_get(node, "file");
	systemd = conf_get(node, "systemd");
	if (env)
		return read_env(env, ret, err);
	return path ? read_file(path, file, ret, err) : read_systemd(systemd, ret, err);
}

static int read_credentials(const struct conf_node *node, const char *file, struct profile *p, struct err *err)
{
	if (conf_keys(node, credential_kind_names, CREDENTIAL_KINDS, err))
		return -1;
	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++) {
		const struct conf_node *source = conf_get(node, credential_kind_names[i]);

		if (!source)
			continue;
		if (conf_is_null(source))
			credential_source_done(&p->credentials[i]);
		else if (!conf_is_mapping(source))
			return conf_error(source, err, "{env: NAME}, {file: PATH} or {systemd: NAME} was expected");
		else if (profile_read_source(source, file, &p->credentials[i], err))
			return -1;
	}
	return 0;
}

static int read_ca_file(const struct conf_node *node, const char *file, struct profile *p, struct err *err)
{
	const char *path;

	if (conf_is_null(node)) {
		free(TAKE(p->ca_file));
		return 0;
	}
	return read_text(node, "the path of a file of certificates", &path, err) ||
			       set_path(&p->ca_file, file, path, err)
		       ? -1
		       : 0;
}

/* One profile, over what p holds. */
static int read_one(const struct conf_node *node, const char *file, struct profile *p, struct err *err)
{
	static const char *const known[] = { "base_url", "dialect", "ca_file", "allow_http_loopback", "credentials" };
	const struct conf_node *base_url, *dialect, *ca_file, *loopback, *credentials;
	const char *text;
	unsigned index;

	if (conf_keys(node, known, ARRAY_LEN(known), err))
		return -1;
	base_url = conf_get(node, "base_url");
	dialect = conf_get(node, "dialect");
	ca_file = conf_get(node, "ca_file");
	loopback = conf_get(node, "allow_http_loopback");
	credentials = conf_get(node, "credentials");
	if (base_url && (read_text(base_url, "an https:// URL", &text, err) || profile_set(&p->base_url, text, err)))
		return -1;
	if (dialect) {
		if (conf_choice(dialect, api_dialect_names, API_DIALECTS, &index, err))
			return -1;
		p->dialect = (enum api_dialect)index;
	}
	if ((ca_file && read_ca_file(ca_file, file, p, err)) ||
	    (loopback && conf_bool(loopback, &p->allow_http_loopback, err)))
		return -1;
	return credentials ? read_credentials(credentials, file, p, err) : 0;
}

static int read_profiles(const struct conf_node *profiles, const char *file, struct profile *profile, bool *ret_found,
			 struct buf *names, struct err *err)
{
	if (!conf_is_mapping(profiles))
		return conf_error(profiles, err, "a mapping of profiles was expected, such as `default: {...}`");
	for (size_t i = 0; i < conf_count(profiles); i++) {
		struct view name = conf_text(conf_key_at(profiles, i));
		bool is_chosen = text_eq(name, view_of(profile->name));
		DEFER(profile_done) struct profile scratch = { .name = NULL };

		if (i == API_PROFILES_MAX)
			return conf_error(conf_key_at(profiles, i), err, "at most %d profiles were expected",
					  API_PROFILES_MAX);
		if (read_one(conf_at(profiles, i), file, is_chosen ? profile : &scratch, err))
			return -1;
		if (is_chosen)
			*ret_found = true;
		if (buf_add(names, name) || buf_add_byte(names, '\n'))
			return err_nomem(err);
	}
	return 0;
}

int profile_read(const char *path, struct profile *profile, bool *ret_found, struct buf *names, struct err *err)
{
	static const char *const known[] = { "version", "profiles" };
	DEFER(conf_freep) struct conf *conf = conf_read(path, err);
	const struct conf_node *version, *profiles;
	uint64_t n;

	if (!conf) {
		if (err && err->kind == ERR_IO)
			err->kind = ERR_CONFIG;
		return -1;
	}
	if (conf_keys(conf_root(conf), known, ARRAY_LEN(known), err))
		return -1;
	version = conf_get(conf_root(conf), "version");
	profiles = conf_get(conf_root(conf), "profiles");
	if (!version)
		return conf_error(conf_root(conf), err, "'version: 1' was expected");
	if (conf_u64(version, 1, 1, &n, err))
		return -1;
	return profiles ? read_profiles(profiles, path, profile, ret_found, names, err) : 0;
}
