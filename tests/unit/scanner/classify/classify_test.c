/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/classify.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "scanner/match/examples.h"
#include "tests/support/unit.h"

#define RANDOM_KEYS SLOWED(20000)

static const struct rule api = { .id = "api", .kind = KIND_API, .confidence = CONFIDENCE_HIGH };
static const struct rule session = { .id = "session", .kind = KIND_SESSION, .confidence = CONFIDENCE_HIGH };
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

/* Random bodies of one length, all of them at least MEDIUM. */
static void random_keys_pass(const struct rule *rule, const char *template)
{
	for (uint64_t seed = 0; seed < RANDOM_KEYS; seed++) {
		DEFER(buf_done) struct buf key = BUF_INIT(1000);
		struct classify_input in = { .rule = rule };
		struct err err = ERR_INIT;
		uint32_t checks;

		assert_int_equal(examples_expand(view_of(template), seed * 7919 + 1, &key, &err), 0);
		in.secret = buf_view(&key);
		if (classify(&in, &checks) == CONFIDENCE_LOW)
			fail_msg("%s, seed %llu: checks %x", template, (unsigned long long)seed, (unsigned)checks);
	}
}

static void random_keys_of_every_usual_length_are_believed(void **state)
{
	(void)state;
	random_keys_pass(&api, "{{sk-ant-api03- 93 AA}}");
	random_keys_pass(&api, "{{sk-ant-api03- 80}}");
	random_keys_pass(&api, "{{sk-ant-api03- 120}}");
	random_keys_pass(&session, "{{sk-ant-sid01- 40}}");
	random_keys_pass(&session, "{{sk-ant-sid01- 60}}");
	random_keys_pass(&session, "{{sk-ant-sid01- 86}}");
	random_keys_pass(&session, "{{sk-ant-sid01- 200}}");
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_keys_of_every_usual_length_are_believed),
		cmocka_unit_test(the_usual_shape_is_high),
		cmocka_unit_test(made_up_bodies_are_low_and_it_is_said_why),
		cmocka_unit_test(what_follows_a_short_body_tells_what_it_is),
		cmocka_unit_test(another_rules_secret_is_judged_by_its_own_entropy),
		cmocka_unit_test(entropy_and_pairs_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
