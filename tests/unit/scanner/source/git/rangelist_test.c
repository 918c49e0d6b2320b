/* SPDX-License-Identifier: Apache-2.0 */
/* Which commits a range, a date, arguments of git log and a push mean, in a repository of six:
 *
 *	main:  one - two - three - loose (no ref leads to it)
 *	side:    \- other             v1: a tag of two
 *
 * by the time of their commits: one, two, other, three, loose. */
#include "scanner/source/git/rangelist.h"

#include "common/base/text.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define TEXT_BYTES (1u << 16)
#define MEMORY (1u << 20)
#define NONE "0000000000000000000000000000000000000000"

static struct {
	struct repo repo;
	struct gitrepo git;
	struct objects *objects;
	struct object_reader *reader;
	struct oid one, two, three, other, loose;
} world;

/* What git prints, an id. */
static struct oid id_of(const char *a, const char *b, const char *c, const char *d, const char *e, const char *f)
{
	const char *const argv[] = { "git", "-C", world.repo.tree, a, b, c, d, e, f, NULL };
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);
	struct err err = ERR_INIT;
	struct oid id;
	int status;

	if (proc_run(&(struct proc_spec){ .argv = argv }, &out, NULL, &status, &err))
		fail_msg("%s", err.text);
	assert_int_equal(status, 0);
	assert_int_equal(oid_parse(text_trim(buf_view(&out)), OID_SHA1_BYTES, &id), 0);
	return id;
}

/* A commit of a day of January 2024. */
static struct oid commit(const char *day, const char *subject)
{
	char date[REPO_PATH_BYTES];

	repo_path(date, "2024-01-%sT00:00:00Z", day);
	assert_int_equal(setenv("GIT_COMMITTER_DATE", date, 1), 0);
	repo_git(&world.repo, "tree", "commit", "-q", "--allow-empty", "-m", subject, NULL);
	return id_of("rev-parse", "HEAD", NULL, NULL, NULL, NULL);
}

static int make_world(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	repo_init(&world.repo);
	repo_git(&world.repo, "tree", "symbolic-ref", "HEAD", "refs/heads/main", NULL);
	repo_git(&world.repo, "tree", "config", "user.name", "t", NULL);
	repo_git(&world.repo, "tree", "config", "user.email", "t@example.com", NULL);
	world.one = commit("01", "one");
	repo_git(&world.repo, "tree", "branch", "side", NULL);
	world.two = commit("02", "two");
	repo_git(&world.repo, "tree", "tag", "-a", "-m", "t", "v1", NULL);
	world.three = commit("04", "three");
	repo_git(&world.repo, "tree", "checkout", "-q", "side", NULL);
	world.other = commit("03", "other");
	repo_git(&world.repo, "tree", "checkout", "-q", "main", NULL);
	assert_int_equal(setenv("GIT_COMMITTER_DATE", "2024-01-05T00:00:00Z", 1), 0);
	world.loose = id_of("commit-tree", "-p", "main", "-m", "loose", "main^{tree}");
	if (gitrepo_open(world.repo.tree, &world.git, &err))
		fail_msg("%s", err.text);
	world.objects =
		objects_open((const char *const *)world.git.stores, world.git.store_count, world.git.hash_len, &err);
	assert_non_null(world.objects);
	world.reader = object_reader_new(world.objects, MEMORY, &err);
	return world.reader ? 0 : -1;
}

static int end_world(void **state)
{
	(void)state;
	object_reader_freep(&world.reader);
	objects_freep(&world.objects);
	gitrepo_done(&world.git);
	repo_done(&world.repo);
	return 0;
}

/* The letters of commits: 1 2 o 3 l. */
static char letter(const struct oid *id)
{
	return oid_eq(id, &world.one)     ? '1'
	       : oid_eq(id, &world.two)   ? '2'
	       : oid_eq(id, &world.other) ? 'o'
	       : oid_eq(id, &world.three) ? '3'
	       : oid_eq(id, &world.loose) ? 'l'
	       : oid_is_null(id)          ? '-'
					  : '?';
}

