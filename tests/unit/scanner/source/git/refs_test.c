/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever refs and reflogs git lists, we list. SKANT_SEED=N starts from another seed, SKANT_ROUNDS=N makes more
 * repositories. */
#include "scanner/source/git/refs.h"

#include <sys/stat.h>

#include "common/base/text.h"
#include "scanner/source/git/reflog.h"
#include "scanner/source/git/refname.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define SEED 20250117
#define ROUNDS 12
#define COMMITS 5
#define TEXT_BYTES (1u << 20)

struct fixture {
	struct repo repo;
	char ids[COMMITS][OID_HEX_BYTES];
};

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

/* What `git ARGS` prints in a folder; its exit status. */
static int ask(const char *folder, const char *const *args, struct buf *out)
{
	const char *argv[16] = { "git", "-C", folder };
	struct err err = ERR_INIT;
	int status;

	for (size_t i = 0; args[i]; i++)
		argv[3 + i] = args[i];
	buf_clear(out);
	if (proc_run(&(struct proc_spec){ .argv = argv }, out, NULL, &status, &err))
		fail_msg("%s", err.text);
	return status;
}

static void start(struct fixture *f)
{
	static const char *const args[] = { "rev-parse", "HEAD", NULL };
	struct buf out = BUF_INIT(TEXT_BYTES);

	repo_init(&f->repo);
	repo_git(&f->repo, "tree", "symbolic-ref", "HEAD", "refs/heads/main", NULL);
	repo_git(&f->repo, "tree", "config", "user.name", "t", NULL);
	repo_git(&f->repo, "tree", "config", "user.email", "t@example.com", NULL);
	for (size_t i = 0; i < COMMITS; i++) {
		repo_git(&f->repo, "tree", "commit", "-q", "--allow-empty", "-m", i % 2 ? "odd" : "even", NULL);
		assert_int_equal(ask(f->repo.tree, args, &out), 0);
		(void)snprintf(f->ids[i], sizeof(f->ids[i]), "%.*s", (int)out.len - 1, out.ptr);
	}
	buf_done(&out);
}

static void open_tree(const char *tree, struct gitrepo *ret)
{
	struct err err = ERR_INIT;

	if (gitrepo_open(tree, ret, &err))
		fail_msg("%s", err.text);
}

/* Our refs as lines `NAME ID`, without those of other work trees. */
static void list(const struct gitrepo *g, const struct refs *refs, struct buf *out)
{
	char hex[OID_HEX_BYTES];

	buf_clear(out);
	for (size_t i = 0; i < refs->count; i++) {
		if (!text_starts(view_of(refs->refs[i].name), VIEW("refs/")))
			continue;
		oid_hex(&refs->refs[i].id, g->hash_len, hex);
		assert_int_equal(buf_addf(out, "%s %s\n", refs->refs[i].name, hex), 0);
	}
}

/* Compares with git, with the readers of ours and through git itself. *ret_trouble is how many refs were odd. */
static void compare(const char *tree, size_t *ret_trouble)
{
	static const char *const args[] = { "for-each-ref", "--format=%(refname) %(objectname)", NULL };
	struct buf theirs = BUF_INIT(TEXT_BYTES), ours = BUF_INIT(TEXT_BYTES);
	struct err err = ERR_INIT;
	struct gitrepo g;
	struct refs refs;

	open_tree(tree, &g);
	assert_int_equal(ask(tree, args, &theirs), 0);
	for (int by_git = 0; by_git < 2; by_git++) {
		g.has_reftable = by_git;
		if (refs_read(&g, &refs, &err))
			fail_msg("%s", err.text);
		if (!by_git)
			*ret_trouble = refs.trouble_count;
		list(&g, &refs, &ours);
		assert_string_equal(ours.len ? ours.ptr : "", theirs.len ? theirs.ptr : "");
		refs_done(&refs);
	}
	gitrepo_done(&g);
	buf_done(&theirs);
	buf_done(&ours);
}

static const char *const names[] = {
	"refs/heads/a",         "refs/heads/b/c",      "refs/heads/b.d",    "refs/tags/v1",       "refs/tags/a",
	"refs/remotes/o/HEAD",  "refs/remotes/o/main", "refs/pull/1/head",  "refs/notes/commits", "refs/stash",
	"refs/original/x",      "refs/heads/\303\251", "refs/heads/x'y\"z", "refs/heads/-dash",   "refs/worktree/own",
	"refs/bisect/bad",      "refs/heads/a-b",      "refs/heads/a+b",    "refs/heads/A",       "refs/heads/x@y",
	"refs/heads/b/.hidden", "refs/heads/q.lock",   "refs/heads/sp ace", "refs/heads/star*",   "refs/heads/do..t",
	"refs/heads/@{x}",      "refs/heads/til~de",   "refs/heads/dot.",   "refs/heads/ctl\001",
};

