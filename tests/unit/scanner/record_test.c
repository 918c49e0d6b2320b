/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/record.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"

static const struct rule rule_a, rule_b;

/* A finding of a made-up secret at an offset. */
static void add(struct records *r, const struct rule *rule, const char *secret, uint64_t offset)
{
	struct finding f = { .rule = rule, .offset = offset, .path = "p", .masked = "m", .status = STATUS_NEW };

	(void)snprintf(f.secret_id, sizeof(f.secret_id), "%s", secret);
	assert_int_equal(records_add_finding(r, &f), 0);
}

/* The offsets of the findings in order, as text. */
static void are(const struct records *r, const char *expected)
{
	char text[256] = "";
	size_t len = 0;

	for (const struct record *i = r->first; i; i = i->next)
		if (i->is_finding)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%u ", (unsigned)i->finding.offset);
	assert_string_equal(text, expected);
}

static void what_was_known_before_is_taken_out(void **)
{
	struct records *r = records_new(), *before = records_new();

	add(r, &rule_a, "one", 1);
	add(r, &rule_a, "two", 2);
	add(r, &rule_b, "one", 3);
	add(r, &rule_a, "three", 4);
	add(before, &rule_a, "one", 9);
	add(before, &rule_a, "three", 10);
	records_drop_known(r, before);
	are(r, "2 ");
	add(r, &rule_a, "five", 5); /* the end is where it belongs */
	are(r, "2 5 ");
	are(before, "9 10 ");
	records_free(r);
	records_free(before);
}

static void all_may_be_known(void **)
{
	struct records *r = records_new(), *before = records_new();

	add(r, &rule_a, "one", 1);
	add(before, &rule_a, "one", 1);
	records_drop_known(r, before);
	are(r, "");
	add(r, &rule_a, "two", 2);
	are(r, "2 ");
	records_free(r);
	records_free(before);
}

static void without_a_before_nothing_is_known(void **)
{
	struct records *r = records_new();

	add(r, &rule_a, "one", 1);
	records_drop_known(r, NULL);
	records_drop_known(NULL, r);
	are(r, "1 ");
	assert_false(records_have_secret(NULL, "one"));
	assert_true(records_have_secret(r, "one"));
	assert_false(records_have_secret(r, "two"));
	records_free(r);
}

static void what_was_not_read_is_never_taken_out(void **)
{
	struct records *r = records_new(), *before = records_new();
	struct record_unread u = { .reason = UNREAD_CORRUPT, .path = "x" };

	assert_int_equal(records_add_unread(r, &u), 0);
	add(r, &rule_a, "one", 1);
	add(before, &rule_a, "one", 1);
	records_drop_known(r, before);
	assert_non_null(r->first);
	assert_false(r->first->is_finding);
	assert_null(r->first->next);
	records_free(r);
	records_free(before);
}

static void joining_adds_what_is_not_there_yet(void **)
{
	struct records *r = records_new(), *other = records_new();

	add(r, &rule_a, "one", 1);
	add(other, &rule_a, "one", 1);
	add(other, &rule_b, "one", 1);
	add(other, &rule_a, "one", 2);
	assert_true(records_join(r, other));
	are(r, "1 1 2 ");
	assert_int_equal(records_count_new(r), 3);
	assert_false(records_join(r, NULL));
	assert_false(records_join(NULL, r));
	records_free(r);
}

static void a_findings_place_in_history_is_copied(void **)
{
	struct records *r = records_new();
	char commit[] = "c0ffee", refs[] = "refs/heads/main\n";
	struct finding f = { .rule = &rule_a, .path = "p", .origin = { .commit = commit, .refs = refs } };

	assert_int_equal(records_add_finding(r, &f), 0);
	memset(commit, 'x', sizeof(commit) - 1);
	memset(refs, 'x', sizeof(refs) - 1);
	assert_string_equal(r->first->finding.origin.commit, "c0ffee");
	assert_string_equal(r->first->finding.origin.refs, "refs/heads/main\n");
	assert_null(r->first->finding.origin.author);
	records_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_known_before_is_taken_out),
		cmocka_unit_test(all_may_be_known),
		cmocka_unit_test(without_a_before_nothing_is_known),
		cmocka_unit_test(what_was_not_read_is_never_taken_out),
		cmocka_unit_test(joining_adds_what_is_not_there_yet),
		cmocka_unit_test(a_findings_place_in_history_is_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
