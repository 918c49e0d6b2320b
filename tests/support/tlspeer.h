/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a TLS server on the loopback (GnuTLS, where skantd has OpenSSL), whose certificate is for receiver.test
 * and ::1, made when it starts; and a connected socket to it. Its thread allocates nothing that tests make fail. */
#ifndef TESTS_SUPPORT_TLSPEER_H
#define TESTS_SUPPORT_TLSPEER_H

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "tests/support/receiver.h"
#include "tests/support/unit.h"

#define TLSPEER_NAME "receiver.test"

struct tlspeer {
	struct receiver receiver; /* first: serve gets it */
	const char *versions;     /* GnuTLS's priority string; NULL: its own */
	bool is_mute;             /* takes the connection and says nothing, until the test lets it go on */
	bool is_rude;             /* closes it at once */
	bool wants_certificate;   /* of the client */
	bool resets;              /* once it has greeted */
	char pem[8192];           /* its certificate: what to trust */
	char got[256];            /* the bytes that came first */
	int handshake, end;       /* GnuTLS's codes; end 0: the client said that it closes */
	gnutls_certificate_credentials_t own;
};

static inline void tlspeer_need(int rc)
{
	if (rc < 0)
		abort();
}

/* A certificate that signs itself. */
static inline void tlspeer_certify(struct tlspeer *p)
{
	static const unsigned char six[16] = { [15] = 1 };
	size_t len = sizeof(p->pem) - 1;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;

	tlspeer_need(gnutls_x509_privkey_init(&key) | gnutls_x509_crt_init(&crt));
	tlspeer_need(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
						  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	tlspeer_need(gnutls_x509_crt_set_version(crt, 3));
	tlspeer_need(gnutls_x509_crt_set_serial(crt, "\1", 1));
	tlspeer_need(gnutls_x509_crt_set_activation_time(crt, time(NULL) - 3600));
	tlspeer_need(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 86400));
	tlspeer_need(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "test", 4));
	tlspeer_need(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, TLSPEER_NAME,
							  sizeof(TLSPEER_NAME) - 1, GNUTLS_FSAN_SET));
	tlspeer_need(
		gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, six, sizeof(six), GNUTLS_FSAN_APPEND));
	tlspeer_need(gnutls_x509_crt_set_ca_status(crt, 1));
	tlspeer_need(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN));
	tlspeer_need(gnutls_x509_crt_set_key(crt, key));
	tlspeer_need(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0));
	tlspeer_need(gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, p->pem, &len));
	p->pem[len] = '\0';
	tlspeer_need(gnutls_certificate_allocate_credentials(&p->own));
	tlspeer_need(gnutls_certificate_set_x509_key(p->own, &crt, 1, key));
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

/* Greets with "hello", reads to the end. */
static inline void tlspeer_talk(struct tlspeer *p, gnutls_session_t session, int fd)
{
	char bytes[256];
	ssize_t n;

	(void)gnutls_record_send(session, "hello", 5);
	if (p->resets) {
		receiver_hold(&p->receiver);
		receiver_reset(fd);
		return;
	}
	n = gnutls_record_recv(session, p->got, sizeof(p->got) - 1);
	p->got[n > 0 ? n : 0] = '\0';
	while (n > 0)
		n = gnutls_record_recv(session, bytes, sizeof(bytes));
	p->end = (int)n;
	(void)gnutls_bye(session, GNUTLS_SHUT_WR);
}

/* Reads what there is before it closes: a reset would overtake the alert. */
static inline void tlspeer_refuse(gnutls_session_t session, int fd)
{
	char bytes[256];

	(void)gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE);
	(void)shutdown(fd, SHUT_WR);
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

static inline void tlspeer_serve(struct receiver *r, int fd)
{
	struct tlspeer *p = (struct tlspeer *)r;
	gnutls_session_t session;

	if (p->is_mute)
		receiver_hold(r);
	if (p->is_mute || p->is_rude)
		return;
	tlspeer_need(gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL));
	tlspeer_need(p->versions ? gnutls_priority_set_direct(session, p->versions, NULL)
				 : gnutls_set_default_priority(session));
	tlspeer_need(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, p->own));
	if (p->wants_certificate)
		gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
	gnutls_transport_set_int(session, fd);
	do
		p->handshake = gnutls_handshake(session);
	while (p->handshake < 0 && !gnutls_error_is_fatal(p->handshake));
	if (p->handshake == 0)
		tlspeer_talk(p, session, fd);
	else
		tlspeer_refuse(session, fd);
	gnutls_deinit(session);
}

static inline void tlspeer_start(struct tlspeer *p)
{
	tlspeer_certify(p);
	p->receiver.serve = tlspeer_serve;
	receiver_start(&p->receiver);
}

static inline void tlspeer_stop(struct tlspeer *p)
{
	receiver_stop(&p->receiver);
	buf_done(&p->receiver.got);
	gnutls_certificate_free_credentials(p->own);
}

/* A connection as sinks make it: libcurl 7.88.1 connects again, which succeeds if the first time did not block. */
static inline int tlspeer_connect(const struct tlspeer *p)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons(p->receiver.port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	if (fd < 0 || (connect(fd, (struct sockaddr *)&address, sizeof(address)) && errno != EINPROGRESS) ||
	    poll(&ready, 1, 20000) != 1)
		abort();
	return fd;
}

#endif
