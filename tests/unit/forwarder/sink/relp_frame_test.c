/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/relp_frame.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define MOST 100

static void a_frame_is_read_back_as_it_was_written(void **state)
{
	static const char *const datas[] = { "", "200 OK", "a\nb", " ", "x y z\n" };
	struct relp_frame frame;
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(datas); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(1000);

		assert_int_equal(relp_frame_add(&b, 12, "syslog", view_of(datas[i])), 0);
		assert_int_equal(relp_frame_read(buf_view(&b), MOST, &frame, &len), 1);
		assert_int_equal(len, b.len);
		assert_int_equal(frame.txn, 12);
		assert_view(frame.command, "syslog");
		assert_true(text_eq(frame.data, view_of(datas[i])));
	}
}

static void it_is_written_as_the_specification_has_it(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(1000);

	(void)state;
	assert_int_equal(relp_frame_add(&b, 1, "syslog", VIEW("<13>1 m")), 0);
	assert_int_equal(relp_frame_add(&b, 999999999, "close", VIEW_NONE), 0);
	assert_view(buf_view(&b), "1 syslog 7 <13>1 m\n999999999 close 0\n");
}

static void what_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(100);

	(void)state;
	assert_int_equal(relp_frame_add(&b, 1, "a", VIEW("x")), 0);
	assert_int_equal(relp_frame_add(&b, 2, "b", VIEW("0123456789012345678901234567890123456789")), -1);
	assert_view(buf_view(&b), "1 a 1 x\n");
}

static void each_beginning_of_a_frame_waits_for_the_rest(void **state)
{
	const struct view frames[] = { VIEW("123 rsp 6 200 OK\n"), VIEW("3 rsp 0\n"), VIEW("3 rsp 0 \n") };
	struct relp_frame frame;
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		for (size_t n = 0; n <= frames[i].len; n++)
			assert_int_equal(relp_frame_read(view_sub(frames[i], 0, n), MOST, &frame, &len),
					 n == frames[i].len);
}

static void what_is_no_frame_is_none(void **state)
{
	static const char *const bad[] = {
		" 1 rsp 0\n",
		"x rsp 0\n",
		"1x rsp 0\n",
		"1  rsp 0\n",
		"1 r-p 0\n",
		"1 rsp x\n",
		"1 rsp -1\n",
		"1 rsp 6\n200 OK\n",
		"1 rsp 6 200 OKx",
		"1 rsp 6 200 OK ",
		"1234567890 rsp 0\n",
		"1 rsp 101 ",
		"1 rsp 999999999 ",
		"1 rsp 9999999999 ",
		"\n",
		"1\n",
		"1 rsp\n",
		"1 rsp \n",
		"1 rsp 0x",
		"\001",
		"1 abcdefghijabcdefghijabcdefghijabc",
		"HTTP/1.1 400 Bad Request\r\n",
	};
	struct relp_frame frame;
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (relp_frame_read(view_of(bad[i]), MOST, &frame, &len) != -1)
			fail_msg("taken: %s", bad[i]);
}

static void an_answer_begins_with_a_code(void **state)
{
	struct view text;

	(void)state;
	assert_int_equal(relp_frame_code(VIEW("200 OK\nrelp_version=0"), &text), 200);
	assert_view(text, "OK");
	assert_int_equal(relp_frame_code(VIEW("500"), &text), 500);
	assert_int_equal(text.len, 0);
	assert_int_equal(relp_frame_code(VIEW("20 OK"), &text), 0);
	assert_int_equal(relp_frame_code(VIEW("2000 OK"), &text), 0);
	assert_int_equal(relp_frame_code(VIEW("OK"), &text), 0);
	assert_int_equal(relp_frame_code(VIEW_NONE, &text), 0);
}

static void a_command_is_offered_by_its_whole_name(void **state)
{
	(void)state;
	assert_true(relp_frame_offers(VIEW("200 OK\nrelp_version=0\ncommands=syslog"), VIEW("syslog")));
	assert_true(relp_frame_offers(VIEW("200 OK\ncommands=close,syslog,x\nz=1"), VIEW("syslog")));
	assert_false(relp_frame_offers(VIEW("200 OK\ncommands=syslogx,xsyslog"), VIEW("syslog")));
	assert_false(relp_frame_offers(VIEW("commands=syslog"), VIEW("syslog")));
	assert_false(relp_frame_offers(VIEW("200 OK\nxcommands=syslog"), VIEW("syslog")));
	assert_false(relp_frame_offers(VIEW("200 OK"), VIEW("syslog")));
}

static void transactions_are_numbered_from_one_again_after_the_last(void **state)
{
	(void)state;
	assert_int_equal(relp_next_txn(0), 1);
	assert_int_equal(relp_next_txn(1), 2);
	assert_int_equal(relp_next_txn(999999998), 999999999);
	assert_int_equal(relp_next_txn(999999999), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_read_back_as_it_was_written),
		cmocka_unit_test(it_is_written_as_the_specification_has_it),
		cmocka_unit_test(what_does_not_fit_leaves_the_buffer_as_it_was),
		cmocka_unit_test(each_beginning_of_a_frame_waits_for_the_rest),
		cmocka_unit_test(what_is_no_frame_is_none),
		cmocka_unit_test(an_answer_begins_with_a_code),
		cmocka_unit_test(a_command_is_offered_by_its_whole_name),
		cmocka_unit_test(transactions_are_numbered_from_one_again_after_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
