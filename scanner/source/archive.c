/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/archive.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/peer.h"
#include "scanner/source/archive_words.h"
#include "scanner/source/member.h"
#include "scanner/source/unpackfind.h"
#include "scanner/source/unpackreply.h"
#include "scanner/source/ziplist.h"

#define PATH_BYTES (1u << 20)
#define LOOK_MS 100 /* between two looks at whether the scan is to end */
#define END_MS 200  /* that a skant-unpack has to end by itself */
#define NS_PER_MS 1'000'000u
#define REPLY_BYTES (8u * UNPACK_FRAME_BYTES)

_Static_assert(REPLY_BYTES >= ZIPLIST_TAIL_BYTES, "the list of a zip is found in it");

/* One thread's skant-unpack. */
struct opener {
	struct peer peer;
	char *reply;  /* REPLY_BYTES */
	char *window; /* SCAN_WINDOW_BYTES */
};

struct archives {
	struct archives_options o;
	struct buf program; /* its path; or, when there is none, where it was looked for */
	bool is_missing;
	bool has_told; /* that it is */
	pthread_mutex_t lock;
	struct opener *openers; /* one a thread */
};

struct scan {
	struct archives *a;
	struct opener *opener;
	const struct archive_taker *taker;
	struct unpack_request asked;
	struct unpackreply reply;
	struct member member;
	bool in_member; /* its last piece has not been handed on */
	bool is_broken; /* not all of the container could be gone through */
	bool failed;    /* memory ran out */
	bool is_stopped;
};

struct archives *archives_new(const struct archives_options *options, struct err *err)
{
	struct archives *a = calloc(1, sizeof(*a));

	if (!a) {
		(void)err_nomem(err);
		return NULL;
	}
	a->o = *options;
	a->program = (struct buf)BUF_INIT(PATH_BYTES);
	(void)pthread_mutex_init(&a->lock, NULL);
	a->openers = calloc(options->jobs, sizeof(*a->openers));
	a->is_missing = unpack_find(&a->program) != 0;
	if (!a->openers || a->program.len == 0) {
		archives_freep(&a);
		(void)err_nomem(err);
		return NULL;
	}
	for (unsigned i = 0; i < options->jobs; i++)
		a->openers[i].peer = (struct peer)PEER_INIT;
	return a;
}

static void free_pages(char *at, size_t len)
{
	if (at)
		(void)munmap(at, len); /* the kernel clears pages before anybody else gets them */
}

void archives_freep(struct archives **at)
{
	struct archives *a = *at;

	*at = NULL;
	if (!a)
		return;
	for (unsigned i = 0; a->openers && i < a->o.jobs; i++) {
		(void)peer_end(&a->openers[i].peer, END_MS);
		free_pages(a->openers[i].reply, REPLY_BYTES);
		free_pages(a->openers[i].window, SCAN_WINDOW_BYTES);
	}
	free(a->openers);
	buf_done(&a->program);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}

/* Of the member at hand, or of the container as a whole. */
static void tell(struct scan *s, const struct item *item, enum unread reason, const char *text)
{
	s->taker->unread(s->taker->context, item, reason, text);
}

static void tell_container(struct scan *s, enum unread reason, const char *text)
{
	s->is_broken |= reason != UNREAD_ENCRYPTED; /* of that, bytes tell nothing */
	tell(s, s->member.container, reason, text);
}

static void hand_on(struct scan *s)
{
	s->taker->piece(s->taker->context, &s->member.item, &s->member.piece);
}

static void take_entry(void *context, struct view path, size_t own_len)
{
	struct scan *s = context;

	s->failed |= member_name(&s->member, path, own_len) != 0;
	member_start(&s->member);
	s->in_member = true;
}

static void take_data(void *context, struct view bytes)
{
	struct scan *s = context;

	while (!s->failed && member_add(&s->member, &bytes))
		hand_on(s);
}

static void take_end(void *context)
{
	struct scan *s = context;

	if (!s->in_member)
		return;
	s->in_member = false;
	member_finish(&s->member);
	if (!s->failed)
		hand_on(s);
}

static void take_unread(void *context, struct view path, size_t own_len, enum unpack_trouble trouble, struct view text)
{
	DEFER(buf_done) struct buf words = BUF_INIT(ERR_TEXT_BYTES);
	struct scan *s = context;

	if (archive_add_words(&words, trouble, &s->asked, text) || (path.len && member_name(&s->member, path, own_len)))
		s->failed = true;
	else if (path.len)
		tell(s, &s->member.item, archive_reason(trouble), words.len ? words.ptr : NULL);
	else
		tell_container(s, archive_reason(trouble), words.len ? words.ptr : NULL);
}

