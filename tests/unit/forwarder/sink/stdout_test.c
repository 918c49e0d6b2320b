/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "common/base/text.h"
#include "tests/support/sinkenv.h"

#define OUTPUT_BYTES (64u << 20)

/* Standard output is a pipe or a socket while a test runs; cmocka has to get it back. */
struct output {
	int saved, reader;
};

static void take_over(struct output *o, int writer, int reader)
{
	(void)fflush(stdout);
	o->saved = dup(STDOUT_FILENO);
	o->reader = reader;
	assert_true(dup2(writer, STDOUT_FILENO) >= 0);
	(void)close(writer);
}

static void give_back(struct output *o)
{
	(void)dup2(o->saved, STDOUT_FILENO);
	(void)close(o->saved);
	closep(&o->reader);
}

static void use_pipe(struct output *o)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	take_over(o, fds[1], fds[0]);
}

struct reader {
	int fd;
	size_t chunk;
	struct buf all;
	pthread_t thread;
};

static void *read_all(void *context)
{
	struct reader *r = context;
	ssize_t n;

	while (buf_reserve(&r->all, r->chunk) == 0) {
		n = read(r->fd, r->all.ptr + r->all.len, r->chunk);
		if (n <= 0)
			break;
		r->all.len += (size_t)n;
		r->all.ptr[r->all.len] = '\0';
	}
	return NULL;
}

static void start_reader(struct reader *r, int fd, size_t chunk)
{
	*r = (struct reader){ .fd = fd, .chunk = chunk, .all = BUF_INIT(OUTPUT_BYTES) };
	assert_int_equal(pthread_create(&r->thread, NULL, read_all, r), 0);
}

/* Lines of events 1 to count, each once, whole. is_replay: all of them are marked. */
static bool is_right(const struct buf *all, size_t count, bool is_replay)
{
	struct view rest = buf_view(all), line;

	for (size_t seq = 1; seq <= count; seq++) {
		char start[64];

		(void)snprintf(start, sizeof(start), "{\"seq\":%zu,", seq);
		if (!text_next_line(&rest, &line) || !text_starts(line, view_of(start)) ||
		    !text_ends(line, VIEW("}}")) || (text_find(line, VIEW("\"replay\":true")) != SIZE_MAX) != is_replay)
			return false;
	}
	return rest.len == 0;
}

static enum sink_result deliver(void *sink, const struct sinkenv *s, size_t count, bool is_doubtful,
				struct sink_receipt *r, struct err *err)
{
	const struct sink_batch batch = sinkenv_batch(s, 1, count, is_doubtful);

	*r = (struct sink_receipt){ .confirmed = 0 };
	return sink_stdout.deliver(sink, &batch, r, err);
}

/* Without a descriptor to spare, the sink cannot open the pipe once more: it has to write to one that blocks. */
static void *open_sink(struct sinkenv *s, bool is_alone)
{
	struct rlimit limit, none;
	struct err err = ERR_INIT;
	void *sink;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = is_alone ? 0 : limit.rlim_cur;
	(void)setrlimit(RLIMIT_NOFILE, &none);
	sink = sink_stdout.open(&s->env, &err);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return sink;
}

/* All events go to a reader that takes chunk bytes at a time, each once, in order. */
static void pass(struct sinkenv *s, struct output *o, bool is_alone, size_t chunk, bool is_doubtful)
{
	struct reader reader;
	struct sink_receipt r;
	struct err err = ERR_INIT;
	enum sink_result result;
	bool is_finished;
	void *sink = open_sink(s, is_alone);

	start_reader(&reader, o->reader, chunk);
	result = deliver(sink, s, s->count, is_doubtful, &r, &err);
	is_finished = sink_stdout.finish(sink);
	sink_stdout.close(sink);
	(void)dup2(o->saved, STDOUT_FILENO); /* its reader sees the end */
	pthread_join(reader.thread, NULL);
	give_back(o);
	assert_int_equal(result, SINK_OK);
	assert_int_equal(r.confirmed, s->count);
	assert_int_equal(r.sent, s->count);
	assert_int_equal(r.bytes, reader.all.len);
	assert_true(is_finished);
	assert_true(is_right(&reader.all, s->count, is_doubtful));
	buf_done(&reader.all);
}

