/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/gitindex.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/map.h"
#include "scanner/source/git/be.h"
#include "scanner/source/git/gitindex_read.h"

#define LISTED_MODE_BYTES 6
#define PLACES_EVERY 16 /* entries, of which the first one's place is noted */
#define LEAP_MIN 96     /* fewer entries are passed over one by one */

/* How many bytes of the last path go before the rest of this one: seven bits a byte, the highest first, each further
 * byte adding one. The place behind, or 0. */
static size_t read_strip(struct view v, size_t at, uint64_t *ret)
{
	unsigned char byte;
	uint64_t n;

	if (at >= v.len)
		return 0;
	byte = (unsigned char)v.ptr[at++];
	n = byte & 0x7f;
	while (byte & 0x80) {
		if (at >= v.len || n >> 32)
			return 0;
		byte = (unsigned char)v.ptr[at++];
		n = (n + 1) << 7 | (byte & 0x7f);
	}
	*ret = n;
	return at;
}

/* How much of the last path stays. *ret_rest is what follows it, up to its NUL. The place behind, or 0. */
static size_t read_difference(struct view v, size_t at, size_t last_len, size_t *ret_kept, struct view *ret_rest)
{
	uint64_t strip = 0;

	at = read_strip(v, at, &strip);
	if (!at || strip > last_len)
		return 0;
	*ret_kept = last_len - (size_t)strip;
	*ret_rest = view_sub(v, at, v.len);
	ret_rest->len = text_find_byte(*ret_rest, '\0');
	return ret_rest->len == SIZE_MAX ? 0 : at + ret_rest->len + 1;
}

/* The path of a version 4 entry is put together in c->path, which has room for the longest. */
static size_t read_path(struct gitindex_cursor *c, struct view v, size_t start, size_t at, size_t last_len)
{
	struct view rest;
	size_t kept, end;

	if (c->index->version < 4)
		return gitindex_read_padded(v, start, at, &c->entry);
	end = read_difference(v, at, last_len, &kept, &rest);
	if (!end)
		return 0;
	memcpy(c->path + kept, rest.ptr, rest.len);
	c->entry.path = view_from(c->path, kept + rest.len);
	return end;
}

/* `MODE SP ID SP STAGE TAB PATH NUL`. The place behind, or 0. */
static size_t read_listed(struct gitindex_cursor *c)
{
	struct view v = view_sub(buf_view(&c->index->listing), c->at, SIZE_MAX);
	size_t hex = 2 * c->index->hash_len, id_at = LISTED_MODE_BYTES + 1, stage_at = id_at + hex + 1;
	size_t len = text_find_byte(v, '\0');

	if (len == SIZE_MAX || len <= stage_at + 2 || v.ptr[stage_at + 1] != '\t' || v.ptr[stage_at] < '0' ||
	    v.ptr[stage_at] > '3' || oid_parse(view_sub(v, id_at, hex), c->index->hash_len, &c->id))
		return 0;
	c->entry = (struct gitindex_entry){ .path = view_sub(v, stage_at + 2, len - stage_at - 2),
					    .id = c->id.bytes,
					    .stage = (unsigned)(v.ptr[stage_at] - '0') };
	for (size_t i = 0; i < LISTED_MODE_BYTES; i++)
		c->entry.mode = c->entry.mode << 3 | ((unsigned)(unsigned char)v.ptr[i] & 7);
	return c->at + len + 1;
}

bool gitindex_next(struct gitindex_cursor *c)
{
	struct view v = gitindex_content(c->index);
	size_t last_len = c->entry.path.len, at = 0;

	if (c->index->entries_end) {
		if (c->at == c->index->entries_end)
			return false;
		v = view_sub(v, 0, c->index->entries_end);
	}
	if (c->left == 0)
		return false;
	c->start = c->at;
	if (c->index->listing.len) {
		at = read_listed(c);
	} else if (v.len) {
		at = gitindex_read_fixed(c->index, v, c->at, &c->entry);
		at = at ? read_path(c, v, c->at, at, last_len) : 0;
	}
	if (!at) { /* which gitindex_open has excluded if it has been here */
		c->left = 0;
		c->is_damaged = true;
		return false;
	}
	c->at = at;
	c->left--;
	c->has_stages |= c->entry.stage != 0;
	return true;
}

