/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, as a kind for the program and one complete sentence for a person.
 *
 * Functions that can fail return 0 or a negative number and take a struct err last. Library code fills it, program
 * code prints it once. The text says what was being done and to what; it never holds a secret, and control bytes in
 * it are shown as \xNN, so that a file name cannot write to the terminal. */
#ifndef COMMON_BASE_ERR_H
#define COMMON_BASE_ERR_H

#include "common/base/base.h"
#include "common/base/bounds.h"

enum err_kind {
	ERR_NONE,
	ERR_USAGE,   /* the command line or the environment is wrong */
	ERR_CONFIG,  /* a configuration or rule file is wrong */
	ERR_IO,      /* the system refused; errnum says how */
	ERR_NOMEM,   /* no memory */
	ERR_LIMIT,   /* a limit of bounds.h or of the user was reached */
	ERR_FORMAT,  /* data is not what its format demands */
	ERR_REFUSED, /* a server understood the request and said no */
	ERR_LATER,   /* a server or the network could not now; the same may go through later */
	ERR_INTERNAL,
};

struct err {
	enum err_kind kind;
	int errnum; /* errno of an ERR_IO, else 0 */
	char text[ERR_TEXT_BYTES];
};

#define ERR_INIT                                                                                                       \
	{                                                                                                              \
		.kind = ERR_NONE                                                                                       \
	}

/* Fills err (which may be NULL) and returns -1, so that `return err_set(…)` is the usual form. errnum, unless 0, is
 * appended as `: strerror`. A text that is too long ends in "...". */
PRINTF_LIKE(4, 5)
int err_set(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...);

/* Puts "prefix: " before the text that is there; returns -1. */
PRINTF_LIKE(2, 3)
int err_prefix(struct err *err, const char *fmt, ...);

/* err_set for the one message that needs no memory. */
int err_nomem(struct err *err);

#endif
