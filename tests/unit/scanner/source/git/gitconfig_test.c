/* SPDX-License-Identifier: Apache-2.0 */
/* Random configuration files: what git lists, we read, and what git refuses, we refuse. SKANT_SEED=N starts from
 * another seed, SKANT_ROUNDS=N makes more files. */
#include "scanner/source/git/gitconfig.h"

#include "common/base/text.h"
#include "scanner/source/git/gitconfig_parse.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define SEED 20250311
#define ROUNDS 300
#define TEXT_BYTES (1u << 20)

static const char *const pieces[] = {
	"[core]",
	"[core]\n",
	"[Core]\n\tBare = true\n",
	"[a.B]",
	"[remote \"Origin\"]\n",
	"[remote \"o\\\"r\\\\i\\g\"]",
	"[x \"\"]\n",
	"[x\t \"y.z\"]\n",
	"[ \"s\"]\n",
	"[]",
	"[x \"a\nb\"]",
	"[x\"y\"]",
	"[x \"y\" ]",
	"[x-1]\r\n",
	"[",
	"]",
	"\n",
	"\n",
	"\n",
	"\r\n",
	"\r",
	" ",
	"\t",
	"name",
	"Name2 = ",
	"n-1=",
	"key = value\n",
	"key=\"a b\"\n",
	"key = \" lead\" and  trail  ; comment\n",
	"key = a\\\nb\n",
	"key = a \\\r\n  b # c\n",
	"key = \\t\\n\\b\\\\\\\"\n",
	"key = \\x\n",
	"key = \"open\n",
	"key = \"open\\\nclosed\"\n",
	"key = a\"b c\"d \"\" \n",
	"key\n",
	"key # comment\n",
	"key ; comment = 1\n",
	"1key = 2\n",
	"k_y = 2\n",
	"-key = 1\n",
	"# comment [x]\n",
	"; comment \"\n",
	"=",
	"\\",
	"\"",
	"#",
	";",
	"\303\251",
	"\v",
	"\f",
	"true",
	"a.b",
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

/* git before 2.45 makes a space of each blank inside of a value: of such differences nothing is left. */
static void even_blanks(struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (b->ptr[i] == '\t' || b->ptr[i] == '\r')
			b->ptr[i] = ' ';
}

/* In the form of `git config --list --null`, with scopes when they are wanted. */
static void list(const struct gitconfig *c, bool with_scopes, struct buf *out)
{
	static const char *const scopes[] = { "system", "global", "local", "worktree", "command" };

	for (size_t i = 0; i < c->count; i++) {
		const struct gitconfig_entry *e = &c->entries[i];

		if (with_scopes)
			assert_int_equal(buf_add(out, view_from(scopes[e->scope], strlen(scopes[e->scope]) + 1)), 0);
		assert_int_equal(buf_addf(out, "%s", e->key), 0);
		if (e->value)
			assert_int_equal(buf_addf(out, "\n%s", e->value), 0);
		assert_int_equal(buf_add_byte(out, '\0'), 0);
	}
	even_blanks(out);
}

/* Runs git and gives its exit status. */
static int ask(struct buf *out, const char *const *argv)
{
	struct err err = ERR_INIT;
	int status;

	buf_clear(out);
	if (proc_run(&(struct proc_spec){ .argv = argv }, out, NULL, &status, &err))
		fail_msg("%s", err.text);
	even_blanks(out);
	return status;
}

static void make_text(struct buf *text)
{
	buf_clear(text);
	if (below(20) == 0)
		assert_int_equal(buf_add_text(text, "\xEF\xBB\xBF"), 0);
	if (below(8))
		assert_int_equal(buf_add_text(text, "[s]\n"), 0);
	for (unsigned left = below(10); left; left--) {
		assert_int_equal(buf_add_text(text, pieces[below(ARRAY_LEN(pieces))]), 0);
		if (below(60) == 0)
			assert_int_equal(buf_add_byte(text, '\0'), 0);
	}
}

static void test_random_files_are_read_as_git_reads_them(void **)
{
	struct buf text = BUF_INIT(TEXT_BYTES), theirs = BUF_INIT(TEXT_BYTES), ours = BUF_INIT(TEXT_BYTES);
	unsigned accepted = 0, refused = 0;
	char path[REPO_PATH_BYTES];
	struct repo r;

	repo_init(&r);
	repo_path(path, "%s/file", r.base);
	state = setting("SKANT_SEED", SEED);
	for (uint64_t left = setting("SKANT_ROUNDS", ROUNDS); left; left--) {
		const char *const argv[] = { "git", "config", "--file", path, "--list", "--null", NULL };
		struct gitconfig c = GITCONFIG_INIT;
		struct err err = ERR_INIT;
		uint64_t seed = state;
		int status, ret;

		make_text(&text);
		repo_write(&r, "file", buf_view(&text));
		status = ask(&theirs, argv);
		ret = gitconfig_read_file(&c, path, GITCONFIG_LOCAL, &err);
		buf_clear(&ours);
		list(&c, false, &ours);
		if ((status == 0) != (ret == 0) || (ret == 0 && !text_eq(buf_view(&ours), buf_view(&theirs))))
			fail_msg("SKANT_SEED=%llu: git exits with %d, we say '%s'; the file is\n%s",
				 (unsigned long long)seed, status, err.text, text.ptr);
		if (ret)
			assert_true(text_starts(view_of(err.text), view_of(path)));
		accepted += ret == 0;
		refused += ret != 0;
		gitconfig_done(&c);
	}
	assert_in_range(accepted, 1, UINT32_MAX);
	assert_in_range(refused, 1, UINT32_MAX);
	buf_done(&text);
	buf_done(&theirs);
	buf_done(&ours);
	repo_done(&r);
}

/* Compares all that we read for the repository with `git config --list --show-scope`. */
static void compare_all(const struct repo *r, const char *tree, const char *dir)
{
	struct buf theirs = BUF_INIT(TEXT_BYTES), ours = BUF_INIT(TEXT_BYTES);
	char work[REPO_PATH_BYTES], git_dir[REPO_PATH_BYTES], common[REPO_PATH_BYTES];
	const char *const argv[] = { "git", "-C", work, "config", "--list", "--null", "--show-scope", NULL };
	struct gitconfig_place place = { .dir = git_dir, .common = common };
	struct gitconfig c = GITCONFIG_INIT;
	struct err err = ERR_INIT;

	repo_path(work, "%s/%s", r->base, tree);
	repo_path(git_dir, "%s/%s", r->base, dir);
	repo_path(common, "%s/tree/.git", r->base);
	assert_int_equal(ask(&theirs, argv), 0);
	if (gitconfig_read(&c, &place, &err))
		fail_msg("%s", err.text);
	list(&c, true, &ours);
	assert_int_equal(ours.len, theirs.len);
	assert_memory_equal(ours.ptr, theirs.ptr, ours.len);
	gitconfig_done(&c);
	buf_done(&theirs);
	buf_done(&ours);
}

static void test_all_places_are_read_in_gits_order(void **)
{
	char system[REPO_PATH_BYTES], text[REPO_PATH_BYTES + 64];
	struct repo r;

	repo_init(&r);
	repo_path(system, "%s/system", r.base);
	repo_write(&r, "system", VIEW("[user]\nname = system\n[only]\nsystem\n"));
	repo_write(&r, "home/.config/git/config", VIEW("[user]\nname = xdg\n"));
	repo_write(&r, "home/.gitconfig", VIEW("[user]\nname = home\n[include]\npath = more\npath = ~/none\n"));
	repo_write(&r, "home/more", VIEW("[user]\nname = included\n"));
	repo_git(&r, "tree", "config", "user.name", "local", NULL);
	compare_all(&r, "tree", "tree/.git");
	assert_int_equal(setenv("GIT_CONFIG_SYSTEM", system, 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_NOSYSTEM", "no", 1), 0);
	compare_all(&r, "tree", "tree/.git");
	assert_int_equal(setenv("GIT_CONFIG_COUNT", "2", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_KEY_0", "User.X.Name", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_VALUE_0", "counted", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_KEY_1", "include.path", 1), 0);
	repo_path(text, "%s/home/more", r.base);
	assert_int_equal(setenv("GIT_CONFIG_VALUE_1", text, 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_PARAMETERS",
				"'a.b=c d'  'user.name'='it'\\''s'\\!'' 'x.y.Z'=  'flag.on' 'e.e'=''", 1),
			 0);
	compare_all(&r, "tree", "tree/.git");
	repo_git(&r, "tree", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty",
		 "-m", "x", NULL);
	repo_git(&r, "tree", "worktree", "add", "-q", "--detach", "../linked", NULL);
	repo_git(&r, "tree", "config", "extensions.worktreeConfig", "true", NULL);
	repo_git(&r, "linked", "config", "--worktree", "only.here", "yes", NULL);
	compare_all(&r, "linked", "tree/.git/worktrees/linked");
	compare_all(&r, "tree", "tree/.git");
	repo_path(text, "%s/home/.gitconfig", r.base);
	assert_int_equal(setenv("GIT_CONFIG_GLOBAL", text, 1), 0);
	compare_all(&r, "tree", "tree/.git");
	assert_int_equal(setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1), 0);
	compare_all(&r, "tree", "tree/.git");
	assert_int_equal(unsetenv("GIT_CONFIG_COUNT"), 0);
	assert_int_equal(unsetenv("GIT_CONFIG_PARAMETERS"), 0);
	assert_int_equal(unsetenv("GIT_CONFIG_GLOBAL"), 0);
	assert_int_equal(unsetenv("GIT_CONFIG_SYSTEM"), 0);
	repo_done(&r);
}

static void test_conditional_includes_hold_where_gits_do(void **)
{
	static const char *const conditions[] = {
		"gitdir:%s/",        "gitdir:%s/tree/.git",   "gitdir:%s/tree",      "gitdir:%s/tree/",
		"gitdir:tree/.git",  "gitdir:tree/",          "gitdir:tree",         "gitdir:**/tree/**",
		"gitdir:~/",         "gitdir:~/../tree/.git", "gitdir:TREE/",        "gitdir/i:TREE/",
		"gitdir/i:%s/Tree/", "gitdir:./../tree/",     "gitdir:./",           "gitdir:*",
		"gitdir:/*/**",      "onbranch:none",         "hasconfig:x",         "other",
		"gitdir:",           "gitdir:%s/tr?e/.git",   "gitdir:%s/tr[e]e/**",
	};
	struct repo r;

	repo_init(&r);
	repo_write(&r, "home/hit", VIEW("[was]\nincluded\n"));
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		struct buf text = BUF_INIT(TEXT_BYTES);
		struct view condition = view_of(conditions[i]);
		size_t hole = text_find(condition, VIEW("%s"));

		assert_int_equal(buf_add_text(&text, "[includeIf \""), 0);
		assert_int_equal(buf_add(&text, view_sub(condition, 0, hole)), 0);
		if (hole != SIZE_MAX)
			assert_int_equal(buf_addf(&text, "%s%s", r.base, conditions[i] + hole + 2), 0);
		assert_int_equal(buf_add_text(&text, "\"]\npath = hit\n"), 0);
		repo_write(&r, "home/.gitconfig", buf_view(&text));
		compare_all(&r, "tree", "tree/.git");
		buf_done(&text);
	}
	repo_done(&r);
}

/* What reading text as a file of the repository gives as error. */
static void fail_with(struct view text, struct err *err)
{
	struct gitconfig c = GITCONFIG_INIT;
	struct gitconfig_place place = { .dir = NULL };
	char common[REPO_PATH_BYTES];
	struct repo r;

	repo_init(&r);
	repo_path(common, "%s/tree/.git", r.base);
	place.dir = place.common = common;
	repo_write(&r, "tree/.git/config", text);
	assert_int_equal(gitconfig_read(&c, &place, err), -1);
	gitconfig_done(&c);
	repo_done(&r);
}

static void test_errors_say_where_and_what_was_expected(void **)
{
	struct err err = ERR_INIT;

	fail_with(VIEW("[core]\n\tbare = true\n\tx \\ 1\n"), &err);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "/tree/.git/config:3: bad git configuration: expected = behind"));
	fail_with(VIEW("[core]\nx = \"open\ny = 1\n"), &err);
	assert_non_null(strstr(err.text, "/config:2: bad git configuration: expected a closing \""));
	fail_with(VIEW("[core\n"), &err);
	assert_non_null(strstr(err.text, "/config:1: "));
}

static void test_includes_end(void **)
{
	struct err err = ERR_INIT;

	fail_with(VIEW("[include]\npath = config\n"), &err);
	assert_int_equal(err.kind, ERR_LIMIT);
	fail_with(VIEW("[include]\npath = .\n"), &err);
	assert_non_null(strstr(err.text, "is no regular file"));
	fail_with(VIEW("[include]\npath\n"), &err);
	assert_non_null(strstr(err.text, "/config:2: include.path has no value"));
	fail_with(VIEW("[include]\npath = ~nobody-has-this-name/x\n"), &err);
	assert_non_null(strstr(err.text, "the home folder is not known"));
}

static void read_text(struct gitconfig *c, struct repo *r, struct view text)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/file", r->base);
	repo_write(r, "file", text);
	assert_int_equal(gitconfig_read_file(c, path, GITCONFIG_LOCAL, NULL), 0);
}

