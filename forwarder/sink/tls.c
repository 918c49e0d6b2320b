/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/tls.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "common/api/transport.h"
#include "common/base/clock.h"
#include "common/sys/sigpipe.h"

#define NS_PER_MS 1'000'000u
#define URL_BYTES 1024
#define NOWHERE "::127.0.0.1:" /* any host and port: a number, so that no name is looked up */

struct tls {
	CURLM *multi;
	CURL *easy;
	struct curl_slist *nowhere;
	int fd;
	char error[CURL_ERROR_SIZE];
};

/* --- what libcurl is told --- */

static curl_socket_t give_socket(void *context, curlsocktype, struct curl_sockaddr *)
{
	const struct tls *t = context;

	return t->fd;
}

static int keep_socket(void *, curl_socket_t)
{
	return 0;
}

static int is_connected(void *, curl_socket_t, curlsocktype)
{
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static CURLcode set_socket(struct tls *t)
{
	CURLcode rc = curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);

	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETFUNCTION, keep_socket);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	return rc;
}

/* The name is the one that the certificate has to be for; where the socket leads is another matter. */
static CURLcode set_peer(struct tls *t, const char *url)
{
	CURLcode rc = curl_easy_setopt(t->easy, CURLOPT_URL, url);

	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->nowhere);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "https");
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	if (!rc)
		rc = curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	return rc;
}

static CURLcode set_trust(CURL *easy, const struct settings_sink *settings)
{
	CURLcode rc = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);

	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!rc)
		rc = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!rc && settings->ca_file) {
		rc = curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file);
		if (!rc) /* instead of the system's, not beside them */
			rc = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (!rc && settings->cert_file)
		rc = curl_easy_setopt(easy, CURLOPT_SSLCERT, settings->cert_file);
	if (!rc && settings->key_file)
		rc = curl_easy_setopt(easy, CURLOPT_SSLKEY, settings->key_file);
	if (!rc) /* or a key with a passphrase would be asked for at the terminal */
		rc = curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
	return rc;
}

static const char *name_of(const struct settings_sink *settings)
{
	return settings->server_name ? settings->server_name : settings->host;
}

static int add_url(struct buf *url, const struct settings_sink *settings)
{
	const char *name = name_of(settings);
	bool is_six = strchr(name, ':') != NULL;

	return buf_addf(url, "https://%s%s%s:%u/", is_six ? "[" : "", name, is_six ? "]" : "",
			(unsigned)settings->port);
}

static CURLcode set_up(struct tls *t, const struct settings_sink *settings)
{
	DEFER(buf_done) struct buf url = BUF_INIT(URL_BYTES);
	CURLcode rc;

	t->easy = curl_easy_init();
	t->multi = curl_multi_init();
	t->nowhere = curl_slist_append(NULL, NOWHERE);
	if (!t->easy || !t->multi || !t->nowhere || add_url(&url, settings))
		return CURLE_OUT_OF_MEMORY;
	rc = set_socket(t);
	if (!rc)
		rc = set_peer(t, url.ptr);
	if (!rc)
		rc = set_trust(t->easy, settings);
	if (!rc && curl_multi_add_handle(t->multi, t->easy))
		rc = CURLE_OUT_OF_MEMORY;
	return rc;
}

/* --- the handshake --- */

static enum sink_result fail(const struct tls *t, const struct settings_sink *settings, CURLcode rc, struct err *err)
{
	const char *why = t->error[0] ? t->error : curl_easy_strerror(rc), *name = name_of(settings);

	switch (rc) {
	case CURLE_OUT_OF_MEMORY:
		(void)err_nomem(err);
		return SINK_RETRY;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		(void)err_set(err, ERR_CONFIG, 0, "the certificate of %s cannot be verified, and nothing was sent: %s",
			      name, why);
		return SINK_BROKEN;
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		(void)err_set(err, ERR_CONFIG, 0, "the certificates for %s cannot be used: %s", name, why);
		return SINK_BROKEN;
	default:
		(void)err_set(err, ERR_LATER, 0, "cannot make a TLS connection with %s: %s", name, why);
		return SINK_RETRY;
	}
}

