/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials that come by environment variable. What the process was started with stays readable as a file for root
 * (/proc/PID/environ), for whatever looks there, and would go to programs that are started: so a value is taken out of
 * that block when it is first read, and kept here until the process ends. */
#ifndef COMMON_API_CREDENTIAL_ENV_H
#define COMMON_API_CREDENTIAL_ENV_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Appends the value of the variable, as much as ret has room for; nothing when it is not set or empty. In the
 * environment it is overwritten with NUL bytes, and is empty from then on; here it is the same at each call until the
 * variable is set anew or unset. Safe between threads. 0, or -1 with err (ERR_NOMEM; the variable is as it was). */
[[nodiscard]] int credential_take_env(const char *name, struct buf *ret, struct err *err);

#endif
