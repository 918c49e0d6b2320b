/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/checks.h"

#include "common/base/text.h"

#define WORD_BITS 720     /* one of 147 words */
#define WORD_CASE_BITS 158 /* lower, upper or with a capital */
#define OPENING_MAX 1     /* characters before the word that a body starts with */
#define COVER_SHARE 3     /* a third of the body in words is much */
#define CLEAR_LEN 6       /* a clear word of so many letters says all, wherever it stands */

/* Words that say "no key" (clear), and such as stand beside them. Longer ones first where one starts with another. */
static const struct word {
	const char *text;
	bool is_clear;
} words[] = {
	{ "changeme", true },   { "dummy", true },    { "example", true },      { "fake", true },
	{ "foobar", true },     { "invalid", true },  { "mock", true },         { "notreal", true },
	{ "placeholder", true },{ "redacted", true }, { "replace", true },      { "sample", true },
	{ "test", true },       { "todo", true },     { "your", true },         { "insert", true },
};
