/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/digest.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "scanner/source/git/be.h"
#include "scanner/unpack/bundle_walk.h"

#define ZLIB_METHOD 0x78    /* deflate with a window of 32 KiB (RFC 1950): how git's streams begin */
#define HEAD_MOST_BYTES 42u /* what stands before a stream: ten bytes of size, an id */
#define CHECK_BYTES (4u << 20)

static int cut_head(struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "it is cut within its head, before the empty line that the pack follows");
}

static int take_capability(struct view line, struct bundle_head *head, struct err *err)
{
	static const char format[] = "@object-format=";
	struct view value = view_sub(line, sizeof(format) - 1, line.len);

	if (text_starts(line, VIEW("@filter=")))
		return 0;
	if (!text_starts(line, view_of(format)))
		return err_set(err, ERR_LIMIT, 0,
			       "it has a capability that is not known; object-format and filter are");
	if (text_eq(value, VIEW("sha1")))
		head->hash_len = OID_SHA1_BYTES;
	else if (text_eq(value, VIEW("sha256")))
		head->hash_len = OID_SHA256_BYTES;
	else
		return err_set(err, ERR_LIMIT, 0, "its objects are named in a way that is neither sha1 nor sha256");
	return 0;
}

/* A prerequisite, "-ID [SP COMMENT]", or a reference, "ID SP NAME". */
static bool is_line(struct view line, size_t hash_len)
{
	bool is_needed = text_starts(line, VIEW("-"));
	struct view id = view_sub(line, is_needed, 2 * hash_len);
	struct view rest = view_sub(line, is_needed + 2 * hash_len, line.len);
	struct oid read;

	if (id.len != 2 * hash_len || oid_parse(id, hash_len, &read))
		return false;
	return rest.len ? rest.ptr[0] == ' ' : is_needed;
}

int bundle_read_head(struct view bundle, struct bundle_head *ret, struct err *err)
{
	struct view rest = bundle;
	bool is_third = text_starts(bundle, VIEW("# v3 git bundle\n")), may_have_more = is_third;
	size_t number = 1, end;

	if (!is_third && !text_starts(bundle, VIEW("# v2 git bundle\n")))
		return err_set(err, ERR_FORMAT, 0, "it does not begin with '# v2 git bundle' or '# v3 git bundle'");
	ret->hash_len = OID_SHA1_BYTES;
	for (;;) {
		struct view line;

		end = text_find_byte(rest, '\n');
		if (end == SIZE_MAX)
			return cut_head(err);
		line = view_sub(rest, 0, end);
		rest = view_sub(rest, end + 1, rest.len);
		if (number++ == 1)
			continue;
		if (line.len == 0)
			break;
		if (may_have_more && line.ptr[0] == '@') {
			if (take_capability(line, ret, err))
				return -1;
			continue;
		}
		may_have_more = false;
		if (!is_line(line, ret->hash_len))
			return err_set(
				err, ERR_FORMAT, 0,
				"line %zu of its head is neither a commit that it needs nor a reference: an id of %zu "
				"hexadecimal digits begins each",
				number - 1, 2 * ret->hash_len);
	}
	ret->len = bundle.len - rest.len;
	return 0;
}

static bool has_digest(struct bundle_walk *w, struct view pack, struct view trailer)
{
	unsigned char digest[OID_MAX_BYTES];
	struct digest_sha1 sha1;
	struct digest_sha256 sha256;

	digest_sha1_init(&sha1);
	digest_sha256_init(&sha256);
	for (size_t at = 0; at < pack.len && bundle_goes_on(w); at += CHECK_BYTES)
		if (w->hash_len == OID_SHA1_BYTES)
			digest_sha1_add(&sha1, view_sub(pack, at, CHECK_BYTES));
		else
			digest_sha256_add(&sha256, view_sub(pack, at, CHECK_BYTES));
	if (w->hash_len == OID_SHA1_BYTES)
		digest_sha1_end(&sha1, digest);
	else
		digest_sha256_end(&sha256, digest);
	return memcmp(digest, trailer.ptr, w->hash_len) == 0;
}

/* Checks the pack's head and its trailer, the digest of all before it. When that is not right, nobody knows what is,
 * and all is gone through. -1: it is no pack. */
static int open_pack(struct bundle_walk *w, struct view pack, struct err *err)
{
	size_t end;

	if (pack.len < PACK_HEAD_BYTES || memcmp(pack.ptr, "PACK", 4) != 0)
		return err_set(err, ERR_FORMAT, 0, "no pack follows its head");
	if (be32(pack.ptr + 4) != 2 && be32(pack.ptr + 4) != 3)
		return err_set(err, ERR_FORMAT, 0, "its pack has a version that is not 2 or 3");
	w->claimed = be32(pack.ptr + 8);
	w->pack = pack;
	end = pack.len < PACK_HEAD_BYTES + w->hash_len ? 0 : pack.len - w->hash_len;
	if (end && has_digest(w, view_sub(pack, 0, end), view_sub(pack, end, w->hash_len)))
		w->pack = view_sub(pack, 0, end);
	else
		w->has_no_digest = true;
	return 0;
}

