/* SPDX-License-Identifier: Apache-2.0 */
/* What a source hands to the scan: one file, stream or object, in one or more pieces; and the reasons for which
 * something was not read. */
#ifndef SCANNER_ITEM_H
#define SCANNER_ITEM_H

#include "common/base/buf.h"
#include "common/sys/pool.h"

struct archives;
struct origin;

/* Names are in parts, so that none has to be put together for a file in which nothing is found. */
struct item {
	struct view folder; /* as the user would name it, with its final slash; may be empty; any bytes but NUL */
	struct view below;  /* the same folder from the root of the work tree or target, "" there: what globs compare */
	struct view name;   /* in that folder */
	const struct origin *origin; /* where in history it stands; NULL: nowhere, or that is not known yet */
	bool is_again;               /* it has been counted before */
	/* Of a member of a container, whose path is that of the container, `!` and its own: how many bytes at the end
	 * of its path say where it is in the (outermost) container, with the `!`, and how many of them are its own path
	 * in the innermost one. 0: it is no member. */
	size_t inside_len, own_len;
};

/* A run of an item's bytes. Pieces of one item come in order; each but the first starts SCAN_OVERLAP_BYTES before
 * the end of the one before it. */
struct piece {
	struct view bytes;
	uint64_t offset; /* of bytes in the item */
	bool is_first, is_last;
};

/* Where one byte of decoded text comes from: [from, to) of what it was decoded from. */
struct span {
	uint32_t from, to;
};

/* Text that rules are matched against: a piece's own bytes, or what decoders made of some of them. Byte i of text comes
 * from base + spans[i] of the item; without spans from stride bytes at base + i * stride; and without a stride all of
 * it comes from packed_bytes at base. */
struct subject {
	struct view text;
	uint64_t base;
	unsigned stride;
	size_t packed_bytes; /* of the compressed data that the text was in, at whatever depth; 0 = it was in none */
	const struct span *spans; /* one for each byte of text, ascending; NULL = none */
	const char *via;          /* decoders, outermost first, comma-separated; NULL = none */
	bool is_joined;           /* pieces were put together that stand apart in the item */
};

/* Where [from, to) of the text, which is not empty, begins and ends in the item. */
uint64_t subject_start(const struct subject *s, size_t from);
uint64_t subject_end(const struct subject *s, size_t to);

/* The first byte of the text that ends behind a place of the item: the text's length when there is none. */
size_t subject_find(const struct subject *s, uint64_t place);

/* Why something was not read. The order is that of the summary. */
enum unread {
	UNREAD_IGNORED,    /* an ignore rule left it out */
	UNREAD_UNREADABLE, /* the system refused */
	UNREAD_VANISHED,   /* gone between listing and opening */
	UNREAD_SPECIAL,    /* a device, FIFO or socket */
	UNREAD_SYMLINK,    /* links are not followed */
	UNREAD_LIMIT,      /* larger than the user wanted, or a pattern ran away on it */
	UNREAD_ENCRYPTED,
	UNREAD_CORRUPT,
	UNREAD_MISSING_OBJECT,
	UNREAD_SHALLOW,
	UNREAD_INTERRUPTED, /* the time was up, or the user stopped the scan */
	UNREAD_COUNT,
};

/* Who takes the items of a source. slot is the pool's task that the item belongs to: its output is the taker's. worker
 * says which thread calls. A slot that belongs to no pool (its pool is NULL) collects a struct records as its output,
 * which the source may look at and change; emit then reports and frees it. */
struct item_sink {
	void *context;
	/* Whether the bytes hold something by which a piece becomes worth a look; each such mark has at most
	 * longest_mark bytes. longest_mark 0: everything is worth one. */
	bool (*is_marked)(void *context, unsigned worker, struct view bytes);
	size_t longest_mark;
	/* An item without marks: counts as read. */
	void (*pass)(void *context, unsigned worker, uint64_t bytes);
	/* Whether anything in the piece, whatever its item's path, may be worth a finding: counts as reading it, but
	 * reports nothing. */
	bool (*suspects)(void *context, unsigned worker, const struct piece *piece);
	void (*piece)(void *context, unsigned worker, struct pool_task *slot, const struct item *item,
		      const struct piece *piece);
	void (*unread)(void *context, unsigned worker, struct pool_task *slot, const struct item *item,
		       enum unread reason, int errnum);
	/* The same with what there is to say of it: clean text without a full stop. */
	void (*unread_text)(void *context, unsigned worker, struct pool_task *slot, const struct item *item,
			    enum unread reason, const char *text);
	void (*emit)(void *context, struct pool_task *slot); /* see struct pool_ops */
	bool (*stopped)(void *context);                      /* the scan is to end: read no more */
	struct archives *archives; /* opens containers (scanner/source/archive.h); NULL: they are read as they are */
};

/* Sets folder, below and name to the parts of a path, which is borrowed. */
void item_set_path(struct item *item, struct view path);

/* Appends the item's path as the user would name it. 0, or -1 as buf_add. */
[[nodiscard]] int item_add_path(const struct item *item, struct buf *buf);
[[nodiscard]] int item_add_below(const struct item *item, struct buf *buf); /* from the root */

/* Whether a path glob is about the item of that path, or about the own path of the member of a container that it is
 * (own_len as in struct item). */
bool item_is_meant(struct view glob, struct view below, size_t own_len);

extern const char *const unread_names[UNREAD_COUNT];
bool unread_is_incomplete(enum unread reason); /* it should have been read: exit 3 */

#endif
