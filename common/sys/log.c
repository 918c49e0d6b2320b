/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/err.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/self.h"

/* A raw byte takes four when it is escaped; a key only gets shorter. */
#define CLEAN_BYTES (4 * LOG_LINE_BYTES)
#define LINE_BYTES (CLEAN_BYTES + NAME_BYTES)

const char *const log_level_names[4] = { "error", "warn", "info", "debug" };

/* How journald is told of the level of a line: sd-daemon(3). */
static const char *const priorities[4] = { "<3>", "<4>", "<6>", "<7>" };

static const char *program_name; /* set once, before there are threads, as is what follows */
static bool is_journal;          /* standard error leads to journald */
static atomic_uint current_level = LOG_INFO;

/* $JOURNAL_STREAM is inherited also where standard error leads somewhere else by now: it says which file was meant. */
static bool leads_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct view rest = view_of(stream ? stream : ""), device, inode;
	size_t colon = text_find_byte(rest, ':');
	uint64_t st_dev, st_ino;
	struct stat st;

	if (colon == SIZE_MAX)
		return false;
	device = view_sub(rest, 0, colon);
	inode = view_sub(rest, colon + 1, SIZE_MAX);
	return text_u64(device, UINT64_MAX, &st_dev) == 0 && text_u64(inode, UINT64_MAX, &st_ino) == 0 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == st_dev && st.st_ino == st_ino;
}

void log_init(const char *program, enum log_level level)
{
	program_name = program;
	is_journal = leads_to_journal();
	log_set_level(level);
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&current_level, level, memory_order_relaxed);
}

enum log_level log_level(void)
{
	return (enum log_level)atomic_load_explicit(&current_level, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
	return level <= log_level();
}

/* Keys are masked first: cleaning would leave them whole, and what it adds must not be taken for one. */
static int add_line(struct buf *line, enum log_level level, struct view text)
{
	static const char *const kinds[4] = { "error: ", "warning: ", "", "" };
	DEFER(buf_done) struct buf masked = BUF_INIT(CLEAN_BYTES);

	if (secret_add_masked_text(&masked, text, VIEW_NONE) < 0 ||
	    buf_addf(line, "%s%s: %s", is_journal ? priorities[level] : "", program_name ? program_name : self_name(),
		     kinds[level]) < 0 ||
	    text_add_clean(line, buf_view(&masked)) < 0)
		return -1;
	return buf_add_byte(line, '\n');
}

PRINTF_LIKE(2, 0)
static void log_text(enum log_level level, const char *fmt, va_list args)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LINE_BYTES);
	int saved = errno;
	char text[LOG_LINE_BYTES];
	int len = vsnprintf(text, sizeof(text), fmt, args);

	if (len >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	if (len < 0 || add_line(&line, level, view_of(text)) < 0)
		(void)file_write_full(STDERR_FILENO, VIEW("a message was lost: out of memory\n"));
	else
		(void)file_write_full(STDERR_FILENO, buf_view(&line));
	secret_wipe(text, sizeof(text));
	errno = saved;
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_text(LOG_ERROR, fmt, args);
	va_end(args);
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	if (!log_is_on(LOG_WARN))
		return;
	va_start(args, fmt);
	log_text(LOG_WARN, fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	if (!log_is_on(LOG_INFO))
		return;
	va_start(args, fmt);
	log_text(LOG_INFO, fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	if (!log_is_on(LOG_DEBUG))
		return;
	va_start(args, fmt);
	log_text(LOG_DEBUG, fmt, args);
	va_end(args);
}

void log_warn_text(const char *text)
{
	log_warn("%s", text);
}

void log_warn_err(void *, const struct err *err)
{
	log_warn("%s", err->text);
}
