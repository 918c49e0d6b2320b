/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever `git ls-files --stage` lists of an index, we read. SKANT_SEED=N starts from another seed, SKANT_ROUNDS=N
 * makes more of them. */
#include "scanner/source/git/gitindex.h"

#include "common/base/digest.h"
#include "common/base/text.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define SEED 20250205
#define ROUNDS 40
#define TEXT_BYTES (8u << 20)

static uint64_t state;

static unsigned below(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static uint64_t setting(const char *name, uint64_t usual)
{
	uint64_t n;

	return getenv(name) && text_u64(view_of(getenv(name)), UINT64_MAX, &n) == 0 ? n : usual;
}

/* Runs git in the tree with input; what it prints is in out. */
static void run(const struct repo *r, struct view input, struct buf *out, const char *const *args)
{
	const char *argv[16] = { "git", "-C", r->tree };
	struct err err = ERR_INIT;
	int status;

	for (size_t i = 0; args[i]; i++)
		argv[3 + i] = args[i];
	buf_clear(out);
	if (proc_run(&(struct proc_spec){ .argv = argv, .input = input }, out, NULL, &status, &err))
		fail_msg("%s", err.text);
	assert_int_equal(status, 0);
}

static void open_index(const struct repo *r, size_t hash_len, struct gitindex *ret)
{
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;

	repo_path(path, "%s/.git/index", r->tree);
	if (gitindex_open(path, hash_len, SIZE_MAX, ret, &err))
		fail_msg("%s", err.text);
}

/* In the form of `git ls-files --stage -z`. */
static void list(const struct gitindex *x, struct buf *out)
{
	struct gitindex_cursor c;
	uint32_t seen = 0;

	buf_clear(out);
	assert_int_equal(gitindex_start(x, &c, NULL), 0);
	for (; gitindex_next(&c); seen++) {
		struct oid id = oid_from(c.entry.id, x->hash_len);
		char hex[OID_HEX_BYTES];

		oid_hex(&id, x->hash_len, hex);
		assert_int_equal(buf_addf(out, "%06o %s %u\t", c.entry.mode, hex, c.entry.stage), 0);
		assert_int_equal(buf_add(out, c.entry.path), 0);
		assert_int_equal(buf_add_byte(out, '\0'), 0);
	}
	gitindex_end(&c);
	assert_int_equal(seen, x->count);
}

static void compare(const struct repo *r, size_t hash_len)
{
	static const char *const args[] = { "ls-files", "--stage", "-z", NULL };
	struct buf theirs = BUF_INIT(TEXT_BYTES), ours = BUF_INIT(TEXT_BYTES);
	struct gitindex x;

	run(r, VIEW_NONE, &theirs, args);
	open_index(r, hash_len, &x);
	assert_int_equal(x.foreign.kind, ERR_NONE);
	list(&x, &ours);
	assert_int_equal(ours.len, theirs.len);
	if (ours.len)
		assert_memory_equal(ours.ptr, theirs.ptr, ours.len);
	gitindex_done(&x);
	buf_done(&theirs);
	buf_done(&ours);
}

/* A path of some length, seldom one that is longer than what an entry's flags can say. */
static void add_path(struct buf *out)
{
	static const char *const parts[] = {
		"a", "b", "dir", "dir2", "x.c", "\303\251", "sp ace", "-", "foo-", "a\nb"
	};

	for (unsigned left = below(4); left; left--)
		assert_int_equal(buf_addf(out, "%s/", parts[below(ARRAY_LEN(parts))]), 0);
	if (below(40) == 0)
		assert_int_equal(buf_addf(out, "%0*d", (int)(4080 + below(40)), 7), 0);
	assert_int_equal(buf_addf(out, "%sfile%u", parts[below(ARRAY_LEN(parts))], below(20)), 0);
}

/* Entries for `git update-index -z --index-info`. */
static void make_entries(size_t hash_len, bool with_stages, struct buf *out)
{
	static const char *const modes[] = { "100644", "100644", "100755", "120000", "160000" };

	buf_clear(out);
	for (unsigned left = below(60); left; left--) {
		assert_int_equal(buf_addf(out, "%s ", modes[below(ARRAY_LEN(modes))]), 0);
		for (size_t i = 0; i < 2 * hash_len; i++)
			assert_int_equal(buf_add_byte(out, "0123456789abcdef"[below(16)]), 0);
		assert_int_equal(buf_addf(out, " %u\t", with_stages ? below(4) : 0), 0);
		add_path(out);
		assert_int_equal(buf_add_byte(out, '\0'), 0);
	}
}

static void test_random_indexes_are_read_as_git_reads_them(void **)
{
	static const char *const fill[] = { "update-index", "-z", "--index-info", NULL };
	static const char *const versions[] = { "2", "3", "4" };
	struct buf entries = BUF_INIT(TEXT_BYTES), out = BUF_INIT(TEXT_BYTES);

	state = setting("SKANT_SEED", SEED);
	for (uint64_t left = setting("SKANT_ROUNDS", ROUNDS); left; left--) {
		bool is_new = below(3) == 0;
		size_t hash_len = is_new ? OID_SHA256_BYTES : OID_SHA1_BYTES;
		struct repo r;

		print_message("SKANT_SEED=%llu is this round's\n", (unsigned long long)state);
		repo_init(&r);
		if (is_new) {
			char path[REPO_PATH_BYTES];

			repo_path(path, "%s/.git", r.tree);
			repo_remove(path);
			repo_git(&r, "tree", "init", "-q", "--object-format=sha256", NULL);
		}
		make_entries(hash_len, below(4) == 0, &entries);
		repo_git(&r, "tree", "update-index", "--force-write-index", NULL);
		run(&r, buf_view(&entries), &out, fill);
		repo_git(&r, "tree", "update-index", "--force-write-index", "--index-version",
			 versions[below(ARRAY_LEN(versions))], NULL);
		compare(&r, hash_len);
		repo_done(&r);
	}
	buf_done(&entries);
	buf_done(&out);
}

/* A repository with a few committed files in folders. */
static void start(struct repo *r)
{
	repo_init(r);
	repo_write(r, "tree/a/b/one", VIEW("1\n"));
	repo_write(r, "tree/a/two", VIEW("2\n"));
	repo_write(r, "tree/a-b", VIEW("3\n"));
	repo_write(r, "tree/z/long-name/three", VIEW("4\n"));
	repo_git(r, "tree", "add", ".", NULL);
	repo_git(r, "tree", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "x", NULL);
}

static bool find(const struct gitindex *x, const char *path, struct gitindex_entry *ret)
{
	struct gitindex_cursor c;
	bool found = false;

	assert_int_equal(gitindex_start(x, &c, NULL), 0);
	while (!found && gitindex_next(&c))
		found = text_eq(c.entry.path, view_of(path));
	*ret = c.entry;
	gitindex_end(&c);
	return found;
}

static void test_flags_of_extended_entries_are_read(void **)
{
	static const char *const versions[] = { "3", "4" };
	struct gitindex_entry e;
	struct gitindex x;
	struct repo r;

	start(&r);
	repo_write(&r, "tree/new", VIEW("x"));
	repo_git(&r, "tree", "add", "-N", "new", NULL);
	repo_git(&r, "tree", "update-index", "--skip-worktree", "a/two", NULL);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		repo_git(&r, "tree", "update-index", "--index-version", versions[i], NULL);
		compare(&r, OID_SHA1_BYTES);
		open_index(&r, OID_SHA1_BYTES, &x);
		assert_true(find(&x, "new", &e) && e.intent_to_add && !e.skip_worktree);
		assert_true(find(&x, "a/two", &e) && !e.intent_to_add && e.skip_worktree);
		assert_true(find(&x, "a-b", &e) && !e.intent_to_add && !e.skip_worktree);
		assert_false(x.has_stages);
		gitindex_done(&x);
	}
	repo_done(&r);
}

