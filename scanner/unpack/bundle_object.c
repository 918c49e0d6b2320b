/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of a bundle: their ids, their way to the taker, what is counted and told of them. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "scanner/unpack/bundle_walk.h"

#define INFLATE_RATIO_MAX 1032u /* zlib never does better (RFC 1951: 258 bytes in two bits) */
#define STEP_BYTES 1024         /* what a step costs at least, as bytes */

struct digest {
	size_t hash_len;
	struct digest_sha1 sha1;
	struct digest_sha256 sha256;
};

bool bundle_goes_on(const struct bundle_walk *w)
{
	return !w->is_over && !w->run->over;
}

int bundle_give_up(struct bundle_walk *w, enum unpack_trouble trouble)
{
	if (bundle_goes_on(w))
		w->ops->unread(w->ops->context, VIEW_NONE, trouble, VIEW_NONE);
	w->is_over = true;
	return -1;
}

int bundle_no_memory(struct bundle_walk *w)
{
	return bundle_give_up(w, UNPACK_MEMORY);
}

int bundle_charge(struct bundle_walk *w, uint64_t bytes)
{
	if (!bundle_goes_on(w) || !run_take_bytes(w->run, bytes))
		return -1;
	w->out_bytes += bytes;
	return 0;
}

int bundle_charge_again(struct bundle_walk *w, uint64_t bytes)
{
	if (!bundle_goes_on(w))
		return -1;
	w->again_bytes += STEP_BYTES + bytes;
	if (w->again_bytes <= BUNDLE_AGAIN_BYTES + w->out_bytes * BUNDLE_AGAIN_RATIO)
		return 0;
	return bundle_give_up(w, UNPACK_EFFORT);
}

void bundle_damaged(struct bundle_walk *w, uint64_t at)
{
	if (at < w->damaged_at)
		w->damaged_at = at;
}

bool bundle_is_possible(struct view stream, uint64_t size)
{
	return size / INFLATE_RATIO_MAX <= stream.len;
}

struct view bundle_stream(const struct bundle_walk *w, const struct pack_entry *e)
{
	return view_sub(w->pack, (size_t)e->data, SIZE_MAX);
}

struct name {
	char text[OID_HEX_BYTES];
};

static struct name name_by_id(const struct bundle_walk *w, const struct oid *id)
{
	struct name name = { .text = "" };

	oid_hex(id, w->hash_len, name.text);
	return name;
}

static struct name name_by_place(const struct bundle_walk *w, uint64_t at)
{
	uint64_t place = w->pack_at + at;
	struct name name = { .text = "" };

	(void)snprintf(name.text, sizeof(name.text), "offset-%llu", (unsigned long long)place);
	return name;
}

static void tell(const struct bundle_walk *w, struct name name, enum unpack_trouble trouble)
{
	w->ops->unread(w->ops->context, view_of(name.text), trouble, VIEW_NONE);
}

void bundle_too_large(struct bundle_walk *w, uint32_t entry)
{
	w->entries[entry].is_told = true;
	tell(w, name_by_place(w, w->entries[entry].at), UNPACK_DELTA);
}

void bundle_missing(struct bundle_walk *w, const struct oid *id)
{
	tell(w, name_by_id(w, id), UNPACK_MISSING);
}

int bundle_read(struct bundle_walk *w, struct view *ret)
{
	size_t len;

	if (!w->stream) {
		*ret = w->content;
		w->content = VIEW_NONE;
		return ret->len > 0;
	}
	len = w->left < sizeof(w->window) ? (size_t)w->left : sizeof(w->window);
	w->left -= len;
	if (inflate_next(w->stream, w->window, len, &len))
		w->left = 0; /* it is damaged: that is told of the whole */
	*ret = view_from(w->window, len);
	return len > 0;
}

static void hand_on(struct bundle_walk *w, struct name name)
{
	w->ops->object(w->ops->context, view_of(name.text), w);
}

static void digest_add(struct digest *d, struct view v)
{
	if (d->hash_len == OID_SHA1_BYTES)
		digest_sha1_add(&d->sha1, v);
	else
		digest_sha256_add(&d->sha256, v);
}

