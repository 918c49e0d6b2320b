/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/spool/chain.h"

#include <string.h>

void chain_link(unsigned char chain[static DIGEST_SHA256_BYTES], struct view id,
		const unsigned char hash[static DIGEST_SHA256_BYTES])
{
	unsigned char length[8];
	struct digest_sha256 d;

	for (unsigned i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)id.len >> (8 * (sizeof(length) - 1 - i)));
	digest_sha256_init(&d);
	digest_sha256_add(&d, view_from(chain, DIGEST_SHA256_BYTES));
	digest_sha256_add(&d, view_from(length, sizeof(length)));
	digest_sha256_add(&d, id);
	digest_sha256_add(&d, view_from(hash, DIGEST_SHA256_BYTES));
	digest_sha256_end(&d, chain);
}
