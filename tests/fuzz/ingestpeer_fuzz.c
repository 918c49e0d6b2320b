/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever comes on a connection, and in whatever pieces: each line is given out once or refused once, as long as it
 * may be, and nothing is left when the sender has said all. The first two bytes say how long a record and a piece may
 * be. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/text.h"
#include "forwarder/feed/ingest_peer.h"

#define MOST 32'768 /* fits into a socket */
#define LOG_BYTES (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

/* Takes all lines that there are now; what it is told is read at once. */
static void take_lines(struct ingest_peer *p, int fd, struct buf *log)
{
	char answers[8192];
	struct view line;

	do {
		while (ingest_peer_line(p, &line)) {
			check(line.len <= p->max_record && text_find_byte(line, '\n') == SIZE_MAX);
			check(buf_add(log, line) == 0 && buf_add_byte(log, '\n') == 0);
			p->counts.stored++;
			if (line.len == 3)
				ingest_peer_tell(p);
		}
		ingest_peer_write(p);
		while (recv(fd, answers, sizeof(answers), MSG_DONTWAIT) > 0)
			;
	} while (ingest_peer_has_line(p));
}

static void run(struct view text, size_t max_record, size_t piece, struct buf *log)
{
	struct ingest_peer *p;
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	p = ingest_peer_new(fds[0], max_record);
	check(p != NULL);
	for (size_t at = 0; at < text.len; at += piece) {
		struct view part = view_sub(text, at, piece);

		check(send(fds[1], part.ptr, part.len, MSG_NOSIGNAL) == (ssize_t)part.len);
		ingest_peer_read(p);
		take_lines(p, fds[1], log);
		check(!p->is_gone && !p->is_eof && ingest_peer_size(p) <= max_record + 1);
	}
	check(shutdown(fds[1], SHUT_WR) == 0);
	ingest_peer_read(p);
	take_lines(p, fds[1], log);
	check(p->is_eof && ingest_peer_is_read(p) && !ingest_peer_size(p));
	check(p->line == p->counts.stored + p->counts.refused);
	check(buf_addf(log, "%llu %llu", (unsigned long long)p->counts.stored, (unsigned long long)p->counts.refused) ==
	      0);
	ingest_peer_free(p);
	(void)close(fds[1]);
}

static size_t count_lines(struct view text)
{
	size_t count = text.len && text.ptr[text.len - 1] != '\n';

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(buf_done) struct buf whole = BUF_INIT(LOG_BYTES), pieces = BUF_INIT(LOG_BYTES);
	DEFER(buf_done) struct buf counts = BUF_INIT(LOG_BYTES);
	struct view text = view_sub(view_from(data, size), 2, MOST);
	size_t max_record, stored = 0;

	if (size < 2)
		return 0;
	max_record = 1 + data[0] % 64u;
	run(text, max_record, MOST, &whole);
	run(text, max_record, 1 + data[1], &pieces);
	check(text_eq(buf_view(&whole), buf_view(&pieces)));
	for (size_t i = 0; i < whole.len; i++)
		stored += whole.ptr[i] == '\n';
	check(buf_addf(&counts, "%zu %zu", stored, count_lines(text) - stored) == 0);
	check(text_ends(buf_view(&whole), buf_view(&counts)));
	return 0;
}
