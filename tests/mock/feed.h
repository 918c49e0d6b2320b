/* SPDX-License-Identifier: Apache-2.0 */
/* The order of activities: a base of any number that follows from its index alone, and those that came since. No memory
 * is held for the base. The order is by created_at, then by id; a position lies between two rows. */
#ifndef TESTS_MOCK_FEED_H
#define TESTS_MOCK_FEED_H

#include "tests/mock/rng.h"

#define FEED_COUNT_MAX 10'000'000
#define FEED_PER_SECOND 4 /* base rows of one second at most */

struct extra { /* an activity that came since */
	int64_t at_us;
	int64_t visible_us; /* from then on lists show it */
	struct ident id;
	const char *type;
	struct ident actor; /* user_.., or empty */
	char *json;         /* the whole object */
	bool has_organization;
};

struct feed {
	uint64_t seed;
	const char *prefix; /* of ids */
	uint64_t count;     /* of the base */
	int64_t start_us, span_s;
	struct extra *extras; /* in order */
	size_t extra_count, extra_cap;
	uint64_t made; /* ids given to extras */
};

struct place {
	int64_t at_us;
	struct ident id;
};

struct position { /* so many rows of each kind are older */
	uint64_t base;
	size_t extra;
};

struct row {                       /* what a step passed over */
	const struct extra *extra; /* NULL: the base's row index */
	uint64_t index;
};

/* count rows from start_us to end_us, whole seconds. The seconds must suffice (FEED_PER_SECOND). */
void feed_init(struct feed *f, uint64_t seed, const char *prefix, uint64_t count, int64_t start_us, int64_t end_us);
void feed_done(struct feed *f);

int64_t feed_time(const struct feed *f, uint64_t index);
unsigned feed_digits(const struct feed *f, uint64_t index); /* behind the second that show the time whole */
struct ident feed_id(const struct feed *f, uint64_t index);
struct place feed_place(const struct feed *f, struct row row);

/* The position right before (older than) the first row that is not older than the place. */
struct position feed_find(const struct feed *f, const struct place *place);
/* That of a time: rows at it are newer. */
struct position feed_find_time(const struct feed *f, int64_t at_us);
struct position feed_end(const struct feed *f);
int feed_compare(struct position a, struct position b); /* of one feed */

/* Passes one row towards the newer, or older, end; rows not visible at now_us are skipped. false at the end. */
bool feed_newer(const struct feed *f, struct position *at, int64_t now_us, struct row *ret);
bool feed_older(const struct feed *f, struct position *at, int64_t now_us, struct row *ret);

/* Whether a visible row stands at this place. */
bool feed_has(const struct feed *f, const struct place *place, int64_t now_us);

/* An id for the next extra, and its way into the order; e->json is taken over. */
struct ident feed_new_id(struct feed *f);
void feed_add(struct feed *f, const struct extra *e);

#endif
