/* SPDX-License-Identifier: Apache-2.0 */
/* Hands audit events to skantd's ingest socket (docs/ingest.md), and knows of each that it is stored.
 *
 * An audit trail is not lost silently: whoever sends a prompt asks message_audit_check before, and gets 0 only while
 * the daemon is there. A daemon that goes away is waited for, and what it has not acknowledged is handed over again;
 * events have idempotency keys, so that none is stored twice. Any thread may call. */
#ifndef ADMIN_MESSAGE_AUDIT_H
#define ADMIN_MESSAGE_AUDIT_H

#include <stdatomic.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct message_audit;

/* Connects, and has the daemon say that it stores things. stop is borrowed: raised, waiting ends; patience_ms: how long
 * a daemon may be away or silent. NULL with err: ERR_CONFIG (no socket of that name, or it may not be used), ERR_LATER
 * (nobody listens, or answers). */
struct message_audit *message_audit_open(const char *path, const atomic_bool *stop, uint64_t patience_ms,
					 struct err *err);
void message_audit_free(struct message_audit *audit); /* NULL is fine */
void message_audit_freep(struct message_audit **audit);

/* Whether the daemon is there; waits for it when it has gone. 0, or -1 with ERR_LATER or ERR_IO. */
[[nodiscard]] int message_audit_check(struct message_audit *audit, struct err *err);

/* Hands over one event, a line with its newline, and waits until it is stored. 0; -1 with err: ERR_LATER; ERR_FORMAT
 * when the daemon will not have it. */
[[nodiscard]] int message_audit_add(struct message_audit *audit, struct view line, struct err *err);

#endif
