/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/pool.h"

struct worker {
	struct pool_task task;
	struct estimate_input *input;
	struct usage_reader *reader;
	struct buf piece;
	struct estimate_result result; /* of the pieces that it took */
	struct err err;                /* kind ERR_NONE: all went well */
};

static void note_bad(struct worker *w, const struct estimate_piece *piece, uint64_t line, size_t at,
		     const struct err *err)
{
	struct estimate_bad *bad;

	if (w->result.bad_count++ >= USAGE_BAD_SHOWN)
		return;
	bad = &w->result.bad[w->result.bad_count - 1];
	*bad = (struct estimate_bad){ .piece = *piece, .line = line, .column = at + 1 };
	(void)snprintf(bad->text, sizeof(bad->text), "%s", err->text);
}

static int read_line(struct worker *w, const struct estimate_piece *piece, uint64_t number, struct view line)
{
	struct usage_record record;
	struct err err = ERR_INIT;
	size_t at;

	if (usage_record_read(w->reader, line, &record, &at, &err) == 0)
		return estimate_tally_add(&w->result.tally, &record, &w->err);
	note_bad(w, piece, number, at, &err);
	return 0;
}

static int read_piece(struct worker *w, const struct estimate_piece *piece)
{
	const char *at = w->piece.ptr, *end = at + w->piece.len;
	uint64_t number = 0;

	for (; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct view line = view_from(at, (size_t)((newline ? newline : end) - at));

		at = newline ? newline + 1 : end;
		/* A line of white space is none. */
		if (line.len && (line.ptr[0] == '{' || text_trim(line).len) && read_line(w, piece, number, line))
			return -1;
	}
	estimate_input_counted(w->input, piece, number);
	return 0;
}

static void work(void *, unsigned, struct pool_task *task)
{
	struct worker *w = (struct worker *)(void *)task;
	struct estimate_piece piece;
	int status;

	while ((status = estimate_input_take(w->input, &w->piece, &piece, &w->err)) == 1 &&
	       (status = read_piece(w, &piece)) == 0)
		;
	if (status < 0)
		estimate_input_stop(w->input);
}

static int in_order(const void *left, const void *right)
{
	const struct estimate_bad *a = left, *b = right;

	if (a->piece.number != b->piece.number)
		return a->piece.number < b->piece.number ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static void join_bad(struct estimate_result *into, const struct estimate_result *from)
{
	struct estimate_bad all[2 * USAGE_BAD_SHOWN];
	size_t first = into->bad_count < USAGE_BAD_SHOWN ? into->bad_count : USAGE_BAD_SHOWN;
	size_t second = from->bad_count < USAGE_BAD_SHOWN ? from->bad_count : USAGE_BAD_SHOWN;

	memcpy(all, into->bad, first * sizeof(*all));
	memcpy(all + first, from->bad, second * sizeof(*all));
	if (first + second)
		qsort(all, first + second, sizeof(*all), in_order);
	memcpy(into->bad, all, sizeof(into->bad));
	into->bad_count += from->bad_count;
}

static int join(struct estimate_result *into, const struct worker *w, struct err *err)
{
	if (w->err.kind != ERR_NONE) {
		*err = w->err;
		return -1;
	}
	join_bad(into, &w->result);
	return estimate_tally_join(&into->tally, &w->result.tally, err);
}

static void number_bad(struct estimate_result *result, const struct estimate_input *input)
{
	for (size_t i = 0; i < USAGE_BAD_SHOWN && i < result->bad_count; i++)
		result->bad[i].line = estimate_input_line(input, &result->bad[i].piece, result->bad[i].line);
}

static void free_task(void *, struct pool_task *)
{
	/* the workers are one array */
}

static int start(struct worker *w, const struct estimate_query *query, struct estimate_input *input, struct err *err)
{
	w->input = input;
	w->reader = usage_reader_new();
	w->piece = (struct buf)BUF_INIT(ESTIMATE_PIECE_BYTES);
	estimate_tally_init(&w->result.tally, query);
	return w->reader ? 0 : err_nomem(err);
}

static int run_workers(struct worker *workers, unsigned threads, const struct estimate_query *query,
		       struct estimate_input *input, struct estimate_result *ret, struct err *err)
{
	const struct pool_ops ops = { .run = work, .free = free_task };

	for (unsigned i = 0; i < threads; i++) {
		if (start(&workers[i], query, input, err))
			return -1;
		if (i)
			workers[i - 1].task.next = &workers[i].task;
	}
	if (pool_run(&ops, threads, 1, &workers[0].task, err))
		return -1;
	for (unsigned i = 0; i < threads; i++)
		if (join(ret, &workers[i], err))
			return -1;
	number_bad(ret, input);
	return 0;
}

int estimate_run(const struct estimate_query *query, struct estimate_file *files, size_t count, unsigned threads,
		 size_t piece_bytes, struct estimate_result *ret, struct err *err)
{
	struct worker *workers = calloc(threads, sizeof(*workers));
	struct estimate_input input;
	int status;

	memset(ret, 0, sizeof(*ret));
	estimate_tally_init(&ret->tally, query);
	if (!workers)
		return err_nomem(err);
	estimate_input_init(&input, files, count, piece_bytes);
	status = run_workers(workers, threads, query, &input, ret, err);
	for (unsigned i = 0; i < threads; i++) {
		usage_reader_free(workers[i].reader);
		buf_done(&workers[i].piece);
		estimate_tally_done(&workers[i].result.tally);
	}
	free(workers);
	estimate_input_done(&input);
	return status;
}

void estimate_result_done(struct estimate_result *result)
{
	estimate_tally_done(&result->tally);
}
