/* SPDX-License-Identifier: Apache-2.0 */
/* .skant.yaml: rules to add, rules to switch off, allow entries, the policy, the baseline, limits, and what may stay
 * unread. */
#ifndef SCANNER_CONFIG_H
#define SCANNER_CONFIG_H

#include "common/base/err.h"
#include "scanner/match/ruleset.h"
#include "scanner/suppress/suppress.h"

#define CONFIG_NAME ".skant.yaml"

struct config {
	char *path; /* its own, as config_read was given it; NULL without a file */
	/* Paths, relative ones made relative to the configuration's folder; or NULL. */
	char *policy, *baseline;
	uint64_t archive_depth, archive_ratio, archive_bytes; /* limits for archives */
	uint64_t decode_depth;                                /* encodings within each other */
};

void config_init(struct config *c); /* what holds without a file */

/* Reads the file into rules, suppress and *ret. today is in days since 1970-01-01. note is called with complete
 * sentences about what the user should know: rules that are off, entries that have
 * expired or will within ALLOW_ENDS_SOON_DAYS. 0, or -1 with err. */
[[nodiscard]] int config_read(const char *path, int64_t today, struct ruleset *rules, struct suppress *suppress,
			      void (*note)(const char *text), struct config *ret, struct err *err);
void config_done(struct config *c);

#endif
