/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/api/credential_env.h"
#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"

/* What nobody else may do with a file of ours. systemd lets the service's user read by an access list, whose mask shows
 * as the group's bits (acl(5)). */
#define LOOSE_FILE_MODE 077u
#define LOOSE_SYSTEMD_MODE 037u

const char *const credential_kind_names[CREDENTIAL_KINDS] = {
	[CREDENTIAL_API] = "api",
	[CREDENTIAL_COMPLIANCE] = "compliance",
	[CREDENTIAL_OAUTH] = "oauth",
	[CREDENTIAL_ADMIN] = "admin",
};

static const struct view prefixes[CREDENTIAL_KINDS] = {
	[CREDENTIAL_API] = { "sk-ant-api03-", 13 },
	[CREDENTIAL_COMPLIANCE] = { "sk-ant-api01-", 13 },
	[CREDENTIAL_OAUTH] = { "sk-ant-oat01-", 13 },
	[CREDENTIAL_ADMIN] = { "sk-ant-admin01-", 15 },
};

enum credential_kind credential_kind_of(struct view value)
{
	unsigned kind = 0;

	while (kind < CREDENTIAL_KINDS && !text_starts(value, prefixes[kind]))
		kind++;
	return (enum credential_kind)kind;
}

int credential_add_source(struct buf *buf, const struct credential_source *source)
{
	switch (source->from) {
	case CREDENTIAL_FROM_ENV:
		return buf_addf(buf, "$%s", source->name);
	case CREDENTIAL_FROM_FILE:
		return buf_addf(buf, "file '%s'", source->name);
	case CREDENTIAL_FROM_SYSTEMD:
		return buf_addf(buf, "systemd credential '%s'", source->name);
	case CREDENTIAL_UNSET:
		break;
	}
	return buf_add_text(buf, "no source");
}

/* Whoever may read or replace the file may use the key. */
static int check_file(const struct stat *st, unsigned loose, const char *path, struct err *err)
{
	unsigned mode = (unsigned)st->st_mode & 07777u;

	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_CONFIG, 0, "credential file '%s' is not a regular file", path);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, ERR_CONFIG, 0,
			       "credential file '%s' belongs to user %u; it has to be this user's (%u) or root's", path,
			       (unsigned)st->st_uid, (unsigned)geteuid());
	if (mode & loose)
		return err_set(err, ERR_CONFIG, 0,
			       "credential file '%s' has mode %04o: others may read or change it; `chmod 600` it, and "
			       "replace the key if somebody could have read it",
			       path, mode);
	return 0;
}

static int read_file(const char *path, unsigned loose, struct buf *ret, struct err *err)
{
	/* a FIFO is to be refused, not waited for */
	DEFER(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return err_set(err, ERR_CONFIG, errno, "cannot read the credential file '%s'", path);
	if (check_file(&st, loose, path, err))
		return -1;
	if (buf_reserve(ret, ret->max))
		return err_nomem(err);
	n = file_read_full(fd, ret->ptr, ret->max);
	if (n < 0)
		return err_set(err, ERR_CONFIG, errno, "cannot read the credential file '%s'", path);
	ret->len = (size_t)n;
	ret->ptr[ret->len] = '\0';
	if (ret->len == 0)
		return err_set(err, ERR_CONFIG, 0, "the credential file '%s' is empty", path);
	return 0;
}

int credential_check_file(const char *path, struct err *err)
{
	struct view folder = view_of(getenv("CREDENTIALS_DIRECTORY"));
	bool is_systemd = folder.len && text_starts(view_of(path), folder) && path[folder.len] == '/';
	struct stat st;

	if (stat(path, &st))
		return err_set(err, ERR_CONFIG, errno, "cannot read the credential file '%s'", path);
	return check_file(&st, is_systemd ? LOOSE_SYSTEMD_MODE : LOOSE_FILE_MODE, path, err);
}

static int read_systemd(const char *name, struct buf *ret, struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	DEFER(freep) char *path = NULL;

	if (!folder || folder[0] != '/')
		return err_set(err, ERR_CONFIG, 0,
			       "there is no systemd credential '%s': $CREDENTIALS_DIRECTORY is not set, which systemd "
			       "does for a service with LoadCredential=%s:...",
			       name, name);
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return err_nomem(err);
	}
	return read_file(path, LOOSE_SYSTEMD_MODE, ret, err);
}