int gitindex_start(const struct gitindex *index, struct gitindex_cursor *ret, struct err *err)
{
	*ret = (struct gitindex_cursor){ .index = index, .left = index->entries_end ? UINT32_MAX : index->count };
	ret->at = index->listing.len ? 0 : HEAD_BYTES;
	if (index->version < 4)
		return 0;
	ret->path = malloc(index->path_bytes + 1);
	return ret->path ? 0 : err_nomem(err);
}

/* Moves to the entry of that number, which is behind the one at hand. */
static void go_to(struct gitindex_cursor *c, uint32_t number)
{
	uint32_t count = c->index->count, near = number - number % PLACES_EVERY;

	if (near > count - c->left) {
		c->at = c->index->places[near / PLACES_EVERY];
		c->left = count - near;
	}
	while (count - c->left <= number && gitindex_next(c))
		;
}

bool gitindex_skip(struct gitindex_cursor *c, struct view prefix, uint32_t count)
{
	struct gitindex_cursor last = *c;

	if (c->index->places && count > 1 && count - 1 <= c->left) {
		go_to(&last, c->index->count - c->left - 1 + count - 1);
		if (text_starts(last.entry.path, prefix))
			*c = last;
	}
	if (c->index->entries_end && count >= LEAP_MIN)
		c->at = gitindex_leap(c->index, c->start, prefix, count);
	while (gitindex_next(c))
		if (!text_starts(c->entry.path, prefix))
			return true;
	return false;
}

void gitindex_end(struct gitindex_cursor *c)
{
	free(c->path);
	c->path = NULL;
	c->left = 0;
}

static int damaged(const char *path, const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "the index '%s' %s", path, what);
}

/* The length of the longest path of a version 4 index, so that one block holds each. The place behind the last entry,
 * or 0. */
static size_t measure_paths(struct gitindex *x)
{
	struct view v = gitindex_content(x), rest;
	size_t at = HEAD_BYTES, len = 0, kept;
	struct gitindex_entry e;

	for (uint32_t i = 0; i < x->count; i++) {
		at = gitindex_read_fixed(x, v, at, &e);
		at = at ? read_difference(v, at, len, &kept, &rest) : 0;
		if (!at || kept + rest.len > GITINDEX_PATH_BYTES)
			return 0;
		x->has_stages |= e.stage != 0;
		len = kept + rest.len;
		if (len > x->path_bytes)
			x->path_bytes = len;
	}
	return at;
}

/* Where the entry behind the one at a place starts, from what its flags say; 0 when it does not fit. The same as
 * read_fixed and read_padded, without putting the entry together: this is done for every entry there is. */
static inline size_t step(const struct gitindex *x, struct view v, size_t at, unsigned *stages)
{
	size_t head = ID_AT + x->hash_len + 2, len, size;
	unsigned flags;

	if (v.len - at < head + 2)
		return 0;
	flags = be16(v.ptr + at + head - 2);
	len = flags & FLAG_NAME;
	*stages |= flags >> FLAG_STAGE_SHIFT & 3;
	if (flags & FLAG_EXTENDED) {
		if (x->version == 2)
			return 0;
		head += 2;
	}
	if (len == FLAG_NAME)
		len = text_find_byte(view_sub(v, at + head, v.len), '\0');
	if (len >= v.len - at - head || v.ptr[at + head + len] != '\0')
		return 0;
	size = (head + len + 8) & ~(size_t)7;
	return size <= v.len - at ? at + size : 0;
}

