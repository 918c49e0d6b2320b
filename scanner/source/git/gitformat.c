/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/gitformat.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "scanner/source/git/gitconfig.h"
#include "scanner/source/git/oid.h"
#include "scanner/source/gitdir.h"

#define VERSION_MAX 1

void gitformat_done(struct gitformat *f)
{
	free(f->work_tree);
	f->work_tree = NULL;
}

static int read_version(const struct gitconfig *c, struct gitformat *f, struct err *err)
{
	const struct gitconfig_entry *e = gitconfig_get(c, "core.repositoryformatversion");

	if (!e)
		return 0;
	if (text_u64(view_of(e->value), UINT32_MAX, &f->version))
		return err_set(err, ERR_CONFIG, 0, "%s:%u: core.repositoryformatversion is to be a number", e->file,
			       e->line);
	if (f->version > VERSION_MAX)
		return err_set(err, ERR_USAGE, 0,
			       "%s:%u: the repository has format version %llu; those up to %d are understood", e->file,
			       e->line, (unsigned long long)f->version, VERSION_MAX);
	return 0;
}

static int unknown(const struct gitconfig_entry *e, struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "%s:%u: the repository has '%s = %s', which is not understood", e->file,
		       e->line, e->key, e->value ? e->value : "true");
}

static int take_hash(const struct gitconfig_entry *e, struct gitformat *f, struct err *err)
{
	if (text_eq(view_of(e->value), VIEW("sha256")))
		f->hash_len = OID_SHA256_BYTES;
	else if (text_eq(view_of(e->value), VIEW("sha1")))
		f->hash_len = OID_SHA1_BYTES;
	else
		return unknown(e, err);
	return 0;
}

static int take_refs(const struct gitconfig_entry *e, struct gitformat *f, struct err *err)
{
	f->has_reftable = text_eq(view_of(e->value), VIEW("reftable"));
	return f->has_reftable || text_eq(view_of(e->value), VIEW("files")) ? 0 : unknown(e, err);
}

static int is_of(const struct gitconfig_entry *e, const char *name)
{
	return strcmp(e->key + sizeof("extensions.") - 1, name) == 0;
}

/* Extensions that change nothing for who only reads. */
static bool is_harmless(const struct gitconfig_entry *e)
{
	static const char *const names[] = {
		"noop", "noop-v1", "preciousobjects", "worktreeconfig", "compatobjectformat", "relativeworktrees"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (is_of(e, names[i]))
			return true;
	return false;
}

static int take_extension(const struct gitconfig_entry *e, struct gitformat *f, struct err *err)
{
	if (is_of(e, "partialclone"))
		f->is_partial = true;
	else if (is_of(e, "objectformat"))
		return f->version ? take_hash(e, f, err) : unknown(e, err);
	else if (is_of(e, "refstorage"))
		return f->version ? take_refs(e, f, err) : unknown(e, err);
	else if (!is_harmless(e) && f->version)
		return unknown(e, err);
	return 0;
}

/* Where the work tree is said to be. In a linked one only its own file counts. */
static int read_tree(const struct gitconfig *c, struct gitformat *f, struct err *err)
{
	const struct gitconfig_entry *e = gitconfig_get(c, "core.worktree");

	if (gitconfig_bool(c, "core.bare", false, &f->is_bare, err))
		return -1;
	if (!e || !e->value)
		return 0;
	f->work_tree = strdup(e->value);
	return f->work_tree ? 0 : err_nomem(err);
}

int gitformat_read(const char *dir, const char *common, struct gitformat *ret, struct err *err)
{
	DEFER(gitconfig_done) struct gitconfig c = GITCONFIG_INIT;
	DEFER(freep) char *shared = gitdir_path(common, "config"), *own = gitdir_path(dir, "config.worktree");
	bool per_tree;

	*ret = (struct gitformat){ .hash_len = OID_SHA1_BYTES };
	if (!shared || !own)
		return err_nomem(err);
	if (gitconfig_read_file(&c, shared, GITCONFIG_LOCAL, err) || read_version(&c, ret, err) ||
	    gitconfig_bool(&c, "extensions.worktreeconfig", false, &per_tree, err))
		return -1;
	for (size_t i = 0; i < c.count; i++)
		if (text_starts(view_of(c.entries[i].key), VIEW("extensions.")) &&
		    take_extension(&c.entries[i], ret, err))
			return -1;
	if (per_tree && gitconfig_read_file(&c, own, GITCONFIG_WORKTREE, err))
		return -1;
	return per_tree || strcmp(dir, common) == 0 ? read_tree(&c, ret, err) : 0;
}
