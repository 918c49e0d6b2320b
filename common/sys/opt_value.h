/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: what they hold, or an ERR_USAGE that names the option and says what was expected. */
#ifndef COMMON_SYS_OPT_VALUE_H
#define COMMON_SYS_OPT_VALUE_H

#include <stdint.h>

#include "common/base/err.h"

/* A whole number from least to most. name: the option's, without dashes. 0 or -1. */
[[nodiscard]] int opt_number(const char *name, const char *value, uint64_t least, uint64_t most, uint64_t *ret,
			     struct err *err);

/* ERR_USAGE: value is none of words, which have spaces between them. -1. */
int opt_refuse_word(const char *name, const char *words, const char *value, struct err *err);

/* A time with its zone (RFC 3339), or a date, which is its midnight in UTC: seconds since 1970 and nanoseconds. 0 or
 * -1. */
[[nodiscard]] int opt_time(const char *name, const char *value, int64_t *ret_s, uint32_t *ret_ns, struct err *err);

#endif
