/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

/* Each test runs in an empty folder of its own, which is the working folder. */
static char folder[] = "/tmp/file_test.XXXXXX";
static int outside = -1;

/* These stand in for the C library's: a file system that tells no types, a folder or disk that fails. */
static bool hides_types;
static int list_fails_after = -1;
static int fsync_errno;
static unsigned fsyncs;

ssize_t getdents64(int fd, void *buffer, size_t length)
{
	ssize_t n;

	if (list_fails_after == 0) {
		errno = EIO;
		return -1;
	}
	if (list_fails_after > 0)
		list_fails_after--;
	n = syscall(SYS_getdents64, fd, buffer, length);
	for (ssize_t at = 0; hides_types && at < n;) {
		struct dirent64 *record = (struct dirent64 *)(void *)((char *)buffer + at);

		record->d_type = DT_UNKNOWN;
		at += record->d_reclen;
	}
	return n;
}

/* Where MODE is portable. */
struct dirent *readdir(DIR *dir)
{
	struct dirent64 *d = readdir64(dir);

	if (d && hides_types)
		d->d_type = DT_UNKNOWN;
	if (!d && list_fails_after > 0)
		errno = EIO;
	return (struct dirent *)(void *)d;
}

int fsync(int fd)
{
	(void)fd;
	fsyncs++;
	if (!fsync_errno)
		return 0;
	errno = fsync_errno;
	return -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static int enter_folder(void **state)
{
	(void)state;
	hides_types = false;
	list_fails_after = -1;
	fsync_errno = 0;
	fsyncs = 0;
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	outside = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return outside < 0 || !mkdtemp(folder) ? -1 : chdir(folder);
}

static int leave_folder(void **state)
{
	(void)state;
	if (fchdir(outside) < 0)
		return -1;
	(void)close(outside);
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *path, struct view bytes)
{
	DEFER(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(file_write_full(fd, bytes), 0);
}

static void assert_holds(const char *path, const char *expected)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(1000);
	struct err err = ERR_INIT;

	(void)file_read(path, &buf, &err);
	assert_string_equal(err.text, "");
	assert_string_equal(buf.ptr, expected);
}

static unsigned count_entries(void)
{
	DIR *here = opendir(".");
	unsigned count = 0;

	assert_non_null(here);
	while (readdir(here))
		count++;
	(void)closedir(here);
	return count - 2;
}

static void read_appends_the_whole_file(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);

	(void)state;
	put("f", VIEW("b\0c\n"));
	assert_int_equal(buf_add_byte(&buf, 'a'), 0);
	assert_int_equal(file_read("f", &buf, NULL), 0);
	assert_int_equal(buf.len, 5);
	assert_memory_equal(buf.ptr, "ab\0c\n", 6);
}

static void read_takes_files_of_any_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 1000000 };
	DEFER(freep) char *bytes = malloc(1000000);

	(void)state;
	for (size_t i = 0; i < 1000000; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		DEFER(buf_done) struct buf buf = BUF_INIT(sizes[i]);

		put("f", view_from(bytes, sizes[i]));
		assert_int_equal(file_read("f", &buf, NULL), 0);
		assert_true(text_eq(buf_view(&buf), view_from(bytes, sizes[i])));
	}
}

static void read_of_a_file_beyond_the_ceiling_changes_nothing(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100001);
	DEFER(freep) char *bytes = calloc(1, 100001);
	struct err err = ERR_INIT;

	(void)state;
	put("f", view_from(bytes, 100001));
	assert_int_equal(buf_add_byte(&buf, 'a'), 0);
	assert_int_equal(file_read("f", &buf, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "'f' is too large: at most 100000 bytes are taken");
	assert_string_equal(buf.ptr, "a");
	assert_int_equal(buf.len, 1);
}

static void read_says_what_is_missing(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_read("no\nfile", &buf, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.errnum, ENOENT);
	assert_string_equal(err.text, "cannot open 'no\\x0afile': No such file or directory");
}

static void read_of_a_folder_is_refused(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_read(".", &buf, &err), -1);
	assert_int_equal(err.errnum, EISDIR);
	assert_string_equal(err.text, "cannot read '.': Is a directory");
}

static void read_at_starts_from_the_folder(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);
	DEFER(closep) int fd = -1;

	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	put("d/f", VIEW("inside"));
	fd = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(file_read_at(fd, "f", &buf, NULL), 0);
	assert_string_equal(buf.ptr, "inside");
}

