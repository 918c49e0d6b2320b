/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/classify.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "scanner/classify/measure.h"
#include "scanner/match/examples.h"
#include "tests/support/unit.h"

#define SESSION_BODY "k3J9xQvL2mPz8RtYb5WcN7dFh1GsKaUe4oIqXyTr"

static const struct rule api = { .id = "api", .kind = KIND_API, .confidence = CONFIDENCE_HIGH };
static const struct rule session = { .id = "session", .kind = KIND_SESSION, .confidence = CONFIDENCE_HIGH };
static const struct rule admin = { .id = "admin", .kind = KIND_ADMIN, .confidence = CONFIDENCE_HIGH };
static const struct rule compliance = { .id = "compliance", .kind = KIND_COMPLIANCE, .confidence = CONFIDENCE_HIGH };
static const struct rule other = { .id = "other", .kind = KIND_UNKNOWN, .min_entropy_centibits = 350 };

static enum confidence judge(const struct rule *rule, const char *prefix, const char *body, const char *after,
			     uint32_t *checks)
{
	DEFER(buf_done) struct buf secret = BUF_INIT(1000);
	struct classify_input in = { .rule = rule, .after = view_of(after) };

	assert_int_equal(buf_add_text(&secret, prefix), 0);
	assert_int_equal(buf_add_text(&secret, body), 0);
	in.secret = buf_view(&secret);
	return classify(&in, checks);
}

static void the_usual_shape_is_high(void **state)
{
	DEFER(buf_done) struct buf key = BUF_INIT(1000);
	struct classify_input in = { .rule = &api };
	struct err err = ERR_INIT;
	uint32_t checks;

	(void)state;
	assert_int_equal(examples_expand(VIEW("{{sk-ant-api03- 93 AA}}"), 5, &key, &err), 0);
	in.secret = buf_view(&key);
	assert_int_equal(classify(&in, &checks), CONFIDENCE_HIGH);
	assert_int_equal(checks, 0);
	buf_cut(&key, key.len - 10);
	in.secret = buf_view(&key);
	assert_int_equal(classify(&in, &checks), CONFIDENCE_MEDIUM);
	assert_int_equal(checks, 1u << CHECK_LENGTH);
}

static void made_up_bodies_are_low_and_it_is_said_why(void **state)
{
	static const struct {
		const char *body;
		enum check check;
	} cases[] = {
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", CHECK_MASKED },
		{ "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", CHECK_REPETITION },
		{ "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", CHECK_SEQUENCE },
		{ "qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM1234567890", CHECK_SEQUENCE },
		{ "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6A7B8C9D0E1", CHECK_SEQUENCE },
		{ "your-api-key-goes-here-please-replace-it-with-the-real-key-1A2", CHECK_PLACEHOLDER },
		{ "EXAMPLE-key-for-the-docs-EXAMPLE-key-for-the-docs-0123-Ab", CHECK_SAMPLE },
		{ "k3J9xQk3J9xQk3J9xQk3J9xQk3J9xQk3J9xQk3J9xQk3J9xQk3J9xQk3J9xQk3J9", CHECK_REPETITION },
		{ "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", CHECK_IDENTIFIER },
		{ "anthology_handler_service_worker_queue_config_name_prefix_value", CHECK_IDENTIFIER },
		{ "MyCompanyProductionServiceHandlerForQueueWorkersInTheBackend01", CHECK_IDENTIFIER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t checks;

		if (judge(&api, "sk-ant-api03-", cases[i].body, "", &checks) != CONFIDENCE_LOW)
			fail_msg("believed: %s", cases[i].body);
		if (!(checks >> cases[i].check & 1))
			fail_msg("%s: not objected by %s", cases[i].body, check_names[cases[i].check]);
	}
}

static void what_follows_a_short_body_tells_what_it_is(void **state)
{
	static const char body[] = "k3J9xQvL2mPz8RtYb5WcN7dFh1GsKaUe4oIqXyTr";
	uint32_t checks;

	(void)state;
	assert_int_equal(judge(&session, "sk-ant-sid01-", body, "\"", &checks), CONFIDENCE_HIGH);
	assert_int_equal(judge(&session, "sk-ant-sid01-", body, "...", &checks), CONFIDENCE_LOW);
	assert_int_equal(checks, 1u << CHECK_MASKED);
	assert_int_equal(judge(&session, "sk-ant-sid01-", body, "\xE2\x80\xA6", &checks), CONFIDENCE_LOW);
	assert_int_equal(judge(&session, "sk-ant-sid01-", body, "{40}", &checks), CONFIDENCE_LOW);
	assert_int_equal(checks, 1u << CHECK_REGEX);
}

static void another_rules_secret_is_judged_by_its_own_entropy(void **state)
{
	uint32_t checks;

	(void)state;
	assert_int_equal(judge(&other, "", "7f3a91c04be85d26aa17c3e09b54d8f1", "", &checks), CONFIDENCE_HIGH);
	assert_int_equal(judge(&other, "", "aabbaabbaabbaabb", "", &checks), CONFIDENCE_LOW);
	assert_int_equal(checks, 1u << CHECK_ENTROPY);
}

static void entropy_and_pairs_are_counted(void **state)
{
	char all[256];

	(void)state;
	assert_int_equal(classify_entropy(VIEW_NONE), 0);
	assert_int_equal(classify_entropy(VIEW("aaaa")), 0);
	assert_int_equal(classify_entropy(VIEW("abab")), 100);
	assert_int_equal(classify_entropy(VIEW("abcdefgh")), 300);
	for (unsigned n = 1; n <= sizeof(all); n++) {
		all[n - 1] = (char)n;
		assert_int_equal(classify_entropy(view_from(all, n)), (unsigned)(100 * log2(n) + 1e-6));
	}
	assert_int_equal(classify_bigrams(VIEW("")), 0);
	assert_int_equal(classify_bigrams(VIEW("ababab")), 2);
	assert_int_equal(classify_bigrams(VIEW("abcd")), 3);
	assert_int_equal(classify_bigrams(VIEW("\xFF\xFE\xFF\xFE\xFF\xFF")), 3);
}

/* Characters that follow each other by chance only: each pair of the first 64 is another one, then of the next 64. */
static void fill(struct buf *out, size_t len)
{
	static const char alphabet[] = "aQ7mXe2RkZ0vLp5TgB9wYc1HnU4sJd8FoK3iVx6GrM_tCyWq-EhSzNbPfAuDjOlI";

	buf_clear(out);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buf_add_byte(out, alphabet[i * (i < 64 ? 5 : 11) % 64]), 0);
}

