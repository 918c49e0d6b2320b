/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/resolve.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "forwarder/sink/wait.h"

#define PORT_BYTES 6 /* "65535" */

/* Shared by the resolver and the thread that asks; whoever lets go of it last frees it. */
struct question {
	pthread_mutex_t mutex;
	unsigned holders;
	int done_fd; /* readable: answered */
	struct addrinfo *answer;
	int status; /* getaddrinfo's */
	int errnum;
	char *host;
	char port[PORT_BYTES];
	int socktype;
};

struct resolver {
	char *host;
	uint16_t port;
	int socktype;
	struct question *question; /* that is being asked; NULL: none */
};

static void let_go(struct question *q)
{
	bool is_last;

	pthread_mutex_lock(&q->mutex);
	is_last = --q->holders == 0;
	pthread_mutex_unlock(&q->mutex);
	if (!is_last)
		return;
	if (q->answer)
		freeaddrinfo(q->answer);
	pthread_mutex_destroy(&q->mutex);
	closep(&q->done_fd);
	free(q->host);
	free(q);
}

struct resolver *resolver_new(const char *host, uint16_t port, int socktype)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->host = strdup(host);
	r->port = port;
	r->socktype = socktype;
	if (!r->host) {
		free(r);
		return NULL;
	}
	return r;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	if (r->question)
		let_go(r->question);
	free(r->host);
	free(r);
}

/* Asks, and says so. */
static void look_up(struct question *q, int flags)
{
	const struct addrinfo hints = { .ai_socktype = q->socktype, .ai_flags = flags | AI_NUMERICSERV };
	const uint64_t one = 1;
	struct addrinfo *answer = NULL;
	int status = getaddrinfo(q->host, q->port, &hints, &answer), errnum = errno;

	pthread_mutex_lock(&q->mutex);
	q->answer = status ? NULL : answer;
	q->status = status;
	q->errnum = errnum;
	pthread_mutex_unlock(&q->mutex);
	if (!status || !(flags & AI_NUMERICHOST))
		(void)!write(q->done_fd, &one, sizeof(one));
}

static void *ask(void *question)
{
	look_up(question, AI_ADDRCONFIG);
	let_go(question);
	return NULL;
}

static struct question *question_new(const struct resolver *r, struct err *err)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q) {
		err_nomem(err);
		return NULL;
	}
	pthread_mutex_init(&q->mutex, NULL);
	q->holders = 1;
	q->socktype = r->socktype;
	q->done_fd = eventfd(0, EFD_CLOEXEC);
	q->host = strdup(r->host);
	(void)snprintf(q->port, sizeof(q->port), "%u", (unsigned)r->port);
	if (q->done_fd < 0)
		(void)err_set(err, ERR_IO, errno, "cannot make an eventfd");
	else if (!q->host)
		(void)err_nomem(err);
	else
		return q;
	let_go(q);
	return NULL;
}

/* The thread takes no signals: they are for the one that waits for them. */
static int start(struct question *q, struct err *err)
{
	sigset_t all, old;
	pthread_t thread;
	int errnum;

	q->holders++;
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	errnum = pthread_create(&thread, NULL, ask, q);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (errnum) {
		q->holders--;
		return err_set(err, ERR_IO, errnum, "cannot start a thread to look up '%s'", q->host);
	}
	(void)pthread_detach(thread);
	return 0;
}

/* What was answered; the question is over. */
static struct addrinfo *take_answer(struct resolver *r, struct err *err)
{
	struct question *q = r->question;
	struct addrinfo *answer;

	pthread_mutex_lock(&q->mutex);
	answer = TAKE(q->answer);
	pthread_mutex_unlock(&q->mutex);
	if (!answer && q->status == EAI_SYSTEM)
		(void)err_set(err, ERR_LATER, q->errnum, "cannot look up '%s'", r->host);
	else if (!answer)
		(void)err_set(err, ERR_LATER, 0, "cannot look up '%s': %s", r->host, gai_strerror(q->status));
	let_go(q);
	r->question = NULL;
	return answer;
}

/* A number is an answer by itself; for a name the thread is started. 0 or -1. */
static int begin(struct resolver *r, struct err *err)
{
	r->question = question_new(r, err);
	if (!r->question)
		return -1;
	look_up(r->question, AI_NUMERICHOST);
	if (r->question->answer || start(r->question, err) == 0)
		return 0;
	let_go(r->question);
	r->question = NULL;
	return -1;
}

struct addrinfo *resolver_ask(struct resolver *r, const struct sink_env *env, uint64_t until_ns, struct err *err)
{
	if (!r->question && begin(r, err))
		return NULL;
	switch (wait_fd(env, r->question->done_fd, POLLIN, until_ns)) {
	case WAIT_READY:
		return take_answer(r, err);
	case WAIT_STOP:
		(void)err_set(err, ERR_LATER, 0, "stopped while looking up '%s'", r->host);
		return NULL;
	case WAIT_TIME:
		break;
	}
	(void)err_set(err, ERR_LATER, 0, "cannot look up '%s': nobody has answered yet", r->host);
	return NULL;
}
