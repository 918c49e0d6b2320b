/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_limits.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/sys/log.h"

#define NAME_DIGEST_BYTES 8

static int make_folder(const char *path, struct err *err)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return err_set(err, ERR_CONFIG, errno, "cannot make the folder '%s' for the rate limits", path);
	return 0;
}

/* Appends the user's folder for state, and makes it. */
static int add_state_home(struct buf *path, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/') {
		if (buf_add_text(path, state))
			return err_nomem(err);
		return make_folder(path->ptr, err);
	}
	if (!home || *home != '/')
		return err_set(err, ERR_CONFIG, 0,
			       "there is no place for the rate limits: $XDG_STATE_HOME or $HOME was expected to be a "
			       "folder's whole path");
	if (buf_addf(path, "%s/.local", home))
		return err_nomem(err);
	if (make_folder(path->ptr, err))
		return -1;
	if (buf_add_text(path, "/state"))
		return err_nomem(err);
	return make_folder(path->ptr, err);
}

/* Whoever may write there may take the file away, and with it what was used. */
static int check_folder(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st))
		return err_set(err, ERR_CONFIG, errno, "cannot look at the folder '%s'", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return err_set(err, ERR_CONFIG, 0,
			       "cannot keep the rate limits in '%s': a folder of this user that nobody else may write "
			       "to was expected",
			       path);
	return 0;
}

static int add_name(struct buf *path, const struct profile *profile, const char *kind)
{
	DEFER(buf_done) struct buf key = BUF_INIT(2 * API_URL_BYTES);
	unsigned char digest[DIGEST_SHA256_BYTES];

	if (buf_add_text(&key, profile->base_url) || buf_add_byte(&key, '\0') ||
	    buf_add_text(&key, profile->name ? profile->name : ""))
		return -1;
	digest_sha256(buf_view(&key), digest);
	return buf_addf(path, "/%s-", kind) || digest_add_hex(path, digest, NAME_DIGEST_BYTES) ? -1 : 0;
}

int message_limits_path(const struct profile *profile, const char *kind, struct buf *ret, struct err *err)
{
	if (add_state_home(ret, err))
		return -1;
	if (buf_add_text(ret, "/skant"))
		return err_nomem(err);
	if (make_folder(ret->ptr, err))
		return -1;
	if (buf_add_text(ret, "/limits"))
		return err_nomem(err);
	if (make_folder(ret->ptr, err) || check_folder(ret->ptr, err))
		return -1;
	return add_name(ret, profile, kind) ? err_nomem(err) : 0;
}

int message_limits_open(const struct session *s, const char *kind, struct ratelimit **ret, struct err *err)
{
	const struct options *o = s->o;
	const struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = o->rpm,
							   [RATELIMIT_INPUT] = o->itpm,
							   [RATELIMIT_OUTPUT] = o->otpm,
							   [RATELIMIT_DAY] = o->tpd } };
	bool is_asked_for = o->rpm || o->itpm || o->otpm || o->tpd;
	DEFER(buf_done) struct buf path = BUF_INIT(CONFIG_PATH_BYTES);
	struct err why = ERR_INIT;

	*ret = NULL;
	if (message_limits_path(&s->profile, kind, &path, &why) == 0)
		*ret = ratelimit_open(path.ptr, &limits, NULL, &why);
	if (*ret)
		return 0;
	if (!is_asked_for) {
		log_info("what the API says of its limits is not shared with other processes: %s", why.text);
		return 0;
	}
	if (why.kind == ERR_IO || why.kind == ERR_LIMIT)
		why.kind = ERR_CONFIG; /* nothing was sent */
	*err = why;
	return -1;
}
