/* SPDX-License-Identifier: Apache-2.0 */
/* Commands whose table entry is there before they are. */
#include "admin/cmd.h"

int cmd_access_review(struct session *, char **, size_t, struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "`access review` is not there yet");
}