/* The entry that starts at a place, or BUNDLE_NONE. */
static uint32_t find_entry(const struct bundle_walk *w, uint64_t at)
{
	size_t from = 0, to = w->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (w->entries[middle].at == at)
			return (uint32_t)middle;
		if (w->entries[middle].at < at)
			from = middle + 1;
		else
			to = middle;
	}
	return BUNDLE_NONE;
}

static struct bundle_entry *add_entry(struct bundle_walk *w, uint64_t at, enum object_type type)
{
	struct bundle_entry *grown;

	grown = grow_items(w->entries, w->count, &w->cap, sizeof(*grown));
	if (!grown) {
		(void)bundle_no_memory(w);
		return NULL;
	}
	w->entries = grown;
	w->entries[w->count] = (struct bundle_entry){
		.at = at, .base = BUNDLE_NONE, .child = BUNDLE_NONE, .next = BUNDLE_NONE, .type = (unsigned char)type
	};
	return &w->entries[w->count++];
}

/* Notes which base a delta waits for. */
static void note_delta(struct bundle_walk *w, const struct pack_entry *e, uint64_t at)
{
	uint32_t number;
	struct bundle_entry *entry = add_entry(w, at, OBJECT_NONE);

	if (!entry)
		return;
	number = (uint32_t)(entry - w->entries);
	if (e->is_ofs) {
		entry->base = find_entry(w, e->base_at);
		if (entry->base != BUNDLE_NONE)
			w->entries[entry->base].is_base = true;
		else
			bundle_damaged(w, at);
		return;
	}
	entry->next = oidmap_get(&w->waiting, e->base_id.bytes);
	if (oidmap_put(&w->waiting, e->base_id.bytes, number))
		(void)bundle_no_memory(w);
}

/* Reads what is larger than the room: only its end matters of a delta. The same results as read_stream. */
static int read_large(struct bundle_walk *w, const struct pack_entry *e, uint64_t at, size_t *ret_used)
{
	struct bundle_entry *entry;
	int status;

	entry = add_entry(w, at, e->type);
	if (!entry)
		return -1;
	status = e->type == OBJECT_NONE ? bundle_find_end(w, e, ret_used)
					: bundle_take_large(w, (uint32_t)(entry - w->entries), e, ret_used);
	if (status > 0) {
		w->count--;
		bundle_take_damaged(w, at, e);
	} else if (e->type == OBJECT_NONE) {
		bundle_too_large(w, (uint32_t)(entry - w->entries));
	}
	return status;
}

/* Reads the object whose head is e: hands on what is whole. 0; 1 when its stream is damaged; -1 when the walk is
 * over. */
static int read_stream(struct bundle_walk *w, const struct pack_entry *e, uint64_t at, size_t *ret_used)
{
	struct bundle_entry *entry;
	struct view content;
	struct oid id;

	if (!bundle_is_possible(bundle_stream(w, e), e->size))
		return 1;
	if (bundle_charge(w, e->size))
		return -1;
	if (e->size > BUNDLE_OBJECT_BYTES)
		return read_large(w, e, at, ret_used);
	buf_clear(&w->room);
	if (buf_reserve(&w->room, (size_t)e->size + 1))
		return bundle_no_memory(w);
	if (inflate_used(w->inflater, bundle_stream(w, e), w->room.ptr, (size_t)e->size, ret_used)) {
		bundle_take_damaged(w, at, e);
		return 1;
	}
	content = view_from(w->room.ptr, (size_t)e->size);
	if (e->type == OBJECT_NONE) {
		note_delta(w, e, at);
		return bundle_goes_on(w) ? 0 : -1;
	}
	entry = add_entry(w, at, e->type);
	return entry ? bundle_take(w, (uint32_t)(entry - w->entries), e->type, content, &id) : -1;
}

/* Whether an object starts at a place whose stream starts at data and is right. */
static bool is_entry(struct bundle_walk *w, uint64_t at, uint64_t data)
{
	struct pack_entry e;
	size_t used;

	if (pack_entry_read(w->pack, w->hash_len, at, &e) || e.data != data || e.size > BUNDLE_OBJECT_BYTES ||
	    !bundle_is_possible(bundle_stream(w, &e), e.size) || bundle_charge_again(w, e.size))
		return false;
	buf_clear(&w->room);
	if (buf_reserve(&w->room, (size_t)e.size + 1)) {
		(void)bundle_no_memory(w);
		return false;
	}
	return inflate_used(w->inflater, bundle_stream(w, &e), w->room.ptr, (size_t)e.size, &used) == 0;
}

