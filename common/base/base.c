/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void freep(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;

	free(*p);
	*p = NULL;
}

void closep(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}
