/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int map_file(const char *path, struct view *ret, struct err *err)
{
	DEFER(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *at;

	*ret = VIEW_NONE;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_IO, errno, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, 0, "'%s' is no regular file", path);
	if (st.st_size == 0)
		return 0;
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return err_set(err, ERR_IO, errno, "cannot map '%s'", path);
	*ret = view_from(at, (size_t)st.st_size);
	return 0;
}

static void *address(struct view v)
{
	void *at;

	memcpy(&at, &v.ptr, sizeof(at)); /* ours: map_file made it */
	return at;
}

void map_done(struct view *v)
{
	if (v->len)
		(void)munmap(address(*v), v->len);
	*v = VIEW_NONE;
}

void map_rest(struct view v)
{
	if (v.len)
		(void)madvise(address(v), v.len, MADV_DONTNEED);
}
