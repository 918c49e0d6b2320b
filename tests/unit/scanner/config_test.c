/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "tests/support/unit.h"

static const struct rule rule = { .id = "anthropic-api-key" };
static char notes[1024];

static void note(const char *text)
{
	assert_string_equal(notes, "");
	(void)snprintf(notes, sizeof(notes), "%s", text);
}

/* Whether an entry that expires on 2027-01-31 allows anything so many days before that; what was said is in notes. */
static bool is_allowed(int64_t days_before)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	DEFER(config_done) struct config config = { .policy = NULL };
	struct finding f = { .rule = &rule, .path = "a", .below = "a" };
	struct ruleset *rules = ruleset_new();
	char path[] = "/tmp/skant-config-XXXXXX";
	struct err err = ERR_INIT;
	int fd = mkstemp(path);

	notes[0] = '\0';
	assert_true(fd >= 0 && s && rules);
	assert_int_equal(ruleset_add(rules, rules_builtin, rules_builtin_count, NULL), 0);
	assert_true(dprintf(fd, "version: 1\nallow:\n  - {paths: [a], reason: made up, expires: 2027-01-31}\n") > 0);
	(void)close(fd);
	assert_int_equal(config_read(path, clock_days(2027, 1, 31) - days_before, rules, s, note, &config, &err), 0);
	(void)unlink(path);
	ruleset_free(rules);
	return suppress_reason(s, &f) != NULL;
}

static void an_allow_entry_works_on_its_last_day_and_not_on_the_next(void **state)
{
	(void)state;
	assert_true(is_allowed(0));
	assert_non_null(strstr(notes, ":3: today is the last day"));
	assert_false(is_allowed(-1));
	assert_non_null(strstr(notes, ":3: this allow entry has expired"));
	assert_non_null(strstr(notes, "made up"));
}

static void its_end_is_told_two_weeks_ahead(void **state)
{
	(void)state;
	assert_true(is_allowed(1));
	assert_non_null(strstr(notes, "1 more day "));
	assert_true(is_allowed(ALLOW_ENDS_SOON_DAYS));
	assert_non_null(strstr(notes, "14 more days"));
	assert_true(is_allowed(ALLOW_ENDS_SOON_DAYS + 1));
	assert_string_equal(notes, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allow_entry_works_on_its_last_day_and_not_on_the_next),
		cmocka_unit_test(its_end_is_told_two_weeks_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
