/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/rng.h"

#include <stdio.h>
#include <string.h>

#define ID_CHARS 22

struct ident rng_ident(const char *prefix, uint64_t seed, enum rng_stream stream, uint64_t index)
{
	static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	uint64_t first = rng_at(seed, stream, index), number = first;
	struct ident id;
	size_t len = strlen(prefix);

	memcpy(id.text, prefix, len);
	id.text[len++] = '0';
	id.text[len++] = '1';
	for (size_t i = 0; i < ID_CHARS; i++) {
		if (i == ID_CHARS / 2)
			number = rng_mix(first);
		id.text[len++] = alphabet[number % (sizeof(alphabet) - 1)];
		number /= sizeof(alphabet) - 1;
	}
	id.text[len] = '\0';
	return id;
}

struct ident rng_uuid(uint64_t seed, enum rng_stream stream, uint64_t index)
{
	uint64_t a = rng_at(seed, stream, index), b = rng_mix(a);
	struct ident id;

	(void)snprintf(id.text, sizeof(id.text), "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
		       (unsigned)(a >> 16 & 0xFFFF), (unsigned)(a & 0xFFF), (unsigned)(0x8000 | (b >> 50)),
		       (unsigned long long)(b & 0xFFFFFFFFFFFFu));
	return id;
}
