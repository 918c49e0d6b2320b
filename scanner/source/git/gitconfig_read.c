/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/git/gitconfig.h"
#include "scanner/source/git/gitconfig_parse.h"
#include "scanner/source/gitdir.h"

#define SYSTEM_FILE "/etc/gitconfig"
#define THE_ENVIRONMENT "the environment"

/* One file, or the environment, while it is read. */
struct reading {
	struct gitconfig *config;
	const struct gitconfig_place *place;
	enum gitconfig_scope scope;
	const char *file; /* the config's own copy; NULL = the environment */
	unsigned depth;   /* of includes */
	bool follows;     /* includes count */
};

static int read_file(const struct reading *r, const char *path, bool is_wanted, struct err *err);

/* Keeps a name for as long as the entries. NULL when there is no memory. */
static const char *keep_name(struct gitconfig *c, const char *path)
{
	if (c->file_count == c->file_cap) {
		size_t cap = c->file_cap ? 2 * c->file_cap : 8;
		char **grown = reallocarray(c->files, cap, sizeof(*grown));

		if (!grown)
			return NULL;
		c->files = grown;
		c->file_cap = cap;
	}
	c->files[c->file_count] = strdup(path);
	return c->files[c->file_count] ? c->files[c->file_count++] : NULL;
}

static int grow(struct gitconfig *c, struct err *err)
{
	size_t cap = c->cap ? 2 * c->cap : 64;
	struct gitconfig_entry *grown;

	if (c->count == GITCONFIG_ENTRIES)
		return err_set(err, ERR_LIMIT, 0, "git's configuration has more than %d values", GITCONFIG_ENTRIES);
	if (c->count < c->cap)
		return 0;
	grown = reallocarray(c->entries, cap, sizeof(*grown));
	if (!grown)
		return err_nomem(err);
	c->entries = grown;
	c->cap = cap;
	return 0;
}

static int keep_entry(const struct reading *r, const char *key, const char *value, unsigned line, struct err *err)
{
	struct gitconfig *c = r->config;
	size_t key_len = strlen(key) + 1, value_len = value ? strlen(value) + 1 : 0;
	char *block;

	if (grow(c, err))
		return -1;
	block = malloc(key_len + value_len);
	if (!block)
		return err_nomem(err);
	memcpy(block, key, key_len);
	if (value)
		memcpy(block + key_len, value, value_len);
	c->entries[c->count++] = (struct gitconfig_entry){ .key = block,
							   .value = value ? block + key_len : NULL,
							   .file = r->file ? r->file : THE_ENVIRONMENT,
							   .line = line,
							   .scope = r->scope,
							   .is_included = r->depth > 0 };
	return 0;
}

/* path as it is meant in the file at hand. NULL with err. */
static char *beside(const struct reading *r, const char *path, struct err *err)
{
	const char *slash = r->file ? strrchr(r->file, '/') : NULL;
	DEFER(freep) char *folder = NULL;
	char *ret;

	if (path[0] != '/' && !r->file) {
		(void)err_set(err, ERR_CONFIG, 0, "a relative include.path has to come from a file");
		return NULL;
	}
	folder = slash ? strndup(r->file, (size_t)(slash - r->file) + 1) : NULL;
	ret = path[0] == '/' || !slash ? strdup(path) : folder ? gitdir_path(folder, path) : NULL;
	if (!ret)
		(void)err_nomem(err);
	return ret;
}

/* Appends the pattern that a condition means. *ret_literal is how much of it stands for itself. 0, 1 when it can match
 * nothing, or -1 when there is no memory or out is full. */
static int add_pattern(const struct reading *r, const char *condition, struct buf *out, size_t *ret_literal)
{
	struct err why = ERR_INIT;
	DEFER(freep) char *path = gitconfig_path(condition, &why), *file = NULL;
	const char *text = path ? path : condition;

	*ret_literal = 0;
	if (why.kind == ERR_NOMEM)
		return -1;
	if (text_starts(view_of(text), VIEW("./"))) {
		file = r->file ? realpath(r->file, NULL) : NULL;
		if (!file)
			return 1;
		*ret_literal = (size_t)(strrchr(file, '/') - file) + 1;
		if (buf_add(out, view_from(file, *ret_literal)))
			return -1;
		text += 2;
	} else if (text[0] != '/' && buf_add_text(out, "**/")) {
		return -1;
	}
	if (buf_add_text(out, text))
		return -1;
	return text_ends(buf_view(out), VIEW("/")) ? buf_add_text(out, "**") : 0;
}

