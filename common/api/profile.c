/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/api/profile_read.h"
#include "common/base/bounds.h"
#include "common/base/text.h"

#define STANDARD_NAME "default"
#define STANDARD_URL "https://api.anthropic.com"
#define SYSTEM_FILE "/etc/skant/skantctl.yaml"

static const char *const standard_variables[CREDENTIAL_KINDS] = {
	[CREDENTIAL_API] = "ANTHROPIC_API_KEY",
	[CREDENTIAL_COMPLIANCE] = "ANTHROPIC_COMPLIANCE_API_KEY",
	[CREDENTIAL_OAUTH] = "ANTHROPIC_AUTH_TOKEN",
	[CREDENTIAL_ADMIN] = "ANTHROPIC_ADMIN_KEY",
};

void profile_done(struct profile *profile)
{
	free(TAKE(profile->name));
	free(TAKE(profile->base_url));
	free(TAKE(profile->ca_file));
	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++)
		credential_source_done(&profile->credentials[i]);
}

static int set_standard(struct profile *p, const char *name, struct err *err)
{
	if (profile_set(&p->name, name, err) || profile_set(&p->base_url, STANDARD_URL, err))
		return -1;
	p->dialect = API_PLATFORM;
	for (unsigned i = 0; i < CREDENTIAL_KINDS; i++) {
		if (profile_set(&p->credentials[i].name, standard_variables[i], err))
			return -1;
		p->credentials[i].from = CREDENTIAL_FROM_ENV;
	}
	return 0;
}

/* The variable's value; NULL when it is not set or empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static int read_switch(const char *name, bool *ret, struct err *err)
{
	struct view value = view_of(variable(name));

	if (value.len == 0)
		return 0;
	if (!text_eq(value, VIEW("1")) && !text_eq(value, VIEW("0")))
		return err_set(err, ERR_USAGE, 0, "$%s is neither 1 nor 0", name);
	*ret = value.ptr[0] == '1';
	return 0;
}

/* flag wins over the variable; NULL when neither is there. */
static const char *either(const char *flag, const char *name)
{
	return flag ? flag : variable(name);
}

static int override(struct profile *p, const struct profile_flags *flags, struct err *err)
{
	const char *base_url = either(flags->base_url, "SKANT_BASE_URL");
	const char *dialect = either(flags->dialect, "SKANT_DIALECT");
	const char *ca_file = either(flags->ca_file, "SKANT_CA_FILE");

	if (base_url && profile_set(&p->base_url, base_url, err))
		return -1;
	if (ca_file && profile_set(&p->ca_file, ca_file, err))
		return -1;
	if (dialect && api_dialect_of(view_of(dialect), &p->dialect, err))
		return err_prefix(err, "%s", flags->dialect ? "--dialect" : "$SKANT_DIALECT");
	if (read_switch("SKANT_ALLOW_HTTP_LOOPBACK", &p->allow_http_loopback, err))
		return -1;
	if (flags->allow_http_loopback)
		p->allow_http_loopback = true;
	return 0;
}

static int no_such_profile(const char *name, const struct buf *names, struct err *err)
{
	const char *known[API_PROFILES_MAX];
	DEFER(freep) char *copy = strndup(names->ptr ? names->ptr : "", names->len);
	size_t count = 0;
	const char *nearest;
	char *save = NULL;

	if (!copy)
		return err_nomem(err);
	for (char *next = strtok_r(copy, "\n", &save); next && count < ARRAY_LEN(known);
	     next = strtok_r(NULL, "\n", &save))
		known[count++] = next;
	nearest = text_nearest(view_of(name), known, count);
	return err_set(err, ERR_CONFIG, 0, "no configuration file has a profile '%s'%s%s%s", name,
		       nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

int profile_load_files(const char *const *paths, size_t count, const struct profile_flags *flags, struct profile *ret,
		       struct err *err)
{
	const char *name = either(flags->name, "SKANT_PROFILE");
	DEFER(buf_done) struct buf names = BUF_INIT(CONF_FILE_BYTES);
	DEFER(profile_done) struct profile p = { .name = NULL };
	bool is_found = !name || strcmp(name, STANDARD_NAME) == 0;

	if (set_standard(&p, name ? name : STANDARD_NAME, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (access(paths[i], F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
			continue;
		if (profile_read(paths[i], &p, &is_found, &names, err))
			return -1;
	}
	if (!is_found)
		return no_such_profile(name, &names, err);
	if (override(&p, flags, err) || profile_check(&p, err))
		return -1;
	*ret = p;
	p = (struct profile){ .name = NULL };
	return 0;
}

/* XDG Base Directory Specification 0.8: a relative path is invalid and ignored. NULL in *ret when there is none. */
static int own_file(char **ret, struct err *err)
{
	const char *folder = variable("XDG_CONFIG_HOME"), *home = variable("HOME");
	int len = 0;

	*ret = NULL;
	if (folder && folder[0] == '/')
		len = asprintf(ret, "%s/skant/skantctl.yaml", folder);
	else if (home && home[0] == '/')
		len = asprintf(ret, "%s/.config/skant/skantctl.yaml", home);
	if (len >= 0)
		return 0;
	*ret = NULL;
	return err_nomem(err);
}

int profile_load(const struct profile_flags *flags, struct profile *ret, struct err *err)
{
	DEFER(freep) char *own = NULL;

	if (own_file(&own, err))
		return -1;
	return profile_load_files((const char *const[]){ SYSTEM_FILE, own }, own ? 2 : 1, flags, ret, err);
}
