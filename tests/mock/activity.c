/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/activity.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/mock/must.h"
#include "tests/mock/when.h"

enum shape { /* which fields an activity of a type has */
	     SHAPE_NONE,
	     SHAPE_KEY,
	     SHAPE_KEY_UPDATED,
	     SHAPE_ADMIN_KEY,
	     SHAPE_ADMIN_KEY_UPDATED,
	     SHAPE_SCOPED_KEY,
	     SHAPE_INVITE_SENT,
	     SHAPE_INVITE,
	     SHAPE_USER_DELETED,
	     SHAPE_ROLE_UPDATED,
	     SHAPE_ASSIGNMENT,
	     SHAPE_WORKSPACE,
	     SHAPE_WORKSPACE_UPDATED,
	     SHAPE_MEMBER,
	     SHAPE_ACCESS,
	     SHAPE_SETTINGS,
	     SHAPE_FILE,
	     SHAPE_AGENT,
	     SHAPE_SESSION,
	     SHAPE_CHAT,
	     SHAPE_ODD,
};

static const struct {
	const char *type;
	enum shape shape;
	bool lacks_organization;
} kinds[] = {
	{ "platform_api_key_created", SHAPE_KEY, false },
	{ "platform_api_key_updated", SHAPE_KEY_UPDATED, false },
	{ "admin_api_key_created", SHAPE_ADMIN_KEY, false },
	{ "admin_api_key_updated", SHAPE_ADMIN_KEY_UPDATED, false },
	{ "admin_api_key_deleted", SHAPE_ADMIN_KEY, false },
	{ "api_key_created", SHAPE_SCOPED_KEY, false },
	{ "scoped_api_key_deleted", SHAPE_SCOPED_KEY, false },
	{ "org_user_invite_sent", SHAPE_INVITE_SENT, false },
	{ "org_user_invite_accepted", SHAPE_INVITE, false },
	{ "org_user_invite_deleted", SHAPE_INVITE, false },
	{ "org_user_deleted", SHAPE_USER_DELETED, false },
	{ "claude_user_role_updated", SHAPE_ROLE_UPDATED, false },
	{ "role_assignment_granted", SHAPE_ASSIGNMENT, false },
	{ "role_assignment_revoked", SHAPE_ASSIGNMENT, false },
	{ "rbac_role_created", SHAPE_NONE, false },
	{ "scim_user_created", SHAPE_NONE, false },
	{ "platform_workspace_created", SHAPE_WORKSPACE, false },
	{ "platform_workspace_archived", SHAPE_WORKSPACE, false },
	{ "platform_workspace_updated", SHAPE_WORKSPACE_UPDATED, false },
	{ "platform_workspace_member_added", SHAPE_MEMBER, false },
	{ "platform_workspace_member_removed", SHAPE_MEMBER, false },
	{ "platform_workspace_member_updated", SHAPE_MEMBER, false },
	{ "workspace_spend_limit_updated", SHAPE_WORKSPACE_UPDATED, false },
	{ "compliance_api_accessed", SHAPE_ACCESS, true },
	{ "org_compliance_api_settings_updated", SHAPE_SETTINGS, false },
	{ "platform_cost_report_viewed", SHAPE_NONE, false },
	{ "platform_usage_report_messages_viewed", SHAPE_NONE, false },
	{ "platform_usage_report_claude_code_viewed", SHAPE_NONE, false },
	{ "sso_login_succeeded", SHAPE_NONE, true },
	{ "sso_login_failed", SHAPE_NONE, true },
	{ "magic_link_login_succeeded", SHAPE_NONE, true },
	{ "user_logged_out", SHAPE_NONE, true },
	{ "platform_federated_authentication", SHAPE_NONE, true },
	{ "org_ip_restriction_updated", SHAPE_NONE, false },
	{ "platform_file_uploaded", SHAPE_FILE, false },
	{ "platform_file_deleted", SHAPE_FILE, false },
	{ "platform_file_content_downloaded", SHAPE_FILE, false },
	{ "platform_agent_created", SHAPE_AGENT, false },
	{ "platform_agent_session_created", SHAPE_SESSION, false },
	{ "claude_chat_created", SHAPE_CHAT, false },
	{ "widget_frobnicated_v2", SHAPE_ODD, false },
	{ "quantum_policy_entangled", SHAPE_ODD, true },
	/* Made by clients only: the base has none of them. */
	{ "scoped_api_key_updated", SHAPE_NONE, false },
};
#define BASE_KINDS (ARRAY_LEN(kinds) - 1)