/* A file of a ref, well-formed or not. */
static void write_loose(const struct fixture *f, const char *name)
{
	static const char *const odd[] = {
		"", "ref: ", "zz\n", "ref: refs/heads/../x\n", "\n", "0000000000000000000000000000000000000000\n"
	};
	char path[REPO_PATH_BYTES];
	struct buf text = BUF_INIT(TEXT_BYTES);

	repo_path(path, "tree/.git/%s", name);
	switch (below(8)) {
	case 0:
		assert_int_equal(buf_add_text(&text, odd[below(ARRAY_LEN(odd))]), 0);
		break;
	case 1:
		assert_int_equal(buf_addf(&text, "ref: %s\n", names[below(20)]), 0);
		break;
	case 2:
		assert_int_equal(buf_addf(&text, "%s trailing\n\n", f->ids[below(COMMITS)]), 0);
		break;
	case 3:
		assert_int_equal(buf_addf(&text, "ref:\t %s  \n", names[below(20)]), 0);
		break;
	default:
		assert_int_equal(buf_addf(&text, "%s%s", f->ids[below(COMMITS)], below(4) ? "\n" : ""), 0);
	}
	repo_write(&f->repo, path, buf_view(&text));
	buf_done(&text);
}

static void write_packed(const struct fixture *f)
{
	struct buf text = BUF_INIT(TEXT_BYTES);
	bool is_sorted = below(2);

	if (is_sorted)
		assert_int_equal(buf_add_text(&text, "# pack-refs with: peeled fully-peeled sorted \n"), 0);
	/* names are in no order: git sorts them itself, unless it is told that they are */
	for (size_t i = 0; i < 20; i++) {
		size_t n = is_sorted ? i : (i * 7 + 3) % 20;

		if (is_sorted && n > 2) /* "refs/heads/a", ".../b.d" and ".../b/c" are: the first three but one */
			break;
		if (is_sorted && n == 1)
			continue;
		if (below(2))
			continue;
		assert_int_equal(buf_addf(&text, "%s %s\n", f->ids[below(COMMITS)], names[n]), 0);
		if (below(4) == 0)
			assert_int_equal(buf_addf(&text, "^%s\n", f->ids[below(COMMITS)]), 0);
	}
	repo_write(&f->repo, "tree/.git/packed-refs", buf_view(&text));
	buf_done(&text);
}

static void test_random_refs_are_those_that_git_lists(void **)
{
	uint64_t rounds = setting("SKANT_ROUNDS", ROUNDS);
	size_t odd_rounds = 0;

	state = setting("SKANT_SEED", SEED);
	for (; rounds; rounds--) {
		uint64_t seed = state;
		struct fixture f;
		size_t trouble;

		start(&f);
		print_message("SKANT_SEED=%llu is this round's\n", (unsigned long long)seed);
		if (below(4))
			write_packed(&f);
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (below(2))
				write_loose(&f, names[i]);
		compare(f.repo.tree, &trouble);
		odd_rounds += trouble > 0;
		repo_done(&f.repo);
	}
	assert_in_range(odd_rounds, 1, SIZE_MAX);
}

static const struct ref *find(const struct refs *refs, const char *name)
{
	for (size_t i = 0; i < refs->count; i++)
		if (strcmp(refs->refs[i].name, name) == 0)
			return &refs->refs[i];
	return NULL;
}

static void expect(const struct refs *refs, const char *name, const char *hex)
{
	const struct ref *r = find(refs, name);
	struct oid id;

	if (!hex) {
		assert_null(r);
		return;
	}
	if (!r)
		fail_msg("there is no ref '%s'", name);
	assert_int_equal(oid_parse(view_of(hex), OID_SHA1_BYTES, &id), 0);
	assert_true(oid_eq(&r->id, &id));
}

