/* SPDX-License-Identifier: Apache-2.0 */
/* The file sink with each allocation failing in turn: what it says is there is, each line once. */
#include "common/base/text.h"
#include "common/sys/file.h"
#include "tests/support/nomem.h"
#include "tests/support/sinkenv.h"

#define EVENTS 40

static size_t count_lines(const struct sinkenv *s)
{
	DEFER(buf_done) struct buf all = BUF_INIT(1u << 20);
	struct view rest, line;
	size_t lines = 0;

	for (unsigned i = 0; i < 12; i++) {
		char path[160];

		(void)snprintf(path, sizeof(path), i ? "%s.%u" : "%s", s->path, i);
		if (access(path, F_OK) == 0)
			assert_int_equal(file_read(path, &all, NULL), 0);
		(void)unlink(path);
	}
	assert_true(all.len == 0 || all.ptr[all.len - 1] == '\n');
	for (rest = buf_view(&all); text_next_line(&rest, &line); lines++)
		assert_true(text_starts(line, VIEW("{\"seq\":")) && text_ends(line, VIEW("}}")));
	return lines;
}

static bool deliver_with_a_failure(void *context, long n)
{
	struct sinkenv *s = context;
	const struct sink_batch all = sinkenv_batch(s, 1, EVENTS, true);
	struct sink_receipt first = { .confirmed = 0 }, second = { .confirmed = 0 };
	struct err err = ERR_INIT;
	bool has_failed;
	void *sink;

	nomem_start(n);
	sink = sink_file.open(&s->env, &err);
	if (sink && sink_file.deliver(sink, &all, &first, &err) == SINK_OK)
		assert_int_equal(first.confirmed, EVENTS);
	has_failed = nomem_stop();
	assert_true(has_failed || first.confirmed == EVENTS);
	if (sink) {
		assert_int_equal(sink_file.deliver(sink, &all, &second, &err), SINK_OK);
		sink_file.close(sink);
		assert_int_equal(count_lines(s), EVENTS);
	}
	return has_failed;
}

static void after_a_failure_each_line_is_there_once(void **state)
{
	struct sinkenv *s = *state;

	s->settings.rotate_bytes = 4096;
	s->settings.rotate_keep = 11;
	sinkenv_fill(s, EVENTS, 200);
	assert_true(nomem_each(deliver_with_a_failure, s) > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(after_a_failure_each_line_is_there_once, sinkenv_set_up,
						sinkenv_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
