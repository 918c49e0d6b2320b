/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/level.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define BLOCK_BYTES (128u << 10) /* read at once of the container itself */

static const char zeros[4096];

/* The container's own bytes, and where the next are to be read. */
struct outermost {
	struct level *level;
	char block[BLOCK_BYTES];
};

static la_ssize_t read_outermost(struct archive *a, void *context, const void **ret)
{
	struct outermost *o = context;
	const struct unpack_input *in = o->level->run->in;
	int64_t n = in->read_at(in->context, o->block, sizeof(o->block), o->level->at);

	if (n < 0) {
		archive_set_error(a, errno ? errno : EIO, "the container cannot be read");
		return ARCHIVE_FATAL;
	}
	o->level->at += (uint64_t)n;
	*ret = o->block;
	return (la_ssize_t)n;
}

static la_int64_t skip_outermost(struct archive *, void *context, la_int64_t request)
{
	struct outermost *o = context;
	uint64_t left = o->level->run->in->size > o->level->at ? o->level->run->in->size - o->level->at : 0;
	uint64_t n = request < 0 ? 0 : (uint64_t)request;

	n = n < left ? n : left;
	o->level->at += n;
	return (la_int64_t)n;
}

static la_int64_t seek_to(uint64_t *at, uint64_t size, la_int64_t offset, int whence)
{
	int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)*at : (int64_t)size, to;

	if (__builtin_add_overflow(base, offset, &to) || to < 0 || (uint64_t)to > size)
		return ARCHIVE_FATAL;
	*at = (uint64_t)to;
	return to;
}

static la_int64_t seek_outermost(struct archive *, void *context, la_int64_t offset, int whence)
{
	struct outermost *o = context;

	return seek_to(&o->level->at, o->level->run->in->size, offset, whence);
}

static int close_outermost(struct archive *, void *context)
{
	free(context);
	return ARCHIVE_OK;
}

static la_ssize_t read_inner(struct archive *a, void *context, const void **ret)
{
	struct level *l = context;
	struct view bytes = view_sub(buf_view(&l->seen), (size_t)l->at, BLOCK_BYTES);
	int status;

	if (bytes.len) { /* it is read anew */
		l->at += bytes.len;
		*ret = bytes.ptr;
		return (la_ssize_t)bytes.len;
	}
	status = level_read(l->outer, &bytes);
	if (status < 0) {
		archive_set_error(a, EIO, "what it is in cannot be read any further");
		return ARCHIVE_FATAL;
	}
	if (status == 0)
		return 0;
	if (!l->is_open && !l->was_lost)
		l->was_lost = buf_add(&l->seen, bytes) != 0;
	l->at = l->seen.len;
	*ret = bytes.ptr;
	return (la_ssize_t)bytes.len;
}

static la_ssize_t read_held(struct archive *, void *context, const void **ret)
{
	struct level *l = context;
	struct view bytes = view_sub(buf_view(&l->held), (size_t)l->at, BLOCK_BYTES);

	l->at += bytes.len;
	*ret = bytes.ptr;
	return (la_ssize_t)bytes.len;
}

static la_int64_t seek_held(struct archive *, void *context, la_int64_t offset, int whence)
{
	struct level *l = context;

	return seek_to(&l->at, l->held.len, offset, whence);
}

int level_hold(struct level *l, struct level *outer)
{
	struct view bytes;
	int status;

	l->held = (struct buf)BUF_INIT(UNPACK_INNER_BYTES);
	l->is_held = true;
	while ((status = level_read(outer, &bytes)) > 0)
		if (buf_add(&l->held, bytes)) {
			/* the caller gives it on as it is, from the held bytes on */
			outer->rest = bytes;
			return 1;
		}
	return status < 0;
}

