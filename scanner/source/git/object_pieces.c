/* SPDX-License-Identifier: Apache-2.0 */
/* Objects in pieces: what is too large to be held goes through a window. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/git/object_reader.h"

/* Where a stream's bytes come from: a pack's zlib stream, or a loose file. */
struct source {
	struct inflate_stream *stream;
	struct loose *loose;
};

static int source_read(struct source *s, char *out, size_t len, size_t *ret_len)
{
	return s->loose ? loose_read(s->loose, out, len, ret_len) : inflate_next(s->stream, out, len, ret_len);
}

/* Everything was read: nothing may follow, and the checksum behind it has to be right. */
static bool source_ends(struct source *s)
{
	char more;
	size_t len;

	return s->loose || (inflate_next(s->stream, &more, 1, &len) == 0 && len == 0);
}

/* Hands size bytes of a source on through the window. */
static enum object_result stream(struct object_reader *r, struct source *s, uint64_t size, pieces_fn *take,
				 void *context)
{
	struct piece piece = { .is_first = true };
	size_t held = 0, len;
	uint64_t done = 0;

	if (!r->window)
		r->window = malloc(SCAN_WINDOW_BYTES);
	if (!r->window)
		return OBJECT_NOMEM;
	for (;;) {
		bool bad = source_read(s, r->window + held, SCAN_WINDOW_BYTES - held, &len);

		done += bad ? 0 : len;
		piece.is_last = bad || held + len < SCAN_WINDOW_BYTES || done == size;
		piece.bytes = view_from(r->window, held + (bad ? 0 : len));
		if (!take(context, &piece))
			return OBJECT_OK;
		if (bad || done > size || (piece.is_last && done != size))
			return OBJECT_CORRUPT;
		if (piece.is_last)
			return source_ends(s) ? OBJECT_OK : OBJECT_CORRUPT;
		held = SCAN_OVERLAP_BYTES;
		memmove(r->window, r->window + SCAN_WINDOW_BYTES - held, held);
		piece.offset += SCAN_WINDOW_BYTES - held;
		piece.is_first = false;
	}
}

static enum object_result stream_packed(struct object_reader *r, const struct packfile *p, const struct pack_entry *e,
					pieces_fn *take, void *context)
{
	struct source s = { .stream = inflate_begin(packfile_data(p, e->data)) };
	enum object_result status;

	if (!s.stream)
		return OBJECT_NOMEM;
	status = stream(r, &s, e->size, take, context);
	inflate_endp(&s.stream);
	return status;
}

enum object_result object_pieces_at(struct object_reader *r, const struct packfile *pack, uint64_t at, pieces_fn *take,
				    void *context, struct err *err)
{
	struct pack_entry e;
	struct object object;
	enum object_result status;

	if (packfile_entry(pack, at, &e) == 0 && e.type != OBJECT_NONE &&
	    (e.size > GIT_STREAM_BYTES || e.size > r->max_bytes))
		return stream_packed(r, pack, &e, take, context);
	status = object_read_at(r, pack, at, &object, err);
	if (status == OBJECT_OK)
		(void)pieces_of(object.content, take, context);
	return status;
}

enum object_result object_loose_type(struct object_reader *r, const struct oid *id, enum object_type *ret,
				     struct err *err)
{
	struct loose l;
	enum object_result status = object_find_loose(r, id, &l, err);

	if (status != OBJECT_OK)
		return status;
	*ret = l.type;
	loose_done(&l);
	return OBJECT_OK;
}

enum object_result object_pieces_loose(struct object_reader *r, const struct oid *id, pieces_fn *take, void *context,
				       struct err *err)
{
	struct loose l;
	struct object object;
	enum object_result status = object_find_loose(r, id, &l, err);

	if (status != OBJECT_OK)
		return status;
	if (l.size <= GIT_STREAM_BYTES && l.size <= r->max_bytes) {
		status = object_read_loose(r, &l, &object, err);
		if (status == OBJECT_OK)
			(void)pieces_of(object.content, take, context);
		loose_done(&l);
		return status;
	}
	status = stream(r, &(struct source){ .loose = &l }, l.size, take, context);
	if (status == OBJECT_CORRUPT)
		(void)err_set(err, ERR_FORMAT, 0, "a loose object is damaged");
	loose_done(&l);
	return status;
}

static enum object_result pieces_once(struct object_reader *r, const struct oid *id, pieces_fn *take, void *context,
				      struct err *err)
{
	uint64_t at;
	const struct packfile *p = object_find_packed(r, id, &at);

	return p ? object_pieces_at(r, p, at, take, context, err) : object_pieces_loose(r, id, take, context, err);
}

enum object_result object_pieces(struct object_reader *r, const struct oid *id, pieces_fn *take, void *context,
				 struct err *err)
{
	enum object_result status = pieces_once(r, id, take, context, err);

	if (status == OBJECT_MISSING && objects_refresh(r->objects, NULL) > 0)
		status = pieces_once(r, id, take, context, err);
	return status;
}
