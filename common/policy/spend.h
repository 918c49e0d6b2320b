/* SPDX-License-Identifier: Apache-2.0 */
/* Who spent what: the provider bills by workspace and model and counts tokens by key. This joins the two, so that
 * the cost of a key, and through its name of a team, is told in billed money, and all shares together are the bill,
 * exactly.
 *
 * Each billed amount (a day, a workspace, a model, a kind of token, a tier, a window, a region) is shared among the
 * keys that used such tokens, by their number. A share is cut to 10^-SPEND_SCALE USD, or to the digits of the bill
 * when it has more; what is left over goes to the largest share (of several, to the key that is first in the order of
 * ids). What a row does not tell (an empty model, tier, window or region, as of web searches) fits any. What no usage
 * is known for (session time, a request that the usage report does not have) stays with the workspace, without a
 * key. */
#ifndef COMMON_POLICY_SPEND_H
#define COMMON_POLICY_SPEND_H

#include "common/base/decimal.h"
#include "common/base/err.h"

enum spend_kind { /* what was billed */
		  SPEND_INPUT,
		  SPEND_CACHE_WRITE_5M,
		  SPEND_CACHE_WRITE_1H,
		  SPEND_CACHE_READ,
		  SPEND_OUTPUT,
		  SPEND_WEB_SEARCH,
		  SPEND_OTHER, /* code execution, sessions, what is new: never shared among keys */
		  SPEND_KINDS,
};
extern const char *const spend_kind_names[SPEND_KINDS]; /* the API's token types; "web_search", "other" */

#define SPEND_SCALE 10

/* Whether money of that currency (a code of ISO 4217, in any case) can be added: nothing is converted. */
bool spend_is_usd(struct view currency);

/* What a row of either report is about. Texts are borrowed for the call; empty = not told, or the default workspace. */
struct spend_key {
	int64_t day; /* since 1970-01-01, UTC; years 1 to 9999 */
	struct view workspace, model, tier, window, geo;
};

struct spend; /* owns what it was given */

struct spend *spend_new(struct err *err);
void spend_free(struct spend *spend);
void spend_freep(struct spend **spend);

/* A row of the usage report grouped by key: tokens (or searches) of each kind. api_key may be empty (the Console), or
 * VIEW_NONE: no key is known. Rows that are about the same add up. 0; or -1: ERR_NOMEM, or ERR_LIMIT with more than
 * SPEND_ROWS_MAX rows, SPEND_TEXT_BYTES of texts, or numbers that cannot be counted. */
[[nodiscard]] int spend_add_usage(struct spend *spend, const struct spend_key *what, struct view api_key,
				  const uint64_t counts[static SPEND_KINDS], struct err *err);
/* A row of the cost report. amount in USD; may be negative (a restatement, a credit). Errors as above. */
[[nodiscard]] int spend_add_cost(struct spend *spend, const struct spend_key *what, enum spend_kind kind,
				 struct decimal amount_usd, struct err *err);

/* Shares out; after all rows (when more are added, it is due again). 0, or -1 with ERR_NOMEM or ERR_LIMIT. */
[[nodiscard]] int spend_settle(struct spend *spend, struct err *err);

/* One settled share. What it is about is what the bill says: an empty model is one that the bill does not tell. */
struct spend_share {
	struct spend_key what;
	struct view api_key; /* empty: the Console; without ptr (VIEW_NONE): no key is known */
	enum spend_kind kind;
	struct decimal amount_usd;
	uint64_t count; /* tokens or searches; 0 when only money is known. Nothing is counted twice */
};

/* Calls take for each share, ordered by day, workspace, key (none first), model, kind; texts are valid as long as the
 * spend. Usage that nothing was billed for comes with the amount 0. 0, or what take returned when it was not 0. Not to
 * be called from take, nor by two threads at once; -1 without a call when nothing is settled. */
[[nodiscard]] int spend_each(const struct spend *spend, int (*take)(void *context, const struct spend_share *share),
			     void *context);

#endif
