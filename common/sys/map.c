/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/map.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int cut; /* atomic */

/* A page that is no longer in its file. Puts an empty one in its place, and lets the read go on. Program code is mapped
 * too, but an empty page there is fatal as well: it may not be executed. */
static void on_sigbus(int sig, siginfo_t *info, void *)
{
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE), page = (uintptr_t)info->si_addr & ~(size - 1);
	int kept = errno;
	void *at;

	memcpy(&at, &page, sizeof(at));
	if (info->si_code != BUS_ADRERR ||
	    mmap(at, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
		(void)signal(sig, SIG_DFL); /* the read happens again, and ends the process */
		return;
	}
	__atomic_store_n(&cut, 1, __ATOMIC_RELAXED);
	errno = kept;
}

static void take_sigbus(void)
{
	struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

	(void)sigaction(SIGBUS, &action, NULL);
}

bool map_was_cut(void)
{
	return __atomic_load_n(&cut, __ATOMIC_RELAXED) != 0;
}

int map_file(const char *path, struct view *ret, struct err *err)
{
	DEFER(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct stat st;
	void *at;

	(void)pthread_once(&once, take_sigbus);
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
