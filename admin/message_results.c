/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_results.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/output.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"
#include "common/sys/map.h"

#define BEGINNING "{\"schema\":\"" RESULT_SCHEMA "\""

static bool is_text(struct view value, struct view text)
{
	return value.len && json_type_of(value) == JSON_STRING && json_string_is(value, text);
}

int message_result_read(struct view line, unsigned char ret_id[static PROMPT_DIGEST_BYTES],
			unsigned char ret_prompt[static PROMPT_DIGEST_BYTES])
{
	DEFER(buf_done) struct buf store = BUF_INIT(8 * QUEUE_ID_BYTES);
	struct view whole, id, text, digest;

	if (json_whole(line, &whole, NULL) || json_type_of(whole) != JSON_OBJECT ||
	    !is_text(json_member(whole, "schema"), VIEW(RESULT_SCHEMA)))
		return -1;
	id = json_member(whole, "id");
	if (!is_text(json_member(whole, "status"), VIEW("done")) || !id.len || json_type_of(id) != JSON_STRING)
		return 0;
	digest = json_member(whole, "prompt_sha256");
	if (id.len > store.max) /* none of ours: at most six bytes for each of an id's */
		return 0;
	if (json_text(id, &store, &text))
		return -2;
	if (!digest.len || json_type_of(digest) != JSON_STRING ||
	    digest_read_hex(view_sub(digest, 1, digest.len - 2), ret_prompt, PROMPT_DIGEST_BYTES))
		return 0;
	prompt_id_digest(text, ret_id);
	return 1;
}

/* Whether a line that has no end can have been going to be a result. */
static bool is_torn_result(struct view piece)
{
	struct view beginning = view_sub(VIEW(BEGINNING), 0, piece.len);
	size_t nul = 0;

	while (nul < piece.len && piece.ptr[nul] == '\0')
		nul++;
	return nul == piece.len || text_starts(piece, beginning);
}

static int refuse(const struct message_results *r, uint64_t line, struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "%s:%llu: this is no result: a file of results, or a new one, was expected",
		       r->path, (unsigned long long)line);
}

/* Learns from what the file holds. *ret_size: up to where it is whole; *ret_lacks_end: but for a newline. */
static int learn(struct message_results *r, struct view text, uint64_t *ret_size, bool *ret_lacks_end, struct err *err)
{
	unsigned char id[PROMPT_DIGEST_BYTES], prompt[PROMPT_DIGEST_BYTES];
	struct view rest = text;
	uint64_t number = 0;

	*ret_lacks_end = false;
	*ret_size = text.len;
	while (rest.len) {
		size_t end = text_find_byte(rest, '\n');
		struct view line = view_sub(rest, 0, end);
		int status = message_result_read(line, id, prompt);

		number++;
		if (status == -2)
			return err_nomem(err);
		if (end == SIZE_MAX) {
			*ret_lacks_end = status >= 0;
			if (status < 0 && !is_torn_result(line))
				return refuse(r, number, err);
			if (status < 0)
				*ret_size = text.len - line.len;
		} else if (status < 0 && text_trim(line).len) {
			return refuse(r, number, err);
		}
		if (status > 0 && message_ids_put(&r->answered, id, prompt, err))
			return -1;
		rest = end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + 1, SIZE_MAX);
	}
	return 0;
}

static int mend(struct message_results *r, uint64_t size, uint64_t whole, bool lacks_end, struct err *err)
{
	r->size = whole;
	r->was_torn = whole < size;
	if (r->was_torn && ftruncate(r->fd, (off_t)whole))
		return err_set(err, ERR_IO, errno, "cannot take a torn line off the results in '%s'", r->path);
	if (lseek(r->fd, (off_t)whole, SEEK_SET) < 0)
		return err_set(err, ERR_IO, errno, "cannot write results to '%s'", r->path);
	return lacks_end ? message_results_add(r, VIEW("\n"), err) : 0;
}

static int read_results(struct message_results *r, struct err *err)
{
	struct view text;
	bool lacks_end;
	uint64_t whole;
	int ret;

	if (map_file(r->path, &text, err))
		return err_prefix(err, "the results");
	ret = learn(r, text, &whole, &lacks_end, err);
	if (!ret)
		ret = mend(r, text.len, whole, lacks_end, err);
	map_done(&text);
	return ret;
}

int message_results_open(struct message_results *r, const char *path, struct err *err)
{
	struct stat st;

	*r = (struct message_results){ .path = path, .fd = -1 };
	if (!path)
		return 0;
	r->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (r->fd < 0 || fstat(r->fd, &st))
		return err_set(err, ERR_USAGE, errno, "cannot open '%s' for the results", path);
	r->is_regular = S_ISREG(st.st_mode);
	if (!r->is_regular)
		return 0;
	if (flock(r->fd, LOCK_EX | LOCK_NB))
		return err_set(err, ERR_USAGE, errno == EWOULDBLOCK ? 0 : errno, "%s '%s'",
			       errno == EWOULDBLOCK ? "another process is writing results to" : "cannot lock", path);
	return read_results(r, err);
}

int message_results_look(struct message_results *r, const char *path, struct err *err)
{
	struct stat st = { .st_mode = 0 };
	struct view text;
	uint64_t whole;
	bool lacks_end;
	int ret;

	*r = (struct message_results){ .path = path, .fd = -1 };
	if (!path)
		return 0;
	if (stat(path, &st) && errno != ENOENT)
		return err_set(err, ERR_USAGE, errno, "cannot look at '%s' for the results", path);
	if (S_ISREG(st.st_mode)) {
		if (map_file(path, &text, err))
			return err_prefix(err, "the results");
		ret = learn(r, text, &whole, &lacks_end, err);
		map_done(&text);
		if (ret)
			return ret;
	}
	r->path = NULL;
	return 0;
}

int message_results_add(struct message_results *r, struct view line, struct err *err)
{
	int saved;

	if (!r->path)
		return output_text(STDOUT_FILENO, line, err);
	if (file_write_full(r->fd, line) == 0 && (!r->is_regular || fdatasync(r->fd) == 0)) {
		r->size += line.len;
		return 0;
	}
	saved = errno;
	if (r->is_regular && (ftruncate(r->fd, (off_t)r->size) || lseek(r->fd, (off_t)r->size, SEEK_SET) < 0))
		errno = saved; /* what stands there is taken off the next time */
	return err_set(err, ERR_IO, saved, "cannot write a result to '%s'", r->path);
}

void message_results_done(struct message_results *r)
{
	closep(&r->fd);
	r->fd = -1;
	message_ids_done(&r->answered);
}
