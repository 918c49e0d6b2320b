/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/change.h"

#include <stdarg.h>
#include <unistd.h>

#include "admin/ask.h"
#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/log.h"

/* A sentence with words of the command line in it, fit for a terminal: a key pasted by mistake is masked. */
PRINTF_LIKE(2, 0)
static int add_sentence(struct buf *clean, const char *fmt, va_list args)
{
	DEFER(buf_wipe) struct buf raw = BUF_INIT(OUTPUT_PENDING_BYTES);
	DEFER(buf_wipe) struct buf masked = BUF_INIT(OUTPUT_PENDING_BYTES);

	return buf_addvf(&raw, fmt, args) || secret_add_masked_text(&masked, buf_view(&raw), VIEW_NONE) ||
			       text_add_clean(clean, buf_view(&masked))
		       ? -1
		       : 0;
}

int change_ask(struct session *s, const struct change *change, struct err *err, const char *fmt, ...)
{
	DEFER(buf_done) struct buf question = BUF_INIT(OUTPUT_PENDING_BYTES);
	enum answer answer;
	va_list args;
	int ret;

	if (!session_route(s, change->operation, err))
		return -1;
	if (s->o->yes || s->o->dry_run)
		return CHANGE_GO;
	va_start(args, fmt);
	ret = add_sentence(&question, fmt, args);
	va_end(args);
	if (ret)
		return err_nomem(err);
	if (ask(STDIN_FILENO, STDERR_FILENO, question.ptr, &answer, err))
		return -1;
	if (answer == ANSWER_YES)
		return CHANGE_GO;
	log_info("nothing was changed");
	return 1;
}

int change_warn(struct err *err, const char *fmt, ...)
{
	DEFER(buf_done) struct buf sentence = BUF_INIT(OUTPUT_PENDING_BYTES);
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = add_sentence(&sentence, fmt, args);
	va_end(args);
	if (ret)
		return err_nomem(err);
	log_warn("%s", sentence.ptr);
	return 0;
}

int change_print(struct session *s, const struct change *change, const struct api_answer *answer, struct err *err,
		 const char *fmt, ...)
{
	DEFER(buf_done) struct buf sentence = BUF_INIT(OUTPUT_PENDING_BYTES);
	va_list args;
	int ret;

	if (!answer->reply.was_sent)
		return 0;
	va_start(args, fmt);
	ret = add_sentence(&sentence, fmt, args);
	va_end(args);
	if (ret)
		return err_nomem(err);
	if (!change->columns && s->o->format == OUTPUT_TABLE)
		return buf_add_byte(&sentence, '\n') ? err_nomem(err)
						     : output_text(STDOUT_FILENO, buf_view(&sentence), err);
	log_info("%s", sentence.ptr);
	return session_print(s, change->operation, change->columns, change->column_count, buf_view(&answer->reply.body),
			     err);
}
