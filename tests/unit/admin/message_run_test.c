/* SPDX-License-Identifier: Apache-2.0 */
/* A queue from its file to its results, with a sender in the place of message_sender.c whose outcome the first letter
 * of a prompt's id decides. */
#include "admin/message_run.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/log.h"
#include "tests/support/capture.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define TEXT_BYTES (1u << 20)

static struct { /* what the sender was asked, and whether a signal came */
	pthread_mutex_t lock;
	unsigned sent, recorded;
	bool was_interrupted;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER };

int message_sender_open(struct message_sender *m, struct session *s, bool is_count, bool is_patient, struct err *err)
{
	(void)err;
	assert_true(is_patient);
	m->s = s;
	m->is_count = is_count;
	return 0;
}

void message_sender_done(struct message_sender *m)
{
	(void)m;
}

bool message_sender_was_interrupted(void)
{
	return world.was_interrupted;
}

/* 'a': answered. 'i': answered, and meanwhile a signal came. 'l': later. 'r': refused. 'u': answered, but that cannot
 * be recorded. 'h': nothing can be sent any more. */
enum message_fate message_sender_send(struct message_sender *m, const struct prompt *prompt, struct message_outcome *o,
				      struct err *err)
{
	char what = prompt->id.ptr[0];

	(void)pthread_mutex_lock(&world.lock);
	world.sent++;
	(void)pthread_mutex_unlock(&world.lock);
	o->prompt = prompt;
	o->kind = OUTCOME_DONE;
	o->message.input_tokens = 3;
	o->message.output_tokens.value = 1;
	if (what == 'i') {
		world.was_interrupted = true;
		atomic_store(&m->drain, true);
	} else if (what == 'l') {
		o->kind = OUTCOME_LATER;
		(void)err_set(&o->why, ERR_LATER, 0, "too busy");
	} else if (what == 'r' || what == 'h') {
		o->kind = OUTCOME_REFUSED;
		(void)err_set(&o->why, ERR_REFUSED, 0, "not this one");
	}
	if (what != 'h')
		return MESSAGE_ENDED;
	(void)err_set(err, ERR_REFUSED, 0, "the credential is refused");
	return MESSAGE_HALT;
}

int message_sender_record(struct message_sender *m, const struct message_outcome *o, struct err *err)
{
	(void)m;
	(void)pthread_mutex_lock(&world.lock);
	world.recorded++;
	(void)pthread_mutex_unlock(&world.lock);
	return o->prompt->id.ptr[0] == 'u' ? err_set(err, ERR_IO, 0, "cannot record it") : 0;
}

/* A queue in a folder of its own, and what became of it. */
struct queue {
	char folder[REPO_PATH_BYTES], prompts[REPO_PATH_BYTES], results[REPO_PATH_BYTES];
	struct options o;
	struct buf said, written; /* standard error; the file of results */
	struct err err;
	int ret;
};

static void put(const char *path, struct view text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_full(fd, text), 0);
	assert_int_equal(close(fd), 0);
}

/* A prompt for each word of ids. */
static void queue_init(struct queue *q, const char *ids)
{
	DEFER(buf_done) struct buf lines = BUF_INIT(TEXT_BYTES);
	struct view rest = view_of(ids);

	memset(q, 0, sizeof(*q));
	world.was_interrupted = false;
	repo_path(q->folder, "/tmp/skant-queue-XXXXXX");
	assert_non_null(mkdtemp(q->folder));
	repo_path(q->prompts, "%s/prompts", q->folder);
	repo_path(q->results, "%s/results", q->folder);
	q->o = (struct options){ .format = OUTPUT_JSONL, .queue = q->prompts, .results = q->results, .jobs = 1 };
	q->said = q->written = (struct buf)BUF_INIT(TEXT_BYTES);
	while (rest.len) {
		size_t end = text_find_byte(rest, ' ');
		struct view id = view_sub(rest, 0, end);

		assert_int_equal(buf_addf(&lines, "{\"id\":\"%.*s\",\"prompt\":\"p\"}\n", (int)id.len, id.ptr), 0);
		rest = end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + 1, SIZE_MAX);
	}
	put(q->prompts, buf_view(&lines));
}

static void queue_run(struct queue *q)
{
	const struct prompt_defaults defaults = { .model = "m", .max_tokens = 9 };
	struct session s = { .o = &q->o };
	struct capture c = capture(STDERR_FILENO);

	world.sent = world.recorded = 0;
	q->err = (struct err)ERR_INIT;
	buf_clear(&q->said);
	buf_clear(&q->written);
	q->ret = message_run(&s, false, &defaults, &q->err);
	give_back(&c, &q->said);
	assert_int_equal(file_read(q->results, &q->written, NULL), 0);
}

static void queue_done(struct queue *q)
{
	buf_done(&q->said);
	buf_done(&q->written);
	repo_remove(q->folder);
}

static void assert_said(const struct queue *q, const char *text)
{
	if (!strstr(q->said.ptr, text))
		fail_msg("%s", q->said.ptr);
}

static size_t results_of(const struct queue *q, const char *status)
{
	DEFER(buf_done) struct buf member = BUF_INIT(64);
	struct view rest = buf_view(&q->written), line;
	size_t count = 0;

	assert_int_equal(buf_addf(&member, "\"status\":\"%s\"", status), 0);
	while (text_next_line(&rest, &line))
		count += text_find(line, buf_view(&member)) != SIZE_MAX;
	return count;
}

