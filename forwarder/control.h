/* SPDX-License-Identifier: Apache-2.0 */
/* How `skantd status` and `skantd replay` reach the daemon: a socket in the state folder, which only its owner may
 * open. A client sends one line, gets an answer of any length and is closed upon. */
#ifndef FORWARDER_CONTROL_H
#define FORWARDER_CONTROL_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define CONTROL_SOCKET "control"

/* Listens on DIR/control: whatever is left of a daemon before is replaced, as the spool's lock is ours. The descriptor,
 * or -1 with err. */
[[nodiscard]] int control_listen(const char *dir, struct err *err);

/* Takes one client of a readable listening socket: reads its line, has it answered, closes. No client holds us up for
 * more than some hundred milliseconds. answer appends to reply. */
void control_serve(int listen_fd, void (*answer)(void *context, struct view request, struct buf *reply), void *context);

void control_close(int listen_fd, const char *dir);

/* Asks the daemon of that state folder. 1 with what it said; 0 when none runs; -1 with err. */
[[nodiscard]] int control_ask(const char *dir, const char *request, struct buf *reply, struct err *err);

#endif
