/* SPDX-License-Identifier: Apache-2.0 */
/* Ignore files, .skantignore and .gitleaksignore: what is listed in them. */
#ifndef SCANNER_SUPPRESS_IGNORED_H
#define SCANNER_SUPPRESS_IGNORED_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct ignored {      /* all zero is empty */
	char **items; /* fingerprints and secret ids; sorted by bytes */
	size_t count, cap;
};

/* See suppress_read. */
[[nodiscard]] int ignored_read(struct ignored *i, const char *path, void (*note)(const char *text), struct err *err);
bool ignored_has(const struct ignored *i, const char *text);
void ignored_done(struct ignored *i);

#endif
