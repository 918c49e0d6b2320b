/* SPDX-License-Identifier: Apache-2.0 */
/* Where an object is, and what type it has, without its content. */
#include "scanner/source/git/object_reader.h"

const struct packfile *object_find_pack(struct object_reader *r, const struct oid *id, uint32_t *ret_index)
{
	const struct packfile *p = objects_pack(r->objects, r->last_pack);
	uint32_t index = p ? packfile_find(p, id) : PACK_NONE;

	for (size_t i = 0; index == PACK_NONE && (p = objects_pack(r->objects, i)); i++) {
		index = packfile_find(p, id);
		if (index != PACK_NONE)
			r->last_pack = i;
	}
	*ret_index = index;
	return index == PACK_NONE ? NULL : p;
}

const struct packfile *object_find_packed(struct object_reader *r, const struct oid *id, uint64_t *ret_at)
{
	uint32_t index;
	const struct packfile *p = object_find_pack(r, id, &index);

	if (p)
		*ret_at = packfile_offset(p, index);
	return p;
}

enum object_result object_find_loose(struct object_reader *r, const struct oid *id, struct loose *ret, struct err *err)
{
	enum object_result status = OBJECT_MISSING;
	const char *folder;

	for (size_t i = 0; (folder = objects_folder(r->objects, i)) && status == OBJECT_MISSING; i++) {
		status = loose_open(ret, folder, id, objects_hash_len(r->objects), err);
		if (status != OBJECT_OK)
			loose_done(ret);
	}
	return status;
}

enum unread object_unread(enum object_result status)
{
	switch (status) {
	case OBJECT_MISSING:
		return UNREAD_MISSING_OBJECT;
	case OBJECT_LIMIT:
	case OBJECT_NOMEM:
		return UNREAD_LIMIT;
	case OBJECT_OK:
	case OBJECT_CORRUPT:
		break;
	}
	return UNREAD_CORRUPT;
}

/* Follows deltas to the base, whose type they all have. */
static enum object_result type_at(const struct packfile *p, uint64_t at, enum object_type *ret)
{
	for (uint32_t steps = 0; steps <= p->count; steps++) {
		struct pack_entry e;
		uint32_t index;

		if (packfile_entry(p, at, &e))
			return OBJECT_CORRUPT;
		*ret = e.type;
		if (e.type != OBJECT_NONE)
			return OBJECT_OK;
		at = e.base_at;
		if (e.is_ofs)
			continue;
		index = packfile_find(p, &e.base_id);
		if (index == PACK_NONE) /* the base is elsewhere: its type is not known here */
			return OBJECT_OK;
		at = packfile_offset(p, index);
	}
	return OBJECT_CORRUPT;
}

enum object_result object_type(struct object_reader *r, const struct oid *id, uint32_t max_count, enum object_type *ret)
{
	uint32_t index;
	const struct packfile *p = object_find_pack(r, id, &index);
	enum object_result status;
	struct loose l;

	*ret = OBJECT_NONE;
	if (p)
		return p->count > max_count ? OBJECT_OK : type_at(p, packfile_offset(p, index), ret);
	status = object_find_loose(r, id, &l, NULL);
	if (status != OBJECT_OK)
		return status;
	*ret = l.type;
	loose_done(&l);
	return OBJECT_OK;
}

bool object_exists(struct object_reader *r, const struct oid *id)
{
	const char *folder;
	uint32_t index;

	if (object_find_pack(r, id, &index))
		return true;
	for (size_t i = 0; (folder = objects_folder(r->objects, i)); i++)
		if (loose_exists(folder, id, objects_hash_len(r->objects)))
			return true;
	return false;
}
