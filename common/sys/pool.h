/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that work off an ordered list of tasks, and hand over the results in the order of the list.
 *
 * A running task may put new tasks directly behind itself (a folder's sub-folders), so the list is the order in which
 * one thread would meet the work, however many threads there are. Workers always take the first task that nobody has
 * started: what waits for its turn stays small, and the task at the head of the list is always being worked on. */
#ifndef COMMON_SYS_POOL_H
#define COMMON_SYS_POOL_H

#include "common/base/err.h"

struct pool;

enum pool_state { POOL_WAITING, POOL_RUNNING, POOL_DONE };

/* The first member of a caller's task. The caller sets only output, output_bytes and these by their meaning. */
struct pool_task {
	struct pool *pool;
	struct pool_task *prev, *next;
	enum pool_state state;
	void *output;        /* results, for emit; NULL when there are none */
	size_t output_bytes; /* memory that output holds, roughly */
};

struct pool_ops {
	/* Does the work. worker is 0 to workers - 1. Called once a task, by any thread. */
	void (*run)(void *context, unsigned worker, struct pool_task *task);
	/* Takes task->output over (it is not NULL). Called in list order, by one thread at a time. */
	void (*emit)(void *context, struct pool_task *task);
	/* Frees the task, after emit. */
	void (*free)(void *context, struct pool_task *task);
	void *context;
};

/* Runs first and all that it adds, on workers threads (the caller's is one of them), to the end. waiting_bytes is how
 * much output may wait for its turn before workers do. Fewer threads than asked for are no error. 0, or -1 with err
 * when there is no memory. Owns the tasks of the NULL-terminated chain first (linked by next). */
[[nodiscard]] int pool_run(const struct pool_ops *ops, unsigned workers, size_t waiting_bytes, struct pool_task *first,
			   struct err *err);

/* How many processors this process may use: 1 to JOBS_MAX. */
unsigned pool_processors(void);

/* From run only: puts a chain of new tasks (linked by next) directly behind task. */
void pool_add(struct pool_task *task, struct pool_task *chain);

/* From run only, after output grew by grown bytes: when too much waits in all, waits for the task's turn, has output
 * emitted and sets it to NULL. */
void pool_flush(struct pool_task *task, size_t grown);

#endif
