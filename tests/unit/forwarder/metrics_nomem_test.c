/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics, with each allocation failing in turn: what is not counted is no error, and what is written is whole. */
#include "forwarder/metrics.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "tests/support/exposition.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static bool count_with_a_failure(void *context, long n)
{
	DEFER(buf_done) struct buf failed = BUF_INIT(METRICS_TEXT_BYTES), text = BUF_INIT(METRICS_TEXT_BYTES);
	struct err err = ERR_INIT;
	struct metrics *m;
	bool has_failed;

	(void)context;
	nomem_start(n);
	m = metrics_new(&err);
	if (m) {
		metrics_add(m, METRIC_EVENTS, "audit", "a", 1);
		metrics_add(m, METRIC_EVENTS, "audit", "b", 1);
		metrics_set(m, METRIC_SINK_LAG, "siem", NULL, 1);
		metrics_observe(m, METRIC_VISIBILITY_LAG, "audit", 1);
		(void)!metrics_write(m, &failed);
	}
	has_failed = nomem_stop();
	assert_int_equal(m == NULL, err.kind == ERR_NOMEM);
	if (m) {
		metrics_add(m, METRIC_EVENTS, "audit", "later", 1);
		assert_int_equal(metrics_write(m, &text), 0);
		exposition_check(buf_view(&text));
		assert_non_null(strstr(text.ptr, "type=\"later\"} 1\n"));
	}
	metrics_free(m);
	return has_failed;
}

static void a_series_without_memory_is_not_counted_and_no_error(void **state)
{
	(void)state;
	assert_true(nomem_each(count_with_a_failure, NULL) > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_series_without_memory_is_not_counted_and_no_error) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
