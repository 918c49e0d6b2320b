/* SPDX-License-Identifier: Apache-2.0 */
/* The prefilter's literals: each keyword of the rules in each form that decode/ knows. */
#ifndef SCANNER_LITERALS_H
#define SCANNER_LITERALS_H

#include "common/base/err.h"
#include "scanner/decode/decode.h"
#include "scanner/match/matcher.h"
#include "scanner/prefilter/prefilter.h"

/* NULL with err. */
struct prefilter *literals_prefilter(const struct matcher *m, struct err *err);

/* What a hit's tag says. */
size_t literals_keyword(uint16_t tag);
enum decode_form literals_form(uint16_t tag);

#endif
