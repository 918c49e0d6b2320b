/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/worktree.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define DEEP (WALK_OPEN_DIRS + 44) /* folders within each other, more than may be open */
#define TAKEN_BYTES (1u << 22)

/* What a walk handed over: a line for each file read, and for each thing that was not. */
struct taken {
	pthread_mutex_t lock;
	struct buf read, unread;
	const char *folder;               /* of the test */
	void (*at_first)(struct taken *); /* called once, when the first file is at hand */
	atomic_size_t count;
	size_t stop_at; /* files after which the walk is to end; 0 = never */
};

static void line(struct taken *t, struct buf *to, const struct item *item, const char *what)
{
	pthread_mutex_lock(&t->lock);
	if (item_add_path(item, to) || buf_addf(to, "%s\n", what))
		abort();
	pthread_mutex_unlock(&t->lock);
}

static void take_piece(void *context, unsigned, struct pool_task *, const struct item *item, const struct piece *piece)
{
	struct taken *t = context;

	assert_true(piece->is_first && piece->is_last);
	line(t, &t->read, item, "");
	if (t->count++ == 0 && t->at_first)
		t->at_first(t);
}

static void take_unread(void *context, unsigned, struct pool_task *, const struct item *item, enum unread reason, int)
{
	char what[64];

	(void)snprintf(what, sizeof(what), ": %s", unread_names[reason]);
	line(context, &((struct taken *)context)->unread, item, what);
}

static bool is_stopped(void *context)
{
	const struct taken *t = context;

	return t->stop_at && t->count >= t->stop_at;
}

static void warn(const char *text)
{
	fail_msg("%s", text);
}

static void emit(void *, struct pool_task *)
{
	abort(); /* nothing here has an output */
}

static void walk(struct taken *t, const char *target, const struct worktree_options *options)
{
	const struct item_sink sink = {
		.context = t, .piece = take_piece, .unread = take_unread, .stopped = is_stopped, .emit = emit
	};
	struct err err = ERR_INIT;

	t->read = t->unread = (struct buf)BUF_INIT(TAKEN_BYTES);
	assert_int_equal(buf_reserve(&t->read, 1) | buf_reserve(&t->unread, 1), 0);
	assert_int_equal(pthread_mutex_init(&t->lock, NULL), 0);
	if (worktree_scan(&target, 1, options, &sink, warn, &err))
		fail_msg("%s", err.text);
	pthread_mutex_destroy(&t->lock);
}

static void taken_done(struct taken *t)
{
	buf_done(&t->read);
	buf_done(&t->unread);
}

