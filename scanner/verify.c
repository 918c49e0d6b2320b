/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "common/sys/proc.h"
#include "scanner/answer.h"
#include "scanner/keyring.h"

#define PROGRAM "skantctl"
#define PATH_BYTES (1u << 20)
#define LOOK_MS 100 /* how often a stop is noticed while it is waited for answers */
#define NS_PER_MS 1'000'000u

struct verify {
	struct buf program;
	const char *argv[5];
	struct proc_child child;
	struct keyring keys;
	/* what it has said and nobody has looked at yet */
	struct buf answers, notes;
	bool (*stopped)(void *context);
	void *context;
	uint64_t heard_ns; /* when the last answer came */
	size_t asked, answered, odd, note_count;
	const char *why; /* no answer came for the others; NULL: nothing was asked */
	char ended[64];
};

static int start(struct verify *v, struct err *err)
{
	struct proc_spec spec = { .argv = v->argv, .gets_credentials = true };

	if (proc_find(PROGRAM, &v->program, err))
		return err_prefix(err, "--verify asks " PROGRAM);
	v->argv[0] = v->program.ptr;
	v->argv[1] = "verify";
	v->argv[2] = "-o";
	v->argv[3] = "jsonl";
	return proc_start(&spec, &v->child, err);
}

struct verify *verify_start(struct err *err)
{
	struct verify *v = calloc(1, sizeof(*v));

	if (!v) {
		(void)err_nomem(err);
		return NULL;
	}
	v->program = (struct buf)BUF_INIT(PATH_BYTES);
	/* a piece that is read fits behind a line that is not complete yet */
	v->answers = v->notes = (struct buf)BUF_INIT(2 * VERIFY_ANSWER_BYTES);
	v->child = (struct proc_child){ .fds = { -1, -1, -1 } };
	keyring_init(&v->keys);
	if (start(v, err))
		verify_freep(&v);
	return v;
}

void verify_freep(struct verify **at)
{
	struct verify *v = *at;

	*at = NULL;
	if (!v)
		return;
	(void)proc_end(&v->child, 0);
	keyring_done(&v->keys);
	buf_done(&v->program);
	buf_wipe(&v->answers);
	buf_wipe(&v->notes);
	free(v);
}

/* A pattern of a user's own rule may find anything: only what is a key by its form goes out, on a line of its own. */
static bool has_form(struct view key)
{
	for (size_t i = 0; i < key.len; i++)
		if (!secret_is_key_char(key.ptr[i]))
			return false;
	return key.len <= VERIFY_KEY_BYTES && text_starts(key, VIEW("sk-ant-"));
}

static bool is_askable(enum rule_kind kind)
{
	return kind == KIND_API || kind == KIND_ADMIN || kind == KIND_COMPLIANCE || kind == KIND_OAUTH;
}

void verify_hold(struct verify *v, const struct finding *f, struct view key)
{
	if (is_askable(f->rule->kind) && has_form(key))
		keyring_hold(&v->keys, f->secret_id, key);
}

void verify_want(struct verify *v, const struct finding *f)
{
	if (is_askable(f->rule->kind))
		keyring_want(&v->keys, f->secret_id);
}

/* All wanted keys, which are then in nobody else's hands. */
static void gather(struct verify *v, struct buf *input)
{
	for (struct held_key *key = v->keys.first_wanted; key; key = key->next_wanted) {
		size_t before = input->len;

		if (buf_add(input, buf_view(&key->secret)) || buf_add_byte(input, '\n')) {
			buf_cut(input, before);
			v->keys.is_full = true;
			break;
		}
		buf_wipe(&key->secret);
		v->asked++;
	}
}

/* Without memory for its texts the verdict is there all the same. */
static void keep(struct held_key *key, struct answer *answer)
{
	char *reason = answer->reason.len ? buf_detach(&answer->reason) : NULL;
	char *organization = answer->organization.len ? buf_detach(&answer->organization) : NULL;

	key->verdict = (struct verdict){ .state = answer->state, .reason = reason, .organization = organization };
}

static void take_answer(struct verify *v, struct view line)
{
	DEFER(answer_done) struct answer answer = ANSWER_INIT;
	struct err err = ERR_INIT;
	struct held_key *key;

	if (!text_trim(line).len)
		return;
	if (answer_read(&answer, line, &err)) {
		if (v->odd++ == 0)
			log_warn(PROGRAM " verify wrote a line that is no answer: %s", err.text);
		return;
	}
	key = keyring_find(&v->keys, answer.id);
	if (!key || !key->is_wanted || key->verdict.state != VERIFIED_NOT)
		return;
	keep(key, &answer);
	v->answered++;
	v->heard_ns = clock_mono_ns();
}