static void a_pipe_gets_each_event_once(void **state)
{
	struct sinkenv *s = *state;
	struct output o;

	sinkenv_fill(s, 1000, 300);
	use_pipe(&o);
	pass(s, &o, false, 65'536, false);
}

static void lines_longer_than_a_pipe_arrive_whole(void **state)
{
	struct sinkenv *s = *state;
	struct output o;

	sinkenv_fill(s, 5, 500'000);
	use_pipe(&o);
	pass(s, &o, false, 777, false);
}

static void a_pipe_that_blocks_gets_each_event_once(void **state)
{
	struct sinkenv *s = *state;
	struct output o;

	sinkenv_fill(s, 100, 30'000);
	use_pipe(&o);
	pass(s, &o, true, 777, false);
}

static void a_socket_gets_each_event_once(void **state)
{
	struct sinkenv *s = *state;
	struct output o;
	int fds[2];

	sinkenv_fill(s, 1000, 3000);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	take_over(&o, fds[1], fds[0]);
	pass(s, &o, false, 10'000, false);
}

static void what_may_be_there_already_is_marked(void **state)
{
	struct sinkenv *s = *state;
	struct output o;

	sinkenv_fill(s, 10, 300);
	use_pipe(&o);
	pass(s, &o, false, 65'536, true);
}

static void a_file_gets_each_event_once(void **state)
{
	struct sinkenv *s = *state;
	struct output o;
	DEFER(buf_done) struct buf all = BUF_INIT(OUTPUT_BYTES);
	DEFER(closep) int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct sink_receipt r;
	struct err err = ERR_INIT;
	enum sink_result result;
	void *sink;

	sinkenv_fill(s, 10, 300);
	take_over(&o, dup(fd), -1);
	sink = open_sink(s, false);
	result = deliver(sink, s, 10, false, &r, &err);
	sink_stdout.close(sink);
	give_back(&o);
	assert_int_equal(result, SINK_OK);
	assert_int_equal(buf_reserve(&all, 100'000), 0);
	all.len = (size_t)pread(fd, all.ptr, 100'000, 0);
	assert_true(is_right(&all, 10, false));
}

static void the_flags_of_a_shared_descriptor_stay(void **state)
{
	struct sinkenv *s = *state;
	struct output o;
	struct sink_receipt r;
	struct err err = ERR_INIT;
	int before, after;
	void *sink;

	sinkenv_fill(s, 1, 300);
	use_pipe(&o);
	before = fcntl(STDOUT_FILENO, F_GETFL);
	sink = open_sink(s, false);
	(void)deliver(sink, s, 1, false, &r, &err);
	after = fcntl(STDOUT_FILENO, F_GETFL);
	sink_stdout.close(sink);
	give_back(&o);
	assert_int_equal(before, after);
}

static void a_reader_that_has_gone_is_the_end(void **state)
{
	struct sinkenv *s = *state;
	struct output o;
	struct sink_receipt r;
	struct err err = ERR_INIT, idle_err = ERR_INIT;
	enum sink_result result, idle;
	void *sink;

	sinkenv_fill(s, 1, 300);
	use_pipe(&o);
	sink = open_sink(s, false);
	closep(&o.reader);
	o.reader = -1;
	idle = sink_stdout.idle(sink, NULL, &idle_err);
	result = deliver(sink, s, 1, false, &r, &err);
	sink_stdout.close(sink);
	give_back(&o);
	assert_int_equal(idle, SINK_OVER);
	assert_int_equal(result, SINK_OVER);
	assert_string_equal(err.text, "the reader of standard output has gone");
	assert_int_equal(r.confirmed, 0);
}

static size_t count_lines(const struct buf *all)
{
	size_t lines = 0;

	for (size_t i = 0; i < all->len; i++)
		lines += all->ptr[i] == '\n';
	return lines;
}

/* Nobody reads, and a stop leaves half of a long line; the next delivery completes it. */
static void half_a_line_is_completed_and_its_event_not_sent_again(void **state)
{
	struct sinkenv *s = *state;
	const uint64_t one = 1;
	struct output o;
	struct reader reader;
	struct sink_receipt first, second;
	struct err err = ERR_INIT;
	enum sink_result stopped, result;
	uint64_t count;
	void *sink;

	sinkenv_fill(s, 3, 200'000);
	use_pipe(&o);
	sink = open_sink(s, false);
	assert_int_equal(write(s->env.wake_fd, &one, sizeof(one)), sizeof(one));
	stopped = deliver(sink, s, 3, false, &first, &err);
	assert_int_equal(read(s->env.wake_fd, &count, sizeof(count)), sizeof(count));
	start_reader(&reader, o.reader, 65'536);
	result = deliver(sink, s, 3, true, &second, &err);
	sink_stdout.close(sink);
	(void)dup2(o.saved, STDOUT_FILENO);
	pthread_join(reader.thread, NULL);
	give_back(&o);
	assert_int_equal(stopped, SINK_RETRY);
	assert_int_equal(first.confirmed, 0);
	assert_int_equal(first.sent, 1);
	assert_int_equal(result, SINK_OK);
	assert_int_equal(second.confirmed, 3);
	assert_null(memmem(reader.all.ptr, 1000, "replay", 6));
	assert_int_equal(reader.all.ptr[reader.all.len - 1], '\n');
	assert_int_equal(count_lines(&reader.all), 3);
	buf_done(&reader.all);
}

static void it_is_quiet_once_the_reader_has_taken_all(void **state)
{
	struct sinkenv *s = *state;
	struct output o;
	struct sink_receipt r;
	struct err err = ERR_INIT;
	char bytes[4096];
	bool before, after, finished;
	ssize_t n;
	void *sink;

	sinkenv_fill(s, 1, 300);
	use_pipe(&o);
	sink = open_sink(s, false);
	(void)deliver(sink, s, 1, false, &r, &err);
	before = sink_stdout.is_quiet(sink);
	finished = sink_stdout.finish(sink);
	n = read(o.reader, bytes, sizeof(bytes));
	after = sink_stdout.is_quiet(sink);
	sink_stdout.close(sink);
	give_back(&o);
	assert_false(before);
	assert_false(finished);
	assert_true(n > 0);
	assert_true(after);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pipe_gets_each_event_once),
		TEST(lines_longer_than_a_pipe_arrive_whole),
		TEST(a_pipe_that_blocks_gets_each_event_once),
		TEST(a_socket_gets_each_event_once),
		TEST(what_may_be_there_already_is_marked),
		TEST(a_file_gets_each_event_once),
		TEST(the_flags_of_a_shared_descriptor_stay),
		TEST(a_reader_that_has_gone_is_the_end),
		TEST(half_a_line_is_completed_and_its_event_not_sent_again),
		TEST(it_is_quiet_once_the_reader_has_taken_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