static void read_full_joins_short_reads(void **state)
{
	char bytes[10] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(write(ends[1], "ab", 2), 2);
	assert_int_equal(file_read_full(ends[0], bytes, 5), 5);
	assert_string_equal(bytes, "ababa");
	(void)close(ends[1]);
	assert_int_equal(file_read_full(ends[0], bytes, sizeof(bytes)), 1);
	assert_int_equal(file_read_full(ends[0], bytes, sizeof(bytes)), 0);
	(void)close(ends[0]);
	assert_int_equal(file_read_full(-1, bytes, 1), -1);
	assert_int_equal(errno, EBADF);
}

/* A pipe that gives text and then its end. */
static int piped(struct view text)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(file_write_full(ends[1], text), 0);
	(void)close(ends[1]);
	return ends[0];
}

static void read_rest_appends_what_is_left(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(7);
	DEFER(closep) int fd = piped(VIEW("12345"));
	char byte;

	(void)state;
	assert_int_equal(buf_add_text(&buf, "abc"), 0);
	assert_int_equal(file_read_full(fd, &byte, 1), 1);
	assert_int_equal(file_read_rest(fd, "the pipe", &buf, NULL), 0); /* exactly what there is room for */
	assert_string_equal(buf.ptr, "abc2345");
	assert_int_equal(file_read_rest(fd, "the pipe", &buf, NULL), 0);
	assert_int_equal(buf.len, 7);
}

static void read_rest_goes_on_over_many_chunks(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(200001);
	DEFER(freep) char *bytes = malloc(200001);
	DEFER(closep) int fd = -1;

	(void)state;
	for (size_t i = 0; i < 200001; i++)
		bytes[i] = (char)(i % 251);
	put("f", view_from(bytes, 200001));
	fd = open("f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(file_read_rest(fd, "f", &buf, NULL), 0);
	assert_true(text_eq(buf_view(&buf), view_from(bytes, 200001)));
}

static void read_rest_of_nothing_is_an_empty_text(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(7);
	DEFER(closep) int fd = piped(VIEW_NONE);

	(void)state;
	assert_int_equal(file_read_rest(fd, "the pipe", &buf, NULL), 0);
	assert_string_equal(buf.ptr, "");
}

static void read_rest_says_what_it_could_not_take(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(7);
	DEFER(closep) int fd = piped(VIEW("12345"));
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add_text(&buf, "abc"), 0);
	assert_int_equal(file_read_rest(fd, "the pipe", &buf, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "the pipe is too large: at most 4 bytes are taken");
	assert_string_equal(buf.ptr, "abc");
	assert_int_equal(file_read_rest(-1, "the pipe", &buf, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_string_equal(err.text, "cannot read the pipe: Bad file descriptor");
	assert_string_equal(buf.ptr, "abc");
}

static void a_short_read_is_no_end_on_proc(void **state)
{
	DEFER(closep) int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_false(file_short_read_is_end(fd));
	assert_false(file_short_read_is_end(-1));
}

static void ignore_signal(int number)
{
	(void)number;
}

struct reader {
	int fd;
	pthread_t writer;
	size_t bytes;
};

/* Interrupts the writer while it waits, then reads all that it has. */
static void *read_slowly(void *argument)
{
	struct reader *reader = argument;
	char chunk[1000];
	ssize_t n;

	for (int i = 0; i < 20; i++) {
		(void)pthread_kill(reader->writer, SIGUSR1);
		(void)sched_yield();
	}
	while ((n = read(reader->fd, chunk, sizeof(chunk))) > 0)
		reader->bytes += (size_t)n;
	(void)close(reader->fd);
	return NULL;
}

static void write_full_survives_signals_and_waits(int flags)
{
	const struct sigaction action = { .sa_handler = ignore_signal }; /* without SA_RESTART */
	DEFER(freep) char *bytes = calloc(1, 1000000);
	struct reader reader = { .writer = pthread_self() };
	pthread_t thread;
	int ends[2];

	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC | flags), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, 0), 0);
	reader.fd = ends[0];
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reader), 0);
	assert_int_equal(file_write_full(ends[1], view_from(bytes, 1000000)), 0);
	(void)close(ends[1]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(reader.bytes, 1000000);
}

