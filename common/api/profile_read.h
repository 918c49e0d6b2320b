/* SPDX-License-Identifier: Apache-2.0 */
/* The files behind profile.h: one file's profiles, laid over what is there. */
#ifndef COMMON_API_PROFILE_READ_H
#define COMMON_API_PROFILE_READ_H

#include "common/api/profile.h"

/* Reads the file, checks all of it, and overrides profile, key by key, by the profile of its name in it. *ret_found
 * becomes true when there was one; it is left alone otherwise. names collects the names of all profiles, a line each,
 * for "did you mean". */
[[nodiscard]] int profile_read(const char *path, struct profile *profile, bool *ret_found, struct buf *names,
			       struct err *err);

/* *text becomes a copy of value. 0, or -1 without memory. */
[[nodiscard]] int profile_set(char **text, const char *value, struct err *err);

#endif
