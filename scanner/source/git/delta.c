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

bool delta_is_sound(struct view delta, size_t base_len, uint64_t size)
{
	const unsigned char *in = (const unsigned char *)delta.ptr, *end = in + delta.len;
	uint64_t base_size, result_size, done = 0;
	size_t head;

	if (delta_sizes(delta, &base_size, &result_size, &head) || base_size != base_len || result_size != size)
		return false;
	for (in += head; in < end;) {
		size_t from = 0, len;

		if (*in & 0x80) {
			in = read_copy(in, end, &from, &len);
			if (!in || from > base_len || len > base_len - from)
				return false;
		} else {
			len = *in++;
			if (len == 0 || len > (size_t)(end - in))
				return false;
			in += len;
		}
		done += len;
	}
	return done == size;
}

/* Appends one run of the result; of a long copy its two ends. */
static bool sketch_run(const char *run, size_t len, size_t most, char *out, size_t cap, size_t *done)
{
	size_t half = most / 2;

	if ((len > most ? most : len) > cap - *done)
		return false;
	if (len > most) {
		memcpy(out + *done, run, half);
		memcpy(out + *done + half, run + len - half, half);
		*done += most;
	} else {
		memcpy(out + *done, run, len);
		*done += len;
	}
	return true;
}

int delta_sketch(struct view delta, struct view base, size_t size, size_t edge, char *out, size_t cap, size_t *ret_len)
{
	const unsigned char *in = (const unsigned char *)delta.ptr, *end = in + delta.len;
	uint64_t base_size, result_size;
	size_t head, done = 0;
	bool fits = true;

	*ret_len = 0;
	if (delta_sizes(delta, &base_size, &result_size, &head) || base_size != base.len || result_size != size)
		return -1;
	for (in += head; in < end && fits;) {
		size_t from, len;

		if (*in & 0x80) {
			in = read_copy(in, end, &from, &len);
			if (!in || from > base.len || len > base.len - from || len > size - done)
				return -1;
			fits = sketch_run(base.ptr + from, len, 2 * edge, out, cap, ret_len);
		} else {
			len = *in++;
			if (len == 0 || len > (size_t)(end - in) || len > size - done)
				return -1;
			fits = sketch_run((const char *)in, len, len, out, cap, ret_len);
			in += len;
		}
		done += len;
	}
	if (!fits)
		return 1;
	return done == size ? 0 : -1;
}

int delta_apply(struct view delta, struct view base, char *out, size_t size)
{
	const unsigned char *in = (const unsigned char *)delta.ptr, *end = in + delta.len;
	uint64_t base_size, result_size;
	size_t head, done = 0;

	if (delta_sizes(delta, &base_size, &result_size, &head) || base_size != base.len || result_size != size)
		return -1;
	for (in += head; in < end;) {
		size_t from, len;

		if (*in & 0x80) {
			in = read_copy(in, end, &from, &len);
			if (!in || from > base.len || len > base.len - from || len > size - done)
				return -1;
			memcpy(out + done, base.ptr + from, len);
		} else {
			len = *in++;
			if (len == 0 || len > (size_t)(end - in) || len > size - done)
				return -1;
			memcpy(out + done, in, len);
			in += len;
		}
		done += len;
	}
	return done == size ? 0 : -1;
}
