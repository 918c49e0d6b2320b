/* SPDX-License-Identifier: Apache-2.0 */
/* skant explain with each allocation failing in turn: all of the explanation, or a status that says that there is none.
 * What it explains is tested end to end (tests/e2e/rewrite_test.py). */
#include "tests/support/nomem.h"

#include <stdlib.h>

#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "tests/support/capture.h"
#include "tests/support/unit.h"

#define TEXT_BYTES (1u << 20)
#define RULE "anthropic-api-key"

static const char report[] =
	"{\"schema\":\"skant-finding/1\",\"rule_id\":\"" RULE
	"\",\"secret_id\":\"sha256:0123456789abcdef0123456789abcdef\","
	"\"masked\":\"sk-...\",\"object_type\":\"blob\",\"object\":\"1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d\","
	"\"commit\":\"2a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d\",\"date\":\"2024-05-01\",\"from\":\"ref\","
	"\"refs\":[\"refs/heads/main\",\"refs/tags/v1\"]}\n"
	"{\"schema\":\"skant-finding/1\",\"rule_id\":\"of-others\",\"secret_id\":"
	"\"sha256:0123456789abcdef0123456789abcdef\"}\n"
	"{\"schema\":\"skant-summary/1\",\"summary\":{\"complete\":false}}\n";

struct explained {
	struct options o;
	size_t count;     /* of arguments */
	const char *last; /* of what a whole explanation says */
};

static bool explain(void *context, long n)
{
	const struct explained *e = context;
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES), said = BUF_INIT(TEXT_BYTES);
	struct capture to = capture(STDOUT_FILENO), log = capture(STDERR_FILENO);
	char rule[] = RULE, *args[] = { rule };
	bool has_failed;
	int status;

	nomem_start(n);
	status = cmd_explain(&e->o, args, e->count);
	has_failed = nomem_stop();
	give_back(&log, &said);
	give_back(&to, &out);
	if (has_failed) {
		assert_true(status == EXIT_USAGE || status == EXIT_INCOMPLETE);
		assert_int_equal(out.len, 0);
		assert_non_null(strstr(said.ptr, "memory"));
	} else {
		assert_int_equal(status, EXIT_CLEAN);
		assert_non_null(strstr(out.ptr, e->last));
		assert_int_equal(said.len, 0);
	}
	return has_failed;
}

static void a_rule_is_explained_or_there_is_no_memory(void **state)
{
	struct explained e = { .count = 1, .last = "git filter-repo" };

	(void)state;
	options_init(&e.o);
	assert_true(nomem_each(explain, &e) > 5);
	options_done(&e.o);
}

static void a_report_is_explained_or_there_is_no_memory(void **state)
{
	char path[] = "/tmp/skant-report-XXXXXX";
	struct explained e = { .last = "git filter-repo" };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(file_write_full(fd, view_of(report)), 0);
	assert_int_equal(close(fd), 0);
	options_init(&e.o);
	e.o.explained_report = path;
	assert_true(nomem_each(explain, &e) > 20);
	options_done(&e.o);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_explained_or_there_is_no_memory),
		cmocka_unit_test(a_report_is_explained_or_there_is_no_memory),
	};

	log_init("skant", LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
