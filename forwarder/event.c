/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/event.h"

void event_done(struct event *event)
{
	buf_done(&event->store);
}
