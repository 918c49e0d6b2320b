/* SPDX-License-Identifier: Apache-2.0 */
/* What people have decided not to hear about: markers on the line itself, allow entries of the configuration, and
 * ignore files (.skantignore, .gitleaksignore) that list fingerprints or secret ids. Read-only during a scan. */
#ifndef SCANNER_SUPPRESS_SUPPRESS_H
#define SCANNER_SUPPRESS_SUPPRESS_H

#include "common/base/err.h"
#include "scanner/finding.h"
#include "scanner/item.h"
#include "scanner/record.h"

struct suppress;

struct suppress_allow {         /* terminated strings, copied */
	struct rule_list paths; /* globs; empty = everywhere */
	struct rule_list rules; /* globs on rule ids; empty = all */
	const char *reason;
	int64_t expires_days; /* the last day on which it works, since 1970-01-01; INT64_MAX = no end */
};

struct suppress_unread { /* what may stay unread without making the scan incomplete */
	struct rule_list paths;
	uint32_t reasons; /* bit set of enum unread */
	const char *reason;
};

struct suppress *suppress_new(void); /* NULL when there is no memory */
void suppress_free(struct suppress *s);
void suppress_freep(struct suppress **s);

/* 0, or -1 when there is no memory. today decides whether an allow entry still works. */
[[nodiscard]] int suppress_add_allow(struct suppress *s, const struct suppress_allow *allow, int64_t today);
[[nodiscard]] int suppress_add_unread(struct suppress *s, const struct suppress_unread *unread);

/* Reads an ignore file: one fingerprint (`path:rule:line`, `commit:path:rule:line`) or secret id (`sha256:` + 32 hex
 * digits) a line; `#` starts a comment line. note is called with a complete sentence for each line that is neither,
 * which has no effect; only the first IGNORE_LINES_TOLD are told one by one. 0 (also when there is no such file), or -1
 * with err (ERR_CONFIG: it is no regular file, too large, or no text). */
[[nodiscard]] int suppress_read(struct suppress *s, const char *path, void (*note)(const char *text), struct err *err);

/* The rule that is here what gitleaks calls so: often the same name. */
struct view suppress_rule_here(struct view gitleaks_id);

/* The marker that allows findings on this line (`skant:allow`, `gitleaks:allow`), or NULL. */
const char *suppress_marker(struct view line);

/* Why f is to be suppressed: an allow entry's reason, or "listed in an ignore file"; NULL = it is not. */
const char *suppress_reason(const struct suppress *s, const struct finding *f);

/* Why an unread item is accepted, or NULL. */
const char *suppress_accepts(const struct suppress *s, const struct record_unread *unread);

#endif