/* Until it has ended, well or not. -1 with err: it has not. */
static int shake_hands(struct tls *t, const struct sink_env *env, uint64_t until_ns, CURLcode *ret, struct err *err)
{
	struct curl_waitfd wake = { .fd = env->wake_fd, .events = CURL_WAIT_POLLIN };
	CURLMcode rc = CURLM_OK;
	int running = 1, count;
	const CURLMsg *message;

	for (;;) {
		uint64_t now_ns = clock_mono_ns();

		rc = curl_multi_perform(t->multi, &running);
		if (rc || !running)
			break;
		if (now_ns >= until_ns)
			return err_set(err, ERR_LATER, 0, "%s does not end the TLS handshake", name_of(env->settings));
		rc = curl_multi_poll(t->multi, &wake, 1, (int)((until_ns - now_ns) / NS_PER_MS) + 1, NULL);
		if (rc)
			break;
		if (wake.revents || atomic_load(env->stop))
			return err_set(err, ERR_LATER, 0, "stopped while connecting to %s", name_of(env->settings));
	}
	message = rc ? NULL : curl_multi_info_read(t->multi, &count);
	*ret = message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OUT_OF_MEMORY;
	return 0;
}

static enum sink_result start(struct tls *t, const struct sink_env *env, uint64_t until_ns, struct err *err)
{
	CURLcode rc = set_up(t, env->settings);

	if (!rc && shake_hands(t, env, until_ns, &rc, err))
		return SINK_RETRY;
	return rc ? fail(t, env->settings, rc, err) : SINK_OK;
}

struct tls *tls_open(int fd, const struct sink_env *env, uint64_t until_ns, enum sink_result *ret, struct err *err)
{
	struct sigpipe_guard guard;
	struct tls *t;

	*ret = SINK_RETRY;
	if (transport_init(err))
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t) {
		err_nomem(err);
		return NULL;
	}
	t->fd = fd;
	sigpipe_block(&guard);
	*ret = start(t, env, until_ns, err);
	sigpipe_restore(&guard);
	if (*ret == SINK_OK)
		return t;
	tls_close(t);
	return NULL;
}

/* --- the connection --- */

/* libcurl has no code for an alert of the server (RFC 8446, section 6); its text has the word, whether OpenSSL ("tlsv1
 * alert unknown ca") or GnuTLS ("A TLS fatal alert has been received.") wrote it. */
static ssize_t is_over(const struct tls *t, CURLcode rc, struct err *err)
{
	if (rc == CURLE_AGAIN)
		return 0;
	if (rc == CURLE_OUT_OF_MEMORY)
		return err_nomem(err);
	return err_set(err, strstr(t->error, " alert ") ? ERR_REFUSED : ERR_IO, 0, "%s",
		       t->error[0] ? t->error : curl_easy_strerror(rc));
}

ssize_t tls_send(struct tls *t, struct view v, struct err *err)
{
	struct sigpipe_guard guard;
	size_t n = 0;
	CURLcode rc;

	t->error[0] = '\0';
	sigpipe_block(&guard);
	rc = curl_easy_send(t->easy, v.ptr, v.len, &n);
	sigpipe_restore(&guard);
	return rc ? is_over(t, rc, err) : (ssize_t)n;
}

ssize_t tls_recv(struct tls *t, void *ptr, size_t len, struct err *err)
{
	struct sigpipe_guard guard;
	size_t n = 0;
	CURLcode rc;

	t->error[0] = '\0';
	sigpipe_block(&guard);
	rc = curl_easy_recv(t->easy, ptr, len, &n);
	sigpipe_restore(&guard);
	if (rc)
		return is_over(t, rc, err);
	return n ? (ssize_t)n : -1;
}

void tls_close(struct tls *t)
{
	struct sigpipe_guard guard;

	if (!t)
		return;
	sigpipe_block(&guard);
	if (t->multi && t->easy)
		(void)curl_multi_remove_handle(t->multi, t->easy);
	curl_easy_cleanup(t->easy);
	(void)curl_multi_cleanup(t->multi);
	curl_slist_free_all(t->nowhere);
	sigpipe_restore(&guard);
	free(t);
}