static void test_values_are_looked_up_by_key(void **)
{
	struct gitconfig c = GITCONFIG_INIT;
	struct err err = ERR_INIT;
	struct repo r;
	bool is;

	repo_init(&r);
	read_text(&c, &r,
		  VIEW("[a]\nx = 1\nx = no\nalone\nempty =\nn = 0k\nm = -2\nbad = perhaps\n[A \"B\"]\nX=~/y\n"));
	assert_string_equal(gitconfig_get(&c, "a.x")->value, "no");
	assert_null(gitconfig_get(&c, "a.alone")->value);
	assert_string_equal(gitconfig_get(&c, "a.B.x")->value, "~/y");
	assert_null(gitconfig_get(&c, "a.b.x"));
	assert_int_equal(gitconfig_bool(&c, "a.x", true, &is, &err), 0);
	assert_false(is);
	assert_int_equal(gitconfig_bool(&c, "a.alone", false, &is, &err), 0);
	assert_true(is);
	assert_int_equal(gitconfig_bool(&c, "a.empty", true, &is, &err), 0);
	assert_false(is);
	assert_int_equal(gitconfig_bool(&c, "a.n", true, &is, &err), 0);
	assert_false(is);
	assert_int_equal(gitconfig_bool(&c, "a.m", false, &is, &err), 0);
	assert_true(is);
	assert_int_equal(gitconfig_bool(&c, "a.none", true, &is, &err), 0);
	assert_true(is);
	assert_int_equal(gitconfig_bool(&c, "a.bad", true, &is, &err), -1);
	assert_non_null(strstr(err.text, "file:8: 'a.bad' is to be true or false"));
	gitconfig_done(&c);
	repo_done(&r);
}

