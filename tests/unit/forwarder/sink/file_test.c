/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "forwarder/encode/encode.h"
#include "forwarder/sink/logfile.h"
#include "tests/support/sinkenv.h"

#define FILES_BYTES (256u << 20)

/* --- helpers --- */

static void *open_sink(struct sinkenv *s)
{
	struct err err = ERR_INIT;
	void *sink = sink_file.open(&s->env, &err);

	assert_non_null(sink);
	return sink;
}

static enum sink_result try(void *sink, const struct sinkenv *s, size_t first, size_t last, struct sink_receipt *r,
			    struct err *err)
{
	const struct sink_batch batch = sinkenv_batch(s, first, last, false);

	*r = (struct sink_receipt){ .confirmed = 0 };
	return sink_file.deliver(sink, &batch, r, err);
}

static void deliver(void *sink, const struct sinkenv *s, size_t first, size_t last, bool is_doubtful)
{
	const struct sink_batch batch = sinkenv_batch(s, first, last, is_doubtful);
	struct sink_receipt r = { .confirmed = 0 };
	struct err err = ERR_INIT;

	assert_int_equal(sink_file.deliver(sink, &batch, &r, &err), SINK_OK);
	assert_string_equal(err.text, "");
	assert_int_equal(r.confirmed, batch.count);
	assert_int_equal(r.sent, batch.count);
	assert_int_equal(r.exception_count, 0);
	assert_int_equal(r.durable_seq, last);
}

static void refuse(struct sinkenv *s, enum sink_result expected, const char *why)
{
	struct sink_receipt r;
	struct err err = ERR_INIT;
	void *sink = open_sink(s);

	assert_int_equal(try(sink, s, 1, 1, &r, &err), expected);
	assert_non_null(strstr(err.text, why));
	assert_int_equal(r.confirmed, 0);
	sink_file.close(sink);
}

/* What the files hold, oldest first; missing numbers are nothing. */
static void read_files(const struct sinkenv *s, struct buf *ret)
{
	for (unsigned i = s->settings.rotate_keep + 1; i-- > 0;) {
		char path[160];

		(void)snprintf(path, sizeof(path), i ? "%s.%u" : "%s", s->path, i);
		if (access(path, F_OK) == 0)
			assert_int_equal(file_read(path, ret, NULL), 0);
	}
}

/* The files hold events first to last, each once, in order, and nothing else. */
static void check_files(const struct sinkenv *s, size_t first, size_t last)
{
	DEFER(buf_done) struct buf all = BUF_INIT(FILES_BYTES);
	struct view rest, line;

	read_files(s, &all);
	assert_true(all.len > 0 && all.ptr[all.len - 1] == '\n');
	rest = buf_view(&all);
	for (size_t seq = first; seq <= last; seq++) {
		char start[64];

		(void)snprintf(start, sizeof(start), "{\"seq\":%zu,", seq);
		assert_true(text_next_line(&rest, &line));
		assert_true(text_starts(line, view_of(start)));
		assert_true(text_ends(line, VIEW("}}")));
	}
	assert_int_equal(rest.len, 0);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "ae");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

/* --- writing --- */

static void each_event_is_a_line(void **state)
{
	struct sinkenv *s = *state;
	void *sink = open_sink(s);

	sinkenv_fill(s, 2000, 100);
	deliver(sink, s, 1, 1, false);
	deliver(sink, s, 2, 1000, false);
	deliver(sink, s, 1001, 2000, false);
	sink_file.close(sink);
	check_files(s, 1, 2000);
}

