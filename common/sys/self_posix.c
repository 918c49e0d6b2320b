/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/self.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/sys/proc.h"

/* Descriptors are looked for below the limit or this: each look is a call. */
#define LOOKED_AT_MAX 65536

static const char *called;

void self_init(const char *argv0)
{
	called = argv0;
}

const char *self_name(void)
{
	const char *slash = called ? strrchr(called, '/') : NULL;

	return slash ? slash + 1 : called ? called : "skant";
}

ssize_t self_path(char ret[static PATH_MAX])
{
	DEFER(buf_done) struct buf found = BUF_INIT(PATH_MAX);

	if (!called || (!strchr(called, '/') && proc_resolve(called, &found)))
		return -1;
	return realpath(found.len ? found.ptr : called, ret) ? (ssize_t)strlen(ret) : -1;
}

unsigned self_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : (unsigned)count;
}

size_t self_resident_bytes(void)
{
	return 0;
}

void self_keep_private(void)
{
}

static int last_descriptor(void)
{
	long limit = sysconf(_SC_OPEN_MAX);

	return (limit < 0 || limit > LOOKED_AT_MAX ? LOOKED_AT_MAX : (int)limit) - 1;
}

int self_close_from(int first)
{
	for (int fd = last_descriptor(); fd >= first; fd--)
		if (close(fd) < 0 && errno != EBADF)
			return -1;
	return 0;
}

/* Those that are open now; ours close by themselves. */
int self_close_in_child(posix_spawn_file_actions_t *actions, int first)
{
	int errnum = 0;

	for (int fd = last_descriptor(); fd >= first && !errnum; fd--) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			errnum = posix_spawn_file_actions_addclose(actions, fd);
	}
	return errnum;
}
