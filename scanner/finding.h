/* SPDX-License-Identifier: Apache-2.0 */
/* What was found. A finding never holds the key itself: only its mask and its id. */
#ifndef SCANNER_FINDING_H
#define SCANNER_FINDING_H

#include "common/base/secret.h"
#include "scanner/rule.h"

enum finding_status { STATUS_NEW, STATUS_BASELINE, STATUS_ALLOWED, STATUS_COUNT };
extern const char *const finding_status_names[STATUS_COUNT]; /* "new", "baseline", "allowed" */

/* The checks that may lower a finding's confidence; a bit set in struct finding. */
enum check {
	CHECK_SHAPE,       /* not the usual ending */
	CHECK_ENTROPY,     /* too few bits a character */
	CHECK_PLACEHOLDER, /* a word such as "example", "your", "xxx" */
	CHECK_SEQUENCE,    /* runs of the alphabet or of digits */
	CHECK_REPETITION,  /* one character or one piece again and again */
	CHECK_SAMPLE,      /* known from documentation */
	CHECK_MASKED,      /* partly replaced by dots, stars or x */
	CHECK_REGEX,       /* the source of a pattern, not a key */
	CHECK_BIGRAM,      /* full length, but too few different pairs of characters to be random */
	CHECK_LENGTH,      /* shorter or longer than keys of this kind are */
	CHECK_IDENTIFIER,  /* part of a longer word, hash or encoded blob */
	CHECK_COUNT,
};
extern const char *const check_names[CHECK_COUNT]; /* "shape", "entropy", ... */
extern const char *const check_texts[CHECK_COUNT]; /* one sentence each */

/* Where in a repository's history a finding stands. All texts are raw bytes, terminated; NULL = not known. */
struct origin {
	const char *object;      /* id of the blob, commit or tag that holds it, in hex */
	const char *object_type; /* "blob", "commit", "tag" */
	const char *commit;      /* the first that has it, in hex */
	const char *author, *email;
	const char *date;       /* the author's, RFC 3339 */
	const char *message;    /* the commit's first line */
	const char *last;       /* the last commit that has it, in hex */
	const char *reached;    /* "ref", "stash", "reflog", "unreachable": the best that leads there */
	const char *refs;       /* names of the refs that reach it, one a line */
	const char *also_at;    /* other paths of the same object, "//" between them: no path in a tree holds that */
	const char *repository; /* of many: its name in the list, which path and also_at begin with, and a slash */
	uint64_t occurrences;   /* finds in them that became this one; 0: it is one find */
	const char *untrusted;  /* an allow marker that the scanned change itself brings, and that counts for nothing */
	bool is_known;          /* false: a scan of files, nothing here holds */
	bool at_head;           /* HEAD still has it; meant only when reached is known */
};
bool origin_is_reachable(const struct origin *o); /* by a ref or from the stash */

/* A key of the organisation as an inventory tells it; texts are raw bytes, terminated, NULL = not known. */
struct inventory_key {
	const char *hint; /* what the provider shows of it: the form that masked has */
	const char *id, *name, *status, *workspace_id, *workspace;
	const char *created_at, *expires_at; /* RFC 3339 */
	int64_t created_s, expires_s;        /* the same since 1970; expires_s means something when expires_at does */
};

enum verified { VERIFIED_NOT, VERIFIED_LIVE, VERIFIED_DEAD, VERIFIED_UNKNOWN, VERIFIED_COUNT };
extern const char *const verified_names[VERIFIED_COUNT]; /* NULL, "live", "dead", "unknown" */

/* What asking whether it is live came to. */
struct verdict {
	enum verified state;      /* VERIFIED_NOT: nobody asked */
	const char *reason;       /* raw bytes; NULL = none was given */
	const char *organization; /* id of the one whose key it is; NULL = not known */
};

struct finding {
	const struct rule *rule;
	enum severity severity;
	enum confidence confidence;
	enum finding_status status;
	uint32_t checks; /* bit set of enum check: what lowered the confidence */
	uint64_t offset; /* of the secret's first byte, from 0 */
	uint64_t start_line, start_column, end_line, end_column; /* from 1; the end is exclusive */
	uint64_t start_utf16, end_utf16;                         /* the columns counted in UTF-16 code units */
	unsigned entropy_centibits;                              /* of the secret, a character; 350 = 3.5 bits */
	const char *path;                                        /* raw bytes, terminated */
	const char *below;                                       /* the path from the scan's root, likewise */
	size_t inside_len, own_len; /* of a member of a container: see struct item (scanner/item.h) */
	const char *masked;         /* the key's shown form; for a key name the name */
	const char
		*line_before; /* the line round it, in UTF-8 or raw bytes: other keys masked, cut to LINE_TEXT_BYTES */
	const char *line_after;
	const char *via;        /* decoders, outermost first, comma-separated; NULL = none */
	const char *allowed_by; /* why status is ALLOWED; NULL */
	const char *suggestion; /* key names: what would be right; NULL */
	uint32_t violations;    /* key names: bit set of enum keyname_violation */
	char secret_id[SECRET_ID_BYTES];
	struct origin origin;
	const struct inventory_key *inventory; /* the first of inventory_count that its hint fits; NULL = none */
	size_t inventory_count;
	struct verdict verdict;
};

#endif