/* Notes where some entries are, so that many can be passed over at once. The place behind the last, or 0. */
static size_t place_entries(struct gitindex *x)
{
	struct view v = gitindex_content(x);
	size_t at = HEAD_BYTES;
	unsigned stages = 0;

	for (uint32_t i = 0; i < x->count && at; i++) {
		if (i % PLACES_EVERY == 0)
			x->places[i / PLACES_EVERY] = (uint32_t)at;
		at = step(x, v, at, &stages);
	}
	x->has_stages = stages;
	return at;
}

/* Looks at each entry once. *ret_end is where they end. */
static int check_entries(struct gitindex *x, const char *path, size_t *ret_end, struct err *err)
{
	struct view v = gitindex_content(x);

	if (v.len > UINT32_MAX || x->count > v.len / ENTRY_BYTES_MIN)
		return damaged(path, "has more entries than it has bytes for", err);
	if (x->version < 4) {
		x->places = malloc(sizeof(*x->places) * (x->count / PLACES_EVERY + 1));
		if (!x->places)
			return err_nomem(err);
	}
	*ret_end = x->version < 4 ? place_entries(x) : measure_paths(x);
	return *ret_end ? 0 : damaged(path, "has an entry that reaches past its end", err);
}

/* Takes decimal digits and the byte that ends them off *rest. 0, or -1. */
static int take_number(struct view *rest, char end, uint32_t *ret)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < rest->len && text_is_digit(rest->ptr[i]) && n <= UINT32_MAX; i++)
		n = n * 10 + (uint64_t)(rest->ptr[i] - '0');
	if (i == 0 || i == rest->len || rest->ptr[i] != end || n > UINT32_MAX)
		return -1;
	*ret = (uint32_t)n;
	*rest = view_sub(*rest, i + 1, rest->len);
	return 0;
}

static struct gitindex_folder *add_folder(struct gitindex *x)
{
	if (x->folder_count == x->folder_cap) {
		size_t cap = x->folder_cap ? 2 * x->folder_cap : 64;
		struct gitindex_folder *grown = reallocarray(x->folders, cap, sizeof(*grown));

		if (!grown)
			return NULL;
		x->folders = grown;
		x->folder_cap = cap;
	}
	return &x->folders[x->folder_count++];
}

/* The head of one folder: name NUL entries SP folders LF, then the id unless the number of entries is negative. 0, or
 * -1 when it is malformed. */
static int read_folder_head(const struct gitindex *x, struct view *rest, struct gitindex_folder *f)
{
	size_t end = text_find_byte(*rest, '\0');
	bool is_valid;
	uint32_t entries;

	if (end == SIZE_MAX)
		return -1;
	*f = (struct gitindex_folder){ .name = rest->ptr, .name_len = (uint32_t)end };
	*rest = view_sub(*rest, end + 1, rest->len);
	is_valid = !text_starts(*rest, VIEW("-"));
	if (!is_valid)
		*rest = view_sub(*rest, 1, rest->len);
	if (take_number(rest, ' ', &entries) || take_number(rest, '\n', &f->children))
		return -1;
	if (!is_valid)
		return 0;
	if (rest->len < x->hash_len)
		return -1;
	f->entries = entries;
	f->id = rest->ptr;
	*rest = view_sub(*rest, x->hash_len, rest->len);
	return 0;
}

/* One folder of the extension and all below it. 0, or -1 when it is malformed or there is no memory. */
static int read_folder(struct gitindex *x, struct view *rest, unsigned depth)
{
	size_t number = x->folder_count;
	struct gitindex_folder *f = depth < GIT_TREE_DEPTH ? add_folder(x) : NULL;

	if (!f || read_folder_head(x, rest, f))
		return -1;
	for (uint32_t left = f->children; left; left--)
		if (read_folder(x, rest, depth + 1))
			return -1;
	x->folders[number].next = (uint32_t)x->folder_count;
	return 0;
}

/* It only saves work: one that is malformed is done without, as git does. */
static void read_tree_extension(struct gitindex *x, struct view rest)
{
	if (rest.len == 0 || read_folder(x, &rest, 0) || rest.len)
		x->folder_count = 0;
}

