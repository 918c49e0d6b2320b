/* SPDX-License-Identifier: Apache-2.0 */
/* A page of findings with each allocation failing in turn: it is refused, and nothing leaks. */
#include "tests/support/nomem.h"
#include "tests/support/report.h"

static int write_page(struct buf *out)
{
	struct finding f[] = { sample_finding(), sample_name() };
	struct summary s = { .files = 2 };
	void *page = report_html.open(&sample_context, out);
	int ret = page ? 0 : -1;

	s.unread[UNREAD_LIMIT] = 1;
	for (size_t i = 0; !ret && i < ARRAY_LEN(f); i++)
		ret = report_html.take(page, &sample_context, &f[i], out);
	if (!ret)
		ret = report_html.close(page, &sample_context, &s, out);
	if (page)
		report_html.drop(page);
	return ret;
}

static bool write_with_a_failure(void *context, long n)
{
	DEFER(buf_done) struct buf out = BUF_INIT(SAMPLE_REPORT_BYTES);
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	status = write_page(&out);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	return has_failed;
}

static void a_page_that_there_is_no_memory_for_is_refused(void **state)
{
	(void)state;
	assert_true(nomem_each(write_with_a_failure, NULL) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_page_that_there_is_no_memory_for_is_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
