/* SPDX-License-Identifier: Apache-2.0 */
/* An API client that talks to a peer (peer.h), with keys made up when the test runs. */
#ifndef TESTS_SUPPORT_CLIENT_H
#define TESTS_SUPPORT_CLIENT_H

#include "common/api/client.h"
#include "tests/support/peer.h"

#define CLIENT_KEY_BYTES 128

struct client {
	struct peer peer;
	struct profile profile;
	struct api_options options;
	struct api *api;
};

/* A key of the right shape that is nobody's: its prefix, 93 letters, AA. */
static inline void client_make_key(char key[static CLIENT_KEY_BYTES], const char *prefix)
{
	int len = snprintf(key, CLIENT_KEY_BYTES, "%s", prefix);

	for (size_t i = 0; i < 93; i++)
		key[(size_t)len + i] = (char)('a' + (i * 7 + (size_t)len) % 26);
	memcpy(key + len + 93, "AA", 3);
}

static inline void client_set_key(struct client *c, enum credential_kind kind, const char *prefix)
{
	static const char *const variables[] = { "TEST_KEY_API", "TEST_KEY_COMPLIANCE", "TEST_KEY_OAUTH",
						 "TEST_KEY_ADMIN" };
	char key[CLIENT_KEY_BYTES];

	client_make_key(key, prefix);
	(void)setenv(variables[kind], key, 1);
	c->profile.credentials[kind].from = CREDENTIAL_FROM_ENV;
	free(c->profile.credentials[kind].name);
	c->profile.credentials[kind].name = strdup(variables[kind]);
}

/* The peer runs; no key is set. */
static inline void client_start(struct client *c,
				void (*answer)(void *context, unsigned n, const char *request,
					       struct peer_reply *reply),
				void *context)
{
	memset(c, 0, sizeof(*c));
	c->peer.answer = answer;
	c->peer.context = context;
	peer_start(&c->peer);
	c->profile.name = strdup("test");
	c->profile.base_url = strdup(c->peer.url);
	c->profile.allow_http_loopback = true;
	c->options = (struct api_options){ .profile = &c->profile, .user_agent = "test/1", .request_log_fd = -1 };
}

/* The client itself, with the options as they are by now. */
static inline void client_open(struct client *c)
{
	struct err err;

	c->api = api_new(&c->options, &err);
	if (!c->api)
		abort();
}

static inline void client_stop(struct client *c)
{
	api_freep(&c->api);
	peer_stop(&c->peer);
	profile_done(&c->profile);
}

#endif
