/* SPDX-License-Identifier: Apache-2.0 */
/* The settings under which a part of many repositories is scanned, as a digest: reports of parts with another one are
 * of other questions. It is the same on machines of any word length and byte order. */
#ifndef SCANNER_FLEET_SETTINGS_H
#define SCANNER_FLEET_SETTINGS_H

#include "scanner/repolist.h"
#include "scanner/setup.h"

/* SHA-256, in hex, of what decides what is reported of a repository that does not change: gitcache_key, options, and
 * what the configuration, baseline, policy, inventory and rules hold. A file that cannot be read counts as an empty
 * one. 0, or -1 with err when there is no memory. */
[[nodiscard]] int fleet_settings(const struct options *o, const struct setup *setup,
				 char ret[static REPOLIST_DIGEST_BYTES], struct err *err);

#endif
