/* SPDX-License-Identifier: Apache-2.0 */
/* What reports show of a finding, whatever their format: every text with the keys in it masked. Texts stay raw bytes
 * unless a function says that they are clean. Each returns 0, or -1 as buf_add. */
#ifndef SCANNER_REPORT_SHOWN_H
#define SCANNER_REPORT_SHOWN_H

#include "common/sys/jsonw.h"
#include "scanner/report/report.h"

[[nodiscard]] int shown_add(struct buf *out, struct view text);
/* Also safe on a terminal, in a log and in XML: text_add_clean. */
[[nodiscard]] int shown_add_clean(struct buf *out, struct view text);

/* `path:rule:line`, with `commit:` before it in history. */
[[nodiscard]] int shown_add_fingerprint(struct buf *out, const struct finding *f);
/* The line round it, cut. */
[[nodiscard]] int shown_add_line(struct buf *out, const struct finding *f);
/* One sentence, without a full stop: "Claude API key sk-ant-api03-Ab1...9zAA", "... name 'x' breaks the convention:
 * format, case". */
[[nodiscard]] int shown_add_title(struct buf *out, const struct finding *f);
/* The first sentence of what to do, clean; nothing when the rule gives none. */
[[nodiscard]] int shown_add_advice(struct buf *out, const struct finding *f);
/* "3 files were not read (unreadable): 'a', 'b'", clean, with examples at most of the summary's. */
[[nodiscard]] int shown_add_unread(struct buf *out, const struct summary *s, enum unread reason, size_t examples);
/* "2 reports were cut off, 1 record could not be read": why a merge is incomplete although all was read that its
 * reports tell of; nothing when that is not so, or when what is reported broke off. */
[[nodiscard]] int shown_add_lacks(struct buf *out, const struct summary *s);

/* Cuts the next entry of origin.refs ("\n") or origin.also_at ("//") off. false at the end. */
bool shown_next(struct view *rest, struct view separator, struct view *ret);

/* A member with masked text; NULL: nothing is written. A failure is the writer's. */
void shown_put(struct jsonw *w, const char *key, const char *text);
void shown_put_value(struct jsonw *w, const char *text);
void shown_put_fingerprint(struct jsonw *w, const char *key, const struct finding *f);
void shown_put_line(struct jsonw *w, const char *key, const struct finding *f);
void shown_put_title(struct jsonw *w, const char *key, const struct finding *f);
/* The members that say where in history it stands, those that are known; the names are those of skant-finding/1. */
void shown_put_origin(struct jsonw *w, const struct origin *o);

#endif
