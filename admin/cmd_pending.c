/* SPDX-License-Identifier: Apache-2.0 */
/* Commands whose table entry is there before they are. */
#include "admin/cmd.h"

int cmd_access_review(struct session *, char **, size_t, struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "`access review` is not there yet");
}

int cmd_message_send(struct session *, char **, size_t, struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "`message send` is not there yet");
}

int cmd_message_count(struct session *, char **, size_t, struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "`message count` is not there yet");
}
