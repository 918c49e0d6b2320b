/* SPDX-License-Identifier: Apache-2.0 */
/* Random trees and ignore files: whatever git says of a path, we say as well.
 *
 * SKANT_SEED=N starts from another seed, SKANT_ROUNDS=N makes more trees. A disagreement prints the round's own seed:
 * with it as SKANT_SEED it is the first round. */
#include "scanner/source/ignore.h"

#include <sys/stat.h>

#include "common/base/text.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define SEED 20240607
#define ROUNDS 80
#define PATHS_MAX 128
#define SCOPES_MAX 64
#define TEXT_BYTES (64u << 10)

/* Names that patterns are likely to hit and to miss by a little. */
static const char *const names[] = {
	"a",      "b",        "c",       "d",        "foo",  "bar",  "foo.c", "foo.o",  "bar.o",  "Foo", "FOO.C",
	"foobar", "barfoo",   "a.b.c",   "a.",       ".a",   ".foo", "a b",   "a ",     " a",     "#a",  "!a",
	"\\a",    "a\\",      "*a",      "a*",       "[a]",  "a]",   "a-b",   "-",      "a^b",    "0",   "7z",
	"_a",     "\303\251", "a\302",   "\t",       "a\rb", "?",    "aaaa",  "abab",   "foofoo", "ab",  "a\\ b",
	"**",     "a!b",      "foo.tar", "z.tar.gz", "core", "[",    "a:b",   "litail",
};

static const char *const pieces[] = {
	"a",
	"b",
	"c",
	"foo",
	"bar",
	".o",
	".c",
	".",
	"*",
	"*",
	"**",
	"?",
	"/",
	"/",
	"**/",
	"/**",
	"/**/",
	"\\",
	"\\ ",
	" ",
	"!",
	"#",
	"[ab]",
	"[!a]",
	"[^a]",
	"[a-c]",
	"[]a]",
	"[!]a]",
	"[a-]",
	"[\\]a]",
	"[[:alpha:]]",
	"[[:upper:]]",
	"[[:digit:]x]",
	"[[:punct:]]",
	"[[:space:]]",
	"[^[:alnum:]]",
	"[[:foo:]]",
	"[[:a]",
	"[",
	"[a",
	"]",
	"-",
	"[--0]",
	"[A-Z]",
	"F",
	"O",
	"\\F",
	"[F]",
	"\\*",
	"\\[",
	"\\?",
	"***",
	"[a/b]",
	"[/]",
	"\\/",
	"\303\251",
	"[\200-\377]",
	"7",
	"_",
	"[c-a]",
	"[\\a-c]",
	"[a-\\c]",
	"[[:xdigit:]]",
	"[[:lower:][:digit:]]",
	"[^]",
	"aa",
	"[[:",
	"[[:]",
	"[[::]]",
	"[a-c-e]",
	"[[:cntrl:]]",
	"[!-a]",
	"[[:graph:]-z]",
	"\t",
	"\r",
	"tail",
	"li",
};

