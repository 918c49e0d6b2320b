/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_budget.h"

#include "common/base/text.h"
#include "tests/support/report_page.h"

static struct policy_budget budget(enum policy_scope scope, const char *name, enum policy_period period, uint64_t usd)
{
	return (struct policy_budget){ .scope = scope,
				       .name = name,
				       .period = period,
				       .limit_usd = decimal_of(usd),
				       .alert_at = { 80, 100 },
				       .alert_count = 2 };
}

static void assert_used(const struct report_page *p, enum policy_scope scope, const char *name,
			enum policy_period period, uint64_t usd)
{
	const struct policy_budget b = budget(scope, name, period, 100);
	struct decimal used;

	assert_int_equal(report_budget_used(&p->r, &b, &used), 0);
	assert_int_equal(decimal_cmp(used, decimal_of(usd)), 0);
}

static void write_out(const struct report_page *p, struct buf *out)
{
	struct html h;

	html_init(&h, out);
	assert_int_equal(report_budgets(&h, &p->r), 0);
	assert_true(html_ok(&h));
}

static void assert_has(const struct buf *out, const char *text, bool has)
{
	assert_int_equal(text_find(buf_view(out), view_of(text)) != SIZE_MAX, has);
}

static const char *const law[] = { "w2" };
static const struct policy_department departments[] = { { .name = "law", .workspaces = { .items = law, .count = 1 } } };

static void spend_all(struct report_page *p)
{
	page_spend(p, 10, 3, "w1", "k00", 1);
	page_spend(p, 10, 25, "w1", "k00", 10);
	page_spend(p, 11, 9, "w2", "k01", 100);
	page_spend(p, 11, 10, "w1", "k00", 1000);
	page_spend(p, 11, 10, "w1", "gone", 10000);
	p->policy.departments = departments;
	p->policy.department_count = 1;
}

