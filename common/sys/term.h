/* SPDX-License-Identifier: Apache-2.0 */
/* What a terminal can do, and a progress line on it. */
#ifndef COMMON_SYS_TERM_H
#define COMMON_SYS_TERM_H

#include "common/base/buf.h"

/* Colour is wanted on fd: it is a terminal, TERM is set and not "dumb", NO_COLOR (https://no-color.org) is unset or
 * empty. */
bool term_has_colour(int fd);
bool term_is_terminal(int fd);
unsigned term_width(int fd); /* columns; 80 when not known */

/* One line on stderr that is rewritten in place, at most 10 times a second, and first after a second. The text must be
 * clean (text_add_clean). One thread at a time. */
struct term_progress {
	bool on;
	bool shown;
	uint64_t next_ns; /* clock_mono_ns before which nothing is drawn */
};
void term_progress_start(struct term_progress *p, bool on);
bool term_progress_due(const struct term_progress *p);
void term_progress_show(struct term_progress *p, struct view text);
void term_progress_clear(struct term_progress *p); /* takes the line away */

#endif
