/* SPDX-License-Identifier: Apache-2.0 */
/* The chain over all events (spool.h has the formula): each link depends on every event before it, so an event that is
 * taken out, put in, moved or changed later shows in every chain value behind it. It has no key: whoever can write it
 * can make a new chain. What anchors it are the values that went out with the events before. */
#ifndef FORWARDER_SPOOL_CHAIN_H
#define FORWARDER_SPOOL_CHAIN_H

#include "common/base/digest.h"

/* chain: the value of the event before (32 zero bytes before the first), becomes this event's. */
void chain_link(unsigned char chain[static DIGEST_SHA256_BYTES], struct view id,
		const unsigned char hash[static DIGEST_SHA256_BYTES]);

#endif