/* The id of the folder's tree; "" when it is not known. */
static void folder_hex(const struct gitindex *x, const struct gitindex_folder *f, char ret[static OID_HEX_BYTES])
{
	struct oid id;

	ret[0] = '\0';
	if (!f->id)
		return;
	id = oid_from(f->id, x->hash_len);
	oid_hex(&id, x->hash_len, ret);
}

/* Appends `ID PATH` lines of the valid folders below number, whose path is prefix. */
static uint32_t list_folders(const struct gitindex *x, uint32_t number, const char *prefix, struct buf *out)
{
	const struct gitindex_folder *f = &x->folders[number];
	char path[REPO_PATH_BYTES], hex[OID_HEX_BYTES];
	uint32_t next = number + 1;

	repo_path(path, "%s%.*s", prefix, (int)f->name_len, f->name);
	folder_hex(x, f, hex);
	if (f->id && number)
		assert_int_equal(buf_addf(out, "040000 tree %s\t%s\n", hex, path), 0);
	if (number)
		repo_path(path, "%s%.*s/", prefix, (int)f->name_len, f->name);
	for (uint32_t i = 0; i < f->children; i++)
		next = list_folders(x, next, path, out);
	assert_int_equal(next, f->next);
	return next;
}

static void test_folders_have_the_trees_of_their_commit(void **)
{
	static const char *const trees[] = { "ls-tree", "-r", "-d", "HEAD", NULL };
	static const char *const root[] = { "rev-parse", "HEAD^{tree}", NULL };
	struct buf theirs = BUF_INIT(TEXT_BYTES), ours = BUF_INIT(TEXT_BYTES);
	char hex[OID_HEX_BYTES];
	struct gitindex x;
	struct repo r;

	start(&r);
	open_index(&r, OID_SHA1_BYTES, &x);
	assert_int_equal(x.folder_count, 5);
	list_folders(&x, 0, "", &ours);
	run(&r, VIEW_NONE, &theirs, trees);
	assert_string_equal(ours.ptr, theirs.ptr);
	run(&r, VIEW_NONE, &theirs, root);
	folder_hex(&x, &x.folders[0], hex);
	assert_true(x.folders[0].id && text_starts(buf_view(&theirs), view_of(hex)));
	gitindex_done(&x);
	repo_write(&r, "tree/a/b/one", VIEW("other\n"));
	repo_git(&r, "tree", "add", "a/b/one", NULL);
	open_index(&r, OID_SHA1_BYTES, &x);
	buf_clear(&ours);
	list_folders(&x, 0, "", &ours);
	assert_null(x.folders[0].id);
	assert_null(strstr(ours.ptr, "\ta"));
	assert_non_null(strstr(ours.ptr, "\tz/long-name"));
	gitindex_done(&x);
	buf_done(&theirs);
	buf_done(&ours);
	repo_done(&r);
}

