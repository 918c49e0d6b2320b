/* SPDX-License-Identifier: Apache-2.0 */
/* Reports above a client that answers from a script. */
#include "common/govern/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

struct api {
	struct profile profile;
	const char *const *pages;
	unsigned calls;
	int64_t now_s;
	struct buf asked;
};

const struct profile *api_profile(const struct api *api)
{
	return &api->profile;
}

int api_call_read(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  const struct api_reading *reading, struct api_reply *reply, struct api_refusal *refusal,
		  struct err *err)
{
	const char *page = api->pages[api->calls];

	if (refusal)
		*refusal = (struct api_refusal){ 0 };
	if (buf_add_text(&api->asked, api_operation_name(operation)))
		abort();
	for (size_t i = 0; i < count; i++)
		if (buf_addf(&api->asked, " %s=%.*s", arguments[i].name, (int)arguments[i].value.len,
			     arguments[i].value.ptr))
			abort();
	if (buf_add_byte(&api->asked, '\n'))
		abort();
	if (!page)
		return err_set(err, ERR_LATER, 0, "no network");
	api->calls++;
	reply->body.max = 1 << 20;
	reply->date_s = api->now_s;
	buf_clear(&reply->body);
	if (buf_add_text(&reply->body, page))
		abort();
	if (reading->read(reading->context, buf_view(&reply->body), err))
		return err_prefix(err, "%s", api_operation_name(operation));
	return 0;
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
	buf_done(&reply->request_id);
	buf_done(&reply->organization);
}

static int64_t at(const char *text)
{
	int64_t ret = 0;

	assert_int_equal(clock_parse_rfc3339(view_of(text), &ret), 0);
	return ret;
}

#define FEB_1 "2024-02-01T00:00:00Z"
#define FEB_2 "2024-02-02T00:00:00Z"
#define FEB_3 "2024-02-03T00:00:00Z"
#define BUCKET(from, to, results) "{\"starting_at\":\"" from "\",\"ending_at\":\"" to "\",\"results\":[" results "]}"
#define PAGE(buckets) "{\"data\":[" buckets "],\"has_more\":false,\"next_page\":null}"
#define PAGE_THEN(buckets, next) "{\"data\":[" buckets "],\"has_more\":true,\"next_page\":" next "}"
#define COST(amount, more) "{\"amount\":\"" amount "\",\"currency\":\"USD\"" more "}"

static int count_usage(void *context, const struct api_usage *row, struct err *err)
{
	(void)err;
	*(uint64_t *)context += row->output_tokens.value;
	return 0;
}

static int sum_cost(void *context, const struct api_cost *row, struct err *err)
{
	struct decimal *sum = context, usd;

	return ledger_usd(row, &usd, err) || decimal_add(*sum, usd, sum) ? -1 : 0;
}

static struct api api_of(enum api_dialect dialect, const char *const *pages)
{
	return (struct api){ .profile = { .dialect = dialect },
			     .pages = pages,
			     .now_s = at("2026-01-01T10:00:00Z"),
			     .asked = BUF_INIT(1 << 16) };
}

static void assert_cost_fails(const char *const *pages, enum err_kind kind, const char *text)
{
	struct api api = api_of(API_PLATFORM, pages);
	const struct ledger_query query = { .from_s = at(FEB_1), .to_s = at(FEB_3) };
	struct decimal sum = { 0 };
	struct err err = ERR_INIT;

	assert_int_equal(ledger_each_cost(&api, &query, sum_cost, &sum, &err), -1);
	assert_int_equal(err.kind, kind);
	assert_string_equal(err.text, text);
	buf_done(&api.asked);
}

