/* SPDX-License-Identifier: Apache-2.0 */
/* What all reports in SARIF 2.1.0 (OASIS, sarif-v2.1.0-os) share. Section numbers are those of the standard. */
#ifndef COMMON_SYS_SARIF_H
#define COMMON_SYS_SARIF_H

#include "common/sys/jsonw.h"

#define SARIF_SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define SARIF_VERSION "2.1.0"

/* A member { "text": ... }, with braces doubled: in a message they would be placeholders (3.11.5). */
void sarif_member_message(struct jsonw *w, const char *key, struct view text);

#endif
