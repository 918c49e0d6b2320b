/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/finding.h"

#include "common/base/text.h"

const char *const finding_status_names[STATUS_COUNT] = { "new", "baseline", "allowed" };

const char *const check_names[CHECK_COUNT] = {
	[CHECK_SHAPE] = "shape",       [CHECK_ENTROPY] = "entropy",       [CHECK_PLACEHOLDER] = "placeholder",
	[CHECK_SEQUENCE] = "sequence", [CHECK_REPETITION] = "repetition", [CHECK_SAMPLE] = "sample",
	[CHECK_MASKED] = "masked",     [CHECK_REGEX] = "regex",           [CHECK_BIGRAM] = "bigram",
	[CHECK_LENGTH] = "length",     [CHECK_IDENTIFIER] = "identifier",
};

const char *const check_texts[CHECK_COUNT] = {
	[CHECK_SHAPE] = "it does not end as keys of this kind do",
	[CHECK_ENTROPY] = "its characters are too alike to be random",
	[CHECK_PLACEHOLDER] = "it contains a word that stands for a key, such as \"example\" or \"your\"",
	[CHECK_SEQUENCE] = "it contains runs of the alphabet or of digits",
	[CHECK_REPETITION] = "it repeats one character or one piece",
	[CHECK_SAMPLE] = "it is a sample known from documentation",
	[CHECK_MASKED] = "a part of it was replaced by dots, stars or x",
	[CHECK_REGEX] = "it is the source of a pattern, not a key",
	[CHECK_BIGRAM] = "it has its full length, but too few different pairs of characters to be random",
	[CHECK_LENGTH] = "it is shorter or longer than keys of this kind are",
	[CHECK_IDENTIFIER] = "it is part of a longer word, hash or encoded text",
};

const char *const verified_names[VERIFIED_COUNT] = { NULL, "live", "dead", "unknown" };

bool origin_is_reachable(const struct origin *o)
{
	struct view reached = view_of(o->reached);

	return text_eq(reached, VIEW("ref")) || text_eq(reached, VIEW("stash"));
}