static void a_report_is_read_to_its_end(void **state)
{
	static const char *const pages[] = {
		PAGE_THEN(BUCKET(FEB_1, FEB_2, COST("100", "") "," COST("-25.5", "")), "\"p2\""),
		PAGE(BUCKET(FEB_2, FEB_3, COST("0.0000001", ""))),
	};
	struct api api = api_of(API_PLATFORM, pages);
	const struct ledger_query query = { .from_s = at(FEB_1) + 5, .to_s = at(FEB_3) - 5 };
	struct decimal sum = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ledger_each_cost(&api, &query, sum_cost, &sum, &err), 0);
	assert_true(sum.units == 745000001 && sum.scale == 9);
	assert_string_equal(api.asked.ptr,
			    "cost starting_at=" FEB_1 " ending_at=" FEB_3 " bucket_width=1d limit=31\n"
			    "cost starting_at=" FEB_1 " ending_at=" FEB_3 " bucket_width=1d limit=31 page=p2\n");
	buf_done(&api.asked);
}

static void small_buckets_are_rounded_to(void **state)
{
	static const char *const pages[] = {
		PAGE(BUCKET("2024-02-01T10:00:00Z", "2024-02-01T11:00:00Z",
			    "{\"uncached_input_tokens\":0,\"output_tokens\":7}")),
	};
	struct api api = api_of(API_PLATFORM, pages);
	const struct ledger_query query = { .from_s = at("2024-02-01T10:01:00Z"),
					    .to_s = at("2024-02-01T10:02:00Z"),
					    .bucket_width = "1h" };
	uint64_t count = 0;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ledger_each_usage(&api, &query, count_usage, &count, &err), 0);
	assert_int_equal(count, 7);
	assert_string_equal(api.asked.ptr, "usage.messages starting_at=2024-02-01T10:00:00Z "
					   "ending_at=2024-02-01T11:00:00Z bucket_width=1h limit=168\n");
	buf_done(&api.asked);
}

static void an_empty_page_with_more_is_an_error(void **state)
{
	static const char *const pages[] = {
		PAGE_THEN(BUCKET(FEB_1, FEB_2, ""), "\"p2\""),
		PAGE_THEN("", "\"p3\""),
	};

	(void)state;
	assert_cost_fails(pages, ERR_FORMAT,
			  "cost: page 2: it is empty, and says that there is more: the list ended early");
}

static void more_without_a_cursor_is_an_error(void **state)
{
	static const char *const pages[] = { PAGE_THEN(BUCKET(FEB_1, FEB_2, ""), "null") };

	(void)state;
	assert_cost_fails(pages, ERR_FORMAT,
			  "cost: page 1: it says that there is more, and gives no cursor or one that was there before: "
			  "the list would never end");
}

static void a_cursor_that_repeats_is_an_error(void **state)
{
	static const char *const pages[] = {
		PAGE_THEN(BUCKET(FEB_1, FEB_2, ""), "\"p2\""),
		PAGE_THEN(BUCKET(FEB_2, FEB_3, ""), "\"p2\""),
	};

	(void)state;
	assert_cost_fails(pages, ERR_FORMAT,
			  "cost: page 2: it says that there is more, and gives no cursor or one that was there before: "
			  "the list would never end");
}

static void a_report_that_ends_early_is_an_error(void **state)
{
	static const char *const pages[] = { PAGE(BUCKET(FEB_1, FEB_2, COST("1", ""))) };
	static const char *const none[] = { PAGE("") };

	(void)state;
	assert_cost_fails(pages, ERR_FORMAT,
			  "cost: the report ends at " FEB_2 ", after page 1, and was to reach " FEB_3);
	assert_cost_fails(none, ERR_FORMAT,
			  "cost: the report ends at " FEB_1 ", after page 1, and was to reach " FEB_3);
}

