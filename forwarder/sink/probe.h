/* SPDX-License-Identifier: Apache-2.0 */
/* `check --sink` of a syslog receiver: messages of rising size, up to the sink's max_message, each told as it fares.
 *
 * They are events of type skantd.probe. Each ends in "END": at the receiver one without it was cut, and one that is
 * there in several pieces was split. */
#ifndef FORWARDER_SINK_PROBE_H
#define FORWARDER_SINK_PROBE_H

#include "forwarder/sink.h"

/* Sends one message. 1: nothing speaks against it; 0: the receiver did not take it, err says why; -1 with err: it could
 * not be tried. What the receiver answered, if it does, is appended to answer (clean). */
typedef int probe_send(void *context, struct view message, struct buf *answer, struct err *err);

/* name: the receiver's, for the report. As sink_ops.probe. */
int probe_run(const struct sink_env *env, const char *name, probe_send *send, void *context, struct buf *report,
	      struct err *err);

#endif
