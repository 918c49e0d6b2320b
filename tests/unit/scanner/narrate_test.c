/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/narrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/policy/keyname.h"
#include "common/sys/log.h"
#include "scanner/shards.h"
#include "tests/support/unit.h"

#define SECOND UINT64_C(1'000'000'000)

static const struct rule key_rule = { .id = "a-rule", .title = "A key", .kind = KIND_API };
static const struct rule name_rule = { .id = "name-rule", .title = "A name", .kind = KIND_KEYNAME };

/* What goes to standard error is caught in a socket that keeps each write apart. */
static int saved, reader;
static char line[4 * LOG_LINE_BYTES];

static int catch_stderr(void **state)
{
	int ends[2];

	(void)state;
	(void)unsetenv("JOURNAL_STREAM");
	log_init("skant", LOG_DEBUG);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	reader = ends[0];
	if (saved < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	return close(ends[1]);
}

static int release_stderr(void **state)
{
	(void)state;
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	return close(reader);
}

/* The next line that was said; "" when there is none. */
static const char *said(void)
{
	ssize_t n = recv(reader, line, sizeof(line) - 1, MSG_DONTWAIT);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

static struct finding found(void)
{
	return (struct finding){ .rule = &key_rule,
				 .confidence = CONFIDENCE_HIGH,
				 .path = "a.py",
				 .start_line = 2,
				 .start_column = 9,
				 .masked = "abc...wxyz" };
}

static void a_finding_says_why_it_was_reported_or_not(void **state)
{
	struct finding f = found();

	(void)state;
	narrate_finding(&f, CONFIDENCE_MEDIUM);
	assert_string_equal(said(), "skant: a.py:2:9: abc...wxyz: reported, high confidence [a-rule]\n");
	f.confidence = CONFIDENCE_LOW;
	f.checks = 1u << CHECK_SHAPE | 1u << CHECK_SAMPLE;
	narrate_finding(&f, CONFIDENCE_MEDIUM);
	assert_string_equal(said(),
			    "skant: a.py:2:9: abc...wxyz: not reported, low confidence (shape, sample) [a-rule]\n");
	f.status = STATUS_BASELINE;
	f.checks = 0;
	narrate_finding(&f, CONFIDENCE_MEDIUM);
	assert_string_equal(said(), "skant: a.py:2:9: abc...wxyz: in the baseline [a-rule]\n");
	f.status = STATUS_ALLOWED;
	f.allowed_by = "a test";
	narrate_finding(&f, CONFIDENCE_MEDIUM);
	assert_string_equal(said(), "skant: a.py:2:9: abc...wxyz: allowed (a test) [a-rule]\n");
}

static void a_name_says_what_is_wrong_with_it(void **state)
{
	struct finding f = found();

	(void)state;
	f.rule = &name_rule;
	f.masked = "Ml-";
	f.violations = 1u << KEYNAME_CASE | 1u << KEYNAME_EMPTY_PART;
	f.checks = 1u << CHECK_SHAPE; /* names have none */
	narrate_finding(&f, CONFIDENCE_LOW);
	assert_string_equal(said(), "skant: a.py:2:9: Ml-: reported, high confidence (case, empty-part) [name-rule]\n");
}

static void what_should_have_been_read_is_a_warning(void **state)
{
	struct record_unread u = { .reason = UNREAD_CORRUPT, .path = "b", .detail = "it ends early" };

	(void)state;
	narrate_unread(&u);
	assert_string_equal(said(), "skant: warning: 'b' was not read as it should be: it ends early\n");
	u = (struct record_unread){ .reason = UNREAD_UNREADABLE, .path = "", .errnum = EACCES };
	narrate_unread(&u);
	assert_string_equal(said(), "skant: warning: cannot read '.': Permission denied\n");
	u = (struct record_unread){ .reason = UNREAD_LIMIT, .path = "b" };
	narrate_unread(&u);
	assert_string_equal(said(), "skant: warning: 'b' was not read: limit\n");
}

static void the_rest_is_said_to_those_who_look_for_it(void **state)
{
	const struct record_unread ignored = { .reason = UNREAD_IGNORED, .path = "b" },
				   stopped = { .reason = UNREAD_INTERRUPTED, .path = "c" };

	(void)state;
	narrate_unread(&ignored);
	assert_string_equal(said(), "skant: not read, ignored: b\n");
	narrate_unread(&stopped);
	assert_string_equal(said(), "skant: not read, the scan was stopped: c\n");
	log_set_level(LOG_WARN);
	narrate_unread(&ignored);
	narrate_unread(&stopped);
	log_set_level(LOG_DEBUG);
	assert_string_equal(said(), "");
}

static void a_summary_counts_what_there_is(void **state)
{
	struct summary s = { .files = 1, .bytes = 1'240'000 };

	(void)state;
	narrate_summary(&s, 310'000'000);
	assert_string_equal(said(), "skant: 0 findings in 1 file, 1.24 MB, 0.31 s\n");
	s.files = 78'579;
	s.findings[SEVERITY_CRITICAL] = 1;
	narrate_summary(&s, 2 * SECOND);
	assert_string_equal(said(), "skant: 1 finding (1 critical) in 78,579 files, 1.24 MB, 2.00 s\n");
	s.findings[SEVERITY_LOW] = 1'000;
	s.are_objects = true;
	s.unread[UNREAD_UNREADABLE] = 3;
	s.unread[UNREAD_IGNORED] = 41;
	s.unread[UNREAD_SYMLINK] = 56;
	s.allowed = 2;
	s.baseline = 4;
	narrate_summary(&s, 0);
	assert_string_equal(said(), "skant: 1,001 findings (1 critical, 1,000 low) in 78,579 objects, 1.24 MB, 0.00 s; "
				    "not read: 3 unreadable; left out: 41 ignored, 56 symlinks; 2 allowed, 4 in the "
				    "baseline\n");
	s.unread[UNREAD_SYMLINK] = 1;
	s.unread[UNREAD_UNREADABLE] = 0;
	s.baseline = s.allowed = 0;
	narrate_summary(&s, 0);
	assert_string_equal(said(), "skant: 1,001 findings (1 critical, 1,000 low) in 78,579 objects, 1.24 MB, 0.00 s; "
				    "left out: 41 ignored, 1 symlink\n");
}

static void packs_from_before_and_repositories_are_counted(void **state)
{
	char first[] = "a", second[] = "b", *names[] = { first, second };
	struct shards shards = { .read = { .items = names, .count = 1 } };
	struct summary s = { .files = 2, .known_packs = 1, .repositories = &shards };

	(void)state;
	narrate_summary(&s, 0);
	assert_string_equal(said(),
			    "skant: 0 findings in 2 files of 1 repository, 0 B, 0.00 s; 1 pack known from before\n");
	shards.incomplete = (struct textset){ .items = names + 1, .count = 1 };
	s.known_packs = 2;
	narrate_summary(&s, 0);
	assert_string_equal(said(),
			    "skant: 0 findings in 2 files of 2 repositories, 0 B, 0.00 s; 2 packs known from before\n");
}

static void nothing_to_scan_is_told_from_nothing_found(void **state)
{
	struct summary s = { .files = 0 };

	(void)state;
	narrate_summary(&s, 0);
	assert_string_equal(said(), "skant: nothing to scan: 0 files, 0 B, 0.00 s\n");
	s.incomplete = true;
	narrate_summary(&s, 0);
	assert_string_equal(said(),
			    "skant: warning: the scan is incomplete: not everything that should have been read was\n");
	assert_string_equal(said(), "skant: 0 findings in 0 files, 0 B, 0.00 s\n");
}

static void a_baseline_says_what_is_in_it_for_nothing(void **state)
{
	struct summary s = { .files = 1, .has_baseline = true, .baseline_entries = 3, .baseline_unmet = 2 };

	(void)state;
	narrate_summary(&s, 0); /* a part of what it is about: nobody knows */
	assert_string_equal(said(), "skant: 0 findings in 1 file, 0 B, 0.00 s\n");
	s.knows_unmet = true;
	narrate_summary(&s, 0);
	assert_string_equal(
		said(),
		"skant: 2 of the baseline's 3 entries were not met any more: `skant baseline` takes them out\n");
}

static void of_many_repositories_some_are_named(void **state)
{
	char name[] = "team/app", *names[25];
	struct shards shards = { .incomplete = { .items = names } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		names[i] = name;
	shards.incomplete.count = 1;
	narrate_repositories(&shards);
	assert_string_equal(said(), "skant: warning: the repository 'team/app' was not read as a whole\n");
	assert_string_equal(said(), "");
	shards.incomplete.count = ARRAY_LEN(names);
	narrate_repositories(&shards);
	for (unsigned i = 0; i < 20; i++)
		assert_string_equal(said(), "skant: warning: the repository 'team/app' was not read as a whole\n");
	assert_string_equal(said(), "skant: warning: 5 more repositories were not read as a whole\n");
	assert_string_equal(said(), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catch_stderr, release_stderr)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_finding_says_why_it_was_reported_or_not),
		TEST(a_name_says_what_is_wrong_with_it),
		TEST(what_should_have_been_read_is_a_warning),
		TEST(the_rest_is_said_to_those_who_look_for_it),
		TEST(a_summary_counts_what_there_is),
		TEST(packs_from_before_and_repositories_are_counted),
		TEST(nothing_to_scan_is_told_from_nothing_found),
		TEST(a_baseline_says_what_is_in_it_for_nothing),
		TEST(of_many_repositories_some_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
