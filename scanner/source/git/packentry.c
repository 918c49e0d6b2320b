/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/packentry.h"

#define TYPE_OFS_DELTA 6
#define TYPE_REF_DELTA 7

/* The distance back to a delta's base: seven bits a byte, the highest first, each further byte adding one. */
static const unsigned char *read_distance(const unsigned char *in, const unsigned char *end, uint64_t *ret)
{
	uint64_t n;

	if (in == end)
		return NULL;
	n = *in & 0x7f;
	while (*in++ & 0x80) {
		if (in == end || n >> 56)
			return NULL;
		n = (n + 1) << 7 | (*in & 0x7f);
	}
	*ret = n;
	return in;
}

/* Reads what says which base a delta has. NULL when there is none. */
static const unsigned char *read_base(size_t hash_len, const unsigned char *in, const unsigned char *end, uint64_t at,
				      struct pack_entry *e)
{
	uint64_t distance;

	if (e->is_ref) {
		if ((size_t)(end - in) < hash_len)
			return NULL;
		e->base_id = oid_from(in, hash_len);
		return in + hash_len;
	}
	in = read_distance(in, end, &distance);
	if (!in || distance == 0 || distance > at - PACK_HEAD_BYTES)
		return NULL;
	e->base_at = at - distance;
	return in;
}

int pack_entry_read(struct view pack, size_t hash_len, uint64_t at, struct pack_entry *ret)
{
	const unsigned char *start = (const unsigned char *)pack.ptr, *end = start + pack.len, *in;
	unsigned type, shift = 4;

	if (at < PACK_HEAD_BYTES || at >= pack.len)
		return -1;
	in = start + at;
	type = *in >> 4 & 7;
	ret->size = *in & 15;
	while (*in++ & 0x80) {
		if (in == end || shift > 57)
			return -1;
		ret->size |= (uint64_t)(*in & 0x7f) << shift;
		shift += 7;
	}
	if (type == 0 || type == 5)
		return -1;
	ret->is_ofs = type == TYPE_OFS_DELTA;
	ret->is_ref = type == TYPE_REF_DELTA;
	ret->type = ret->is_ofs || ret->is_ref ? OBJECT_NONE : (enum object_type)type;
	if (ret->type == OBJECT_NONE)
		in = read_base(hash_len, in, end, at, ret);
	if (!in)
		return -1;
	ret->data = (uint64_t)(in - start);
	return 0;
}
