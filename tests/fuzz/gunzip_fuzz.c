/* SPDX-License-Identifier: Apache-2.0 */
/* gzip data from anywhere: within the ceiling, and whole or nothing. */
#include <stdlib.h>

#include "common/sys/gunzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gunzip *g;
	DEFER(buf_done) struct buf out = BUF_INIT(1 << 20);

	g = g ? g : gunzip_new();
	if (!g || buf_add_text(&out, "x"))
		abort();
	if (gunzip_add(g, view_from(data, size), &out) != GUNZIP_OK && out.len != 1)
		abort();
	if (out.len > 1 << 20 || out.ptr[0] != 'x' || out.ptr[out.len])
		abort();
	return 0;
}
