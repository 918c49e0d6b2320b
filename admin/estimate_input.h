/* SPDX-License-Identifier: Apache-2.0 */
/* Files, pipes and gzip data as pieces that end where a line does, one after the other for whichever thread asks. */
#ifndef ADMIN_ESTIMATE_INPUT_H
#define ADMIN_ESTIMATE_INPUT_H

#include <pthread.h>

#include "common/base/bounds.h"
#include "common/base/buf.h"
#include "common/base/err.h"

struct estimate_file {
	const char *name; /* for messages */
	int fd;
	uint64_t first; /* number of its first piece */
};

struct estimate_piece {
	size_t file;
	uint64_t number; /* over all files */
};

struct inflate_stream;

struct estimate_input {
	pthread_mutex_t lock;
	struct estimate_file *files;
	size_t count, current;
	size_t piece_bytes;
	bool is_begun;                 /* the current file was looked into */
	struct inflate_stream *packed; /* NULL: the current file is plain */
	struct buf raw;                /* bytes of it that were read, ... */
	size_t raw_at;                 /* ... and from where on they are still to be used */
	struct buf carry;              /* the beginning of a line */
	uint64_t *lines;               /* of each piece */
	size_t pieces, cap;
};

/* files are borrowed; their descriptors stay the caller's. piece_bytes is about how large a piece is. */
void estimate_input_init(struct estimate_input *input, struct estimate_file *files, size_t count, size_t piece_bytes);
void estimate_input_done(struct estimate_input *input);

/* The next piece: whole lines in out, whose ceiling is ESTIMATE_PIECE_BYTES. 1; 0 at the end; -1 with err. */
[[nodiscard]] int estimate_input_take(struct estimate_input *input, struct buf *out, struct estimate_piece *ret,
				      struct err *err);
#define ESTIMATE_PIECE_BYTES (USAGE_LINE_BYTES + 2u * USAGE_CHUNK_BYTES)

/* Nobody gets any more. */
void estimate_input_stop(struct estimate_input *input);

/* How many lines a piece has; to be told of each before estimate_input_line is asked. */
void estimate_input_counted(struct estimate_input *input, const struct estimate_piece *piece, uint64_t lines);

/* The number, from 1, of a piece's line (from 0) in its file. */
uint64_t estimate_input_line(const struct estimate_input *input, const struct estimate_piece *piece, uint64_t line);

#endif
