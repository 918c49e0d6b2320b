/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "tests/mock/must.h"
#include "tests/mock/wire.h"

#define PEM_BYTES (1u << 20)
#define PATH_BYTES 4096
#define CONNECTIONS_MAX 1000
#define BACKLOG 512
#define TEXT_ADDRESS 64

struct server {
	struct mock *mock;
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock; /* of the mock */
	int listen_fd, stop_fd;
	unsigned port;
	struct buf cert, key;
};

struct exchange { /* one request from its first line to its end */
	char *target;
	bool has_begun;
	struct http_request rq;
};

static void *begin(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *x = must_have(calloc(1, sizeof(*x)));

	(void)context;
	(void)connection;
	x->target = must_have(strdup(uri));
	return x;
}

static void end(void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)context;
	(void)connection;
	(void)code;
	if (!x)
		return;
	if (x->has_begun)
		http_request_done(&x->rq);
	free(x->target);
	free(x);
	*state = NULL;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	http_add_header(context, view_of(name), view_of(value ? value : ""));
	return MHD_YES;
}

static void count_connection(void *context, struct MHD_Connection *connection, void **state,
			     enum MHD_ConnectionNotificationCode code)
{
	struct server *s = context;

	(void)connection;
	(void)state;
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->mock->connections++;
	(void)pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result send_raw(const struct server *s, struct MHD_Connection *connection, const struct http_reply *rp,
				const struct wire_fault *f)
{
	const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *session =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	struct wire wire = { .fd = fd->connect_fd,
			     .session = session ? session->tls_session : NULL,
			     .stop_fd = s->stop_fd };

	wire_send(&wire, rp, f);
	return MHD_NO; /* closes the connection */
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct http_reply *rp)
{
	struct MHD_Response *response;
	enum MHD_Result ret;

	if (rp->shared.len) {
		response = MHD_create_response_from_buffer(rp->shared.len, (void *)(uintptr_t)rp->shared.ptr,
							   MHD_RESPMEM_PERSISTENT);
	} else {
		size_t len = rp->body.len;

		response = MHD_create_response_from_buffer(len, len ? buf_detach(&rp->body) : NULL,
							   len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	}
	must_have(response);
	for (size_t i = 0; i < rp->header_count; i++)
		must(MHD_add_response_header(response, rp->headers[i].name, rp->headers[i].value) != MHD_YES);
	ret = MHD_queue_response(connection, rp->status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result answer(struct server *s, struct MHD_Connection *connection, struct exchange *x)
{
	DEFER(http_reply_done) struct http_reply rp;
	struct wire_fault wire;

	http_reply_init(&rp);
	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &x->rq);
	(void)pthread_mutex_lock(&s->lock);
	mock_answer(s->mock, &x->rq, &rp, &wire);
	(void)pthread_mutex_unlock(&s->lock);
	if (wire.delay_ms)
		wire_wait(s->stop_fd, wire.delay_ms);
	return wire_is_needed(&wire) ? send_raw(s, connection, &rp, &wire) : send_reply(connection, &rp);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *data, size_t *size, void **state)
{
	struct exchange *x = *state;

	(void)url;
	(void)version;
	if (!x->has_begun) {
		http_request_init(&x->rq, method, x->target);
		x->has_begun = true;
		return MHD_YES;
	}
	if (*size) {
		if (buf_add(&x->rq.body, view_from(data, *size)))
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	}
	return answer(context, connection, x);
}

/* ADDR:PORT, where an IPv6 address stands in brackets. */
static int read_address(const char *text, struct sockaddr_storage *ret, socklen_t *ret_len, struct err *err)
{
	const char *colon = strrchr(text, ':');
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	char address[TEXT_ADDRESS];
	bool is_six = text[0] == '[';
	uint64_t port;

	*ret = (struct sockaddr_storage){ .ss_family = is_six ? AF_INET6 : AF_INET };
	if (!colon || (size_t)(colon - text) >= sizeof(address) || text_u64(view_of(colon + 1), 65535, &port))
		return err_set(err, ERR_USAGE, 0, "--listen: ADDRESS:PORT was expected");
	(void)snprintf(address, sizeof(address), "%.*s", (int)(colon - text) - 2 * is_six, text + is_six);
	if (inet_pton(ret->ss_family, address, is_six ? (void *)&six->sin6_addr : (void *)&four->sin_addr) != 1)
		return err_set(err, ERR_USAGE, 0, "--listen: a numeric address was expected");
	if (is_six)
		six->sin6_port = htons((uint16_t)port);
	else
		four->sin_port = htons((uint16_t)port);
	*ret_len = is_six ? sizeof(*six) : sizeof(*four);
	return 0;
}

static int open_socket(struct server *s, struct err *err)
{
	struct sockaddr_storage address;
	socklen_t len;
	int on = 1;

	if (read_address(s->mock->settings->listen, &address, &len, err))
		return -1;
	s->listen_fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->listen_fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	(void)setsockopt(s->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(s->listen_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* connections take it over */
	if (bind(s->listen_fd, (struct sockaddr *)&address, len) || listen(s->listen_fd, BACKLOG) ||
	    getsockname(s->listen_fd, (struct sockaddr *)&address, &len))
		return err_set(err, ERR_IO, errno, "cannot listen on %s", s->mock->settings->listen);
	s->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
						      : ((struct sockaddr_in *)&address)->sin_port);
	return 0;
}

static int read_pem(const struct settings *s, const char *suffix, struct buf *ret, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);

	if (buf_addf(&path, "%s/%s.%s", s->tls_dir, s->cert, suffix))
		return err_set(err, ERR_USAGE, 0, "--tls: the path is too long");
	return file_read(path.ptr, ret, err);
}

static int start(struct server *s, struct err *err)
{
	unsigned flags =
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	struct MHD_OptionItem tls[] = { { MHD_OPTION_END, 0, NULL },
					{ MHD_OPTION_END, 0, NULL },
					{ MHD_OPTION_END, 0, NULL } };
	const struct settings *settings = s->mock->settings;

	if (settings->tls_dir) {
		if (read_pem(settings, "pem", &s->cert, err) || read_pem(settings, "key", &s->key, err))
			return -1;
		flags |= MHD_USE_TLS;
		tls[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert.ptr };
		tls[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, s->key.ptr };
	}
	s->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, handle, s, MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_URI_LOG_CALLBACK, begin, NULL, MHD_OPTION_NOTIFY_COMPLETED, end,
		NULL, MHD_OPTION_NOTIFY_CONNECTION, count_connection, s, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (!s->daemon)
		return err_set(err, ERR_IO, 0,
			       "the HTTP library does not start; are the certificate and its key right?");
	s->listen_fd = -1; /* the library's own now */
	return 0;
}

static void release(struct server *s)
{
	closep(&s->listen_fd);
	closep(&s->stop_fd);
	buf_done(&s->cert);
	buf_wipe(&s->key);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

struct server *server_start(struct mock *mock, struct err *err)
{
	struct server *s = must_have(calloc(1, sizeof(*s)));

	s->mock = mock;
	s->listen_fd = -1;
	s->cert.max = s->key.max = PEM_BYTES;
	s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&s->lock, NULL);
	if (s->stop_fd < 0) {
		(void)err_set(err, ERR_IO, errno, "cannot make an eventfd");
	} else if (open_socket(s, err) == 0 && start(s, err) == 0) {
		return s;
	}
	release(s);
	return NULL;
}

unsigned server_port(const struct server *s)
{
	return s->port;
}

void server_stop(struct server *s)
{
	const uint64_t one = 1;

	(void)!write(s->stop_fd, &one, sizeof(one));
	MHD_stop_daemon(s->daemon);
	release(s);
}
