/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON (RFC 8259): only json_tree.c sees cJSON.
 *
 * The validating tokenizer is our own: strict grammar, valid UTF-8, depth at most JSON_DEPTH; it never
 * copies. It finds the span of a value, of a member, or of each record in an array, so that upstream bytes are kept
 * untouched and only one record at a time is turned into a tree. */
#ifndef COMMON_SYS_JSON_H
#define COMMON_SYS_JSON_H

#include "common/base/buf.h"
#include "common/base/err.h"

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Cuts the first value off *rest (leading white space skipped): *ret is its exact bytes. 0; 1 when only white space
 * was left; -1 with err (ERR_FORMAT: byte offset in *rest, what was found, what was expected; no input bytes). */
[[nodiscard]] int json_next(struct view *rest, struct view *ret, struct err *err);

/* json_next, and nothing but white space may follow. A text of white space alone is an error. 0 or -1. */
[[nodiscard]] int json_whole(struct view text, struct view *ret, struct err *err);

enum json_type json_type_of(struct view value); /* of a value that json_next gave */

/* Walk an array's elements or an object's members; each call cuts one off. Start with *cursor = the value's bytes.
 * true while there was one. The value must have come from json_next (it is known to be valid). */
bool json_each(struct view *cursor, struct view *ret_value);
bool json_each_member(struct view *cursor, struct view *ret_key, struct view *ret_value); /* key with its quotes */

/* The value of the first member with this (unescaped) key, or VIEW_NONE. object must be valid. */
struct view json_member(struct view object, const char *key);

/* Appends the unescaped text of a string value. \u0000 and lone surrogates survive (the latter as the three bytes of
 * their code point). 0, or -1 as buf_add. */
[[nodiscard]] int json_add_string(struct buf *buf, struct view value);

/* The text of a string value: where it is, between the quotes, when it has no escape, and else unescaped by
 * json_add_string behind what store holds (it is then good until store changes). 0, or -1 as buf_add. */
[[nodiscard]] int json_text(struct view value, struct buf *store, struct view *ret);

/* Whether a string value, unescaped, is text. */
bool json_string_is(struct view value, struct view text);

/* One record as a tree. Values are borrowed from the tree. \u0000 and half a surrogate pair are U+FFFD there: who
 * needs the very text takes it from the value. */
struct json;                                                /* a cJSON tree */
struct json *json_tree(struct view value, struct err *err); /* of a valid value of at most JSON_RECORD_BYTES */
void json_free(struct json *json);
void json_freep(struct json **json);
const struct json *json_get(const struct json *object, const char *key); /* case-sensitive; NULL when absent */
const char *json_string(const struct json *value);                       /* NULL when value is NULL or no string */
bool json_is(const struct json *value, enum json_type type);

#endif
