/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/packcache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/file.h"

#define HEAD "skant-cache 1 "
#define CACHE_MODE 0600

void packcache_done(struct packcache *c)
{
	free(c->packs);
	free(c->suspects);
	free(c->loose);
	*c = (struct packcache){ .pack_count = 0 };
}

static struct oid checksum_of(const struct packfile *pack)
{
	return oid_from(pack->pack.ptr + pack->pack.len - pack->hash_len, pack->hash_len);
}

static int add_checksum(struct packcache *c, const struct oid *checksum)
{
	struct packcache_pack *grown = grow_items(c->packs, c->pack_count, &c->pack_cap, sizeof(*grown));

	if (!grown)
		return -1;
	c->packs = grown;
	c->packs[c->pack_count++] = (struct packcache_pack){ .checksum = *checksum, .first = c->suspect_count };
	return 0;
}

int packcache_add_pack(struct packcache *c, const struct packfile *pack)
{
	struct oid checksum = checksum_of(pack);

	return add_checksum(c, &checksum);
}

int packcache_add_suspect(struct packcache *c, const struct suspect *suspect)
{
	struct suspect *grown = grow_items(c->suspects, c->suspect_count, &c->suspect_cap, sizeof(*grown));

	if (!grown)
		return -1;
	c->suspects = grown;
	c->suspects[c->suspect_count++] = *suspect;
	c->packs[c->pack_count - 1].count++;
	return 0;
}

int packcache_add_loose(struct packcache *c, const struct packcache_digest *digest)
{
	struct packcache_digest *grown = grow_items(c->loose, c->loose_count, &c->loose_cap, sizeof(*grown));

	if (!grown)
		return -1;
	c->loose = grown;
	c->loose[c->loose_count++] = *digest;
	return 0;
}

const struct packcache_pack *packcache_find(const struct packcache *c, const struct packfile *pack)
{
	struct oid checksum = checksum_of(pack);

	for (size_t i = 0; i < c->pack_count; i++)
		if (oid_eq(&c->packs[i].checksum, &checksum))
			return &c->packs[i];
	return NULL;
}

bool packcache_has_loose(const struct packcache *c, const struct packcache_digest *digest)
{
	for (size_t i = 0; i < c->loose_count; i++)
		if (memcmp(&c->loose[i], digest, sizeof(*digest)) == 0)
			return true;
	return false;
}

/* Reads an id or a digest, len bytes in hex. */
static bool take_hex(struct view hex, size_t len, struct oid *ret)
{
	return oid_parse(hex, len, ret) == 0;
}

static int take_suspect(struct packcache *c, struct view line, size_t hash_len)
{
	struct suspect s = { .pack = NULL };

	if (line.len < 3 || line.ptr[1] != ' ' || !c->pack_count ||
	    !take_hex(view_sub(line, 2, line.len), hash_len, &s.id))
		return 1;
	s.type = (enum object_type)(line.ptr[0] - '0');
	if (s.type != OBJECT_COMMIT && s.type != OBJECT_BLOB && s.type != OBJECT_TAG)
		return 1;
	return packcache_add_suspect(c, &s);
}

/* 0, 1 for a line that is none, or -1. */
static int take_line(struct packcache *c, struct view line, size_t hash_len)
{
	struct packcache_digest digest;
	struct oid id;

	if (text_starts(line, VIEW("pack ")))
		return take_hex(view_sub(line, 5, line.len), hash_len, &id) ? add_checksum(c, &id) : 1;
	if (!text_starts(line, VIEW("loose ")))
		return take_suspect(c, line, hash_len);
	if (!take_hex(view_sub(line, 6, line.len), sizeof(digest.bytes), &id))
		return 1;
	memcpy(digest.bytes, id.bytes, sizeof(digest.bytes));
	return packcache_add_loose(c, &digest);
}

static int parse(struct packcache *c, struct view rest, const char *key, size_t hash_len, const char **ret_why)
{
	struct view line;
	int status = 0;

	if (!text_next_line(&rest, &line) || !text_starts(line, VIEW(HEAD))) {
		*ret_why = "it is no cache of skant's";
		return 0;
	}
	if (!text_eq(view_sub(line, sizeof(HEAD) - 1, line.len), view_of(key)))
		return 0; /* of other rules, or another version */
	while (status == 0 && text_next_line(&rest, &line))
		status = take_line(c, line, hash_len);
	if (status > 0) {
		packcache_done(c);
		*ret_why = "it is damaged";
	}
	return status < 0 ? -1 : 0;
}

/* Whether nobody else can have written the file. */
static bool is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 && st.st_size <= GIT_CACHE_BYTES;
}

int packcache_read(struct packcache *c, const char *path, const char *key, size_t hash_len, const char **ret_why)
{
	DEFER(buf_done) struct buf text = BUF_INIT(GIT_CACHE_BYTES);
	DEFER(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct err err = ERR_INIT;

	*c = (struct packcache){ .pack_count = 0 };
	*ret_why = NULL;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || !is_private(fd)) {
		*ret_why = "it is no file that only this user can write";
		return 1;
	}
	if (file_read_rest(fd, path, &text, &err)) {
		*ret_why = "it cannot be read";
		return err.kind == ERR_NOMEM ? -1 : 1;
	}
	return parse(c, buf_view(&text), key, hash_len, ret_why);
}

static int add_hex_line(struct buf *out, const char *word, const unsigned char *bytes, size_t len)
{
	return buf_add_text(out, word) || digest_add_hex(out, bytes, len) || buf_add_byte(out, '\n') ? -1 : 0;
}

static int print(const struct packcache *c, const char *key, size_t hash_len, struct buf *out)
{
	if (buf_addf(out, HEAD "%s\n", key))
		return -1;
	for (size_t i = 0; i < c->pack_count; i++) {
		const struct packcache_pack *p = &c->packs[i];

		if (add_hex_line(out, "pack ", p->checksum.bytes, hash_len))
			return -1;
		for (size_t k = p->first; k < p->first + p->count; k++) {
			char word[] = { (char)('0' + c->suspects[k].type), ' ', '\0' };

			if (add_hex_line(out, word, c->suspects[k].id.bytes, hash_len))
				return -1;
		}
	}
	for (size_t i = 0; i < c->loose_count; i++)
		if (add_hex_line(out, "loose ", c->loose[i].bytes, sizeof(c->loose[i].bytes)))
			return -1;
	return 0;
}

int packcache_write(struct packcache *c, const char *path, const char *key, size_t hash_len, struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(GIT_CACHE_BYTES);
	struct file_replace file;

	if (print(c, key, hash_len, &out))
		return err_nomem(err);
	if (file_replace_open(&file, path, CACHE_MODE, err))
		return -1;
	if (file_write_full(file.fd, buf_view(&out))) {
		int errnum = errno;

		file_replace_abort(&file);
		return err_set(err, ERR_IO, errnum, "cannot write '%s'", path);
	}
	return file_replace_commit(&file, err);
}
