/* SPDX-License-Identifier: Apache-2.0 */
/* What earlier looks at a repository's packs and loose objects came to: a file that may be lost at any time.
 *
 * A pack is known by the checksum at its end, a folder of loose objects by the digest of their names, which are digests
 * themselves; with a pack the ids of the objects that were worth a second look are kept, nothing of their content. All
 * of it holds for one key: a digest of the program's version and its rules. Lines of text:
 *
 *	skant-cache 1 KEY
 *	pack CHECKSUM
 *	TYPE ID           a suspect of the pack above; TYPE is 1 commit, 3 blob, 4 tag
 *	loose DIGEST */
#ifndef SCANNER_SOURCE_GIT_PACKCACHE_H
#define SCANNER_SOURCE_GIT_PACKCACHE_H

#include "common/base/digest.h"
#include "common/base/err.h"
#include "scanner/source/git/packfile.h"
#include "scanner/source/git/suspect.h"

struct packcache_digest {
	unsigned char bytes[DIGEST_SHA256_BYTES];
};

struct packcache_pack {
	struct oid checksum;
	size_t first, count; /* in suspects */
};

struct packcache {
	struct packcache_pack *packs;
	size_t pack_count, pack_cap;
	struct suspect *suspects;
	size_t suspect_count, suspect_cap;
	struct packcache_digest *loose; /* folders in which nothing was found */
	size_t loose_count, loose_cap;
};

void packcache_done(struct packcache *c);

/* Reads the file. It stays empty when there is none, when it was made under another key, or when it is damaged;
 * *ret_why is then a text that says why, or NULL. A file that is not a regular one of this user's alone, or that
 * cannot be read: 1, and nothing may be written to it. 0, or -1 when there is no memory. */
int packcache_read(struct packcache *c, const char *path, const char *key, size_t hash_len, const char **ret_why);
/* Replaces the file, whole or not at all. 0, or -1 with err. */
[[nodiscard]] int packcache_write(struct packcache *c, const char *path, const char *key, size_t hash_len,
				  struct err *err);

const struct packcache_pack *packcache_find(const struct packcache *c, const struct packfile *pack);
bool packcache_has_loose(const struct packcache *c, const struct packcache_digest *digest);

/* Each adds an entry. 0, or -1 when there is no memory. A pack's suspects follow it. */
[[nodiscard]] int packcache_add_pack(struct packcache *c, const struct packfile *pack);
[[nodiscard]] int packcache_add_suspect(struct packcache *c, const struct suspect *suspect);
[[nodiscard]] int packcache_add_loose(struct packcache *c, const struct packcache_digest *digest);

#endif
