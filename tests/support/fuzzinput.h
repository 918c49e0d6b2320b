/* SPDX-License-Identifier: Apache-2.0 */
/* A fuzzer's input as numbers, by which it decides what to make. */
#ifndef TESTS_SUPPORT_FUZZINPUT_H
#define TESTS_SUPPORT_FUZZINPUT_H

#include "common/base/buf.h"

struct input {
	struct view rest;
};

/* The next byte; 0 behind the last one. */
static inline unsigned next(struct input *in)
{
	unsigned byte = in->rest.len ? (unsigned char)in->rest.ptr[0] : 0;

	in->rest = view_sub(in->rest, 1, in->rest.len);
	return byte;
}

#endif
