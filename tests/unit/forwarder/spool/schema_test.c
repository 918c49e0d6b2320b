/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, and left as it is; how an older schema becomes the next. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/digest.h"
#include "common/sys/file.h"
#include "forwarder/spool/base.h"
#include "tests/support/spool.h"

static void digest_of(const char *name, unsigned char ret[static DIGEST_SHA256_BYTES])
{
	DEFER(buf_done) struct buf bytes = BUF_INIT(64u << 20);
	struct err err = ERR_INIT;

	assert_int_equal(file_read(path_of(name), &bytes, &err), 0);
	digest_sha256(buf_view(&bytes), ret);
}

/* Opens in each way; none may, and the file stays as it is. */
static void assert_refused(const char *text, enum err_kind kind)
{
	const struct spool_options ways[] = { { .dir = dir },
					      { .dir = dir, .read_only = true },
					      { .dir = dir, .is_guest = true } };
	unsigned char before[DIGEST_SHA256_BYTES], after[DIGEST_SHA256_BYTES];

	digest_of("spool.db", before);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct err err = ERR_INIT;

		assert_null(spool_open(&ways[i], &err));
		assert_int_equal(err.kind, kind);
		assert_non_null(strstr(err.text, text));
		assert_non_null(strstr(err.text, dir));
	}
	digest_of("spool.db", after);
	assert_memory_equal(before, after, sizeof(before));
}

static void a_newer_schema_is_left_untouched(void **state)
{
	(void)state;
	spool_free(open_spool());
	execute("PRAGMA user_version = 99");
	assert_refused("newer", ERR_CONFIG);
	execute("PRAGMA user_version = -1");
	assert_refused("newer", ERR_CONFIG);
	execute("PRAGMA user_version = 1");
	spool_free(open_spool());
}

