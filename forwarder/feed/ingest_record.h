/* SPDX-License-Identifier: Apache-2.0 */
/* What a local program may send: one JSON object (RFC 8259) of a known kind, its members of the expected types.
 *
 *	"schema":"skant-finding/1"	a finding of skant
 *	"schema":"skant-summary/1"	what skant says at the end: taken, and not stored
 *	"event":"api_call", ...		an audit event of an application
 *
 * Members that are not known are the sender's own business and stay. docs/ingest.md has the tables. */
#ifndef FORWARDER_FEED_INGEST_RECORD_H
#define FORWARDER_FEED_INGEST_RECORD_H

#include "common/base/buf.h"
#include "common/base/err.h"

enum ingest_kind { INGEST_EVENT, INGEST_FINDING, INGEST_SUMMARY };

/* Who sent it, as the kernel says. */
struct ingest_sender {
	uint32_t uid, gid;
	int32_t pid;
};

struct ingest_record {
	enum ingest_kind kind;
	struct view value; /* the object, as it came */
	struct view type;  /* of the event; clean, at most PAGE_TYPE_BYTES */
	struct view key;   /* the idempotency key, unescaped; empty: none */
	int64_t time_ns;   /* since 1970; meant only when has_time */
	bool has_time;     /* "timestamp" is a time */
	struct buf store;  /* what type and key point to, where they are escaped */
};

/* Reads one record. Views last as long as line and ret's store, which is used again: start with {0}. 0; -1 with err
 * (ERR_FORMAT, ERR_LIMIT: what is wrong with the record, in words that hold none of its bytes; ERR_NOMEM). */
[[nodiscard]] int ingest_record_read(struct view line, struct ingest_record *ret, struct err *err);
void ingest_record_done(struct ingest_record *record);

/* Appends what is stored: {"peer":{"uid":...,"gid":...,"pid":...},"record":...}, free of keys. 0 or -1 (ERR_LIMIT: more
 * than JSON_RECORD_BYTES). */
[[nodiscard]] int ingest_record_add_body(const struct ingest_record *record, const struct ingest_sender *sender,
					 struct buf *body, bool *ret_redacted, struct err *err);

/* Appends the id that makes a resent record the same one: of this user alone, so that nobody else's event can be taken
 * for it. Nothing when the record has no key: then it gets an id of its own. 0 or -1. */
[[nodiscard]] int ingest_record_add_id(const struct ingest_record *record, const struct ingest_sender *sender,
				       struct buf *id);

#endif
