/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the person at the terminal: `program: text` on stderr, one write a line, safe between threads.
 *
 * Whatever is logged goes through text_add_clean and secret_add_masked_text: no escape sequence and no key can pass.
 * Where standard error leads to journald ($JOURNAL_STREAM says so), each line begins with its level, "<4>" for a
 * warning, which journald takes off: sd-daemon(3). Only program code logs. */
#ifndef COMMON_SYS_LOG_H
#define COMMON_SYS_LOG_H

#include "common/base/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* program: static text. Where standard error leads is found out here. */
void log_init(const char *program, enum log_level level);
void log_set_level(enum log_level level);
enum log_level log_level(void);
bool log_is_on(enum log_level level);

PRINTF_LIKE(1, 2) void log_error(const char *fmt, ...); /* "skant: error: ..." */
PRINTF_LIKE(1, 2) void log_warn(const char *fmt, ...);  /* "skant: warning: ..." */
PRINTF_LIKE(1, 2) void log_info(const char *fmt, ...);  /* "skant: ..." */
PRINTF_LIKE(1, 2) void log_debug(const char *fmt, ...); /* "skant: ..." */

/* log_warn for who calls back: with a text, or with what err says (the first parameter is not looked at). */
struct err;
void log_warn_text(const char *text);
void log_warn_err(void *, const struct err *err);

extern const char *const log_level_names[4]; /* "error", "warn", "info", "debug" */

#endif