static const struct unpackreply_ops ops = {
	.entry = take_entry, .data = take_data, .end = take_end, .unread = take_unread
};

static char *get_pages(char **at, size_t len)
{
	void *p = *at;

	if (!p)
		p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return *at = p == MAP_FAILED ? NULL : p;
}

/* Says what the thread's skant-unpack came to, and ends it: the next container gets a new one. */
static void give_up(struct scan *s, bool has_ended, const char *why)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	int status = peer_end(&s->opener->peer, has_ended ? END_MS : 0);

	take_end(s);
	if (has_ended && WIFSIGNALED(status))
		why = WTERMSIG(status) == SIGSYS    ? UNPACK_PROGRAM " was ended for a call that it may not make"
		      : WTERMSIG(status) == SIGPROF ? UNPACK_PROGRAM " computed for too long without a result"
						    : NULL;
	if (why ? buf_add_text(&text, why)
		: buf_addf(&text, UNPACK_PROGRAM " was ended by signal %d while it read it", WTERMSIG(status)))
		s->failed = true;
	else
		tell_container(s, UNREAD_CORRUPT, text.ptr);
}

static int start(struct scan *s)
{
	struct err err = ERR_INIT;

	if (s->opener->peer.pid || peer_start(&s->opener->peer, s->a->program.ptr, &err) == 0)
		return 0;
	tell_container(s, UNREAD_UNREADABLE, err.text);
	return -1;
}

/* Hands the container over; to a new skant-unpack when the one that was there has gone meanwhile. */
static int ask(struct scan *s, int fd)
{
	struct view message = view_from(&s->asked, sizeof(s->asked));

	for (unsigned try = 0; try < 2; try++) {
		if (start(s))
			return -1;
		if (peer_send(&s->opener->peer, message, fd) == 0)
			return 0;
		(void)peer_end(&s->opener->peer, END_MS);
	}
	tell_container(s, UNREAD_UNREADABLE, UNPACK_PROGRAM " ends before it is asked anything");
	return -1;
}

/* Takes what has come: 0, 1 when all has, -1 when skant-unpack has been given up. */
static int take_reply(struct scan *s, size_t *held, size_t more)
{
	struct view bytes = view_from(s->opener->reply, *held + more);
	struct err err = ERR_INIT;
	int status = unpackreply_take(&s->reply, &bytes, &err);

	if (status < 0)
		give_up(s, false, err.text);
	else
		memmove(s->opener->reply, bytes.ptr, bytes.len);
	*held = bytes.len;
	return status;
}

static void hear_out(struct scan *s)
{
	uint64_t heard_ns = clock_mono_ns();
	size_t held = 0;

	for (int status = 0; status == 0;) {
		ssize_t n = peer_receive(&s->opener->peer, s->opener->reply + held, REPLY_BYTES - held, LOOK_MS);

		if (n > 0) {
			heard_ns = 0;
			status = take_reply(s, &held, (size_t)n);
		} else if (n == 0 || errno != EAGAIN) {
			give_up(s, true, UNPACK_PROGRAM " ended while it read it");
			return;
		} else if (heard_ns == 0) {
			heard_ns = clock_mono_ns();
		} else if (clock_mono_ns() - heard_ns > (uint64_t)ARCHIVE_STALL_MS * NS_PER_MS) {
			give_up(s, false, UNPACK_PROGRAM " came no further with it and was ended");
			return;
		}
		if (status == 0 && s->taker->stopped(s->taker->context)) {
			s->is_stopped = true;
			take_end(s);
			(void)peer_end(&s->opener->peer, 0);
			tell_container(s, UNREAD_INTERRUPTED, NULL);
			return;
		}
	}
}

/* Said once in words, and counted for each container. */
static void tell_missing(struct scan *s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PATH_BYTES);
	struct archives *a = s->a;
	bool is_first;

	pthread_mutex_lock(&a->lock);
	is_first = !a->has_told;
	a->has_told = true;
	pthread_mutex_unlock(&a->lock);
	if (is_first && a->o.warn &&
	    buf_addf(&text, UNPACK_PROGRAM ", which opens archives, is in none of these folders: %s", a->program.ptr) ==
		    0)
		a->o.warn(text.ptr);
	tell_container(s, UNREAD_UNREADABLE, UNPACK_PROGRAM " is missing");
}

/* errnum 0: it has become shorter meanwhile. */
static void tell_no_list(struct scan *s, int errnum)
{
	DEFER(buf_done) struct buf text = BUF_INIT(256);

	if (buf_addf(&text, "the list at its end: %s", errnum ? strerrordesc_np(errnum) : "it has become shorter"))
		s->failed = true;
	else
		tell_container(s, UNREAD_UNREADABLE, text.ptr);
}