struct tree {
	uint64_t state; /* of the random numbers */
	struct repo repo;
	bool nocase;
	char *paths[PATHS_MAX];
	bool is_folder[PATHS_MAX];
	size_t count;
	struct ignore_file *files[SCOPES_MAX];
	struct ignore_scope scopes[SCOPES_MAX]; /* in the order of folders[] */
	char *folders[SCOPES_MAX];              /* whose ignore file it is, with the final slash */
	size_t scope_count;
};

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled"). */
static unsigned below(struct tree *t, unsigned limit)
{
	t->state ^= t->state >> 12;
	t->state ^= t->state << 25;
	t->state ^= t->state >> 27;
	return (unsigned)((t->state * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % limit;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t number = otherwise;

	if (text && text_u64(view_of(text), UINT64_MAX, &number))
		fail_msg("%s is no number", name);
	return number;
}

static void make_entry(struct tree *t, const char *folder)
{
	char path[REPO_PATH_BYTES], file[REPO_PATH_BYTES];
	struct stat st;
	size_t i = t->count;

	repo_path(path, "%s%s", folder, names[below(t, ARRAY_LEN(names))]);
	repo_path(file, "%s/%s", t->repo.tree, path);
	if (lstat(file, &st) == 0)
		return;
	t->is_folder[i] = below(t, 3) == 0;
	if (t->is_folder[i])
		assert_int_equal(mkdir(file, 0700), 0);
	else if (below(t, 12) == 0)
		assert_int_equal(symlink(t->repo.tree, file), 0);
	else
		assert_int_equal(mknod(file, S_IFREG | 0600, 0), 0);
	t->paths[t->count++] = strdup(path);
}

static void make_paths(struct tree *t)
{
	unsigned wanted = 8 + below(t, PATHS_MAX - 8);

	for (unsigned tries = 0; tries < 2 * wanted && t->count < wanted; tries++) {
		char folder[REPO_PATH_BYTES] = "";
		size_t i = t->count ? below(t, (unsigned)t->count) : 0;

		if (t->count && t->is_folder[i] && below(t, 4))
			repo_path(folder, "%s/", t->paths[i]);
		make_entry(t, folder);
	}
}

static void add(struct buf *text, const char *piece)
{
	assert_int_equal(buf_add_text(text, piece), 0);
}

/* A path of the tree, or some of its last names, with some bytes replaced by what may match them. */
static void add_known_path(struct tree *t, struct buf *text)
{
	static const char *const instead[] = { "?", "*", "**", "[a-z]", "\\", "", "**/", "[!x]", "A", "[[:alnum:]]" };
	const char *path = t->paths[below(t, (unsigned)t->count)];

	for (unsigned cuts = below(t, 3); cuts && strchr(path, '/'); cuts--)
		path = strchr(path, '/') + (below(t, 4) ? 1 : 0);
	for (; *path; path++) {
		if (below(t, 9) == 0)
			add(text, instead[below(t, ARRAY_LEN(instead))]);
		if (below(t, 12))
			assert_int_equal(buf_add_byte(text, *path), 0);
	}
}

static void add_pattern(struct tree *t, struct buf *text)
{
	static const char *const starts[] = { "!", "!", "/", "**/", "#", "\\!", "\\#", " ", "*", "/**/" };
	static const char *const ends[] = { "/", "/", "*", "/**", " ", "\\ ", "  ", "\\", "\r", "/*", "\t", ".o" };

	if (below(t, 3) == 0)
		add(text, starts[below(t, ARRAY_LEN(starts))]);
	if (t->count && below(t, 2))
		add_known_path(t, text);
	else
		for (unsigned left = below(t, 5); left; left--)
			add(text, pieces[below(t, ARRAY_LEN(pieces))]);
	if (below(t, 3) == 0)
		add(text, ends[below(t, ARRAY_LEN(ends))]);
}

static void make_patterns(struct tree *t, struct buf *text)
{
	buf_clear(text);
	if (below(t, 12) == 0)
		add(text, "\357\273\277");
	for (unsigned left = below(t, 9); left; left--) {
		add_pattern(t, text);
		if (below(t, 40) == 0)
			assert_int_equal(buf_add(text, VIEW("\0x")), 0);
		if (left > 1 || below(t, 4))
			add(text, below(t, 8) ? "\n" : "\r\n");
	}
}

/* Writes an ignore file and parses the same text. */
static void make_file(struct tree *t, const char *name, const char *folder, const struct ignore_scope *outer)
{
	struct buf text = BUF_INIT(TEXT_BYTES);
	size_t i = t->scope_count++;

	make_patterns(t, &text);
	repo_write(&t->repo, name, buf_view(&text));
	t->files[i] = ignore_parse(buf_view(&text), t->nocase);
	assert_non_null(t->files[i]);
	t->folders[i] = strdup(folder);
	t->scopes[i] = (struct ignore_scope){ .outer = outer, .file = t->files[i], .base_len = strlen(folder) };
	buf_done(&text);
}

/* The scope of the innermost folder with an ignore file that path is in. */
static const struct ignore_scope *scope_of(const struct tree *t, const char *path)
{
	const struct ignore_scope *best = &t->scopes[1];

	for (size_t i = 2; i < t->scope_count; i++)
		if (text_starts(view_of(path), view_of(t->folders[i])) && strlen(t->folders[i]) >= best->base_len)
			best = &t->scopes[i];
	return best;
}

/* The user's file, the repository's, the root's, and some in folders: outer ones are made first. */
static void make_files(struct tree *t)
{
	make_file(t, "home/.config/git/ignore", "", NULL);
	make_file(t, "tree/.git/info/exclude", "", &t->scopes[0]);
	make_file(t, "tree/" IGNORE_FILE_NAME, "", &t->scopes[1]);
	for (size_t i = 0; i < t->count && t->scope_count < SCOPES_MAX; i++) {
		char folder[REPO_PATH_BYTES], name[REPO_PATH_BYTES];

		if (!t->is_folder[i] || below(t, 2))
			continue;
		repo_path(folder, "%s/", t->paths[i]);
		repo_path(name, "tree/%s" IGNORE_FILE_NAME, folder);
		make_file(t, name, folder, scope_of(t, folder));
	}
}

/* What we say: the folders that hold a path are asked first. */
static enum ignore_verdict our_verdict(const struct tree *t, size_t i)
{
	struct view path = view_of(t->paths[i]);

	for (size_t at = 0; at < path.len; at++) {
		char folder[REPO_PATH_BYTES];

		if (path.ptr[at] != '/')
			continue;
		repo_path(folder, "%s", t->paths[i]);
		folder[at] = '\0';
		if (ignore_scope_match(scope_of(t, folder), view_of(folder), true) == IGNORE_EXCLUDE)
			return IGNORE_EXCLUDE;
	}
	return ignore_scope_match(scope_of(t, t->paths[i]), path, t->is_folder[i]);
}

/* Cuts the next NUL-terminated field off *rest. */
static struct view next_field(struct view *rest)
{
	size_t end = text_find_byte(*rest, '\0');
	struct view field = view_sub(*rest, 0, end);

	assert_int_not_equal(end, SIZE_MAX);
	*rest = view_sub(*rest, end + 1, rest->len);
	return field;
}

/* What git says of all paths, in their order: source, line, pattern and path of each. */
static void ask_git(const struct tree *t, struct buf *out)
{
	const char *const argv[] = { "git",
				     "-C",
				     t->repo.tree,
				     "-c",
				     t->nocase ? "core.ignorecase=true" : "core.ignorecase=false",
				     "check-ignore",
				     "-z",
				     "--stdin",
				     "--no-index",
				     "--verbose",
				     "--non-matching",
				     NULL };
	struct buf input = BUF_INIT(TEXT_BYTES);
	struct err err = ERR_INIT;
	int status;

	for (size_t i = 0; i < t->count; i++)
		assert_int_equal(buf_add(&input, view_from(t->paths[i], strlen(t->paths[i]) + 1)), 0);
	if (proc_run(&(struct proc_spec){ .argv = argv, .input = buf_view(&input) }, out, NULL, &status, &err))
		fail_msg("%s", err.text);
	assert_in_range(status, 0, 1);
	buf_done(&input);
}

/* Counts the verdicts in counts. */
static void compare(const struct tree *t, uint64_t seed, uint64_t counts[static 3])
{
	static const char *const verdicts[] = { "nothing", "exclude", "include" };
	struct buf out = BUF_INIT(REPO_OUTPUT_BYTES);
	struct view rest;

	ask_git(t, &out);
	rest = buf_view(&out);
	for (size_t i = 0; i < t->count; i++) {
		struct view source = next_field(&rest);
		struct view line = next_field(&rest);
		struct view pattern = next_field(&rest);
		struct view path = next_field(&rest);
		enum ignore_verdict theirs = IGNORE_NONE, ours = our_verdict(t, i);

		if (source.len)
			theirs = text_starts(pattern, VIEW("!")) ? IGNORE_INCLUDE : IGNORE_EXCLUDE;
		assert_string_equal(path.ptr, t->paths[i]);
		counts[theirs]++;
		if (ours != theirs)
			fail_msg("SKANT_SEED=%llu: '%s'%s%s: git says %s (%s:%s: '%s'), we say %s",
				 (unsigned long long)seed, path.ptr, t->is_folder[i] ? " (folder)" : "",
				 t->nocase ? " (any case)" : "", verdicts[theirs], source.ptr, line.ptr, pattern.ptr,
				 verdicts[ours]);
	}
	assert_int_equal(rest.len, 0);
	buf_done(&out);
}

static void clear(struct tree *t)
{
	for (size_t i = t->count; i-- > 0;)
		free(t->paths[i]);
	for (size_t i = 0; i < t->scope_count; i++) {
		ignore_free(t->files[i]);
		free(t->folders[i]);
	}
	repo_done(&t->repo);
	t->count = t->scope_count = 0;
}

static void we_say_what_git_says_of_random_trees(void **state)
{
	uint64_t seed = number_of("SKANT_SEED", SEED), rounds = number_of("SKANT_ROUNDS", ROUNDS);
	uint64_t counts[3] = { 0 };

	(void)state;
	print_message("SKANT_SEED=%llu SKANT_ROUNDS=%llu\n", (unsigned long long)seed, (unsigned long long)rounds);
	for (uint64_t end = seed + rounds; seed < end; seed++) {
		struct tree t = { .state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) };

		repo_init(&t.repo);
		t.nocase = below(&t, 4) == 0;
		make_paths(&t);
		make_files(&t);
		compare(&t, seed, counts);
		clear(&t);
	}
	print_message("%llu excluded, %llu included, %llu spoken of by none\n",
		      (unsigned long long)counts[IGNORE_EXCLUDE], (unsigned long long)counts[IGNORE_INCLUDE],
		      (unsigned long long)counts[IGNORE_NONE]);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		assert_true(counts[i] >= rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(we_say_what_git_says_of_random_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
