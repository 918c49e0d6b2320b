/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of usage_record: its fields, and what is made of them. */
#ifndef ADMIN_USAGE_FIELD_H
#define ADMIN_USAGE_FIELD_H

#include "admin/usage_record.h"
#include "common/base/bounds.h"

enum usage_field {
	FIELD_INPUT, /* numbers */
	FIELD_OUTPUT,
	FIELD_CACHE_READ,
	FIELD_CACHE_WRITE,
	FIELD_CACHE_WRITE_5M,
	FIELD_CACHE_WRITE_1H,
	FIELD_MODEL, /* texts, in the order of enum usage_text at first */
	FIELD_TEAM,
	FIELD_FEATURE,
	FIELD_STOP_REASON,
	FIELD_KEY,
	FIELD_SERVICE_TIER,
	FIELD_GEO,
	FIELD_SPEED,
	FIELD_REQUEST_ID,
	FIELD_TIMESTAMP, /* a text, or a number */
	FIELD_BATCH,     /* true or false */
	FIELD_FAST,
	FIELD_USAGE, /* objects */
	FIELD_CACHE_CREATION,
	FIELDS,
	FIELD_OTHER = FIELDS,
};

#define FIELD_NUMBERS (FIELD_CACHE_WRITE_1H + 1)
#define FIELD_TEXTS (FIELD_TIMESTAMP - FIELD_MODEL)

enum usage_level { LEVEL_RECORD, LEVEL_USAGE, LEVEL_CACHE_CREATION, LEVELS };

/* Which field a key, between its quotes and without escapes, is at a level. */
enum usage_field usage_field_of(struct view key, enum usage_level level);
extern const char *const usage_field_names[FIELDS];

struct usage_raw {
	uint32_t seen; /* set of fields */
	uint64_t numbers[FIELD_NUMBERS];
	struct view texts[FIELD_TEXTS];
	int64_t unix_s;
	bool is_batch, is_fast;
};

static inline uint32_t usage_bit(enum usage_field field)
{
	return UINT32_C(1) << field;
}

/* The record that the fields make. NULL, or what is wrong with them. */
const char *usage_raw_finish(const struct usage_raw *raw, struct usage_record *ret);

#define USAGE_MEMOS 32      /* keys of a record that are known again */
#define USAGE_MEMO_BYTES 48 /* of one, with what stands round it */
#define USAGE_DATE_BYTES 10 /* YYYY-MM-DD */
#define USAGE_STORE_BYTES ((FIELD_TEXTS + 1) * (NAME_BYTES * 6u + 2))

/* Lines of one application have the same keys in the same order: the bytes that led to the n-th value are kept. */
struct usage_memo {
	char bytes[USAGE_MEMO_BYTES];
	uint8_t len; /* 0: none */
	uint8_t level;
	uint8_t field;
};

struct usage_reader {
	struct usage_memo memos[USAGE_MEMOS];
	char date[USAGE_DATE_BYTES]; /* the last one that was read, ... */
	int64_t date_s;              /* ... and its midnight */
	struct buf store;            /* texts that had escapes */
};

#endif
