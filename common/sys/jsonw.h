/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON (RFC 8259) into a buf, streaming: no tree. Commas, indentation and escaping are the writer's.
 *
 * Strings are written as valid UTF-8 whatever came in: bytes that are none become U+FFFD, control characters
 * \u00XX. The first failure (ceiling, memory, a call that JSON has no place for) sticks: later calls write nothing, and
 * jsonw_ok tells. */
#ifndef COMMON_SYS_JSONW_H
#define COMMON_SYS_JSONW_H

#include "common/base/buf.h"

#define JSONW_DEPTH 32

struct jsonw {
	struct buf *out;
	unsigned indent; /* spaces a level; 0 = all on one line */
	unsigned depth;
	bool failed;
	bool after_key;               /* the next value belongs to a key */
	bool filled[JSONW_DEPTH + 1]; /* this level has an entry already */
	bool is_array[JSONW_DEPTH + 1];
};

void jsonw_init(struct jsonw *w, struct buf *out, unsigned indent);
bool jsonw_ok(const struct jsonw *w); /* all was written, and all levels are closed */

void jsonw_object(struct jsonw *w); /* { ... */
void jsonw_array(struct jsonw *w);
void jsonw_end(struct jsonw *w); /* ... } or ], whichever is open */
void jsonw_key(struct jsonw *w, const char *key);

void jsonw_string(struct jsonw *w, struct view v);
void jsonw_u64(struct jsonw *w, uint64_t n);
void jsonw_bool(struct jsonw *w, bool b);
void jsonw_raw(struct jsonw *w, struct view value); /* a complete JSON value, taken as it is */

/* key and value in one. */
void jsonw_member(struct jsonw *w, const char *key, struct view v);
void jsonw_member_text(struct jsonw *w, const char *key, const char *text); /* NULL: nothing is written */
void jsonw_member_u64(struct jsonw *w, const char *key, uint64_t n);

#endif