/* Where the next object behind a damaged one starts: the pack's length when there is none. */
static uint64_t find_next(struct bundle_walk *w, uint64_t damaged)
{
	const unsigned char *in = (const unsigned char *)w->pack.ptr;

	for (uint64_t data = damaged + 2; data + 2 < w->pack.len; data++) {
		const void *hit = memchr(in + data, ZLIB_METHOD, w->pack.len - 2 - data);

		if (!hit || !bundle_goes_on(w))
			break;
		data = (uint64_t)((const unsigned char *)hit - in);
		if ((in[data] << 8 | in[data + 1]) % 31 || in[data + 1] & 0x20)
			continue;
		for (uint64_t at = data - 1; at > damaged && data - at <= HEAD_MOST_BYTES; at--)
			if (is_entry(w, at, data))
				return at;
	}
	return w->pack.len;
}

/* The pack from its first object to its last. */
static void read_pack(struct bundle_walk *w)
{
	uint64_t at = PACK_HEAD_BYTES;

	while (bundle_goes_on(w) && at < w->pack.len && w->count < w->claimed) {
		struct pack_entry e;
		size_t used = 0;
		int status = 1;

		if (!run_take_entry(w->run))
			return;
		if (pack_entry_read(w->pack, w->hash_len, at, &e) == 0)
			status = read_stream(w, &e, at, &used);
		if (status < 0)
			return;
		if (status > 0)
			bundle_damaged(w, at);
		at = status > 0 ? find_next(w, at) : e.data + used;
	}
	if (bundle_goes_on(w) && (w->count < w->claimed || (!w->has_no_digest && at != w->pack.len)))
		bundle_damaged(w, at);
}

static void tell_end(struct bundle_walk *w)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	int status;

	if (!bundle_goes_on(w) || (w->damaged_at == UINT64_MAX && !w->has_no_digest))
		return;
	if (w->damaged_at == UINT64_MAX)
		status = buf_add_text(&text, "its checksum is missing or wrong");
	else
		status = buf_add_text(&text, "at byte ") || text_add_grouped(&text, w->pack_at + w->damaged_at) ||
			 buf_add_text(&text, ": ") || text_add_grouped(&text, w->read) || buf_add_text(&text, " of ") ||
			 text_add_grouped(&text, w->claimed) || buf_add_text(&text, " objects could be read");
	if (status)
		(void)bundle_no_memory(w);
	else
		w->ops->unread(w->ops->context, VIEW_NONE, UNPACK_CORRUPT, buf_view(&text));
}

static void walk_done(struct bundle_walk *w)
{
	inflater_freep(&w->inflater);
	buf_done(&w->room);
	free(w->entries);
	oidmap_done(&w->found);
	oidmap_done(&w->waiting);
	free(w);
}

static void walk(struct bundle_walk *w, struct view header)
{
	if (!run_take_entry(w->run) || bundle_charge(w, header.len))
		return;
	w->content = header;
	w->ops->object(w->ops->context, VIEW(BUNDLE_HEADER), w);
	read_pack(w);
	bundle_undo(w);
	tell_end(w);
}

int bundle_scan(struct view bundle, struct unpack_run *run, const struct bundle_ops *ops)
{
	struct bundle_walk *w = calloc(1, sizeof(*w));
	struct bundle_head head;
	struct err err = ERR_INIT;

	if (!w) {
		ops->unread(ops->context, VIEW_NONE, UNPACK_MEMORY, VIEW_NONE);
		return 0;
	}
	w->run = run;
	w->ops = ops;
	w->room = (struct buf)BUF_INIT(BUNDLE_OBJECT_BYTES + 1);
	w->damaged_at = UINT64_MAX;
	if (bundle_read_head(bundle, &head, &err) == 0) {
		w->hash_len = head.hash_len;
		w->pack_at = head.len;
		oidmap_init(&w->found, w->hash_len);
		oidmap_init(&w->waiting, w->hash_len);
		if (open_pack(w, view_sub(bundle, head.len, SIZE_MAX), &err) == 0) {
			w->inflater = inflater_new();
			if (!w->inflater)
				(void)bundle_no_memory(w);
			else
				walk(w, view_sub(bundle, 0, head.len));
		}
	}
	walk_done(w);
	if (err.kind == ERR_NONE)
		return 0;
	ops->unread(ops->context, VIEW_NONE, err.kind == ERR_LIMIT ? UNPACK_UNSUPPORTED : UNPACK_CORRUPT,
		    view_of(err.text));
	return -1;
}
