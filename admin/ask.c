/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/ask.h"

#include <errno.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "common/sys/term.h"

int ask(int in_fd, int out_fd, const char *question, enum answer *ret, struct err *err)
{
	if (!term_is_terminal(in_fd) || !term_is_terminal(out_fd))
		return err_set(err, ERR_USAGE, 0,
			       "%s There is no terminal to ask on; nothing was done. Say --yes to go on", question);
	return ask_line(in_fd, out_fd, question, ret, err);
}

/* A byte at a time: what follows the line is not ours. */
static int read_line(int fd, struct buf *line, struct err *err)
{
	char byte;

	for (;;) {
		ssize_t got = read(fd, &byte, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, ERR_IO, errno, "cannot read the answer");
		if (got == 0 || byte == '\n')
			return 0;
		if (buf_add_byte(line, byte))
			return err_set(err, ERR_USAGE, 0, "the answer is too long: y or n was expected");
	}
}

int ask_line(int in_fd, int out_fd, const char *question, enum answer *ret, struct err *err)
{
	DEFER(buf_done) struct buf prompt = BUF_INIT(ERR_TEXT_BYTES);
	DEFER(buf_done) struct buf line = BUF_INIT(ASK_ANSWER_BYTES);
	struct view word;

	*ret = ANSWER_NO;
	if (buf_addf(&prompt, "%s [y/N] ", question))
		return err_nomem(err);
	if (file_write_full(out_fd, buf_view(&prompt)))
		return err_set(err, ERR_IO, errno, "cannot ask on the terminal");
	if (read_line(in_fd, &line, err))
		return -1;
	word = text_trim(buf_view(&line));
	if (text_eq_nocase(word, VIEW("y")) || text_eq_nocase(word, VIEW("yes")))
		*ret = ANSWER_YES;
	return 0;
}

void ask_for_input(const char *what)
{
	if (term_is_terminal(STDIN_FILENO))
		log_info("reading %s, from the terminal; Ctrl-D ends it", what);
}