/* A newer skantd that was killed has left its last pages in the log. */
static void the_log_of_a_newer_schema_is_left_untouched(void **state)
{
	unsigned char before[DIGEST_SHA256_BYTES], after[DIGEST_SHA256_BYTES];
	struct err err = ERR_INIT;
	sqlite3 *db;

	(void)state;
	spool_free(open_spool());
	assert_int_equal(sqlite3_open(path_of("spool.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	digest_of("spool.db-wal", before);
	assert_null(spool_open(&(struct spool_options){ .dir = dir }, &err));
	assert_non_null(strstr(err.text, "newer"));
	digest_of("spool.db-wal", after);
	assert_memory_equal(before, after, sizeof(before));
}

static void a_database_of_another_program_is_refused(void **state)
{
	(void)state;
	execute("PRAGMA user_version = 1; CREATE TABLE t (a)");
	assert_refused("another program", ERR_CONFIG);
}

static void a_database_that_has_no_version_but_tables_is_refused(void **state)
{
	(void)state;
	execute("CREATE TABLE t (a)");
	assert_refused("another program", ERR_CONFIG);
}

static void a_reader_of_an_older_schema_is_told_what_to_do(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	execute("PRAGMA application_id = 1936417134");
	assert_null(spool_open(&(struct spool_options){ .dir = dir, .read_only = true }, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "starting skantd once"));
}

static void where_there_is_no_spool_readers_make_none(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(spool_open(&(struct spool_options){ .dir = dir, .read_only = true }, &err));
	assert_null(spool_open(&(struct spool_options){ .dir = dir, .is_guest = true }, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_not_equal(access(path_of("spool.db"), F_OK), 0);
}

static void bytes_that_are_no_database_are_said(void **state)
{
	char junk[4096];
	int fd;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	fd = open(path_of("spool.db"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	(void)close(fd);
	assert_refused("damaged", ERR_FORMAT);
}

/* A page in the midst of the file: the schema can be read, and the quick check finds it. */
static void a_damaged_page_is_found_at_the_start(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct stat st;
	char junk[4096];
	int fd;

	(void)state;
	memset(junk, 0xA5, sizeof(junk));
	for (unsigned i = 0; i < 5; i++)
		put_some(spool, "audit", i * 1000, 1000, NULL);
	spool_free(spool);
	fd = open(path_of("spool.db"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(pwrite(fd, junk, sizeof(junk), st.st_size / 8192 * 4096), sizeof(junk));
	(void)close(fd);
	assert_null(spool_open(&(struct spool_options){ .dir = dir }, &err));
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.text, "damaged"));
}

static void the_files_are_for_their_owner_alone(void **state)
{
	static const char *const names[] = { "spool.db", "spool.db-wal", "spool.db-shm", "lock" };
	struct spool *spool;
	struct stat st;
	mode_t mask = umask(0);

	(void)state;
	spool = open_spool();
	put_some(spool, "audit", 1, 1, NULL);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_int_equal(stat(path_of(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	spool_free(spool);
	(void)umask(mask);
}

/* --- steps --- */

static int bring_up(const struct schema *schema, struct err *err)
{
	struct base base;
	int status;

	if (base_open(&base, path_of("spool.db"), SQLITE_OPEN_READWRITE, err))
		return -1;
	status = schema_bring_up(&base, schema, err);
	base_close(&base);
	return status;
}

static int64_t number(const char *sql)
{
	sqlite3_stmt *s;
	int64_t ret;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path_of("spool.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	ret = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return ret;
}

static void an_older_schema_is_brought_up_step_by_step_and_keeps_its_events(void **state)
{
	const char *const steps[] = {
		schema_current.steps[0],
		"ALTER TABLE ledger ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",
		"CREATE TABLE extra (a INTEGER) STRICT;"
		"INSERT INTO extra SELECT count(*) FROM ledger WHERE note = 'none'",
	};
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	put_some(spool, "audit", 1, 5, "s");
	spool_free(spool);
	assert_int_equal(bring_up(&(struct schema){ steps, 3 }, &err), 0);
	assert_int_equal(number("PRAGMA user_version"), 3);
	assert_int_equal(number("SELECT a FROM extra"), 5);
	assert_int_equal(number("SELECT count(*) FROM ledger"), 5);
	assert_int_equal(bring_up(&(struct schema){ steps, 3 }, &err), 0);
	assert_int_equal(number("SELECT count(*) FROM extra"), 1);
	assert_null(spool_open(&(struct spool_options){ .dir = dir }, &err));
	assert_non_null(strstr(err.text, "newer"));
}

static void a_step_that_fails_leaves_the_version_before_it(void **state)
{
	const char *const steps[] = { schema_current.steps[0], "CREATE TABLE extra (a INTEGER) STRICT",
				      "INSERT INTO extra VALUES (1); INSERT INTO nowhere VALUES (1)" };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	put_some(spool, "audit", 1, 5, "s");
	spool_free(spool);
	assert_int_equal(bring_up(&(struct schema){ steps, 3 }, &err), -1);
	assert_int_equal(number("PRAGMA user_version"), 2);
	assert_int_equal(number("SELECT count(*) FROM extra"), 0);
	execute("DROP TABLE extra; PRAGMA user_version = 1");
	spool = open_spool();
	assert_whole(spool);
	assert_int_equal(spool_head(spool), 5);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_newer_schema_is_left_untouched),
		TEST(the_log_of_a_newer_schema_is_left_untouched),
		TEST(a_database_of_another_program_is_refused),
		TEST(a_database_that_has_no_version_but_tables_is_refused),
		TEST(a_reader_of_an_older_schema_is_told_what_to_do),
		TEST(where_there_is_no_spool_readers_make_none),
		TEST(bytes_that_are_no_database_are_said),
		TEST(a_damaged_page_is_found_at_the_start),
		TEST(the_files_are_for_their_owner_alone),
		TEST(an_older_schema_is_brought_up_step_by_step_and_keeps_its_events),
		TEST(a_step_that_fails_leaves_the_version_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
