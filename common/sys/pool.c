/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/sys/self.h"

struct pool {
	const struct pool_ops *ops;
	pthread_mutex_t lock;
	pthread_cond_t work; /* a task was added, or the last one ended */
	pthread_cond_t turn; /* the head of the list changed */
	struct pool_task *head;
	struct pool_task *next; /* the first task in the list that waits; NULL when none does */
	size_t running;
	size_t waiting_bytes, waiting_max;
	bool emitting;
	unsigned next_worker;
};

static struct pool_task *first_waiting(struct pool_task *from)
{
	while (from && from->state != POOL_WAITING)
		from = from->next;
	return from;
}

/* Makes a chain's tasks the pool's own, behind prev; returns the last. */
static struct pool_task *adopt(struct pool *pool, struct pool_task *prev, struct pool_task *chain)
{
	for (struct pool_task *t = chain; t; t = t->next) {
		t->pool = pool;
		t->prev = prev;
		t->state = POOL_WAITING;
		prev = t;
	}
	return prev;
}

static void unlink_task(struct pool *pool, struct pool_task *task)
{
	if (task->prev)
		task->prev->next = task->next;
	else
		pool->head = task->next;
	if (task->next)
		task->next->prev = task->prev;
}

/* Emits and frees finished tasks at the head; the lock is given up while the caller's emit runs. */
static void drain(struct pool *pool)
{
	if (pool->emitting)
		return;
	while (pool->head && pool->head->state == POOL_DONE) {
		struct pool_task *task = pool->head;

		pool->emitting = true;
		pthread_mutex_unlock(&pool->lock);
		if (task->output)
			pool->ops->emit(pool->ops->context, task);
		pthread_mutex_lock(&pool->lock);
		pool->emitting = false;
		pool->waiting_bytes -= task->output_bytes;
		unlink_task(pool, task);
		pool->ops->free(pool->ops->context, task);
	}
	pthread_cond_broadcast(&pool->turn);
}

static void finish(struct pool *pool, struct pool_task *task)
{
	pool->running--;
	task->state = POOL_DONE;
	if (!task->output && task != pool->head) {
		/* nothing to say and nobody's turn: it need not wait for those before it */
		pool->waiting_bytes -= task->output_bytes;
		unlink_task(pool, task);
		pool->ops->free(pool->ops->context, task);
	} else {
		drain(pool);
	}
	if (!pool->running && !pool->next)
		pthread_cond_broadcast(&pool->work);
}

static void *work(void *arg)
{
	struct pool *pool = arg;
	unsigned worker;

	pthread_mutex_lock(&pool->lock);
	worker = pool->next_worker++;
	for (;;) {
		struct pool_task *task = pool->next;

		if (!task) {
			if (!pool->running)
				break;
			pthread_cond_wait(&pool->work, &pool->lock);
			continue;
		}
		task->state = POOL_RUNNING;
		pool->next = first_waiting(task->next);
		pool->running++;
		pthread_mutex_unlock(&pool->lock);
		pool->ops->run(pool->ops->context, worker, task);
		pthread_mutex_lock(&pool->lock);
		finish(pool, task);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

void pool_add(struct pool_task *task, struct pool_task *chain)
{
	struct pool *pool = task->pool;
	struct pool_task *last;

	if (!chain)
		return;
	last = adopt(pool, task, chain);
	pthread_mutex_lock(&pool->lock);
	last->next = task->next;
	if (last->next)
		last->next->prev = last;
	task->next = chain;
	/* Unless a task before this one waits, the chain is what comes next. */
	if (first_waiting(last->next) == pool->next)
		pool->next = chain;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

void pool_flush(struct pool_task *task, size_t grown)
{
	struct pool *pool = task->pool;

	pthread_mutex_lock(&pool->lock);
	pool->waiting_bytes += grown;
	task->output_bytes += grown;
	if (pool->waiting_bytes <= pool->waiting_max) {
		pthread_mutex_unlock(&pool->lock);
		return;
	}
	while (pool->head != task || pool->emitting)
		pthread_cond_wait(&pool->turn, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	if (task->output)
		pool->ops->emit(pool->ops->context, task);
	task->output = NULL;
	pthread_mutex_lock(&pool->lock);
	pool->waiting_bytes -= task->output_bytes;
	task->output_bytes = 0;
	pthread_mutex_unlock(&pool->lock);
}

int pool_run(const struct pool_ops *ops, unsigned workers, size_t waiting_bytes, struct pool_task *first,
	     struct err *err)
{
	struct pool pool = { .ops = ops, .waiting_max = waiting_bytes };
	DEFER(freep) pthread_t *threads = calloc(workers ? workers : 1, sizeof(*threads));
	unsigned started = 0;

	if (!threads) {
		for (struct pool_task *next; first; first = next) {
			next = first->next;
			ops->free(ops->context, first);
		}
		return err_nomem(err);
	}
	pthread_mutex_init(&pool.lock, NULL);
	pthread_cond_init(&pool.work, NULL);
	pthread_cond_init(&pool.turn, NULL);
	(void)adopt(&pool, NULL, first);
	pool.head = pool.next = first;
	while (started + 1 < workers && pthread_create(&threads[started], NULL, work, &pool) == 0)
		started++;
	(void)work(&pool);
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	pthread_cond_destroy(&pool.turn);
	pthread_cond_destroy(&pool.work);
	pthread_mutex_destroy(&pool.lock);
	return 0;
}

unsigned pool_processors(void)
{
	unsigned count = self_processors();

	return count > JOBS_MAX ? JOBS_MAX : count;
}
