/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a receiver's file holds: what is taken for an event has all that is compared, and views that can be read. */
#include <stdlib.h>

#include "common/base/text.h"
#include "forwarder/export_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_line line = { .store = BUF_INIT(1u << 20) };
	struct view rest = view_from(data, size), text;
	unsigned char hash[DIGEST_SHA256_BYTES];

	while (text_next_line(&rest, &text)) {
		int status = export_line_read(text, &line);

		check(status >= -1 && status <= 1);
		if (status != 1)
			continue;
		check(line.seq > 0 && line.id.len > 0);
		digest_sha256(line.id, hash); /* reads all of it */
		digest_sha256(line.upstream, hash);
	}
	buf_done(&line.store);
	return 0;
}
