/* SPDX-License-Identifier: Apache-2.0 */
/* Options whose values go to the API as they are: checked before anything is asked or sent, and refused in the words of
 * the command line. */
#ifndef ADMIN_GIVEN_H
#define ADMIN_GIVEN_H

#include "admin/session.h"

struct given {
	const char *option; /* long name, without dashes */
	enum api_operation operation;
	const char *parameter; /* of the operation */
	const char *prefix;    /* that the API's words have, and the option's may lack; or NULL */
};

/* Whether the session's dialect takes the value (NULL: not given, which it does). 0, or -1 with ERR_USAGE: the dialect
 * lacks the operation, the parameter, or the word, whose known ones are told. */
[[nodiscard]] int given_check(const struct session *s, const struct given *given, const char *value, struct err *err);
[[nodiscard]] int given_check_all(const struct session *s, const struct given *given, const struct texts *values,
				  struct err *err);

#endif
