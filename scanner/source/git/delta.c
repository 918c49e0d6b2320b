/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/delta.h"

#include <string.h>

#define COPY_USUAL_BYTES 0x10000u /* what a copy without size means */

/* A size: seven bits a byte, the lowest first. Bytes used, or 0. */
static size_t read_size(struct view v, uint64_t *ret)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.len && i < 10; i++) {
		uint64_t bits = (unsigned char)v.ptr[i] & 0x7f;

		if (i == 9 && bits > 1)
			return 0;
		n |= bits << (7 * i);
		if (!((unsigned char)v.ptr[i] & 0x80)) {
			*ret = n;
			return i + 1;
		}
	}
	return 0;
}

int delta_sizes(struct view delta, uint64_t *ret_base, uint64_t *ret_result, size_t *ret_head)
{
	size_t first = read_size(delta, ret_base), second;

	if (!first)
		return -1;
	second = read_size(view_sub(delta, first, delta.len), ret_result);
	*ret_head = first + second;
	return second ? 0 : -1;
}

/* Reads the offset and the size behind a copy's first byte; NULL when they are cut off. */
[[gnu::always_inline]] static inline const unsigned char *read_copy(const unsigned char *in, const unsigned char *end,
								    size_t *ret_from, size_t *ret_len)
{
	unsigned op = *in++;
	size_t from = 0, len = 0;

	if (end - in < 7 && end - in < __builtin_popcount(op & 0x7f))
		return NULL;
	for (unsigned i = 0; i < 4; i++)
		if (op >> i & 1)
			from |= (size_t)*in++ << (8 * i);
	for (unsigned i = 0; i < 3; i++)
		if (op >> (4 + i) & 1)
			len |= (size_t)*in++ << (8 * i);
	*ret_from = from;
	*ret_len = len ? len : COPY_USUAL_BYTES;
	return in;
}

struct cursor { /* in a delta */
	const unsigned char *in, *end;
	size_t base_len;
	uint64_t left; /* of the result */
};

struct run {             /* of the result: bytes of the base, or of the delta itself */
	const char *own; /* NULL: a copy */
	size_t from, len;
};

/* 0, or -1 when the delta is not one from such a base to such a result. */
static int start(struct cursor *c, struct view delta, size_t base_len, uint64_t size)
{
	uint64_t base_size, result_size;
	size_t head;

	if (delta_sizes(delta, &base_size, &result_size, &head) || base_size != base_len || result_size != size)
		return -1;
	c->in = (const unsigned char *)delta.ptr + head;
	c->end = (const unsigned char *)delta.ptr + delta.len;
	c->base_len = base_len;
	c->left = size;
	return 0;
}

/* 1 with the next run, 0 at the end of a delta that gives just what it should, -1 for one that does not. */
[[gnu::always_inline]] static inline int next(struct cursor *c, struct run *ret)
{
	if (c->in == c->end)
		return c->left ? -1 : 0;
	if (*c->in & 0x80) {
		ret->own = NULL;
		c->in = read_copy(c->in, c->end, &ret->from, &ret->len);
		if (!c->in || ret->from > c->base_len || ret->len > c->base_len - ret->from)
			return -1;
	} else {
		ret->len = *c->in++;
		if (ret->len == 0 || ret->len > (size_t)(c->end - c->in))
			return -1;
		ret->own = (const char *)c->in;
		c->in += ret->len;
	}
	if (ret->len > c->left)
		return -1;
	c->left -= ret->len;
	return 1;
}

/* Most runs are short: a call costs more than their bytes. */
[[gnu::always_inline]] static inline void copy_run(char *to, const char *from, size_t len)
{
	if (len > 32) {
		memcpy(to, from, len);
	} else if (len >= 16) {
		memcpy(to, from, 16);
		memcpy(to + len - 16, from + len - 16, 16);
	} else if (len >= 8) {
		memcpy(to, from, 8);
		memcpy(to + len - 8, from + len - 8, 8);
	} else if (len >= 4) {
		memcpy(to, from, 4);
		memcpy(to + len - 4, from + len - 4, 4);
	} else {
		for (size_t i = 0; i < len; i++)
			to[i] = from[i];
	}
}

bool delta_is_sound(struct view delta, size_t base_len, uint64_t size)
{
	struct cursor c;
	struct run run;
	int status = start(&c, delta, base_len, size) ? -1 : 1;

	while (status > 0)
		status = next(&c, &run);
	return status == 0;
}

/* Appends one run of the result; of a long copy its two ends. */
static bool sketch_run(const char *run, size_t len, size_t most, char *out, size_t cap, size_t *done)
{
	size_t half = most / 2;

	if ((len > most ? most : len) > cap - *done)
		return false;
	if (len > most) {
		copy_run(out + *done, run, half);
		copy_run(out + *done + half, run + len - half, half);
		*done += most;
	} else {
		copy_run(out + *done, run, len);
		*done += len;
	}
	return true;
}

int delta_sketch(struct view delta, struct view base, size_t size, size_t edge, char *out, size_t cap, size_t *ret_len)
{
	struct cursor c;
	struct run run;
	int status;

	*ret_len = 0;
	if (start(&c, delta, base.len, size))
		return -1;
	while ((status = next(&c, &run)) > 0)
		if (!sketch_run(run.own ? run.own : base.ptr + run.from, run.len, run.own ? run.len : 2 * edge, out,
				cap, ret_len))
			return 1;
	return status;
}

int delta_own(struct view delta, char *out, size_t cap, size_t *ret_len)
{
	uint64_t base_size, result_size;
	struct cursor c;
	struct run run;
	size_t head;
	bool was_copy = false;
	int status = -1;

	*ret_len = 0;
	if (delta_sizes(delta, &base_size, &result_size, &head) || base_size > SIZE_MAX ||
	    start(&c, delta, (size_t)base_size, result_size))
		return -1;
	while ((status = next(&c, &run)) > 0) {
		if (!run.own) {
			was_copy = *ret_len > 0;
			continue;
		}
		if (run.len + was_copy > cap - *ret_len)
			return -1;
		if (was_copy)
			out[(*ret_len)++] = '\n';
		copy_run(out + *ret_len, run.own, run.len);
		*ret_len += run.len;
		was_copy = false;
	}
	return status;
}

int delta_apply(struct view delta, struct view base, char *out, size_t size)
{
	struct cursor c;
	struct run run;
	int status;

	if (start(&c, delta, base.len, size))
		return -1;
	while ((status = next(&c, &run)) > 0) {
		copy_run(out, run.own ? run.own : base.ptr + run.from, run.len);
		out += run.len;
	}
	return status;
}
