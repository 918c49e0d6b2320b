/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/ask.h"
#include "admin/message_ids.h"
#include "common/base/text.h"

#define LOOK_MS 200 /* how often waiting looks at its stop flag */

int message_queue_open(struct message_queue *q, const char *path, struct err *err)
{
	struct stat st;

	*q = (struct message_queue){ .name = path, .fd = -1, .pending = BUF_INIT(QUEUE_LINE_BYTES + QUEUE_READ_BYTES) };
	if (strcmp(path, "-") == 0) {
		ask_for_input("prompts, one JSON object a line");
		q->name = "standard input";
		q->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	} else {
		q->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (q->fd < 0 || fstat(q->fd, &st))
		return err_set(err, ERR_USAGE, errno, "cannot open the queue '%s'", q->name);
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, EISDIR, "cannot read the queue '%s'", q->name);
	q->is_regular = S_ISREG(st.st_mode) && strcmp(path, "-") != 0;
	return 0;
}

static bool is_raised(const atomic_bool *stop)
{
	return stop && atomic_load(stop);
}

/* 1 there is something to read, or the end; 0 stop was raised; -1. */
static int wait_for_input(const struct message_queue *q, const atomic_bool *stop, struct err *err)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };

	while (!q->is_regular) {
		int n;

		if (is_raised(stop))
			return 0;
		n = poll(&p, 1, LOOK_MS);
		if (n > 0)
			break;
		if (n < 0 && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot wait for the queue '%s'", q->name);
	}
	return is_raised(stop) ? 0 : 1;
}

/* As wait_for_input. */
static int read_more(struct message_queue *q, const atomic_bool *stop, struct err *err)
{
	int status = wait_for_input(q, stop, err);
	ssize_t n;

	if (status <= 0)
		return status;
	if (q->at) {
		size_t left = q->pending.len - q->at;

		if (left)
			memmove(q->pending.ptr, q->pending.ptr + q->at, left);
		buf_cut(&q->pending, left);
		q->at = 0;
	}
	if (q->pending.len > QUEUE_LINE_BYTES)
		return err_set(err, ERR_LIMIT, 0, "%s:%llu: the line is longer than %u bytes", q->name,
			       (unsigned long long)q->line + 1, QUEUE_LINE_BYTES);
	if (buf_reserve(&q->pending, QUEUE_READ_BYTES - 1))
		return err_nomem(err);
	n = read(q->fd, q->pending.ptr + q->pending.len, QUEUE_READ_BYTES - 1);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return err_set(err, ERR_IO, errno, "cannot read the queue '%s'", q->name);
	q->is_at_end = n == 0;
	if (n > 0)
		q->pending.len += (size_t)n;
	return 1;
}

/* Cuts the next line off what is pending; false when it is not there as a whole. */
static bool cut_line(struct message_queue *q, struct view *ret)
{
	struct view rest = view_sub(buf_view(&q->pending), q->at, SIZE_MAX);
	size_t end = text_find_byte(rest, '\n');

	if (end == SIZE_MAX && (!q->is_at_end || rest.len == 0))
		return false;
	*ret = view_sub(rest, 0, end);
	q->at += end == SIZE_MAX ? rest.len : end + 1;
	q->line++;
	return true;
}

int message_queue_next(struct message_queue *q, const atomic_bool *stop, struct buf *ret_line, uint64_t *ret_number,
		       struct err *err)
{
	for (;;) {
		struct view line;

		if (is_raised(stop))
			return 0;
		if (cut_line(q, &line)) {
			line = text_trim(line);
			if (line.len == 0)
				continue;
			buf_clear(ret_line);
			*ret_number = q->line;
			return buf_add(ret_line, line) ? err_nomem(err) : 1;
		}
		if (q->is_at_end)
			return 0;
		if (read_more(q, stop, err) < 0)
			return -1;
	}
}

static int check_line(const struct message_queue *q, struct message_ids *ids, const struct prompt *p, struct err *err)
{
	if (message_ids_find(ids, p->id_digest))
		return err_set(err, ERR_USAGE, 0, "%s:%llu: an earlier line has the same \"id\": another was expected",
			       q->name, (unsigned long long)p->line);
	return message_ids_put(ids, p->id_digest, p->digest, err);
}

int message_queue_check(struct message_queue *q, const struct prompt_defaults *defaults, uint64_t *ret_count,
			struct err *err)
{
	DEFER(buf_wipe) struct buf line = BUF_INIT(2 * (size_t)QUEUE_LINE_BYTES);
	DEFER(message_ids_done) struct message_ids ids = { 0 };
	DEFER(prompt_done) struct prompt prompt = PROMPT_INIT;
	uint64_t number;
	int status;

	*ret_count = 0;
	while ((status = message_queue_next(q, NULL, &line, &number, err)) > 0) {
		if (prompt_read(buf_view(&line), number, defaults, &prompt, err)) {
			(void)err_prefix(err, "%s:%llu", q->name, (unsigned long long)number);
			if (err && err->kind == ERR_FORMAT)
				err->kind = ERR_USAGE;
			return -1;
		}
		if (check_line(q, &ids, &prompt, err))
			return -1;
		++*ret_count;
	}
	if (status < 0)
		return -1;
	if (lseek(q->fd, 0, SEEK_SET) < 0)
		return err_set(err, ERR_IO, errno, "cannot read the queue '%s' again", q->name);
	buf_clear(&q->pending);
	q->at = 0;
	q->line = 0;
	q->is_at_end = false;
	return 0;
}

void message_queue_done(struct message_queue *q)
{
	closep(&q->fd);
	q->fd = -1;
	buf_wipe(&q->pending);
}
