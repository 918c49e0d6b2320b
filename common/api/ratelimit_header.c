/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/ratelimit.h"
#include "common/base/clock.h"
#include "common/base/text.h"

/* Cuts prefix off name, in any case. */
static bool cut_prefix(struct view *name, struct view prefix)
{
	if (!text_eq_nocase(view_sub(*name, 0, prefix.len), prefix))
		return false;
	*name = view_sub(*name, prefix.len, name->len);
	return true;
}

void ratelimit_header(struct ratelimit_word *word, struct view name, struct view value)
{
	/* a longer name stands before the one it ends like; index of kinds beside it */
	static const struct {
		struct view prefix;
		enum ratelimit_kind kind;
	} kinds[] = { { { "requests-", 9 }, RATELIMIT_REQUESTS },
		      { { "input-tokens-", 13 }, RATELIMIT_INPUT },
		      { { "output-tokens-", 14 }, RATELIMIT_OUTPUT },
		      { { "tokens-", 7 }, RATELIMIT_TOKENS } };

	if (after_header(&word->after, name, value, clock_unix_s()) || !cut_prefix(&name, VIEW("anthropic-ratelimit-")))
		return;
	value = text_trim(value);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		__typeof__(&word->kinds[0]) k = &word->kinds[kinds[i].kind];

		if (!cut_prefix(&name, kinds[i].prefix))
			continue;
		if (text_eq_nocase(name, VIEW("limit")))
			k->has_limit = text_u64(value, RATELIMIT_MAX, &k->limit) == 0 && k->limit > 0;
		else if (text_eq_nocase(name, VIEW("remaining")))
			k->has_remaining = text_u64(value, RATELIMIT_MAX, &k->remaining) == 0;
		else if (text_eq_nocase(name, VIEW("reset")))
			k->has_reset = clock_parse_rfc3339(value, &k->reset_unix_s) == 0;
		return;
	}
}
