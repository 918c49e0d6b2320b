/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/file.h"

#define WIDTH_UNKNOWN 80
#define PROGRESS_FIRST_NS 1'000'000'000u
#define PROGRESS_EVERY_NS 100'000'000u
#define PROGRESS_LINE_BYTES 4096

/* ECMA-48, EL: erases from the cursor to the end of the line. */
#define ERASE_REST "\x1b[K"

bool term_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

bool term_has_colour(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	return term && strcmp(term, "dumb") != 0 && term_is_terminal(fd);
}

unsigned term_width(int fd)
{
	struct winsize size = { .ws_col = 0 };

	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return WIDTH_UNKNOWN;
	return size.ws_col;
}

void term_progress_start(struct term_progress *p, bool on)
{
	*p = (struct term_progress){ .on = on, .next_ns = on ? clock_mono_ns() + PROGRESS_FIRST_NS : 0 };
}

bool term_progress_due(const struct term_progress *p)
{
	return p->on && clock_mono_ns() >= p->next_ns;
}

/* As much of text as takes at most columns, a character each. */
static struct view fit(struct view text, size_t columns)
{
	size_t len = 0;

	for (size_t i = 0; i < columns && len < text.len; i++) {
		size_t step = text_utf8_len(view_sub(text, len, text.len));

		len += step ? step : 1;
	}
	return view_sub(text, 0, len);
}

void term_progress_show(struct term_progress *p, struct view text)
{
	DEFER(buf_done) struct buf line = BUF_INIT(PROGRESS_LINE_BYTES);

	if (!term_progress_due(p))
		return;
	p->next_ns = clock_mono_ns() + PROGRESS_EVERY_NS;
	/* The last column stays free: a full line would make some terminals start the next one. */
	if (buf_add_byte(&line, '\r') < 0 || buf_add(&line, fit(text, term_width(STDERR_FILENO) - 1)) < 0 ||
	    buf_add_text(&line, ERASE_REST) < 0)
		return;
	p->shown = true;
	(void)file_write_full(STDERR_FILENO, buf_view(&line));
}

void term_progress_clear(struct term_progress *p)
{
	if (!p->shown)
		return;
	p->shown = false;
	(void)file_write_full(STDERR_FILENO, VIEW("\r" ERASE_REST));
}
