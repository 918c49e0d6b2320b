/* SPDX-License-Identifier: Apache-2.0 */
/* The auditor's question, "how do you know that nothing is missing?", answered from four sides: the ledger's own chain,
 * upstream's list, what a sink's receiver can be shown to hold, and a receiver's export.
 *
 * Every difference is one of four kinds:
 *
 *	missing		upstream or the ledger has it, and the other place has not
 *	unexpected	a place holds what nobody sent there, or holds it twice without the mark of a replay
 *	altered		bytes are not their hash, or a link is not the chain's: claimed only where one of them survives
 *	gap		a time in which upstream recorded nothing, because its Compliance API was switched off */
#ifndef FORWARDER_VERIFY_H
#define FORWARDER_VERIFY_H

#include "forwarder/feed.h"
#include "forwarder/sink.h"
#include "forwarder/spool/spool.h"

enum verify_kind { VERIFY_MISSING, VERIFY_UNEXPECTED, VERIFY_ALTERED, VERIFY_GAP, VERIFY_KINDS };
extern const char *const verify_kind_names[VERIFY_KINDS];

struct verify_difference {
	enum verify_kind kind;
	uint64_t seq;       /* 0: it has none */
	char where[64];     /* "ledger", "upstream of 'audit'", "sink 'journal'", "export" */
	char text[256];     /* what, with the id; clean */
	size_t side, place; /* for verify_sort: of where, and of itself in the order in which they were added */
};

struct verify_report {
	uint64_t counts[VERIFY_KINDS];
	struct verify_difference *differences; /* the first AUDIT_TOLD of each kind */
	size_t count, cap;
	uint64_t told[VERIFY_KINDS];
	/* Of those that are only counted: the lowest and the highest number; 0: none has one. */
	uint64_t untold_from[VERIFY_KINDS], untold_to[VERIFY_KINDS];
	struct buf notes; /* lines: what was checked, and what could not be */
};

void verify_init(struct verify_report *report);
void verify_done(struct verify_report *report);
bool verify_is_clean(const struct verify_report *report);

/* Notes one. -1: no memory. */
PRINTF_LIKE(5, 6)
int verify_add(struct verify_report *report, enum verify_kind kind, uint64_t seq, const char *where, const char *fmt,
	       ...);
/* Counts those of first <= seq < end without telling them. */
void verify_count(struct verify_report *report, enum verify_kind kind, uint64_t first, uint64_t end);
/* By where they are, in the order in which that was looked at, and there by number. */
void verify_sort(struct verify_report *report);
PRINTF_LIKE(2, 3) int verify_note(struct verify_report *report, const char *fmt, ...);

/* The part of the ledger that is asked about: events that happened in from <= time < to. */
struct verify_range {
	int64_t from_ns, to_ns;
};

/* Each checks one side and adds what it finds. 0, or -1 with err when it could not be checked at all. */
[[nodiscard]] int verify_ledger(struct spool *spool, struct verify_report *report, struct err *err);
[[nodiscard]] int verify_upstream(struct spool *spool, const struct feed_ops *ops, void *feed,
				  const struct settings_feed *settings, const struct verify_range *range,
				  struct verify_report *report, struct err *err);
[[nodiscard]] int verify_sink(struct spool *spool, const struct sink_ops *ops, void *sink,
			      const struct settings_sink *settings, const struct verify_range *range,
			      struct verify_report *report, struct err *err);
/* path: a file, a pipe, or "-" for standard input. spool may be NULL: then the export is checked by itself. sink: whose
 * receiver wrote it, so that no more is expected of it than was sent there; NULL: all events. */
[[nodiscard]] int verify_export(struct spool *spool, const char *path, const struct settings_sink *sink,
				struct verify_report *report, struct err *err);

[[nodiscard]] int verify_add_text(struct buf *buf, const struct verify_report *report, struct err *err);
[[nodiscard]] int verify_add_json(struct buf *buf, const struct verify_report *report, struct err *err);

#endif
