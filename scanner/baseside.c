/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/baseside.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/conf.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/config.h"
#include "scanner/source/git/treefind.h"

#define PATH_BYTES (64u << 10)
#define WALK_DESCRIPTORS 16

struct side {
	struct object_reader *reader;
	size_t hash_len;
	const struct oid *commit;
	const char *folder;
};

static int remove_entry(const char *path, const struct stat *, int, struct FTW *)
{
	return remove(path);
}

void baseside_close(struct baseside *b)
{
	if (b->folder)
		(void)nftw(b->folder, remove_entry, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
	free(b->folder);
	b->folder = NULL;
}

/* A path that stays below the folder it is relative to. */
static bool is_inside(struct view path)
{
	if (path.len == 0 || path.ptr[0] == '/' || path.len >= PATH_BYTES / 2)
		return false;
	while (path.len) {
		size_t slash = text_find_byte(path, '/');
		struct view name = view_sub(path, 0, slash);

		if (name.len == 0 || text_eq(name, VIEW(".")) || text_eq(name, VIEW("..")))
			return false;
		path = slash == SIZE_MAX ? VIEW_NONE : view_sub(path, slash + 1, path.len);
	}
	return true;
}

/* Makes the folders that a path is in. */
static int make_folders(struct buf *path, size_t from)
{
	for (size_t i = from; i < path->len; i++) {
		if (path->ptr[i] != '/')
			continue;
		path->ptr[i] = '\0';
		if (mkdir(path->ptr, 0700) && errno != EEXIST)
			return -1;
		path->ptr[i] = '/';
	}
	return 0;
}

static int write_file(const struct side *s, struct view name, struct view content, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	int fd, failed;

	if (buf_addf(&path, "%s/", s->folder) || buf_add(&path, name))
		return err_nomem(err);
	if (make_folders(&path, strlen(s->folder) + 1))
		return err_set(err, ERR_IO, errno, "cannot make a folder for '%s'", path.ptr);
	/* one that was named twice has the same content */
	fd = open(path.ptr, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot write '%s'", path.ptr);
	failed = file_write_full(fd, content);
	if (close(fd) || failed)
		return err_set(err, ERR_IO, errno, "cannot write '%s'", path.ptr);
	return 0;
}

/* Writes one file of the commit's, if it has it: a link is none. *ret says whether it was there. */
static int copy_file(const struct side *s, struct view name, bool *ret, struct err *err)
{
	enum tree_mode mode;
	struct object object;
	struct oid id;
	enum object_result status = treefind_path(s->reader, s->hash_len, s->commit, name, &id, &mode);

	*ret = false;
	if (status == OBJECT_OK && mode != TREE_FILE)
		log_warn("'%.*s' of the commit that the change starts from is no regular file: it does not count",
			 (int)name.len, name.ptr);
	if (status == OBJECT_MISSING || (status == OBJECT_OK && mode != TREE_FILE))
		return 0;
	if (status == OBJECT_OK)
		status = object_read(s->reader, &id, &object, NULL);
	if (status != OBJECT_OK)
		return err_set(err, ERR_CONFIG, 0, "cannot read '%.*s' of the commit that the change starts from",
			       (int)name.len, name.ptr);
	*ret = true;
	return write_file(s, name, object.content, err);
}

static int copy_named(const struct side *s, const struct conf_node *node, struct err *err)
{
	bool exists;

	if (!node || !conf_is_scalar(node) || !is_inside(conf_text(node)))
		return 0;
	return copy_file(s, conf_text(node), &exists, err);
}

/* What the configuration names; its mistakes are told when it is read for good. */
static int copy_what_it_names(const struct side *s, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	DEFER(conf_freep) struct conf *conf = NULL;
	const struct conf_node *root, *rules;

	if (buf_addf(&path, "%s/" CONFIG_NAME, s->folder))
		return err_nomem(err);
	conf = conf_read(path.ptr, NULL);
	root = conf ? conf_root(conf) : NULL;
	if (!root || !conf_is_mapping(root))
		return 0;
	if (copy_named(s, conf_get(root, "policy"), err) || copy_named(s, conf_get(root, "baseline"), err))
		return -1;
	rules = conf_get(root, "rules");
	for (size_t i = 0; rules && conf_is_list(rules) && i < conf_count(rules); i++)
		if (copy_named(s, conf_at(rules, i), err))
			return -1;
	return 0;
}

static int copy_all(const struct side *s, struct err *err)
{
	static const char *const names[] = { ".skantignore", ".gitleaksignore", CONFIG_NAME };
	bool exists = false;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (copy_file(s, view_of(names[i]), &exists, err))
			return -1;
	return exists ? copy_what_it_names(s, err) : 0;
}

int baseside_open(struct baseside *b, struct object_reader *reader, size_t hash_len, const struct oid *commit,
		  struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	struct side s = { .reader = reader, .hash_len = hash_len, .commit = commit };
	const char *tmp = getenv("TMPDIR");

	if (buf_addf(&path, "%s/skant-base-XXXXXX", tmp && *tmp ? tmp : "/tmp"))
		return err_nomem(err);
	if (!mkdtemp(path.ptr))
		return err_set(err, ERR_IO, errno, "cannot make a folder for the configuration as '%s'", path.ptr);
	b->folder = buf_detach(&path);
	s.folder = b->folder;
	if (!b->folder)
		return err_nomem(err);
	if (oid_is_null(commit) || copy_all(&s, err) == 0)
		return 0;
	baseside_close(b);
	return -1;
}
