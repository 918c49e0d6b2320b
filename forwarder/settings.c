/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/settings.h"

const char *const settings_feed_types[SETTINGS_FEED_TYPES] = {
	"activities", "ingest", "usage", "cost", "keys", "access"
};
const char *const settings_groups[SETTINGS_GROUPS] = { "account_id",    "api_key_id",  "context_window",
						       "inference_geo", "model",       "service_account_id",
						       "service_tier",  "workspace_id" };
const char *const settings_buckets[SETTINGS_BUCKETS] = { "1m", "1h", "1d" };
const char *const settings_sink_types[SETTINGS_SINK_TYPES] = { "journald", "syslog", "stdout", "file" };
const char *const settings_transports[SETTINGS_TRANSPORTS] = { "unix", "udp", "tcp", "tls", "relp", "relp+tls" };
