/* SPDX-License-Identifier: Apache-2.0 */
/* The feed of type `ingest`: records of local programs, by a stream and a datagram socket. docs/ingest.md describes the
 * protocol.
 *
 * Nothing is acknowledged that is not stored. While the spool takes nothing, nothing is read: the senders wait. Memory
 * is bounded: by what one connection may leave unread, and by what all may together. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/feed/ingest_page.h"
#include "forwarder/feed/ingest_socket.h"

#define NS_PER_MS 1'000'000u
#define TICK_MS 1000u        /* how often lines that do not end are looked at */
#define ONCE_MS 100u         /* without a byte from anybody, until nothing waits */
#define DATAGRAMS_AT_ONCE 64 /* before connections have their turn */
#define TELL_MS 60000u       /* between two messages on refused datagrams */
#define DATAGRAM_SUFFIX ".dgram"

enum { AT_WAKE, AT_STREAM, AT_DATAGRAM, AT_PEERS };

struct ingest {
	const struct feed_env *env;
	struct ingest_socket stream, datagram;
	struct ingest_peer *peers[INGEST_PEERS_MAX];
	size_t peer_count;
	struct ingest_page page;
	char *message; /* one datagram */
	size_t message_cap;
	bool is_blocked;            /* the spool takes nothing now */
	bool is_failing, is_over;   /* the last round ended with an error; since then a record was stored */
	uint64_t accept_ns;         /* not before: there were no descriptors left */
	uint64_t refused_datagrams; /* that nobody was told of yet */
	uint64_t told_ns;           /* when somebody was; 0: all is well */
	char why[ERR_TEXT_BYTES];   /* the last of them */
};

/* --- life --- */

static void ingest_close(void *feed)
{
	struct ingest *f = feed;

	for (size_t i = 0; i < f->peer_count; i++)
		ingest_peer_free(f->peers[i]);
	ingest_socket_close(&f->stream);
	ingest_socket_close(&f->datagram);
	ingest_page_done(&f->page);
	free(f->message);
	free(f);
}

static int open_sockets(struct ingest *f, struct err *err)
{
	const struct settings_feed *s = f->env->settings;
	DEFER(buf_done) struct buf path = BUF_INIT(CONFIG_PATH_BYTES);

	if (buf_addf(&path, "%s" DATAGRAM_SUFFIX, s->socket))
		return err_nomem(err);
	return ingest_socket_open(&f->stream, s->socket, SOCK_STREAM, s->group, err) ||
			       ingest_socket_open(&f->datagram, path.ptr, SOCK_DGRAM, s->group, err)
		       ? -1
		       : 0;
}

static void *ingest_open(const struct feed_env *env, struct err *err)
{
	struct ingest *f = calloc(1, sizeof(*f));

	if (!f) {
		err_nomem(err);
		return NULL;
	}
	f->env = env;
	f->stream.fd = f->datagram.fd = -1;
	ingest_page_init(&f->page, env);
	f->message_cap = (size_t)env->settings->max_record + 2;
	f->message = malloc(f->message_cap);
	if (!f->message)
		err_nomem(err);
	if (!f->message || open_sockets(f, err)) {
		ingest_close(f);
		return NULL;
	}
	return f;
}

static bool is_stopped(const struct ingest *f)
{
	return atomic_load(f->env->stop);
}

/* --- storing --- */

/* Stores what waits. While that does not go, nothing is read. 0 or -1 with err. */
static int store(struct ingest *f, struct err *err)
{
	bool was_blocked = f->is_blocked, has_any = f->page.count > 0;
	int status = ingest_page_store(&f->page, err);

	f->is_blocked = status != 0;
	/* Refused datagrams are over when none have come for some time. */
	f->is_over = f->is_over || (f->is_failing && has_any && !status && !f->told_ns);
	if (status > 0)
		return err_set(err, ERR_LATER, 0, "the spool is full: local programs wait");
	/* It was not their fault. */
	for (size_t i = 0; was_blocked && !status && i < f->peer_count; i++)
		if (f->peers[i]->since_ns)
			f->peers[i]->since_ns = clock_mono_ns();
	return status;
}

