/* SPDX-License-Identifier: Apache-2.0 */
/* The API as one feed may use it: with the credential that the configuration gives that feed and no stronger one, under
 * the request limit that all feeds share. */
#ifndef FORWARDER_ACCESS_H
#define FORWARDER_ACCESS_H

#include "common/api/client.h"
#include "common/api/ratelimit.h"
#include "forwarder/settings.h"

struct access {
	struct profile profile;
	struct api *api;
	/* What the feed may use is a key whose prefix tells nothing: it is taken for a key of the Compliance API. */
	bool is_unknown_kind;
};

/* options: timeout, ratelimit, stop, observer and the like; its profile is not looked at. 0, or -1 with err: a
 * credential that is named and is not there is ERR_CONFIG. */
[[nodiscard]] int access_api_open(struct access *access, const struct settings *settings,
				  const struct settings_feed *feed, const struct api_options *options, struct err *err);
void access_api_done(struct access *access);

#endif
