/* SPDX-License-Identifier: Apache-2.0 */
/* What unpack_run tells, in frames (scanner/unpack_wire.h), gathered and written to a socket. */
#ifndef SCANNER_UNPACK_FRAMES_H
#define SCANNER_UNPACK_FRAMES_H

#include "common/base/bounds.h"
#include "scanner/unpack/unpack.h"

#define FRAMES_BYTES (4u * UNPACK_FRAME_BYTES)

struct frames {
	int fd;
	void (*written)(void); /* called when something went out; when nobody reads any more, the process ends */
	size_t len;
	char bytes[FRAMES_BYTES];
};

void frames_init(struct frames *o, int fd, void (*written)(void));
struct unpack_ops frames_ops(struct frames *o);

/* The last frame of an answer; all is written. */
void frames_done(struct frames *o, enum unpack_status status);

#endif
