/* SPDX-License-Identifier: Apache-2.0 */
/* Usage and cost as the API reports them, row by row or joined (common/policy/spend.h).
 *
 * What it says now counts: buckets that changed after the fact are read as they are. A report has to be whole: a page
 * that is empty though there is more, a cursor that was there before, buckets that do not join, and an end before the
 * time that was asked for (or the day that it is by the API's clock) are ERR_FORMAT, and the message names the
 * operation and the place. So is money that is no US dollars. Memory is that of a page, and of what the caller keeps.
 *
 * The dialect cca reports no keys, kinds of tokens, tiers, windows or regions, and no days: it is called once for each
 * of them where days are wanted. */
#ifndef COMMON_GOVERN_LEDGER_H
#define COMMON_GOVERN_LEDGER_H

#include "common/api/endpoint_cost.h"
#include "common/api/endpoint_usage.h"
#include "common/policy/spend.h"

/* Who is told of the cost report's rows that are no US dollars, instead of the report being refused. */
struct ledger_foreign {
	int (*take)(void *context, const struct api_cost *row, struct err *err);
	void *context;
};

/* What is asked of a report. */
struct ledger_query {
	int64_t from_s, to_s;                 /* [from_s, to_s), Unix time; rounded outward to whole buckets */
	const char *bucket_width;             /* "1h", "1m": usage on the platform; NULL: days */
	bool by_day;                          /* cca: days are told apart; the platform always does */
	const struct api_argument *arguments; /* group_by and filters (dialect.h) */
	size_t count;
	const struct ledger_foreign *foreign; /* NULL: nobody */
};

/* Call take for each row, in the order of time. 0; or -1 with err: as api_call, take's own, ERR_FORMAT as above,
 * ERR_USAGE when to_s is not behind from_s or there are more than LEDGER_DAYS_MAX days. */
[[nodiscard]] int ledger_each_usage(struct api *api, const struct ledger_query *query,
				    int (*take)(void *context, const struct api_usage *row, struct err *err),
				    void *context, struct err *err);
/* The same; the currency of each row that take is given is USD. */
[[nodiscard]] int ledger_each_cost(struct api *api, const struct ledger_query *query,
				   int (*take)(void *context, const struct api_cost *row, struct err *err),
				   void *context, struct err *err);

/* A row's amount in USD, and what was billed. */
[[nodiscard]] int ledger_usd(const struct api_cost *row, struct decimal *ret, struct err *err);
enum spend_kind ledger_kind(const struct api_cost *row);

enum ledger_part { LEDGER_USAGE = 1 << 0, LEDGER_COST = 1 << 1 };

/* Adds the rows of the parts, of whole days in UTC, to spend; who adds no more settles it. Errors as above, and
 * spend.h's. cca: no key is known of any usage, all input counts as SPEND_INPUT, all money as SPEND_OTHER. */
[[nodiscard]] int ledger_read(struct api *api, unsigned parts, int64_t from_s, int64_t to_s, struct spend *spend,
			      struct err *err);
/* The same; rows of another currency go to foreign. */
[[nodiscard]] int ledger_read_usd(struct api *api, unsigned parts, int64_t from_s, int64_t to_s, struct spend *spend,
				  const struct ledger_foreign *foreign, struct err *err);

/* What reports of the dialect do not tell, as a sentence; NULL: nothing is missing. */
const char *ledger_unknown(enum api_dialect dialect);

#endif