enum actor {
	ACTOR_USER,
	ACTOR_API,
	ACTOR_ADMIN_KEY,
	ACTOR_UNAUTHENTICATED,
	ACTOR_SERVICE,
	ACTOR_FEDERATED_IDENTITY,
	ACTOR_FEDERATED,
	ACTOR_DEVICE,
	ACTOR_ANTHROPIC,
	ACTOR_SYSTEM,
	ACTOR_SCIM,
	ACTOR_FUTURE,
	ACTORS,
};

/* Numbers of one activity; each place has its own. */
static uint64_t number(const struct feed *f, uint64_t index, uint64_t place)
{
	return rng_at(f->seed ^ place, RNG_FIELD, index);
}

static size_t kind_of(const struct feed *f, uint64_t index)
{
	return number(f, index, 1) % BASE_KINDS;
}

static enum actor actor_of(const struct feed *f, uint64_t index)
{
	uint64_t n = number(f, index, 2);

	return n % 100 < 70 ? ACTOR_USER : (enum actor)(n / 100 % ACTORS);
}

bool activity_knows(struct view type)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (text_eq(view_of(kinds[i].type), type))
			return true;
	return false;
}

const char *activity_type(const struct feed *f, uint64_t index)
{
	return kinds[kind_of(f, index)].type;
}

bool activity_has_organization(const struct feed *f, uint64_t index)
{
	return !kinds[kind_of(f, index)].lacks_organization;
}

static size_t user_of(const struct feed *f, const struct model *m, uint64_t index)
{
	return number(f, index, 3) % m->user_count;
}

struct ident activity_actor(const struct feed *f, const struct model *m, uint64_t index)
{
	if (actor_of(f, index) != ACTOR_USER)
		return (struct ident){ "" };
	return m->users[user_of(f, m, index)].id;
}

static void null_member(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_raw(w, VIEW("null"));
}

static void ident_member(struct jsonw *w, const char *key, struct ident id)
{
	jsonw_member_text(w, key, id.text);
}

static void origin(struct jsonw *w, uint64_t n)
{
	char address[48];

	(void)snprintf(address, sizeof(address), n % 5 ? "192.0.2.%u" : "2001:db8::%x", (unsigned)(n >> 8 & 255));
	jsonw_member_text(w, "ip_address", address);
	if (n % 7 == 0)
		null_member(w, "user_agent");
	else
		jsonw_member_text(w, "user_agent",
				  n % 3 ? "Mozilla/5.0 (X11; Linux x86_64)" : "curl/7.88.1 \"q\" \\ \t");
}

static void federated_fields(struct jsonw *w, enum actor actor)
{
	if (actor == ACTOR_FEDERATED_IDENTITY) {
		jsonw_member_text(w, "issuer", "https://token.actions.example.com");
		jsonw_member_text(w, "subject", "repo:example/app:ref:refs/heads/main");
		return;
	}
	jsonw_key(w, "provider");
	jsonw_object(w);
	jsonw_member_text(w, "type", "oidc");
	jsonw_member_text(w, "name", "Zürich SSO");
	jsonw_end(w);
	null_member(w, "subject");
}

/* The fields of an actor but those that say where it came from. */
static void actor_fields(struct jsonw *w, const struct feed *f, const struct model *m, uint64_t index, enum actor actor)
{
	const struct user *u = &m->users[user_of(f, m, index)];
	uint64_t n = number(f, index, 4);

	switch (actor) {
	case ACTOR_USER:
		jsonw_member_text(w, "email_address", u->email);
		ident_member(w, "user_id", u->id);
		break;
	case ACTOR_API:
		ident_member(w, "api_key_id", rng_ident("apikey_", m->seed, RNG_KEY, n % 12));
		break;
	case ACTOR_ADMIN_KEY: /* the provider names an admin key so here, and admin_api_key_ in its records */
		ident_member(w, "admin_api_key_id", rng_ident("apikey_", f->seed, RNG_CREDENTIAL, n % 3));
		break;
	case ACTOR_UNAUTHENTICATED:
		if (n % 2)
			jsonw_member_text(w, "unauthenticated_email_address", "someone@example.net");
		break;
	case ACTOR_SERVICE:
		ident_member(w, "service_account_id", m->services[n % MODEL_SERVICE_ACCOUNTS]);
		break;
	case ACTOR_FEDERATED_IDENTITY:
	case ACTOR_FEDERATED:
		federated_fields(w, actor);
		break;
	case ACTOR_DEVICE:
		jsonw_member_text(w, "external_client_id", "device-0815");
		break;
	case ACTOR_ANTHROPIC:
		null_member(w, "email_address");
		break;
	case ACTOR_SYSTEM:
		if (n % 2)
			jsonw_member_text(w, "service", "billing");
		break;
	case ACTOR_SCIM:
		jsonw_member_text(w, "directory_id", "directory_01H");
		jsonw_member_text(w, "workos_event_id", "event_01J");
		null_member(w, "idp_connection_type");
		break;
	case ACTOR_FUTURE:
	case ACTORS:
		jsonw_key(w, "lattice");
		jsonw_raw(w, VIEW("[1,[2,{\"deep\":18446744073709551617}],null,true]"));
		break;
	}
}

