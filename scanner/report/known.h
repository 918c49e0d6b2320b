/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a key that was found beside the place: whose it is (an inventory) and whether it is live (asked).
 * Each returns 0, or -1 as buf_add; all text is clean and masked. */
#ifndef SCANNER_REPORT_KNOWN_H
#define SCANNER_REPORT_KNOWN_H

#include "common/sys/jsonw.h"
#include "scanner/finding.h"

/* "probably live key 'ml-prod' (apikey_01Rj…), workspace ml, made 41 days ago", or "probably one of 2 keys with this
 * hint: ...": a hint is no proof. now_s is since 1970; with_ids gives ids whole. For a finding with inventory_count. */
[[nodiscard]] int known_add_owner(struct buf *out, const struct finding *f, int64_t now_s, bool with_ids);

/* "live: revoke it now", "dead: no longer accepted", "unknown: could not be checked: ...", with what was said of it. */
[[nodiscard]] int known_add_verdict(struct buf *out, const struct verdict *v);

/* The members inventory, verified, verified_reason and verified_organization_id, those that are known. inventory is the
 * key, or when several have that hint an object with their number as candidates and the first as keys. A failure is the
 * writer's. */
void known_put(struct jsonw *w, const struct finding *f);

#endif
