/* SPDX-License-Identifier: Apache-2.0 */
/* What a sink's receiver has to have of the ledger: what came behind the sink's start, was confirmed, and passed the
 * sink's filter. */
#ifndef FORWARDER_VERIFY_DUE_H
#define FORWARDER_VERIFY_DUE_H

#include "forwarder/sink.h"
#include "forwarder/spool/spool.h"

struct verify_due {
	const struct settings_sink *settings;
	bool has_run; /* else both are 0 */
	uint64_t start, confirmed;
	struct event event; /* for event_read; its store is used again and again */
};

enum verify_dueness {
	VERIFY_NOT_DUE,
	VERIFY_DUE,
	VERIFY_DUE_UNKNOWN, /* only the body could tell whether the filter lets it pass, and it has gone */
};

[[nodiscard]] int verify_due_init(struct spool *spool, const struct settings_sink *settings, struct verify_due *ret,
				  struct err *err);
[[nodiscard]] int verify_due_look(struct verify_due *due, const struct spool_entry *entry, enum verify_dueness *ret,
				  struct err *err);
void verify_due_done(struct verify_due *due);

#endif
