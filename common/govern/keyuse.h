/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys were used in a time. The API has no time of last use: it is told by the usage report, grouped by key. */
#ifndef COMMON_GOVERN_KEYUSE_H
#define COMMON_GOVERN_KEYUSE_H

#include "common/api/client.h"
#include "common/base/textpool.h"

struct keyuse {
	const char **ids; /* sorted, each once: what keyaudit_input wants */
	size_t count, cap;
	struct textpool texts;
};

/* Reads all pages of the report from from_s (its day's midnight in UTC: the report has whole days, so that a key may
 * count as used that was used up to a day too early) to now_s. *ret is empty before; it is the caller's to free, after
 * a failure as well. 0, or -1 with err as api_call; ERR_USAGE when the dialect's report cannot be grouped by key. */
[[nodiscard]] int keyuse_read(struct api *api, int64_t from_s, int64_t now_s, struct keyuse *ret, struct err *err);
void keyuse_done(struct keyuse *use);

#endif
