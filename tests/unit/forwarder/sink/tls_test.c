/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/tls.h"

#include <poll.h>

#include "common/base/clock.h"
#include "tests/support/sinkenv.h"
#include "tests/support/tlspeer.h"

#define LONG_NS (20ull * 1'000'000'000)

static char named[] = TLSPEER_NAME;

struct bed {
	struct sinkenv *env;
	struct tlspeer peer;
	int fd;
	struct tls *tls;
	enum sink_result result;
	struct err err;
};

/* The settings trust the peer's certificate, which is written to the sink's file, under the name that it is for. */
static void start(struct bed *b, void **state)
{
	FILE *f;

	b->env = *state;
	b->fd = -1;
	b->err = (struct err)ERR_INIT;
	tlspeer_start(&b->peer);
	f = fopen(b->env->path, "we");
	assert_non_null(f);
	assert_true(fputs(b->peer.pem, f) >= 0);
	assert_int_equal(fclose(f), 0);
	b->env->settings.host = b->env->settings.server_name = named;
	b->env->settings.port = b->peer.receiver.port;
	b->env->settings.ca_file = b->env->path;
}

static void open_tls(struct bed *b, uint64_t patience_ns)
{
	b->fd = tlspeer_connect(&b->peer);
	b->tls = tls_open(b->fd, &b->env->env, clock_mono_ns() + patience_ns, &b->result, &b->err);
	assert_true(!b->tls == (b->result != SINK_OK));
}

static void stop(struct bed *b)
{
	tls_close(b->tls);
	if (b->fd >= 0)
		(void)close(b->fd);
	tlspeer_stop(&b->peer);
}

/* What comes next, as tls_recv tells it; it waits. */
static ssize_t hear(struct bed *b, char *ptr, size_t len)
{
	ssize_t n;

	for (;;) {
		struct pollfd fd = { .fd = b->fd, .events = POLLIN };

		n = tls_recv(b->tls, ptr, len, &b->err);
		if (n)
			return n;
		assert_int_equal(poll(&fd, 1, 20000), 1);
	}
}

static void assert_refused(const struct bed *b, enum sink_result result, const char *words)
{
	assert_int_equal(b->result, result);
	assert_null(b->tls);
	if (!strstr(b->err.text, words))
		fail_msg("'%s' does not say '%s'", b->err.text, words);
}

static void what_is_sent_comes_and_the_end_is_said(void **state)
{
	struct bed b = { .tls = NULL };
	char bytes[16];

	start(&b, state);
	open_tls(&b, LONG_NS);
	if (!b.tls)
		fail_msg("%s", b.err.text);
	assert_int_equal(hear(&b, bytes, sizeof(bytes)), 5);
	assert_memory_equal(bytes, "hello", 5);
	assert_int_equal(tls_recv(b.tls, bytes, sizeof(bytes), &b.err), 0);
	assert_int_equal(tls_send(b.tls, VIEW("an event"), &b.err), 8);
	stop(&b);
	assert_string_equal(b.peer.got, "an event");
	assert_int_equal(b.peer.end, 0); /* close_notify: not GNUTLS_E_PREMATURE_TERMINATION */
}

static void a_certificate_for_an_address_of_ipv6_is_verified(void **state)
{
	static char six[] = "::1";
	struct bed b = { .tls = NULL };

	start(&b, state);
	b.env->settings.server_name = six;
	open_tls(&b, LONG_NS);
	if (!b.tls)
		fail_msg("%s", b.err.text);
	stop(&b);
}

static void without_a_name_of_its_own_the_hosts_counts(void **state)
{
	static char other[] = "127.0.0.1";
	struct bed b = { .tls = NULL };

	start(&b, state);
	b.env->settings.server_name = NULL;
	open_tls(&b, LONG_NS);
	assert_int_equal(b.result, SINK_OK);
	tls_close(b.tls);
	(void)close(b.fd);
	b.env->settings.host = other;
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_BROKEN, "the certificate of 127.0.0.1 cannot be verified, and nothing was sent");
	stop(&b);
}

static void a_certificate_for_another_name_is_refused(void **state)
{
	static char other[] = "other.test";
	struct bed b = { .tls = NULL };

	start(&b, state);
	b.env->settings.server_name = other;
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_BROKEN, "the certificate of other.test cannot be verified, and nothing was sent");
	assert_int_equal(b.err.kind, ERR_CONFIG);
	stop(&b);
	assert_string_equal(b.peer.got, "");
}

