/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/rows.h"

#include <string.h>

#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define ROWS 1000 /* memory grows a few times */

struct page {
	struct buf text;
	long failed;
};

static bool read_once(void *context, long n)
{
	static const struct rows_form form = { .rows = "data", .wanted = { { .key = "id" } } };
	DEFER(rows_done) struct rows rows = { 0 };
	struct page *page = context;
	struct err err = ERR_INIT;
	bool has_failed;
	int ret;

	nomem_start(n);
	ret = rows_read(&rows, &form, buf_view(&page->text), &err);
	has_failed = nomem_stop();
	page->failed += has_failed;
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	assert_int_equal(rows.count, has_failed ? 0 : ROWS);
	/* What has been there is used again. */
	assert_int_equal(rows_read(&rows, &form, buf_view(&page->text), &err), 0);
	assert_view(rows_member(&rows, ROWS - 1, 0), "999");
	return has_failed;
}

static void without_memory_there_are_no_rows(void **state)
{
	struct page page = { .text = BUF_INIT(1u << 20) };

	(void)state;
	assert_int_equal(buf_add_text(&page.text, "{\"data\":["), 0);
	for (unsigned i = 0; i < ROWS; i++)
		assert_int_equal(buf_addf(&page.text, "%s{\"id\":%u}", i ? "," : "", i), 0);
	assert_int_equal(buf_add_text(&page.text, "]}"), 0);
	nomem_each(read_once, &page);
	assert_true(page.failed > 2);
	buf_done(&page.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_memory_there_are_no_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
