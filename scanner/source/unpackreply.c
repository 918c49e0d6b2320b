/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/unpackreply.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define TROUBLES_PER_ENTRY 3

static int refuse(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, 0, UNPACK_PROGRAM " answered what it may not: %s", what);
}

static bool has_nul(struct view v)
{
	return text_find_byte(v, '\0') != SIZE_MAX;
}

static int take_entry(struct unpackreply *r, const struct unpack_frame *f, struct view payload, struct err *err)
{
	if (r->in_entry)
		return refuse(err, "a member within a member");
	if (f->own_len > payload.len || (f->own_len == 0) != (payload.len == 0) || has_nul(payload))
		return refuse(err, "a path that is none");
	if (++r->entries > r->asked->entries)
		return refuse(err, "more members than there may be");
	r->in_entry = true;
	r->ops->entry(r->ops->context, payload, f->own_len);
	return 0;
}

static int take_data(struct unpackreply *r, struct view payload, struct err *err)
{
	if (!r->in_entry)
		return refuse(err, "bytes of no member");
	r->bytes += payload.len;
	if (r->bytes > r->asked->bytes)
		return refuse(err, "more bytes than there may be");
	r->ops->data(r->ops->context, payload);
	return 0;
}

static int take_unread(struct unpackreply *r, const struct unpack_frame *f, struct view payload, struct err *err)
{
	struct view path = view_sub(payload, 0, f->path_len), text = view_sub(payload, f->path_len, payload.len);

	if (r->in_entry)
		return refuse(err, "a complaint within a member");
	if (f->code == 0 || f->code >= UNPACK_TROUBLES)
		return refuse(err, "an unknown complaint");
	if (f->path_len > payload.len || f->path_len > UNPACK_NAME_BYTES || f->own_len > f->path_len || has_nul(path))
		return refuse(err, "a path that is none");
	if (text.len > UNPACK_TEXT_BYTES || has_nul(text))
		return refuse(err, "a text that is none");
	if (++r->troubles / TROUBLES_PER_ENTRY > r->asked->entries)
		return refuse(err, "more complaints than there may be");
	r->ops->unread(r->ops->context, path, f->own_len, (enum unpack_trouble)f->code, text);
	return 0;
}

static int take_done(struct unpackreply *r, const struct unpack_frame *f, struct err *err)
{
	if (r->in_entry)
		return refuse(err, "an end within a member");
	if (f->code == 0 || f->code >= UNPACK_STATUSES)
		return refuse(err, "an unknown end");
	if (f->code == UNPACK_NOTHING && r->entries)
		return refuse(err, "nothing, after something");
	r->status = (enum unpack_status)f->code;
	return 1;
}

static size_t most_of(unsigned type)
{
	switch (type) {
	case UNPACK_ENTRY:
		return UNPACK_NAME_BYTES;
	case UNPACK_DATA:
		return UNPACK_FRAME_BYTES;
	case UNPACK_UNREAD:
		return UNPACK_NAME_BYTES + UNPACK_TEXT_BYTES;
	default:
		return 0;
	}
}

static int take_frame(struct unpackreply *r, const struct unpack_frame *f, struct view payload, struct err *err)
{
	switch (f->type) {
	case UNPACK_ENTRY:
		return take_entry(r, f, payload, err);
	case UNPACK_DATA:
		return take_data(r, payload, err);
	case UNPACK_END:
		if (!r->in_entry)
			return refuse(err, "an end of no member");
		r->in_entry = false;
		r->ops->end(r->ops->context);
		return 0;
	case UNPACK_UNREAD:
		return take_unread(r, f, payload, err);
	case UNPACK_DONE:
		return take_done(r, f, err);
	default:
		return refuse(err, "a frame of an unknown type");
	}
}

int unpackreply_take(struct unpackreply *r, struct view *bytes, struct err *err)
{
	struct unpack_frame f;
	int status = 0;

	while (status == 0 && bytes->len >= sizeof(f)) {
		memcpy(&f, bytes->ptr, sizeof(f));
		if (f.len > most_of(f.type))
			return refuse(err, "a frame that is too long");
		if (bytes->len - sizeof(f) < f.len)
			return 0;
		status = take_frame(r, &f, view_sub(*bytes, sizeof(f), f.len), err);
		*bytes = view_sub(*bytes, sizeof(f) + f.len, bytes->len);
	}
	if (status == 1 && bytes->len)
		return refuse(err, "more after the end");
	return status;
}