static void expect_foreign(const struct repo *r, const char *text)
{
	struct gitindex x;

	open_index(r, OID_SHA1_BYTES, &x);
	assert_int_equal(x.foreign.kind, ERR_FORMAT);
	if (!strstr(x.foreign.text, text))
		fail_msg("'%s' does not say '%s'", x.foreign.text, text);
	gitindex_done(&x);
}

/* Puts an extension before the checksum, which is not looked at, and sets the version. */
static void edit(const struct repo *r, struct view extension, char version)
{
	struct buf text = BUF_INIT(TEXT_BYTES), out = BUF_INIT(TEXT_BYTES);
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/.git/index", r->tree);
	assert_int_equal(file_read(path, &text, NULL), 0);
	text.ptr[7] = version;
	assert_int_equal(buf_add(&out, view_sub(buf_view(&text), 0, text.len - OID_SHA1_BYTES)), 0);
	assert_int_equal(buf_add(&out, extension), 0);
	assert_int_equal(buf_add(&out, view_sub(buf_view(&text), text.len - OID_SHA1_BYTES, text.len)), 0);
	repo_write(r, "tree/.git/index", buf_view(&out));
	buf_done(&text);
	buf_done(&out);
}

static void test_what_only_git_understands_is_told(void **)
{
	struct gitindex x;
	struct repo r;

	start(&r);
	edit(&r, VIEW("XTRA\0\0\0\0"), 2);
	open_index(&r, OID_SHA1_BYTES, &x);
	assert_int_equal(x.foreign.kind, ERR_NONE);
	gitindex_done(&x);
	edit(&r, VIEW("xtra\0\0\0\1x"), 2);
	expect_foreign(&r, "has an extension 'xtra'");
	edit(&r, VIEW(""), 5);
	expect_foreign(&r, "has version 5");
	repo_done(&r);
	start(&r);
	repo_git(&r, "tree", "update-index", "--split-index", NULL);
	expect_foreign(&r, "is split");
	repo_git(&r, "tree", "update-index", "--no-split-index", NULL);
	repo_git(&r, "tree", "sparse-checkout", "init", "--cone", "--sparse-index", NULL);
	expect_foreign(&r, "is sparse");
	repo_done(&r);
}

/* Passing over a folder gives what moving on one by one does, whatever its number of entries is said to be. */
static void test_a_folder_is_passed_over_whole(void **)
{
	static const char *const versions[] = { "2", "4" };
	static const uint32_t counts[] = { 0, 1, 2, 3, 4, 5, 1000, UINT32_MAX };
	struct repo r;

	start(&r);
	for (size_t i = 0; i < ARRAY_LEN(versions) * ARRAY_LEN(counts); i++) {
		struct gitindex_cursor c;
		struct gitindex x;

		repo_git(&r, "tree", "update-index", "--index-version", versions[i % 2], NULL);
		open_index(&r, OID_SHA1_BYTES, &x);
		assert_int_equal(gitindex_start(&x, &c, NULL), 0);
		assert_true(gitindex_next(&c)); /* a-b, a/b/one, a/two, z/long-name/three */
		assert_true(gitindex_next(&c));
		assert_true(gitindex_skip(&c, VIEW("a/"), counts[i / 2]));
		assert_view(c.entry.path, "z/long-name/three");
		assert_false(gitindex_skip(&c, VIEW("z/"), counts[i / 2]));
		gitindex_end(&c);
		gitindex_done(&x);
	}
	repo_done(&r);
}

