/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/api/transport_fault.h"
#include "common/api/transport_memory.h"
#include "common/api/transport_unpack.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/gunzip.h"
#include "common/sys/sigpipe.h"

#define NS_PER_MS UINT64_C(1'000'000)
#define RECEIVE_BYTES (256L << 10)
#define API_VERSION "2023-06-01"

struct transport {
	CURL *easy;
	const struct profile *profile;
	struct buf url;
	struct gunzip *gunzip;
	struct buf packed; /* a body as it comes, when it is compressed */
	char error[CURL_ERROR_SIZE];
	const struct transport_request *request; /* of the exchange that is going on */
	struct transport_reply *reply;
	enum transport_fault fault; /* that a callback found */
	uint64_t received;          /* bytes of the body, kept or not */
};

static int cannot_use(CURLcode rc, struct err *err)
{
	return err_set(err, rc == CURLE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_INTERNAL, 0, "libcurl cannot be used: %s",
		       curl_easy_strerror(rc));
}

/* Once for the process; again only when there was no memory for it. */
int transport_init(struct err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static CURLcode result = CURLE_FAILED_INIT;
	CURLcode rc;

	(void)pthread_mutex_lock(&lock);
	if (result)
		result = curl_global_init_mem(CURL_GLOBAL_DEFAULT, transport_memory_malloc, transport_memory_free,
					      transport_memory_realloc, transport_memory_strdup,
					      transport_memory_calloc);
	rc = result;
	(void)pthread_mutex_unlock(&lock);
	return rc ? cannot_use(rc, err) : 0;
}

/* Nothing of the whole process: of a redirect, a file or a mail nobody knows here. */
static CURLcode set_protocol(CURL *easy, const struct profile *profile)
{
	bool is_plain = text_eq_nocase(view_sub(view_of(profile->base_url), 0, 5), VIEW("http:"));
	CURLcode rc = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");

	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	if (!rc && is_plain) /* a key in plain text is for this machine alone, not for a proxy */
		rc = curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (!rc) /* nghttp2 keeps copies of an HTTP/2 request's headers in memory that nobody overwrites */
		rc = curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (!rc) /* unpacking a whole body takes half the time that unpacking a stream takes */
		rc = curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	return rc;
}

static CURLcode set_trust(CURL *easy, const struct profile *profile)
{
	CURLcode rc = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);

	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!rc && profile->ca_file) {
		rc = curl_easy_setopt(easy, CURLOPT_CAINFO, profile->ca_file);
		if (!rc) /* instead of the system's, not beside them */
			rc = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	return rc;
}

static size_t take_body(char *data, size_t size, size_t count, void *context);
static size_t take_header(char *data, size_t size, size_t count, void *context);
static int check_progress(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static int tell_start(void *context, char *peer, char *own, int peer_port, int own_port);

static CURLcode set_callbacks(struct transport *t, const char *user_agent)
{
	CURLcode rc = curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);

	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, take_header);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_XFERINFOFUNCTION, check_progress);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_XFERINFODATA, t);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_NOPROGRESS, 0L);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, tell_start);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_PREREQDATA, t);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_USERAGENT, user_agent);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	return rc;
}

static CURLcode set_connection(CURL *easy)
{
	CURLcode rc = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);

	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 1L);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	return rc;
}

struct transport *transport_new(const struct profile *profile, const char *user_agent, struct err *err)
{
	DEFER(transport_freep) struct transport *t = calloc(1, sizeof(*t));
	CURLcode rc;

	if (!t) {
		(void)err_nomem(err);
		return NULL;
	}
	t->profile = profile;
	t->url = (struct buf)BUF_INIT(API_URL_BYTES + API_TARGET_BYTES);
	t->packed = (struct buf)BUF_INIT(API_REPLY_BYTES);
	t->gunzip = gunzip_new();
	if (transport_init(err))
		return NULL;
	t->easy = curl_easy_init();
	rc = t->easy && t->gunzip ? CURLE_OK : CURLE_OUT_OF_MEMORY;
	if (!rc)
		rc = set_protocol(t->easy, profile);
	if (!rc)
		rc = set_trust(t->easy, profile);
	if (!rc)
		rc = set_connection(t->easy);
	if (!rc)
		rc = set_callbacks(t, user_agent);
	if (rc) {
		(void)cannot_use(rc, err);
		return NULL;
	}
	return TAKE(t);
}

void transport_free(struct transport *t)
{
	if (!t)
		return;
	curl_easy_cleanup(t->easy);
	gunzip_free(t->gunzip);
	buf_done(&t->url);
	buf_done(&t->packed);
	free(t);
}

void transport_freep(struct transport **t)
{
	transport_free(*t);
	*t = NULL;
}

/* Room for len bytes, and at once for all of a body whose length is known, so that it is not copied while it grows. */
static int make_ready(struct buf *body, uint64_t expected, size_t len)
{
	if (body->len == 0 && expected > len && expected < body->max)
		len = expected < API_RESERVE_BYTES ? (size_t)expected : API_RESERVE_BYTES;
	return buf_reserve(body, len);
}