static void test_heads_and_refs_of_all_work_trees_are_there(void **)
{
	char path[REPO_PATH_BYTES];
	struct fixture f;
	struct gitrepo g;
	struct refs refs;
	size_t trouble;

	start(&f);
	repo_git(&f.repo, "tree", "worktree", "add", "-q", "--detach", "../linked", f.ids[1], NULL);
	repo_git(&f.repo, "linked", "update-ref", "refs/worktree/mine", f.ids[2], NULL);
	repo_git(&f.repo, "tree", "update-ref", "refs/worktree/mine", f.ids[3], NULL);
	repo_git(&f.repo, "tree", "pack-refs", "--all", NULL);
	for (int by_git = 0; by_git < 2; by_git++) {
		open_tree(f.repo.tree, &g);
		g.has_reftable = by_git;
		assert_int_equal(refs_read(&g, &refs, NULL), 0);
		expect(&refs, "HEAD", f.ids[4]);
		expect(&refs, "worktrees/linked/HEAD", f.ids[1]);
		expect(&refs, "refs/worktree/mine", f.ids[3]);
		if (!by_git)
			expect(&refs, "worktrees/linked/refs/worktree/mine", f.ids[2]);
		refs_done(&refs);
		gitrepo_done(&g);
	}
	repo_path(path, "%s/linked", f.repo.base);
	compare(path, &trouble);
	open_tree(path, &g);
	assert_int_equal(refs_read(&g, &refs, NULL), 0);
	expect(&refs, "HEAD", f.ids[1]);
	expect(&refs, "main-worktree/HEAD", f.ids[4]);
	expect(&refs, "refs/worktree/mine", f.ids[2]);
	expect(&refs, "main-worktree/refs/worktree/mine", f.ids[3]);
	expect(&refs, "worktrees/linked/HEAD", NULL);
	refs_done(&refs);
	gitrepo_done(&g);
	repo_done(&f.repo);
}

static void test_an_unborn_head_is_no_ref_and_no_trouble(void **)
{
	struct gitrepo g;
	struct repo r;
	struct refs refs;

	repo_init(&r);
	for (int by_git = 0; by_git < 2; by_git++) {
		open_tree(r.tree, &g);
		g.has_reftable = by_git;
		assert_int_equal(refs_read(&g, &refs, NULL), 0);
		assert_int_equal(refs.count, 0);
		assert_int_equal(refs.trouble_count, 0);
		refs_done(&refs);
		gitrepo_done(&g);
	}
	repo_done(&r);
}

static void test_trouble_names_the_ref(void **)
{
	char path[REPO_PATH_BYTES];
	struct fixture f;
	struct gitrepo g;
	struct refs refs;

	start(&f);
	repo_write(&f.repo, "tree/.git/refs/heads/odd", VIEW("nothing"));
	open_tree(f.repo.tree, &g);
	assert_int_equal(refs_read(&g, &refs, NULL), 0);
	assert_int_equal(refs.trouble_count, 1);
	assert_non_null(strstr(refs.trouble.text, "'refs/heads/odd' holds neither"));
	refs_done(&refs);
	repo_write(&f.repo, "tree/.git/refs/heads/odd", VIEW("ref: refs/heads/odd"));
	assert_int_equal(refs_read(&g, &refs, NULL), 0);
	assert_non_null(strstr(refs.trouble.text, "'refs/heads/odd' leads through more than 4"));
	refs_done(&refs);
	repo_path(path, "%s/.git/refs/heads/odd", f.repo.tree);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(refs_read(&g, &refs, NULL), 0);
	assert_non_null(strstr(refs.trouble.text, "'refs/heads/odd'"));
	refs_done(&refs);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/", path), 0);
	assert_int_equal(refs_read(&g, &refs, NULL), 0);
	assert_non_null(strstr(refs.trouble.text, "is a link to no file"));
	refs_done(&refs);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("refs/heads/main", path), 0);
	assert_int_equal(refs_read(&g, &refs, NULL), 0);
	assert_int_equal(refs.trouble_count, 0);
	expect(&refs, "refs/heads/odd", f.ids[4]);
	refs_done(&refs);
	gitrepo_done(&g);
	repo_done(&f.repo);
}