/* An object's id is the digest of its type, its size, a NUL and its content (gitglossary(7), "object name"). */
static void digest_begin(struct digest *d, size_t hash_len, enum object_type type, uint64_t size)
{
	static const char *const names[] = {
		[OBJECT_COMMIT] = "commit", [OBJECT_TREE] = "tree", [OBJECT_BLOB] = "blob", [OBJECT_TAG] = "tag"
	};
	char head[32];
	int len = snprintf(head, sizeof(head), "%s %llu", names[type], (unsigned long long)size);

	d->hash_len = hash_len;
	if (hash_len == OID_SHA1_BYTES)
		digest_sha1_init(&d->sha1);
	else
		digest_sha256_init(&d->sha256);
	digest_add(d, view_from(head, (size_t)len + 1));
}

static struct oid digest_end(struct digest *d)
{
	struct oid id = { .bytes = { 0 } };

	if (d->hash_len == OID_SHA1_BYTES)
		digest_sha1_end(&d->sha1, id.bytes);
	else
		digest_sha256_end(&d->sha256, id.bytes);
	return id;
}

/* Notes that an object has been read. 1 when it is to be handed on, 0, or -1 when there is no memory. */
static int note(struct bundle_walk *w, uint32_t entry, enum object_type type, const struct oid *id)
{
	w->entries[entry].is_done = true;
	w->read++;
	if (oidmap_get(&w->found, id->bytes) != OIDMAP_NONE)
		return 0;
	if (oidmap_put(&w->found, id->bytes, entry))
		return bundle_no_memory(w);
	return type != OBJECT_TREE;
}

int bundle_take(struct bundle_walk *w, uint32_t entry, enum object_type type, struct view content, struct oid *ret_id)
{
	struct digest d;
	int status;

	digest_begin(&d, w->hash_len, type, content.len);
	digest_add(&d, content);
	*ret_id = digest_end(&d);
	status = note(w, entry, type, ret_id);
	if (status > 0) {
		w->content = content;
		hand_on(w, name_by_id(w, ret_id));
	}
	return status < 0 ? -1 : 0;
}

void bundle_take_part(struct bundle_walk *w, uint64_t at, struct view bytes)
{
	w->content = bytes;
	if (bytes.len)
		hand_on(w, name_by_place(w, at));
}

static struct inflate_stream *begin(struct bundle_walk *w, const struct pack_entry *e)
{
	struct inflate_stream *s = inflate_begin(bundle_stream(w, e));

	if (!s)
		(void)bundle_no_memory(w);
	return s;
}

/* Reads the whole stream, for its digest if there is one. 0, 1 when it is not what its head says, or -1 when the walk
 * is over. */
static int digest_stream(struct bundle_walk *w, const struct pack_entry *e, struct digest *d, size_t *ret_used)
{
	DEFER(inflate_endp) struct inflate_stream *s = begin(w, e);
	uint64_t done = 0;
	size_t len = 0;

	if (!s)
		return -1;
	do {
		if (!bundle_goes_on(w))
			return -1;
		if (inflate_next(s, w->window, sizeof(w->window), &len) || len > e->size - done)
			return 1;
		if (d)
			digest_add(d, view_from(w->window, len));
		done += len;
	} while (len == sizeof(w->window));
	*ret_used = inflate_taken(s);
	return done == e->size ? 0 : 1;
}

int bundle_find_end(struct bundle_walk *w, const struct pack_entry *e, size_t *ret_used)
{
	return digest_stream(w, e, NULL, ret_used);
}

/* Hands on what comes of a stream, to its end or to where it is broken. */
static void hand_stream(struct bundle_walk *w, const struct pack_entry *e, struct name name)
{
	DEFER(inflate_endp) struct inflate_stream *s = begin(w, e);

	if (!s)
		return;
	w->stream = s;
	w->left = e->size;
	hand_on(w, name);
	w->stream = NULL;
}

int bundle_take_large(struct bundle_walk *w, uint32_t entry, const struct pack_entry *e, size_t *ret_used)
{
	struct digest d;
	struct oid id;
	int status;

	digest_begin(&d, w->hash_len, e->type, e->size);
	status = digest_stream(w, e, &d, ret_used);
	if (status)
		return status;
	id = digest_end(&d);
	status = note(w, entry, e->type, &id);
	if (status > 0)
		hand_stream(w, e, name_by_id(w, &id));
	return status < 0 ? -1 : 0;
}

void bundle_take_damaged(struct bundle_walk *w, uint64_t at, const struct pack_entry *e)
{
	if (e->type != OBJECT_NONE && e->type != OBJECT_TREE)
		hand_stream(w, e, name_by_place(w, at));
}
