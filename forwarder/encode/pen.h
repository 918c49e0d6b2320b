/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the encoders: appending to a buf what a format is made of, at the speed of memory. The first failure
 * sticks: from there on nothing is appended. */
#ifndef FORWARDER_ENCODE_PEN_H
#define FORWARDER_ENCODE_PEN_H

#include <string.h>

#include "common/base/digest.h"

struct pen {
	struct buf *out;
	bool has_failed;
};

/* How texts are made fit for a place. None lets a byte below 0x20 or a 0x7F pass, and all give valid UTF-8. */
enum pen_form {
	PEN_JSON, /* inside of the quotes of a JSON string: " and \ escaped, others as \u00XX, no UTF-8 as U+FFFD */
	PEN_LINE, /* as text_add_clean */
	PEN_PARAMETER, /* and " \ ] escaped: RFC 5424, section 6.3.3 */
	PEN_HEADER,    /* and | \ escaped: CEF's header */
	PEN_EXTENSION, /* and = \ escaped, line ends as \n and \r: CEF's values */
	PEN_FORMS,
};

/* Room for len bytes more at once: whoever writes them says so to pen_did. NULL when there is none. */
static inline char *pen_room(struct pen *pen, size_t len)
{
	struct buf *out = pen->out;

	if (pen->has_failed)
		return NULL;
	if ((len > out->max - out->len || out->cap - out->len <= len) && buf_reserve(out, len)) {
		pen->has_failed = true;
		return NULL;
	}
	return out->ptr + out->len;
}

static inline void pen_did(struct pen *pen, size_t len)
{
	pen->out->len += len;
	pen->out->ptr[pen->out->len] = '\0';
}

static inline void pen_add(struct pen *pen, struct view v)
{
	char *at = pen_room(pen, v.len);

	if (!at)
		return;
	if (v.len)
		memcpy(at, v.ptr, v.len);
	pen_did(pen, v.len);
}

static inline void pen_byte(struct pen *pen, char byte)
{
	pen_add(pen, view_from(&byte, 1));
}

#define PEN_LITERAL(pen, literal) pen_add(pen, VIEW(literal))

void pen_word(struct pen *pen, const char *word); /* terminated, clean */
void pen_number(struct pen *pen, int64_t n);
void pen_unsigned(struct pen *pen, uint64_t n);
void pen_digest(struct pen *pen, const unsigned char digest[static DIGEST_SHA256_BYTES]); /* hex */

/* ns since 1970 as RFC 3339 in UTC, with three, six or nine digits of a fraction, as many as are needed but at most so
 * many: 2026-11-24T13:49:09.500Z. */
void pen_time(struct pen *pen, int64_t ns, unsigned most_digits);

/* ns since 1970 in UTC as RFC 3164, section 4.1.2, has it: "Nov 24 13:49:09". */
void pen_bsd_time(struct pen *pen, int64_t ns);

void pen_text(struct pen *pen, struct view v, enum pen_form form);

/* A JSON text on one line: what no line may hold becomes a space between tokens, and an escape in a string. Whether it
 * was taken as it is. */
bool pen_json(struct pen *pen, struct view value);

/* At most so many bytes of a text, cut between characters. */
struct view pen_cut(struct view v, size_t most);

#endif
