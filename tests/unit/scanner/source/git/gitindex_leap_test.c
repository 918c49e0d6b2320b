/* SPDX-License-Identifier: Apache-2.0 */
/* Large indexes, of which most is passed over unread: made so that much in them looks like something else.
 * SKANT_SEED=N starts from another seed. */
#include "common/base/text.h"
#include "scanner/source/git/gitindex_read.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define SEED 20261127
#define INDEX_BYTES (64u << 20)
#define FOLDERS_MAX 4096

static uint64_t state;

static unsigned below(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

struct made { /* an index that is being made */
	struct buf entries, tree;
	uint32_t count;
};

static void add_u32(struct buf *out, uint32_t n)
{
	char bytes[] = { (char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n };

	assert_int_equal(buf_add(out, view_from(bytes, sizeof(bytes))), 0);
}

/* Times, device, owner, size and id that are file modes and lengths, as far as it can be managed. */
static void add_entry(struct made *m, const char *path, unsigned stage)
{
	static const uint32_t likely[] = { 0100644, 0100755, 0120000, 0, 12, 0x000c6100 };
	struct buf *out = &m->entries;
	size_t start = out->len, len = strlen(path);

	for (unsigned i = 0; i < 6; i++)
		add_u32(out, likely[below(ARRAY_LEN(likely))]);
	add_u32(out, 0100644);
	for (unsigned i = 0; i < 3 + OID_SHA1_BYTES / 4; i++)
		add_u32(out, below(3) ? likely[below(ARRAY_LEN(likely))] : below(UINT32_MAX));
	assert_int_equal(buf_add_byte(out, (char)(stage << 4 | (len > 4094 ? 15 : len >> 8))), 0);
	assert_int_equal(buf_add_byte(out, (char)(len > 4094 ? 255 : len)), 0);
	assert_int_equal(buf_add_text(out, path), 0);
	do
		assert_int_equal(buf_add_byte(out, '\0'), 0);
	while ((out->len - start) % 8);
	m->count++;
}

/* A folder of some entries, now and then thousands, in one more folder. Names are full of bytes that say lengths. */
static uint32_t add_folder(struct made *m, unsigned number)
{
	static const char *const tails[] = { "x", "a\001", "TREE", "\020\013", "aaaaaaaa\001a\002", "DIRC" };
	uint32_t entries = below(8) == 0 ? 500 + below(4000) : 1 + below(150);

	for (uint32_t i = 0; i < entries; i++) {
		struct buf path = BUF_INIT(16384);

		assert_int_equal(buf_addf(&path, "d%05u/%06u%s", number, i, tails[below(ARRAY_LEN(tails))]), 0);
		if (below(200) == 0)
			assert_int_equal(buf_addf(&path, "%0*d", (int)(4000 + below(200)), 7), 0);
		else if (below(4) == 0)
			assert_int_equal(buf_addf(&path, "%0*d", (int)below(400), 7), 0);
		add_entry(m, path.ptr, 0);
		buf_done(&path);
	}
	assert_int_equal(buf_addf(&m->tree, "d%05u%c%u 0\n", number, 0, entries), 0);
	for (unsigned i = 0; i < OID_SHA1_BYTES; i++)
		assert_int_equal(buf_add_byte(&m->tree, (char)below(256)), 0);
	return entries;
}

/* The whole file; before TREE stands another extension when name is not NULL. */
static void put_together(const struct made *m, unsigned folders, const char *name, struct buf *out)
{
	struct buf tree = BUF_INIT(INDEX_BYTES);

	assert_int_equal(buf_addf(&tree, "%c-1 %u\n", 0, folders), 0);
	assert_int_equal(buf_add(&tree, buf_view(&m->tree)), 0);
	assert_int_equal(buf_add(out, VIEW("DIRC\0\0\0\2")), 0);
	add_u32(out, m->count);
	assert_int_equal(buf_add(out, buf_view(&m->entries)), 0);
	if (name) {
		assert_int_equal(buf_addf(out, "%.4s", name), 0);
		add_u32(out, 32);
		for (unsigned i = 0; i < 8; i++)
			add_u32(out, 0);
	}
	assert_int_equal(buf_add(out, VIEW("TREE")), 0);
	add_u32(out, (uint32_t)tree.len);
	assert_int_equal(buf_add(out, buf_view(&tree)), 0);
	for (unsigned i = 0; i < OID_SHA1_BYTES / 4; i++)
		add_u32(out, 0);
	buf_done(&tree);
}

static void make(struct buf *out, unsigned *ret_folders, const char *extension)
{
	struct made m = { .entries = BUF_INIT(INDEX_BYTES), .tree = BUF_INIT(INDEX_BYTES) };

	*ret_folders = 30 + below(30);
	for (unsigned i = 0; i < *ret_folders; i++)
		(void)add_folder(&m, i);
	add_entry(&m, "z", below(2) * 2);
	put_together(&m, *ret_folders, extension, out);
	buf_done(&m.entries);
	buf_done(&m.tree);
}

static void open_at(const struct repo *r, size_t whole_bytes, struct gitindex *ret)
{
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;

	repo_path(path, "%s/file", r->base);
	if (gitindex_open(path, OID_SHA1_BYTES, whole_bytes, ret, &err))
		fail_msg("%s", err.text);
}

static void start(const struct gitindex *x, struct gitindex_cursor *ret)
{
	assert_int_equal(gitindex_start(x, ret, NULL), 0);
	assert_true(gitindex_next(ret));
}

/* Passes over some folders in both, whatever the numbers of their entries are said to be, and reads the others. */
static void compare(const struct gitindex *whole, const struct gitindex *lazy, unsigned folders)
{
	struct gitindex_cursor a, b;
	bool more_a = true, more_b = true;

	start(whole, &a);
	start(lazy, &b);
	for (unsigned i = 0; i < folders; i++) {
		uint32_t said = lazy->folders[i + 1].entries, wrong[] = { said, said, 0, said / 2, 2 * said, 1000000 };
		char prefix[16];

		(void)snprintf(prefix, sizeof(prefix), "d%05u/", i);
		if (below(5) == 0) {
			while (more_a && text_starts(a.entry.path, view_of(prefix))) {
				more_a = gitindex_next(&a);
				more_b = gitindex_next(&b);
				assert_true(text_eq(a.entry.path, b.entry.path));
				assert_memory_equal(a.entry.id, b.entry.id, OID_SHA1_BYTES);
			}
		} else {
			more_a = gitindex_skip(&a, view_of(prefix), said);
			more_b = gitindex_skip(&b, view_of(prefix), wrong[below(ARRAY_LEN(wrong))]);
		}
		assert_true(more_a && more_b);
		assert_true(text_eq(a.entry.path, b.entry.path));
	}
	assert_true(text_eq(b.entry.path, VIEW("z")));
	assert_false(gitindex_next(&b));
	assert_false(b.is_damaged);
	assert_int_equal(b.has_stages, whole->has_stages);
	gitindex_end(&a);
	gitindex_end(&b);
}

static void test_what_is_passed_over_is_the_folder_and_no_more(void **)
{
	struct repo r;

	repo_init(&r);
	state = getenv("SKANT_SEED") ? strtoull(getenv("SKANT_SEED"), NULL, 10) : SEED;
	for (unsigned round = 0; round < SLOWED(30); round++) {
		struct buf text = BUF_INIT(INDEX_BYTES);
		struct gitindex whole, lazy;
		unsigned folders;

		make(&text, &folders, NULL);
		repo_write(&r, "file", buf_view(&text));
		open_at(&r, SIZE_MAX, &whole);
		open_at(&r, 0, &lazy);
		assert_int_equal(whole.entries_end, 0);
		assert_true(lazy.entries_end);
		assert_int_equal(whole.folder_count, folders + 1);
		assert_int_equal(lazy.folder_count, folders + 1);
		compare(&whole, &lazy, folders);
		gitindex_done(&whole);
		gitindex_done(&lazy);
		buf_done(&text);
	}
	repo_done(&r);
}

/* Each place that is found is one that reading them one by one comes to. */
static void test_only_true_places_are_found(void **)
{
	struct buf text = BUF_INIT(INDEX_BYTES);
	struct gitindex x;
	struct gitindex_cursor c;
	unsigned folders;
	struct repo r;
	char *is_place;
	size_t found = 0;

	repo_init(&r);
	state = SEED + 1;
	make(&text, &folders, NULL);
	repo_write(&r, "file", buf_view(&text));
	open_at(&r, 0, &x);
	is_place = calloc(text.len + 1, 1);
	assert_non_null(is_place);
	for (start(&x, &c); !c.is_damaged; is_place[c.start] = 1)
		if (!gitindex_next(&c))
			break;
	is_place[x.entries_end] = 1;
	gitindex_end(&c);
	for (size_t from = HEAD_BYTES; from < x.entries_end; from += 1 + below(40)) {
		size_t at = gitindex_find_entry(&x, from, x.entries_end);

		assert_true(at == 0 || (at > from && is_place[at]));
		found += at != 0;
	}
	assert_true(found > text.len / 50);
	free(is_place);
	gitindex_done(&x);
	buf_done(&text);
	repo_done(&r);
}

static void test_an_extension_before_the_folders_is_not_overlooked(void **)
{
	static const char *const names[] = { "link", "sdir", "abcd" };
	struct repo r;

	repo_init(&r);
	state = SEED + 2;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf text = BUF_INIT(INDEX_BYTES);
		struct gitindex x;
		unsigned folders;

		make(&text, &folders, names[i]);
		repo_write(&r, "file", buf_view(&text));
		open_at(&r, 0, &x);
		assert_int_equal(x.entries_end, 0);
		assert_int_equal(x.foreign.kind, ERR_FORMAT);
		gitindex_done(&x);
		buf_done(&text);
	}
	repo_done(&r);
}

static void test_damage_that_is_come_to_is_told(void **)
{
	struct buf text = BUF_INIT(INDEX_BYTES);
	struct gitindex_cursor c;
	struct gitindex x;
	unsigned folders;
	struct repo r;

	repo_init(&r);
	state = SEED + 3;
	make(&text, &folders, NULL);
	text.ptr[HEAD_BYTES + 60] = 0x0f; /* the first path is longer than it can be */
	repo_write(&r, "file", buf_view(&text));
	open_at(&r, 0, &x);
	assert_int_equal(gitindex_start(&x, &c, NULL), 0);
	assert_false(gitindex_next(&c));
	assert_true(c.is_damaged);
	gitindex_end(&c);
	gitindex_done(&x);
	buf_done(&text);
	repo_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_passed_over_is_the_folder_and_no_more),
		cmocka_unit_test(test_only_true_places_are_found),
		cmocka_unit_test(test_an_extension_before_the_folders_is_not_overlooked),
		cmocka_unit_test(test_damage_that_is_come_to_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
