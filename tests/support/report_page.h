/* SPDX-License-Identifier: Apache-2.0 */
/* A report in memory: what an organisation of twelve keys spent in 2026, for tests of the parts of a page. */
#ifndef TESTS_SUPPORT_REPORT_PAGE_H
#define TESTS_SUPPORT_REPORT_PAGE_H

#include <stdio.h>
#include <stdlib.h>

#include "admin/period.h"
#include "admin/report.h"
#include "common/base/clock.h"
#include "tests/support/unit.h"

#define PAGE_BYTES (4u << 20)
#define PAGE_TEAMS 12

struct report_page {
	struct spend *spend;
	struct org_workspace workspaces[2];
	struct org_key keys[PAGE_TEAMS];
	struct org_user users[2];
	struct org_invite invites[1];
	struct organization org;
	struct policy policy;
	struct report r;
	char names[PAGE_TEAMS][24];
	char ids[PAGE_TEAMS][8];
};

static inline int64_t page_day(int month, int day)
{
	return clock_days(2026, month, day);
}

/* So many output tokens of a key, and as many dollars. */
static inline void page_spend(struct report_page *p, int month, int day, const char *workspace, const char *key,
			      uint64_t usd)
{
	const struct spend_key what = { .day = page_day(month, day),
					.workspace = view_of(workspace),
					.model = VIEW("m") };
	const uint64_t counts[SPEND_KINDS] = { [SPEND_OUTPUT] = usd };
	struct err err;

	assert_int_equal(spend_add_usage(p->spend, &what, view_of(key), counts, &err), 0);
	assert_int_equal(spend_add_cost(p->spend, &what, SPEND_OUTPUT, decimal_of(usd), &err), 0);
}

/* Key n (k00, ...) has the team team + a letter, and is of workspace w1 or, when odd, w2, which have one name. */
static inline void page_init(struct report_page *p)
{
	struct err err;

	*p = (struct report_page){ .spend = spend_new(&err), .policy = policy_standard };
	assert_non_null(p->spend);
	p->workspaces[0] = (struct org_workspace){ .id = "w1", .name = "prod" };
	p->workspaces[1] = (struct org_workspace){ .id = "w2", .name = "prod" };
	p->invites[0] = (struct org_invite){ .id = "i1",
					     .email = "cy@example.com",
					     .role = "user",
					     .status = "pending",
					     .invited_at_s = page_day(11, 1) * PERIOD_DAY_S,
					     .expires_at_s = page_day(11, 22) * PERIOD_DAY_S };
	p->users[0] = (struct org_user){ .id = "u1", .email = "ada@example.com", .name = "Ada", .role = "admin" };
	p->users[1] = (struct org_user){ .id = "u2", .email = "bo@example.com", .name = "Bo", .role = "user" };
	for (unsigned i = 0; i < PAGE_TEAMS; i++) {
		(void)snprintf(p->ids[i], sizeof(p->ids[i]), "k%02u", i);
		(void)snprintf(p->names[i], sizeof(p->names[i]), "team%c-prod-run", 'a' + i);
		p->keys[i] = (struct org_key){ .id = p->ids[i],
					       .name = p->names[i],
					       .workspace_id = i % 2 ? "w2" : "w1",
					       .place = ORG_KEY_IN_WORKSPACE,
					       .hint = "",
					       .status = "active",
					       .created_by_id = "u1",
					       .created_by_type = "user",
					       .principal_id = "",
					       .principal_type = "",
					       .created_at_s = page_day(1, 1) * PERIOD_DAY_S };
	}
	p->org = (struct organization){ .id = "o",
					.name = "Example",
					.workspaces = p->workspaces,
					.workspace_count = 2,
					.keys = p->keys,
					.key_count = PAGE_TEAMS,
					.users = p->users,
					.user_count = 2,
					.invites = p->invites,
					.invite_count = 1,
					.default_workspace_id = "" };
}

/* Adds up what was spent, for the days from from_day to before to_day, and their whole months. */
static inline void page_sum(struct report_page *p, int64_t from_day, int64_t to_day)
{
	struct err err = ERR_INIT;
	int64_t from_s = from_day * PERIOD_DAY_S, to_s = to_day * PERIOD_DAY_S;

	assert_int_equal(spend_settle(p->spend, &err), 0);
	p->r = (struct report){ .parts = REPORT_KEYS | REPORT_USAGE | REPORT_ACCESS,
				.now_s = to_s,
				.from_s = from_s,
				.to_s = to_s,
				.used_from_s = INT64_MAX,
				.policy = &p->policy,
				.org = &p->org,
				.has_keys = true,
				.has_usage = true };
	p->r.whole = period_month(from_s, 0) == from_s ? &p->r.sums : &p->r.earlier;
	assert_int_equal(sums_make(&p->r.sums, p->spend, &p->policy, &p->org, from_s, to_s, &err), 0);
	if (p->r.whole != &p->r.sums)
		assert_int_equal(
			sums_make(&p->r.earlier, p->spend, &p->policy, &p->org, period_month(from_s, 0), to_s, &err),
			0);
}

static inline void page_done(struct report_page *p)
{
	sums_done(&p->r.sums);
	sums_done(&p->r.earlier);
	spend_free(p->spend);
}

#endif
