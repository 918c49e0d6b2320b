/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl message: one prompt, or a queue of them, within the user's limits. */
#include <string.h>
#include <unistd.h>

#include "admin/ask.h"
#include "admin/cmd.h"
#include "admin/message_run.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/jsonw.h"
#include "common/sys/term.h"

static const struct column message_columns[] = {
	{ "id", "id" },
	{ "model", "model" },
	{ "stop_reason", "stop_reason" },
	{ "input_tokens", "usage.input_tokens" },
	{ "output_tokens", "usage.output_tokens" },
	{ "text", "text" },
};

static const struct column count_columns[] = { { "input_tokens", "input_tokens" } };

static struct prompt_defaults defaults_of(const struct options *o)
{
	return (struct prompt_defaults){ .model = o->model,
					 .system = o->system,
					 .team = o->team,
					 .feature = o->feature,
					 .max_tokens = o->max_tokens };
}

/* A prompt that is too long is the caller's mistake. */
static int read_prompt(struct buf *text, struct err *err)
{
	int ret;

	ask_for_input("the prompt");
	ret = file_read_rest(STDIN_FILENO, "the prompt on standard input", text, err);
	if (ret && err->kind == ERR_LIMIT)
		err->kind = ERR_USAGE;
	return ret;
}

/* A text as a person reads it; nothing that a model says writes to a terminal but its letters. */
static int print_text(struct view text, struct err *err)
{
	DEFER(buf_wipe) struct buf out = BUF_INIT(OUTPUT_PENDING_BYTES);
	struct view rest = text;

	if (!term_is_terminal(STDOUT_FILENO)) {
		if (buf_add(&out, text))
			return err_nomem(err);
		rest = VIEW_NONE;
	}
	while (rest.len) {
		size_t end = 0;

		while (end < rest.len && rest.ptr[end] != '\n' && rest.ptr[end] != '\t')
			end++;
		if (text_add_clean(&out, view_sub(rest, 0, end)) ||
		    (end < rest.len && buf_add_byte(&out, rest.ptr[end])))
			return err_nomem(err);
		rest = view_sub(rest, end + 1, SIZE_MAX);
	}
	if ((out.len == 0 || out.ptr[out.len - 1] != '\n') && buf_add_byte(&out, '\n'))
		return err_nomem(err);
	return output_text(STDOUT_FILENO, buf_view(&out), err);
}

/* The message as a row with its text in one cell. */
static int print_row(const struct session *s, const struct api_message *m, struct view text, struct err *err)
{
	DEFER(buf_wipe) struct buf row = BUF_INIT(RESULT_BYTES);
	struct jsonw w;

	jsonw_init(&w, &row, 0);
	jsonw_object(&w);
	jsonw_member(&w, "id", m->id);
	jsonw_member(&w, "model", m->model);
	jsonw_member(&w, "stop_reason", m->stop_reason);
	if (m->usage.len) {
		jsonw_key(&w, "usage");
		jsonw_raw(&w, m->usage);
	}
	jsonw_member(&w, "text", text);
	jsonw_end(&w);
	if (!jsonw_ok(&w))
		return err_nomem(err);
	return session_print(s, API_OPERATIONS, message_columns, ARRAY_LEN(message_columns), buf_view(&row), err);
}

static int print_message(const struct session *s, const struct message_outcome *o, struct err *err)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(API_REPLY_BYTES);

	if (s->o->format != OUTPUT_TABLE && s->o->format != OUTPUT_CSV)
		return session_print(s, API_MESSAGE_CREATE, message_columns, ARRAY_LEN(message_columns), o->message.raw,
				     err);
	if (api_message_add_text(&text, &o->message))
		return err_nomem(err);
	if (s->o->format == OUTPUT_CSV)
		return print_row(s, &o->message, buf_view(&text), err);
	return print_text(buf_view(&text), err);
}

static int print_count(const struct session *s, const struct message_outcome *o, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(64);

	if (s->o->format != OUTPUT_TABLE)
		return session_print(s, API_MESSAGE_COUNT, count_columns, ARRAY_LEN(count_columns),
				     buf_view(&o->answer.reply.body), err);
	if (buf_addf(&text, "%llu", (unsigned long long)o->input_tokens))
		return err_nomem(err);
	return print_text(buf_view(&text), err);
}

/* An answer is printed even when it cannot be recorded: it has been paid for. */
static int end_one(struct message_sender *m, const struct message_outcome *o, struct err *err)
{
	int ret = message_sender_record(m, o, err);

	if (o->kind != OUTCOME_DONE) {
		if (!ret)
			*err = o->why;
		return -1;
	}
	return (m->is_count ? print_count : print_message)(m->s, o, ret ? NULL : err) ? -1 : ret;
}

static int send_one(struct message_sender *m, const struct prompt *prompt, struct err *err)
{
	struct message_outcome o = { .kind = OUTCOME_UNKNOWN };
	struct err other = ERR_INIT;
	int ret = 0;

	switch (message_sender_send(m, prompt, &o, err)) {
	case MESSAGE_ENDED:
		ret = end_one(m, &o, err);
		break;
	case MESSAGE_LEFT:
		if (message_sender_was_interrupted())
			ret = err_set(err, ERR_LATER, 0, "interrupted before the prompt was sent");
		break;
	case MESSAGE_HALT:
		if (o.kind == OUTCOME_REFUSED)
			(void)message_sender_record(m, &o, &other);
		ret = -1;
		break;
	}
	api_answer_done(&o.answer);
	return ret;
}

static int run_one(struct session *s, bool is_count, const char *argument, const struct prompt_defaults *defaults,
		   struct err *err)
{
	DEFER(buf_wipe) struct buf input = BUF_INIT(QUEUE_LINE_BYTES);
	DEFER(prompt_done) struct prompt prompt = PROMPT_INIT;
	struct message_sender m = { .s = s, .usage_fd = -1 };
	struct view text = view_of(argument);
	int ret;

	if (s->o->results)
		return err_set(err, ERR_USAGE, 0, "--results belongs to --queue");
	if (!defaults->model)
		return prompt_of(VIEW("?"), defaults, &prompt, err);
	if (!argument) {
		if (read_prompt(&input, err))
			return -1;
		text = buf_view(&input);
	}
	if (prompt_of(text, defaults, &prompt, err))
		return -1;
	ret = message_sender_open(&m, s, is_count, false, err);
	if (!ret)
		ret = send_one(&m, &prompt, err);
	message_sender_done(&m);
	return ret;
}

static int run(struct session *s, bool is_count, char **args, size_t count, struct err *err)
{
	struct prompt_defaults defaults = defaults_of(s->o);

	if (count > 1)
		return err_set(err, ERR_USAGE, 0, "one prompt was expected, %zu arguments were given", count);
	if (s->o->queue && count)
		return err_set(err, ERR_USAGE, 0, "a prompt or --queue was expected, not both");
	if (s->o->queue)
		return message_run(s, is_count, &defaults, err);
	return run_one(s, is_count, count ? args[0] : NULL, &defaults, err);
}

int cmd_message_send(struct session *s, char **args, size_t count, struct err *err)
{
	return run(s, false, args, count, err);
}

int cmd_message_count(struct session *s, char **args, size_t count, struct err *err)
{
	return run(s, true, args, count, err);
}
