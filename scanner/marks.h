/* SPDX-License-Identifier: Apache-2.0 */
/* What the prefilter looks for: the keywords of the rules in each way of writing that decode/ knows. */
#ifndef SCANNER_MARKS_H
#define SCANNER_MARKS_H

#include "common/base/err.h"
#include "scanner/decode/decode.h"
#include "scanner/match/matcher.h"
#include "scanner/prefilter/prefilter.h"

struct mark {
	uint16_t keyword; /* of the matcher; MARK_NO_KEYWORD: compressed data starts here */
	uint8_t form;     /* enum decode_form */
	uint8_t phase;    /* for decode_at; of DECODE_PLAIN not 0: the rest of the key may be written otherwise */
};

#define MARK_NO_KEYWORD UINT16_MAX

struct marks;

/* With decodes false only text is looked for, in all widths of characters. NULL with err. */
struct marks *marks_new(const struct matcher *m, bool decodes, struct err *err);
void marks_free(struct marks *m);

const struct prefilter *marks_prefilter(const struct marks *m);

struct prefilter *marks_plan(struct marks *m); /* the same, for planc to work on */

/* What a hit is, by its tag. */
const struct mark *marks_at(const struct marks *m, uint16_t tag);

#endif