/* What is kept of len more bytes of a body of this status: of a refusal its beginning. */
static size_t kept_len(CURL *easy, size_t have, size_t len)
{
	long status = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 300)
		return len;
	if (have >= API_ERROR_BYTES)
		return 0;
	return len < API_ERROR_BYTES - have ? len : API_ERROR_BYTES - have;
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
	struct transport *t = context;
	struct transport_headers *headers = &t->reply->headers;
	struct buf *body = headers->is_encoded ? &t->packed : &t->reply->body;
	size_t len = size * count, kept = kept_len(t->easy, body->len, len);

	t->received += len;
	if (t->received > t->request->max_bytes)
		t->fault = TRANSPORT_TOO_LARGE;
	else if (make_ready(body, headers->content_length, kept) || buf_add(body, view_from(data, kept)))
		t->fault = TRANSPORT_NO_MEMORY;
	return t->fault == TRANSPORT_OK ? len : 0;
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
	struct transport *t = context;

	if (transport_headers_take(&t->reply->headers, view_from(data, size * count)) == 0)
		return size * count;
	t->fault = TRANSPORT_NO_MEMORY;
	return 0;
}

static int check_progress(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
	struct transport *t = context;

	if (!t->request->stop || !atomic_load_explicit(t->request->stop, memory_order_relaxed))
		return 0;
	t->fault = TRANSPORT_STOPPED;
	return 1;
}

/* The connection is there, and nothing of the request is sent yet. */
static int tell_start(void *context, char *, char *, int, int)
{
	const struct transport *t = context;

	if (t->request->starting)
		t->request->starting(t->request->context);
	return CURL_PREREQFUNC_OK;
}

/* The strings hold the credential. */
static void wipe_headers(struct curl_slist **list)
{
	for (struct curl_slist *s = *list; s; s = s->next)
		secret_wipe(s->data, strlen(s->data));
	curl_slist_free_all(*list);
	*list = NULL;
}

static int add_header(struct curl_slist **list, const char *name, struct view value)
{
	DEFER(buf_wipe) struct buf line = BUF_INIT(API_HEADER_BYTES + CREDENTIAL_BYTES);
	struct curl_slist *longer;

	if (buf_reserve(&line, strlen(name) + value.len + 2) || buf_addf(&line, "%s: ", name) || buf_add(&line, value))
		return -1;
	longer = curl_slist_append(*list, line.ptr);
	if (!longer)
		return -1;
	*list = longer;
	return 0;
}

static int add_credential(struct curl_slist **list, const struct transport_request *request)
{
	DEFER(buf_wipe) struct buf bearer = BUF_INIT(CREDENTIAL_BYTES + 16);

	if (request->credential.len == 0)
		return 0;
	if (request->kind != CREDENTIAL_OAUTH)
		return add_header(list, "x-api-key", request->credential);
	if (buf_reserve(&bearer, request->credential.len + 7) || buf_add_text(&bearer, "Bearer ") ||
	    buf_add(&bearer, request->credential))
		return -1;
	return add_header(list, "authorization", buf_view(&bearer));
}

static int add_headers(struct curl_slist **list, const struct transport_request *request)
{
	/* libcurl names forms as the type of a POST without a body */
	bool has_type = request->body.len > 0 || strcmp(request->method, "POST") == 0;

	if (add_credential(list, request) || add_header(list, "anthropic-version", VIEW(API_VERSION)) ||
	    add_header(list, "accept", VIEW("application/json")))
		return -1;
	if (request->beta && add_header(list, "anthropic-beta", view_of(request->beta)))
		return -1;
	if (has_type && add_header(list, "content-type", VIEW("application/json")))
		return -1;
	return curl_slist_append(*list, "expect:") ? 0 : -1; /* no round trip for a 100 (RFC 9110, section 10.1.1) */
}

static CURLcode set_method(CURL *easy, const struct transport_request *request)
{
	bool is_get = strcmp(request->method, "GET") == 0, is_post = strcmp(request->method, "POST") == 0;
	CURLcode rc;

	if (request->body.len || is_post) {
		rc = curl_easy_setopt(easy, CURLOPT_POST, 1L);
		if (!rc)
			rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.len ? request->body.ptr : "");
		if (!rc)
			rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
	} else {
		rc = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, is_get || is_post ? NULL : request->method);
	return rc;
}

static CURLcode set_times(CURL *easy, const struct transport_request *request, uint64_t now_ns)
{
	uint64_t total_ms = request->deadline_ns > now_ns ? (request->deadline_ns - now_ns) / NS_PER_MS : 0;
	uint64_t stall_ms;
	CURLcode rc;

	total_ms = total_ms < 1 ? 1 : total_ms > INT32_MAX ? INT32_MAX : total_ms; /* 0 would be no limit */
	stall_ms = total_ms / 2 > API_STALL_MS ? total_ms / 2 : API_STALL_MS;
	rc = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)total_ms);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				      (long)(total_ms < API_CONNECT_MS ? total_ms : API_CONNECT_MS));
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)(stall_ms / 1000));
	return rc;
}

