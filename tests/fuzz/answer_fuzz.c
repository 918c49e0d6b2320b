/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a child answers: it is refused, or says of one id one of three things. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "scanner/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(answer_done) struct answer a;
	struct err err = ERR_INIT;

	if (answer_read(&a, view_from(data, size), &err)) {
		check(err.kind == ERR_FORMAT && err.text[0]);
		return 0;
	}
	check(strlen(a.id) == SECRET_ID_BYTES - 1);
	check(a.state == VERIFIED_LIVE || a.state == VERIFIED_DEAD || a.state == VERIFIED_UNKNOWN);
	check(a.reason.len <= VERIFY_REASON_BYTES);
	return 0;
}
