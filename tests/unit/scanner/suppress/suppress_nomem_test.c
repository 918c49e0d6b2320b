/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be left out when memory is short: rather reported than lost. */
#include "scanner/suppress/suppress.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static const struct rule rule = { .id = "a-rule" };

static struct finding finding_at(const char *path)
{
	return (struct finding){ .rule = &rule, .path = path, .below = path, .start_line = 1 };
}

/* An entry without its list of paths, or of rules, would stand for all of them. */
static bool add_entries(void *, long n)
{
	static const char *const paths[] = { "tests/**", "docs/**" }, *const rules[] = { "b-*", "c-*" };
	const struct suppress_allow allow = {
		.paths = { paths, 2 }, .rules = { rules, 2 }, .reason = "r", .expires_days = 100
	};
	const struct suppress_unread unread = { .paths = { paths, 2 }, .reasons = 1u << UNREAD_LIMIT, .reason = "r" };
	struct record_unread left = { .reason = UNREAD_LIMIT, .below = "src/a" };
	struct finding src = finding_at("src/a"), tests = finding_at("tests/a");
	struct suppress *s;
	bool has_failed;
	int ret;

	nomem_start(n);
	s = suppress_new();
	ret = s ? suppress_add_allow(s, &allow, 1) : -1;
	if (!ret)
		ret = suppress_add_unread(s, &unread);
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	if (!has_failed) {
		assert_null(suppress_reason(s, &src));
		assert_null(suppress_reason(s, &tests)); /* of another rule */
		assert_null(suppress_accepts(s, &left));
	}
	suppress_free(s);
	return has_failed;
}

static void an_entry_is_added_whole_or_refused(void **state)
{
	(void)state;
	assert_true(nomem_each(add_entries, NULL) > 8);
}

static bool judge(void *context, long n)
{
	struct finding f = finding_at("src/a");
	const char *reason;
	bool has_failed;

	f.origin = (struct origin){ .is_known = true, .commit = "1a2b" };
	nomem_start(n);
	reason = suppress_reason(context, &f);
	has_failed = nomem_stop();
	assert_null(reason);
	return has_failed;
}

static void what_cannot_be_looked_up_is_reported(void **state)
{
	static const char text[] = "src/b:a-rule:1\n";
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	char path[] = "/tmp/skant-suppress-XXXXXX";
	struct err err = ERR_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	(void)close(fd);
	assert_int_equal(suppress_read(s, path, NULL, &err), 0);
	(void)unlink(path);
	assert_true(nomem_each(judge, s) > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_added_whole_or_refused),
		cmocka_unit_test(what_cannot_be_looked_up_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