static void what_came_of_all_is_told_and_what_has_an_answer_is_not_sent_again(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, "a1 r2 a3");
	queue_run(&q);
	assert_int_equal(q.ret, 1);
	assert_int_equal(results_of(&q, "done"), 2);
	assert_int_equal(results_of(&q, "refused"), 1);
	assert_int_equal(world.recorded, 3);
	assert_said(&q, "2 answered (6 input and 2 output tokens), 1 without an answer, 0 left; 0 had one before\n");
	queue_run(&q);
	assert_int_equal(q.ret, 1);
	assert_int_equal(world.sent, 1);
	assert_said(&q, "0 answered (0 input and 0 output tokens), 1 without an answer, 0 left; 2 had one before\n");
	queue_done(&q);
}

static void an_answer_to_another_prompt_of_the_same_id_is_none(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, "a1 a2");
	queue_run(&q);
	assert_int_equal(q.ret, 0);
	put(q.prompts, VIEW("{\"id\":\"a1\",\"prompt\":\"p\"}\n{\"id\":\"a2\",\"prompt\":\"another\"}\n"));
	queue_run(&q);
	assert_int_equal(q.ret, 0);
	assert_int_equal(world.sent, 1);
	assert_said(&q, "1 answered (3 input and 1 output token), 0 without an answer, 0 left; 1 had one before\n");
	assert_said(&q, "1 of them had an answer to another prompt of the same id\n");
	queue_done(&q);
}

static void three_in_a_row_that_are_for_later_end_it(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, "l1 l2 a3 l4 l5 l6 a7");
	queue_run(&q);
	assert_int_equal(q.ret, -1);
	assert_int_equal(q.err.kind, ERR_LATER);
	assert_int_equal(world.sent, 6);
	assert_string_equal(q.err.text, "too busy; 6 prompts are left");
	queue_done(&q);
	queue_init(&q, "l1 a2");
	queue_run(&q);
	assert_int_equal(q.ret, -1);
	assert_int_equal(q.err.kind, ERR_LATER);
	assert_string_equal(q.err.text, "too busy; 1 prompt is left");
	queue_done(&q);
}

static void what_concerns_all_prompts_ends_it(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, "a1 h2 a3");
	queue_run(&q);
	assert_int_equal(q.ret, -1);
	assert_int_equal(q.err.kind, ERR_REFUSED);
	assert_string_equal(q.err.text, "the credential is refused; 2 prompts are left");
	assert_int_equal(world.sent, 2);
	assert_int_equal(world.recorded, 2); /* that it was refused is an event as well */
	assert_int_equal(results_of(&q, "done"), 1);
	queue_done(&q);
}

static void what_cannot_be_recorded_has_its_result_and_ends_it(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, "u1 a2");
	queue_run(&q);
	assert_int_equal(q.ret, -1);
	assert_int_equal(q.err.kind, ERR_IO);
	assert_int_equal(world.sent, 1);
	assert_int_equal(results_of(&q, "done"), 1);
	queue_done(&q);
}

static void a_signal_leaves_what_was_not_begun(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, "i1 a2");
	queue_run(&q);
	assert_int_equal(q.ret, -1);
	assert_int_equal(q.err.kind, ERR_LATER);
	assert_string_equal(q.err.text, "interrupted; 1 prompt is left");
	assert_int_equal(world.sent, 1);
	assert_int_equal(results_of(&q, "done"), 1);
	queue_done(&q);
}

static void a_signal_that_finds_nothing_left_interrupts_nothing(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, "a1 i2");
	queue_run(&q);
	assert_int_equal(q.ret, 0);
	queue_done(&q);
	queue_init(&q, "r1 i2");
	queue_run(&q);
	assert_int_equal(q.ret, 1);
	queue_done(&q);
}

static void many_threads_send_each_once(void **state)
{
	DEFER(buf_done) struct buf ids = BUF_INIT(TEXT_BYTES);
	struct queue q;

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(buf_addf(&ids, "%sa%u", i ? " " : "", i), 0);
	queue_init(&q, ids.ptr);
	q.o.jobs = 8;
	queue_run(&q);
	assert_int_equal(q.ret, 0);
	assert_int_equal(world.sent, 40);
	assert_int_equal(results_of(&q, "done"), 40);
	assert_said(&q,
		    "40 answered (120 input and 40 output tokens), 0 without an answer, 0 left; 0 had one before\n");
	queue_done(&q);
}

static void other_formats_are_refused_before_anything_is_sent(void **state)
{
	const struct prompt_defaults defaults = { .model = "m", .max_tokens = 9 };
	struct err err = ERR_INIT;
	struct session s = { 0 };
	struct queue q;

	(void)state;
	queue_init(&q, "a1");
	q.o.format = OUTPUT_CSV;
	s.o = &q.o;
	world.sent = 0;
	assert_int_equal(message_run(&s, false, &defaults, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(world.sent, 0);
	assert_int_equal(access(q.results, F_OK), -1);
	queue_done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_of_all_is_told_and_what_has_an_answer_is_not_sent_again),
		cmocka_unit_test(an_answer_to_another_prompt_of_the_same_id_is_none),
		cmocka_unit_test(three_in_a_row_that_are_for_later_end_it),
		cmocka_unit_test(what_concerns_all_prompts_ends_it),
		cmocka_unit_test(what_cannot_be_recorded_has_its_result_and_ends_it),
		cmocka_unit_test(a_signal_leaves_what_was_not_begun),
		cmocka_unit_test(a_signal_that_finds_nothing_left_interrupts_nothing),
		cmocka_unit_test(many_threads_send_each_once),
		cmocka_unit_test(other_formats_are_refused_before_anything_is_sent),
	};

	log_init("skantctl", LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
