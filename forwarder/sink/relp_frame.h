/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of RELP, the Reliable Event Logging Protocol (its specification, "Relp Frame"): TXN SP COMMAND SP LEN[ SP
 * DATA]LF. Pure functions; nothing is trusted, everything is bounded. */
#ifndef FORWARDER_SINK_RELP_FRAME_H
#define FORWARDER_SINK_RELP_FRAME_H

#include "common/base/buf.h"

#define RELP_TXN_MAX 999999999u

struct relp_frame {
	uint32_t txn;        /* 0: a hint, which nobody answers */
	struct view command; /* "rsp" */
	struct view data;
};

/* Appends one. 0, or -1 as buf_add; buf is then as it was. */
[[nodiscard]] int relp_frame_add(struct buf *buf, uint32_t txn, const char *command, struct view data);

/* The frame that bytes begins with. 1 with its length, its views are into bytes; 0: there is more to come; -1: it is
 * none, or has more than max bytes of data. */
[[nodiscard]] int relp_frame_read(struct view bytes, size_t max, struct relp_frame *ret, size_t *ret_len);

/* The code of an answer's data ("200 OK\n..."), three digits; 0: it has none. *ret_text: the rest of that line. */
unsigned relp_frame_code(struct view data, struct view *ret_text);

/* Whether the offers behind the first line of an answer to `open` name a command ("commands=syslog,close"). */
bool relp_frame_offers(struct view data, struct view command);

uint32_t relp_next_txn(uint32_t txn); /* 1 to RELP_TXN_MAX, then 1 again */

#endif