static void a_month_is_judged_whole_wherever_the_report_begins(void **state)
{
	static const int days[][2] = { { 8, 1 }, { 10, 20 }, { 11, 10 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		struct report_page p;

		page_init(&p);
		spend_all(&p);
		page_sum(&p, page_day(days[i][0], days[i][1]), page_day(11, 11));
		assert_used(&p, POLICY_ORGANIZATION, "", POLICY_MONTHLY, 11100);
		assert_used(&p, POLICY_ORGANIZATION, "", POLICY_DAILY, 11000);
		assert_used(&p, POLICY_TEAM, "teamb", POLICY_MONTHLY, 100);
		assert_used(&p, POLICY_TEAM, "teamb", POLICY_DAILY, 0);
		assert_used(&p, POLICY_KEY, "k00", POLICY_MONTHLY, 1000);
		assert_used(&p, POLICY_KEY, "teama-prod-run", POLICY_MONTHLY, 1000);
		assert_used(&p, POLICY_WORKSPACE, "prod", POLICY_MONTHLY, 11100); /* both have the name */
		assert_used(&p, POLICY_WORKSPACE, "w2", POLICY_MONTHLY, 100);
		assert_used(&p, POLICY_DEPARTMENT, "law", POLICY_MONTHLY, 100);
		page_done(&p);
	}
}

static void the_report_s_own_sums_begin_where_it_begins(void **state)
{
	struct report_page p;

	(void)state;
	page_init(&p);
	spend_all(&p);
	page_sum(&p, page_day(10, 20), page_day(11, 11));
	assert_int_equal(decimal_cmp(p.r.sums.total.usd, decimal_of(11110)), 0);
	assert_int_equal(decimal_cmp(p.r.whole->total.usd, decimal_of(11111)), 0);
	page_done(&p);
}

static void each_budget_says_which_month_or_day_it_is_judged_by(void **state)
{
	const struct policy_budget budgets[] = { budget(POLICY_TEAM, "teama", POLICY_MONTHLY, 900),
						 budget(POLICY_TEAM, "teama", POLICY_DAILY, 2000) };
	DEFER(buf_done) struct buf out = BUF_INIT(PAGE_BYTES);
	struct report_page p;

	(void)state;
	page_init(&p);
	spend_all(&p);
	p.policy.budgets = budgets;
	p.policy.budget_count = 2;
	page_sum(&p, page_day(10, 20), page_day(11, 11));
	write_out(&p, &out);
	assert_has(&out,
		   "team teama<td>monthly<td class=date>2026-11<td class=money data-v=900>900.00"
		   "<td class=money data-v=1000>1,000.00<td class=number>111.11 %<td class=money data-v=3000>3,000.00",
		   true);
	assert_has(&out, "team teama<td>daily<td class=date>2026-11-10<td class=money data-v=2000>2,000.00", true);
	assert_has(&out, "tell of all of 2026-10, which begins before", true);
	page_done(&p);
}

static void each_scope_with_a_monthly_budget_has_a_chart(void **state)
{
	const struct policy_budget budgets[] = { budget(POLICY_DEPARTMENT, "law", POLICY_MONTHLY, 900),
						 budget(POLICY_KEY, "k00", POLICY_MONTHLY, 50),
						 budget(POLICY_TEAM, "teama", POLICY_DAILY, 2000) };
	DEFER(buf_done) struct buf out = BUF_INIT(PAGE_BYTES);
	struct report_page p;

	(void)state;
	page_init(&p);
	spend_all(&p);
	p.policy.budgets = budgets;
	p.policy.budget_count = 3;
	page_sum(&p, page_day(10, 1), page_day(11, 11));
	write_out(&p, &out);
	assert_has(&out, "<figure id=\"department-budgets\"", true);
	assert_has(&out, "law: 900.00 a month", true);
	assert_has(&out, "<figure id=\"key-budgets\"", true);
	assert_has(&out, "k00: 50.00 a month", true);
	assert_has(&out, "<figure id=\"team-budgets\"", false); /* of days there is no line across months */
	assert_has(&out, "which begins before", false);
	page_done(&p);
}

static void of_many_budgets_those_that_are_used_most_are_drawn_and_all_are_told(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PAGE_BYTES);
	struct policy_budget budgets[PAGE_TEAMS];
	char teams[PAGE_TEAMS][8];
	struct report_page p;

	(void)state;
	page_init(&p);
	for (unsigned i = 0; i < PAGE_TEAMS; i++) {
		(void)snprintf(teams[i], sizeof(teams[i]), "team%c", 'a' + i);
		budgets[i] = budget(POLICY_TEAM, teams[i], POLICY_MONTHLY, 1000);
		page_spend(&p, 11, 1, "w1", p.ids[i], 10 + i);
	}
	p.policy.budgets = budgets;
	p.policy.budget_count = PAGE_TEAMS;
	page_sum(&p, page_day(11, 1), page_day(11, 11));
	write_out(&p, &out);
	assert_has(&out, "The 8 that this month used most of are drawn; the table has 4 more.", true);
	assert_has(&out, "teaml: 1,000.00 a month", true);
	assert_has(&out, "teame: 1,000.00 a month", true);
	assert_has(&out, "teamd: 1,000.00 a month", false);
	for (unsigned i = 0; i < PAGE_TEAMS; i++) {
		DEFER(buf_done) struct buf row = BUF_INIT(200);

		assert_int_equal(buf_addf(&row, "%s<td class=money data-v=1000>1,000.00<td class=money data-v=%u>",
					  teams[i], 10 + i),
				 0);
		assert_has(&out, row.ptr, true);
	}
	page_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_month_is_judged_whole_wherever_the_report_begins),
		cmocka_unit_test(the_report_s_own_sums_begin_where_it_begins),
		cmocka_unit_test(each_budget_says_which_month_or_day_it_is_judged_by),
		cmocka_unit_test(each_scope_with_a_monthly_budget_has_a_chart),
		cmocka_unit_test(of_many_budgets_those_that_are_used_most_are_drawn_and_all_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
