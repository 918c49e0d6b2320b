/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a byte that says how it is read. 0: what follows is a bundle as it is. Otherwise what follows is a list of
 * objects, of which a pack is made whose streams and digest are right, so that what is inside of them is reached:
 * blobs, deltas by offset and by id, in any order and to any base; heads that lie about sizes; a count that lies; a
 * byte that is flipped. Each object comes once, what comes by an id has that id, and what is not read is told. */
#include "scanner/unpack/bundle.h"

#include <string.h>

#include "tests/support/bundle.h"
#include "tests/support/fuzzinput.h"

#define OBJECTS_MAX 64
#define HEAD "# v2 git bundle\n\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct unpack_request limits = { .ratio = 50, .bytes = 48u << 20, .entries = 60 };

/* One object: what it is, its base, whether its head or stream lies, how long it is, its content. */
static void add_object(struct made_pack *m, unsigned number, uint64_t *at, struct oid *ids, struct input *in)
{
	unsigned op = next(in), base = next(in) % OBJECTS_MAX, len = next(in);
	unsigned type = op & 7 ? op & 7 : OBJECT_BLOB;
	struct view content = view_sub(in->rest, 0, len);
	uint64_t claim;

	in->rest = view_sub(in->rest, len, in->rest.len);
	claim = (op & 0x60) == 0x40 ? (uint64_t)content.len << (op >> 3 & 3) * 8 : content.len;
	ids[number] = bundle_id(OID_SHA1_BYTES, "blob", content);
	at[number] = pack_add_head(m, type, claim);
	pack_note(m, ids[number], at[number]);
	if (type == PACK_OFS_DELTA)
		pack_add_distance(&m->pack, base < number ? at[number] - at[base] : base);
	else if (type == PACK_REF_DELTA)
		pack_need(buf_add(&m->pack, view_from(ids[base].bytes, m->hash_len)) == 0);
	pack_add_stream(&m->pack, content);
	if ((op & 0x60) == 0x20)
		m->pack.ptr[m->pack.len - 1 - (op >> 3 & 3)] ^= 1;
}

static struct buf make(struct input *in, unsigned mode)
{
	struct made_pack m;
	struct oid ids[OBJECTS_MAX];
	uint64_t at[OBJECTS_MAX] = { 0 };
	unsigned where = mode & 4 ? next(in) << 8 | next(in) : 0;
	struct buf bundle;

	for (unsigned i = 0; i < OBJECTS_MAX; i++)
		ids[i] = pack_id(i);
	pack_begin(&m);
	for (unsigned i = 0; i < OBJECTS_MAX && in->rest.len; i++)
		add_object(&m, i, at, ids, in);
	if (mode & 2)
		m.count += (mode >> 4) - 7;
	bundle = bundle_of(&m, VIEW(HEAD));
	if (mode & 4)
		bundle.ptr[where % bundle.len] ^= (char)(1u << (mode >> 5));
	if (mode & 8)
		buf_cut(&bundle, bundle.len - where % bundle.len);
	return bundle;
}

/* Whether what came has the id that it is called by. */
static void check_id(const struct bundled *o)
{
	static const char *const types[] = { "blob", "commit", "tag" };
	size_t len = strlen(o->name) / 2;
	struct oid id, is;

	if ((len != OID_SHA1_BYTES && len != OID_SHA256_BYTES) || oid_parse(view_of(o->name), len, &id))
		return; /* the head, or one without an id */
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		is = bundle_id(len, types[i], buf_view(&o->content));
		if (oid_eq(&is, &id))
			return;
	}
	pack_need(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { view_from(data, size) };
	unsigned mode = next(&in);
	struct buf bundle = BUF_INIT(PACK_BYTES);
	struct bundle_taken t;
	char *exact;
	bool is_none;

	if (mode)
		bundle = make(&in, mode);
	else
		pack_need(buf_add(&bundle, in.rest) == 0);
	exact = malloc(bundle.len + 1); /* so that reading behind it is seen */
	pack_need(exact != NULL);
	if (bundle.len)
		memcpy(exact, bundle.ptr, bundle.len);
	bundle_taken_init(&t);
	is_none = bundle_run(&t, view_from(exact, bundle.len), &limits) != 0;
	for (size_t i = 0; i < t.count; i++)
		if (t.objects[i].was_given)
			check_id(&t.objects[i]);
	pack_need(!is_none || (t.count == 1 && !bundle_is_read(&t)));
	pack_need(t.given <= limits.entries && t.bytes <= limits.bytes);
	bundle_taken_done(&t);
	buf_done(&bundle);
	free(exact);
	return 0;
}
