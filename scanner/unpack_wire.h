/* SPDX-License-Identifier: Apache-2.0 */
/* What skant and skant-unpack say to each other over a local stream socket, in the byte order and layout of the
 * machine: both are of one build, and a version tells when they are not.
 *
 * skant sends a struct unpack_request with the descriptor of a container (unix(7), SCM_RIGHTS). skant-unpack answers in
 * frames, each a struct unpack_frame and len bytes behind it:
 *
 *	( UNPACK_ENTRY  UNPACK_DATA*  UNPACK_END | UNPACK_UNREAD )*  UNPACK_DONE
 *
 * and waits for the next request. Members of a container within the container come in the place of that one. */
#ifndef SCANNER_UNPACK_WIRE_H
#define SCANNER_UNPACK_WIRE_H

#include <stdint.h>

#define UNPACK_PROGRAM "skant-unpack"
#define UNPACK_VERSION 0x736b7502u

struct unpack_request {
	uint32_t version;
	uint32_t depth;   /* of containers in containers that are opened: 1 = only this one */
	uint64_t size;    /* of the container, in bytes */
	uint64_t ratio;   /* how many times that may come out of it */
	uint64_t bytes;   /* that may come out of it */
	uint64_t entries; /* that it may have */
};

enum unpack_type {
	UNPACK_ENTRY = 1, /* a member starts; the payload is its path in the container, which may be empty */
	UNPACK_DATA,      /* its next bytes */
	UNPACK_END,       /* it is whole; no payload */
	UNPACK_UNREAD, /* code, an enum unpack_trouble, says why the member, or the container (no path), was not read */
	UNPACK_DONE,   /* code, an enum unpack_status; no payload */
};

struct unpack_frame {
	uint8_t type;
	uint8_t code;
	uint16_t own_len;  /* of the path: the member's own in the innermost container, at its end */
	uint16_t path_len; /* of UNPACK_UNREAD: the payload's first bytes are the path, the others a library's text */
	uint16_t unused;
	uint32_t len;
};

enum unpack_trouble {
	UNPACK_ENCRYPTED = 1,
	UNPACK_CORRUPT,
	UNPACK_NO_END,      /* it stops where something has to follow */
	UNPACK_UNSUPPORTED, /* a way to compress that is not known */
	UNPACK_DEPTH,       /* a container that lies too deep to be opened; its bytes came as those of a member */
	UNPACK_RATIO,
	UNPACK_BYTES,
	UNPACK_ENTRIES,
	UNPACK_MEMORY,
	UNPACK_INNER, /* a 7z archive or a git bundle in another container, larger than UNPACK_INNER_BYTES */
	UNPACK_DELTA, /* an object of a git bundle that is made from another one, and larger than BUNDLE_OBJECT_BYTES */
	UNPACK_EFFORT,  /* a git bundle that takes far more work than what comes of it */
	UNPACK_MISSING, /* an object that a git bundle needs and has not */
	UNPACK_LINK,
	UNPACK_SPECIAL,
	UNPACK_TROUBLES,
};

enum unpack_status {
	UNPACK_READ = 1, /* something was read, perhaps not all: then there was an UNPACK_UNREAD */
	UNPACK_NOTHING,  /* it is no container, or broken from its first bytes on */
	UNPACK_STATUSES,
};

#endif
