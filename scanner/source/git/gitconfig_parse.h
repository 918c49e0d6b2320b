/* SPDX-License-Identifier: Apache-2.0 */
/* The text of one configuration file, and the keys and values that the environment holds. */
#ifndef SCANNER_SOURCE_GIT_GITCONFIG_PARSE_H
#define SCANNER_SOURCE_GIT_GITCONFIG_PARSE_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Called for each variable in order. value is NULL when the name stands alone. 0 to go on, or -1 with err. */
typedef int gitconfig_take(void *context, const char *key, const char *value, unsigned line, struct err *err);

/* Reads text, which err calls name. 0, or -1 with err: what take said, or ERR_CONFIG with name and line. */
[[nodiscard]] int gitconfig_parse(struct view text, const char *name, gitconfig_take *take, void *context,
				  struct err *err);

/* Appends key in its canonical form. 0, or -1 with ERR_CONFIG when it is none. */
[[nodiscard]] int gitconfig_canonical(struct view key, struct buf *out, struct err *err);

/* Reads the text of GIT_CONFIG_PARAMETERS: 'key'='value' and 'key=value', quoted for a shell. 0 or -1 with err. */
[[nodiscard]] int gitconfig_parse_parameters(struct view text, gitconfig_take *take, void *context, struct err *err);

#endif
