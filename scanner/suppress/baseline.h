/* SPDX-License-Identifier: Apache-2.0 */
/* A baseline: what was there when people began to look, and is therefore not news (docs/baselines.md). A key is known
 * by the id of its secret, the name of a key by rule and name: so an entry outlives lines that move and files that are
 * renamed. No entry holds a key.
 *
 * Schema skant-baseline/1, one entry a line, in the order of their bytes, so that differences read well. gitleaks' JSON
 * report, which is its baseline, is read as well: by the secrets in it, or where these are masked by its fingerprints
 * (`path:rule:line`, in history with `commit:` before it). */
#ifndef SCANNER_SUPPRESS_BASELINE_H
#define SCANNER_SUPPRESS_BASELINE_H

#include "common/base/err.h"
#include "scanner/finding.h"

#define BASELINE_NAME ".skant-baseline.json" /* what it is called unless somebody says otherwise */

struct baseline;

/* What a scan has looked at: only of that can be said that it is gone. */
struct baseline_scope {
	bool is_history;          /* entries of a history, or else those of files */
	const char *const *below; /* paths from the root, without a final slash; "" = everything */
	size_t count;             /* 0 = nothing is covered as a whole */
};

struct baseline *baseline_new(void); /* NULL when there is no memory */
void baseline_free(struct baseline *b);
void baseline_freep(struct baseline **b);

/* Reads a baseline into b, which is empty. 0, or -1 with err (ERR_CONFIG: FILE:LINE:COLUMN, what is wrong there and
 * what was expected; ERR_IO, ERR_LIMIT above BASELINE_FILE_BYTES, ERR_NOMEM). */
[[nodiscard]] int baseline_read(struct baseline *b, const char *path, struct err *err);
/* The same of a text; path is for messages. */
[[nodiscard]] int baseline_parse(struct baseline *b, struct view text, const char *path, struct err *err);
bool baseline_is_gitleaks(const struct baseline *b);     /* that is what was read */
size_t baseline_whole_secrets(const struct baseline *b); /* gitleaks' entries that hold one that is not masked */

/* Appends an entry for f; the same one twice is one. 0, or -1 when there is no memory. */
[[nodiscard]] int baseline_add(struct baseline *b, const struct finding *f);

/* Whether some entry is about f. */
bool baseline_has(const struct baseline *b, const struct finding *f);
/* The same, and remembers of these entries that they were met. */
bool baseline_meet(struct baseline *b, const struct finding *f);

/* Entries that can mean something to skant, and those of them that the scope covers and that were not met. */
size_t baseline_count(const struct baseline *b);
size_t baseline_unmet(const struct baseline *b, const struct baseline_scope *scope);

/* Copies entries of old to b: those that the scope does not cover; with keep_unmet also those that it does and that
 * were not met. 0, or -1 when there is no memory. */
[[nodiscard]] int baseline_keep(struct baseline *b, const struct baseline *old, const struct baseline_scope *scope,
				bool keep_unmet);

/* Tells of each entry that only one of the two has by what it is known, once: path, rule, and whether it came. The
 * second one's entries that the scope does not cover are left out. */
void baseline_compare(const struct baseline *now, const struct baseline *old, const struct baseline_scope *scope,
		      void (*tell)(void *context, const char *path, const char *rule_id, bool came), void *context);

/* Appends the file's text. 0, or -1 as buf_add. */
[[nodiscard]] int baseline_add_text(struct baseline *b, struct buf *out);

#endif