/* What is opened, and nothing else. */
static void support(struct archive *a, bool only_files)
{
	(void)archive_read_support_filter_gzip(a);
	(void)archive_read_support_filter_bzip2(a);
	(void)archive_read_support_filter_xz(a);
	(void)archive_read_support_filter_lzma(a);
	(void)archive_read_support_filter_zstd(a);
	(void)archive_read_support_filter_rpm(a);
	(void)archive_read_support_format_empty(a);
	(void)archive_read_support_format_raw(a); /* a compressed file */
	if (only_files)
		return;
	(void)archive_read_support_format_zip(a);
	(void)archive_read_support_format_tar(a);
	(void)archive_read_support_format_7zip(a);
	(void)archive_read_support_format_cpio(a);
	(void)archive_read_support_format_ar(a);
}

/* Opening looks for filters, which may fail already; the first level_next then says so again. */
static int open_outermost(struct level *l)
{
	struct outermost *o = malloc(sizeof(*o));

	if (!o)
		return -1;
	o->level = l;
	archive_read_set_callback_data(l->a, o);
	archive_read_set_read_callback(l->a, read_outermost);
	archive_read_set_skip_callback(l->a, skip_outermost);
	archive_read_set_seek_callback(l->a, seek_outermost);
	archive_read_set_close_callback(l->a, close_outermost);
	(void)archive_read_open1(l->a);
	return 0;
}

/* From its first byte on. */
static int open_archive(struct level *l, bool only_files)
{
	l->at = 0;
	l->a = archive_read_new();
	if (!l->a)
		return -1;
	support(l->a, only_files);
	if (!l->outer)
		return open_outermost(l);
	archive_read_set_callback_data(l->a, l);
	archive_read_set_read_callback(l->a, l->is_held ? read_held : read_inner);
	if (l->is_held)
		archive_read_set_seek_callback(l->a, seek_held);
	(void)archive_read_open1(l->a);
	return 0;
}

int level_open(struct level *l, struct unpack_run *run, struct level *outer, enum container kind)
{
	l->run = run;
	l->outer = outer;
	l->kind = kind;
	l->seen = (struct buf)BUF_INIT(LEVEL_SEEN_BYTES);
	return open_archive(l, false);
}

void level_close(struct level *l)
{
	if (l->a)
		(void)archive_read_free(l->a);
	l->a = NULL;
	buf_done(&l->held);
	buf_done(&l->seen);
}

/* How much of the archive, without its compression, has been read. */
static uint64_t position(const struct level *l)
{
	la_int64_t n = archive_filter_bytes(l->a, 0);

	return n < 0 ? 0 : (uint64_t)n;
}