static void test_a_conflict_has_stages(void **)
{
	struct gitindex x;
	struct repo r;

	start(&r);
	repo_git(&r, "tree", "update-index", "--force-remove", "a-b", NULL);
	repo_git(&r, "tree", "checkout", "-q", "-b", "other", NULL);
	repo_write(&r, "tree/a/two", VIEW("other\n"));
	repo_git(&r, "tree", "-c", "user.name=t", "-c", "user.email=t@e", "commit", "-qam", "o", NULL);
	repo_git(&r, "tree", "read-tree", "-m", "HEAD~1", "HEAD", "HEAD~1", NULL);
	compare(&r, OID_SHA1_BYTES);
	open_index(&r, OID_SHA1_BYTES, &x);
	assert_true(x.has_stages);
	gitindex_done(&x);
	repo_done(&r);
}

/* Opens what is written and walks it, whatever it is. 0 or -1 with err. */
static int try(const struct repo *r, struct view text, struct err *err)
{
	char path[REPO_PATH_BYTES];
	struct gitindex x;
	struct buf out = BUF_INIT(TEXT_BYTES);

	repo_write(r, "file", text);
	repo_path(path, "%s/file", r->base);
	if (gitindex_open(path, OID_SHA1_BYTES, SIZE_MAX, &x, err))
		return -1;
	if (x.foreign.kind == ERR_NONE)
		list(&x, &out);
	gitindex_done(&x);
	buf_done(&out);
	return 0;
}

static void test_damage_is_an_error_and_never_more(void **)
{
	struct buf text = BUF_INIT(TEXT_BYTES);
	char path[REPO_PATH_BYTES];
	size_t refused = 0;
	struct repo r;

	start(&r);
	for (int version = 2; version <= 4; version += 2) {
		repo_git(&r, "tree", "update-index", "--index-version", version == 2 ? "2" : "4", NULL);
		repo_path(path, "%s/.git/index", r.tree);
		buf_clear(&text);
		assert_int_equal(file_read(path, &text, NULL), 0);
		for (size_t len = 0; len < text.len; len++) {
			struct err err = ERR_INIT;

			if (try(&r, view_sub(buf_view(&text), 0, len), &err)) {
				assert_int_equal(err.kind, ERR_FORMAT);
				assert_non_null(strstr(err.text, "/file'"));
				refused++;
			}
		}
		for (size_t at = 0; at < text.len; at++) {
			char kept = text.ptr[at];
			struct err err = ERR_INIT;

			text.ptr[at] = (char)(kept ^ (1 << at % 8));
			refused += try(&r, buf_view(&text), &err) != 0;
			text.ptr[at] = kept;
		}
	}
	assert_in_range(refused, 400, SIZE_MAX);
	buf_done(&text);
	repo_done(&r);
}

static void test_errors_say_what_is_wrong(void **)
{
	static const char head[] = "DIRC\0\0\0\2\0\0\0\1";
	char entry[12 + 72 + 20] = { 0 };
	struct err err = ERR_INIT;
	struct gitindex x;
	struct repo r;

	repo_init(&r);
	assert_int_equal(try(&r, VIEW("no index at all, but long enough"), &err), -1);
	assert_non_null(strstr(err.text, "is none: it does not start with DIRC"));
	memcpy(entry, head, 12);
	entry[12 + 61] = 3;
	memcpy(entry + 12 + 62, "abc", 3);
	assert_int_equal(try(&r, view_from(entry, sizeof(entry)), &err), 0);
	entry[11] = 2;
	assert_int_equal(try(&r, view_from(entry, sizeof(entry)), &err), -1);
	assert_non_null(strstr(err.text, "has more entries than it has bytes for"));
	entry[11] = 1;
	entry[12 + 61] = 60;
	assert_int_equal(try(&r, view_from(entry, sizeof(entry)), &err), -1);
	assert_non_null(strstr(err.text, "has an entry that reaches past its end"));
	assert_int_equal(gitindex_open("/nonexistent/index", OID_SHA1_BYTES, SIZE_MAX, &x, &err), -1);
	assert_int_equal(err.errnum, ENOENT);
	repo_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_indexes_are_read_as_git_reads_them),
		cmocka_unit_test(test_flags_of_extended_entries_are_read),
		cmocka_unit_test(test_folders_have_the_trees_of_their_commit),
		cmocka_unit_test(test_what_only_git_understands_is_told),
		cmocka_unit_test(test_a_folder_is_passed_over_whole),
		cmocka_unit_test(test_a_conflict_has_stages),
		cmocka_unit_test(test_damage_is_an_error_and_never_more),
		cmocka_unit_test(test_errors_say_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
