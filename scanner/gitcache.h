/* SPDX-License-Identifier: Apache-2.0 */
/* --cache FILE: whether it may be used, under which key, and keeping it. */
#ifndef SCANNER_GITCACHE_H
#define SCANNER_GITCACHE_H

#include "scanner/gitrun.h"
#include "scanner/source/git/packcache.h"

struct gitcache {
	struct packcache packs;
	char key[2 * DIGEST_SHA256_BYTES + 1];
	bool is_open; /* may be read and written */
};

/* Reads the file that --cache names. One that may not be used is said, and not touched; one that is damaged or of other
 * rules is empty. 0, or -1 with err when there is no memory. */
[[nodiscard]] int gitcache_open(struct gitcache *c, const struct gitrun *r, struct err *err);
/* Writes it, when it may be and the scan was not stopped; that it could not be written is only said. */
void gitcache_save(struct gitcache *c, const struct gitrun *r);
void gitcache_done(struct gitcache *c);

/* A digest, in hex, of the version, the rules and the limits, by which something could be found or not. */
void gitcache_key(const struct setup *setup, char ret[static 2 * DIGEST_SHA256_BYTES + 1]);

#endif
