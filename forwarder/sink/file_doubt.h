/* SPDX-License-Identifier: Apache-2.0 */
/* Which events of a batch a file has already.
 *
 * Encoding them again and comparing would not tell: a replay's mark, the process id in a syslog line, another format or
 * another version of ours make other bytes of the same event. But each format writes the event's chain and hash in
 * lower-case hex, and the chain is that of this event alone, as it grows out of all events before it. So a line is an
 * event's when both stand in it, each between characters that are no hex digits. A line that only quotes a chain (a
 * heartbeat) has not the hash that belongs to it. */
#ifndef FORWARDER_SINK_FILE_DOUBT_H
#define FORWARDER_SINK_FILE_DOUBT_H

#include "forwarder/sink.h"

/* ret_is_there: an array of batch->count. Looks at the end of the file and of those before it, as far back as a batch
 * can reach (bounds.h). 0 or -1. */
[[nodiscard]] int file_doubt(const struct settings_sink *settings, const struct sink_batch *batch, bool *ret_is_there,
			     struct err *err);

#endif