static void write_full_goes_on_after_signals(void **state)
{
	(void)state;
	write_full_survives_signals_and_waits(0);
}

static void write_full_waits_on_a_non_blocking_descriptor(void **state)
{
	(void)state;
	write_full_survives_signals_and_waits(O_NONBLOCK);
}

static void write_full_reports_a_full_disk(void **state)
{
	DEFER(closep) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(file_write_full(fd, VIEW("x")), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(file_write_full(fd, VIEW_NONE), 0);
}

static void write_full_reports_a_closed_pipe(void **state)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction before;
	int ends[2];

	(void)state;
	assert_int_equal(sigaction(SIGPIPE, &ignored, &before), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	(void)close(ends[0]);
	assert_int_equal(file_write_full(ends[1], VIEW("x")), -1);
	assert_int_equal(errno, EPIPE);
	(void)close(ends[1]);
	assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
}

static void assert_replaced(const char *path, unsigned mode, const char *text)
{
	struct file_replace f;
	struct err err = ERR_INIT;

	(void)file_replace_open(&f, path, mode, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(file_write_full(f.fd, view_of(text)), 0);
	(void)file_replace_commit(&f, &err);
	assert_string_equal(err.text, "");
}

static void assert_not_opened(const char *path, int errnum, const char *text)
{
	struct file_replace f;
	struct err err = ERR_INIT;

	assert_int_equal(file_replace_open(&f, path, 0644, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.errnum, errnum);
	assert_string_equal(err.text, text);
	file_replace_abort(&f);
}

static void replace_makes_a_file_with_the_mode(void **state)
{
	struct stat st;

	(void)state;
	(void)umask(022);
	assert_replaced("f", 0666, "new");
	assert_holds("f", "new");
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(count_entries(), 1);
}

static void replace_keeps_the_mode_of_what_was_there(void **state)
{
	struct stat st;

	(void)state;
	put("f", VIEW("a longer old text"));
	assert_int_equal(chmod("f", 0606), 0);
	assert_replaced("f", 0644, "new");
	assert_holds("f", "new");
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0606);
}

static void replace_shows_nothing_before_the_commit(void **state)
{
	struct file_replace f;

	(void)state;
	put("f", VIEW("old"));
	assert_int_equal(file_replace_open(&f, "f", 0644, NULL), 0);
	assert_int_equal(file_write_full(f.fd, VIEW("half")), 0);
	assert_holds("f", "old");
	assert_int_equal(file_replace_commit(&f, NULL), 0);
	assert_holds("f", "half");
}

static void replace_syncs_the_file_and_its_folder(void **state)
{
	(void)state;
	assert_replaced("f", 0644, "new");
	assert_int_equal(fsyncs, 2);
}

static void replace_aborted_leaves_no_trace(void **state)
{
	struct file_replace f;

	(void)state;
	put("f", VIEW("old"));
	assert_int_equal(file_replace_open(&f, "f", 0644, NULL), 0);
	assert_int_equal(count_entries(), f.is_unnamed ? 1 : 2);
	assert_int_equal(file_write_full(f.fd, VIEW("half")), 0);
	file_replace_abort(&f);
	assert_holds("f", "old");
	assert_int_equal(count_entries(), 1);
}

static void abort_after_commit_or_before_open_does_nothing(void **state)
{
	struct file_replace f = { .path = NULL };
	int standard_input = fcntl(STDIN_FILENO, F_GETFD);

	(void)state;
	file_replace_abort(&f);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), standard_input);
	assert_int_equal(file_replace_open(&f, "f", 0644, NULL), 0);
	assert_int_equal(file_replace_commit(&f, NULL), 0);
	file_replace_abort(&f);
	assert_holds("f", "");
}

static void replace_that_cannot_be_synced_leaves_the_old(void **state)
{
	struct file_replace f;
	struct err err = ERR_INIT;

	(void)state;
	put("f", VIEW("old"));
	assert_int_equal(file_replace_open(&f, "f", 0644, NULL), 0);
	fsync_errno = EIO;
	assert_int_equal(file_replace_commit(&f, &err), -1);
	assert_string_equal(err.text, "cannot write 'f': Input/output error");
	assert_holds("f", "old");
	assert_int_equal(count_entries(), 1);
}

static void replace_does_not_insist_where_syncing_is_unknown(void **state)
{
	(void)state;
	fsync_errno = EINVAL;
	assert_replaced("f", 0644, "new");
	assert_holds("f", "new");
}