/* One line of a connection. */
static int take_line(struct ingest *f, struct ingest_peer *p, struct view line, struct err *err)
{
	struct err why = ERR_INIT;
	int status;

	if (!text_trim(line).len) {
		p->wants_counts = !line.len;
		return 0;
	}
	status = ingest_page_add(&f->page, line, &p->sender, p, &why);
	if (status < 0 && why.kind == ERR_NOMEM) {
		p->is_gone = true; /* not its fault, and not stored: it hears nothing */
		return err_nomem(err);
	}
	if (status < 0)
		ingest_peer_refuse(p, why.text);
	p->counts.ignored += status > 0;
	return 0;
}

/* Takes all whole lines of a connection, and stores whenever there are enough. 0, or -1 with err: then the others stay
 * where they are. */
static int take_lines(struct ingest *f, struct ingest_peer *p, struct err *err)
{
	struct view line;

	while (!is_stopped(f)) {
		/* It asked for counts: of all before, and of nothing behind. */
		if ((ingest_page_is_full(&f->page) || (p->wants_counts && p->waiting)) && store(f, err))
			return -1;
		if (p->wants_counts)
			ingest_peer_tell(p);
		if (!ingest_peer_line(p, &line))
			break;
		if (take_line(f, p, line, err))
			return -1;
	}
	return 0;
}

/* --- datagrams --- */

static bool sender_of(struct msghdr *message, struct ingest_sender *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct ucred who;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&who, CMSG_DATA(c), sizeof(who));
		*ret = (struct ingest_sender){ .uid = who.uid, .gid = who.gid, .pid = who.pid };
		return true;
	}
	return false;
}

static void refuse_datagram(struct ingest *f, const char *why)
{
	f->refused_datagrams++;
	memccpy(f->why, why, '\0', sizeof(f->why) - 1);
}

/* 1 there was one; 0 there is none; -1 with err. */
static int take_datagram(struct ingest *f, struct err *err)
{
	char control[CMSG_SPACE(sizeof(struct ucred))] = { 0 };
	struct iovec bytes = { .iov_base = f->message, .iov_len = f->message_cap };
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(f->datagram.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct ingest_sender sender;
	struct err why = ERR_INIT;
	struct view text;

	if (n < 0)
		return 0;
	text = text_trim(view_from(f->message, (size_t)n));
	if (message.msg_flags & MSG_TRUNC || text.len > f->env->settings->max_record) {
		(void)err_set(&why, ERR_LIMIT, 0, "a record of more than %" PRIu64 " bytes",
			      f->env->settings->max_record);
		refuse_datagram(f, why.text);
	} else if (!sender_of(&message, &sender))
		refuse_datagram(f, "its sender is not known");
	else if (ingest_page_add(&f->page, text, &sender, NULL, &why) < 0) {
		if (why.kind == ERR_NOMEM)
			return err_nomem(err);
		refuse_datagram(f, why.text);
	}
	return 1;
}

static int take_datagrams(struct ingest *f, struct err *err)
{
	int status = 1;

	for (unsigned i = 0; status > 0 && i < DATAGRAMS_AT_ONCE; i++) {
		if (ingest_page_is_full(&f->page) && store(f, err))
			return -1;
		status = take_datagram(f, err);
	}
	return status < 0 ? -1 : 0;
}

/* Nobody hears of a refused datagram but whoever looks after us: at once, then now and then. 0, -1 with err to be told,
 * 1 when it is over. */
static int tell_datagrams(struct ingest *f, bool is_last, struct err *err)
{
	uint64_t now_ns = clock_mono_ns(), count = f->refused_datagrams;

	if (f->env->is_once && !is_last)
		return 0;
	if (f->told_ns && now_ns - f->told_ns < TELL_MS * (uint64_t)NS_PER_MS)
		return 0;
	if (!count) {
		bool is_over = f->told_ns != 0;

		f->told_ns = 0;
		return is_over;
	}
	f->told_ns = now_ns;
	f->refused_datagrams = 0;
	return err_set(err, ERR_FORMAT, 0, "%" PRIu64 " datagrams were refused; the last one: %.800s", count, f->why);
}

/* --- connections --- */

static bool is_past(uint64_t since_ns, uint64_t ms)
{
	return since_ns + ms * NS_PER_MS < clock_mono_ns();
}

/* The one that has been silent for longest, and long enough. */
static size_t find_idle(const struct ingest *f)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < f->peer_count; i++) {
		const struct ingest_peer *p = f->peers[i];

		if (!p->waiting && !ingest_peer_size(p) && is_past(p->active_ns, INGEST_IDLE_MS) &&
		    (found == SIZE_MAX || p->active_ns < f->peers[found]->active_ns))
			found = i;
	}
	return found;
}

