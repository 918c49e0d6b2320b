/* SPDX-License-Identifier: Apache-2.0 */
#include "common/posix/libc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define ERROR_BYTES 256
#define NS_PER_S 1000000000

void *libc_reallocarray(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

static void swap(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char kept = a[i];

		a[i] = b[i];
		b[i] = kept;
	}
}

struct sorting {
	char *items;
	size_t size;
	int (*compare)(const void *, const void *, void *);
	void *context;
};

static bool is_less(const struct sorting *s, size_t a, size_t b)
{
	return s->compare(s->items + a * s->size, s->items + b * s->size, s->context) < 0;
}

static void sift(const struct sorting *s, size_t at, size_t count)
{
	for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
		if (child + 1 < count && is_less(s, child, child + 1))
			child++;
		if (!is_less(s, at, child))
			return;
		swap(s->items + at * s->size, s->items + child * s->size, s->size);
		at = child;
	}
}

/* A heap (Knuth 3, section 5.2.3): no memory, and no order of the items that takes long. */
void libc_qsort_r(void *items, size_t count, size_t size, int (*compare)(const void *, const void *, void *),
		  void *context)
{
	const struct sorting s = { .items = items, .size = size, .compare = compare, .context = context };

	for (size_t at = count / 2; at-- > 0;)
		sift(&s, at, count);
	for (size_t last = count; last-- > 1;) {
		swap(s.items, s.items + last * size, size);
		sift(&s, 0, last);
	}
}

/* What is searched is const; what is found is not, as in memchr. */
static void *unconst(const void *p)
{
	return (void *)(uintptr_t)p;
}

void *libc_memrchr(const void *bytes, int c, size_t len)
{
	const unsigned char *at = bytes;

	while (len-- > 0)
		if (at[len] == (unsigned char)c)
			return unconst(at + len);
	return NULL;
}

char *libc_strchrnul(const char *text, int c)
{
	const char *found = strchr(text, c);

	return unconst(found ? found : text + strlen(text));
}

int libc_asprintf(char **ret, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	*ret = len < 0 ? NULL : malloc((size_t)len + 1);
	if (!*ret)
		return -1;
	va_start(args, fmt);
	len = vsnprintf(*ret, (size_t)len + 1, fmt, args);
	va_end(args);
	return len;
}

const char *libc_strerrordesc_np(int errnum)
{
	static _Thread_local char text[ERROR_BYTES];

	return strerror_r(errnum, text, sizeof(text)) == 0 ? text : NULL;
}

/* The compiler does not know which function it is, and so cannot leave it out. */
void libc_explicit_bzero(void *bytes, size_t len)
{
	static void *(*const volatile set)(void *, int, size_t) = memset;

	(void)set(bytes, 0, len);
}

static int set_flags(int fd, bool cloexec, bool nonblock)
{
	int flags = nonblock ? fcntl(fd, F_GETFL) : 0;

	if ((cloexec && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) || flags < 0)
		return -1;
	return nonblock ? fcntl(fd, F_SETFL, flags | O_NONBLOCK) : 0;
}

static int close_all(const int *fds, size_t count)
{
	int errnum = errno;

	for (size_t i = 0; i < count; i++)
		(void)close(fds[i]);
	errno = errnum;
	return -1;
}

int libc_pipe2(int ret[2], int flags)
{
	if (pipe(ret) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (set_flags(ret[i], flags & O_CLOEXEC, flags & O_NONBLOCK))
			return close_all(ret, 2);
	return 0;
}

static int set_up(const int *fds, size_t count, int type)
{
	for (size_t i = 0; i < count; i++) {
#ifdef SO_NOSIGPIPE
		const int on = 1;

		(void)setsockopt(fds[i], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
		if (set_flags(fds[i], type & SOCK_CLOEXEC, type & SOCK_NONBLOCK))
			return close_all(fds, count);
	}
	return 0;
}

int libc_socket(int domain, int type, int protocol)
{
	int fd = (socket)(domain, type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK), protocol);

	return fd < 0 || set_up(&fd, 1, type) ? -1 : fd;
}

int libc_socketpair(int domain, int type, int protocol, int ret[2])
{
	if ((socketpair)(domain, type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK), protocol, ret))
		return -1;
	return set_up(ret, 2, type);
}

int libc_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
	struct timespec now, end;
	int64_t left_ns;

	if (clock_gettime(clock, &now) || clock_gettime(CLOCK_REALTIME, &end))
		return errno;
	left_ns = (int64_t)(until->tv_sec - now.tv_sec) * NS_PER_S + until->tv_nsec - now.tv_nsec;
	left_ns = left_ns < 0 ? end.tv_nsec : left_ns + end.tv_nsec;
	end.tv_sec += (time_t)(left_ns / NS_PER_S);
	end.tv_nsec = (long)(left_ns % NS_PER_S);
	return pthread_cond_timedwait(cond, mutex, &end);
}

int libc_sigtimedwait(const sigset_t *set, siginfo_t *ret, const struct timespec *wait)
{
	sigset_t pending;
	int found;

	(void)ret;
	(void)wait;
	if (sigpending(&pending))
		return -1;
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(set, sig) == 1 && sigismember(&pending, sig) == 1 && sigwait(set, &found) == 0)
			return found;
	errno = EAGAIN;
	return -1;
}