static uint32_t objections(const struct rule *rule, const char *body, const char *after)
{
	uint32_t checks;

	(void)judge(rule, "sk-ant-api03-", body, after, &checks);
	return checks;
}

static bool objects(const char *body, enum check check)
{
	return objections(&session, body, "") >> check & 1;
}

static void length_and_shape_are_those_of_the_kind(void **state)
{
	static const struct {
		size_t len;
		bool is_usual;
	} plausible[] = { { 79, false }, { 80, true }, { 120, true }, { 121, false } };
	DEFER(buf_done) struct buf body = BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plausible); i++) {
		fill(&body, plausible[i].len);
		assert_int_equal(objections(&compliance, body.ptr, ""), plausible[i].is_usual ? 0 : 1u << CHECK_LENGTH);
		assert_int_equal(objections(&api, body.ptr, ""), 1u << CHECK_LENGTH);
		assert_int_equal(objections(&admin, body.ptr, ""), 1u << CHECK_LENGTH);
		assert_int_equal(objections(&session, body.ptr, ""), 0);
	}
	fill(&body, 95);
	assert_int_equal(objections(&api, body.ptr, ""), 1u << CHECK_SHAPE);
	assert_int_equal(objections(&admin, body.ptr, ""), 1u << CHECK_SHAPE);
	body.ptr[86] = '-';
	assert_int_equal(objections(&api, body.ptr, ""), 1u << CHECK_SHAPE);
	body.ptr[93] = body.ptr[94] = 'A';
	assert_int_equal(objections(&api, body.ptr, ""), 0);
	body.ptr[86] = 'x';
	assert_int_equal(objections(&api, body.ptr, ""), 0);
	fill(&body, 100);
	body.ptr[86] = '-';
	body.ptr[98] = body.ptr[99] = 'A';
	assert_int_equal(objections(&api, body.ptr, ""), 1u << CHECK_LENGTH);
}