static bool pattern_fits(struct view pattern, size_t literal, const char *dir, unsigned flags)
{
	struct view text = view_of(dir), head = view_sub(text, 0, literal), wanted = view_sub(pattern, 0, literal);

	if (flags & GLOB_NOCASE ? !text_eq_nocase(head, wanted) : !text_eq(head, wanted))
		return false;
	return glob_match(view_sub(pattern, literal, pattern.len), view_sub(text, literal, text.len),
			  GLOB_PATH | flags);
}

/* `gitdir:`: 1 when it holds, 0, or -1 with err. */
static int dir_fits(const struct reading *r, const char *condition, unsigned flags, struct err *err)
{
	DEFER(buf_done) struct buf pattern = BUF_INIT(PATH_MAX * 2);
	DEFER(freep) char *real = r->place->dir ? realpath(r->place->dir, NULL) : NULL;
	DEFER(freep) char *here = NULL, *absolute = NULL;
	size_t literal;
	int status;

	if (!real)
		return 0;
	status = add_pattern(r, condition, &pattern, &literal);
	if (status < 0 && strlen(condition) >= PATH_MAX)
		return err_set(err, ERR_LIMIT, 0, "an includeIf condition is too long");
	if (status)
		return status < 0 ? err_nomem(err) : 0;
	if (pattern_fits(buf_view(&pattern), literal, real, flags))
		return 1;
	here = getcwd(NULL, 0);
	absolute = here ? gitdir_path(here, r->place->dir) : NULL;
	if (here && !absolute)
		return err_nomem(err);
	return absolute && pattern_fits(buf_view(&pattern), literal, absolute, flags);
}

/* Whether key is one that includes a file: 1, 0, or -1 with err. */
static int includes(const struct reading *r, const char *key, struct err *err)
{
	DEFER(freep) char *condition = NULL;
	struct view v = view_of(key);

	if (text_eq(v, VIEW("include.path")))
		return 1;
	if (!text_starts(v, VIEW("includeif.")) || !text_ends(v, VIEW(".path")) ||
	    v.len <= sizeof("includeif.path") - 1)
		return 0;
	condition = strndup(key + sizeof("includeif.") - 1, v.len - (sizeof("includeif..path") - 1));
	if (!condition)
		return err_nomem(err);
	if (text_starts(view_of(condition), VIEW("gitdir:")))
		return dir_fits(r, condition + sizeof("gitdir:") - 1, 0, err);
	if (text_starts(view_of(condition), VIEW("gitdir/i:")))
		return dir_fits(r, condition + sizeof("gitdir/i:") - 1, GLOB_NOCASE, err);
	return 0;
}

static int include(const struct reading *r, const char *value, unsigned line, struct err *err)
{
	DEFER(freep) char *expanded = NULL, *path = NULL;
	struct reading inner = *r;

	if (!value)
		return err_set(err, ERR_CONFIG, 0, "%s:%u: include.path has no value",
			       r->file ? r->file : THE_ENVIRONMENT, line);
	expanded = gitconfig_path(value, err);
	path = expanded ? beside(r, expanded, err) : NULL;
	if (!path)
		return -1;
	inner.depth++;
	if (inner.depth > GITCONFIG_DEPTH)
		return err_set(err, ERR_LIMIT, 0, "git configurations include each other more than %d deep, at '%s'",
			       GITCONFIG_DEPTH, path);
	return read_file(&inner, path, false, err);
}

static int take(void *context, const char *key, const char *value, unsigned line, struct err *err)
{
	const struct reading *r = context;
	int status;

	if (keep_entry(r, key, value, line, err))
		return -1;
	status = r->follows ? includes(r, key, err) : 0;
	return status > 0 ? include(r, value, line, err) : status;
}

/* Whether there is a file to be read: 1, 0, or -1 with err. A device would have us wait, but /dev/null is in use. */
static int is_readable(const char *path, bool is_wanted, struct err *err)
{
	struct stat st, null;

	if (stat(path, &st)) {
		if (errno == ENOENT || errno == ENOTDIR || (errno == EACCES && !is_wanted))
			return 0;
		return err_set(err, ERR_IO, errno, "cannot read git's configuration '%s'", path);
	}
	if (S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev)
		return 0;
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, 0, "git's configuration '%s' is no regular file", path);
	if (access(path, R_OK) && !is_wanted)
		return 0;
	return 1;
}

/* is_wanted: the repository cannot be understood without it. */
static int read_file(const struct reading *r, const char *path, bool is_wanted, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(GITCONFIG_FILE_BYTES);
	struct reading inner = *r;
	int status = is_readable(path, is_wanted || r->depth, err);

	if (status <= 0)
		return status;
	if (r->config->file_count == GITCONFIG_FILES)
		return err_set(err, ERR_LIMIT, 0, "git's configuration is in more than %d files", GITCONFIG_FILES);
	inner.file = keep_name(r->config, path);
	if (!inner.file)
		return err_nomem(err);
	if (file_read(path, &text, err))
		return -1;
	return gitconfig_parse(buf_view(&text), path, take, &inner, err);
}

