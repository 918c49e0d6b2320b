/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "tests/support/unit.h"

/* A tree of tasks: each has children until depth is used up, and says its number when it is emitted. */
struct node {
	struct pool_task task;
	unsigned depth, number;
	bool is_silent;
};

struct trace {
	pthread_mutex_t lock;
	unsigned next_number, runs, frees, emitted;
	unsigned order[20000];
	size_t flush_bytes;
};

static struct node *node_new(unsigned depth, unsigned number)
{
	struct node *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	n->depth = depth;
	n->number = number;
	return n;
}

/* Children get numbers that say their place in a walk: the parent's times 4, plus 1 to 3. */
static void run(void *context, unsigned worker, struct pool_task *task)
{
	struct trace *t = context;
	struct node *n = (struct node *)task;
	struct pool_task *first = NULL, **end = &first;

	(void)worker;
	pthread_mutex_lock(&t->lock);
	t->runs++;
	pthread_mutex_unlock(&t->lock);
	for (unsigned i = 1; n->depth && i <= 3; i++) {
		struct node *child = node_new(n->depth - 1, n->number * 4 + i);

		child->is_silent = n->is_silent;
		*end = &child->task;
		end = &child->task.next;
	}
	pool_add(task, first);
	if (n->is_silent && n->number % 3)
		return;
	task->output = &n->number;
	if (t->flush_bytes)
		pool_flush(task, t->flush_bytes);
}

static void emit(void *context, struct pool_task *task)
{
	struct trace *t = context;

	t->order[t->emitted++] = *(unsigned *)task->output;
}

static void release(void *context, struct pool_task *task)
{
	struct trace *t = context;

	t->frees++;
	free(task);
}

static struct trace *walk(unsigned workers, unsigned depth, bool is_silent, size_t flush_bytes, size_t waiting)
{
	struct trace *t = calloc(1, sizeof(*t));
	struct pool_ops ops = { .run = run, .emit = emit, .free = release, .context = t };
	struct node *root = node_new(depth, 1);
	struct err err = ERR_INIT;

	assert_non_null(t);
	pthread_mutex_init(&t->lock, NULL);
	t->flush_bytes = flush_bytes;
	root->is_silent = is_silent;
	assert_int_equal(pool_run(&ops, workers, waiting, &root->task, &err), 0);
	pthread_mutex_destroy(&t->lock);
	return t;
}

static void compare(const struct trace *a, const struct trace *b)
{
	assert_int_equal(a->emitted, b->emitted);
	assert_memory_equal(a->order, b->order, a->emitted * sizeof(a->order[0]));
}

static void output_comes_in_the_order_of_one_thread(void **state)
{
	struct trace *one = walk(1, 7, false, 0, 1 << 20);

	(void)state;
	assert_int_equal(one->emitted, 3280);
	for (unsigned workers = 2; workers <= 8; workers++) {
		struct trace *many = walk(workers, 7, false, 0, 1 << 20);

		compare(one, many);
		assert_int_equal(many->frees, many->runs);
		free(many);
	}
	free(one);
}

static void silent_tasks_do_not_disturb_the_order(void **state)
{
	struct trace *one = walk(1, 7, true, 0, 1 << 20), *many = walk(4, 7, true, 0, 1 << 20);

	(void)state;
	compare(one, many);
	assert_int_equal(many->frees, 3280);
	free(one);
	free(many);
}

static void much_output_waits_for_its_turn(void **state)
{
	struct trace *one = walk(1, 6, false, 100, 150), *many = walk(4, 6, false, 100, 150);

	(void)state;
	compare(one, many);
	assert_int_equal(many->frees, many->runs);
	free(one);
	free(many);
}

static void no_task_is_no_work(void **state)
{
	struct trace *t = calloc(1, sizeof(*t));
	struct pool_ops ops = { .run = run, .emit = emit, .free = release, .context = t };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(pool_run(&ops, 3, 100, NULL, &err), 0);
	assert_int_equal(t->runs, 0);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_comes_in_the_order_of_one_thread),
		cmocka_unit_test(silent_tasks_do_not_disturb_the_order),
		cmocka_unit_test(much_output_waits_for_its_turn),
		cmocka_unit_test(no_task_is_no_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