/* Compares one name, from all sides. */
static void resolve(const struct fixture *f, const char *name)
{
	const char *const args[] = { "rev-parse", "--quiet", "--verify", name, NULL };
	struct buf theirs = BUF_INIT(TEXT_BYTES);
	struct err err = ERR_INIT;
	struct gitrepo g;
	struct oid ours, id;
	int status = ask(f->repo.tree, args, &theirs), ret;

	open_tree(f->repo.tree, &g);
	for (int by_git = 0; by_git < 2; by_git++) {
		g.has_reftable = by_git;
		ret = refs_resolve(&g, name, &ours, &err);
		if (ret < 0)
			fail_msg("%s: %s", name, err.text);
		if (ret != (status != 0))
			fail_msg("%s: git says %d, we say %d", name, status, ret);
		if (ret)
			continue;
		assert_int_equal(oid_parse(text_trim(buf_view(&theirs)), OID_SHA1_BYTES, &id), 0);
		if (!oid_eq(&ours, &id))
			fail_msg("%s: git finds another", name);
	}
	gitrepo_done(&g);
	buf_done(&theirs);
}

static void test_names_mean_what_they_mean_to_git(void **)
{
	static const char *const asked[] = {
		"HEAD",         "@",      "b",           "heads/b",   "refs/heads/b", "v1",           "o",
		"o/x",          "both",   "none",        "tags/both", "MERGE_HEAD",   "ORIG_HEAD",    "../config",
		"refs/../HEAD", "config", "remotes/o/x", "sym",       "packed",       "heads/packed",
	};
	struct fixture f;

	start(&f);
	repo_git(&f.repo, "tree", "branch", "packed", f.ids[1], NULL);
	repo_git(&f.repo, "tree", "pack-refs", "--all", NULL);
	repo_git(&f.repo, "tree", "branch", "b", f.ids[0], NULL);
	repo_git(&f.repo, "tree", "branch", "both", f.ids[1], NULL);
	repo_git(&f.repo, "tree", "tag", "both", f.ids[2], NULL);
	repo_git(&f.repo, "tree", "tag", "-a", "-m", "x", "v1", f.ids[2], NULL);
	repo_git(&f.repo, "tree", "update-ref", "refs/remotes/o/x", f.ids[3], NULL);
	repo_git(&f.repo, "tree", "symbolic-ref", "refs/remotes/o/HEAD", "refs/remotes/o/x", NULL);
	repo_git(&f.repo, "tree", "symbolic-ref", "refs/heads/sym", "refs/heads/packed", NULL);
	repo_git(&f.repo, "tree", "update-ref", "ORIG_HEAD", f.ids[3], NULL);
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		resolve(&f, asked[i]);
	repo_done(&f.repo);
}