/* Hands on the list of a zip's members, as an item that counts as none. */
static void take_list(struct scan *s, int fd)
{
	uint64_t at;
	int status = ziplist_find(fd, s->asked.size, s->opener->reply, &at), errnum = errno;

	if (status > 0)
		take_entry(s, VIEW(ZIPLIST_NAME), sizeof(ZIPLIST_NAME) - 1);
	s->member.item.is_again = true;
	while (status > 0 && at < s->asked.size && !s->failed && !s->is_stopped) {
		uint64_t rest = s->asked.size - at;
		size_t len = rest < REPLY_BYTES ? (size_t)rest : REPLY_BYTES;

		errno = 0;
		status = pread(fd, s->opener->reply, len, (off_t)at) == (ssize_t)len ? 1 : -1;
		errnum = errno;
		if (status > 0)
			take_data(s, view_from(s->opener->reply, len));
		at += len;
		s->is_stopped = s->taker->stopped(s->taker->context);
	}
	take_end(s);
	if (status < 0)
		tell_no_list(s, errnum);
}

static enum archive_result result_of(struct scan *s, struct view head)
{
	if (s->failed)
		tell_container(s, UNREAD_UNREADABLE, "there was no memory for what is in it");
	if (s->is_stopped)
		return ARCHIVE_STOPPED;
	if (s->reply.status == UNPACK_NOTHING && !container_is_text(head))
		tell_container(s, UNREAD_CORRUPT, "it begins as an archive does, and is none or a broken one");
	/* what an rpm says of itself, such as its scripts, stands before the archive that is in it */
	if (s->is_broken || s->reply.status != UNPACK_READ || container_detect(head) == CONTAINER_RPM)
		return ARCHIVE_AS_BYTES;
	return ARCHIVE_ALL_READ;
}

enum archive_result archive_scan(struct archives *a, unsigned worker, int fd, uint64_t size, const struct item *item,
				 struct view head, const struct archive_taker *taker)
{
	struct scan s = { .a = a,
			  .opener = &a->openers[worker],
			  .taker = taker,
			  .asked = { .version = UNPACK_VERSION,
				     .depth = a->o.limits.depth,
				     .size = size,
				     .ratio = a->o.limits.ratio,
				     .bytes = a->o.limits.bytes,
				     .entries = ARCHIVE_ENTRIES } };
	struct unpackreply_ops mine = ops;
	enum archive_result ret;

	mine.context = &s;
	s.reply = (struct unpackreply){ .asked = &s.asked, .ops = &mine };
	member_init(&s.member, item, get_pages(&s.opener->window, SCAN_WINDOW_BYTES));
	if (!s.member.window || !get_pages(&s.opener->reply, REPLY_BYTES))
		s.failed = true;
	else if (a->is_missing)
		tell_missing(&s);
	else if (ask(&s, fd) == 0)
		hear_out(&s);
	if (!s.failed && !s.is_stopped && s.reply.status == UNPACK_READ && container_detect(head) == CONTAINER_ZIP)
		take_list(&s, fd);
	ret = result_of(&s, head);
	member_done(&s.member);
	return ret;
}

static void way_piece(void *context, const struct item *item, const struct piece *piece)
{
	const struct archive_way *w = context;

	w->sink->piece(w->sink->context, w->worker, w->slot, item, piece);
}

static void way_unread(void *context, const struct item *item, enum unread reason, const char *text)
{
	const struct archive_way *w = context;

	w->sink->unread_text(w->sink->context, w->worker, w->slot, item, reason, text);
}

static bool way_stopped(void *context)
{
	const struct archive_way *w = context;

	return w->sink->stopped(w->sink->context);
}

bool archive_is_wanted(const struct item_sink *sink, struct view head)
{
	return sink->archives && container_detect(head) != CONTAINER_NONE;
}

bool archive_take(const struct archive_way *way, int fd, const struct item *item, struct view head)
{
	struct archive_way copy = *way;
	struct archive_taker taker = {
		.piece = way_piece, .unread = way_unread, .stopped = way_stopped, .context = &copy
	};
	struct stat st;

	if (!archive_is_wanted(way->sink, head) || fstat(fd, &st))
		return false;
	if (archive_scan(way->sink->archives, way->worker, fd, (uint64_t)st.st_size, item, head, &taker) ==
	    ARCHIVE_AS_BYTES)
		return false;
	if (!item->is_again)
		way->sink->pass(way->sink->context, way->worker, 0);
	return true;
}
