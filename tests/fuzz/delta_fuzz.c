/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a length, that many bytes of base, a delta. Applying it gives what a slow reading of the format gives, and
 * refuses what that refuses; the sketch accepts the same deltas, and holds each short text that the result has and the
 * base has not. */
#include "scanner/source/git/delta.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define RESULT_MAX (1u << 20)
#define EDGE 5
#define MARKS_MAX 64 /* texts that are looked for in the sketch */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
	const unsigned char *in, *end;
	bool is_short;
};

static unsigned next(struct reader *r)
{
	if (r->in == r->end) {
		r->is_short = true;
		return 0;
	}
	return *r->in++;
}

static unsigned __int128 next_size(struct reader *r)
{
	unsigned __int128 n = 0;
	unsigned shift = 0, byte;

	do {
		byte = next(r);
		n |= (unsigned __int128)(byte & 0x7f) << shift;
		shift += 7;
		r->is_short |= shift > 70;
	} while (byte & 0x80 && !r->is_short);
	return n;
}

static bool copy(struct reader *r, unsigned op, struct view base, struct buf *out)
{
	uint64_t from = 0, len = 0;

	for (unsigned i = 0; i < 4; i++)
		if (op & 1u << i)
			from |= (uint64_t)next(r) << 8 * i;
	for (unsigned i = 0; i < 3; i++)
		if (op & 0x10u << i)
			len |= (uint64_t)next(r) << 8 * i;
	if (len == 0)
		len = 0x10000;
	if (r->is_short || from + len > base.len)
		return false;
	return buf_add(out, view_sub(base, from, len)) == 0;
}

/* byte by byte, as the format says it; false when it is broken */
static bool apply_slowly(struct view delta, struct view base, struct buf *out)
{
	struct reader r = { (const unsigned char *)delta.ptr, (const unsigned char *)delta.ptr + delta.len, false };
	unsigned __int128 from = next_size(&r), to = next_size(&r);

	if (r.is_short || from != base.len || to > RESULT_MAX)
		return false;
	while (r.in < r.end) {
		unsigned op = next(&r);

		if (op == 0 || out->len > to)
			return false;
		if (op & 0x80) {
			if (!copy(&r, op, base, out))
				return false;
			continue;
		}
		while (op-- > 0)
			if (buf_add_byte(out, (char)next(&r)) || r.is_short)
				return false;
	}
	return out->len == to;
}

static void check_sketch(struct view delta, struct view base, struct view expected, bool is_good)
{
	char *sketch = malloc(expected.len + 1);
	size_t len;
	int status;

	if (!sketch)
		abort();
	status = delta_sketch(delta, base, expected.len, EDGE, sketch, expected.len, &len);
	if ((status < 0 && is_good) || (status == 0 && !is_good))
		abort();
	for (size_t i = 0; status == 0 && i < MARKS_MAX && i + EDGE + 1 <= expected.len; i++) {
		struct view mark = view_sub(expected, i * (expected.len / MARKS_MAX + 1), EDGE + 1);

		if (mark.len == EDGE + 1 && text_find(base, mark) == SIZE_MAX &&
		    text_find(view_from(sketch, len), mark) == SIZE_MAX)
			abort();
	}
	free(sketch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view all = view_from(data, size), base, delta;
	struct buf expected = BUF_INIT(RESULT_MAX);
	uint64_t base_size, result_size;
	size_t head;
	char *exact, *out;
	bool is_good;

	if (size < 2)
		return 0;
	base = view_sub(all, 2, (size_t)(data[0] | data[1] << 8));
	delta = view_sub(all, 2 + base.len, size);
	is_good = apply_slowly(delta, base, &expected);
	if (delta_sizes(delta, &base_size, &result_size, &head)) {
		if (is_good)
			abort();
		buf_done(&expected);
		return 0;
	}
	if (!is_good && result_size > RESULT_MAX) {
		buf_done(&expected);
		return 0;
	}
	exact = malloc(base.len + 1); /* so that reading behind it is seen */
	out = malloc((size_t)result_size + !result_size);
	if (!exact || !out)
		abort();
	if (base.len)
		memcpy(exact, base.ptr, base.len);
	if ((delta_apply(delta, view_from(exact, base.len), out, (size_t)result_size) == 0) != is_good)
		abort();
	if (is_good && (result_size != expected.len || (expected.len && memcmp(out, expected.ptr, expected.len) != 0)))
		abort();
	check_sketch(delta, view_from(exact, base.len), view_from(out, (size_t)result_size), is_good);
	free(exact);
	free(out);
	buf_done(&expected);
	return 0;
}
