/* SPDX-License-Identifier: Apache-2.0 */
/* One record of a reply as a struct: tables say which member goes where.
 *
 * Texts of a record are views, into the record's own bytes or (where something was escaped) into the reader; they live
 * until the reader reads the next one or the bytes go. What the API says and a struct does not know stays in its raw.
 * Values are never refused for being new: kinds, roles and states stay texts. A reader knows the dialect: members and
 * values that it calls otherwise come out under the names of the platform dialect. */
#ifndef COMMON_API_RECORD_H
#define COMMON_API_RECORD_H

#include "common/api/client.h"
#include "common/base/bounds.h"
#include "common/base/decimal.h"

/* A text that was absent has no ptr (VIEW_NONE); one that was null has len 0 and this ptr. */
extern const char record_null[];

static inline bool record_is_null(struct view v)
{
	return v.ptr == record_null;
}

static inline bool record_is_absent(struct view v)
{
	return v.ptr == NULL;
}

struct api_time {
	struct view text; /* as it came; absent and null as above */
	int64_t unix_s;   /* fractions are cut off */
	bool is_known;    /* text is a time (RFC 3339; no zone means UTC) */
};

struct api_number {
	uint64_t value; /* 0 when absent or null */
	bool is_known;
};

struct api_decimal {
	struct decimal value;
	bool is_known;
};

/* A value of another type than its form's is like an absent one, for a new kind of record may use a name otherwise;
 * but what is reckoned with is never taken for 0: a number that is none is ERR_FORMAT. */
enum record_form {
	RECORD_TEXT,    /* struct view, of a string */
	RECORD_TIME,    /* struct api_time, of a string */
	RECORD_NUMBER,  /* struct api_number; ERR_FORMAT as well for a fraction, below 0 and above UINT64_MAX */
	RECORD_DECIMAL, /* struct api_decimal, of a number or a string */
	RECORD_BOOL,    /* bool; absent and null: false */
	RECORD_JSON,    /* struct view: any value's exact bytes, for json_each and json_each_member */
};

struct record_field {
	const char *name; /* the platform dialect's; "actor.user_id" is a member of a member */
	size_t offset;
	enum record_form form;
	bool is_required; /* absent, null and another type are ERR_FORMAT */
};

struct record_type {
	const char *what;                  /* "a user", for messages */
	const struct record_field *fields; /* no two of one name; texts of several names may go to one place */
	size_t count;                      /* at most API_FIELDS_MAX */
	size_t size;                       /* of the struct */
	size_t raw_offset;                 /* of its member `struct view raw`: the record's exact bytes */
};

struct api_reader {
	const struct api_route *route; /* whose renames hold */
	struct buf texts;
	const struct record_type *type; /* the last one read; what follows is its fields' names in the dialect */
	struct view names[API_FIELDS_MAX];
};

/* For records that operation gives. ERR_USAGE when the dialect lacks it. Nothing is allocated yet. */
[[nodiscard]] int api_reader_init(struct api_reader *reader, enum api_dialect dialect, enum api_operation operation,
				  struct err *err);
void api_reader_done(struct api_reader *reader);

/* Reads row, which is one valid JSON value, into *ret, a struct of that type. What was read before is gone. 0, or -1:
 * ERR_FORMAT naming record and member (no object, a bad number, a required member missing), ERR_LIMIT (longer than
 * JSON_RECORD_BYTES), ERR_NOMEM. */
[[nodiscard]] int record_read(struct api_reader *reader, const struct record_type *type, struct view row, void *ret,
			      struct err *err);

/* What one call gave, and the memory that its record's texts are in. */
struct api_answer {
	struct api_reply reply; /* !reply.was_sent after a dry run: the record is all zeros then */
	struct api_reader reader;
	struct api_refusal refusal; /* filled when the call fails with ERR_REFUSED */
};

/* Calls operation and reads the reply's body as one record; type NULL: it has to be JSON, and nothing is read of it.
 * answer is filled anew (zeroed or done before) and is the caller's to free, after a failure as well. */
[[nodiscard]] int api_answer_get(struct api *api, enum api_operation operation, const struct api_argument *arguments,
				 size_t count, const struct record_type *type, struct api_answer *answer, void *ret,
				 struct err *err);
void api_answer_done(struct api_answer *answer);

/* Appends the texts of a JSON array of strings, with separator between them; what is no string is passed over. */
[[nodiscard]] int record_add_texts(struct buf *buf, struct view array, struct view separator);

#endif
