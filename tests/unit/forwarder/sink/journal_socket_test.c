/* SPDX-License-Identifier: Apache-2.0 */
/* Sending and the fence at a plain datagram socket of the test's own, read or not read as each case wants it. */
#include "forwarder/sink/journal_socket.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/unit.h"

#define LARGE (1u << 20) /* no datagram holds it */

struct place {
	char dir[64], path[96];
	int receiver;
	atomic_bool stop;
	struct sink_env env;
	struct journal_socket socket;
};

static void listen_at(struct place *p)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, p->path, strlen(p->path) + 1);
	p->receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(p->receiver, (const struct sockaddr *)&address, sizeof(address)), 0);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof(*p));

	(void)snprintf(p->dir, sizeof(p->dir), "%s/skant-js-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	if (!mkdtemp(p->dir))
		return -1;
	(void)snprintf(p->path, sizeof(p->path), "%s/socket", p->dir);
	p->receiver = -1;
	p->env = (struct sink_env){ .stop = &p->stop, .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	p->socket = (struct journal_socket){ .env = &p->env, .path = p->path, .fd = -1 };
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	journal_socket_close(&p->socket);
	closep(&p->receiver);
	closep(&p->env.wake_fd);
	(void)unlink(p->path);
	if (rmdir(p->dir))
		return -1;
	free(p);
	return 0;
}

/* The next datagram's length; *ret_fd: what was passed with it, -1 = nothing. -1: there is none. */
static ssize_t receive(const struct place *p, char *bytes, size_t size, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = bytes, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)
	};
	ssize_t n = recvmsg(p->receiver, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL;

	*ret_fd = -1;
	if (header)
		memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	return n;
}

static void what_fits_goes_as_one_datagram(void **state)
{
	struct place *p = *state;
	char bytes[64];
	int fd;

	listen_at(p);
	assert_int_equal(journal_send(&p->socket, VIEW("MESSAGE=x\n"), 1000, NULL), 0);
	assert_int_equal(receive(p, bytes, sizeof(bytes), &fd), 10);
	assert_memory_equal(bytes, "MESSAGE=x\n", 10);
	assert_int_equal(fd, -1);
}

static void what_does_not_fit_goes_as_a_sealed_memory_file(void **state)
{
	const int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	struct place *p = *state;
	char *large = malloc(LARGE), *bytes = malloc(LARGE);
	int fd;

	assert_true(large && bytes);
	memset(large, 'x', LARGE);
	listen_at(p);
	assert_int_equal(journal_send(&p->socket, view_from(large, LARGE), 1000, NULL), 0);
	assert_int_equal(receive(p, bytes, 64, &fd), 0);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GET_SEALS) & all, all);
	assert_int_equal(pread(fd, bytes, LARGE, 0), LARGE);
	assert_memory_equal(bytes, large, LARGE);
	(void)close(fd);
	free(large);
	free(bytes);
}

static void without_a_socket_it_says_so(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;

	assert_int_equal(journal_send(&p->socket, VIEW("A=b\n"), 1000, &err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	assert_non_null(strstr(err.text, "is not there"));
	assert_int_equal(journal_fence(&p->socket, 1000, &err), -1);
}

static void a_receiver_that_went_is_said_and_the_next_one_is_found(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;
	char bytes[64];
	int fd;

	listen_at(p);
	assert_int_equal(journal_send(&p->socket, VIEW("A=1\n"), 1000, NULL), 0);
	closep(&p->receiver);
	assert_int_equal(journal_send(&p->socket, VIEW("A=2\n"), 1000, &err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	assert_int_equal(unlink(p->path), 0);
	listen_at(p);
	assert_int_equal(journal_send(&p->socket, VIEW("A=3\n"), 1000, NULL), 0);
	assert_int_equal(receive(p, bytes, sizeof(bytes), &fd), 4);
	assert_memory_equal(bytes, "A=3\n", 4);
	/* What the first one left unread is no longer waited for. */
	assert_int_equal(journal_fence(&p->socket, 1, NULL), 1);
	assert_int_equal(receive(p, bytes, sizeof(bytes), &fd), 0);
}

static void a_queue_that_nobody_reads_has_no_room_and_no_fence(void **state)
{
	struct place *p = *state;
	int status = 0;

	listen_at(p);
	assert_int_equal(journal_fence(&p->socket, 1, NULL), 1);
	for (unsigned n = 0; status == 0 && n < 100'000; n++)
		status = journal_send(&p->socket, VIEW("A=b\n"), 1, NULL);
	assert_int_equal(status, 1);
	assert_int_equal(journal_fence(&p->socket, 1, NULL), 1);
}

#define SENT 50

struct reading {
	const struct place *place;
	atomic_uint messages; /* that were not empty */
};

/* Reads up to the first empty datagram. */
static void *read_up_to_fence(void *context)
{
	struct reading *r = context;
	char bytes[64];
	ssize_t n;
	int fd;

	while ((n = receive(r->place, bytes, sizeof(bytes), &fd)) != 0)
		if (n > 0)
			atomic_fetch_add(&r->messages, 1);
	return NULL;
}

static void the_fence_falls_once_all_before_it_is_read(void **state)
{
	struct place *p = *state;
	struct reading reading = { .place = p };
	pthread_t thread;

	listen_at(p);
	assert_int_equal(pthread_create(&thread, NULL, read_up_to_fence, &reading), 0);
	for (unsigned n = 0; n < SENT; n++)
		assert_int_equal(journal_send(&p->socket, VIEW("A=1\n"), 60'000, NULL), 0);
	assert_int_equal(journal_fence(&p->socket, 60'000, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(atomic_load(&reading.messages), SENT);
}

static void it_returns_when_told_to_stop(void **state)
{
	struct place *p = *state;

	listen_at(p);
	atomic_store(&p->stop, true);
	assert_int_equal(journal_fence(&p->socket, 3'600'000, NULL), 1);
}

static void it_returns_when_woken(void **state)
{
	struct place *p = *state;

	listen_at(p);
	assert_int_equal(eventfd_write(p->env.wake_fd, 1), 0);
	assert_int_equal(journal_fence(&p->socket, 3'600'000, NULL), 1);
}

static void a_path_that_no_socket_has_is_a_mistake_of_the_configuration(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	p->socket.path = path;
	assert_int_equal(journal_send(&p->socket, VIEW("A=b\n"), 1000, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_fits_goes_as_one_datagram),
		TEST(what_does_not_fit_goes_as_a_sealed_memory_file),
		TEST(without_a_socket_it_says_so),
		TEST(a_receiver_that_went_is_said_and_the_next_one_is_found),
		TEST(a_queue_that_nobody_reads_has_no_room_and_no_fence),
		TEST(the_fence_falls_once_all_before_it_is_read),
		TEST(it_returns_when_told_to_stop),
		TEST(it_returns_when_woken),
		TEST(a_path_that_no_socket_has_is_a_mistake_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
