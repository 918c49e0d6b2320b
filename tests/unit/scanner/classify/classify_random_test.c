/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of classify.c leave random keys alone. */
#include "scanner/classify/classify.h"

#include "scanner/match/examples.h"
#include "tests/support/unit.h"

#define RANDOM_KEYS SLOWED(20000)

static const struct rule api = { .id = "api", .kind = KIND_API, .confidence = CONFIDENCE_HIGH };
static const struct rule session = { .id = "session", .kind = KIND_SESSION, .confidence = CONFIDENCE_HIGH };

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_keys_of_every_usual_length_are_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
