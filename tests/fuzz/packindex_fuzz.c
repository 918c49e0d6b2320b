/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a choice, then the bytes of a .pack, of its .idx, or of a multi-pack-index beside it; the other files are good
 * ones. Whatever they say, nothing outside of them is read. */
#include "scanner/source/git/grow.h"

#include <string.h>
#include <sys/stat.h>

#include "scanner/source/git/packfile.h"
#include "tests/support/pack.h"

#define MEMORY (8u << 20)
#define WALKED_TYPES (1u << OBJECT_COMMIT | 1u << OBJECT_TREE | 1u << OBJECT_BLOB | 1u << OBJECT_TAG)
#define READ_MAX 64 /* objects that are read by id */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/skant-idx-fuzz-XXXXXX", packs[64], path[64], midx[96];
static struct buf good_pack = BUF_INIT(PACK_BYTES), good_idx = BUF_INIT(PACK_BYTES);

static void remove_files(void)
{
	static const char *const endings[] = { ".pack", ".idx", ".rev" };
	char name[96];

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, endings[i]);
		(void)remove(name);
	}
	(void)remove(midx);
}

/* The folder is left behind when a crash ends the fuzzer. */
static void clean(void)
{
	remove_files();
	(void)remove(packs);
	(void)remove(folder);
	buf_done(&good_pack);
	buf_done(&good_idx);
}

/* A blob, a tree that is large enough to be cut, deltas of both kinds. */
static void make_good(void)
{
	struct made_pack m;
	struct buf d;
	uint64_t at;

	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("a blob"));
	delta_begin(&d, 6, 7);
	delta_add_copy(&d, 0, 6);
	delta_add_insert(&d, VIEW("!"));
	(void)pack_add_ofs(&m, pack_id(2), at, buf_view(&d));
	(void)pack_add_ref(&m, pack_id(3), pack_id(1), buf_view(&d));
	(void)pack_add(&m, pack_id(4), OBJECT_COMMIT, VIEW("a commit"));
	pack_end(&m);
	pack_make_idx(&m, &good_idx);
	pack_need(buf_add(&good_pack, buf_view(&m.pack)) == 0);
	buf_done(&d);
	pack_done(&m);
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
	(void)snprintf(midx, sizeof(midx), "%s/multi-pack-index", packs);
	pack_need(mkdir(packs, 0700) == 0);
	(void)atexit(clean);
	make_good();
}

static void take_piece(void *context, unsigned, const struct store_object *o, const struct piece *piece)
{
	size_t *bytes = context;
	struct oid id = store_object_id(o);

	*bytes += piece->bytes.len + id.bytes[0];
}

static void take_unread(void *context, unsigned, const struct store_object *o, enum unread, const char *)
{
	size_t *bytes = context;

	if (o)
		*bytes += store_object_id(o).bytes[0];
}

static bool never(void *)
{
	return false;
}

/* What store_walk does with a small pack. */
static void walk(struct objects *objects, const struct packfile *p, const struct store_ops *ops)
{
	struct grower_options options = { .objects = objects, .max_bytes = MEMORY, .ops = ops };
	struct grower *g = grower_new(&options, NULL);
	struct forest f;

	pack_need(g != NULL && forest_init(&f, p, NULL) == 0);
	forest_read(&f, 0, f.count);
	forest_tie(&f);
	pack_need(grower_walk(g, &f, 0, f.count, WALKED_TYPES));
	forest_done(&f);
	grower_freep(&g);
}

static void read_some(struct objects *objects)
{
	struct object_reader *reader = object_reader_new(objects, MEMORY, NULL);
	const struct packfile *p = objects_pack(objects, 0);

	pack_need(reader != NULL);
	for (uint32_t i = 0; p && i < p->count && i < READ_MAX; i++) {
		struct oid id = packfile_id(p, i);
		struct object o;

		(void)object_read(reader, &id, &o, NULL);
	}
	object_reader_freep(&reader);
}

/* The good pack's number of objects where the index would have it, so that most inputs get past that check. */
static void fit_count(struct view bytes)
{
	if (bytes.len >= 8 + 1024 && good_pack.len >= 12)
		memcpy(good_pack.ptr + 8, bytes.ptr + 8 + 1020, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *folders[] = { folder };
	size_t bytes = 0;
	struct store_ops ops = { .piece = take_piece, .unread = take_unread, .stopped = never, .context = &bytes };
	struct view rest = view_sub(view_from(data, size), 1, size);
	struct objects *objects;

	if (size == 0)
		return 0;
	start();
	remove_files();
	if (data[0] % 4 == 1)
		fit_count(rest);
	else
		memcpy(good_pack.ptr + 8, "\0\0\0\4", 4);
	pack_write_file(path, ".pack", data[0] % 4 == 0 ? rest : buf_view(&good_pack));
	if (data[0] % 4 != 2)
		pack_write_file(path, ".idx", data[0] % 4 == 1 ? rest : buf_view(&good_idx));
	if (data[0] % 4 == 2)
		pack_write_file(midx, "", rest);
	if (data[0] % 4 == 3)
		pack_write_file(path, ".rev", rest);
	objects = objects_open(folders, 1, OID_SHA1_BYTES, NULL);
	pack_need(objects != NULL);
	for (size_t i = 0; objects_pack(objects, i); i++)
		walk(objects, objects_pack(objects, i), &ops);
	read_some(objects);
	objects_freep(&objects);
	return 0;
}
