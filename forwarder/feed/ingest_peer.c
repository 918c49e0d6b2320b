/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/ingest_peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/jsonw.h"

#define READ_BYTES (64u << 10)
#define REPLY_BYTES (8u << 10)    /* one of ours: an error's text, escaped */
#define REPLIES_BYTES (64u << 10) /* that wait for the sender; it is not read from meanwhile */

struct ingest_peer *ingest_peer_new(int fd, size_t max_record)
{
	struct ingest_peer *p = calloc(1, sizeof(*p));
	struct ucred who;
	socklen_t len = sizeof(who);

	if (!p || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len)) {
		free(p);
		closep(&fd);
		return NULL;
	}
	p->fd = fd;
	p->sender = (struct ingest_sender){ .uid = who.uid, .gid = who.gid, .pid = who.pid };
	p->max_record = max_record;
	p->in = (struct buf)BUF_INIT(max_record + 2 * READ_BYTES);
	p->out = (struct buf)BUF_INIT(REPLIES_BYTES + 4 * REPLY_BYTES);
	p->active_ns = clock_mono_ns();
	return p;
}

void ingest_peer_free(struct ingest_peer *p)
{
	if (!p)
		return;
	closep(&p->fd);
	buf_wipe(&p->in); /* what was refused may hold a key */
	buf_done(&p->out);
	free(p);
}

size_t ingest_peer_size(const struct ingest_peer *p)
{
	return p->in.len - p->at;
}

/* --- what it sends --- */

/* The first bytes of a buffer go. */
static void drop(struct buf *buf, size_t bytes)
{
	size_t left = buf->len - bytes;

	if (bytes)
		memmove(buf->ptr, buf->ptr + bytes, left);
	buf_cut(buf, left);
}

void ingest_peer_read(struct ingest_peer *p)
{
	ssize_t n;

	drop(&p->in, p->at);
	p->scanned -= p->at;
	p->at = 0;
	if (buf_reserve(&p->in, READ_BYTES)) {
		p->is_gone = true; /* no memory: what it is not told of is not stored */
		return;
	}
	n = recv(p->fd, p->in.ptr + p->in.len, READ_BYTES, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) {
		p->is_eof = true;
		p->is_deaf = n < 0; /* it left without reading what it was told */
		return;
	}
	p->in.len += (size_t)n;
	p->in.ptr[p->in.len] = '\0';
	p->active_ns = clock_mono_ns();
	if (!p->since_ns)
		p->since_ns = p->active_ns;
}

static void refuse_long(struct ingest_peer *p)
{
	char why[128];

	p->line++;
	(void)snprintf(why, sizeof(why), "a record of more than %zu bytes", p->max_record);
	ingest_peer_refuse(p, why);
}

/* The unread rest has no newline: it is the last line, too long, or not whole yet. */
static bool take_rest(struct ingest_peer *p, struct view *ret)
{
	struct view rest = view_sub(buf_view(&p->in), p->at, SIZE_MAX);

	p->scanned = p->in.len;
	if (!p->is_skipping && rest.len > p->max_record + 1) {
		refuse_long(p);
		p->is_skipping = true;
	}
	if (p->is_skipping || p->is_eof)
		p->at = p->in.len;
	if (p->at == p->in.len && !p->is_skipping)
		p->since_ns = 0;
	if (!p->is_eof || p->is_skipping || !rest.len)
		return false;
	p->line++;
	*ret = rest;
	return true;
}

static bool take_line(struct ingest_peer *p, struct view *ret)
{
	size_t newline;

	while ((newline = text_find_byte(view_sub(buf_view(&p->in), p->scanned, SIZE_MAX), '\n')) != SIZE_MAX) {
		size_t start = p->at;

		p->at = p->scanned + newline + 1;
		*ret = view_from(p->in.ptr + start, p->at - 1 - start);
		p->scanned = p->at;
		p->since_ns = p->at < p->in.len ? p->active_ns : 0;
		if (p->is_skipping) {
			p->is_skipping = false;
			continue;
		}
		if (ret->len > p->max_record + 1) {
			refuse_long(p);
			continue;
		}
		p->line++;
		return true;
	}
	return take_rest(p, ret);
}

static bool takes_answers(const struct ingest_peer *p)
{
	return !p->is_gone && p->out.len - p->sent < REPLIES_BYTES;
}

bool ingest_peer_has_line(const struct ingest_peer *p)
{
	return takes_answers(p) && (p->scanned < p->in.len || (p->is_eof && p->at < p->in.len));
}

bool ingest_peer_line(struct ingest_peer *p, struct view *ret)
{
	while (takes_answers(p) && take_line(p, ret)) {
		if (ret->len && ret->ptr[ret->len - 1] == '\r')
			ret->len--;
		if (ret->len > p->max_record) {
			p->line--;
			refuse_long(p);
			continue;
		}
		return true;
	}
	return false;
}

bool ingest_peer_is_read(const struct ingest_peer *p)
{
	return p->is_gone || (p->is_eof && p->at == p->in.len);
}

/* --- what it is told --- */

static void say(struct ingest_peer *p, const struct jsonw *w)
{
	if (!jsonw_ok(w) || buf_add_byte(&p->out, '\n'))
		p->is_gone = true;
	if (p->is_deaf)
		buf_clear(&p->out);
}

void ingest_peer_refuse(struct ingest_peer *p, const char *why)
{
	struct jsonw w;

	p->counts.refused++;
	jsonw_init(&w, &p->out, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "error", why);
	jsonw_member_u64(&w, "line", p->line);
	jsonw_end(&w);
	say(p, &w);
}

void ingest_peer_tell(struct ingest_peer *p)
{
	bool is_end = ingest_peer_is_read(p);
	struct jsonw w;

	jsonw_init(&w, &p->out, 0);
	jsonw_object(&w);
	jsonw_member_u64(&w, "stored", p->counts.stored);
	jsonw_member_u64(&w, "known", p->counts.known);
	jsonw_member_u64(&w, "refused", p->counts.refused);
	jsonw_member_u64(&w, "ignored", p->counts.ignored);
	if (is_end) {
		jsonw_key(&w, "end");
		jsonw_bool(&w, true);
	}
	jsonw_end(&w);
	say(p, &w);
	p->wants_counts = false;
	p->is_told = p->is_told || is_end;
}

void ingest_peer_write(struct ingest_peer *p)
{
	while (!p->is_deaf && p->sent < p->out.len) {
		ssize_t n = send(p->fd, p->out.ptr + p->sent, p->out.len - p->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			p->sent += (size_t)n;
			p->active_ns = clock_mono_ns();
		} else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR)
			p->is_deaf = true;
	}
	if (p->is_deaf)
		p->sent = p->out.len;
	drop(&p->out, p->sent);
	p->sent = 0;
}
