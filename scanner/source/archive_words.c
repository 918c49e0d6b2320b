/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/archive_words.h"

#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"

static const struct {
	enum unread reason;
	const char *text; /* NULL: there is none, or it is put together */
} words[UNPACK_TROUBLES] = {
	[UNPACK_ENCRYPTED] = { UNREAD_ENCRYPTED, "it is encrypted" },
	[UNPACK_CORRUPT] = { UNREAD_CORRUPT, "it is damaged or cut" },
	[UNPACK_NO_END] = { UNREAD_CORRUPT, "it ends without the mark of its end, so that it may be cut" },
	[UNPACK_UNSUPPORTED] = { UNREAD_UNREADABLE, "it is packed in a way that is not known" },
	[UNPACK_DEPTH] = { UNREAD_LIMIT, NULL },
	[UNPACK_RATIO] = { UNREAD_LIMIT, NULL },
	[UNPACK_BYTES] = { UNREAD_LIMIT, NULL },
	[UNPACK_ENTRIES] = { UNREAD_LIMIT, NULL },
	[UNPACK_MEMORY] = { UNREAD_LIMIT, NULL },
	[UNPACK_INNER] = { UNREAD_LIMIT, NULL },
	[UNPACK_DELTA] = { UNREAD_LIMIT, NULL },
	[UNPACK_EFFORT] = { UNREAD_LIMIT, "it is made so that reading it takes too long" },
	[UNPACK_MISSING] = { UNREAD_MISSING_OBJECT,
			     "it is not in the bundle, and objects that are in it are made from it" },
	[UNPACK_LINK] = { UNREAD_SYMLINK, NULL },
	[UNPACK_SPECIAL] = { UNREAD_SPECIAL, NULL },
};

enum unread archive_reason(enum unpack_trouble trouble)
{
	return words[trouble].reason;
}

static int add_limit(struct buf *out, enum unpack_trouble trouble, const struct unpack_request *asked)
{
	switch (trouble) {
	case UNPACK_DEPTH:
		return buf_addf(out, "it lies deeper than %u container%s within each other (archive_depth)",
				asked->depth, asked->depth == 1 ? "" : "s");
	case UNPACK_RATIO:
		return buf_addf(out, "more than %llu times its size comes out of it (archive_ratio)",
				(unsigned long long)asked->ratio);
	case UNPACK_BYTES:
		return buf_add_text(out, "more than ") || text_add_bytes(out, asked->bytes) ||
		       buf_add_text(out, " come out of it (archive_bytes)");
	case UNPACK_ENTRIES:
		return buf_add_text(out, "it has more than ") || text_add_grouped(out, asked->entries) ||
		       buf_add_text(out, " members");
	case UNPACK_MEMORY:
		return buf_add_text(out, "it cannot be unpacked with ") || text_add_bytes(out, UNPACK_DATA_BYTES) ||
		       buf_add_text(out, " of memory");
	case UNPACK_INNER:
		return buf_add_text(out, "a 7z archive or git bundle within another container is opened up to ") ||
		       text_add_bytes(out, UNPACK_INNER_BYTES);
	case UNPACK_DELTA:
		return buf_add_text(out,
				    "it is stored as a difference to another object, and such ones are read up to ") ||
		       text_add_bytes(out, BUNDLE_OBJECT_BYTES);
	default:
		return 0;
	}
}

int archive_add_words(struct buf *out, enum unpack_trouble trouble, const struct unpack_request *asked,
		      struct view said)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(ERR_TEXT_BYTES);

	if (!words[trouble].text)
		return add_limit(out, trouble, asked) ? -1 : 0;
	if (buf_add_text(out, words[trouble].text))
		return -1;
	if (said.len == 0)
		return 0;
	return secret_add_masked_text(&masked, said, VIEW_NONE) || buf_add_text(out, " (") ||
			       text_add_clean(out, buf_view(&masked)) || buf_add_byte(out, ')')
		       ? -1
		       : 0;
}
