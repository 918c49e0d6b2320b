/* SPDX-License-Identifier: Apache-2.0 */
/* Any machine: the slots alone tell the candidates. */
#include "scanner/prefilter/teddy.h"

static bool is_supported(void)
{
	return true;
}

/* The first candidate from i on, or end. Four positions share a branch. */
static size_t skip(const struct prefilter *p, const char *text, size_t i, size_t end)
{
	for (; end - i >= 4; i += 4)
		if (p->slots[teddy_slot(text + i)] | p->slots[teddy_slot(text + i + 1)] |
		    p->slots[teddy_slot(text + i + 2)] | p->slots[teddy_slot(text + i + 3)])
			break;
	while (i < end && !p->slots[teddy_slot(text + i)])
		i++;
	return i;
}

static size_t find(const struct prefilter *p, struct view bytes, size_t *at, size_t to,
		   size_t ret[static TEDDY_SPOTS_MAX])
{
	size_t end = bytes.len < TEDDY_COLUMNS ? 0 : bytes.len - TEDDY_COLUMNS + 1, n = 0;

	if (to < end)
		end = to;
	while (*at < end && n < TEDDY_SPOTS_MAX) {
		*at = skip(p, bytes.ptr, *at, end);
		if (*at < end)
			ret[n++] = (*at)++;
	}
	if (*at >= end)
		*at = to;
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