static void drop_peer(struct ingest *f, size_t i)
{
	ingest_peer_free(f->peers[i]);
	f->peers[i] = f->peers[--f->peer_count];
}

/* Whether there is a place for one more. */
static bool has_place(struct ingest *f)
{
	size_t idle;

	if (f->peer_count < INGEST_PEERS_MAX)
		return true;
	idle = find_idle(f);
	if (idle != SIZE_MAX)
		drop_peer(f, idle);
	return idle != SIZE_MAX;
}

static void accept_peers(struct ingest *f)
{
	while (has_place(f)) {
		int fd = accept4(f->stream.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct ingest_peer *p;

		if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			f->accept_ns = clock_mono_ns() + TICK_MS * (uint64_t)NS_PER_MS;
		if (fd < 0)
			return;
		p = ingest_peer_new(fd, (size_t)f->env->settings->max_record);
		if (p)
			f->peers[f->peer_count++] = p;
	}
}

static bool is_late(const struct ingest *f, const struct ingest_peer *p)
{
	return (p->since_ns && is_past(p->since_ns, INGEST_LINE_MS) && !f->is_blocked) ||
	       (p->sent < p->out.len && is_past(p->active_ns, INGEST_LINE_MS));
}

/* Says the last words to those that are done, and lets them go. */
static void see_off(struct ingest *f)
{
	for (size_t i = f->peer_count; i-- > 0;) {
		struct ingest_peer *p = f->peers[i];

		if (!p->is_gone && is_late(f, p)) {
			p->line++;
			ingest_peer_refuse(p, "it takes too long");
			ingest_peer_write(p);
			p->is_gone = true;
		}
		if (ingest_peer_is_read(p) && !p->is_gone && !p->waiting && !p->is_told)
			ingest_peer_tell(p);
		ingest_peer_write(p);
		if (!p->waiting && (p->is_gone || (p->is_told && p->sent == p->out.len)))
			drop_peer(f, i);
	}
}

/* --- the loop --- */

/* Beyond what all may leave unread together, only the one is read that has been at it for longest: it comes to an end,
 * of itself or because it takes too long. */
static const struct ingest_peer *only_reader(const struct ingest *f)
{
	const struct ingest_peer *oldest = NULL;
	size_t total = 0;

	for (size_t i = 0; i < f->peer_count; i++) {
		const struct ingest_peer *p = f->peers[i];

		total += ingest_peer_size(p);
		if (p->since_ns && (!oldest || p->since_ns < oldest->since_ns))
			oldest = p;
	}
	return total > INGEST_UNREAD_BYTES ? oldest : NULL;
}

/* Whether lines were left as their sender had to take answers first, which it has done now. */
static bool has_lines(const struct ingest *f)
{
	for (size_t i = 0; i < f->peer_count; i++)
		if (ingest_peer_has_line(f->peers[i]))
			return true;
	return false;
}

static size_t watch(const struct ingest *f, struct pollfd *fds)
{
	const struct ingest_peer *only = only_reader(f);
	bool accepts = f->peer_count < INGEST_PEERS_MAX || find_idle(f) != SIZE_MAX;

	fds[AT_WAKE] = (struct pollfd){ .fd = f->env->wake_fd, .events = POLLIN };
	fds[AT_STREAM] = (struct pollfd){ .fd = accepts && clock_mono_ns() >= f->accept_ns ? f->stream.fd : -1,
					  .events = POLLIN };
	fds[AT_DATAGRAM] = (struct pollfd){ .fd = f->datagram.fd, .events = POLLIN };
	for (size_t i = 0; i < f->peer_count; i++) {
		const struct ingest_peer *p = f->peers[i];
		bool reads = !p->is_eof && p->sent == p->out.len && !ingest_peer_has_line(p) && (!only || only == p);
		short events = (short)((reads ? POLLIN : 0) | (p->sent < p->out.len ? POLLOUT : 0));

		/* Of one that nothing is wanted of, poll would go on telling that it has hung up. */
		fds[AT_PEERS + i] = (struct pollfd){ .fd = events ? p->fd : -1, .events = events };
	}
	return AT_PEERS + f->peer_count;
}

/* How long nothing need be done unless somebody speaks. */
static int wait_of(const struct ingest *f)
{
	uint64_t now_ns = clock_mono_ns(), due_ns = f->page.since_ns + INGEST_PAGE_MS * (uint64_t)NS_PER_MS;

	if (has_lines(f))
		return 0;
	if (f->page.count)
		return due_ns > now_ns ? (int)((due_ns - now_ns) / NS_PER_MS) + 1 : 0;
	if (f->env->is_once)
		return ONCE_MS;
	return f->peer_count || f->accept_ns > now_ns || f->told_ns ? (int)TICK_MS : -1;
}

static bool is_due(const struct ingest *f)
{
	uint64_t due_ns = f->page.since_ns + INGEST_PAGE_MS * (uint64_t)NS_PER_MS;

	if (!f->page.count)
		return false;
	for (size_t i = 0; i < f->peer_count; i++)
		if (f->peers[i]->waiting && ingest_peer_is_read(f->peers[i]))
			return true; /* it waits for its counts */
	return ingest_page_is_full(&f->page) || clock_mono_ns() >= due_ns;
}

/* Reads from those that have something, a piece of each. 0 or -1 with err. */
static int read_all(struct ingest *f, const struct pollfd *fds, size_t count, struct err *err)
{
	for (size_t i = AT_PEERS; i < count; i++) {
		struct ingest_peer *p = f->peers[i - AT_PEERS];

		if (fds[i].revents && fds[i].events & POLLOUT)
			ingest_peer_write(p);
		if (fds[i].revents && fds[i].events & POLLIN)
			ingest_peer_read(p);
	}
	if (fds[AT_DATAGRAM].revents && take_datagrams(f, err))
		return -1;
	/* Last, so that the places of those before stay what they were. */
	if (fds[AT_STREAM].revents)
		accept_peers(f);
	return 0;
}

/* Takes the lines that have come, stores what is due, and sees off who is done. 0 or -1 with err. */
static int work(struct ingest *f, struct err *err)
{
	for (size_t i = 0; i < f->peer_count; i++)
		if (take_lines(f, f->peers[i], err))
			return -1;
	if (is_due(f) && store(f, err))
		return -1;
	see_off(f);
	return 0;
}

/* One turn. 1 go on; 0 nothing waits any more, or it is over; -1 with err. */
static int turn(struct ingest *f, struct err *err)
{
	struct pollfd fds[AT_PEERS + INGEST_PEERS_MAX];
	size_t count;
	int n, status;

	if (work(f, err))
		return -1;
	status = tell_datagrams(f, false, err);
	if (status)
		return status < 0 ? -1 : 0;
	count = watch(f, fds);
	n = poll(fds, (nfds_t)count, wait_of(f));
	if (n < 0 && errno != EINTR)
		return err_set(err, ERR_IO, errno, "cannot wait for local programs");
	if (is_stopped(f) || (n > 0 && fds[AT_WAKE].revents))
		return 0;
	if (n == 0 && f->env->is_once && !f->page.count && !has_lines(f))
		return 0;
	return n > 0 && read_all(f, fds, count, err) ? -1 : 1;
}

/* Until it is stopped, an error comes, or the one before is over. */
static int go_round(struct ingest *f, uint64_t *ret_wait_ms, struct err *err)
{
	int status = 1;

	*ret_wait_ms = INGEST_RETRY_MS;
	f->is_over = false;
	if (f->is_blocked && store(f, err))
		return -1;
	while (status > 0 && !is_stopped(f) && !f->is_over)
		status = turn(f, err);
	if (status == 0 || (status > 0 && f->is_over))
		status = store(f, err);
	if (!f->is_blocked)
		*ret_wait_ms = 1;
	see_off(f);
	return status < 0 || tell_datagrams(f, true, err) < 0 ? -1 : 0;
}

/* The spool takes nothing, or there is no memory: only time helps, or somebody who stops us. */
static int ingest_poll(void *feed, uint64_t *ret_wait_ms, struct err *err)
{
	struct ingest *f = feed;
	int status = go_round(f, ret_wait_ms, err);

	f->is_failing = status < 0;
	return status;
}

static int ingest_check(void *feed, struct buf *report, struct err *err)
{
	const struct settings_feed *s = ((struct ingest *)feed)->env->settings;

	return buf_addf(report, "records are taken on '%s' and, as datagrams, on '%s" DATAGRAM_SUFFIX "'\n", s->socket,
			s->socket)
		       ? err_nomem(err)
		       : 0;
}

const struct feed_ops feed_ingest = {
	.type = "ingest", .open = ingest_open, .poll = ingest_poll, .check = ingest_check, .close = ingest_close
};
