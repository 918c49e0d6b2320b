/* SPDX-License-Identifier: Apache-2.0 */
/* One answer of `skantctl verify -o jsonl` (docs/skantctl.md): which key, and whether it is live. */
#ifndef SCANNER_ANSWER_H
#define SCANNER_ANSWER_H

#include "common/base/err.h"
#include "common/base/secret.h"
#include "scanner/finding.h"

struct answer {
	char id[SECRET_ID_BYTES];
	enum verified state;
	struct buf reason;       /* of `reason`, or `reasons` with "; " between them; cut to VERIFY_REASON_BYTES */
	struct buf organization; /* empty = not known */
};

#define ANSWER_INIT                                                                                                    \
	{                                                                                                              \
		.reason = BUF_INIT(VERIFY_ANSWER_BYTES), .organization = BUF_INIT(VERIFY_ANSWER_BYTES)                 \
	}

/* Reads a line. Members that are not known are passed over. 0, or -1 with err (ERR_FORMAT: what was expected;
 * ERR_NOMEM). answer_done either way. */
[[nodiscard]] int answer_read(struct answer *answer, struct view line, struct err *err);
void answer_done(struct answer *answer);

#endif
