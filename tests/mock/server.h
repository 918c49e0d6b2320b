/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets: HTTP/1.1 and TLS by libmicrohttpd, a thread a connection. The only file that sees it. */
#ifndef TESTS_MOCK_SERVER_H
#define TESTS_MOCK_SERVER_H

#include "tests/mock/mock.h"

struct server;

/* Listens as the settings say. NULL with err. mock must outlive it. */
struct server *server_start(struct mock *mock, struct err *err);
unsigned server_port(const struct server *s);
void server_stop(struct server *s); /* waits for what is being answered */

#endif
