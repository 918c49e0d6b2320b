/* SPDX-License-Identifier: Apache-2.0 */
/* A reply put on a connection byte by byte, past the HTTP library: slowly, cut short, reset. The only file that sees
 * GnuTLS. */
#ifndef TESTS_MOCK_WIRE_H
#define TESTS_MOCK_WIRE_H

#include "tests/mock/script.h"

struct wire {
	int fd;
	void *session; /* gnutls_session_t; NULL: plain TCP */
	int stop_fd;   /* readable once the mock is to end */
};

/* Whether a reply has to go this way: the library cannot send what the fault asks for. */
bool wire_is_needed(const struct wire_fault *f);

/* Waits; less when the mock is to end. */
void wire_wait(int stop_fd, uint64_t ms);

/* Sends the reply's bytes as the fault wants them; the connection is of no use then and is to be closed. */
void wire_send(const struct wire *w, const struct http_reply *rp, const struct wire_fault *f);

#endif
