/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: makes the n-th allocation of the program $TORTURE_PROGRAM fail, or its n-th call that reads, maps or
 * writes. $TORTURE_STATE is a file with a struct state, which all processes of that program share: what is to fail is
 * read there, and how many calls there were is written there. It is mapped before main, so that a program may give up
 * all its rights. tests/torture/run is what uses it. */
#undef _FORTIFY_SOURCE /* whose inline forms of the calls clang would take these for */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { ALLOCATION, IO };

struct state {
	int64_t n;       /* the call that fails; 0 = none does */
	int64_t forever; /* and all behind it */
	int64_t kind;    /* enum kind */
	int64_t errnum;  /* what failing calls of kind IO say */
	int64_t count;   /* calls of this kind that there were */
	int64_t failed;  /* how many of them failed */
	int64_t caller;  /* of the first that failed: its place in the program, or 0 if a library called */
};

static struct state *state;
static uintptr_t program_start, program_end;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
/* What fortified programs call. */
ssize_t __read_chk(int fd, void *to, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *to, size_t len, off_t at, size_t room);

/* Where the program itself is in memory, by the first lines of /proc/self/maps. */
static void find_program(void)
{
	char text[8192];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *line = text, *path;

	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return;
	text[len] = '\0';
	path = strchr(text, '/');
	if (!path)
		return;
	path = strndup(path, strcspn(path, "\n"));
	program_start = strtoul(text, NULL, 16);
	for (; path && line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line + strcspn(line, "/\n"), path, strlen(path)) == 0)
			program_end = strtoul(line + strcspn(line, "-") + 1, NULL, 16);
	free(path);
}

[[gnu::constructor]] static void start(void)
{
	const char *program = getenv("TORTURE_PROGRAM"), *path = getenv("TORTURE_STATE");
	void *mapped;
	int fd;

	if (!program || !path || strcmp(program, program_invocation_short_name) != 0)
		return;
	find_program();
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped != MAP_FAILED)
		state = mapped;
}

static int fails(enum kind kind, void *from)
{
	uintptr_t caller = (uintptr_t)from;
	int64_t count;

	if (!state || state->kind != (int64_t)kind)
		return 0;
	count = __atomic_add_fetch(&state->count, 1, __ATOMIC_RELAXED);
	if (!state->n || count < state->n || (count > state->n && !state->forever))
		return 0;
	if (__atomic_add_fetch(&state->failed, 1, __ATOMIC_RELAXED) == 1 && caller >= program_start &&
	    caller < program_end)
		state->caller = (int64_t)(caller - program_start);
	errno = kind == IO ? (int)state->errnum : ENOMEM;
	return 1;
}

#define HERE __builtin_return_address(0)

void *malloc(size_t size)
{
	return fails(ALLOCATION, HERE) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(ALLOCATION, HERE) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails(ALLOCATION, HERE) ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return fails(ALLOCATION, HERE) ? NULL : __libc_realloc(old, bytes);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails(ALLOCATION, HERE) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
	void *got = fails(ALLOCATION, HERE) ? NULL : __libc_memalign(alignment, size);

	if (!got)
		return ENOMEM;
	*ret = got;
	return 0;
}

char *strndup(const char *text, size_t len)
{
	size_t bytes = strnlen(text, len);
	char *ret = fails(ALLOCATION, HERE) ? NULL : __libc_malloc(bytes + 1);

	if (!ret)
		return NULL;
	memcpy(ret, text, bytes);
	ret[bytes] = '\0';
	return ret;
}

char *strdup(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *ret = fails(ALLOCATION, HERE) ? NULL : __libc_malloc(bytes);

	return ret ? memcpy(ret, text, bytes) : NULL;
}

/* Whether what fd is of may have the errors of a disk. A socket has others, and what the kernel makes for programs to
 * wake themselves by (eventfd, signalfd: no type of file at all) never fails so. Pipes do here, as standard output may
 * be a file as well. fd -1: it is not known. */
static int may_fail(int fd)
{
	int before = errno;
	struct stat st;
	int ret = fd < 0 || (fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) && !S_ISSOCK(st.st_mode));

	errno = before;
	return ret;
}

/* Calls the C library's own NAME, or fails with -1. FD: what it reads or writes; -1 = no descriptor of its own. */
#define IO_CALL(TYPE, NAME, FD, PARAMETERS, ...)                                                                       \
	TYPE NAME PARAMETERS                                                                                           \
	{                                                                                                              \
		typedef TYPE fn PARAMETERS;                                                                            \
		static fn *own;                                                                                        \
		if (!own)                                                                                              \
			own = __extension__(fn *) dlsym(RTLD_NEXT, #NAME);                                             \
		return may_fail(FD) && fails(IO, HERE) ? (TYPE)-1 : own(__VA_ARGS__);                                  \
	}

IO_CALL(ssize_t, read, fd, (int fd, void *to, size_t len), fd, to, len)
IO_CALL(ssize_t, pread, fd, (int fd, void *to, size_t len, off_t at), fd, to, len, at)
IO_CALL(ssize_t, write, fd, (int fd, const void *from, size_t len), fd, from, len)
IO_CALL(ssize_t, pwrite, fd, (int fd, const void *from, size_t len, off_t at), fd, from, len, at)
IO_CALL(ssize_t, writev, fd, (int fd, const struct iovec *from, int count), fd, from, count)
IO_CALL(int, fsync, fd, (int fd), fd)
IO_CALL(int, fdatasync, fd, (int fd), fd)
IO_CALL(int, ftruncate, fd, (int fd, off_t len), fd, len)
IO_CALL(int, rename, -1, (const char *from, const char *to), from, to)
IO_CALL(int, renameat, -1, (int a, const char *from, int b, const char *to), a, from, b, to)
IO_CALL(void *, mmap, fd, (void *at, size_t len, int prot, int flags, int fd, off_t off), at, len, prot, flags, fd, off)
IO_CALL(ssize_t, __read_chk, fd, (int fd, void *to, size_t len, size_t room), fd, to, len, room)
IO_CALL(ssize_t, __pread_chk, fd, (int fd, void *to, size_t len, off_t at, size_t room), fd, to, len, at, room)
