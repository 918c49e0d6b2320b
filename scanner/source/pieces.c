/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/pieces.h"

#include "common/base/bounds.h"

bool pieces_of(struct view content, pieces_fn *take, void *context)
{
	struct piece piece = { .is_first = true };

	for (;;) {
		piece.bytes = view_sub(content, (size_t)piece.offset, SCAN_WINDOW_BYTES);
		piece.is_last = piece.offset + piece.bytes.len == content.len;
		if (!take(context, &piece))
			return piece.is_last;
		if (piece.is_last)
			return true;
		piece.offset += SCAN_WINDOW_BYTES - SCAN_OVERLAP_BYTES;
		piece.is_first = false;
	}
}