static void the_body_is_what_is_behind_the_prefix(void **state)
{
	static const uint32_t empty = 1u << CHECK_LENGTH | 1u << CHECK_ENTROPY;
	uint32_t checks;

	(void)state;
	assert_int_equal(judge(&session, "sk-ant-", "", "", &checks), CONFIDENCE_LOW);
	assert_int_equal(checks, empty);
	assert_int_equal(judge(&session, "sk-ant-sid01-", "k", "", &checks), CONFIDENCE_LOW);
	assert_int_equal(checks, empty);
	(void)judge(&session, "sk-ant-sid01-", "k3", "", &checks);
	assert_int_equal(checks & 1u << CHECK_LENGTH, 0);
	assert_int_equal(judge(&session, "sk-ant-sid01-", SESSION_BODY, "", &checks), CONFIDENCE_HIGH);
	assert_int_equal(judge(&session, "sk-ant-", SESSION_BODY, "", &checks), CONFIDENCE_HIGH); /* without a kind */
	(void)judge(&session, "sk-ant-", "exampleJ9xQvL2mPz8RtYb5WcN7dFh1GsKaUe4oIq", "", &checks);
	assert_true(checks >> CHECK_SAMPLE & 1);
}

static void the_least_entropy_grows_with_the_length(void **state)
{
	static const struct {
		size_t different, len;
		bool is_low;
	} cases[] = {
		{ 12, 16, false }, { 11, 33, true },  { 12, 36, false }, { 13, 39, false }, { 13, 40, true },
		{ 16, 47, true },  { 16, 48, false }, { 20, 59, false }, { 23, 61, true },  { 23, 62, false },
		{ 20, 60, true },  { 24, 79, false }, { 26, 80, true },  { 26, 99, true },  { 26, 104, false },
	};
	static const char alphabet[] = "aQ7mXe2RkZ0vLp5TgB9wYc1HnU4sJd";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char body[128] = { 0 };

		for (size_t k = 0; k < cases[i].len; k++)
			body[k] = alphabet[k % cases[i].different];
		if (objects(body, CHECK_ENTROPY) != cases[i].is_low)
			fail_msg("%zu of %zu", cases[i].different, cases[i].len);
	}
}

