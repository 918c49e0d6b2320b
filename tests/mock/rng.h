/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that depend on nothing but a seed and a place: the whole model can be asked for any part of itself. */
#ifndef TESTS_MOCK_RNG_H
#define TESTS_MOCK_RNG_H

#include "common/base/buf.h"

enum rng_stream { /* what a number is for; equal places of two streams have nothing to do with each other */
		  RNG_USER = 1,
		  RNG_WORKSPACE,
		  RNG_KEY,
		  RNG_INVITE,
		  RNG_MEMBER,
		  RNG_GROUP,
		  RNG_ORGANIZATION,
		  RNG_ACTIVITY,
		  RNG_FIELD,
		  RNG_CCA,
		  RNG_USAGE,
		  RNG_CODE,
		  RNG_CREDENTIAL,
		  RNG_REQUEST,
		  RNG_MESSAGE,
};

/* splitmix64's last step (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"). */
static inline uint64_t rng_mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15u;
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
	return x ^ (x >> 31);
}

static inline uint64_t rng_at(uint64_t seed, enum rng_stream stream, uint64_t index)
{
	return rng_mix(rng_mix(rng_mix(seed) ^ (uint64_t)stream) ^ index);
}

/* An id such as user_01AbC...: 22 characters of base 58 behind the prefix. */
struct ident {
	char text[48];
};
struct ident rng_ident(const char *prefix, uint64_t seed, enum rng_stream stream, uint64_t index);
struct ident rng_uuid(uint64_t seed, enum rng_stream stream, uint64_t index);

#endif
