/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "forwarder/feed/activities.h"

#define OWN_FEW 64 /* enough to know what the last polls left; to leave it out takes a day of them */

uint64_t activities_hash(struct view text)
{
	unsigned char sum[DIGEST_SHA256_BYTES];
	uint64_t hash = 0;

	digest_sha256(text, sum);
	for (size_t i = 0; i < sizeof(hash); i++)
		hash = hash << 8 | sum[i];
	return hash;
}

static bool contains(const struct activities_own *own, uint64_t id)
{
	for (size_t i = 0; i < own->count; i++)
		if (own->ids[i] == id)
			return true;
	return false;
}

bool activities_own_has(const struct activities *a, struct view request_id)
{
	uint64_t id;

	if (!request_id.len)
		return false;
	id = activities_hash(request_id);
	return contains(&a->state.own, id) || contains(&a->state.own_before, id);
}

int activities_own_add(struct activities *a, struct view request_id, struct err *err)
{
	size_t most = a->env.settings->skip_own ? ACTIVITIES_OWN_MOST : OWN_FEW;
	struct activities_own *own = &a->state.own;

	if (!request_id.len || activities_own_has(a, request_id))
		return 0;
	if (own->count >= most) {
		uint64_t *ids = a->state.own_before.ids;

		a->state.own_before = *own;
		*own = (struct activities_own){ .ids = ids };
	}
	if (!own->ids)
		own->ids = calloc(ACTIVITIES_OWN_MOST, sizeof(*own->ids));
	if (!own->ids)
		return err_nomem(err);
	if (!own->count)
		own->since_s = activities_now_s(a);
	own->ids[own->count++] = activities_hash(request_id);
	return 0;
}
