/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/metrics_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define BACKLOG 8
#define CONNECTIONS_MAX 8
#define TIMEOUT_S 5
#define MEMORY_BYTES 16384 /* of one connection */
#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metrics_http {
	struct MHD_Daemon *daemon;
	int (*write)(void *context, struct buf *out);
	void *context;
	char *path; /* of the socket file, or NULL */
	int fd;
};

/* --- listening --- */

static int listen_on(struct metrics_http *http, const struct sockaddr *address, socklen_t len, const char *shown,
		     struct err *err)
{
	const int on = 1;

	http->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (http->fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket for metrics.listen");
	if (address->sa_family != AF_UNIX)
		(void)setsockopt(http->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(http->fd, address, len) || listen(http->fd, BACKLOG))
		return err_set(err, ERR_IO, errno, "cannot listen on '%s' for metrics", shown);
	return 0;
}

static int listen_unix(struct metrics_http *http, const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;
	size_t len = strlen(path);

	if (len >= sizeof(address.sun_path))
		return err_set(err, ERR_CONFIG, 0, "the path '%s' is too long for a socket", path);
	memcpy(address.sun_path, path, len + 1);
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return err_set(err, ERR_CONFIG, 0, "'%s' is there and is no socket", path);
	(void)unlink(path);
	http->path = strdup(path);
	if (!http->path)
		return err_nomem(err);
	if (listen_on(http, (const struct sockaddr *)&address, sizeof(address), path, err))
		return -1;
	return chmod(path, 0660) ? err_set(err, ERR_IO, errno, "cannot set the mode of '%s'", path) : 0;
}

static int listen_inet(struct metrics_http *http, const char *listen, struct err *err)
{
	DEFER(buf_done) struct buf host = BUF_INIT(NAME_BYTES);
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	const char *colon = strrchr(listen, ':');
	bool is_six = listen[0] == '[';
	uint64_t port;

	if (!colon || (is_six && colon[-1] != ']') || text_u64(view_of(colon + 1), UINT16_MAX, &port))
		return err_set(err, ERR_CONFIG, 0, "metrics.listen is ADDRESS:PORT or an absolute path, not '%s'",
			       listen);
	if (buf_add(&host, view_from(listen + is_six, (size_t)(colon - listen) - (is_six ? 2 : 0))))
		return err_nomem(err);
	if (is_six && inet_pton(AF_INET6, host.ptr, &six.sin6_addr) == 1) {
		six.sin6_port = htons((uint16_t)port);
		return listen_on(http, (const struct sockaddr *)&six, sizeof(six), listen, err);
	}
	if (inet_pton(AF_INET, host.ptr, &four.sin_addr) != 1)
		return err_set(err, ERR_CONFIG, 0, "metrics.listen takes an address, not a name: '%s'", listen);
	four.sin_port = htons((uint16_t)port);
	return listen_on(http, (const struct sockaddr *)&four, sizeof(four), listen, err);
}

/* --- serving --- */

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *type,
				   struct view text)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer_with_free_callback(text.len, (void *)(uintptr_t)text.ptr, free);
	enum MHD_Result result = MHD_NO;

	if (!response) {
		free((void *)(uintptr_t)text.ptr);
		return MHD_NO;
	}
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES)
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *text)
{
	char *copy = strdup(text);

	return copy ? answer_text(connection, status, "text/plain", view_of(copy)) : MHD_NO;
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url, const char *method,
			     const char *version, const char *body, size_t *body_bytes, void **state)
{
	struct metrics_http *http = context;
	struct buf text = BUF_INIT(METRICS_TEXT_BYTES);
	size_t len;

	(void)version;
	(void)body;
	(void)state;
	*body_bytes = 0;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD\n");
	if (strcmp(url, "/metrics") != 0)
		return refuse(connection, MHD_HTTP_NOT_FOUND, "/metrics\n");
	if (http->write(http->context, &text)) {
		buf_done(&text);
		return refuse(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory\n");
	}
	len = text.len;
	return answer_text(connection, MHD_HTTP_OK, CONTENT_TYPE, view_from(buf_detach(&text), len));
}

struct metrics_http *metrics_http_new(const char *listen, int (*write)(void *context, struct buf *out), void *context,
				      struct err *err)
{
	struct metrics_http *http = calloc(1, sizeof(*http));

	if (!http) {
		err_nomem(err);
		return NULL;
	}
	*http = (struct metrics_http){ .write = write, .context = context, .fd = -1 };
	if (listen[0] == '/' ? listen_unix(http, listen, err) : listen_inet(http, listen, err)) {
		metrics_http_free(http);
		return NULL;
	}
	http->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, serve, http,
					MHD_OPTION_LISTEN_SOCKET, http->fd, MHD_OPTION_CONNECTION_LIMIT,
					(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
					MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_BYTES, MHD_OPTION_END);
	if (!http->daemon) {
		err_set(err, ERR_IO, errno, "cannot serve metrics on '%s'", listen);
		metrics_http_free(http);
		return NULL;
	}
	http->fd = -1; /* the daemon's now */
	return http;
}

void metrics_http_free(struct metrics_http *http)
{
	if (!http)
		return;
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	closep(&http->fd);
	if (http->path)
		(void)unlink(http->path);
	free(http->path);
	free(http);
}
