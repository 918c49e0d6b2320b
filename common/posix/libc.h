/* SPDX-License-Identifier: Apache-2.0 */
/* What the code uses of glibc that POSIX, macOS or a BSD has not, or has otherwise. Where MODE is portable each file
 * starts with this one (cc -include). The names are macros, so that a function of that name that the system has is left
 * alone: its arguments may be others (qsort_r). */
#ifndef COMMON_POSIX_LIBC_H
#define COMMON_POSIX_LIBC_H

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h> /* getentropy */
#endif

#ifndef _GNU_SOURCE
extern char **environ;
#endif

/* As glibc has them. An order is not kept among what is equal. */
void *libc_reallocarray(void *p, size_t count, size_t size);
void libc_qsort_r(void *items, size_t count, size_t size, int (*compare)(const void *, const void *, void *),
		  void *context);
void *libc_memrchr(const void *bytes, int c, size_t len);
char *libc_strchrnul(const char *text, int c);
__attribute__((format(printf, 2, 3))) int libc_asprintf(char **ret, const char *fmt, ...);
const char *libc_strerrordesc_np(int errnum); /* holds until this thread's next call */
void libc_explicit_bzero(void *bytes, size_t len);
#define reallocarray libc_reallocarray
#define qsort_r libc_qsort_r
#define memrchr libc_memrchr
#define strchrnul libc_strchrnul
#define asprintf libc_asprintf
#define strerrordesc_np libc_strerrordesc_np
#define explicit_bzero libc_explicit_bzero

/* Not in one step: a child that another thread starts in between gets the descriptors. SIGPIPE does not come from the
 * sockets where the system has a switch for that. */
int libc_pipe2(int ret[2], int flags);
int libc_socket(int domain, int type, int protocol);
int libc_socketpair(int domain, int type, int protocol, int ret[2]);
#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC 0x20000000
#define SOCK_NONBLOCK 0x40000000
#endif
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif
#define pipe2 libc_pipe2
#define socket(domain, type, protocol) libc_socket(domain, type, protocol)
#define socketpair(domain, type, protocol, ret) libc_socketpair(domain, type, protocol, ret)

/* For CLOCK_MONOTONIC; by the wall clock, so that who waits has to look whether it is time. */
int libc_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until);
#define pthread_cond_clockwait libc_cond_clockwait
#undef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC

/* Does not wait, whatever wait says: the signal, or -1 with EAGAIN. */
int libc_sigtimedwait(const sigset_t *set, siginfo_t *ret, const struct timespec *wait);
#define sigtimedwait libc_sigtimedwait

#ifdef __APPLE__
#define fdatasync fsync /* there, but not in a header */
#endif

#endif
