/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked for: one rule, as rules/README.md describes it. Rules are read-only once loaded; the built-in ones
 * are constant tables made from rules/ at build time. */
#ifndef SCANNER_RULE_H
#define SCANNER_RULE_H

#include "common/base/buf.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };
enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

enum rule_kind {
	KIND_API,
	KIND_ADMIN,
	KIND_COMPLIANCE,
	KIND_OAUTH,
	KIND_OAUTH_REFRESH,
	KIND_SESSION,
	KIND_UNKNOWN, /* a key of no known kind, or what a user's own rule finds */
	KIND_KEYNAME, /* the name of a key, checked against the policy */
};

/* How much of a file a rule's regex sees once one of its keywords was met there. */
enum rule_scope {
	SCOPE_NEAR, /* from MATCH_BEFORE_BYTES before the keyword to MATCH_AFTER_BYTES behind it */
	SCOPE_FILE, /* the whole file (the whole piece of a file above SCAN_WINDOW_BYTES) */
};

/* A rule with a table looks at the cells of one column; its regex then says which rows count. It is searched in the
 * row's decided_by cell when the table has such a column, else in the row; where the heading has all words of one of
 * headings (in either case), every row counts. */
enum table_format { TABLE_NONE, TABLE_CSV, TABLE_MARKDOWN };

enum allow_target { ALLOW_SECRET, ALLOW_MATCH, ALLOW_LINE, ALLOW_PATH };

struct rule_allow {
	const char *regex;
	enum allow_target target;
	const char *reason;
};

struct rule_list { /* of terminated strings */
	const char *const *items;
	size_t count;
};

struct rule {
	const char *id;
	const char *title;
	const char *remediation; /* may be "" */
	const char *regex;
	const char *source; /* file it came from, for messages; "built in" */
	enum rule_kind kind;
	enum severity severity;
	enum confidence confidence; /* the most that the rule may claim: HIGH unless the file says less */
	enum rule_scope scope;
	unsigned secret_group;          /* group that is the secret, or the name when kind is KIND_KEYNAME */
	unsigned min_entropy_centibits; /* per character; 0 = not asked. 350 = 3.5 bits */
	bool keywords_nocase;
	bool keyword_starts;       /* the regex can only match where a keyword starts: it is tried there, anchored */
	struct rule_list keywords; /* empty = a full regex pass */
	struct rule_list also; /* one of these has to stand in the same text as well; empty = nothing more is asked */
	/* SCOPE_FILE: a match starts at most so many bytes before a keyword, or one of also, or on the line of that
	 * place, or where the last match ended; 0 = anywhere. */
	unsigned keyword_reach, also_reach;
	enum table_format table;
	struct rule_list columns, decided_by; /* names in a table's header; of columns the first that is there counts */
	struct rule_list headings;            /* words that say what a table is about */
	struct rule_list include, exclude;    /* path globs; empty include = all */
	const struct rule_allow *allows;
	size_t allow_count;
	struct rule_list examples_match, examples_no_match;
};

const char *severity_name(enum severity s);
const char *confidence_name(enum confidence c);
const char *rule_kind_name(enum rule_kind k);
/* The value of a name; -1 when there is none of that name. */
int severity_from(struct view name);
int confidence_from(struct view name);
int rule_kind_from(struct view name);
/* All names in order of value, for messages. */
extern const char *const severity_names[4];
extern const char *const confidence_names[3];
extern const char *const rule_kind_names[8];

#endif
