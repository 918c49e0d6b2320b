/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/access.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed.h"
#include "forwarder/spool/spool.h"

static int copy_text(char **ret, const char *text)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -1 : 0;
}

static int copy_source(struct credential_source *ret, const struct credential_source *source)
{
	ret->from = source->from;
	return copy_text(&ret->name, source->name);
}

static int copy_profile(struct profile *ret, const struct profile *profile, bool with_credentials)
{
	*ret = (struct profile){ .dialect = profile->dialect, .allow_http_loopback = profile->allow_http_loopback };
	if (copy_text(&ret->name, profile->name) || copy_text(&ret->base_url, profile->base_url) ||
	    copy_text(&ret->ca_file, profile->ca_file))
		return -1;
	for (unsigned i = 0; with_credentials && i < CREDENTIAL_KINDS; i++)
		if (copy_source(&ret->credentials[i], &profile->credentials[i]))
			return -1;
	return 0;
}

/* The one credential that the feed names, as what its prefix says it is. A key whose prefix tells nothing is taken for
 * one of the Compliance API. */
static int take_credential(struct access *a, const struct credential_source *source, struct err *err)
{
	DEFER(buf_done) struct buf shown = BUF_INIT(2 * ERR_TEXT_BYTES);
	enum credential_kind kind = CREDENTIAL_KINDS;
	int found = credential_detect(source, &kind, err);

	if (found < 0)
		return -1;
	if (!found) {
		if (credential_add_source(&shown, source))
			return err_nomem(err);
		return err_set(err, ERR_CONFIG, 0, "%s holds no credential", shown.ptr);
	}
	if (kind == CREDENTIAL_KINDS)
		kind = CREDENTIAL_COMPLIANCE;
	return copy_source(&a->profile.credentials[kind], source) ? err_nomem(err) : 0;
}

static int open_credential(struct access *a, const struct settings_feed *feed, enum access_want want, struct err *err)
{
	enum credential_kind kind = feed->type == SETTINGS_ACTIVITIES ? CREDENTIAL_COMPLIANCE : CREDENTIAL_ADMIN;
	struct err why = ERR_INIT;

	if (take_credential(a, &feed->credential, &why) == 0)
		return 0;
	if (want == ACCESS_WANTS_CREDENTIAL || why.kind == ERR_NOMEM) {
		*err = why;
		return -1;
	}
	a->profile.credentials[kind].or_admin = kind == CREDENTIAL_COMPLIANCE; /* which does for activities */
	return copy_source(&a->profile.credentials[kind], &feed->credential) ? err_nomem(err) : 0;
}

/* It has a place in messages and in the spool: an id of the usual kind, or it says nothing. */
static bool is_id(struct view organization)
{
	for (size_t i = 0; i < organization.len; i++)
		if (!text_is_alpha(organization.ptr[i]) && !text_is_digit(organization.ptr[i]) &&
		    organization.ptr[i] != '-' && organization.ptr[i] != '_')
			return false;
	return organization.len && organization.len < ACCESS_ORGANIZATION_BYTES;
}

static int load_owner(struct access_owner *o, struct view organization, struct err *err)
{
	DEFER(buf_done) struct buf name = BUF_INIT(NAME_BYTES), known = BUF_INIT(ACCESS_ORGANIZATION_BYTES);

	if (buf_addf(&name, "organization of %s", o->feed))
		return err_nomem(err);
	if (spool_note_get(o->spool, name.ptr, &known, err))
		return -1;
	if (!known.len && (o->is_asking || spool_note_set(o->spool, name.ptr, organization, err)))
		return o->is_asking ? 0 : -1;
	if (!known.len && buf_add(&known, organization))
		return err_nomem(err);
	memcpy(o->organization, known.ptr, known.len + 1);
	return 0;
}

/* A credential of another organization would mix what both did, and call all of the first one gone. */
static int check_owner(void *owner, struct view organization, struct err *err)
{
	struct access_owner *o = owner;

	if (!o->spool || !is_id(organization))
		return 0;
	if (!o->organization[0] && load_owner(o, organization, err))
		return -1;
	if (!o->organization[0] || text_eq(organization, view_of(o->organization)))
		return 0;
	return err_set(err, ERR_CONFIG, 0,
		       "the credential is of " FEED_OTHER_ORGANIZATION
		       " (%.*s) than what is stored here (%s): take one "
		       "of the same, or give the other one a feed of another name",
		       (int)organization.len, organization.ptr, o->organization);
}

int access_api_open(struct access *a, const struct settings *settings, const struct settings_feed *feed,
		    enum access_want want, const struct access_owner *owner, const struct api_options *options,
		    struct err *err)
{
	bool has_own = feed->credential.from != CREDENTIAL_UNSET;
	struct api_options own = *options;

	*a = (struct access){ .owner = *owner };
	a->owner.feed = feed->name;
	if (copy_profile(&a->profile, &settings->profile, !has_own)) {
		access_api_done(a);
		return err_nomem(err);
	}
	if (has_own && open_credential(a, feed, want, err)) {
		err_prefix(err, "feed '%s'", feed->name);
		access_api_done(a);
		return -1;
	}
	own.profile = &a->profile;
	own.owned = check_owner;
	own.owner = &a->owner;
	a->api = api_new(&own, err);
	if (a->api)
		return 0;
	access_api_done(a);
	return -1;
}

void access_api_done(struct access *a)
{
	api_freep(&a->api);
	profile_done(&a->profile);
}
