/* SPDX-License-Identifier: Apache-2.0 */
/* The last day is read again now and then: what the overlap was too short for is found by that. */
#include "common/base/bounds.h"
#include "forwarder/feed/activities.h"

#define MS_PER_S 1000

bool activities_reconcile_is_due(const struct activities *a)
{
	int64_t every_s = (int64_t)(a->env.settings->reconcile_ms / MS_PER_S);
	int64_t since_s = activities_now_s(a) - a->state.reconciled_s;

	/* A clock that went back says nothing, for as long. */
	return every_s && a->state.is_known && !a->state.is_behind && (since_s >= every_s || since_s < -every_s);
}

void activities_reconcile_start(struct activities *a)
{
	int64_t from_s = activities_now_s(a) - ACTIVITIES_RECONCILE_S;

	if (from_s < a->state.from_s)
		from_s = a->state.from_s;
	a->reconcile = (struct activities_fill){ .at_s = from_s, .to_s = a->state.settled_s };
	a->is_reconciling = true;
	a->late = 0;
	a->latest_s = 0;
}

/* Without a late one, what earlier ones made of the overlap goes slowly. */
static void widen(struct activities *a)
{
	uint64_t wide_s = a->state.wide_s - (a->state.wide_s + 3) / 4;

	if (a->late)
		wide_s = 2 * (uint64_t)activities_overlap_s(a);
	if (wide_s > ACTIVITIES_OVERLAP_MOST_S)
		wide_s = ACTIVITIES_OVERLAP_MOST_S;
	a->state.wide_s = wide_s > ACTIVITIES_OVERLAP_S ? wide_s : 0;
}

static int tell_late(struct activities *a, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (!a->late) {
		activities_alert(a, FEED_LATE, false, "the last day was read again, and nothing of it had come late");
		return 0;
	}
	if (buf_addf(
		    &text,
		    "%llu activities came later than the overlap of %lld s, the latest of them up to %lld s late; they "
		    "are stored now, and %s",
		    (unsigned long long)a->late, (long long)activities_overlap_s(a), (long long)a->latest_s,
		    a->env.settings->settle_ms ? "'settle' in the configuration is too short"
					       : "the overlap is doubled"))
		return err_nomem(err);
	activities_alert(a, FEED_LATE, true, text.ptr);
	return 0;
}

int activities_reconcile(struct activities *a, struct err *err)
{
	int status;

	a->mode = ACTIVITIES_RECONCILE;
	status = activities_fill(a, &a->reconcile, err);
	if (status == 1 || status == ACTIVITIES_FULL)
		return status;
	a->is_reconciling = false;
	if (status || tell_late(a, err))
		return err_prefix(err, "reading the last day again");
	widen(a);
	a->is_silent = false;
	a->state.reconciled_s = activities_now_s(a);
	return activities_store_state(a, err);
}