static void a_day_that_comes_twice_or_not_at_all_is_an_error(void **state)
{
	static const char *const twice[] = {
		PAGE_THEN(BUCKET(FEB_1, FEB_2, COST("1", "")), "\"p2\""),
		PAGE(BUCKET(FEB_1, FEB_2, COST("1", "")) "," BUCKET(FEB_2, FEB_3, "")),
	};
	static const char *const never[] = {
		PAGE(BUCKET(FEB_1, FEB_2, "") "," BUCKET(FEB_3, "2024-02-04T00:00:00Z", "")),
	};

	(void)state;
	assert_cost_fails(twice, ERR_FORMAT, "cost: bucket 2 begins at " FEB_1 ", where " FEB_2 " was expected");
	assert_cost_fails(never, ERR_FORMAT, "cost: bucket 2 begins at " FEB_3 ", where " FEB_2 " was expected");
}

static void the_future_is_not_waited_for(void **state)
{
	static const char *const pages[] = { PAGE(BUCKET(FEB_1, FEB_2, COST("100", ""))) };
	struct api api = api_of(API_PLATFORM, pages);
	const struct ledger_query query = { .from_s = at(FEB_1), .to_s = at(FEB_3) };
	struct decimal sum = { 0 };

	(void)state;
	api.now_s = at("2024-02-02T08:00:00Z");
	assert_int_equal(ledger_each_cost(&api, &query, sum_cost, &sum, NULL), 0);
	assert_int_equal(decimal_cmp(sum, decimal_of(1)), 0);
	buf_done(&api.asked);
}

static void other_money_is_an_error(void **state)
{
	static const char *const euros[] = {
		PAGE(BUCKET(FEB_1, FEB_2, "{\"amount\":\"1\",\"currency\":\"EUR\"}")),
	};
	static const char *const none[] = { PAGE(BUCKET(FEB_1, FEB_2, "{\"amount\":\"1\"}")) };
	static const char *const odd[] = {
		PAGE(BUCKET(FEB_1, FEB_2, "{\"amount\":\"1\",\"currency\":\"\\u001b[2Jaaaaaaaaaaaaaaaaaaaa\"}")),
	};

	(void)state;
	assert_cost_fails(euros, ERR_FORMAT,
			  "cost: rows of " FEB_1 ": an amount is in 'EUR'; USD was expected, and nothing is converted "
			  "here");
	assert_cost_fails(none, ERR_FORMAT, "cost: rows of " FEB_1 ": an amount has no currency; USD was expected");
	assert_cost_fails(odd, ERR_FORMAT,
			  "cost: rows of " FEB_1 ": an amount is in '\\x1b[2Jaaaaaaaaaaaa'; USD was expected, and "
			  "nothing is converted here");
}

static int note_currency(void *context, const struct api_cost *row, struct err *err)
{
	struct buf *text = context;

	(void)err;
	return buf_add(text, row->currency) || buf_add_byte(text, ' ') || buf_add(text, row->starting_at.text) ? -1 : 0;
}

static void other_money_goes_to_who_asks_for_it_and_dollars_are_dollars_in_any_case(void **state)
{
	static const char *const pages[] = {
		PAGE(BUCKET(FEB_1, FEB_2, "{\"amount\":\"1\",\"currency\":\"EUR\"}," COST("200", "")) "," BUCKET(
			FEB_2, FEB_3, "{\"amount\":\"100\",\"currency\":\"usd\"}")),
	};
	struct api api = api_of(API_PLATFORM, pages);
	DEFER(buf_done) struct buf text = BUF_INIT(256);
	const struct ledger_foreign foreign = { note_currency, &text };
	const struct ledger_query query = { .from_s = at(FEB_1), .to_s = at(FEB_3), .foreign = &foreign };
	struct decimal sum = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ledger_each_cost(&api, &query, sum_cost, &sum, &err), 0);
	assert_int_equal(decimal_cmp(sum, decimal_of(3)), 0);
	assert_string_equal(text.ptr, "EUR " FEB_1);
	buf_done(&api.asked);
}

