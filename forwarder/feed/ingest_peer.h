/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to the ingest socket: what it sent and is not looked at yet, and what it is told. docs/ingest.md has
 * the protocol. */
#ifndef FORWARDER_FEED_INGEST_PEER_H
#define FORWARDER_FEED_INGEST_PEER_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "forwarder/feed/ingest_record.h"

struct ingest_counts {
	uint64_t stored, known, refused, ignored;
};

struct ingest_peer {
	int fd;
	struct ingest_sender sender;
	size_t max_record;
	struct buf in, out;
	size_t at, scanned; /* of in: where the next line starts; up to where there is no newline in it */
	size_t sent;        /* of out */
	bool is_skipping;   /* the rest of a line that was too long */
	bool is_eof;        /* the sender has said all */
	bool is_deaf;       /* the sender hears nothing more: what it has said counts all the same */
	bool is_gone;       /* no more of it is looked at */
	bool wants_counts;  /* asked for, or due as it has said all */
	bool is_told;       /* the last counts are in out */
	uint64_t line;      /* number of the last one that was taken */
	size_t waiting;     /* records of it that are not stored yet */
	struct ingest_counts counts;
	uint64_t since_ns;  /* clock_mono_ns: the line that is not whole yet has been coming from then on; 0: none */
	uint64_t active_ns; /* when something last went either way */
};

/* Takes the connection over. NULL without memory: then it is closed. */
struct ingest_peer *ingest_peer_new(int fd, size_t max_record);
void ingest_peer_free(struct ingest_peer *peer); /* NULL is fine */

/* Reads what has come, at most so much as one call gives. */
void ingest_peer_read(struct ingest_peer *peer);

/* Cuts the next line off, without its newline; it lives until the next call of anything here. Lines that are too long
 * are refused here. false: there is none now, or the peer does not take what it is told. */
bool ingest_peer_line(struct ingest_peer *peer, struct view *ret);

/* Whether ingest_peer_line has something to look at without anything more being read. */
bool ingest_peer_has_line(const struct ingest_peer *peer);

/* Whether nothing of it needs to be looked at any more: the sender has said all, or has gone. */
bool ingest_peer_is_read(const struct ingest_peer *peer);

/* The last line was not taken: counts it, and says why. */
void ingest_peer_refuse(struct ingest_peer *peer, const char *why);

/* Says what came of everything so far, once it is known. */
void ingest_peer_tell(struct ingest_peer *peer);

/* Sends what is to be said, as far as it goes without waiting. */
void ingest_peer_write(struct ingest_peer *peer);

/* Bytes of memory that its unread input takes. */
size_t ingest_peer_size(const struct ingest_peer *peer);

#endif
