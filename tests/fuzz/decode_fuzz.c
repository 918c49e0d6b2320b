/* SPDX-License-Identifier: Apache-2.0 */
/* Every decoder, at any place of any text, in any phase: spans ascend and lie inside the text, and the search goes on
 * behind the place. The first three bytes choose form, phase and place. */
#include "scanner/decode/decode.h"

#include <stdlib.h>

#define PHASES 16

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct decoded *d, enum decode_form form, struct view text)
{
	size_t before = 0;

	if (form == DECODE_GZIP || form == DECODE_ZLIB) {
		must(d->packed.from <= d->packed.to && d->packed.to <= text.len);
		return;
	}
	for (size_t i = 0; i < d->text.len; i++) {
		must(d->spans[i].from >= before && d->spans[i].from < d->spans[i].to && d->spans[i].to <= text.len);
		before = d->spans[i].from;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decoded decoded;
	static bool is_ready;
	enum decode_form form;
	enum decode_result result;
	struct view text;
	size_t at;

	if (!is_ready)
		decoded_init(&decoded);
	is_ready = true;
	if (size < 4)
		return 0;
	form = (enum decode_form)(1 + data[0] % (DECODE_FORMS - 1));
	text = view_from(data + 3, size - 3);
	at = (size_t)data[2] * text.len / 256;
	result = decode_at(form, data[1] % PHASES, text, at, &decoded);
	must(decoded.covered > at);
	if (result == DECODE_DONE || result == DECODE_TOO_LARGE)
		check(&decoded, form, text);
	(void)decode_look_closer(text, at);
	return 0;
}
