/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/fleet_settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/sys/file.h"
#include "scanner/gitcache.h"

#define FILE_BYTES (256u << 20)

static void add_file(struct digest_sha256 *d, const char *path)
{
	DEFER(buf_done) struct buf text = BUF_INIT(FILE_BYTES);
	struct err ignored = ERR_INIT;

	if (path && file_read(path, &text, &ignored) == 0)
		digest_sha256_add(d, buf_view(&text));
	digest_sha256_add(d, view_from("", 1));
}

int fleet_settings(const struct options *o, const struct setup *setup, char ret[static REPOLIST_DIGEST_BYTES],
		   struct err *err)
{
	DEFER(buf_done) struct buf hex = BUF_INIT(REPOLIST_DIGEST_BYTES);
	const uint64_t numbers[] = { setup->decode_depth, o->min_confidence, o->ignore_allow,     o->full,
				     o->connectivity,     o->verbose,        o->max_memory_bytes, o->verify };
	unsigned char bytes[DIGEST_SHA256_BYTES];
	char key[2 * DIGEST_SHA256_BYTES + 1];
	struct digest_sha256 d;

	gitcache_key(setup, key);
	digest_sha256_init(&d);
	digest_sha256_add(&d, view_of(key));
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		digest_sha256_add_u64(&d, numbers[i]);
	add_file(&d, o->config ? o->config : getenv("SKANT_CONFIG"));
	add_file(&d, o->baseline ? o->baseline : setup->baseline_path);
	add_file(&d, setup->policy_path);
	add_file(&d, o->inventory);
	for (size_t i = 0; i < o->rule_count; i++)
		add_file(&d, o->rules[i]);
	digest_sha256_end(&d, bytes);
	if (digest_add_hex(&hex, bytes, sizeof(bytes)))
		return err_nomem(err);
	memcpy(ret, hex.ptr, REPOLIST_DIGEST_BYTES);
	return 0;
}
