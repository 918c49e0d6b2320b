/* SPDX-License-Identifier: Apache-2.0 */
/* Marks and searches when memory is short: they fail as a whole, and never find less without a word. */
#include "tests/support/nomem.h"

#include <stdio.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/search.h"
#include "tests/support/unit.h"

#define BODY 93

static struct matcher *matcher;
static struct ruleset *rules;
static struct marks *marks;
static char text[4096];

/* A key in parts, one whose dashes are escaped, and enough hits that their list has to grow. */
static void make_text(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char body[BODY + 3];
	size_t len;

	for (size_t i = 0; i < BODY; i++)
		body[i] = alphabet[(i * 37 + i * i * 11 + 5) % (sizeof(alphabet) - 1)];
	memcpy(body + BODY, "AA", 3);
	len = (size_t)snprintf(text, sizeof(text), "k = \"%s-api03-%.30s\" + \"%s\"\nj = sk%%2Dant-api03-%s\n",
			       "sk-ant", body, body + 30, body);
	while (len + 32 < sizeof(text))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "736b2d c2stYW50L \\x73\\x6b ");
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	make_text();
	rules = ruleset_new();
	if (!rules || ruleset_add(rules, rules_builtin, rules_builtin_count, &err))
		return -1;
	matcher = matcher_new(rules, &err);
	marks = matcher ? marks_new(matcher, true, &err) : NULL;
	return marks ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	marks_free(marks);
	matcher_free(matcher);
	ruleset_free(rules);
	return 0;
}

static bool make_marks(void *context, long n)
{
	struct err err = ERR_INIT;
	struct marks *made;
	bool failed;

	(void)context;
	nomem_start(n);
	made = marks_new(matcher, true, &err);
	failed = nomem_stop();
	assert_int_equal(made == NULL, failed);
	assert_int_equal(err.kind, failed ? ERR_NOMEM : ERR_NONE);
	marks_free(made);
	return failed;
}

/* How many matches there are, or SIZE_MAX when it is told that there was no memory. */
static size_t count_matches(struct matcher_worker *worker)
{
	DEFER(search_freep) struct search *s = search_new(marks, worker, DECODE_DEPTH);
	struct piece piece = { .bytes = view_of(text), .is_first = true, .is_last = true };
	struct matcher_trouble trouble;
	enum search_trouble found;
	const struct match *matches;
	int ret;

	if (!s)
		return SIZE_MAX;
	matcher_start(worker, NULL, &piece);
	ret = search_piece(s, &piece, &found);
	/* where the matcher lacks memory, it says so itself */
	return ret ? SIZE_MAX : matcher_finish(worker, &matches, &trouble);
}

static bool search_text(void *context, long n)
{
	const size_t *expected = context;
	struct matcher_worker *worker = matcher_worker_new(matcher);
	size_t count;
	bool failed;

	assert_non_null(worker);
	nomem_start(n);
	count = count_matches(worker);
	failed = nomem_stop();
	matcher_worker_free(worker);
	assert_true(count == *expected || (failed && count == SIZE_MAX));
	return failed;
}

static bool decode_text(void *context, long n)
{
	struct decoded d;
	enum decode_result result;
	bool failed;

	(void)context;
	decoded_init(&d);
	nomem_start(n);
	result = decode_at(DECODE_PERCENT, 0, view_of(text), text_find(view_of(text), VIEW("sk%2D")), &d);
	failed = nomem_stop();
	assert_int_equal(result, failed ? DECODE_NO_MEMORY : DECODE_DONE);
	decoded_done(&d);
	return failed;
}

static void marks_are_made_or_refused(void **state)
{
	(void)state;
	assert_true(nomem_each(make_marks, NULL) > 2);
}

static void a_search_finds_all_or_says_that_it_could_not(void **state)
{
	struct matcher_worker *worker = matcher_worker_new(matcher);
	size_t expected;

	(void)state;
	assert_non_null(worker);
	expected = count_matches(worker);
	matcher_worker_free(worker);
	assert_true(expected >= 2 && expected != SIZE_MAX);
	assert_true(nomem_each(search_text, &expected) > 5);
}

static void a_text_is_decoded_or_refused(void **state)
{
	(void)state;
	assert_true(nomem_each(decode_text, NULL) > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_made_or_refused),
		cmocka_unit_test(a_search_finds_all_or_says_that_it_could_not),
		cmocka_unit_test(a_text_is_decoded_or_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