static void test_home_folders_are_put_into_paths(void **)
{
	struct err err = ERR_INIT;
	char *path;

	assert_int_equal(setenv("HOME", "/h", 1), 0);
	path = gitconfig_path("~/a/b", &err);
	assert_string_equal(path, "/h/a/b");
	free(path);
	path = gitconfig_path("~", &err);
	assert_string_equal(path, "/h");
	free(path);
	path = gitconfig_path("~root/x", &err);
	assert_true(path && path[0] == '/' && text_ends(view_of(path), VIEW("/x")));
	free(path);
	path = gitconfig_path("a~/b", &err);
	assert_string_equal(path, "a~/b");
	free(path);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_null(gitconfig_path("~/a", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
}

static void test_an_environment_that_is_malformed_is_an_error(void **)
{
	static const char *const parameters[] = { "x", "'a.b'='c", "'a.b'x", "'a'", "''", "'a.1b=c'", "'a.b'=c" };
	struct gitconfig c = GITCONFIG_INIT;
	struct gitconfig_place none = { .dir = NULL };
	struct err err = ERR_INIT;

	assert_int_equal(setenv("GIT_CONFIG_NOSYSTEM", "1", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1), 0);
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++) {
		assert_int_equal(setenv("GIT_CONFIG_PARAMETERS", parameters[i], 1), 0);
		assert_int_equal(gitconfig_read_protected(&c, &none, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
	}
	assert_int_equal(unsetenv("GIT_CONFIG_PARAMETERS"), 0);
	assert_int_equal(setenv("GIT_CONFIG_COUNT", "1", 1), 0);
	assert_int_equal(unsetenv("GIT_CONFIG_KEY_0"), 0);
	assert_int_equal(gitconfig_read_protected(&c, &none, &err), -1);
	assert_non_null(strstr(err.text, "GIT_CONFIG_KEY_0 is not set"));
	assert_int_equal(setenv("GIT_CONFIG_COUNT", "many", 1), 0);
	assert_int_equal(gitconfig_read_protected(&c, &none, &err), -1);
	assert_int_equal(unsetenv("GIT_CONFIG_COUNT"), 0);
	gitconfig_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_files_are_read_as_git_reads_them),
		cmocka_unit_test(test_all_places_are_read_in_gits_order),
		cmocka_unit_test(test_conditional_includes_hold_where_gits_do),
		cmocka_unit_test(test_errors_say_where_and_what_was_expected),
		cmocka_unit_test(test_includes_end),
		cmocka_unit_test(test_values_are_looked_up_by_key),
		cmocka_unit_test(test_home_folders_are_put_into_paths),
		cmocka_unit_test(test_an_environment_that_is_malformed_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