static void render_actor(struct jsonw *w, const struct feed *f, const struct model *m, uint64_t index)
{
	static const char *const names[ACTORS] = {
		[ACTOR_USER] = "user_actor",
		[ACTOR_API] = "api_actor",
		[ACTOR_ADMIN_KEY] = "admin_api_key_actor",
		[ACTOR_UNAUTHENTICATED] = "unauthenticated_user_actor",
		[ACTOR_SERVICE] = "service_account_actor",
		[ACTOR_FEDERATED_IDENTITY] = "federated_identity_actor",
		[ACTOR_FEDERATED] = "federated_actor",
		[ACTOR_DEVICE] = "attested_device_actor",
		[ACTOR_ANTHROPIC] = "anthropic_actor",
		[ACTOR_SYSTEM] = "system_actor",
		[ACTOR_SCIM] = "scim_directory_sync_actor",
		[ACTOR_FUTURE] = "holographic_actor",
	};
	enum actor actor = actor_of(f, index);

	jsonw_key(w, "actor");
	jsonw_object(w);
	jsonw_member_text(w, "type", names[actor]);
	actor_fields(w, f, m, index, actor);
	if (actor != ACTOR_ANTHROPIC && actor != ACTOR_SYSTEM && actor != ACTOR_SCIM)
		origin(w, number(f, index, 5));
	jsonw_end(w);
}

static void update(struct jsonw *w, const char *type, const char *before, const char *after)
{
	jsonw_key(w, "updates");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member_text(w, "type", type);
	jsonw_member_text(w, "previous_value", before);
	jsonw_member_text(w, "current_value", after);
	jsonw_end(w);
	jsonw_end(w);
}

static void scopes(struct jsonw *w, const char *scope)
{
	jsonw_key(w, "scopes");
	jsonw_array(w);
	jsonw_string(w, view_of(scope));
	jsonw_end(w);
}

static void key_fields(struct jsonw *w, const struct model *m, enum shape shape, uint64_t n)
{
	if (shape == SHAPE_ADMIN_KEY || shape == SHAPE_ADMIN_KEY_UPDATED)
		ident_member(w, "admin_api_key_id", rng_ident("admin_api_key_", m->seed, RNG_CREDENTIAL, n % 3));
	else
		ident_member(w, "api_key_id", rng_ident("apikey_", m->seed, RNG_KEY, n % 12));
	if (shape == SHAPE_ADMIN_KEY)
		scopes(w, "org:admin");
	if (shape == SHAPE_SCOPED_KEY)
		scopes(w, "read:compliance_activities");
	if (shape == SHAPE_KEY_UPDATED)
		update(w, n % 2 ? "status" : "name", n % 2 ? "active" : "old", n % 2 ? "inactive" : "ml-prod-chat");
	if (shape == SHAPE_ADMIN_KEY_UPDATED)
		update(w, "status", "active", "inactive");
}

static void people_fields(struct jsonw *w, const struct model *m, enum shape shape, uint64_t n)
{
	const struct user *u = &m->users[n % m->user_count];

	switch (shape) {
	case SHAPE_INVITE_SENT:
		jsonw_member_text(w, "invited_email", "guest@example.net");
		jsonw_member_text(w, "invited_role", "developer");
		break;
	case SHAPE_INVITE:
		ident_member(w, "invite_id", rng_ident("invite_", m->seed, RNG_INVITE, n % 8));
		break;
	case SHAPE_USER_DELETED:
		ident_member(w, "deleted_user_id", u->id);
		jsonw_member_text(w, "deleted_user_email", u->email);
		break;
	case SHAPE_ROLE_UPDATED:
		ident_member(w, "user_id", u->id);
		jsonw_member_text(w, "user_email", u->email);
		jsonw_member_text(w, "previous_role", "user");
		jsonw_member_text(w, "current_role", "developer");
		break;
	default:
		jsonw_member_text(w, "role", "auditor");
		ident_member(w, "target_id", u->id);
		null_member(w, "resource_id");
		break;
	}
}

