/* SPDX-License-Identifier: Apache-2.0 */
/* An object that is worth a second look. */
#ifndef SCANNER_SOURCE_GIT_SUSPECT_H
#define SCANNER_SOURCE_GIT_SUSPECT_H

#include "scanner/source/git/object.h"

struct suspect {
	struct oid id; /* first: it is what lists are sorted by */
	enum object_type type;
	const struct packfile *pack; /* that it was met in; NULL: loose */
};

#endif
