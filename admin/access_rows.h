/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of an access review as JSON objects, and which of them are shown. */
#ifndef ADMIN_ACCESS_ROWS_H
#define ADMIN_ACCESS_ROWS_H

#include "common/policy/accessaudit.h"

#define ACCESS_SHOW_WORDS "all people admins invites service-accounts findings violations"

/* Whether a row belongs to what `--show` names: one of ACCESS_SHOW_WORDS; NULL: all. 0 or 1, or -1 with ERR_USAGE. */
[[nodiscard]] int access_shows(const struct access_row *row, const char *show, struct err *err);

/* Appends the row's object; with_text: and "code" and "message" with all that was found, for tables. 0, or -1 with
 * ERR_NOMEM. */
[[nodiscard]] int access_add_object(const struct access_review *review, const struct access_row *row, bool with_text,
				    struct buf *buf, struct err *err);

/* Whether one of the row's codes is a violation. */
bool access_is_violation(const struct access_row *row);

#endif
