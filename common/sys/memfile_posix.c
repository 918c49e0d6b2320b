/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/memfile.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/base.h"

/* As some systems want it: one slash, 31 bytes at most. */
static int open_shared(void)
{
	uint64_t number;
	char name[32];
	int fd;

	if (getentropy(&number, sizeof(number)))
		return -1;
	(void)snprintf(name, sizeof(name), "/skant-%016llx", (unsigned long long)number);
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
	if (fd >= 0)
		(void)shm_unlink(name);
	return fd;
}

/* POSIX promises mapping it only. */
static bool is_like_a_file(int fd)
{
	return write(fd, "", 1) == 1 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0;
}

static int open_temporary(void)
{
	const char *folder = getenv("TMPDIR");
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/skant-XXXXXX", folder && *folder ? folder : "/tmp") >= (int)sizeof(path))
		return -1;
	fd = mkstemp(path);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

int memfile_open(void)
{
	int fd = open_shared();

	if (fd >= 0 && !is_like_a_file(fd))
		closep(&fd);
	else if (fd >= 0)
		return fd;
	fd = open_temporary();
	if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int memfile_seal(int)
{
	return 0;
}
