/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/literals.h"

#include <stdlib.h>

#define FORM_BITS 4 /* of a tag; the rest is the keyword */
#define KEYWORDS_MAX ((UINT16_MAX >> FORM_BITS) + 1)

_Static_assert(DECODE_FORMS <= 1 << FORM_BITS, "a tag holds every form");

size_t literals_keyword(uint16_t tag)
{
	return tag >> FORM_BITS;
}

enum decode_form literals_form(uint16_t tag)
{
	return (enum decode_form)(tag & ((1u << FORM_BITS) - 1));
}

struct prefilter *literals_prefilter(const struct matcher *m, struct err *err)
{
	size_t keywords = matcher_keyword_count(m), count = 0;
	DEFER(freep) struct literal *literals = calloc(keywords * DECODE_FORMS + 1, sizeof(*literals));

	if (!literals) {
		(void)err_nomem(err);
		return NULL;
	}
	if (keywords > KEYWORDS_MAX) {
		(void)err_set(err, ERR_LIMIT, 0, "the rules have %zu different keywords; at most %d are possible",
			      keywords, KEYWORDS_MAX);
		return NULL;
	}
	for (size_t k = 0; k < keywords; k++)
		for (unsigned form = 0; form < DECODE_FORMS; form++) {
			bool nocase;
			struct view word = matcher_keyword(m, k, &nocase);

			if (!decode_spell((enum decode_form)form, word, nocase, &literals[count]))
				continue;
			literals[count++].tag = (uint16_t)(k << FORM_BITS | form);
		}
	return prefilter_new(literals, count, PREFILTER_BEST, err);
}