static void few_pairs_are_not_random(void **state)
{
	static const struct {
		size_t different, len; /* one pair less than bytes */
		bool is_few;
	} cases[] = { { 84, 101, true }, { 85, 101, false }, { 86, 103, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf body = BUF_INIT(1000);
		size_t different = cases[i].different;

		fill(&body, different);
		for (size_t k = 0; k < cases[i].len - different; k++)
			assert_int_equal(buf_add_byte(&body, body.ptr[k]), 0);
		assert_int_equal(classify_bigrams(buf_view(&body)), different);
		assert_int_equal(objects(body.ptr, CHECK_BIGRAM), cases[i].is_few);
	}
}

/* A piece that stands at every second place is no repetition while hardly any pair comes twice. */
static void a_period_counts_only_where_pairs_repeat(void **state)
{
	(void)state;
	for (size_t repeated = 1; repeated <= 2; repeated++) {
		DEFER(buf_done) struct buf others = BUF_INIT(100), body = BUF_INIT(200);

		for (char c = '!'; others.len < 51; c++)
			if (c != 'Q')
				assert_int_equal(buf_add_byte(&others, c), 0);
		others.ptr[10] = others.ptr[30];
		others.ptr[repeated == 2 ? 20 : 50] = others.ptr[40];
		for (size_t i = 0; i < others.len; i++) {
			assert_int_equal(buf_add_byte(&body, 'Q'), 0);
			assert_int_equal(buf_add_byte(&body, others.ptr[i]), 0);
		}
		assert_int_equal(classify_bigrams(buf_view(&body)), repeated == 2 ? 97 : 98); /* of 101 */
		assert_int_equal(objects(body.ptr, CHECK_REPETITION), repeated == 2);
		if (repeated == 2)
			continue;
		assert_int_equal(classify_bigrams(view_sub(buf_view(&body), 1, SIZE_MAX)), 97); /* of 100 */
		assert_false(objects(body.ptr + 1, CHECK_REPETITION));
	}
}

/* Each limit holds exactly: what is put over a random body grows until the check objects, and it has to object then. */
static void grows_until(const char *piece, size_t stands_at, unsigned (*measure)(struct view), unsigned most,
			enum check check)
{
	unsigned below = 0, above = 0;

	for (size_t len = 0; len <= strlen(piece); len++) {
		DEFER(buf_done) struct buf body = BUF_INIT(1000);

		fill(&body, 95);
		memcpy(body.ptr + stands_at, piece, len);
		if (objects(body.ptr, check) != (measure(buf_view(&body)) > most))
			fail_msg("%s of %u", check_names[check], measure(buf_view(&body)));
		if (measure(buf_view(&body)) > most)
			above++;
		else
			below++;
	}
	assert_true(below > 0 && above > 0);
}

static void the_limits_of_sequences_runs_masks_and_words_are_exact(void **state)
{
	(void)state;
	grows_until("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst", 7, measure_sequence, 30, CHECK_SEQUENCE);
	grows_until("~~~~~~~~~", 20, measure_run, 5, CHECK_REPETITION);
	grows_until("~x~X~xX~xxx~xxxx~xxxxx", 20, measure_x_run, 4, CHECK_MASKED);
	grows_until("thekeyisrealhellodummyworldsecret", 20, measure_words, 25, CHECK_PLACEHOLDER);
	grows_until("9kQ-9kQ-9kQ-9kQ-9kQ-9kQ-9kQ-9kQ-9kQ-9kQ-9kQ-9kQ-", 20, measure_period, 35, CHECK_REPETITION);
}

/* Of 81 characters 24 of 80 pairs follow each other, of 101 30 of 100. */
static void a_sequence_of_just_the_limit_is_none(void **state)
{
	unsigned met = 0;

	(void)state;
	for (size_t stands = 0; stands < 40; stands++) {
		for (size_t len = 81; len <= 101; len += 20) {
			DEFER(buf_done) struct buf body = BUF_INIT(1000);

			fill(&body, len);
			for (size_t run = 2; run < 40; run++) {
				memcpy(body.ptr + stands, "abcdefghijklmnopqrstuvwxyzabcdefghijklmn", run);
				if (measure_sequence(buf_view(&body)) != 30)
					continue;
				met++;
				assert_false(objects(body.ptr, CHECK_SEQUENCE));
			}
		}
	}
	assert_true(met > 0);
}

static void letters_of_both_cases_and_digits_are_expected_of_long_bodies(void **state)
{
	static const struct {
		size_t len;
		const char *lacks;
		bool is_identifier;
	} cases[] = { { 39, "upper", false }, { 40, "upper", true }, { 39, "lower", false }, { 40, "lower", true },
		      { 79, "digit", false }, { 80, "digit", true }, { 80, "", false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf body = BUF_INIT(1000);

		fill(&body, cases[i].len);
		for (size_t k = 0; k < body.len; k++) {
			char *c = &body.ptr[k];
			bool is_letter = text_is_alpha(*c), is_small = is_letter && *c == text_lower(*c);

			if (cases[i].lacks[0] == 'd'   ? text_is_digit(*c)
			    : cases[i].lacks[0] == 'l' ? is_small
						       : cases[i].lacks[0] && is_letter && !is_small)
				*c = '-';
		}
		if (objects(body.ptr, CHECK_IDENTIFIER) != cases[i].is_identifier)
			fail_msg("%zu bytes without %s", cases[i].len, cases[i].lacks);
	}
}

static void many_neighbours_of_one_class_are_an_identifier(void **state)
{
	static const struct {
		char first; /* of a run of pairs of one class, then there are none */
		size_t len, pairs;
		bool is_identifier;
	} cases[] = { /* of 100 pairs 50 letters, 30 digits; of 50 (a short body) 65 and 45 in a hundred */
		      { 'a', 101, 50, false }, { 'a', 101, 51, true }, { 'A', 101, 50, false }, { 'A', 101, 51, true },
		      { '0', 101, 30, false }, { '0', 101, 31, true }, { 'a', 51, 32, false },  { 'a', 51, 33, true },
		      { 'A', 51, 32, false },  { 'A', 51, 33, true },  { '0', 51, 22, false },  { '0', 51, 23, true },
		      { 'a', 61, 30, false },  { 'a', 61, 31, true },  { 'a', 60, 29, false },  { 'a', 60, 30, true },
		      { 'a', 59, 37, false },  { 'a', 59, 38, true }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static const char apart[] = "a-B-1-";
		char body[128] = { 0 };

		for (size_t k = 0; k < cases[i].len; k++)
			body[k] = k <= cases[i].pairs ? (char)(cases[i].first + (char)(k * 7 % 10))
						      : apart[(k - cases[i].pairs) % 6];
		body[cases[i].pairs + 1] = '-'; /* ends the run */
		if (objects(body, CHECK_IDENTIFIER) != cases[i].is_identifier)
			fail_msg("%zu pairs from '%c' in %zu bytes", cases[i].pairs, cases[i].first, cases[i].len);
	}
}

static void only_marks_of_hints_and_patterns_are_objected_to(void **state)
{
	static const struct {
		const char *after;
		uint32_t checks;
	} cases[] = {
		{ "...", 1u << CHECK_MASKED },
		{ "***", 1u << CHECK_MASKED },
		{ "\xE2\x80\xA6", 1u << CHECK_MASKED },
		{ "\xE2\x80\xA2", 1u << CHECK_MASKED },
		{ "[...]", 1u << CHECK_MASKED },
		{ "(...)", 1u << CHECK_MASKED },
		{ "..", 0 },
		{ "**", 0 },
		{ "(..", 0 },
		{ "{4", 1u << CHECK_REGEX },
		{ "{4}", 1u << CHECK_REGEX },
		{ "{", 0 },
		{ "{x}", 0 },
		{ "(4)", 0 },
		{ "[A-Z]", 1u << CHECK_REGEX },
		{ "[a-zA-Z0-9]{40}", 1u << CHECK_REGEX },
		{ "[ A-Z]", 0 },
		{ "[A-Z", 0 },
		{ "[a-z]", 0 },
		{ "(A-Z]", 0 },
		{ "[", 0 },
	};
	DEFER(buf_done) struct buf whole = BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (objections(&session, SESSION_BODY, cases[i].after) != cases[i].checks)
			fail_msg("%s", cases[i].after);
	fill(&whole, 94);
	assert_int_equal(objections(&session, whole.ptr, "..."), 1u << CHECK_MASKED);
	fill(&whole, 95); /* nothing is missing of it */
	assert_int_equal(objections(&session, whole.ptr, "..."), 0);
}

static void another_rules_secret_is_a_placeholder_only_when_most_of_it_is(void **state)
{
	static const struct rule any = { .id = "any", .kind = KIND_UNKNOWN };
	static const struct {
		const char *secret;
		bool is_placeholder;
	} cases[] = {
		{ "key---", false }, /* half of it */
		{ "keys---", true }, { "aaaa1b2c", false }, { "aaaaa1b2c", true }, { "x9", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t checks;
		enum confidence confidence = judge(&any, "", cases[i].secret, "...", &checks);

		assert_int_equal(checks, cases[i].is_placeholder ? 1u << CHECK_PLACEHOLDER : 0);
		assert_int_equal(confidence, cases[i].is_placeholder ? CONFIDENCE_LOW : CONFIDENCE_HIGH);
	}
}

static void a_rules_least_entropy_is_enough(void **state)
{
	const struct rule exact = { .id = "exact", .kind = KIND_UNKNOWN, .min_entropy_centibits = 300 };
	const struct rule more = { .id = "more", .kind = KIND_UNKNOWN, .min_entropy_centibits = 301 };
	uint32_t checks;

	(void)state;
	assert_int_equal(judge(&exact, "", "a1c3e5g7", "", &checks), CONFIDENCE_HIGH);
	assert_int_equal(judge(&more, "", "a1c3e5g7", "", &checks), CONFIDENCE_LOW);
	assert_int_equal(checks, 1u << CHECK_ENTROPY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_shape_is_high),
		cmocka_unit_test(made_up_bodies_are_low_and_it_is_said_why),
		cmocka_unit_test(what_follows_a_short_body_tells_what_it_is),
		cmocka_unit_test(another_rules_secret_is_judged_by_its_own_entropy),
		cmocka_unit_test(entropy_and_pairs_are_counted),
		cmocka_unit_test(length_and_shape_are_those_of_the_kind),
		cmocka_unit_test(the_body_is_what_is_behind_the_prefix),
		cmocka_unit_test(the_least_entropy_grows_with_the_length),
		cmocka_unit_test(few_pairs_are_not_random),
		cmocka_unit_test(a_period_counts_only_where_pairs_repeat),
		cmocka_unit_test(the_limits_of_sequences_runs_masks_and_words_are_exact),
		cmocka_unit_test(a_sequence_of_just_the_limit_is_none),
		cmocka_unit_test(letters_of_both_cases_and_digits_are_expected_of_long_bodies),
		cmocka_unit_test(many_neighbours_of_one_class_are_an_identifier),
		cmocka_unit_test(only_marks_of_hints_and_patterns_are_objected_to),
		cmocka_unit_test(another_rules_secret_is_a_placeholder_only_when_most_of_it_is),
		cmocka_unit_test(a_rules_least_entropy_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