static void a_new_file_is_not_for_others(void **state)
{
	struct sinkenv *s = *state;
	mode_t mask = umask(0);
	void *sink = open_sink(s);
	struct stat st;

	sinkenv_fill(s, 1, 100);
	deliver(sink, s, 1, 1, false);
	sink_file.close(sink);
	(void)umask(mask);
	assert_int_equal(stat(s->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void a_replay_is_written_though_it_is_there(void **state)
{
	struct sinkenv *s = *state;
	DEFER(buf_done) struct buf all = BUF_INIT(FILES_BYTES);
	struct sink_receipt r;
	struct err err = ERR_INIT;
	void *sink = open_sink(s);

	sinkenv_fill(s, 3, 100);
	deliver(sink, s, 1, 3, false);
	s->events[0].is_replay = true;
	assert_int_equal(try(sink, s, 1, 1, &r, &err), SINK_OK);
	assert_int_equal(r.confirmed, 1);
	assert_int_equal(r.durable_seq, 0);
	sink_file.close(sink);
	read_files(s, &all);
	assert_non_null(strstr(all.ptr, "\"replay\":true"));
}

/* --- doubt --- */

static void what_is_there_is_not_written_again(void **state)
{
	struct sinkenv *s = *state;
	void *sink = open_sink(s);

	sinkenv_fill(s, 2000, 100);
	deliver(sink, s, 1, 1000, false);
	deliver(sink, s, 1001, 1500, false);
	sink_file.close(sink);
	s->env.encoding.pid = 2; /* another process writes other bytes */
	sink = open_sink(s);
	deliver(sink, s, 1001, 2000, true);
	deliver(sink, s, 1001, 2000, true);
	sink_file.close(sink);
	check_files(s, 1, 2000);
}

static void what_is_missing_in_between_is_written(void **state)
{
	struct sinkenv *s = *state;
	DEFER(buf_done) struct buf all = BUF_INIT(FILES_BYTES);
	void *sink = open_sink(s);

	sinkenv_fill(s, 4, 100);
	deliver(sink, s, 1, 1, false);
	deliver(sink, s, 3, 3, false);
	deliver(sink, s, 1, 4, true);
	sink_file.close(sink);
	read_files(s, &all);
	assert_int_equal(all.len, 4 * (text_find_byte(buf_view(&all), '\n') + 1));
	for (size_t i = 0; i < 4; i++)
		assert_non_null(strstr(all.ptr, s->ids[i]));
}

static void a_line_that_quotes_a_chain_is_not_its_event(void **state)
{
	struct sinkenv *s = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(1000);
	DEFER(buf_done) struct buf all = BUF_INIT(FILES_BYTES);
	void *sink = open_sink(s);

	sinkenv_fill(s, 1, 100);
	assert_int_equal(buf_add_text(&text, "{\"head\":\""), 0);
	assert_int_equal(digest_add_hex(&text, s->events[0].chain, DIGEST_SHA256_BYTES), 0);
	assert_int_equal(buf_add_text(&text, "\"}\n"), 0);
	write_file(s->path, text.ptr);
	deliver(sink, s, 1, 1, true);
	sink_file.close(sink);
	read_files(s, &all);
	assert_non_null(strstr(all.ptr, "activity_1"));
}

/* Another process, which writes another process id, finds what the first one wrote. */
static void check_format(struct sinkenv *s, const struct encoder *encoder)
{
	uint64_t size;
	void *sink;

	s->env.encoder = encoder;
	s->env.encoding.pid = 7;
	sink = open_sink(s);
	deliver(sink, s, 1, 15, false);
	sink_file.close(sink);
	size = size_of(s->path);
	s->env.encoding.pid = 77'777;
	sink = open_sink(s);
	deliver(sink, s, 1, 15, true);
	assert_int_equal(size_of(s->path), size);
	deliver(sink, s, 1, 20, true);
	assert_true(size_of(s->path) > size);
	sink_file.close(sink);
	assert_int_equal(unlink(s->path), 0);
}

static void every_format_tells_what_is_there(void **state)
{
	struct sinkenv *s = *state;

	sinkenv_fill(s, 20, 100);
	for (size_t i = 0; i < s->count; i++) {
		struct err err = ERR_INIT;

		s->events[i].feed = VIEW("audit");
		s->events[i].type = VIEW("platform_api_key_created");
		s->events[i].origin = EVENT_PLATFORM;
		assert_int_equal(event_read(&s->events[i], &err), 0);
	}
	for (size_t f = 0; f < encode_name_count; f++)
		check_format(s, encode_find(encode_names[f]));
	for (size_t i = 0; i < s->count; i++)
		event_done(&s->events[i]);
}

static void half_a_line_of_ours_is_cut_off(void **state)
{
	struct sinkenv *s = *state;
	void *sink = open_sink(s);

	sinkenv_fill(s, 3, 100);
	deliver(sink, s, 1, 2, false);
	sink_file.close(sink);
	for (uint64_t cut = 1; cut < 100; cut += 7) {
		assert_int_equal(truncate(s->path, (off_t)(size_of(s->path) - cut)), 0);
		sink = open_sink(s);
		deliver(sink, s, 1, 2, true);
		sink_file.close(sink);
		check_files(s, 1, 2);
	}
}

static void zeros_at_the_end_are_cut_off(void **state)
{
	struct sinkenv *s = *state;
	void *sink = open_sink(s);

	sinkenv_fill(s, 3, 100);
	deliver(sink, s, 1, 2, false);
	sink_file.close(sink);
	assert_int_equal(truncate(s->path, (off_t)(size_of(s->path) + 5000)), 0);
	sink = open_sink(s);
	deliver(sink, s, 1, 3, true);
	sink_file.close(sink);
	check_files(s, 1, 3);
}

static void what_others_wrote_stays(void **state)
{
	struct sinkenv *s = *state;
	DEFER(buf_done) struct buf all = BUF_INIT(FILES_BYTES);
	void *sink = open_sink(s);

	sinkenv_fill(s, 2, 100);
	write_file(s->path, "# a note without an end");
	deliver(sink, s, 1, 1, true);
	write_file(s->path, "# and one more");
	deliver(sink, s, 2, 2, false);
	sink_file.close(sink);
	read_files(s, &all);
	assert_true(text_starts(buf_view(&all), VIEW("# a note without an end\n{\"seq\":1,")));
	assert_non_null(strstr(all.ptr, "}\n# and one more\n{\"seq\":2,"));
}

/* --- rotation --- */

static void a_file_that_is_full_is_moved_on(void **state)
{
	struct sinkenv *s = *state;
	char path[160];
	void *sink;

	s->settings.rotate_bytes = 4096;
	s->settings.rotate_keep = 11;
	sink = open_sink(s);
	sinkenv_fill(s, 100, 200);
	deliver(sink, s, 1, 60, false);
	deliver(sink, s, 61, 90, false);
	sink_file.close(sink);
	check_files(s, 1, 90);
	for (unsigned i = 0; i < 8; i++) {
		(void)snprintf(path, sizeof(path), i ? "%s.%u" : "%s", s->path, i);
		assert_in_range(size_of(path), 1, 4096);
	}
}

static void only_so_many_old_files_are_kept(void **state)
{
	struct sinkenv *s = *state;
	char path[160];
	void *sink;

	s->settings.rotate_bytes = 4096;
	s->settings.rotate_keep = 2;
	sink = open_sink(s);
	sinkenv_fill(s, 100, 200);
	deliver(sink, s, 1, 100, false);
	sink_file.close(sink);
	(void)snprintf(path, sizeof(path), "%s.3", s->path);
	assert_int_equal(access(path, F_OK), -1);
	(void)snprintf(path, sizeof(path), "%s.2", s->path);
	assert_int_equal(access(path, F_OK), 0);
}

static void an_event_larger_than_a_file_may_be_has_one_of_its_own(void **state)
{
	struct sinkenv *s = *state;
	void *sink;

	s->settings.rotate_bytes = 4096;
	sink = open_sink(s);
	sinkenv_fill(s, 3, 10'000);
	deliver(sink, s, 1, 3, false);
	sink_file.close(sink);
	check_files(s, 1, 3);
}

static void doubt_reaches_into_the_files_before(void **state)
{
	struct sinkenv *s = *state;
	void *sink;

	s->settings.rotate_bytes = 4096;
	s->settings.rotate_keep = 11;
	sink = open_sink(s);
	sinkenv_fill(s, 90, 200);
	deliver(sink, s, 1, 80, false);
	sink_file.close(sink);
	sink = open_sink(s);
	deliver(sink, s, 1, 90, true);
	sink_file.close(sink);
	check_files(s, 1, 90);
}

static void a_rotation_that_was_interrupted_loses_nothing(void **state)
{
	struct sinkenv *s = *state;
	char one[160], two[160];
	void *sink;

	s->settings.rotate_bytes = 4096;
	sink = open_sink(s);
	sinkenv_fill(s, 36, 200);
	deliver(sink, s, 1, 12, false);
	(void)snprintf(one, sizeof(one), "%s.1", s->path);
	(void)snprintf(two, sizeof(two), "%s.2", s->path);
	assert_int_equal(rename(one, two), 0);
	deliver(sink, s, 13, 36, false);
	sink_file.close(sink);
	check_files(s, 1, 36);
}

static void a_file_that_was_moved_away_is_followed_by_a_new_one(void **state)
{
	struct sinkenv *s = *state;
	char one[160];
	void *sink = open_sink(s);

	sinkenv_fill(s, 4, 100);
	deliver(sink, s, 1, 2, false);
	(void)snprintf(one, sizeof(one), "%s.1", s->path);
	assert_int_equal(rename(s->path, one), 0);
	deliver(sink, s, 3, 4, false);
	check_files(s, 1, 4);
	assert_int_equal(unlink(one), 0);
	assert_int_equal(unlink(s->path), 0);
	deliver(sink, s, 1, 4, false);
	sink_file.close(sink);
	check_files(s, 1, 4);
}

/* --- trouble --- */

static void a_folder_a_pipe_and_a_link_are_refused(void **state)
{
	struct sinkenv *s = *state;

	sinkenv_fill(s, 1, 100);
	assert_int_equal(mkdir(s->path, 0700), 0);
	refuse(s, SINK_BROKEN, "it is a folder");
	assert_int_equal(rmdir(s->path), 0);
	assert_int_equal(mkfifo(s->path, 0600), 0);
	refuse(s, SINK_BROKEN, "it is a named pipe");
	assert_int_equal(unlink(s->path), 0);
	assert_int_equal(symlink("elsewhere", s->path), 0);
	refuse(s, SINK_BROKEN, "it is a symbolic link");
}

static void a_socket_and_a_device_are_refused(void **state)
{
	static char null[] = "/dev/null";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct sinkenv *s = *state;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sinkenv_fill(s, 1, 100);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", s->path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	refuse(s, SINK_BROKEN, "it is a socket: a sink of type 'syslog'");
	(void)close(fd);
	s->settings.path = null;
	refuse(s, SINK_BROKEN, "it is a device");
	s->settings.path = s->path;
}

static void a_path_that_cannot_be_needs_a_person(void **state)
{
	struct sinkenv *s = *state;
	char path[600];

	sinkenv_fill(s, 1, 100);
	write_file(s->path, "");
	(void)snprintf(path, sizeof(path), "%s/below-a-file", s->path);
	s->settings.path = path;
	refuse(s, SINK_BROKEN, "Not a directory");
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	refuse(s, SINK_BROKEN, "File name too long");
	s->settings.path = s->path;
}

static void a_path_without_a_folder_is_in_the_current_one(void **state)
{
	static char name[] = "audit.jsonl";
	DEFER(buf_done) struct buf report = BUF_INIT(4096);
	struct sinkenv *s = *state;
	struct err err = ERR_INIT;
	void *sink;

	sinkenv_fill(s, 2, 100);
	assert_int_equal(chdir(s->dir), 0);
	s->settings.path = name;
	sink = open_sink(s);
	deliver(sink, s, 1, 2, false);
	assert_int_equal(sink_file.probe(sink, &report, &err), 0);
	assert_non_null(strstr(report.ptr, "'audit.jsonl' can be appended to; free space: "));
	sink_file.close(sink);
	assert_int_equal(chdir("/"), 0);
	s->settings.path = s->path;
	check_files(s, 1, 2);
}

/* Until it may grow again, only whole lines are in it. */
static void a_file_that_may_not_grow_keeps_whole_lines_only(void **state)
{
	struct sinkenv *s = *state;
	struct rlimit old, small;
	struct sink_receipt r;
	struct err err = ERR_INIT;
	void *sink;

	sinkenv_fill(s, 10, 1000);
	sink = open_sink(s);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 3000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(try(sink, s, 1, 10, &r, &err), SINK_RETRY);
	assert_int_equal(err.errnum, EFBIG);
	assert_int_equal(r.confirmed, 2);
	assert_int_equal(r.durable_seq, 2);
	check_files(s, 1, 2);
	small.rlim_cur = 500; /* not even one more byte */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(try(sink, s, 3, 10, &r, &err), SINK_RETRY);
	assert_int_equal(r.confirmed, 0);
	check_files(s, 1, 2);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	deliver(sink, s, 3, 10, false);
	check_files(s, 1, 10);
	sink_file.close(sink);
}

static void a_folder_that_is_not_there_may_come(void **state)
{
	struct sinkenv *s = *state;
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/missing/audit", s->dir);
	s->settings.path = path;
	sinkenv_fill(s, 1, 100);
	refuse(s, SINK_RETRY, "No such file or directory");
	s->settings.path = s->path;
}

static void only_one_may_write(void **state)
{
	struct sinkenv *s = *state;
	int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	sinkenv_fill(s, 1, 100);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	refuse(s, SINK_RETRY, "another process writes");
	(void)close(fd);
}

static void a_stop_ends_a_delivery_between_events(void **state)
{
	struct sinkenv *s = *state;

	sinkenv_fill(s, 10, 100);
	atomic_store(&s->stop, true);
	refuse(s, SINK_RETRY, "stopped");
}

/* A file system on which there is room for some of the events. Only root may make one. */
static void on_a_full_disk_what_fits_is_there_and_the_rest_comes_later(void **state)
{
	struct sinkenv *s = *state;
	struct sink_receipt r;
	struct err err = ERR_INIT;
	char path[200];
	void *sink;

	if (mount("none", s->dir, "tmpfs", 0, "size=64k"))
		skip_because("who runs this may not mount");
	(void)snprintf(path, sizeof(path), "%s/filler", s->dir);
	sinkenv_fill(s, 200, 1000);
	write_file(path, "gone soon, and until then in the way");
	sink = open_sink(s);
	assert_int_equal(try(sink, s, 1, 200, &r, &err), SINK_RETRY);
	assert_int_equal(err.errnum, ENOSPC);
	assert_in_range(r.confirmed, 1, 199);
	assert_int_equal(r.sent, r.confirmed);
	assert_int_equal(r.durable_seq, r.confirmed);
	check_files(s, 1, r.confirmed);
	assert_int_equal(unlink(path), 0);
	deliver(sink, s, r.confirmed + 1, r.confirmed + 2, false);
	check_files(s, 1, r.confirmed + 2);
	sink_file.close(sink);
	assert_int_equal(umount(s->dir), 0);
}

static void on_a_disk_that_may_only_be_read_it_waits(void **state)
{
	struct sinkenv *s = *state;

	if (mount("none", s->dir, "tmpfs", MS_RDONLY, "size=64k"))
		skip_because("who runs this may not mount");
	sinkenv_fill(s, 1, 100);
	refuse(s, SINK_RETRY, "Read-only file system");
	assert_int_equal(umount(s->dir), 0);
}

/* --- killed at any moment --- */

/* What the courier would have stored: how many events are confirmed. Shared by parent and child. */
struct progress {
	atomic_size_t confirmed;
};

/* Writes until it is killed, or all is there. */
static void write_until_killed(struct sinkenv *s, struct progress *p, size_t batch_events)
{
	void *sink = open_sink(s);
	size_t doubt_to = atomic_load(&p->confirmed) + batch_events;

	s->env.encoding.pid = (uint64_t)getpid();
	for (size_t at; (at = atomic_load(&p->confirmed)) < s->count;) {
		size_t last = at + batch_events < s->count ? at + batch_events : s->count;
		const struct sink_batch batch = sinkenv_batch(s, at + 1, last, at < doubt_to);
		struct sink_receipt r = { .confirmed = 0 };

		if (sink_file.deliver(sink, &batch, &r, NULL) == SINK_OK)
			atomic_store(&p->confirmed, at + r.confirmed);
	}
	sink_file.close(sink);
}

static void killed_at_any_moment_each_line_is_there_once(void **state)
{
	struct sinkenv *s = *state;
	struct progress *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned kills = 0, most_us = 1000, seed = 12'345;
	int status = -1;

	assert_ptr_not_equal(p, MAP_FAILED);
	sinkenv_fill(s, 10'000, 300);
	s->settings.rotate_bytes = 1u << 20;
	s->settings.rotate_keep = 11;
	while (status != 0) {
		pid_t child = fork();

		if (child == 0) {
			write_until_killed(s, p, 200);
			_exit(0);
		}
		/* Ever longer, so that it comes to an end on any machine. */
		seed = seed * 1'103'515'245 + 12'345;
		(void)usleep((seed >> 8) % (most_us += 300));
		kills += kill(child, SIGKILL) == 0;
		assert_int_equal(waitpid(child, &status, 0), child);
	}
	assert_true(kills > 1);
	check_files(s, 1, s->count);
	(void)munmap(p, sizeof(*p));
}

/* --- reading back --- */

struct told {
	size_t count, replays;
	uint64_t last_seq;
	unsigned char hash[DIGEST_SHA256_BYTES];
};

static int take(void *context, const struct event *event, struct err *)
{
	struct told *t = context;

	t->count++;
	t->replays += event->is_replay;
	t->last_seq = event->seq;
	memcpy(t->hash, event->hash, sizeof(t->hash));
	return 0;
}

static void all_files_are_read_back(void **state)
{
	struct sinkenv *s = *state;
	struct told t = { .count = 0 };
	struct err err = ERR_INIT;
	void *sink;

	s->settings.rotate_bytes = 4096;
	s->settings.rotate_keep = 11;
	sink = open_sink(s);
	sinkenv_fill(s, 60, 200);
	deliver(sink, s, 1, 60, false);
	assert_int_equal(sink_file.read_back(sink, 0, INT64_MAX, take, &t, &err), 0);
	assert_int_equal(t.count, 60);
	assert_int_equal(t.replays, 0);
	assert_int_equal(t.last_seq, 60);
	assert_memory_equal(t.hash, s->events[59].hash, DIGEST_SHA256_BYTES);
	sink_file.close(sink);
}

static void altered_bytes_are_told_by_their_own_hash(void **state)
{
	struct sinkenv *s = *state;
	DEFER(buf_done) struct buf all = BUF_INIT(FILES_BYTES);
	struct told t = { .count = 0 };
	struct err err = ERR_INIT;
	void *sink = open_sink(s);
	char *place;

	sinkenv_fill(s, 1, 100);
	deliver(sink, s, 1, 1, false);
	read_files(s, &all);
	place = strstr(all.ptr, "\"n\":1");
	assert_non_null(place);
	place[4] = '2';
	assert_int_equal(truncate(s->path, 0), 0);
	write_file(s->path, all.ptr);
	assert_int_equal(sink_file.read_back(sink, 0, INT64_MAX, take, &t, &err), 0);
	assert_int_equal(t.count, 1);
	assert_memory_not_equal(t.hash, s->events[0].hash, DIGEST_SHA256_BYTES);
	sink_file.close(sink);
}

static void a_file_that_is_not_there_holds_nothing(void **state)
{
	struct sinkenv *s = *state;
	struct told t = { .count = 0 };
	struct err err = ERR_INIT;
	void *sink = open_sink(s);

	assert_int_equal(sink_file.read_back(sink, 0, INT64_MAX, take, &t, &err), 0);
	assert_int_equal(t.count, 0);
	sink_file.close(sink);
}

static int take_line(void *context, struct view line, struct err *)
{
	struct buf *all = context;

	return buf_add(all, line) || buf_add_byte(all, ';') ? -1 : 0;
}

static void a_limit_leaves_the_line_out_that_it_falls_into(void **state)
{
	/* Of "a\n\nb\n" and "c\nd", by so many bytes from the end; d is not whole. */
	static const char *const expected[] = {
		"", "", "", "c;", "c;", "b;c;", ";b;c;", ";b;c;", "a;;b;c;", "a;;b;c;"
	};
	struct sinkenv *s = *state;
	char one[160];

	(void)snprintf(one, sizeof(one), "%s.1", s->path);
	write_file(one, "a\n\nb\n");
	write_file(s->path, "c\nd");
	for (uint64_t max = 0; max < ARRAY_LEN(expected); max++) {
		DEFER(buf_done) struct buf all = BUF_INIT(1000);
		struct err err = ERR_INIT;

		assert_int_equal(logfile_each_line(s->path, 3, max, take_line, &all, &err), 0);
		assert_string_equal(all.len ? all.ptr : "", expected[max]);
	}
}

static void a_probe_says_what_stands_in_the_way_and_writes_nothing(void **state)
{
	struct sinkenv *s = *state;
	DEFER(buf_done) struct buf report = BUF_INIT(10'000);
	struct err err = ERR_INIT;
	void *sink = open_sink(s);

	assert_int_equal(sink_file.probe(sink, &report, &err), 0);
	assert_non_null(strstr(report.ptr, "can be made"));
	assert_int_equal(access(s->path, F_OK), -1);
	assert_int_equal(symlink("elsewhere", s->path), 0);
	assert_int_equal(sink_file.probe(sink, &report, &err), 1);
	assert_non_null(strstr(report.ptr, "symbolic link"));
	sink_file.close(sink);
}

/* Half a report would say something else. */
static void a_probe_without_room_for_its_report_says_so(void **state)
{
	struct sinkenv *s = *state;
	void *sink = open_sink(s);
	struct err err = ERR_INIT;
	size_t room = 1;
	int status = -1;

	for (; status && room < 1000; room++) {
		DEFER(buf_done) struct buf report = BUF_INIT(room);

		err = (struct err)ERR_INIT;
		status = sink_file.probe(sink, &report, &err);
		assert_int_equal(status, status ? -1 : 0);
		assert_int_equal(err.kind, status ? ERR_NOMEM : ERR_NONE);
	}
	assert_in_range(room, 60, 999);
	sink_file.close(sink);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_event_is_a_line),
		TEST(a_new_file_is_not_for_others),
		TEST(a_replay_is_written_though_it_is_there),
		TEST(what_is_there_is_not_written_again),
		TEST(what_is_missing_in_between_is_written),
		TEST(a_line_that_quotes_a_chain_is_not_its_event),
		TEST(every_format_tells_what_is_there),
		TEST(half_a_line_of_ours_is_cut_off),
		TEST(zeros_at_the_end_are_cut_off),
		TEST(what_others_wrote_stays),
		TEST(a_file_that_is_full_is_moved_on),
		TEST(only_so_many_old_files_are_kept),
		TEST(an_event_larger_than_a_file_may_be_has_one_of_its_own),
		TEST(doubt_reaches_into_the_files_before),
		TEST(a_rotation_that_was_interrupted_loses_nothing),
		TEST(a_file_that_was_moved_away_is_followed_by_a_new_one),
		TEST(a_folder_a_pipe_and_a_link_are_refused),
		TEST(a_socket_and_a_device_are_refused),
		TEST(a_path_that_cannot_be_needs_a_person),
		TEST(a_path_without_a_folder_is_in_the_current_one),
		TEST(a_file_that_may_not_grow_keeps_whole_lines_only),
		TEST(a_probe_without_room_for_its_report_says_so),
		TEST(a_folder_that_is_not_there_may_come),
		TEST(only_one_may_write),
		TEST(a_stop_ends_a_delivery_between_events),
		TEST(on_a_full_disk_what_fits_is_there_and_the_rest_comes_later),
		TEST(on_a_disk_that_may_only_be_read_it_waits),
		TEST(killed_at_any_moment_each_line_is_there_once),
		TEST(all_files_are_read_back),
		TEST(altered_bytes_are_told_by_their_own_hash),
		TEST(a_file_that_is_not_there_holds_nothing),
		TEST(a_limit_leaves_the_line_out_that_it_falls_into),
		TEST(a_probe_says_what_stands_in_the_way_and_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
