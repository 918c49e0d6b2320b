/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever an inventory holds: it is refused with a place, or its keys are in order, each once and found by their
 * hint. */
#include <stdlib.h>
#include <string.h>

#include "scanner/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(inventory_done) struct inventory i;
	struct err err = ERR_INIT;

	if (inventory_parse(&i, view_from(data, size), "file", &err)) {
		check(err.kind == ERR_CONFIG && strncmp(err.text, "file:", 5) == 0);
		return 0;
	}
	for (size_t n = 0; n < i.count; n++) {
		const struct inventory_key *key = &i.keys[n], *before = n ? key - 1 : NULL, *found;
		size_t count;

		check(*key->id && *key->name && *key->status && *key->created_at);
		check(!before || strcmp(before->hint, key->hint) < 0 ||
		      (strcmp(before->hint, key->hint) == 0 && strcmp(before->id, key->id) < 0));
		found = inventory_find(&i, key->hint, &count);
		check(found && found <= key && key < found + count);
	}
	return 0;
}
