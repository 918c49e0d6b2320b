/* SPDX-License-Identifier: Apache-2.0 */
/* The API as one feed may use it: with the credential that the configuration gives that feed and no stronger one, under
 * the request limit that all feeds share. */
#ifndef FORWARDER_ACCESS_H
#define FORWARDER_ACCESS_H

#include "common/api/client.h"
#include "common/api/ratelimit.h"
#include "forwarder/settings.h"

#define ACCESS_ORGANIZATION_BYTES 64

/* Whose events a feed has: of the organization that answered it first. */
struct access_owner {
	struct spool *spool; /* which knows; NULL: nobody does */
	const char *feed;
	bool is_asking; /* the spool is only read from */
	char organization[ACCESS_ORGANIZATION_BYTES];
};

struct access {
	struct access_owner owner;
	struct profile profile;
	struct api *api;
};

/* What of a credential that the feed names and that cannot be used: not there, open to others, empty. */
enum access_want {
	ACCESS_WANTS_CREDENTIAL, /* that is an error, ERR_CONFIG */
	ACCESS_WANTS_NOTHING,    /* each request tries it anew, as the kind that the feed needs, and fails */
};

/* options: timeout, ratelimit, stop, observer and the like; its profile is not looked at. owner: its spool and whether
 * it is only asked. *access must stay where it is, and what answers for another organization than before is ERR_CONFIG.
 * 0, or -1 with err. */
[[nodiscard]] int access_api_open(struct access *access, const struct settings *settings,
				  const struct settings_feed *feed, enum access_want want,
				  const struct access_owner *owner, const struct api_options *options, struct err *err);
void access_api_done(struct access *access);

#endif