/* The path and the query of a URL with both a scheme and a path. */
static const char *target_of(const char *url)
{
	return strchrnul(strstr(url, "://") + 3, '/');
}

static CURLcode perform(struct transport *t, const struct transport_request *request, struct curl_slist *headers)
{
	CURLcode rc = curl_easy_setopt(t->easy, CURLOPT_URL, t->url.ptr);
	struct sigpipe_guard guard;

	if (!rc) /* or libcurl (7.88.1) goes on without the query when there is no memory for it */
		rc = curl_easy_setopt(t->easy, CURLOPT_REQUEST_TARGET, target_of(t->url.ptr));
	if (!rc)
		rc = set_method(t->easy, request);
	if (!rc)
		rc = set_times(t->easy, request, clock_mono_ns());
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, headers);
	if (!rc) {
		sigpipe_block(&guard);
		rc = curl_easy_perform(t->easy);
		sigpipe_restore(&guard);
	}
	(void)curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
	(void)curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, NULL);
	return rc;
}

/* Whether the server may have seen something of the request. */
static bool was_sent(CURL *easy)
{
	curl_off_t ready = 0;
	long bytes = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
	(void)curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
	return ready > 0 && bytes > 0;
}

static enum transport_fault fault_of(CURL *easy, CURLcode rc)
{
	curl_off_t connected = 0;

	switch (rc) {
	case CURLE_OK:
		return TRANSPORT_OK;
	case CURLE_OUT_OF_MEMORY: /* which libcurl also says of a header line that is too long for it */
		return was_sent(easy) ? TRANSPORT_NO_HTTP : TRANSPORT_NO_MEMORY;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
		return TRANSPORT_NO_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
		return TRANSPORT_NO_TLS;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CERTPROBLEM:
		return TRANSPORT_UNTRUSTED;
	case CURLE_PARTIAL_FILE:
		return TRANSPORT_CUT;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return TRANSPORT_NO_HTTP;
	case CURLE_OPERATION_TIMEDOUT:
		(void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
		if (was_sent(easy))
			return TRANSPORT_TIMEOUT;
		return connected ? TRANSPORT_UNSENT : TRANSPORT_NO_CONNECT;
	default:
		return was_sent(easy) ? TRANSPORT_RESET : TRANSPORT_UNSENT;
	}
}

static unsigned version_of(CURL *easy)
{
	long version = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	return version == CURL_HTTP_VERSION_1_0 ? 10 : version == CURL_HTTP_VERSION_1_1 ? 11 : 0;
}

static int set_url(struct transport *t, struct view target)
{
	buf_clear(&t->url);
	return buf_add_text(&t->url, t->profile->base_url) || buf_add(&t->url, target);
}

static void start(struct transport *t, const struct transport_request *request, struct transport_reply *reply)
{
	transport_reply_clear(reply);
	reply->body.max = request->max_bytes;
	buf_clear(&t->packed);
	t->request = request;
	t->reply = reply;
	t->fault = TRANSPORT_OK;
	t->received = 0;
	t->error[0] = '\0';
}

static struct view reason_of(const struct transport *t, CURLcode rc)
{
	if (!rc && t->fault == TRANSPORT_CUT)
		return VIEW("the connection ended within the headers");
	if (!rc)
		return VIEW("it is no gzip, or damaged");
	if (rc == CURLE_OUT_OF_MEMORY)
		return VIEW("a line of its headers is too long, or memory is short");
	return view_of(t->error[0] ? t->error : curl_easy_strerror(rc));
}

static void note_answer(struct transport *t, struct transport_reply *reply)
{
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = status > 0 ? (unsigned)status : 0;
	reply->http_version = version_of(t->easy);
}

enum transport_fault transport_exchange(struct transport *t, const struct transport_request *request,
					struct transport_reply *reply, struct err *err)
{
	DEFER(wipe_headers) struct curl_slist *headers = NULL;
	uint64_t start_ns = clock_mono_ns();
	CURLcode rc = CURLE_OUT_OF_MEMORY;

	start(t, request, reply);
	if (set_url(t, request->target) == 0 && add_headers(&headers, request) == 0) {
		rc = perform(t, request, headers);
		note_answer(t, reply);
	}
	if (t->fault == TRANSPORT_OK)
		t->fault = fault_of(t->easy, rc);
	if (t->fault == TRANSPORT_OK)
		/* headers that end too early are an empty body to libcurl */
		t->fault = reply->headers.is_complete ? transport_unpack(t->gunzip, buf_view(&t->packed), reply)
						      : TRANSPORT_CUT;
	reply->duration_ns = clock_mono_ns() - start_ns;
	if (t->fault != TRANSPORT_OK)
		(void)transport_tell(t->fault, profile_host(t->profile), reason_of(t, rc), request->credential, err);
	t->request = NULL;
	t->reply = NULL;
	return t->fault;
}
