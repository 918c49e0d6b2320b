/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager is told (sd_notify(3)), when there is one: the only file that sees sd-daemon. Nothing here
 * fails: who does not listen is not told. */
#ifndef FORWARDER_NOTIFY_H
#define FORWARDER_NOTIFY_H

#include "common/base/base.h"

void notify_ready(void);
void notify_reloading(void); /* notify_ready ends it */
void notify_stopping(void);

/* How often notify_alive is wanted: half of WatchdogSec=, or once a minute without it. 0: nobody listens. */
uint64_t notify_alive_ms(void);

/* We are alive, and stand as status says: one clean line; NULL: nothing new. */
void notify_alive(const char *status);

#endif