static void put(const char *folder, const char *name)
{
	char path[REPO_PATH_BYTES];
	int fd;

	repo_path(path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	assert_int_equal(write(fd, "text", 4), 4);
	(void)close(fd);
}

/* DEEP folders within each other, each with a file and with a second folder, which waits for its turn meanwhile. */
static void make_deep(const char *folder)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (unsigned i = 0; i < DEEP; i++) {
		int fd, next;

		assert_return_code(at, errno);
		assert_int_equal(mkdirat(at, "a", 0700) | mkdirat(at, "b", 0700), 0);
		fd = openat(at, "b/f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_return_code(fd, errno);
		(void)close(fd);
		next = openat(at, "a", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(at);
		at = next;
	}
	(void)close(at);
}

static void more_folders_than_may_be_open_are_all_read(void **state)
{
	const struct worktree_options options = { .jobs = 2 };
	struct taken t = { .folder = *state };
	struct rlimit old, few;
	struct view rest;
	size_t files = 0;

	make_deep(t.folder);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = WALK_OPEN_DIRS + 32;
	assert_true(few.rlim_cur < DEEP);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	walk(&t, t.folder, &options);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_string_equal(t.unread.ptr, "");
	for (rest = buf_view(&t.read); rest.len; rest = view_sub(rest, text_find_byte(rest, '\n') + 1, rest.len))
		files++;
	assert_int_equal(files, DEEP);
	taken_done(&t);
}

/* What another program does to files that were listed already. */
static void change_what_comes(struct taken *t)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[REPO_PATH_BYTES];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_return_code(fd, errno);
	repo_path(path, "%s/b-gone", t->folder);
	assert_int_equal(unlink(path), 0);
	repo_path(path, "%s/c-link", t->folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("a-first", path), 0);
	repo_path(path, "%s/d-socket", t->folder);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
	repo_path(path, "%s/e-folder", t->folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	repo_path(path, "%s/sub/f", t->folder);
	assert_int_equal(unlink(path), 0);
	repo_path(path, "%s/sub", t->folder);
	assert_int_equal(rmdir(path), 0);
}

static void what_changed_after_it_was_listed_is_told_and_the_rest_is_read(void **state)
{
	const struct worktree_options options = { .jobs = 1 };
	struct taken t = { .folder = *state, .at_first = change_what_comes };
	char sub[REPO_PATH_BYTES];

	repo_path(sub, "%s/sub", t.folder);
	assert_int_equal(mkdir(sub, 0700), 0);
	put(sub, "f");
	put(t.folder, "a-first");
	put(t.folder, "b-gone");
	put(t.folder, "c-link");
	put(t.folder, "d-socket");
	put(t.folder, "e-folder");
	put(t.folder, "z-last");
	assert_int_equal(chdir(t.folder), 0);
	walk(&t, ".", &options);
	assert_int_equal(chdir("/"), 0);
	assert_non_null(strstr(t.read.ptr, "a-first\n"));
	assert_non_null(strstr(t.read.ptr, "z-last\n"));
	assert_string_equal(t.unread.ptr, "b-gone: vanished\nc-link: symlink\nd-socket: special\ne-folder: unreadable\n"
					  "sub/: vanished\n");
	taken_done(&t);
}

static void a_walk_that_is_stopped_says_so_of_each_folder_that_it_left(void **state)
{
	const struct worktree_options options = { .jobs = 1 };
	struct taken t = { .folder = *state, .stop_at = 1 };
	char name[32], sub[REPO_PATH_BYTES];

	for (unsigned i = 0; i < 2 * WALK_CHUNK_FILES; i++) { /* two tasks */
		(void)snprintf(name, sizeof(name), "f%03u", i);
		put(t.folder, name);
	}
	repo_path(sub, "%s/sub", t.folder);
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(chdir(t.folder), 0);
	walk(&t, ".", &options);
	assert_int_equal(chdir("/"), 0);
	assert_string_equal(t.read.ptr, "f000\n");
	assert_string_equal(t.unread.ptr, ": interrupted\n: interrupted\nsub/: interrupted\n");
	taken_done(&t);
}

static void a_file_that_is_larger_than_wanted_is_told_and_not_read(void **state)
{
	const struct worktree_options options = { .jobs = 1, .max_file_bytes = 4 };
	struct taken t = { .folder = *state };
	char path[REPO_PATH_BYTES];

	put(t.folder, "fits");
	put(t.folder, "large");
	repo_path(path, "%s/large", t.folder);
	assert_int_equal(truncate(path, 5), 0);
	assert_int_equal(chdir(t.folder), 0);
	walk(&t, ".", &options);
	assert_int_equal(chdir("/"), 0);
	assert_string_equal(t.read.ptr, "fits\n");
	assert_string_equal(t.unread.ptr, "large: limit\n");
	taken_done(&t);
}

static int set_up(void **state)
{
	char *folder = strdup("/tmp/skant-walk-test-XXXXXX");

	assert_non_null(folder);
	assert_non_null(mkdtemp(folder));
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	repo_remove(*state);
	free(*state);
	return 0;
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(more_folders_than_may_be_open_are_all_read),
		WITH_FOLDER(what_changed_after_it_was_listed_is_told_and_the_rest_is_read),
		WITH_FOLDER(a_walk_that_is_stopped_says_so_of_each_folder_that_it_left),
		WITH_FOLDER(a_file_that_is_larger_than_wanted_is_told_and_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
