/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS connection with each allocation failing in turn, also libcurl's: it is there as it should be, with nothing of
 * what is wanted of it left out, or the lack of memory is told. */
#include "tests/support/nomem.h"

#include "common/base/clock.h"
#include "forwarder/sink/tls.h"
#include "tests/support/sinkenv.h"
#include "tests/support/tlspeer.h"

#define PATIENCE_NS (20ull * 1'000'000'000)

struct bed {
	struct sinkenv *env;
	struct tlspeer peer;
	bool may_open; /* what is configured is right */
};

static bool open_with_a_failure(void *context, long n)
{
	struct bed *b = context;
	int fd = tlspeer_connect(&b->peer);
	struct err err = ERR_INIT;
	enum sink_result result;
	struct tls *tls;
	bool has_failed;

	nomem_start(n);
	tls = tls_open(fd, &b->env->env, clock_mono_ns() + PATIENCE_NS, &result, &err);
	has_failed = nomem_stop();
	assert_true(!tls == (result != SINK_OK));
	assert_true(tls || err.text[0]);
	if (tls)
		assert_true(b->may_open);
	else
		assert_true(has_failed || !b->may_open);
	tls_close(tls);
	(void)close(fd);
	return has_failed;
}

static void use(struct bed *b, void **state, char *name)
{
	FILE *f;

	b->env = *state;
	tlspeer_start(&b->peer);
	f = fopen(b->env->path, "we");
	assert_non_null(f);
	assert_true(fputs(b->peer.pem, f) >= 0);
	assert_int_equal(fclose(f), 0);
	b->env->settings.host = b->env->settings.server_name = name;
	b->env->settings.port = b->peer.receiver.port;
	b->env->settings.ca_file = b->env->path;
}

static void it_is_there_or_it_is_told_why_not(void **state)
{
	static char name[] = TLSPEER_NAME;
	struct bed b = { .may_open = true };

	use(&b, state, name);
	assert_true(nomem_each(open_with_a_failure, &b) > 10);
	tlspeer_stop(&b.peer);
}

static void no_check_of_the_certificate_is_left_out(void **state)
{
	static char name[] = "other.test";
	struct bed b = { .may_open = false };

	use(&b, state, name);
	assert_true(nomem_each(open_with_a_failure, &b) > 10);
	tlspeer_stop(&b.peer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_there_or_it_is_told_why_not),
		TEST(no_check_of_the_certificate_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
