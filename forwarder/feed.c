/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed.h"

const char *const feed_alert_names[FEED_ALERTS] = { "api-off", "refused", "stale", "quiet",      "content-on",
						    "full",    "gap",     "late",  "sink-broken" };