static void a_bad_amount_is_an_error_with_its_place(void **state)
{
	static const char *const pages[] = { PAGE(BUCKET(FEB_1, FEB_2, COST("1,5", ""))) };
	struct api api = api_of(API_PLATFORM, pages);
	const struct ledger_query query = { .from_s = at(FEB_1), .to_s = at(FEB_3) };
	struct decimal sum = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ledger_each_cost(&api, &query, sum_cost, &sum, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_true(text_starts(view_of(err.text), VIEW("cost: rows of " FEB_1 ": a row of cost")));
	buf_done(&api.asked);
}

static void a_time_that_cannot_be_is_an_error_before_any_call(void **state)
{
	static const struct {
		const char *from, *to, *text;
	} cases[] = {
		{ FEB_2, FEB_2, "the end of the time is not behind its beginning" },
		{ FEB_2, FEB_1, "the end of the time is not behind its beginning" },
		{ FEB_1, "2050-01-01T00:00:00Z", "a report of 3660 days at most can be read at once" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct api api = api_of(API_PLATFORM, NULL);
		const struct ledger_query query = { .from_s = at(cases[i].from), .to_s = at(cases[i].to) };
		struct err err = ERR_INIT;

		assert_int_equal(ledger_each_cost(&api, &query, sum_cost, NULL, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(err.text, cases[i].text);
		assert_int_equal(api.asked.len, 0);
	}
}

static int write_share(void *context, const struct spend_share *share)
{
	struct buf *out = context;

	assert_int_equal(buf_addf(out, "%lld %.*s %s%.*s %.*s %s ", (long long)share->what.day,
				  (int)share->what.workspace.len, share->what.workspace.ptr,
				  share->api_key.ptr ? "key:" : "nobody", (int)share->api_key.len,
				  share->api_key.ptr ? share->api_key.ptr : "", (int)share->what.model.len,
				  share->what.model.ptr, spend_kind_names[share->kind]),
			 0);
	assert_int_equal(decimal_write(out, share->amount_usd), 0);
	assert_int_equal(buf_addf(out, " %llu\n", (unsigned long long)share->count), 0);
	return 0;
}

static void assert_spend(struct api *api, const char *wanted)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	DEFER(buf_done) struct buf out = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;

	if (ledger_read(api, LEDGER_USAGE | LEDGER_COST, at(FEB_1), at(FEB_3), spend, &err))
		fail_msg("%s", err.text);
	assert_int_equal(spend_settle(spend, &err), 0);
	assert_int_equal(spend_each(spend, write_share, &out), 0);
	assert_string_equal(out.ptr, wanted);
}

#define WHERE                                                                                                          \
	"\"workspace_id\":\"wrkspc_1\",\"model\":\"m\",\"service_tier\":\"standard\",\"context_window\":\"0-200k\","   \
	"\"inference_geo\":\"us\""
#define TOKENS(type) ",\"cost_type\":\"tokens\",\"token_type\":\"" type "\"," WHERE

static const char usage_rows[] =
	PAGE(BUCKET(FEB_1, FEB_2,
		    "{\"uncached_input_tokens\":10,\"cache_creation\":{\"ephemeral_1h_input_tokens\":1,"
		    "\"ephemeral_5m_input_tokens\":2},\"cache_read_input_tokens\":3,\"output_tokens\":4,"
		    "\"server_tool_use\":{\"web_search_requests\":5},\"api_key_id\":\"apikey_1\"," WHERE "},"
		    "{\"uncached_input_tokens\":30,\"output_tokens\":0,\"api_key_id\":null," WHERE
		    "}") "," BUCKET(FEB_2, FEB_3, ""));

/* clang-format off */
static const char cost_rows[] =
	PAGE(BUCKET(FEB_1, FEB_2,
		COST("400", TOKENS("uncached_input_tokens")) ","
		COST("100", TOKENS("cache_creation.ephemeral_1h_input_tokens")) ","
		COST("5", ",\"cost_type\":\"web_search\",\"workspace_id\":\"wrkspc_1\"") ","
		COST("7", TOKENS("new_tokens")) ","
		COST("8", ",\"cost_type\":\"session_usage\",\"workspace_id\":null")) ","
		BUCKET(FEB_2, FEB_3, ""));
/* clang-format on */

static void usage_and_cost_meet(void **state)
{
	static const char *const pages[] = { usage_rows, cost_rows };
	struct api api = api_of(API_PLATFORM, pages);

	(void)state;
	assert_spend(&api, "19754  nobody  other 0.08 0\n"
			   "19754 wrkspc_1 nobody m other 0.07 0\n"
			   "19754 wrkspc_1 key: m uncached_input_tokens 3 30\n"
			   "19754 wrkspc_1 key:apikey_1  web_search 0.05 5\n"
			   "19754 wrkspc_1 key:apikey_1 m uncached_input_tokens 1 10\n"
			   "19754 wrkspc_1 key:apikey_1 m cache_creation.ephemeral_5m_input_tokens 0 2\n"
			   "19754 wrkspc_1 key:apikey_1 m cache_creation.ephemeral_1h_input_tokens 1 1\n"
			   "19754 wrkspc_1 key:apikey_1 m cache_read_input_tokens 0 3\n"
			   "19754 wrkspc_1 key:apikey_1 m output_tokens 0 4\n");
	assert_non_null(strstr(api.asked.ptr, "usage.messages starting_at=" FEB_1 " ending_at=" FEB_3
					      " bucket_width=1d group_by=api_key_id group_by=workspace_id "
					      "group_by=model group_by=service_tier group_by=context_window "
					      "group_by=inference_geo limit=31\n"));
	assert_non_null(strstr(api.asked.ptr, " group_by=workspace_id group_by=description limit=31\n"));
	buf_done(&api.asked);
}

static void cca_is_asked_day_by_day(void **state)
{
	static const char *const pages[] = {
		"{\"data\":[{\"workspace_id\":\"ws_1\",\"model\":\"m\",\"input_tokens\":5,\"output_tokens\":6}],"
		"\"has_more\":false}",
		"{\"data\":[],\"has_more\":false}",
		"{\"data\":[{\"workspace_id\":\"ws_1\",\"model\":\"m\",\"total_cost\":12.34,\"currency\":\"USD\"}],"
		"\"has_more\":false}",
		"{\"data\":[{\"workspace_id\":\"ws_1\",\"model\":\"m\",\"total_cost\":1e-3,\"currency\":\"USD\"}],"
		"\"has_more\":false}",
	};
	struct api api = api_of(API_CCA, pages);

	(void)state;
	assert_spend(&api, "19754 ws_1 nobody m uncached_input_tokens 0 5\n"
			   "19754 ws_1 nobody m output_tokens 0 6\n"
			   "19754 ws_1 nobody m other 12.34 0\n"
			   "19755 ws_1 nobody m other 0.001 0\n");
	assert_int_equal(api.calls, 4);
	assert_non_null(ledger_unknown(API_CCA));
	assert_null(ledger_unknown(API_PLATFORM));
	buf_done(&api.asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_read_to_its_end),
		cmocka_unit_test(small_buckets_are_rounded_to),
		cmocka_unit_test(an_empty_page_with_more_is_an_error),
		cmocka_unit_test(more_without_a_cursor_is_an_error),
		cmocka_unit_test(a_cursor_that_repeats_is_an_error),
		cmocka_unit_test(a_report_that_ends_early_is_an_error),
		cmocka_unit_test(a_day_that_comes_twice_or_not_at_all_is_an_error),
		cmocka_unit_test(the_future_is_not_waited_for),
		cmocka_unit_test(other_money_is_an_error),
		cmocka_unit_test(other_money_goes_to_who_asks_for_it_and_dollars_are_dollars_in_any_case),
		cmocka_unit_test(a_bad_amount_is_an_error_with_its_place),
		cmocka_unit_test(a_time_that_cannot_be_is_an_error_before_any_call),
		cmocka_unit_test(usage_and_cost_meet),
		cmocka_unit_test(cca_is_asked_day_by_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
