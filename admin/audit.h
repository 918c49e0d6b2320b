/* SPDX-License-Identifier: Apache-2.0 */
/* What `keys audit` found, and how other programs read it. */
#ifndef ADMIN_AUDIT_H
#define ADMIN_AUDIT_H

#include "common/policy/keyaudit.h"

struct audit_row {
	const struct org_key *key;
	uint32_t violations; /* those that were asked for; 0: the key is as it should be */
};

struct audit_result {
	const struct keyaudit *audit;
	const struct organization *org;
	int64_t now_s;
	bool is_enforced; /* a bad name counts as other violations do */
	const struct audit_row *rows;
	size_t count;
};

/* What a violation is about, as a sentence without its stop. */
const char *audit_title(unsigned violation);

/* Appends the whole report: SARIF 2.1.0 (OASIS, sarif-v2.1.0-os), a result for each violation; JUnit's XML as Jenkins'
 * junit-10.xsd has it, a test case for each key. 0, or -1 as buf_add. */
[[nodiscard]] int audit_add_sarif(const struct audit_result *result, struct buf *out);
[[nodiscard]] int audit_add_junit(const struct audit_result *result, struct buf *out);

#endif
