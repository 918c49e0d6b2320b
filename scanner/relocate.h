/* SPDX-License-Identifier: Apache-2.0 */
/* Records of one repository of many, named as such. */
#ifndef SCANNER_RELOCATE_H
#define SCANNER_RELOCATE_H

#include "scanner/record.h"

/* Copies of r's records with the repository's name and a slash before each path, and as the findings' repository; what
 * has no path gets the name. r is freed when it went well. NULL when there is no memory. */
[[nodiscard]] struct records *records_relocate(struct records *r, const char *repository);

#endif
