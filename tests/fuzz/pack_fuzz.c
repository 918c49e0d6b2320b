/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a list of objects, of which a pack is made whose streams are right, so that what is inside of them is reached:
 * blobs, deltas by offset and by id, in any order and to any base; heads that lie about sizes. The walk and the reader
 * agree on what can be read and on its content, each object is handed on or told, and memory stays bounded. */
#include "scanner/source/git/grow.h"

#include <string.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/base/digest.h"
#include "scanner/source/git/packfile.h"
#include "tests/support/fuzzinput.h"
#include "tests/support/pack.h"

#define MEMORY (8u << 20)
#define OBJECTS_MAX 64
#define WALKED_TYPES (1u << OBJECT_COMMIT | 1u << OBJECT_TREE | 1u << OBJECT_BLOB | 1u << OBJECT_TAG)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/skant-pack-fuzz-XXXXXX", packs[64], path[64];

struct seen {
	bool is_whole[OBJECTS_MAX], is_told[OBJECTS_MAX];
	size_t len[OBJECTS_MAX];
	enum object_type type[OBJECTS_MAX];
	struct digest_sha256 running[OBJECTS_MAX];
};

/* The folder is left behind when a crash ends the fuzzer. */
static void clean(void)
{
	pack_write_file(path, ".pack", VIEW_NONE);
	pack_write_file(path, ".idx", VIEW_NONE);
	for (unsigned i = 0; i < 2; i++) {
		char name[96];

		(void)snprintf(name, sizeof(name), "%s%s", path, i ? ".idx" : ".pack");
		(void)remove(name);
	}
	(void)remove(packs);
	(void)remove(folder);
}

static void start(void)
{
	static bool is_started;

	if (is_started)
		return;
	is_started = true;
	pack_need(mkdtemp(folder) != NULL);
	(void)snprintf(packs, sizeof(packs), "%s/pack", folder);
	(void)snprintf(path, sizeof(path), "%s/pack-1", packs);
	pack_need(mkdir(packs, 0700) == 0);
	(void)atexit(clean);
}

/* One object: what it is, its base, whether its head or stream lies, how long it is, its content. */
static void add_object(struct made_pack *m, unsigned number, uint64_t *at, struct input *in)
{
	unsigned op = next(in), base = next(in) % OBJECTS_MAX, len = next(in);
	unsigned type = op & 7 ? op & 7 : OBJECT_BLOB;
	uint64_t claim;
	struct oid base_id = pack_id(base);
	struct view content = view_sub(in->rest, 0, len);

	in->rest = view_sub(in->rest, len, in->rest.len);
	claim = op & 0x40 ? (uint64_t)content.len << (op >> 3 & 7) * 8 : content.len;
	at[number] = pack_add_head(m, type, claim);
	pack_note(m, pack_id(number), op & 0x80 ? at[base] + (op >> 3 & 7) : at[number]);
	if (type == PACK_OFS_DELTA)
		pack_add_distance(&m->pack, base < number ? at[number] - at[base] : base);
	else if (type == PACK_REF_DELTA)
		pack_need(buf_add(&m->pack, view_from(base_id.bytes, m->hash_len)) == 0);
	pack_add_stream(&m->pack, content);
	if ((op & 0x60) == 0x20)
		m->pack.ptr[m->pack.len - 1 - (op >> 3 & 3)] ^= 1;
}

static unsigned number_of(const struct store_object *o)
{
	struct oid id = store_object_id(o);

	return (unsigned)id.bytes[3] << 8 | id.bytes[4];
}

static void take_piece(void *context, unsigned, const struct store_object *o, const struct piece *piece)
{
	struct seen *s = context;
	unsigned n = number_of(o);

	size_t known = piece->is_first ? 0 : SCAN_OVERLAP_BYTES;

	pack_need(n < OBJECTS_MAX && !s->is_whole[n] && piece->bytes.len >= known);
	if (piece->is_first)
		digest_sha256_init(&s->running[n]);
	digest_sha256_add(&s->running[n], view_sub(piece->bytes, known, piece->bytes.len));
	s->len[n] += piece->bytes.len - known;
	s->type[n] = o->type;
	s->is_whole[n] = piece->is_last;
}

static void take_unread(void *context, unsigned, const struct store_object *o, enum unread, const char *)
{
	struct seen *s = context;

	if (o)
		s->is_told[number_of(o)] = true;
}

static bool never(void *)
{
	return false;
}

static void compare(struct object_reader *r, struct seen *s, unsigned n)
{
	unsigned char walked[DIGEST_SHA256_BYTES], read[DIGEST_SHA256_BYTES];
	struct oid id = pack_id(n);
	struct digest_sha256 d;
	struct object o;
	bool is_read = object_read(r, &id, &o, NULL) == OBJECT_OK;

	pack_need(s->is_told[n] != is_read); /* of what is told the start may have come */
	pack_need(s->is_whole[n] || !is_read);
	if (!is_read)
		return;
	digest_sha256_init(&d);
	digest_sha256_add(&d, o.content);
	digest_sha256_end(&d, read);
	digest_sha256_end(&s->running[n], walked);
	pack_need(o.content.len == s->len[n] && o.type == s->type[n]);
	pack_need(memcmp(walked, read, sizeof(read)) == 0);
}

/* What store_walk does with a small pack. */
static void walk(struct objects *objects, const struct store_ops *ops)
{
	struct grower_options options = { .objects = objects, .max_bytes = MEMORY, .ops = ops };
	struct grower *g = grower_new(&options, NULL);
	struct forest f;

	pack_need(g != NULL && forest_init(&f, objects_pack(objects, 0), NULL) == 0);
	forest_read(&f, 0, f.count);
	forest_tie(&f);
	pack_need(grower_walk(g, &f, 0, f.count, WALKED_TYPES));
	forest_done(&f);
	grower_freep(&g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen seen;
	const char *folders[] = { folder };
	struct input in = { .rest = view_from(data, size) };
	struct store_ops ops = { .piece = take_piece, .unread = take_unread, .stopped = never, .context = &seen };
	uint64_t at[OBJECTS_MAX] = { 0 };
	struct objects *objects;
	struct object_reader *reader;
	struct made_pack m;
	unsigned count = 0;

	start();
	seen = (struct seen){ .len = { 0 } };
	pack_begin(&m);
	for (; count < OBJECTS_MAX && in.rest.len; count++)
		add_object(&m, count, at, &in);
	pack_write(&m, path);
	pack_done(&m);
	objects = objects_open(folders, 1, OID_SHA1_BYTES, NULL);
	pack_need(objects != NULL);
	if (count)
		walk(objects, &ops);
	reader = object_reader_new(objects, MEMORY, NULL);
	pack_need(reader != NULL);
	for (unsigned n = 0; n < count; n++)
		compare(reader, &seen, n);
	object_reader_freep(&reader);
	objects_freep(&objects);
	return 0;
}