/* One extension. Those that start with a small letter say what the entries mean. */
static void take_extension(struct gitindex *x, const char *path, const char *name, struct view data)
{
	if (memcmp(name, "TREE", 4) == 0)
		read_tree_extension(x, data);
	else if (memcmp(name, "link", 4) == 0)
		(void)err_set(&x->foreign, ERR_FORMAT, 0, "the index '%s' is split", path);
	else if (memcmp(name, "sdir", 4) == 0)
		(void)err_set(&x->foreign, ERR_FORMAT, 0, "the index '%s' is sparse", path);
	else if (name[0] < 'A' || name[0] > 'Z')
		(void)err_set(&x->foreign, ERR_FORMAT, 0, "the index '%s' has an extension '%.4s'", path, name);
}

static int read_extensions(struct gitindex *x, const char *path, size_t at, struct err *err)
{
	struct view v = gitindex_content(x);

	while (at < v.len) {
		size_t data = at + EXTENSION_HEAD_BYTES, len;

		if (data > v.len || be32(v.ptr + at + 4) > v.len - data)
			return damaged(path, "has an extension that reaches past its end", err);
		len = be32(v.ptr + at + 4);
		take_extension(x, path, v.ptr + at, view_sub(v, data, len));
		at = data + len;
	}
	return 0;
}

/* Takes the extensions of an index whose entries are not looked at. false when they have to be. */
static bool take_tree(struct gitindex *x, const char *path)
{
	size_t end = x->version < 4 ? gitindex_find_tree(x) : 0;

	if (!end)
		return false;
	if (read_extensions(x, path, end, NULL) == 0 && x->folder_count) {
		x->entries_end = end;
		return true;
	}
	x->folder_count = 0;
	x->foreign = (struct err)ERR_INIT;
	return false;
}

static int check(struct gitindex *x, const char *path, size_t whole_bytes, struct err *err)
{
	size_t end = 0;

	if (x->map.len < HEAD_BYTES + x->hash_len || memcmp(x->map.ptr, "DIRC", 4) != 0)
		return damaged(path, "is none: it does not start with DIRC", err);
	x->version = be32(x->map.ptr + 4);
	x->count = be32(x->map.ptr + 8);
	if (x->version < 2 || x->version > 4) {
		(void)err_set(&x->foreign, ERR_FORMAT, 0, "the index '%s' has version %u", path, x->version);
		return 0;
	}
	if (x->map.len > whole_bytes && take_tree(x, path))
		return 0;
	return check_entries(x, path, &end, err) || read_extensions(x, path, end, err) ? -1 : 0;
}

int gitindex_open(const char *path, size_t hash_len, size_t whole_bytes, struct gitindex *ret, struct err *err)
{
	*ret = (struct gitindex){ .hash_len = hash_len };
	if (map_file(path, &ret->map, err))
		return -1;
	if (check(ret, path, whole_bytes, err) == 0)
		return 0;
	gitindex_done(ret);
	return -1;
}

int gitindex_from_listing(struct buf *listing, size_t hash_len, struct gitindex *ret, struct err *err)
{
	struct gitindex_cursor c;
	uint32_t seen = 0;

	*ret = (struct gitindex){ .hash_len = hash_len, .listing = *listing };
	*listing = (struct buf)BUF_INIT(listing->max);
	for (size_t i = 0; i < ret->listing.len; i++)
		ret->count += ret->listing.ptr[i] == '\0';
	if (gitindex_start(ret, &c, err)) {
		gitindex_done(ret);
		return -1;
	}
	for (; gitindex_next(&c); seen++)
		ret->has_stages |= c.entry.stage != 0;
	if (seen == ret->count && c.at == ret->listing.len)
		return 0;
	gitindex_done(ret);
	return err_set(err, ERR_FORMAT, 0, "git lists the index in a form that is not understood");
}

void gitindex_done(struct gitindex *index)
{
	map_done(&index->map);
	buf_done(&index->listing);
	free(index->places);
	free(index->folders);
	*index = (struct gitindex){ .map = VIEW_NONE };
}