static bool is_tar(const struct level *l)
{
	return (archive_format(l->a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
}

/* Of zero bytes, which a compressed file may begin with, libarchive says that they are the end of a tar. */
static bool is_taken_for_empty_tar(const struct level *l)
{
	return !l->is_open && l->kind == CONTAINER_COMPRESSED && is_tar(l) && !l->was_lost;
}

static int next_header(struct level *l)
{
	int status = archive_read_next_header(l->a, &l->entry);

	if (status != ARCHIVE_EOF || !is_taken_for_empty_tar(l))
		return status;
	(void)archive_read_free(l->a);
	if (open_archive(l, true))
		return ARCHIVE_FATAL;
	return archive_read_next_header(l->a, &l->entry);
}

static void start_member(struct level *l)
{
	l->head_len = l->head_given = 0;
	l->rest = l->block = VIEW_NONE;
	l->data_at = l->hole = 0;
	l->state = 1;
}

void level_take_object(struct level *l, struct bundle_walk *bundle)
{
	start_member(l);
	l->bundle = bundle;
}

int level_next(struct level *l)
{
	int status;

	if (l->entry && is_tar(l)) {
		(void)archive_read_data_skip(l->a);
		l->data_end_at = position(l);
	}
	start_member(l);
	l->entry = NULL;
	status = next_header(l);
	if (status == ARCHIVE_EOF)
		return 0;
	if (status == ARCHIVE_FATAL) {
		l->entry = NULL;
		return -1;
	}
	if (status < ARCHIVE_WARN) {
		l->entry = NULL;
		return -2;
	}
	return 1;
}

bool level_is_plain(const struct level *l)
{
	return level_is_nameless(l) && archive_filter_code(l->a, 0) == ARCHIVE_FILTER_NONE;
}

bool level_is_nameless(const struct level *l)
{
	return archive_format(l->a) == ARCHIVE_FORMAT_RAW;
}

bool level_is_empty(const struct level *l)
{
	return archive_format(l->a) == ARCHIVE_FORMAT_EMPTY;
}

bool level_has_no_end(const struct level *l)
{
	return is_tar(l) && l->data_end_at && position(l) <= l->data_end_at;
}

static int give(struct level *l, struct view *ret)
{
	if (!run_take_bytes(l->run, ret->len))
		l->state = -1;
	return l->state < 0 ? -1 : 1;
}

static int next_block(struct level *l, struct view *ret)
{
	const void *ptr;
	size_t len;
	la_int64_t at;
	int status;

	if (l->bundle) /* which counts what comes of it */
		return l->state = l->state < 1 ? l->state : bundle_read(l->bundle, ret);
	if (l->hole) {
		*ret = view_from(zeros, l->hole < sizeof(zeros) ? (size_t)l->hole : sizeof(zeros));
		l->hole -= ret->len;
		return give(l, ret);
	}
	if (l->block.len) {
		*ret = l->block;
		l->block = VIEW_NONE;
		return give(l, ret);
	}
	if (l->state < 1)
		return l->state;
	do {
		status = archive_read_data_block(l->a, &ptr, &len, &at);
	} while ((status == ARCHIVE_OK || status == ARCHIVE_WARN) && len == 0);
	if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
		return l->state = status == ARCHIVE_EOF ? 0 : -1;
	if (at > 0 && (uint64_t)at > l->data_at) {
		l->hole = (uint64_t)at - l->data_at;
		l->block = view_from(ptr, len);
		l->data_at = (uint64_t)at + len;
		return next_block(l, ret);
	}
	l->data_at += len;
	*ret = view_from(ptr, len);
	return give(l, ret);
}

struct view level_peek(struct level *l)
{
	while (l->head_len < sizeof(l->head)) {
		struct view bytes, part;

		if (next_block(l, &bytes) <= 0)
			break;
		part = view_sub(bytes, 0, sizeof(l->head) - l->head_len);
		memcpy(l->head + l->head_len, part.ptr, part.len);
		l->head_len += part.len;
		l->rest = view_sub(bytes, part.len, bytes.len);
	}
	return view_from(l->head, l->head_len);
}

int level_read(struct level *l, struct view *ret)
{
	if (l->head_given < l->head_len) {
		*ret = view_from(l->head + l->head_given, l->head_len - l->head_given);
		l->head_given = l->head_len;
		return 1;
	}
	if (l->rest.len) {
		*ret = l->rest;
		l->rest = VIEW_NONE;
		return 1;
	}
	return next_block(l, ret);
}

static bool says(struct view text, const char *word)
{
	for (size_t i = 0; i + strlen(word) <= text.len; i++)
		if (text_eq_nocase(view_sub(text, i, strlen(word)), view_of(word)))
			return true;
	return false;
}

enum unpack_trouble level_trouble(const struct level *l, struct view *ret_text)
{
	static const struct {
		const char *word;
		enum unpack_trouble trouble;
	} words[] = { { "too many filters", UNPACK_DEPTH }, /* compressed again and again */
		      { "memory", UNPACK_MEMORY },
		      { "allocat", UNPACK_MEMORY },
		      { "too much", UNPACK_MEMORY },
		      { "crypt", UNPACK_ENCRYPTED },
		      { "passphrase", UNPACK_ENCRYPTED },
		      { "unsupported", UNPACK_UNSUPPORTED },
		      { "not supported", UNPACK_UNSUPPORTED } };

	*ret_text = VIEW_NONE;
	if (!l->a)
		return UNPACK_MEMORY;
	*ret_text = view_of(archive_error_string(l->a));
	if (archive_errno(l->a) == ENOMEM)
		return UNPACK_MEMORY;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (says(*ret_text, words[i].word))
			return words[i].trouble;
	return UNPACK_CORRUPT;
}
