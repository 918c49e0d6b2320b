/* SPDX-License-Identifier: Apache-2.0 */
/* Journal native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): entries as bytes.
 *
 * Texts from outside go in the form with a length, so that no byte in them can end a field or begin another. */
#ifndef FORWARDER_SINK_JOURNAL_WIRE_H
#define FORWARDER_SINK_JOURNAL_WIRE_H

#include "forwarder/event.h"

/* Appends an event as one entry, without the empty line that would end it. 0 or -1. */
[[nodiscard]] int journal_add_entry(struct buf *buf, const struct event *event, unsigned facility);

/* Appends NAME, the length and the value. */
[[nodiscard]] int journal_add_field(struct buf *buf, const char *name, struct view value);

#endif
