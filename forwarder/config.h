/* SPDX-License-Identifier: Apache-2.0 */
/* Reads /etc/skant/skantd.yaml and what is in skantd.d beside it (*.yaml) into struct settings. Strict: what is not
 * known is ERR_CONFIG with file:line:column and the nearest known name. */
#ifndef FORWARDER_CONFIG_H
#define FORWARDER_CONFIG_H

#include "forwarder/settings.h"

#define CONFIG_FILE "/etc/skant/skantd.yaml"
#define CONFIG_STATE_DIR "/var/lib/skant"

/* Who reads it: what will connect to receivers, or what only wants to know how it is. The second needs no right to read
 * the sinks' certificates and keys, so that these are not looked at. */
enum config_use { CONFIG_TO_RUN, CONFIG_TO_ASK };

/* Reads and checks everything that can be checked without talking to anybody. Files of skantd.d come in the order of
 * their names' bytes; their feeds and sinks are added, any other key may stand in one file only. The profile is that of
 * profile.h's files and environment; the api section lies over it, and flags (may be NULL) over both. 0 or -1. */
[[nodiscard]] int config_load(const char *path, const struct profile_flags *flags, enum config_use use,
			      struct settings *ret, struct err *err);

/* The same from one text, to run; name stands for the path. No flags. */
[[nodiscard]] int config_parse(struct view text, const char *name, struct settings *ret, struct err *err);

void settings_done(struct settings *settings);

#endif
