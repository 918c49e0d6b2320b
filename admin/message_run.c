/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_run.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "admin/message_queue.h"
#include "admin/message_results.h"
#include "common/base/text.h"
#include "common/sys/log.h"

#define NUMBER_BYTES 32

struct run {
	const struct prompt_defaults *defaults;
	struct message_sender sender;
	struct message_results results;

	pthread_mutex_t reading; /* of the queue, and what is known of it */
	struct message_queue queue;
	struct message_ids seen;  /* of a queue that cannot be read twice */
	uint64_t total;           /* prompts of one that can */
	uint64_t before, changed; /* with an answer from before; with one to another prompt */

	pthread_mutex_t writing;          /* of results, and what they come to */
	uint64_t done, failed, postponed; /* postponed: nothing was done, and the next run sends them */
	uint64_t input_tokens, output_tokens;
	unsigned later; /* postponed in a row */
	bool is_halted;
	struct err why; /* of the halt; else of what was postponed last */
};

struct job { /* what a thread uses again and again */
	struct buf line, text;
	struct prompt prompt;
};

/* Ends the run for all threads: what is on its way is waited for. The first reason counts. */
static void halt(struct run *r, const struct err *why)
{
	(void)pthread_mutex_lock(&r->writing);
	if (!r->is_halted)
		r->why = *why;
	r->is_halted = true;
	(void)pthread_mutex_unlock(&r->writing);
	atomic_store(&r->sender.drain, true);
}

static void count(struct run *r, const struct message_outcome *o)
{
	if (o->kind == OUTCOME_DONE) {
		r->done++;
		r->input_tokens += o->is_count ? o->input_tokens : o->message.input_tokens;
		r->output_tokens += o->message.output_tokens.value;
	} else if (o->kind == OUTCOME_LATER) {
		r->postponed++;
		if (!r->is_halted)
			r->why = o->why;
	} else {
		r->failed++;
	}
	r->later = o->kind == OUTCOME_LATER ? r->later + 1 : 0;
}

/* Writes the result; then it counts. */
static int finish(struct run *r, struct job *job, const struct message_outcome *o, struct err *err)
{
	bool is_hopeless;
	int ret;

	job->text.max = RESULT_BYTES;
	buf_clear(&job->text);
	if (message_add_result(&job->text, o))
		return err_nomem(err);
	(void)pthread_mutex_lock(&r->writing);
	ret = message_results_add(&r->results, buf_view(&job->text), err);
	if (!ret)
		count(r, o);
	is_hopeless = r->later >= QUEUE_LATER_MAX;
	(void)pthread_mutex_unlock(&r->writing);
	if (!ret && is_hopeless) {
		*err = o->why;
		return -1;
	}
	return ret;
}

static int add_failure(struct run *r, struct job *job, const struct err *why, struct err *err)
{
	const struct message_outcome o = {
		.kind = OUTCOME_INVALID, .prompt = &job->prompt, .why = *why, .is_count = r->sender.is_count
	};

	return finish(r, job, &o, err);
}

/* Sends one. 0 to go on, -1 with err to end. */
static int send_one(struct run *r, struct job *job, struct err *err)
{
	struct message_outcome o = { .kind = OUTCOME_UNKNOWN };
	struct err other = ERR_INIT;
	enum message_fate fate = message_sender_send(&r->sender, &job->prompt, &o, err);
	int ret = 0;

	if (fate == MESSAGE_ENDED) {
		ret = message_sender_record(&r->sender, &o, err);
		if (finish(r, job, &o, ret ? &other : err)) { /* what cannot be recorded is a result all the same */
			if (ret)
				log_error("%s", other.text);
			ret = -1;
		}
	} else if (fate == MESSAGE_HALT) {
		if (o.kind == OUTCOME_REFUSED && message_sender_record(&r->sender, &o, &other))
			log_error("%s", other.text);
		ret = -1;
	}
	api_answer_done(&o.answer);
	return ret;
}

/* Whether a prompt that was read is to be sent. 1 or 0; -1 with err: it is none that can be. */
static int is_wanted(struct run *r, const struct prompt *p, struct err *err)
{
	const unsigned char *answered = message_ids_find(&r->results.answered, p->id_digest);

	if (!r->queue.is_regular) {
		if (message_ids_find(&r->seen, p->id_digest))
			return err_set(err, ERR_FORMAT, 0, "an earlier line has the same \"id\"");
		if (message_ids_put(&r->seen, p->id_digest, p->digest, err))
			return -1;
	}
	if (!answered)
		return 1;
	if (memcmp(answered, p->digest, PROMPT_DIGEST_BYTES) == 0) {
		r->before++;
		return 0;
	}
	r->changed++;
	return 1;
}

/* The next prompt that is to be sent. 1; 0 at the end; -1 with err; -2 when the line is none, and why tells. */
static int next(struct run *r, struct job *job, struct err *why, struct err *err)
{
	uint64_t number;
	int status;

	(void)pthread_mutex_lock(&r->reading);
	for (;;) {
		status = message_queue_next(&r->queue, &r->sender.drain, &job->line, &number, err);
		if (status <= 0)
			break;
		status = prompt_read(buf_view(&job->line), number, r->defaults, &job->prompt, why);
		if (status == 0)
			status = is_wanted(r, &job->prompt, why);
		if (status > 0)
			break;
		if (status < 0) {
			status = why->kind == ERR_FORMAT ? -2 : -1;
			if (status == -1)
				*err = *why;
			break;
		}
	}
	(void)pthread_mutex_unlock(&r->reading);
	return status;
}

