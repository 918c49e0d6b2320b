/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a JSON text (RFC 8259) piece by piece, each byte once: what has been read is valid, with the same verdict,
 * the same place and the same words as json_whole. Whole values are passed over at full speed; only levels that are of
 * interest are entered.
 *
 * A reader stands before a value. json_read_value takes the value; or json_read_open enters it, and then each
 * json_read_member or json_read_element moves to a value of that level, which has to be taken or entered, until there
 * is none and the level is left. */
#ifndef COMMON_SYS_JSON_READER_H
#define COMMON_SYS_JSON_READER_H

#include "common/sys/json.h"

struct json_reader { /* at may be read, to know where something was; the rest is the reader's */
	const char *start, *at, *end;
	unsigned depth;  /* may be set before the first value: levels that a part of a text is in */
	bool is_fresh;   /* the level was entered and has not been looked into */
	bool has_escape; /* a backslash was met in a string */
	uint64_t objects[(JSON_DEPTH + 63) / 64]; /* a bit a level: an object, not an array */
	struct err *err;
	size_t *failed_at; /* the caller's to set: gets the place in text of what was wrong; NULL = nobody asks */
};

/* Before the first value of text. err may be NULL and is filled by whatever returns -1 (ERR_FORMAT: byte offset in
 * text, what was found, what was expected; no input bytes). After that the reader is of no more use. */
struct json_reader json_reader_of(struct view text, struct err *err);

/* Takes a value, whatever it is: its exact bytes. 0 or -1. */
[[nodiscard]] int json_read_value(struct json_reader *r, struct view *ret);

/* Enters an object or an array (type says which). 0; 1 when something else stands there, which is still to be taken;
 * -1 when there is nothing, or too much nesting. */
[[nodiscard]] int json_read_open(struct json_reader *r, enum json_type type);

/* In an object: moves to the next member's value; *ret_key is its key with its quotes. *ret_escaped (may be NULL) tells
 * whether the key has an escape. 0; 1 when the object has ended and is left; -1. */
[[nodiscard]] int json_read_member(struct json_reader *r, struct view *ret_key, bool *ret_escaped);

/* In an array: moves to the next element. 0; 1 when the array has ended and is left; -1. */
[[nodiscard]] int json_read_element(struct json_reader *r);

/* Nothing but white space may be left. 0 or -1. */
[[nodiscard]] int json_read_end(struct json_reader *r);

#endif
