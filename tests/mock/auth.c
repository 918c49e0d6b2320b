/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/auth.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/mock/must.h"

#define KEY_BODY 86 /* and '-', and 6 more, and AA: the provider's shape */

const char *const cred_names[CRED_UNKNOWN + 1] = {
	[CRED_NONE] = "none",       [CRED_API] = "api",
	[CRED_ADMIN] = "admin",     [CRED_COMPLIANCE] = "compliance",
	[CRED_OAUTH] = "oauth",     [CRED_FOREIGN] = "foreign",
	[CRED_UNKNOWN] = "unknown",
};

const char *const auth_files[CREDS] = {
	[CRED_API] = "api",     [CRED_ADMIN] = "admin",     [CRED_COMPLIANCE] = "compliance",
	[CRED_OAUTH] = "oauth", [CRED_FOREIGN] = "foreign",
};

static void make(char *ret, const char *kind, uint64_t seed, uint64_t index)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t len = (size_t)snprintf(ret, CRED_BYTES, "sk-ant-%s-", kind);

	for (size_t i = 0; i < KEY_BODY + 7; i++) {
		uint64_t n = rng_at(seed, RNG_CREDENTIAL, index * 1000 + i);

		ret[len++] = i == KEY_BODY ? '-' : alphabet[n % (sizeof(alphabet) - 1)];
	}
	memcpy(ret + len, "AA", 3);
}

/* The first key of the organisation's list is the one that the file `api` holds. */
static void hint_first_key(struct mock *m)
{
	const char *key = m->credentials[CRED_API];
	size_t prefix = strlen("sk-ant-"
			       "api03-");

	if (m->model.key_count)
		(void)snprintf(m->model.keys[0].hint, sizeof(m->model.keys[0].hint), "%.*s...%s", (int)prefix + 3, key,
			       key + strlen(key) - 4);
}

void auth_make(struct mock *m)
{
	static const char *const kinds[CREDS] = { [CRED_API] = "api03",
						  [CRED_ADMIN] = "admin01",
						  [CRED_COMPLIANCE] = "api01",
						  [CRED_OAUTH] = "oat01",
						  [CRED_FOREIGN] = "api03" };

	for (size_t i = CRED_API; i < CREDS; i++)
		make(m->credentials[i], kinds[i], m->settings->seed, i);
	hint_first_key(m);
}

enum cred auth_who(const struct mock *m, const struct http_request *rq)
{
	struct view key = http_header(rq, "x-api-key"), bearer = http_header(rq, "authorization");

	if (!key.len && !bearer.len)
		return CRED_NONE;
	if (text_starts(bearer, VIEW("Bearer ")))
		bearer = view_sub(bearer, sizeof("Bearer ") - 1, bearer.len);
	for (size_t i = CRED_API; i < CREDS; i++)
		if (text_eq(i == CRED_OAUTH ? bearer : key, view_of(m->credentials[i])))
			return (enum cred)i;
	return CRED_UNKNOWN;
}

/* ['a', 'b'] */
static void add_scopes(struct buf *buf, const char *scopes)
{
	struct view rest = view_of(scopes);
	const char *before = "";

	must(buf_add_text(buf, "["));
	while (rest.len) {
		size_t space = text_find_byte(rest, ' ');
		struct view one = view_sub(rest, 0, space);

		rest = space == SIZE_MAX ? VIEW_NONE : view_sub(rest, space + 1, rest.len);
		must(buf_addf(buf, "%s'%.*s'", before, (int)one.len, one.ptr));
		before = ", ";
	}
	must(buf_add_text(buf, "]"));
}

static bool refuse_scope(struct call *c)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4096);

	must(buf_add_text(&text, "Missing required scopes. Got: "));
	add_scopes(&text, c->mock->settings->scopes);
	must(buf_add_text(&text, " Needed: "));
	add_scopes(&text, c->route->scope);
	call_fail(c, 403, "permission_error", "%s", text.ptr);
	return false;
}

static bool is_compliance(const struct call *c)
{
	return text_starts(c->rq->path, VIEW("/v1/compliance/"));
}

static bool refuse_key(struct call *c)
{
	if (c->cred == CRED_NONE)
		call_fail(c, 401, "authentication_error", "x-api-key header is required");
	else if (is_compliance(c))
		call_fail(c, 401, "authentication_error", "The API key provided is invalid or has been revoked.");
	else
		call_fail(c, 401, "authentication_error", "invalid x-api-key");
	return false;
}

bool auth_allows(struct call *c)
{
	if (http_header(c->rq, "x-api-key").ptr && http_header(c->rq, "authorization").ptr) {
		call_refuse(c, 400, "invalid_request_error", "Both x-api-key and authorization were sent.");
		return false;
	}
	if (c->cred == CRED_NONE || c->cred == CRED_UNKNOWN)
		return refuse_key(c);
	if (!(c->route->creds & BY(c->cred))) {
		call_fail(c, 403, "permission_error", "This kind of credential cannot be used for this endpoint.");
		return false;
	}
	if (c->cred == CRED_COMPLIANCE && !params_among(c->mock->settings->scopes, view_of(c->route->scope)))
		return refuse_scope(c);
	if (c->cred == CRED_OAUTH && text_starts(c->rq->path, VIEW("/v1/m")) &&
	    text_find(http_header(c->rq, "anthropic-beta"), VIEW("oauth-2025-04-20")) == SIZE_MAX) {
		call_fail(c, 401, "authentication_error", "OAuth authentication is currently not supported.");
		return false;
	}
	if (c->cred == CRED_ADMIN && is_compliance(c) && c->mock->is_off) {
		call_fail(c, 403, "permission_error", "This key may not use the Compliance API.");
		return false;
	}
	return true;
}