static void take_note(struct verify *v, struct view line)
{
	if (!text_trim(line).len)
		return;
	if (v->note_count++ < VERIFY_NOTES_MAX)
		log_warn("from " PROGRAM " verify: %.*s", (int)view_sub(line, 0, LOG_LINE_BYTES).len, line.ptr);
}

/* Hands on the complete lines, at the end also one without its newline, and keeps the rest. */
static void take_lines(struct verify *v, struct buf *text, bool is_end,
		       void (*take)(struct verify *v, struct view line))
{
	struct view rest = buf_view(text), line;
	size_t newline;

	while ((newline = text_find_byte(rest, '\n')) != SIZE_MAX) {
		line = view_sub(rest, 0, newline);
		rest = view_sub(rest, newline + 1, rest.len);
		take(v, line);
	}
	if (is_end && rest.len) {
		take(v, rest);
		rest.len = 0;
	}
	if (rest.len == text->len)
		return;
	if (rest.len)
		memmove(text->ptr, rest.ptr, rest.len);
	buf_cut(text, rest.len);
}

static bool go_on(void *context)
{
	struct verify *v = context;

	take_lines(v, &v->answers, false, take_answer);
	take_lines(v, &v->notes, false, take_note);
	if (v->stopped(v->context))
		v->why = "no answer had come when the scan was stopped";
	else if (clock_mono_ns() - v->heard_ns > (uint64_t)VERIFY_SILENCE_MS * NS_PER_MS)
		v->why = "no answer came in time";
	return !v->why;
}

/* What is left to say once it has ended, or was given up. */
static void conclude(struct verify *v, int status, const struct err *err)
{
	take_lines(v, &v->answers, true, take_answer);
	take_lines(v, &v->notes, true, take_note);
	if (v->note_count > VERIFY_NOTES_MAX)
		log_warn(PROGRAM " verify said %zu lines more", v->note_count - VERIFY_NOTES_MAX);
	if (v->odd > 1)
		log_warn(PROGRAM " verify wrote %zu lines that are no answers", v->odd);
	if (err->kind != ERR_NONE)
		log_warn("--verify: %s", err->text);
	(void)snprintf(v->ended, sizeof(v->ended), PROGRAM " verify ended with exit status %d", status);
	if (v->why || status)
		log_warn("--verify: %s", v->why ? v->why : v->ended);
	if (!v->why)
		v->why = v->ended;
	if (v->answered < v->asked)
		log_warn("%zu of %zu keys were not checked: whether they are live is unknown", v->asked - v->answered,
			 v->asked);
}

static void talk(struct verify *v)
{
	DEFER(buf_wipe) struct buf input = BUF_INIT(VERIFY_INPUT_BYTES);
	const struct proc_wait wait = { .go_on = go_on, .context = v, .look_ms = LOOK_MS };
	struct err err = ERR_INIT;
	int ret;

	gather(v, &input);
	if (!v->asked)
		return;
	v->heard_ns = clock_mono_ns();
	ret = proc_talk(&v->child, buf_view(&input), &v->answers, &v->notes, &wait, &err);
	conclude(v, proc_end(&v->child, ret == 0 ? VERIFY_END_MS : 0), &err);
}

void verify_ask(struct verify *v, bool (*stopped)(void *context), void *context)
{
	v->stopped = stopped;
	v->context = context;
	if (!v->keys.first_wanted)
		return;
	if (stopped(context))
		v->why = "not asked: the scan was stopped";
	else
		talk(v);
}

struct verdict verify_verdict(const struct verify *v, const struct finding *f)
{
	const struct held_key *key = keyring_find(&v->keys, f->secret_id);
	struct verdict none = { .state = VERIFIED_UNKNOWN };

	if (key && key->verdict.state != VERIFIED_NOT)
		return key->verdict;
	if (f->rule->kind == KIND_OAUTH_REFRESH || f->rule->kind == KIND_SESSION)
		none.reason = "not checked: refresh tokens and session keys are never sent";
	else if (!is_askable(f->rule->kind) || (!key && !v->keys.is_full))
		none.reason = "not checked: there is no question for keys of this kind";
	else if (!key || (key->secret.len && v->keys.is_full))
		none.reason = "not checked: too many different keys were found, or memory is short";
	else
		none.reason = v->why;
	return none;
}