static void replace_follows_links_and_leaves_them(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	put("d/target", VIEW("old"));
	assert_int_equal(symlink("target", "d/second"), 0);
	assert_int_equal(symlink("d/second", "first"), 0);
	assert_replaced("first", 0644, "new");
	assert_int_equal(lstat("first", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat("d/second", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat("d/target", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_holds("d/target", "new");
	assert_int_equal(count_entries(), 2);
}

static void replace_makes_what_a_dangling_link_names(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(symlink("d/new", "link"), 0);
	assert_replaced("link", 0644, "text");
	assert_holds("d/new", "text");
	assert_holds("link", "text");
}

static void replace_refuses_a_loop_of_links(void **state)
{
	(void)state;
	assert_int_equal(symlink("b", "a"), 0);
	assert_int_equal(symlink("a", "b"), 0);
	assert_not_opened("a", ELOOP, "cannot write 'a': Too many levels of symbolic links");
}

static void replace_refuses_a_folder(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	assert_not_opened("d", EISDIR, "cannot write 'd': Is a directory");
	assert_not_opened("d/", EISDIR, "cannot write 'd/': Is a directory");
}

static void replace_in_a_missing_folder_is_refused(void **state)
{
	(void)state;
	put("f", VIEW("x"));
	assert_not_opened("no/such/file", ENOENT, "cannot write 'no/such/file': No such file or directory");
	assert_not_opened("", ENOENT, "cannot write '': No such file or directory");
	assert_not_opened("new/", EISDIR, "cannot write 'new/': Is a directory");
	assert_not_opened("f/g", ENOTDIR, "cannot write 'f/g': Not a directory");
	assert_int_equal(count_entries(), 1);
}

static void replace_takes_any_file_name(void **state)
{
	char longest[256];

	(void)state;
	memset(longest, 'n', 255);
	longest[255] = '\0';
	assert_replaced("new\nline", 0644, "1");
	assert_replaced("\xff\xfe", 0644, "2");
	assert_replaced(longest, 0644, "3");
	assert_holds("new\nline", "1");
	assert_holds("\xff\xfe", "2");
	assert_holds(longest, "3");
}

static void a_pipe_is_written_to_directly(void **state)
{
	DEFER(closep) int reader = -1;
	char bytes[10] = "";
	struct stat st;

	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	reader = open("pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_replaced("pipe", 0644, "text");
	assert_int_equal(file_read_full(reader, bytes, sizeof(bytes)), 4);
	assert_string_equal(bytes, "text");
	assert_int_equal(stat("pipe", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(fsyncs, 0);
}

static void a_full_device_is_written_to_directly_and_refuses(void **state)
{
	struct file_replace f;

	(void)state;
	assert_int_equal(file_replace_open(&f, "/dev/full", 0644, NULL), 0);
	assert_null(f.temporary);
	assert_int_equal(file_write_full(f.fd, VIEW("x")), -1);
	assert_int_equal(errno, ENOSPC);
	file_replace_abort(&f);
	assert_int_equal(access("/dev/full", F_OK), 0);
}

/* As with `program -o /dev/stdout >> log`: what others wrote to the log stays. */
static void a_descriptor_s_file_is_appended_to(void **state)
{
	static const char *const folders[] = { "/proc/self/fd", "/dev/fd" };
	DEFER(closep) int fd = -1;

	(void)state;
	put("log", VIEW("old,"));
	fd = open("log", O_WRONLY | O_APPEND | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		DEFER(buf_done) struct buf path = BUF_INIT(100);

		assert_int_equal(buf_addf(&path, "%s/%d", folders[i], fd), 0);
		assert_replaced(path.ptr, 0644, "new,");
	}
	assert_holds("log", "old,new,new,");
	assert_int_equal(count_entries(), 1);
}

static void a_descriptor_s_file_goes_on_where_it_was(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(100);
	DEFER(closep) int fd = -1;

	(void)state;
	put("log", VIEW("old,"));
	fd = open("log", O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(buf_addf(&path, "/proc/self/fd/%d", fd), 0);
	assert_int_equal(file_write_full(fd, VIEW("before,")), 0);
	assert_replaced(path.ptr, 0644, "new,");
	assert_int_equal(file_write_full(fd, VIEW("after")), 0);
	assert_holds("log", "before,new,after");
}

static void a_descriptor_may_be_a_socket(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(100);
	char got[8] = "";
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(buf_addf(&path, "/dev/fd/%d", pair[0]), 0);
	assert_replaced(path.ptr, 0644, "new");
	assert_int_equal(read(pair[1], got, sizeof(got)), 3);
	assert_string_equal(got, "new");
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void assert_place(const char *path, const char *expected)
{
	DEFER(freep) char *place = file_replace_place(path);

	assert_non_null(place);
	assert_string_equal(place, expected);
}

static void what_has_to_be_writable_is_the_folder_behind_links(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0700) | symlink("d/new", "link") | symlink("/tmp/x", "far"), 0);
	assert_place("report", ".");
	assert_place("d/report", "d");
	assert_place("/report", "/");
	assert_place("link", "./d");
	assert_place("far", "/tmp");
}

static void what_has_to_be_writable_is_the_path_when_it_is_no_file(void **state)
{
	DEFER(freep) char *looped = NULL;

	(void)state;
	assert_int_equal(mkfifo("pipe", 0600) | symlink("pipe", "link") | symlink("loop", "loop"), 0);
	assert_place("pipe", "pipe");
	assert_place("link", "link");
	assert_place("/dev/full", "/dev/full");
	assert_place("/proc/self/fd/1", "/proc/self/fd/1");
	looped = file_replace_place("loop");
	assert_null(looped);
}

static void list_here(struct file_list *list)
{
	DEFER(closep) int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int errnum = 0;

	assert_int_equal(file_list_read(list, fd, &errnum), 0);
	assert_int_equal(errnum, 0);
}

static void an_empty_folder_has_no_entries(void **state)
{
	DEFER(file_list_done) struct file_list list = { .entries = NULL };

	(void)state;
	list_here(&list);
	assert_int_equal(list.count, 0);
}

static void entries_are_sorted_by_bytes(void **state)
{
	static const char *const names[] = {
		"...", "..a", ".a", "A", "a", "a\nb", "a.b", "aa", "b", "\xc3\xa4", "\xff"
	};
	DEFER(file_list_done) struct file_list list = { .entries = NULL };

	(void)state;
	for (size_t i = ARRAY_LEN(names); i-- > 0;)
		put(names[i], VIEW_NONE);
	list_here(&list);
	assert_int_equal(list.count, ARRAY_LEN(names));
	for (size_t i = 0; i < list.count; i++) {
		assert_string_equal(list.entries[i].name, names[i]);
		assert_int_equal(list.entries[i].name_len, strlen(names[i]));
	}
}

/* One of each type, in the order of their names. */
static void make_each_type(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "e-socket" };
	DEFER(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	put("a-file", VIEW("x"));
	assert_int_equal(mkdir("b-folder", 0755), 0);
	assert_int_equal(symlink("b-folder", "c-link"), 0);
	assert_int_equal(mkfifo("d-pipe", 0600), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(symlink("nowhere", "f-dangling"), 0);
}

static void assert_each_type(void)
{
	static const enum file_type types[] = { FILE_REGULAR, FILE_FOLDER,  FILE_LINK,
						FILE_SPECIAL, FILE_SPECIAL, FILE_LINK };
	DEFER(file_list_done) struct file_list list = { .entries = NULL };

	list_here(&list);
	assert_int_equal(list.count, ARRAY_LEN(types));
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.entries[i].type, types[i]);
}

static void entries_have_their_type(void **state)
{
	(void)state;
	make_each_type();
	assert_each_type();
}

static void types_that_are_not_told_are_asked_for(void **state)
{
	(void)state;
	make_each_type();
	hides_types = true;
	assert_each_type();
}

#define MANY 5000
static const char tail[] = "a name with spaces and a tail that has another length for each of the files here";

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void many_entries_equal_those_of_readdir(void **state)
{
	DEFER(file_list_done) struct file_list list = { .entries = NULL };
	DEFER(freep) char **names = calloc(MANY, sizeof(*names));
	size_t count = 0;
	DIR *here;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		DEFER(buf_done) struct buf name = BUF_INIT(200);

		assert_int_equal(buf_addf(&name, "%x-%.*s", i * 2654435761u, (int)(i % 90), tail), 0);
		put(name.ptr, VIEW_NONE);
	}
	here = opendir(".");
	for (const struct dirent *e; (e = readdir(here));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			names[count++] = strdup(e->d_name);
	(void)closedir(here);
	qsort(names, count, sizeof(*names), compare_names);
	list_here(&list);
	assert_int_equal(count, MANY);
	assert_int_equal(list.count, MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_string_equal(list.entries[i].name, names[i]);
		assert_int_equal(list.entries[i].type, FILE_REGULAR);
		free(names[i]);
	}
}

static void a_list_is_used_again(void **state)
{
	DEFER(file_list_done) struct file_list list = { .entries = NULL };

	(void)state;
	put("a", VIEW_NONE);
	put("b", VIEW_NONE);
	list_here(&list);
	assert_int_equal(list.count, 2);
	assert_int_equal(unlink("a"), 0);
	list_here(&list);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.entries[0].name, "b");
	file_list_done(&list);
	list_here(&list);
	assert_int_equal(list.count, 1);
}

static void a_failing_folder_keeps_what_was_read(void **state)
{
	DEFER(closep) int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DEFER(file_list_done) struct file_list list = { .entries = NULL };
	int errnum = 0;

	(void)state;
	put("b", VIEW_NONE);
	put("a", VIEW_NONE);
	list_fails_after = 1;
	assert_int_equal(file_list_read(&list, fd, &errnum), -1);
	assert_int_equal(errnum, EIO);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.entries[0].name, "a");
}

static void what_is_no_folder_is_an_error(void **state)
{
	DEFER(file_list_done) struct file_list list = { .entries = NULL };
	DEFER(closep) int fd = -1;
	int errnum = 0;

	(void)state;
	put("f", VIEW("x"));
	fd = open("f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(file_list_read(&list, fd, &errnum), -1);
	assert_int_equal(errnum, ENOTDIR);
	assert_int_equal(list.count, 0);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HERE(read_appends_the_whole_file),
		HERE(read_takes_files_of_any_size),
		HERE(read_of_a_file_beyond_the_ceiling_changes_nothing),
		HERE(read_says_what_is_missing),
		HERE(read_of_a_folder_is_refused),
		HERE(read_at_starts_from_the_folder),
		HERE(read_full_joins_short_reads),
		HERE(read_rest_appends_what_is_left),
		HERE(read_rest_goes_on_over_many_chunks),
		HERE(read_rest_of_nothing_is_an_empty_text),
		HERE(read_rest_says_what_it_could_not_take),
		HERE(a_short_read_is_no_end_on_proc),
		HERE(write_full_goes_on_after_signals),
		HERE(write_full_waits_on_a_non_blocking_descriptor),
		HERE(write_full_reports_a_full_disk),
		HERE(write_full_reports_a_closed_pipe),
		HERE(replace_makes_a_file_with_the_mode),
		HERE(replace_keeps_the_mode_of_what_was_there),
		HERE(replace_shows_nothing_before_the_commit),
		HERE(replace_syncs_the_file_and_its_folder),
		HERE(replace_aborted_leaves_no_trace),
		HERE(abort_after_commit_or_before_open_does_nothing),
		HERE(replace_that_cannot_be_synced_leaves_the_old),
		HERE(replace_does_not_insist_where_syncing_is_unknown),
		HERE(replace_follows_links_and_leaves_them),
		HERE(replace_makes_what_a_dangling_link_names),
		HERE(replace_refuses_a_loop_of_links),
		HERE(replace_refuses_a_folder),
		HERE(replace_in_a_missing_folder_is_refused),
		HERE(replace_takes_any_file_name),
		HERE(a_pipe_is_written_to_directly),
		HERE(a_full_device_is_written_to_directly_and_refuses),
		HERE(a_descriptor_s_file_is_appended_to),
		HERE(a_descriptor_s_file_goes_on_where_it_was),
		HERE(a_descriptor_may_be_a_socket),
		HERE(what_has_to_be_writable_is_the_folder_behind_links),
		HERE(what_has_to_be_writable_is_the_path_when_it_is_no_file),
		HERE(an_empty_folder_has_no_entries),
		HERE(entries_are_sorted_by_bytes),
		HERE(entries_have_their_type),
		HERE(types_that_are_not_told_are_asked_for),
		HERE(many_entries_equal_those_of_readdir),
		HERE(a_list_is_used_again),
		HERE(a_failing_folder_keeps_what_was_read),
		HERE(what_is_no_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