/* Reads the file name of folder, if there is such a folder. */
static int read_in(struct reading *r, enum gitconfig_scope scope, const char *folder, const char *name, struct err *err)
{
	DEFER(freep) char *path = NULL;

	if (!folder || !*folder)
		return 0;
	path = gitdir_path(folder, name);
	if (!path)
		return err_nomem(err);
	r->scope = scope;
	return read_file(r, path, scope == GITCONFIG_LOCAL || scope == GITCONFIG_WORKTREE, err);
}

static int read_global(struct reading *r, struct err *err)
{
	const char *given = getenv("GIT_CONFIG_GLOBAL"), *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");

	if (given) {
		r->scope = GITCONFIG_GLOBAL;
		return *given ? read_file(r, given, false, err) : 0;
	}
	if (config && *config ? read_in(r, GITCONFIG_GLOBAL, config, "git/config", err)
			      : read_in(r, GITCONFIG_GLOBAL, home, ".config/git/config", err))
		return -1;
	return read_in(r, GITCONFIG_GLOBAL, home, ".gitconfig", err);
}

static int read_system(struct reading *r, struct err *err)
{
	const char *given = getenv("GIT_CONFIG_SYSTEM");

	r->scope = GITCONFIG_SYSTEM;
	if (gitdir_env_is_true("GIT_CONFIG_NOSYSTEM") || (given && !*given))
		return 0;
	return read_file(r, given ? given : SYSTEM_FILE, false, err);
}

/* GIT_CONFIG_KEY_n and GIT_CONFIG_VALUE_n. */
static int read_numbered(struct reading *r, uint64_t n, struct err *err)
{
	DEFER(buf_done) struct buf key = BUF_INIT(64), value = BUF_INIT(64), canonical = BUF_INIT(PATH_MAX * 4);
	const char *k, *v;

	if (buf_addf(&key, "GIT_CONFIG_KEY_%llu", (unsigned long long)n) ||
	    buf_addf(&value, "GIT_CONFIG_VALUE_%llu", (unsigned long long)n))
		return err_nomem(err);
	k = getenv(key.ptr);
	v = getenv(value.ptr);
	if (!k || !v)
		return err_set(err, ERR_CONFIG, 0, "%s is not set, but GIT_CONFIG_COUNT says that it is",
			       k ? value.ptr : key.ptr);
	if (gitconfig_canonical(view_of(k), &canonical, err))
		return -1;
	return take(r, canonical.ptr, v, 0, err);
}

static int read_environment(struct reading *r, struct err *err)
{
	const char *count = getenv("GIT_CONFIG_COUNT"), *parameters = getenv("GIT_CONFIG_PARAMETERS");
	uint64_t n = 0;

	r->scope = GITCONFIG_COMMAND;
	if (count && *count && text_u64(view_of(count), GITCONFIG_ENTRIES, &n))
		return err_set(err, ERR_CONFIG, 0, "GIT_CONFIG_COUNT is to be a number up to %d", GITCONFIG_ENTRIES);
	for (uint64_t i = 0; i < n; i++)
		if (read_numbered(r, i, err))
			return -1;
	return parameters ? gitconfig_parse_parameters(view_of(parameters), take, r, err) : 0;
}

static int read_repository(struct reading *r, struct err *err)
{
	bool per_tree;

	if (!r->place->common)
		return 0;
	if (read_in(r, GITCONFIG_LOCAL, r->place->common, "config", err) ||
	    gitconfig_bool(r->config, "extensions.worktreeconfig", false, &per_tree, err))
		return -1;
	return per_tree ? read_in(r, GITCONFIG_WORKTREE, r->place->dir, "config.worktree", err) : 0;
}

int gitconfig_read(struct gitconfig *c, const struct gitconfig_place *place, struct err *err)
{
	struct reading r = { .config = c, .place = place, .follows = true };

	if (read_system(&r, err) || read_global(&r, err) || read_repository(&r, err))
		return -1;
	return read_environment(&r, err);
}

int gitconfig_read_protected(struct gitconfig *c, const struct gitconfig_place *place, struct err *err)
{
	struct reading r = { .config = c, .place = place, .follows = true };

	if (read_system(&r, err) || read_global(&r, err))
		return -1;
	return read_environment(&r, err);
}

int gitconfig_read_file(struct gitconfig *c, const char *path, enum gitconfig_scope scope, struct err *err)
{
	const struct gitconfig_place nowhere = { .dir = NULL };
	struct reading r = { .config = c, .place = &nowhere, .scope = scope };

	return read_file(&r, path, true, err);
}
