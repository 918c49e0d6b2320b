/* SPDX-License-Identifier: Apache-2.0 */
/* Git's configuration (git-config(1), "CONFIGURATION FILE", "Includes", "FILES", "ENVIRONMENT"), read without git.
 *
 * Keys are canonical: `section.name` or `section.subsection.name`, section and name in lower case, the subsection as it
 * was written. Blanks inside of a value stay as they are (git before 2.45 made each a space). Conditions of includes
 * other than `gitdir:` and `gitdir/i:` never hold. */
#ifndef SCANNER_SOURCE_GIT_GITCONFIG_H
#define SCANNER_SOURCE_GIT_GITCONFIG_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* In the order in which they are read: a later one wins. */
enum gitconfig_scope {
	GITCONFIG_SYSTEM,
	GITCONFIG_GLOBAL,
	GITCONFIG_LOCAL,    /* the repository's own: whoever wrote the repository wrote it */
	GITCONFIG_WORKTREE, /* likewise */
	GITCONFIG_COMMAND,  /* GIT_CONFIG_COUNT, GIT_CONFIG_PARAMETERS (`git -c`) */
};

struct gitconfig_entry {
	const char *key;
	const char *value; /* NULL: the name stood alone, which means true */
	const char *file;  /* where it stands; "the environment" for GITCONFIG_COMMAND */
	unsigned line;     /* there; 0 = none */
	enum gitconfig_scope scope;
	bool is_included; /* stands in a file that another one includes */
};

struct gitconfig {
	struct gitconfig_entry *entries; /* in the order in which git reads them */
	size_t count, cap;
	char **files; /* names that entries point to */
	size_t file_count, file_cap;
};

#define GITCONFIG_INIT                                                                                                 \
	{                                                                                                              \
		.entries = NULL                                                                                        \
	}

/* Which repository is read for. All may be NULL: then there is none. */
struct gitconfig_place {
	const char *dir;    /* its folder: for `gitdir:` conditions and config.worktree */
	const char *common; /* where its `config` is */
};

/* Appends what git would read: system, global, the repository's and the work tree's files, the environment. A file
 * that is not there is skipped. 0, or -1 with err (ERR_CONFIG with file and line, ERR_IO, ERR_LIMIT, ERR_NOMEM). */
[[nodiscard]] int gitconfig_read(struct gitconfig *c, const struct gitconfig_place *place, struct err *err);
/* The same without the repository's own files: what `safe.directory` is looked up in. */
[[nodiscard]] int gitconfig_read_protected(struct gitconfig *c, const struct gitconfig_place *place, struct err *err);
/* Appends one file without what it includes; none of that name is no error. */
[[nodiscard]] int gitconfig_read_file(struct gitconfig *c, const char *path, enum gitconfig_scope scope,
				      struct err *err);
void gitconfig_done(struct gitconfig *c);

/* The last value of a canonical key. NULL when it is not set; value may be NULL in it, see above. */
const struct gitconfig_entry *gitconfig_get(const struct gitconfig *c, const char *key);

/* The value as a boolean: true yes on, false no off "", a number. fallback when key is not set. 0, or -1 with
 * ERR_CONFIG when it is none. */
[[nodiscard]] int gitconfig_bool(const struct gitconfig *c, const char *key, bool fallback, bool *ret, struct err *err);

/* A path as git expands it: `~/` and `~user/` become home folders. A heap string; NULL with err. */
char *gitconfig_path(const char *value, struct err *err);

#endif