static void what_the_system_trusts_does_not_count_beside_the_file(void **state)
{
	struct bed b = { .tls = NULL };
	struct tlspeer other = { .versions = NULL };
	FILE *f;

	start(&b, state);
	tlspeer_certify(&other); /* another certificate than the one that the peer shows */
	gnutls_certificate_free_credentials(other.own);
	f = fopen(b.env->path, "we");
	assert_non_null(f);
	assert_true(fputs(other.pem, f) >= 0);
	assert_int_equal(fclose(f), 0);
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_BROKEN, "cannot be verified");
	b.env->settings.ca_file = NULL; /* nor does the system trust it */
	(void)close(b.fd);
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_BROKEN, "cannot be verified");
	stop(&b);
}

static void files_that_hold_no_certificate_or_key_are_told(void **state)
{
	struct bed b = { .tls = NULL };

	start(&b, state);
	b.env->settings.cert_file = b.env->settings.key_file = b.env->dir; /* a folder */
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_BROKEN, "the certificates for " TLSPEER_NAME " cannot be used");
	(void)close(b.fd);
	b.env->settings.cert_file = b.env->settings.key_file = NULL;
	b.env->settings.ca_file = b.env->dir;
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_BROKEN, "the certificates for " TLSPEER_NAME " cannot be used");
	stop(&b);
}

static void a_peer_that_says_nothing_is_not_waited_for_for_ever(void **state)
{
	struct bed b = { .peer = { .is_mute = true } };

	start(&b, state);
	open_tls(&b, 50'000'000);
	assert_refused(&b, SINK_RETRY, TLSPEER_NAME " does not end the TLS handshake");
	stop(&b);
}

static void who_is_told_to_stop_does_not_wait_for_the_handshake(void **state)
{
	struct bed b = { .peer = { .is_mute = true } };

	start(&b, state);
	assert_int_equal(write(b.env->env.wake_fd, &(uint64_t){ 1 }, 8), 8);
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_RETRY, "stopped while connecting to " TLSPEER_NAME);
	stop(&b);
}

static void a_peer_that_ends_during_the_handshake_is_tried_again(void **state)
{
	struct bed b = { .peer = { .is_rude = true } };

	start(&b, state);
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_RETRY, "cannot make a TLS connection with " TLSPEER_NAME);
	assert_int_equal(b.err.kind, ERR_LATER);
	stop(&b);
}

static void nothing_older_than_1_2_is_spoken(void **state)
{
	struct bed b = { .peer = { .versions = "NORMAL:-VERS-ALL:+VERS-TLS1.1" } };

	start(&b, state);
	open_tls(&b, LONG_NS);
	assert_refused(&b, SINK_RETRY, "cannot make a TLS connection");
	stop(&b);
	assert_true(b.peer.handshake < 0);
}

static void a_peer_that_wants_another_certificate_says_so_by_an_alert(void **state)
{
	struct bed b = { .peer = { .wants_certificate = true } };
	char bytes[16];

	start(&b, state);
	open_tls(&b, LONG_NS);
	assert_int_equal(b.result, SINK_OK); /* with TLS 1.3 the client is done by then */
	assert_int_equal(hear(&b, bytes, sizeof(bytes)), -1);
	assert_int_equal(b.err.kind, ERR_REFUSED);
	stop(&b);
}

static void a_connection_that_breaks_is_told_by_who_reads_and_who_writes(void **state)
{
	struct bed b = { .peer = { .resets = true } };
	char bytes[16];

	start(&b, state);
	open_tls(&b, LONG_NS);
	assert_int_equal(hear(&b, bytes, sizeof(bytes)), 5);
	receiver_go_on(&b.peer.receiver);
	assert_int_equal(hear(&b, bytes, sizeof(bytes)), -1);
	assert_int_equal(b.err.kind, ERR_IO);
	assert_true(b.err.text[0]);
	b.err = (struct err)ERR_INIT;
	assert_int_equal(tls_send(b.tls, VIEW("x"), &b.err), -1);
	assert_int_equal(b.err.kind, ERR_IO);
	stop(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_sent_comes_and_the_end_is_said),
		TEST(a_certificate_for_an_address_of_ipv6_is_verified),
		TEST(without_a_name_of_its_own_the_hosts_counts),
		TEST(a_certificate_for_another_name_is_refused),
		TEST(what_the_system_trusts_does_not_count_beside_the_file),
		TEST(files_that_hold_no_certificate_or_key_are_told),
		TEST(a_peer_that_says_nothing_is_not_waited_for_for_ever),
		TEST(who_is_told_to_stop_does_not_wait_for_the_handshake),
		TEST(a_peer_that_ends_during_the_handshake_is_tried_again),
		TEST(nothing_older_than_1_2_is_spoken),
		TEST(a_peer_that_wants_another_certificate_says_so_by_an_alert),
		TEST(a_connection_that_breaks_is_told_by_who_reads_and_who_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
