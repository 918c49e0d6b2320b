/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/settings.h"

const char *const settings_feed_types[SETTINGS_FEED_TYPES] = { "activities", "ingest" };
const char *const settings_sink_types[SETTINGS_SINK_TYPES] = { "journald", "syslog", "stdout", "file" };
const char *const settings_transports[SETTINGS_TRANSPORTS] = { "unix", "udp", "tcp", "tls", "relp", "relp+tls" };