static void test_files_beside_head_hold_more_than_one_id(void **)
{
	struct buf text = BUF_INIT(TEXT_BYTES);
	struct err err = ERR_INIT;
	struct fixture f;
	struct gitrepo g;
	struct oid *ids;
	size_t count;
	char hex[OID_HEX_BYTES];

	start(&f);
	open_tree(f.repo.tree, &g);
	assert_int_equal(refs_pseudo(&g, "MERGE_HEAD", &ids, &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(buf_addf(&text, "%s\n%s\t\tbranch 'x' of y\n", f.ids[0], f.ids[3]), 0);
	repo_write(&f.repo, "tree/.git/MERGE_HEAD", buf_view(&text));
	assert_int_equal(refs_pseudo(&g, "MERGE_HEAD", &ids, &count, &err), 0);
	assert_int_equal(count, 2);
	oid_hex(&ids[1], OID_SHA1_BYTES, hex);
	assert_string_equal(hex, f.ids[3]);
	free(ids);
	repo_write(&f.repo, "tree/.git/MERGE_HEAD", VIEW("x\n"));
	assert_int_equal(refs_pseudo(&g, "MERGE_HEAD", &ids, &count, &err), -1);
	assert_non_null(strstr(err.text, "MERGE_HEAD' has a line without"));
	gitrepo_done(&g);
	buf_done(&text);
	repo_done(&f.repo);
}

static bool has(const struct oid *ids, size_t count, const char *hex)
{
	struct oid id;

	assert_int_equal(oid_parse(view_of(hex), OID_SHA1_BYTES, &id), 0);
	for (size_t i = 0; i < count; i++)
		if (oid_eq(&ids[i], &id))
			return true;
	return false;
}

/* Every id that `git rev-list --reflog` knows is there, and the stash is what `git stash list` says. */
static void compare_logs(const struct fixture *f, const struct reflog *log)
{
	static const char *const all[] = { "rev-list", "--no-walk=unsorted", "--reflog", NULL };
	static const char *const stash[] = { "stash", "list", "--format=%H", NULL };
	struct buf out = BUF_INIT(TEXT_BYTES);
	struct view rest, line;
	size_t count = 0;

	assert_int_equal(ask(f->repo.tree, all, &out), 0);
	rest = buf_view(&out);
	while (text_next_line(&rest, &line)) {
		char hex[OID_HEX_BYTES];

		(void)snprintf(hex, sizeof(hex), "%.*s", (int)line.len, line.ptr);
		count++;
		assert_true(has(log->ids, log->count, hex) || has(log->stash, log->stash_count, hex));
	}
	assert_in_range(count, COMMITS + 2, 100);
	assert_int_equal(ask(f->repo.tree, stash, &out), 0);
	rest = buf_view(&out);
	for (size_t i = 0; i < log->stash_count; i++) {
		char hex[OID_HEX_BYTES];

		oid_hex(&log->stash[i], OID_SHA1_BYTES, hex);
		assert_true(text_next_line(&rest, &line) && text_eq(line, view_of(hex)));
	}
	assert_int_equal(rest.len, 0);
	assert_int_equal(log->stash_count, 2);
	buf_done(&out);
}

static void test_reflogs_are_those_that_git_lists(void **)
{
	struct err err = ERR_INIT;
	struct reflog log;
	struct fixture f;
	struct gitrepo g;

	start(&f);
	repo_write(&f.repo, "tree/file", VIEW("1"));
	repo_git(&f.repo, "tree", "add", "file", NULL);
	repo_git(&f.repo, "tree", "stash", "-q", NULL);
	repo_write(&f.repo, "tree/file", VIEW("2"));
	repo_git(&f.repo, "tree", "add", "file", NULL);
	repo_git(&f.repo, "tree", "stash", "-q", NULL);
	repo_git(&f.repo, "tree", "commit", "-q", "--amend", "--allow-empty", "-m", "amended", NULL);
	repo_git(&f.repo, "tree", "reset", "-q", "--hard", f.ids[0], NULL);
	repo_git(&f.repo, "tree", "worktree", "add", "-q", "--detach", "../linked", f.ids[1], NULL);
	repo_git(&f.repo, "linked", "commit", "-q", "--allow-empty", "-m", "only here", NULL);
	repo_git(&f.repo, "linked", "checkout", "-q", "--detach", f.ids[0], NULL);
	open_tree(f.repo.tree, &g);
	for (int by_git = 0; by_git < 2; by_git++) {
		g.has_reftable = by_git;
		if (reflog_read(&g, &log, &err))
			fail_msg("%s", err.text);
		compare_logs(&f, &log);
		assert_int_equal(log.trouble_count, 0);
		reflog_done(&log);
	}
	g.has_reftable = false;
	repo_write(&f.repo, "tree/.git/logs/refs/heads/odd", VIEW("not a line\n"));
	assert_int_equal(reflog_read(&g, &log, &err), 0);
	assert_int_equal(log.trouble_count, 1);
	assert_non_null(strstr(log.trouble.text, "'refs/heads/odd' has a line without two ids"));
	reflog_done(&log);
	gitrepo_done(&g);
	repo_done(&f.repo);
}

static void test_names_are_valid_where_git_says_so(void **)
{
	static const char *const more[] = { "refs/heads/@", "refs/@/x",   "refs/heads//x",
					    "refs/heads/",  "a/b.lock/c", "refs/heads/x.lock",
					    "a/@{",         "a/b\\c",     "a/b\177",
					    "a/.b",         "a/b.",       "a./b" };
	struct repo r;

	repo_init(&r);
	for (size_t i = 0; i < ARRAY_LEN(names) + ARRAY_LEN(more); i++) {
		const char *name = i < ARRAY_LEN(names) ? names[i] : more[i - ARRAY_LEN(names)];
		const char *const args[] = { "check-ref-format", name, NULL };
		struct buf out = BUF_INIT(TEXT_BYTES);

		if ((ask(r.tree, args, &out) == 0) != refname_is_valid(view_of(name)))
			fail_msg("git does not agree about '%s'", name);
		buf_done(&out);
	}
	repo_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_refs_are_those_that_git_lists),
		cmocka_unit_test(test_heads_and_refs_of_all_work_trees_are_there),
		cmocka_unit_test(test_an_unborn_head_is_no_ref_and_no_trouble),
		cmocka_unit_test(test_trouble_names_the_ref),
		cmocka_unit_test(test_names_mean_what_they_mean_to_git),
		cmocka_unit_test(test_files_beside_head_hold_more_than_one_id),
		cmocka_unit_test(test_reflogs_are_those_that_git_lists),
		cmocka_unit_test(test_names_are_valid_where_git_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
