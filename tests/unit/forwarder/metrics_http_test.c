/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/metrics_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define REPLY_BYTES 65536
#define PATIENCE_S 30

static char folder[] = "/tmp/metrics-http-test-XXXXXX";
static char path[sizeof(folder) + 16];

static int set_up(void **state)
{
	(void)state;
	memcpy(strstr(folder, "test-") + 5, "XXXXXX", 6);
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/metrics.sock", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static int write_text(void *context, struct buf *out)
{
	return buf_add_text(out, context);
}

static int write_nothing(void *context, struct buf *out)
{
	(void)context;
	(void)out;
	return -1;
}

static struct metrics_http *serve(const char *listen, int (*write)(void *, struct buf *))
{
	static char text[] = "skant_spool_bytes 1\n";
	struct err err = ERR_INIT;
	struct metrics_http *http = metrics_http_new(listen, write, text, &err);

	if (!http)
		fail_msg("%s", err.text);
	return http;
}

/* Sends the request and reads to the end of the connection. */
static void ask_at(const struct sockaddr *address, socklen_t len, const char *request, char reply[static REPLY_BYTES])
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	DEFER(closep) int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t used = 0;
	ssize_t n;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(connect(fd, address, len), 0);
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	while (used < REPLY_BYTES - 1 && (n = recv(fd, reply + used, REPLY_BYTES - 1 - used, 0)) > 0)
		used += (size_t)n;
	reply[used] = '\0';
}

static void ask(const char *request, char reply[static REPLY_BYTES])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, path, sizeof(path));
	ask_at((const struct sockaddr *)&address, sizeof(address), request, reply);
}

#define REQUEST(method, target) method " " target " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

static void a_socket_in_a_folder_answers(void **state)
{
	struct metrics_http *http = serve(path, write_text);
	char reply[REPLY_BYTES];

	(void)state;
	ask(REQUEST("GET", "/metrics"), reply);
	metrics_http_free(http);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 200 "), reply);
	assert_non_null(strstr(reply, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(reply, "Content-Length: 20\r\n"));
	assert_non_null(strstr(reply, "\r\n\r\nskant_spool_bytes 1\n"));
}

static void a_head_is_without_its_body(void **state)
{
	struct metrics_http *http = serve(path, write_text);
	char reply[REPLY_BYTES];

	(void)state;
	ask(REQUEST("HEAD", "/metrics"), reply);
	metrics_http_free(http);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 200 "), reply);
	assert_non_null(strstr(reply, "Content-Length: 20\r\n"));
	assert_null(strstr(reply, "skant_spool_bytes"));
}

static void other_methods_and_places_are_refused(void **state)
{
	static const struct {
		const char *request, *status;
	} cases[] = {
		{ REQUEST("GET", "/"), "HTTP/1.1 404 " },
		{ REQUEST("GET", "/metrics/"), "HTTP/1.1 404 " },
		{ REQUEST("GET", "/metrics/../metrics"), "HTTP/1.1 404 " },
		{ REQUEST("DELETE", "/metrics"), "HTTP/1.1 405 " },
		{ "POST /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
		  "HTTP/1.1 405 " },
		{ "nonsense\r\n\r\n", "HTTP/1." },
	};
	struct metrics_http *http = serve(path, write_text);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char reply[REPLY_BYTES];

		ask(cases[i].request, reply);
		if (strstr(reply, cases[i].status) != reply && reply[0])
			fail_msg("%s: %s", cases[i].request, reply);
		assert_null(strstr(reply, "skant_spool_bytes"));
	}
	metrics_http_free(http);
}

static void a_query_behind_the_place_changes_nothing(void **state)
{
	struct metrics_http *http = serve(path, write_text);
	char reply[REPLY_BYTES];

	(void)state;
	ask(REQUEST("GET", "/metrics?name[]=up"), reply);
	metrics_http_free(http);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 200 "), reply);
}

static void a_request_without_end_is_ended(void **state)
{
	struct metrics_http *http = serve(path, write_text);
	DEFER(buf_done) struct buf request = BUF_INIT(1u << 20);
	char reply[REPLY_BYTES];

	(void)state;
	assert_int_equal(buf_add_text(&request, "GET /metrics HTTP/1.1\r\nHost: "), 0);
	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(buf_add_text(&request, "xxxxxxxxxxxxxxxx"), 0);
	ask(request.ptr, reply);
	assert_null(strstr(reply, "skant_spool_bytes"));
	ask(REQUEST("GET", "/metrics"), reply);
	metrics_http_free(http);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 200 "), reply);
}

