/* SPDX-License-Identifier: Apache-2.0 */
/* What the lists of keys and of people lack, though it is there. */
#include "common/api/endpoint_key.h"
#include "common/base/text.h"
#include "forwarder/feed/keys.h"

/* A key as it was kept (keys_change.c). Its texts hold until the next one is read. */
static void read_kept(struct buf *store, struct view kept, struct api_key *ret, enum org_key_place *ret_place)
{
	buf_clear(store);
	*ret = (struct api_key){ .id = roster_text(kept, "id", store),
				 .name = roster_text(kept, "name", store),
				 .status = roster_text(kept, "status", store),
				 .workspace_id = roster_text(kept, "workspace_id", store),
				 .created_by_id = roster_text(kept, "created_by_id", store),
				 .created_by_type = roster_text(kept, "created_by_type", store),
				 .principal_id = roster_text(kept, "principal_id", store),
				 .principal_type = roster_text(kept, "principal_type", store),
				 .created_at = roster_time(kept, "created_at"),
				 .expires_at = roster_time(kept, "expires_at") };
	*ret_place = (enum org_key_place)roster_number(kept, "place");
}

/* Whoever was told to be gone is, until a list has them again: that is no news. */
static int trust(struct keys_feed *f, struct view kept, const struct api_key *key, struct err *err)
{
	struct view codes = roster_text(kept, "codes", &f->lists.store);

	if (!(keys_codes_of(codes) & UINT32_C(1) << KEYAUDIT_CREATOR_GONE))
		return 0;
	return directory_put_gone(f->lists.directory, key->principal_id.len ? key->principal_id : key->created_by_id,
				  err);
}

static int take(void *context, const struct page_item *item, struct err *err)
{
	struct keys_feed *f = context;
	struct lists *l = &f->lists;
	enum org_key_place place;
	struct api_key key;
	int answer;

	if (roster_is(item->value, "gone"))
		return 0;
	read_kept(&l->store, item->value, &key, &place);
	if (trust(f, item->value, &key, err))
		return -1;
	if (organization_key(l->org, key.id))
		return 0;
	answer = lists_ask(l, DIRECTORY_KEYS, key.id, VIEW_NONE, err);
	if (answer != LISTS_UNKNOWN)
		return answer < 0 ? -1 : 0;
	return directory_put_key(l->directory, &key, place, err);
}

int keys_complete(struct keys_feed *f, struct err *err)
{
	struct lists *l = &f->lists;

	if (roster_each(KEYS_PREFIX, &l->env, take, f, err))
		return -1;
	directory_settle(l->directory);
	for (size_t i = 0; i < l->org->key_count; i++) {
		const struct org_owner owner = organization_owner(&l->org->keys[i]);

		if (keyaudit_judges(&l->org->keys[i], l->now_s) && owner.is_user && owner.id[0] &&
		    lists_ask_person(l, view_of(owner.id), err))
			return -1;
	}
	return 0;
}