static void assert_commits(const struct rangelist *l, const char *commits, char base)
{
	char letters[16] = "";

	assert_in_range(l->count, 0, sizeof(letters) - 1);
	for (size_t i = 0; i < l->count; i++)
		letters[i] = letter(&l->commits[i]);
	assert_string_equal(letters, commits);
	assert_int_equal(letter(&l->base), base);
}

static void assert_list(const struct rangelist_request *q, const char *commits, char base)
{
	DEFER(rangelist_done) struct rangelist l = { .count = 0 };
	struct err err = ERR_INIT;

	if (rangelist_read(&world.git, world.reader, q, &l, &err))
		fail_msg("%s", err.text);
	assert_commits(&l, commits, base);
	assert_int_equal(l.first_parent, q->log_opts && strstr(q->log_opts, "--first-parent"));
}

static void assert_refused(const struct rangelist_request *q, const char *why)
{
	struct err err = ERR_INIT;
	struct rangelist l;

	assert_int_equal(rangelist_read(&world.git, world.reader, q, &l, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
}

#define RANGE(text)                                                                                                    \
	&(struct rangelist_request)                                                                                    \
	{                                                                                                              \
		.range = (text)                                                                                        \
	}

static void ranges_are_those_of_git_by_time_with_the_side_that_decides(void **state)
{
	(void)state;
	assert_list(RANGE("main~2..main"), "23", '1');
	assert_list(RANGE("v1.."), "3", '2');
	assert_list(RANGE("side...main"), "2o3", '1'); /* where they parted */
	assert_list(RANGE("side..main"), "23", 'o');
	assert_list(RANGE("main"), "3", '2'); /* that commit alone, against its parent */
	assert_list(RANGE("v1"), "2", '1');
	assert_list(RANGE("side^0"), "o", '1');
	assert_list(RANGE(":/two"), "2", '1');
	assert_list(RANGE("main..main"), "", '3');
	assert_list(RANGE("main~2"), "1", '-'); /* the first one has no side */
}

static void what_git_does_not_know_is_named(void **state)
{
	(void)state;
	assert_refused(RANGE("nowhere..main"), "there is no commit 'nowhere'");
	assert_refused(RANGE("main..nowhere"), "there is no commit 'nowhere'");
	assert_refused(RANGE("main^{tree}"), "there is no commit 'main^{tree}'");
	assert_refused(RANGE(""), "there is no commit ''");
	assert_refused(RANGE("..HEAD"), "it is from HEAD to HEAD");
	assert_refused(RANGE("--all"), "there is no commit '--all'");
}

static void a_date_chooses_among_all_that_is_reached(void **state)
{
	(void)state;
	assert_list(&(struct rangelist_request){ .since = "2024-01-01T12:00:00Z" }, "23", '-'); /* from HEAD */
	assert_list(&(struct rangelist_request){ .since = "2024-01-02T12:00:00Z", .range = "side" }, "o", '-');
	assert_refused(&(struct rangelist_request){ .since = "once upon a time" }, "a date before now was expected");
	assert_refused(&(struct rangelist_request){ .since = "2099-01-01" }, "a date before now was expected");
}

static void arguments_of_git_log_mean_what_they_mean_there(void **state)
{
	(void)state;
	assert_list(&(struct rangelist_request){ .log_opts = "--first-parent main" }, "123", '-');
	assert_list(&(struct rangelist_request){ .log_opts = "--max-count=1" }, "3", '-'); /* of HEAD */
	assert_list(&(struct rangelist_request){ .log_opts = "--since 2024-01-03T12:00:00Z --all" }, "3", '-');
	assert_refused(&(struct rangelist_request){ .log_opts = "--since=whenever" }, "a date before now was expected");
}

/* A line with the ids of commits in it: hash_len digits each. */
static struct view line(struct buf *to, const char *before, const struct oid *a, const char *between,
			const struct oid *b, const char *behind)
{
	char hex_a[OID_HEX_BYTES] = NONE, hex_b[OID_HEX_BYTES] = NONE;

	if (a)
		oid_hex(a, OID_SHA1_BYTES, hex_a);
	if (b)
		oid_hex(b, OID_SHA1_BYTES, hex_b);
	assert_int_equal(buf_addf(to, "%s%s%s%s%s\n", before, hex_a, between, hex_b, behind), 0);
	return buf_view(to);
}

static void a_push_brings_what_the_other_side_has_not(void **state)
{
	DEFER(buf_done) struct buf known = BUF_INIT(TEXT_BYTES), gone = BUF_INIT(TEXT_BYTES);
	DEFER(buf_done) struct buf fresh = BUF_INIT(TEXT_BYTES);
	struct rangelist_request q = { .is_push = true, .remote = "origin" };

	(void)state;
	q.push = line(&known, "refs/heads/main ", &world.three, " refs/heads/main ", &world.one, "");
	assert_list(&q, "23", '1');
	q.push = line(&fresh, "refs/heads/side ", &world.other, " refs/heads/side ", NULL, "");
	assert_list(&q, "1o", '-'); /* nothing is known of the other side */
	repo_git(&world.repo, "tree", "update-ref", "refs/remotes/origin/main", "main~2", NULL);
	assert_list(&q, "o", '1');
	q.remote = "another";
	assert_list(&q, "1o", '-');
	q.remote = NULL;
	assert_list(&q, "o", '1'); /* any of them has it */
	repo_git(&world.repo, "tree", "update-ref", "-d", "refs/remotes/origin/main", NULL);
	q.push = line(&gone, "(delete) ", NULL, " refs/heads/side ", &world.other, "");
	assert_list(&q, "", '-');
	q.push = VIEW("refs/heads/main main refs/heads/main\n");
	assert_refused(&q, "'LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID'");
}

static void what_is_received_is_what_no_ref_leads_to(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	DEFER(rangelist_done) struct rangelist l = { .count = 0 };
	struct rangelist_request q = { .is_push = true, .is_receive = true };
	struct err err = ERR_INIT;

	(void)state;
	q.push = line(&text, "", &world.one, " ", &world.two, " refs/heads/behind");
	assert_list(&q, "", '-');
	q.push = line(&text, "", &world.three, " ", &world.loose, " refs/heads/main");
	q.push = line(&text, "", &world.other, " ", NULL, " refs/heads/side");
	assert_int_equal(rangelist_read(&world.git, world.reader, &q, &l, &err), 0);
	assert_commits(&l, "l", '3');
	assert_int_equal(l.tip_count, 2); /* not what goes */
	assert_int_equal(letter(&l.tips[0]), '2');
	assert_int_equal(letter(&l.tips[1]), 'l');
	q.push = VIEW("main side refs/heads/main\n");
	assert_refused(&q, "'OLD-ID NEW-ID REF'");
}

static void ids_that_refs_lead_to_are_not_unreached(void **state)
{
	const struct oid some[] = { world.one, world.other, world.loose }, reached[] = { world.three, world.two };
	DEFER(rangelist_done) struct rangelist l = { .count = 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(rangelist_unreached(&world.git, reached, ARRAY_LEN(reached), &l, &err), 0);
	assert_int_equal(l.count, 0);
	assert_int_equal(rangelist_unreached(&world.git, NULL, 0, &l, &err), 0);
	assert_int_equal(l.count, 0);
	assert_int_equal(rangelist_unreached(&world.git, some, ARRAY_LEN(some), &l, &err), 0);
	assert_commits(&l, "l", '-');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_those_of_git_by_time_with_the_side_that_decides),
		cmocka_unit_test(what_git_does_not_know_is_named),
		cmocka_unit_test(a_date_chooses_among_all_that_is_reached),
		cmocka_unit_test(arguments_of_git_log_mean_what_they_mean_there),
		cmocka_unit_test(a_push_brings_what_the_other_side_has_not),
		cmocka_unit_test(what_is_received_is_what_no_ref_leads_to),
		cmocka_unit_test(ids_that_refs_lead_to_are_not_unreached),
	};

	return cmocka_run_group_tests(tests, make_world, end_world);
}
