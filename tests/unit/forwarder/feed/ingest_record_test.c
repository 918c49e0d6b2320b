/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/ingest_record.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

#define LIMIT (32u << 20)

static const struct ingest_sender somebody = { .uid = 1000, .gid = 100, .pid = 42 };

static void refuse(struct view line, const char *why)
{
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;

	assert_int_equal(ingest_record_read(line, &r, &err), -1);
	assert_non_null(strstr(err.text, why));
	ingest_record_done(&r);
}

static void refuse_text(const char *line, const char *why)
{
	refuse(view_of(line), why);
}

static void take(const char *line, enum ingest_kind kind, const char *type)
{
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;

	assert_int_equal(ingest_record_read(view_of(line), &r, &err), 0);
	assert_int_equal(r.kind, kind);
	assert_int_equal(r.type.len, strlen(type));
	assert_memory_equal(r.type.ptr, type, r.type.len);
	ingest_record_done(&r);
}

static void the_known_kinds_are_taken(void **state)
{
	(void)state;
	take("{\"event\":\"api_call\"}", INGEST_EVENT, "api_call");
	take(" {\"event\":\"api_call\",\"timestamp\":\"2026-11-01T12:00:00Z\",\"workspace\":\"ml-prod\",\"api_key_id\":"
	     "\"apikey_01\",\"model\":\"m\",\"input_tokens\":1,\"output_tokens\":0,\"tools_used\":[\"a\",\"b\"],"
	     "\"stop_reason\":null,\"latency_ms\":12,\"usage\":{},\"mine\":[{}]} ",
	     INGEST_EVENT, "api_call");
	take("{\"\\u0065vent\":\"tool\\u002ecall\"}", INGEST_EVENT, "tool.call");
	take("{\"schema\":\"skant-finding/1\",\"rule_id\":\"r\",\"kind\":\"api\",\"severity\":\"high\","
	     "\"start_line\":1}",
	     INGEST_FINDING, "finding");
	take("{\"schema\":\"skant-summary/1\",\"summary\":{}}", INGEST_SUMMARY, "finding");
}

/* Whoever may write to the socket could say that skantd lives, or that an alert is over. */
static void events_of_skantd_itself_are_refused(void **state)
{
	static const char why[] = "\"event\" begins with \"skantd.\": only skantd itself tells such events";

	(void)state;
	refuse_text("{\"event\":\"skantd.heartbeat\"}", why);
	refuse_text("{\"event\":\"\\u0073kantd.alert_over\"}", why);
	refuse_text("{\"event\":\"skantd.\",\"idempotency_key\":\"a\"}", why);
	take("{\"event\":\"skantd\"}", INGEST_EVENT, "skantd");
	take("{\"event\":\"skantdx.y\"}", INGEST_EVENT, "skantdx.y");
}

static void other_json_is_refused(void **state)
{
	(void)state;
	refuse_text("", "JSON");
	refuse_text("nonsense", "not valid JSON");
	refuse_text("[]", "a JSON object was expected");
	refuse_text("{} {}", "not valid JSON");
	refuse_text("{}", "a record of an unknown kind");
	refuse_text("{\"schema\":\"skant-finding/2\",\"event\":\"x\"}", "a record of an unknown kind");
	refuse_text("{\"schema\":1}", "a record of an unknown kind");
	refuse_text("{\"event\":\"x\",}", "not valid JSON");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
	(void)state;
	refuse(VIEW("{\"event\":\"\xff\"}"), "UTF-8");
	refuse(VIEW("{\"event\":\"a\0b\"}"), "control byte");
	refuse(VIEW("\0\0\0\0"), "not valid JSON");
}

static void members_have_their_types(void **state)
{
	(void)state;
	refuse_text("{\"event\":1}", "\"event\" is not what it should be: a string was expected");
	refuse_text("{\"event\":null}", "a string was expected");
	refuse_text("{\"event\":\"x\",\"input_tokens\":\"1\"}", "a whole number from 0 on was expected, or null");
	refuse_text("{\"event\":\"x\",\"input_tokens\":-1}", "a whole number");
	refuse_text("{\"event\":\"x\",\"input_tokens\":1.5}", "a whole number");
	refuse_text("{\"event\":\"x\",\"input_tokens\":1e3}", "a whole number");
	refuse_text("{\"event\":\"x\",\"latency_ms\":99999999999999999999}", "a whole number");
	refuse_text("{\"event\":\"x\",\"tools_used\":\"a\"}", "an array of strings was expected");
	refuse_text("{\"event\":\"x\",\"tools_used\":[\"a\",1]}", "an array of strings was expected");
	refuse_text("{\"event\":\"x\",\"usage\":[]}", "an object was expected");
	refuse_text("{\"event\":\"x\",\"timestamp\":1}", "a string was expected");
	refuse_text("{\"event\":\"x\",\"idempotency_key\":1}", "a string was expected");
	refuse_text("{\"schema\":\"skant-finding/1\",\"rule_id\":\"r\",\"kind\":\"api\"}", "\"severity\" was expected");
}

