/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a baseline holds: it is refused with a place, or what is written of it is read again to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "scanner/suppress/baseline.h"
#include "scanner/suppress/baseline_set.h"

#define OUTPUT_BYTES (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

/* What skant would write: fingerprints and rules of others are gitleaks' alone. */
static bool is_ours(const struct baseline *b)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->entries[i]->by == BASELINE_BY_PLACE || b->entries[i]->is_foreign)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(baseline_freep) struct baseline *b = baseline_new(), *again = baseline_new();
	DEFER(buf_done) struct buf first = BUF_INIT(OUTPUT_BYTES), second = BUF_INIT(OUTPUT_BYTES);
	struct baseline_scope all = { .below = (const char *const[]){ "" }, .count = 1 };
	struct err err = ERR_INIT;

	check(b && again);
	if (baseline_parse(b, view_from(data, size), "file", &err)) {
		check(err.kind == ERR_CONFIG && strncmp(err.text, "file:", 5) == 0);
		return 0;
	}
	check(baseline_unmet(b, &all) <= baseline_count(b));
	if (!is_ours(b))
		return 0;
	check(baseline_add_text(b, &first) == 0);
	check(baseline_parse(again, buf_view(&first), "again", &err) == 0);
	check(baseline_add_text(again, &second) == 0);
	check(first.len == second.len && memcmp(first.ptr, second.ptr, first.len) == 0);
	return 0;
}