static void *work(void *context)
{
	struct run *r = context;
	struct job job = { .line = BUF_INIT(2 * (size_t)QUEUE_LINE_BYTES), .prompt = PROMPT_INIT };
	struct err err = ERR_INIT, why = ERR_INIT;
	int status;

	while ((status = next(r, &job, &why, &err)) != 0) {
		if (status > 0)
			status = send_one(r, &job, &err);
		else if (status == -2)
			status = add_failure(r, &job, &why, &err);
		if (status < 0) {
			halt(r, &err);
			break;
		}
	}
	buf_wipe(&job.line);
	buf_wipe(&job.text);
	prompt_done(&job.prompt);
	return NULL;
}

/* The caller is one of the threads. Fewer than asked for are no error. */
static void work_together(struct run *r, size_t jobs)
{
	pthread_t threads[JOBS_MAX];
	size_t count = 0;

	while (count + 1 < jobs && count < ARRAY_LEN(threads) && pthread_create(&threads[count], NULL, work, r) == 0)
		count++;
	(void)work(r);
	while (count)
		(void)pthread_join(threads[--count], NULL);
}

static uint64_t left_of(const struct run *r)
{
	uint64_t gone = r->before + r->done + r->failed;

	return r->total > gone ? r->total - gone : 0;
}

static void tell(const struct run *r)
{
	char left[NUMBER_BYTES] = "";

	if (r->queue.is_regular)
		(void)snprintf(left, sizeof(left), ", %llu left", (unsigned long long)left_of(r));
	log_info("%llu answered (%llu input and %llu output token%s), %llu without an answer%s; %llu had one before",
		 (unsigned long long)r->done, (unsigned long long)r->input_tokens, (unsigned long long)r->output_tokens,
		 text_plural(r->output_tokens), (unsigned long long)r->failed, left, (unsigned long long)r->before);
	if (r->changed)
		log_info("%llu of them had an answer to another prompt of the same id", (unsigned long long)r->changed);
}

static int conclude(const struct run *r, struct err *err)
{
	/* a signal that came while the last ones were on their way has kept none from an answer */
	bool is_through = r->queue.is_regular && !left_of(r);
	bool was_interrupted = !r->is_halted && !is_through && message_sender_was_interrupted();
	const char *why = was_interrupted ? "interrupted" : r->why.text;
	enum err_kind kind = was_interrupted ? ERR_LATER : r->why.kind;

	if (!r->is_halted && !was_interrupted && !r->postponed)
		return r->failed ? 1 : 0;
	if (!r->queue.is_regular)
		return err_set(err, kind, 0, "%s", why);
	return err_set(err, kind, 0, "%.*s; %llu prompt%s left", ERR_TEXT_BYTES / 2, why,
		       (unsigned long long)left_of(r), left_of(r) == 1 ? " is" : "s are");
}

static int check_options(const struct options *o, struct err *err)
{
	if (o->format != OUTPUT_TABLE && o->format != OUTPUT_JSONL)
		return err_set(err, ERR_USAGE, 0,
			       "results of a queue are JSON lines: -o jsonl, or no -o, was expected");
	return 0;
}

/* Reads the queue once to its end where that can be done, before anything is sent. */
static int open_all(struct run *r, struct session *s, bool is_count, struct err *err)
{
	int (*open_results)(struct message_results * results, const char *path, struct err *err) =
		s->o->dry_run ? message_results_look : message_results_open;

	if (check_options(s->o, err) || message_queue_open(&r->queue, s->o->queue, err) ||
	    (r->queue.is_regular && message_queue_check(&r->queue, r->defaults, &r->total, err)) ||
	    open_results(&r->results, s->o->results, err))
		return -1;
	if (r->results.was_torn)
		log_warn("'%s': the last result was not whole, and was taken off", r->results.path);
	return message_sender_open(&r->sender, s, is_count, true, err);
}

int message_run(struct session *s, bool is_count, const struct prompt_defaults *defaults, struct err *err)
{
	struct run r = { .defaults = defaults,
			 .queue = { .fd = -1 },
			 .results = { .fd = -1 },
			 .sender = { .s = s, .usage_fd = -1 } };
	size_t jobs = s->o->jobs ? (size_t)s->o->jobs : QUEUE_JOBS;
	int ret;

	(void)pthread_mutex_init(&r.reading, NULL);
	(void)pthread_mutex_init(&r.writing, NULL);
	ret = open_all(&r, s, is_count, err);
	if (!ret) {
		work_together(&r, s->o->dry_run && !is_count ? 1 : jobs);
		tell(&r);
		ret = conclude(&r, err);
	}
	message_sender_done(&r.sender);
	message_results_done(&r.results);
	message_queue_done(&r.queue);
	message_ids_done(&r.seen);
	(void)pthread_mutex_destroy(&r.reading);
	(void)pthread_mutex_destroy(&r.writing);
	return ret;
}