/* Numbers past 2^53, a NUL, half a surrogate pair, line breaks, a key that is escaped. */
static void odd_fields(struct jsonw *w, uint64_t n)
{
	static const char *const values[] = {
		"9007199254740993",
		"-0.1e-7",
		"123456789012345678901234567890",
		"\"nul \\u0000 inside\"",
		"\"half a pair \\ud83d and \\udc00\"",
		"\"two\\nlines\\r\\nand a \\u2028 separator\"",
		"{\"a\":{\"b\":[[],{}]},\"\\u0061\":\"twice\"}",
		"\"<script>&\\/\\\\\\\"\"",
	};

	jsonw_key(w, "flux");
	jsonw_raw(w, view_of(values[n % ARRAY_LEN(values)]));
	jsonw_key(w, "measure");
	jsonw_raw(w, view_of(values[n / 16 % ARRAY_LEN(values)]));
	null_member(w, "nothing");
}

static void workspace_fields(struct jsonw *w, const struct model *m, enum shape shape, uint64_t n)
{
	ident_member(w, "workspace_id", rng_ident("wrkspc_", m->seed, RNG_WORKSPACE, n % (m->workspace_count)));
	if (shape == SHAPE_MEMBER)
		ident_member(w, "user_id", m->users[n / 7 % m->user_count].id);
	if (shape == SHAPE_WORKSPACE_UPDATED)
		update(w, "name", "draft", "ml-prod");
}

static void access_fields(struct jsonw *w, uint64_t n)
{
	ident_member(w, "request_id", rng_ident("req_", n, RNG_REQUEST, 0));
	jsonw_member_text(w, "request_method", "GET");
	jsonw_member_u64(w, "status_code", n % 9 ? 200 : 429);
	jsonw_member_text(w, "url", "/v1/compliance/activities?limit=100");
	null_member(w, "request_body");
}

static void render_fields(struct jsonw *w, const struct model *m, enum shape shape, uint64_t n)
{
	switch (shape) {
	case SHAPE_NONE:
		break;
	case SHAPE_KEY:
	case SHAPE_KEY_UPDATED:
	case SHAPE_ADMIN_KEY:
	case SHAPE_ADMIN_KEY_UPDATED:
	case SHAPE_SCOPED_KEY:
		key_fields(w, m, shape, n);
		break;
	case SHAPE_INVITE_SENT:
	case SHAPE_INVITE:
	case SHAPE_USER_DELETED:
	case SHAPE_ROLE_UPDATED:
	case SHAPE_ASSIGNMENT:
		people_fields(w, m, shape, n);
		break;
	case SHAPE_WORKSPACE:
	case SHAPE_WORKSPACE_UPDATED:
	case SHAPE_MEMBER:
		workspace_fields(w, m, shape, n);
		break;
	case SHAPE_ACCESS:
		access_fields(w, n);
		break;
	case SHAPE_SETTINGS:
		jsonw_key(w, "compliance_api_enabled");
		jsonw_bool(w, true); /* what came behind it was recorded */
		break;
	case SHAPE_FILE:
		ident_member(w, "file_id", rng_ident("file_", n, RNG_FIELD, 0));
		break;
	case SHAPE_AGENT:
		ident_member(w, "agent_id", rng_ident("agent_", n, RNG_FIELD, 0));
		break;
	case SHAPE_SESSION:
		ident_member(w, "session_id", rng_ident("session_", n, RNG_FIELD, 0));
		null_member(w, "workspace_id");
		break;
	case SHAPE_CHAT:
		ident_member(w, "claude_chat_id", rng_ident("claude_chat_", n, RNG_FIELD, 0));
		break;
	case SHAPE_ODD:
		odd_fields(w, n);
		break;
	}
}

void activity_render(struct jsonw *w, const struct feed *f, const struct model *m, uint64_t index)
{
	DEFER(buf_done) struct buf when = BUF_INIT(64);
	size_t kind = kind_of(f, index);
	uint64_t n = number(f, index, 6);
	unsigned digits = feed_digits(f, index);

	if (!digits) /* a whole second may be written with zeros behind it */
		digits = n % 4 == 1 ? 3 : n % 4 == 2 ? 6 : 0;
	when_add(&when, feed_time(f, index), digits, n % 3 == 1);
	jsonw_object(w);
	ident_member(w, "id", feed_id(f, index));
	jsonw_member(w, "created_at", buf_view(&when));
	if (kinds[kind].lacks_organization) {
		null_member(w, "organization_id");
		null_member(w, "organization_uuid");
	} else {
		ident_member(w, "organization_id", m->organization);
		ident_member(w, "organization_uuid", m->organization_uuid);
	}
	render_actor(w, f, m, index);
	jsonw_member_text(w, "type", kinds[kind].type);
	render_fields(w, m, kinds[kind].shape, rng_mix(n));
	if (n % 31 == 7) /* a field that the type did not have yesterday */
		jsonw_member_text(w, "retention_hint", "P6Y");
	jsonw_end(w);
}