static void a_member_that_is_there_twice_is_refused(void **state)
{
	(void)state;
	refuse_text("{\"event\":\"x\",\"model\":\"a\",\"mode\\u006c\":\"b\"}", "\"model\" is there twice");
	refuse_text("{\"event\":\"x\",\"event\":\"y\"}", "\"event\" is there twice");
	take("{\"event\":\"x\",\"mine\":1,\"mine\":2}", INGEST_EVENT, "x");
}

/* An event whose name has so many bytes. */
static int read_name(size_t bytes, struct ingest_record *ret, struct buf *line, struct err *err)
{
	assert_int_equal(buf_add_text(line, "{\"event\":\""), 0);
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(buf_add_byte(line, 'x'), 0);
	assert_int_equal(buf_add_text(line, "\"}"), 0);
	return ingest_record_read(buf_view(line), ret, err);
}

static void the_name_of_an_event_is_printable_and_short(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LIMIT), longer = BUF_INIT(LIMIT);
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;

	(void)state;
	refuse_text("{\"event\":\"\"}", "\"event\" has no or too many bytes");
	refuse_text("{\"event\":\"a\\nb\"}", "printable text was expected");
	refuse_text("{\"event\":\"a\\u202eb\"}", "printable text was expected");
	assert_int_equal(read_name(PAGE_TYPE_BYTES, &r, &line, &err), 0);
	assert_int_equal(r.type.len, PAGE_TYPE_BYTES);
	assert_int_equal(read_name(PAGE_TYPE_BYTES + 1, &r, &longer, &err), -1);
	ingest_record_done(&r);
}

static void nesting_has_an_end(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LIMIT);

	(void)state;
	assert_int_equal(buf_add_text(&line, "{\"event\":\"x\",\"a\":"), 0);
	for (unsigned i = 0; i < 120; i++)
		assert_int_equal(buf_add_byte(&line, '['), 0);
	for (unsigned i = 0; i < 120; i++)
		assert_int_equal(buf_add_byte(&line, ']'), 0);
	assert_int_equal(buf_add_byte(&line, '}'), 0);
	refuse_text(line.ptr, "levels within each other");
	buf_clear(&line);
	for (unsigned i = 0; i < 100'000; i++)
		assert_int_equal(buf_add_text(&line, "{\"event\":"), 0);
	refuse_text(line.ptr, "too much nesting");
}

/* A full-shaped key, put together here so that none stands in this file. */
static void add_key(struct buf *out)
{
	assert_int_equal(buf_add_text(out, "sk-ant-api03-R2D"), 0);
	for (unsigned i = 0; i < 88; i++)
		assert_int_equal(buf_add_byte(out, "abcDEF012_-xyz"[i % 14]), 0);
	assert_int_equal(buf_add_text(out, "igAA"), 0);
}

static void a_key_where_its_id_belongs_is_refused_without_a_word_of_it(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LIMIT);
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add_text(&line, "{\"event\":\"x\",\"api_key_id\":\""), 0);
	add_key(&line);
	assert_int_equal(buf_add_text(&line, "\"}"), 0);
	assert_int_equal(ingest_record_read(buf_view(&line), &r, &err), -1);
	assert_non_null(strstr(err.text, "\"api_key_id\" holds a key itself"));
	assert_null(strstr(err.text, "R2D"));
	ingest_record_done(&r);
}

static void a_key_elsewhere_is_masked(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LIMIT), body = BUF_INIT(LIMIT);
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;
	bool is_redacted;

	(void)state;
	assert_int_equal(buf_add_text(&line, "{\"event\":\"x\",\"note\":\"it is "), 0);
	add_key(&line);
	assert_int_equal(buf_add_text(&line, "\"}"), 0);
	assert_int_equal(ingest_record_read(buf_view(&line), &r, &err), 0);
	assert_int_equal(ingest_record_add_body(&r, &somebody, &body, &is_redacted, &err), 0);
	assert_true(is_redacted);
	assert_string_equal(body.ptr, "{\"peer\":{\"uid\":1000,\"gid\":100,\"pid\":42},\"record\":"
				      "{\"event\":\"x\",\"note\":\"it is sk-ant-api03-R2D...igAA\"}}");
	ingest_record_done(&r);
}

static void the_record_stands_in_the_body_as_it_came(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(LIMIT);
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;
	bool is_redacted;

	(void)state;
	assert_int_equal(buf_add_text(&body, "before"), 0);
	assert_int_equal(
		ingest_record_read(VIEW(" { \"event\" : \"x\", \"n\": 1e400, \"s\":\"\\u0000\\/\" } "), &r, &err), 0);
	assert_int_equal(ingest_record_add_body(&r, &somebody, &body, &is_redacted, &err), 0);
	assert_false(is_redacted);
	assert_string_equal(body.ptr, "before{\"peer\":{\"uid\":1000,\"gid\":100,\"pid\":42},\"record\":"
				      "{ \"event\" : \"x\", \"n\": 1e400, \"s\":\"\\u0000\\/\" }}");
	ingest_record_done(&r);
}

