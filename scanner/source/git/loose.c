/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/loose.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/map.h"

#define PATH_BYTES (64u << 10)

static enum object_type type_of(struct view name)
{
	if (text_eq(name, VIEW("blob")))
		return OBJECT_BLOB;
	if (text_eq(name, VIEW("tree")))
		return OBJECT_TREE;
	if (text_eq(name, VIEW("commit")))
		return OBJECT_COMMIT;
	return text_eq(name, VIEW("tag")) ? OBJECT_TAG : OBJECT_NONE;
}

/* Reads "TYPE SIZE\0". Its length, or 0. */
static size_t parse_head(struct view head, enum object_type *ret_type, uint64_t *ret_size)
{
	size_t nul = text_find_byte(view_sub(head, 0, LOOSE_HEAD_BYTES), '\0'), blank;

	if (nul == SIZE_MAX)
		return 0;
	head.len = nul;
	blank = text_find_byte(head, ' ');
	if (blank == SIZE_MAX || text_u64(view_sub(head, blank + 1, head.len), UINT64_MAX, ret_size))
		return 0;
	*ret_type = type_of(view_sub(head, 0, blank));
	return *ret_type == OBJECT_NONE ? 0 : nul + 1;
}

static int add_path(struct buf *path, const char *folder, const struct oid *id, size_t hash_len)
{
	char hex[OID_HEX_BYTES];

	oid_hex(id, hash_len, hex);
	return buf_addf(path, "%s/%.2s/%s", folder, hex, hex + 2);
}

bool loose_exists(const char *folder, const struct oid *id, size_t hash_len)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);

	return add_path(&path, folder, id, hash_len) == 0 && access(path.ptr, F_OK) == 0;
}

enum object_result loose_open(struct loose *l, const char *folder, const struct oid *id, size_t hash_len,
			      struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	struct err trouble = ERR_INIT;

	*l = (struct loose){ .stream = NULL };
	if (add_path(&path, folder, id, hash_len))
		return OBJECT_NOMEM;
	if (map_file(path.ptr, &l->map, &trouble)) {
		if (trouble.errnum == ENOENT || trouble.errnum == ENOTDIR)
			return OBJECT_MISSING;
		if (err)
			*err = trouble;
		return OBJECT_CORRUPT;
	}
	l->stream = inflate_begin(l->map);
	if (l->stream && inflate_next(l->stream, l->head, sizeof(l->head), &l->head_len) == 0)
		l->head_size = parse_head(view_from(l->head, l->head_len), &l->type, &l->size);
	if (l->head_size)
		return OBJECT_OK;
	(void)err_set(err, ERR_FORMAT, 0, "'%s' is damaged", path.ptr);
	return l->stream ? OBJECT_CORRUPT : OBJECT_NOMEM;
}

/* Appends the file, if it is a regular one that room for a small object may hold. */
static enum object_result read_file(const char *path, struct buf *file)
{
	DEFER(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t len;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? OBJECT_MISSING : OBJECT_LIMIT;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > LOOSE_SMALL_BYTES)
		return OBJECT_LIMIT;
	if (buf_reserve(file, (size_t)st.st_size))
		return OBJECT_NOMEM;
	len = file_read_full(fd, file->ptr, (size_t)st.st_size);
	if (len < 0)
		return OBJECT_LIMIT;
	file->len = (size_t)len;
	return OBJECT_OK;
}

enum object_result loose_read_small(const char *folder, const struct oid *id, size_t hash_len,
				    struct inflater *inflater, struct buf *file, char *room, struct object *ret)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	size_t len, head_len;
	enum object_result status;
	uint64_t size;

	if (add_path(&path, folder, id, hash_len))
		return OBJECT_NOMEM;
	buf_clear(file);
	status = read_file(path.ptr, file);
	if (status != OBJECT_OK)
		return status;
	if (inflate_within(inflater, buf_view(file), room, LOOSE_SMALL_BYTES, &len))
		return OBJECT_LIMIT;
	head_len = parse_head(view_from(room, len), &ret->type, &size);
	if (!head_len || size != len - head_len)
		return OBJECT_LIMIT;
	ret->content = view_from(room + head_len, len - head_len);
	return OBJECT_OK;
}

int loose_read(struct loose *l, char *out, size_t len, size_t *ret_len)
{
	size_t held = l->head_len - l->head_size, more = 0;

	if (len > l->size)
		len = (size_t)l->size;
	if (held > len)
		held = len;
	memcpy(out, l->head + l->head_size, held);
	l->head_size += held;
	if (held < len && (inflate_next(l->stream, out + held, len - held, &more) || held + more != len))
		return -1;
	l->size -= len;
	*ret_len = len;
	if (l->size == 0 && len && l->head_size == l->head_len) {
		char rest;

		/* the stream has to end here, and its checksum is behind its end */
		if (inflate_next(l->stream, &rest, 1, &more) || more)
			return -1;
	}
	return l->size == 0 && l->head_size != l->head_len ? -1 : 0;
}

void loose_done(struct loose *l)
{
	inflate_endp(&l->stream);
	map_done(&l->map);
}
