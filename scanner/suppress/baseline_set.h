/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the baseline: its entries, for the file that reads them. */
#ifndef SCANNER_SUPPRESS_BASELINE_SET_H
#define SCANNER_SUPPRESS_BASELINE_SET_H

#include "scanner/suppress/baseline.h"

/* By what an entry is known: the id of a secret, rule and name, or a fingerprint. */
enum baseline_by { BASELINE_BY_SECRET, BASELINE_BY_NAME, BASELINE_BY_PLACE };

struct baseline_entry {
	enum baseline_by by;
	const char *id; /* the secret's id, the name, the fingerprint; with the other texts behind the entry */
	const char *path, *rule_id;
	bool in_history;
	bool is_foreign; /* of a rule that looks for other things than skant does: it cannot be met */
	bool is_met;
};

struct baseline {
	struct baseline_entry **entries;
	size_t count, cap;
	bool is_sorted;
	bool is_gitleaks;
	size_t whole_secrets;
};

/* Appends a copy of an entry. 0, or -1 when there is no memory. */
[[nodiscard]] int baseline_put(struct baseline *b, const struct baseline_entry *entry);

/* Brings the entries in order, each once. */
void baseline_settle(struct baseline *b);

#endif
