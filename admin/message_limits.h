/* SPDX-License-Identifier: Apache-2.0 */
/* The rate limits that a user's processes share. */
#ifndef ADMIN_MESSAGE_LIMITS_H
#define ADMIN_MESSAGE_LIMITS_H

#include "admin/session.h"
#include "common/api/ratelimit.h"

/* Appends the path of the file that counts a kind of calls ("messages", "counts"), and makes its folder:
 *
 *	$XDG_STATE_HOME/skant/limits/KIND-DIGEST	(~/.local/state, XDG Base Directory Specification)
 *
 * DIGEST is of base URL and profile: what has other credentials has other limits. It is not in $XDG_RUNTIME_DIR, which
 * is emptied when the user logs out, for a day's tokens count longer. 0; -1 with ERR_CONFIG or ERR_IO: there is no such
 * place, or others may write there. */
[[nodiscard]] int message_limits_path(const struct profile *profile, const char *kind, struct buf *ret,
				      struct err *err);

/* Opens them with the limits of the options. Where the file cannot be used and no limit was asked for, *ret is NULL:
 * what the server says is known to this process alone then. 0 or -1. */
[[nodiscard]] int message_limits_open(const struct session *s, const char *kind, struct ratelimit **ret,
				      struct err *err);

#endif
