/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/blobfeed.h"

#include <sys/mman.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "scanner/source/archive.h"
#include "scanner/source/memspool.h"

static void hand_on(struct blobfeed *f, const struct item *item, const struct piece *piece)
{
	if (f->slot)
		f->sink->piece(f->sink->context, f->worker, f->slot, item, piece);
	else if (f->sink->suspects(f->sink->context, f->worker, piece))
		f->is_suspect = true;
}

static void take_piece(void *context, const struct item *item, const struct piece *piece)
{
	hand_on(context, item, piece);
}

static void take_unread(void *context, const struct item *item, enum unread reason, const char *text)
{
	struct blobfeed *f = context;

	if (f->slot)
		f->sink->unread_text(f->sink->context, f->worker, f->slot, item, reason, text);
	else
		f->is_suspect |= unread_is_incomplete(reason);
}

static bool is_stopped(void *context)
{
	const struct blobfeed *f = context;

	return f->sink->stopped(f->sink->context);
}

static void close_spool(struct blobfeed *f)
{
	(void)close(f->spool - 1);
	f->spool = 0;
	f->spooled = 0;
}

/* Hands on what was spooled, in the pieces in which it came. */
static void replay(struct blobfeed *f, bool is_all)
{
	size_t size = (size_t)f->spooled;
	char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, f->spool - 1, 0);
	struct piece piece = { .is_first = true };

	if (bytes == MAP_FAILED) {
		take_unread(f, f->item, UNREAD_UNREADABLE, MEMSPOOL_FAILED);
		return;
	}
	for (;;) {
		piece.bytes = view_sub(view_from(bytes, size), (size_t)piece.offset, SCAN_WINDOW_BYTES);
		if (piece.offset + piece.bytes.len == size)
			piece.is_last = is_all;
		hand_on(f, f->item, &piece);
		if (piece.offset + piece.bytes.len == size || (!f->goes_on && is_stopped(f)))
			break;
		piece.offset += SCAN_WINDOW_BYTES - SCAN_OVERLAP_BYTES;
		piece.is_first = false;
	}
	(void)munmap(bytes, size);
}

/* What was spooled is all there is. */
static void open_spooled(struct blobfeed *f)
{
	const struct archive_taker taker = {
		.piece = take_piece, .unread = take_unread, .stopped = is_stopped, .context = f
	};
	static const struct item nameless = { .is_again = false };
	const struct item *item = f->item ? f->item : &nameless;
	char room[CONTAINER_HEAD_BYTES];
	struct view head = VIEW_NONE;
	enum archive_result result = ARCHIVE_AS_BYTES;

	if (memspool_seal(f->spool - 1) == 0)
		head = memspool_head(f->spool - 1, room);
	if (head.len)
		result = archive_scan(f->sink->archives, f->worker, f->spool - 1, f->spooled, item, head, &taker);
	else
		take_unread(f, item, UNREAD_UNREADABLE, MEMSPOOL_FAILED);
	if (result == ARCHIVE_AS_BYTES)
		replay(f, true);
	else if (!item->is_again)
		f->sink->pass(f->sink->context, f->worker, 0);
	close_spool(f);
}

/* It does not fit, or could not be written: what was spooled goes the way of the pieces that follow. */
static void give_up(struct blobfeed *f, enum unread reason, const char *why)
{
	static const struct item nameless = { .is_again = false };

	take_unread(f, f->item ? f->item : &nameless, reason, why);
	if (f->spooled)
		replay(f, false);
	close_spool(f);
}

/* false: the piece is to be handed on as it is. */
static bool spool_piece(struct blobfeed *f, const struct piece *piece)
{
	struct view fresh = view_sub(piece->bytes, (size_t)(f->spooled - piece->offset), piece->bytes.len);

	if (f->spooled + fresh.len > ARCHIVE_SPOOL_BYTES) {
		give_up(f, UNREAD_LIMIT, MEMSPOOL_NO_ROOM);
		return false;
	}
	if (memspool_add(f->spool - 1, fresh)) {
		give_up(f, UNREAD_UNREADABLE, MEMSPOOL_FAILED);
		return false;
	}
	f->spooled += fresh.len;
	if (piece->is_last)
		open_spooled(f);
	return true;
}

bool blobfeed_piece(void *context, const struct piece *piece)
{
	struct blobfeed *f = context;

	if (piece->is_first && archive_is_wanted(f->sink, piece->bytes))
		f->spool = memspool_open() +
			   1; /* without one it is read as it is, and the system has no more descriptors */
	if (!f->spool || !spool_piece(f, piece))
		hand_on(f, f->item, piece);
	return f->goes_on || !is_stopped(f);
}

void blobfeed_end(struct blobfeed *f)
{
	if (!f->spool)
		return;
	if (f->spooled)
		replay(f, true);
	close_spool(f);
}
