/* SPDX-License-Identifier: Apache-2.0 */
/* How late rows show, and what overlap follows from it. */
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000
#define NS_PER_MS 1'000'000
#define MS_PER_S 1000
#define KEPT 16'384        /* rows that count; of more, all lose half their weight */
#define BEYOND_PER_MILLE 1 /* of the rows may be later than what is doubled: p99.9 */

static void add(struct activities *a, int64_t late_s)
{
	uint64_t total = 0;
	size_t bucket = 0;

	while (bucket + 1 < ACTIVITIES_LAG_BUCKETS && late_s >= INT64_C(1) << bucket)
		bucket++;
	a->state.lags[bucket]++;
	for (size_t i = 0; i < ACTIVITIES_LAG_BUCKETS; i++)
		total += a->state.lags[i];
	/* Rounded up: one that was very late is not forgotten at once. */
	for (size_t i = 0; total > KEPT && i < ACTIVITIES_LAG_BUCKETS; i++)
		a->state.lags[i] = (a->state.lags[i] + 1) / 2;
}

/* What 99.9 % of the rows were not later than: the upper end of a bucket, so that it is rather too much. */
static int64_t measured_s(const struct activities *a)
{
	uint64_t total = 0, beyond = 0;
	size_t bucket = ACTIVITIES_LAG_BUCKETS;

	for (size_t i = 0; i < ACTIVITIES_LAG_BUCKETS; i++)
		total += a->state.lags[i];
	while (bucket > 1 && (beyond + a->state.lags[bucket - 1]) * 1000 <= total * BEYOND_PER_MILLE)
		beyond += a->state.lags[--bucket];
	return bucket > 1 ? INT64_C(1) << (bucket - 1) : 0;
}

int64_t activities_overlap_s(const struct activities *a)
{
	int64_t overlap_s = ACTIVITIES_OVERLAP_S;

	if (a->env.settings->settle_ms)
		return (int64_t)((a->env.settings->settle_ms + MS_PER_S - 1) / MS_PER_S);
	if (2 * measured_s(a) > overlap_s)
		overlap_s = 2 * measured_s(a);
	if ((int64_t)a->state.wide_s > overlap_s)
		overlap_s = (int64_t)a->state.wide_s;
	return overlap_s < ACTIVITIES_OVERLAP_MOST_S ? overlap_s : ACTIVITIES_OVERLAP_MOST_S;
}

static void note_late(struct activities *a, int64_t time_ns)
{
	int64_t age_s = activities_now_s(a) - time_ns / NS_PER_S;

	a->late++;
	if (age_s > a->latest_s)
		a->latest_s = age_s;
}

void activities_measure(struct activities *a)
{
	const struct feed_out *out = a->env.out;
	int64_t now_ns = activities_now_s(a) * NS_PER_S;

	if (a->mode == ACTIVITIES_BACKFILL || (a->mode == ACTIVITIES_RECONCILE && a->is_silent))
		return;
	for (size_t i = 0; i < a->count; i++) {
		int64_t time_ns = a->records[i].time_ns;

		if (!a->is_new[i])
			continue;
		if (a->mode == ACTIVITIES_RECONCILE)
			note_late(a, time_ns);
		else
			add(a, a->seen_s - time_ns / NS_PER_S);
		out->lag(out->context, a->env.settings->name,
			 now_ns > time_ns ? (uint64_t)((now_ns - time_ns) / NS_PER_MS) : 0);
	}
}