static void drop_newline(struct buf *value)
{
	if (text_ends(buf_view(value), VIEW("\r\n")))
		buf_cut(value, value->len - 2);
	else if (text_ends(buf_view(value), VIEW("\n")))
		buf_cut(value, value->len - 1);
}

bool credential_is_sendable(struct view value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] <= ' ' || value.ptr[i] >= 0x7F)
			return false;
	return value.len > 0 && value.len <= CREDENTIAL_BYTES;
}

/* source: what messages call it. */
static int check_value(struct view value, enum credential_kind kind, const char *source, struct err *err)
{
	enum credential_kind found = credential_kind_of(value);

	if (value.len > CREDENTIAL_BYTES)
		return err_set(err, ERR_CONFIG, 0, "%s holds more than %u bytes: one key was expected", source,
			       CREDENTIAL_BYTES);
	if (!credential_is_sendable(value))
		return err_set(
			err, ERR_CONFIG, 0,
			"%s holds a byte that no key has (a space, a line break, quotes that are not ASCII): one "
			"key alone was expected",
			source);
	if (found != CREDENTIAL_KINDS && found != kind)
		return err_set(err, ERR_CONFIG, 0,
			       "%s holds a key of kind '%s' (%s...), where one of kind '%s' (%s...) was expected",
			       source, credential_kind_names[found], prefixes[found].ptr, credential_kind_names[kind],
			       prefixes[kind].ptr);
	return 0;
}

static int read_source(const struct credential_source *source, struct buf *ret, struct err *err)
{
	switch (source->from) {
	case CREDENTIAL_FROM_ENV:
		return credential_take_env(source->name, ret, err);
	case CREDENTIAL_FROM_FILE:
		return read_file(source->name, LOOSE_FILE_MODE, ret, err);
	case CREDENTIAL_FROM_SYSTEMD:
		return read_systemd(source->name, ret, err);
	case CREDENTIAL_UNSET:
		break;
	}
	return 0;
}

int credential_load(const struct credential_source *source, enum credential_kind kind, struct credential *ret,
		    struct err *err)
{
	DEFER(buf_wipe) struct buf value = BUF_INIT(CREDENTIAL_BYTES + 3); /* \r\n, and one that is too many */
	DEFER(buf_done) struct buf shown = BUF_INIT(2 * ERR_TEXT_BYTES);

	ret->value = (struct buf)BUF_INIT(CREDENTIAL_BYTES + 3);
	if (read_source(source, &value, err))
		return -1;
	if (value.len == 0)
		return 0;
	drop_newline(&value);
	if (credential_add_source(&shown, source))
		return err_nomem(err);
	if (source->or_admin && credential_kind_of(buf_view(&value)) == CREDENTIAL_ADMIN)
		kind = CREDENTIAL_ADMIN;
	if (check_value(buf_view(&value), kind, shown.ptr, err))
		return -1;
	ret->value = value;
	value = (struct buf)BUF_INIT(0);
	return 0;
}

int credential_detect(const struct credential_source *source, enum credential_kind *ret, struct err *err)
{
	DEFER(buf_wipe) struct buf value = BUF_INIT(CREDENTIAL_BYTES + 3);

	if (read_source(source, &value, err))
		return -1;
	*ret = credential_kind_of(buf_view(&value));
	return value.len > 0;
}

void credential_wipe(struct credential *credential)
{
	buf_wipe(&credential->value);
}

void credential_source_done(struct credential_source *source)
{
	free(source->name);
	*source = (struct credential_source){ .from = CREDENTIAL_UNSET };
}
