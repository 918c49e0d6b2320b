/* SPDX-License-Identifier: Apache-2.0 */
/* Any machine: the slots alone tell the candidates. */
#include "scanner/prefilter/teddy.h"

static bool is_supported(void)
{
	return true;
}

static size_t find(const struct prefilter *p, struct view bytes, size_t *at, size_t to,
		   size_t ret[static TEDDY_SPOTS_MAX])
{
	size_t end = bytes.len < TEDDY_NARROW ? 0 : bytes.len - TEDDY_NARROW + 1, i = *at, n = 0;

	if (to < end)
		end = to;
	for (; i < end && n < TEDDY_SPOTS_MAX; i++)
		if (p->slots[teddy_slot(bytes.ptr + i)])
			ret[n++] = i;
	*at = i < end ? i : to;
	return n;
}

static size_t count_lines(struct view bytes)
{
	size_t lines = 0;

	for (size_t i = 0; i < bytes.len; i++)
		lines += bytes.ptr[i] == '\n';
	return lines;
}

const struct teddy_kernel teddy_scalar = {
	.name = "scalar",
	.is_supported = is_supported,
	.find = find,
	.count_lines = count_lines,
};
