/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a scan that somebody may have to be asked about: each once, by its id, in memory that is wiped. Nothing
 * else of a scan keeps a key; this does so only for --verify. */
#ifndef SCANNER_KEYRING_H
#define SCANNER_KEYRING_H

#include <pthread.h>

#include "common/base/secret.h"
#include "scanner/finding.h"

struct held_key {
	char id[SECRET_ID_BYTES];
	struct buf secret; /* empty once it has been handed on */
	bool is_wanted;
	struct held_key *next_wanted;
	struct verdict verdict; /* its texts are owned */
};

struct keyring {
	pthread_mutex_t lock;
	struct held_key **slots; /* by the id's hash; slot_count is a power of two, at most half are taken */
	size_t slot_count, count;
	struct held_key *first_wanted, **end_wanted;
	bool is_full; /* VERIFY_KEYS_MAX, or no memory: some key is not in it */
};

void keyring_init(struct keyring *k);
void keyring_done(struct keyring *k); /* wipes */

/* Any thread may call it, any number of times with the same key. */
void keyring_hold(struct keyring *k, const char *id, struct view secret);

/* Puts the key of that id at the end of the wanted ones, once; nothing when there is none. Any thread may call it. */
void keyring_want(struct keyring *k, const char *id);

/* The key of that id, or NULL; while nobody else calls. */
struct held_key *keyring_find(const struct keyring *k, const char *id);

#endif