static void metrics_that_cannot_be_written_are_an_error_of_the_server(void **state)
{
	struct metrics_http *http = serve(path, write_nothing);
	char reply[REPLY_BYTES];

	(void)state;
	ask(REQUEST("GET", "/metrics"), reply);
	metrics_http_free(http);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 500 "), reply);
}

/* A port that is free: taken from the system and given back. */
static uint16_t free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	DEFER(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);

	assert_int_equal(bind(fd, (const struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

/* Listens on a port of this address; another process may have taken it meanwhile: then on another one. */
static struct metrics_http *serve_port(const char *host, uint16_t *ret_port)
{
	for (unsigned i = 0; i < 20; i++) {
		char listen[64];
		struct metrics_http *http;

		*ret_port = free_port();
		(void)snprintf(listen, sizeof(listen), "%s:%u", host, *ret_port);
		http = metrics_http_new(listen, write_text, (char[]){ "x 1\n" }, NULL);
		if (http)
			return http;
	}
	return NULL;
}

static void an_address_of_this_machine_answers(void **state)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char reply[REPLY_BYTES];
	uint16_t port;
	struct metrics_http *http = serve_port("127.0.0.1", &port);

	(void)state;
	assert_non_null(http);
	four.sin_port = htons(port);
	ask_at((const struct sockaddr *)&four, sizeof(four), REQUEST("GET", "/nowhere"), reply);
	metrics_http_free(http);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 404 "), reply);
}

static void an_address_that_is_taken_is_an_error(void **state)
{
	struct err err = ERR_INIT;
	char listen[64];
	uint16_t port;
	struct metrics_http *http = serve_port("127.0.0.1", &port);

	(void)state;
	assert_non_null(http);
	(void)snprintf(listen, sizeof(listen), "127.0.0.1:%u", port);
	assert_null(metrics_http_new(listen, write_text, NULL, &err));
	metrics_http_free(http);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, listen));
}

static void what_is_no_address_is_an_error(void **state)
{
	static const char *const bad[] = { "localhost:9187",
					   "127.0.0.1",
					   "127.0.0.1:",
					   "127.0.0.1:65536",
					   "[::1:9187",
					   "[x]:1",
					   "x",
					   ":1",
					   "[]:1",
					   "[:1",
					   "/nonexistent/metrics.sock" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		assert_null(metrics_http_new(bad[i], write_text, NULL, &err));
		assert_int_not_equal(err.kind, ERR_NONE);
	}
}

static void a_socket_that_was_left_behind_is_replaced_and_taken_away_at_the_end(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	DEFER(closep) int old = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char reply[REPLY_BYTES];
	struct metrics_http *http;
	struct stat st;

	(void)state;
	memcpy(address.sun_path, path, sizeof(path));
	assert_int_equal(bind(old, (const struct sockaddr *)&address, sizeof(address)), 0);
	http = serve(path, write_text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	ask(REQUEST("GET", "/metrics"), reply);
	metrics_http_free(http);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 200 "), reply);
	assert_int_equal(stat(path, &st), -1);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	FILE *f = fopen(path, "we");
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	assert_null(metrics_http_new(path, write_text, NULL, &err));
	assert_non_null(strstr(err.text, "is no socket"));
	assert_int_equal(stat(path, &st), 0);
}

static void *ask_often(void *state)
{
	char *reply = calloc(1, REPLY_BYTES);

	(void)state;
	for (unsigned i = 0; reply && i < 20; i++) {
		ask(REQUEST("GET", "/metrics"), reply);
		if (!strstr(reply, "skant_spool_bytes 1\n"))
			abort();
	}
	free(reply);
	return NULL;
}

static void several_may_ask_at_once(void **state)
{
	struct metrics_http *http = serve(path, write_text);
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	metrics_http_free(http);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_socket_in_a_folder_answers),
		TEST(a_head_is_without_its_body),
		TEST(other_methods_and_places_are_refused),
		TEST(a_query_behind_the_place_changes_nothing),
		TEST(a_request_without_end_is_ended),
		TEST(metrics_that_cannot_be_written_are_an_error_of_the_server),
		TEST(an_address_of_this_machine_answers),
		TEST(an_address_that_is_taken_is_an_error),
		TEST(what_is_no_address_is_an_error),
		TEST(a_socket_that_was_left_behind_is_replaced_and_taken_away_at_the_end),
		TEST(a_file_that_is_no_socket_is_left_alone),
		TEST(several_may_ask_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