static void check_time(const char *line, bool has_time, int64_t time_ns)
{
	struct ingest_record r = { .has_time = !has_time };
	struct err err = ERR_INIT;

	assert_int_equal(ingest_record_read(view_of(line), &r, &err), 0);
	assert_int_equal(r.has_time, has_time);
	assert_int_equal(r.time_ns, time_ns);
	ingest_record_done(&r);
}

static void a_timestamp_is_taken_when_it_is_a_time(void **state)
{
	(void)state;
	check_time("{\"event\":\"x\",\"timestamp\":\"1970-01-02T00:00:00Z\"}", true, 86'400'000'000'000);
	check_time("{\"event\":\"x\",\"timestamp\":\"1970-01-01T01:00:00.25+01:00\"}", true, 250'000'000);
	check_time("{\"event\":\"x\",\"timestamp\":\"1970-01-01T00:00:01\"}", true, 1'000'000'000);
	check_time("{\"event\":\"x\",\"timestamp\":\"yesterday\"}", false, 0);
	check_time("{\"event\":\"x\",\"timestamp\":null}", false, 0);
	check_time("{\"event\":\"x\",\"timestamp\":\"1969-12-31T23:59:59Z\"}", false, 0);
	check_time("{\"event\":\"x\",\"timestamp\":\"9999-01-01T00:00:00Z\"}", false, 0);
	check_time("{\"event\":\"x\"}", false, 0);
}

static void id_of(const char *line, const struct ingest_sender *sender, struct buf *id)
{
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;

	assert_int_equal(ingest_record_read(view_of(line), &r, &err), 0);
	assert_int_equal(ingest_record_add_id(&r, sender, id), 0);
	ingest_record_done(&r);
}

static void an_idempotency_key_makes_an_id_of_this_user_alone(void **state)
{
	DEFER(buf_done)
	struct buf mine = BUF_INIT(PAGE_ID_BYTES), again = BUF_INIT(PAGE_ID_BYTES), other = BUF_INIT(PAGE_ID_BYTES),
		   theirs = BUF_INIT(PAGE_ID_BYTES);
	const struct ingest_sender same_user = { .uid = 1000, .gid = 7, .pid = 8 }, nobody = { .uid = 65534 };

	(void)state;
	id_of("{\"event\":\"x\",\"idempotency_key\":\"k\"}", &somebody, &mine);
	id_of("{\"event\":\"y\",\"idempotency_key\":\"\\u006b\"}", &same_user, &again);
	id_of("{\"event\":\"x\",\"idempotency_key\":\"l\"}", &somebody, &other);
	id_of("{\"event\":\"x\",\"idempotency_key\":\"k\"}", &nobody, &theirs);
	assert_string_equal(mine.ptr, "key:1000:8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a");
	assert_string_equal(mine.ptr, again.ptr);
	assert_string_not_equal(mine.ptr, other.ptr);
	assert_string_not_equal(mine.ptr, theirs.ptr);
}

static void without_a_key_there_is_no_id(void **state)
{
	DEFER(buf_done) struct buf id = BUF_INIT(PAGE_ID_BYTES);

	(void)state;
	id_of("{\"event\":\"x\",\"id\":\"activity_01\"}", &somebody, &id);
	assert_int_equal(id.len, 0);
	refuse_text("{\"event\":\"x\",\"idempotency_key\":\"\"}", "\"idempotency_key\" has no or too many bytes");
}

static void a_record_is_used_again(void **state)
{
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ingest_record_read(VIEW("{\"event\":\"x\",\"idempotency_key\":\"\\u006b\"}"), &r, &err), 0);
	assert_view(r.key, "k");
	assert_int_equal(ingest_record_read(VIEW("{\"event\":\"y\\u002e\"}"), &r, &err), 0);
	assert_view(r.type, "y.");
	assert_int_equal(r.key.len, 0);
	ingest_record_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_kinds_are_taken),
		cmocka_unit_test(events_of_skantd_itself_are_refused),
		cmocka_unit_test(other_json_is_refused),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(members_have_their_types),
		cmocka_unit_test(a_member_that_is_there_twice_is_refused),
		cmocka_unit_test(the_name_of_an_event_is_printable_and_short),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(a_key_where_its_id_belongs_is_refused_without_a_word_of_it),
		cmocka_unit_test(a_key_elsewhere_is_masked),
		cmocka_unit_test(the_record_stands_in_the_body_as_it_came),
		cmocka_unit_test(a_timestamp_is_taken_when_it_is_a_time),
		cmocka_unit_test(an_idempotency_key_makes_an_id_of_this_user_alone),
		cmocka_unit_test(without_a_key_there_is_no_id),
		cmocka_unit_test(a_record_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
