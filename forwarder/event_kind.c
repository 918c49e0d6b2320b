/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/glob.h"
#include "common/base/text.h"
#include "forwarder/event_facts.h"

/* Of activities, by their type: the first that fits. What the provider adds later falls to a family, or to the last. */
static const struct event_kind activities[] = {
	/* Keys. */
	{ "platform_api_key_created", EVENT_CLASS_KEY, EVENT_NOTICE,
	  "{who} created API key {key}[ in workspace {workspace}]" },
	{ "platform_api_key_updated", EVENT_CLASS_KEY, EVENT_NOTICE, "{who} changed API key {key}[: {updates}]" },
	{ "admin_api_key_created", EVENT_CLASS_KEY, EVENT_WARNING, "{who} created admin key {key}" },
	{ "admin_api_key_updated", EVENT_CLASS_KEY, EVENT_WARNING, "{who} changed admin key {key}[: {updates}]" },
	{ "admin_api_key_deleted", EVENT_CLASS_KEY, EVENT_WARNING, "{who} deleted admin key {key}" },
	{ "api_key_created", EVENT_CLASS_KEY, EVENT_WARNING, "{who} created scoped key {key}" },
	{ "scoped_api_key_updated", EVENT_CLASS_KEY, EVENT_WARNING, "{who} changed scoped key {key}[: {updates}]" },
	{ "scoped_api_key_deleted", EVENT_CLASS_KEY, EVENT_WARNING, "{who} deleted scoped key {key}[ '{name}']" },
	{ "admin.keys.create", EVENT_CLASS_KEY, EVENT_NOTICE, "{who} created API key {key}" },
	{ "admin.keys.revoke", EVENT_CLASS_KEY, EVENT_NOTICE, "{who} revoked API key {key}" },
	/* People. */
	{ "org_user_invite_sent", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} invited {email}[ as {role}]" },
	{ "org_user_invite_accepted", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} accepted an invitation" },
	{ "org_user_invite_deleted", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} took an invitation back" },
	{ "org_user_deleted", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} removed user {person} from the organization" },
	{ "claude_user_role_updated", EVENT_CLASS_ACCESS, EVENT_WARNING,
	  "{who} changed the role of {person}[ from {old_role}][ to {role}]" },
	{ "admin.users.update", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} changed a user" },
	{ "scim_user_*", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who}: {type}[ of {person}]" },
	{ "role_assignment_granted", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who} granted[ role {role} to] {target}" },
	{ "role_assignment_revoked", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who} revoked[ role {role} from] {target}" },
	{ "rbac_*", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who}: {type}[ of {target}]" },
	/* Workspaces. */
	{ "platform_workspace_member_added", EVENT_CLASS_ACCESS, EVENT_NOTICE,
	  "{who} added {person} to workspace {workspace}[ as {role}]" },
	{ "platform_workspace_member_removed", EVENT_CLASS_ACCESS, EVENT_NOTICE,
	  "{who} took {person} out of workspace {workspace}" },
	{ "platform_workspace_member_updated", EVENT_CLASS_ACCESS, EVENT_NOTICE,
	  "{who} changed the role of {person} in workspace {workspace}[: {updates}]" },
	{ "platform_workspace_created", EVENT_CLASS_WORKSPACE, EVENT_NOTICE, "{who} created workspace {workspace}" },
	{ "platform_workspace_archived", EVENT_CLASS_WORKSPACE, EVENT_WARNING,
	  "{who} archived workspace {workspace}: its keys are revoked" },
	{ "platform_workspace_updated", EVENT_CLASS_WORKSPACE, EVENT_NOTICE,
	  "{who} changed workspace {workspace}[: {updates}]" },
	{ "*spend_limit*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE, "{who}: {type}[ of workspace {workspace}]" },
	{ "*workspace*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE, "{who}: {type}[ of workspace {workspace}]" },
	/* The audit trail itself. */
	{ "org_compliance_api_settings_updated", EVENT_CLASS_COMPLIANCE, EVENT_ALERT,
	  "{who} changed the settings of the Compliance API[: enabled {enabled}]" },
	{ "compliance_api_accessed", EVENT_CLASS_COMPLIANCE, EVENT_INFO,
	  "{who} asked the Compliance API[: {method}][ {url}][ ({status})]" },
	{ "*compliance*", EVENT_CLASS_COMPLIANCE, EVENT_WARNING, "{who}: {type}" },
	{ "*_viewed", EVENT_CLASS_REPORT, EVENT_INFO, "{who} read a report: {type}" },
	{ "*export*", EVENT_CLASS_REPORT, EVENT_NOTICE, "{who}: {type}[ of {target}]" },
	/* Signing in. */
	{ "*_login_failed", EVENT_CLASS_SIGN_IN, EVENT_WARNING, "{who} could not sign in: {type}" },
	{ "*login*", EVENT_CLASS_SIGN_IN, EVENT_INFO, "{who} signed in: {type}" },
	{ "user_logged_out", EVENT_CLASS_SIGN_IN, EVENT_INFO, "{who} signed out" },
	{ "*authentication*", EVENT_CLASS_SIGN_IN, EVENT_INFO, "{who} signed in: {type}" },
	{ "org_ip_restriction_*", EVENT_CLASS_ACCESS, EVENT_WARNING,
	  "{who} changed where users may come from: {type}" },
	{ "*sso*", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who}: {type}" },
	{ "*role*", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who}: {type}[ of {target}]" },
	{ "*invite*", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who}: {type}[ of {person}]" },
	{ "*user*", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who}: {type}[ of {person}]" },
	{ "*key*", EVENT_CLASS_KEY, EVENT_NOTICE, "{who}: {type}[ of {key}]" },
	/* Calls and content. */
	{ "messages.create", EVENT_CLASS_CALL, EVENT_INFO,
	  "{who} called {model}[: {input_tokens} tokens in][, {output_tokens} out]" },
	{ "*file*", EVENT_CLASS_CONTENT, EVENT_INFO, "{who}: {type}[ of {target}]" },
	{ "*session*", EVENT_CLASS_CONTENT, EVENT_INFO, "{who}: {type}[ of {target}]" },
	{ "*agent*", EVENT_CLASS_CONTENT, EVENT_INFO, "{who}: {type}[ of {target}]" },
	{ "claude_*", EVENT_CLASS_CONTENT, EVENT_INFO, "{who}: {type}[ of {target}]" },
	{ "*", EVENT_CLASS_ACTIVITY, EVENT_INFO, "{who}: {type}[ of {target}]" },
};

static const struct event_kind own[] = {
	{ "skantd.started", EVENT_CLASS_STARTED, EVENT_NOTICE, "{message}" },
	{ "skantd.stopped", EVENT_CLASS_STOPPED, EVENT_NOTICE, "{message}" },
	{ "skantd.heartbeat", EVENT_CLASS_HEARTBEAT, EVENT_INFO, "{message}" },
	{ "skantd.alert_over", EVENT_CLASS_ALERT, EVENT_NOTICE, "{message}" },
	{ "skantd.alert", EVENT_CLASS_ALERT, EVENT_ALERT, "{message}" },
	{ "*", EVENT_CLASS_RECORD, EVENT_INFO, "{message}" },
};

/* Of findings, by their severity. */
static const struct event_kind findings[] = {
	{ "critical", EVENT_CLASS_FINDING, EVENT_CRIT, "{title}[ {masked}][ in {path}][:{line}]" },
	{ "high", EVENT_CLASS_FINDING, EVENT_ERR, "{title}[ {masked}][ in {path}][:{line}]" },
	{ "medium", EVENT_CLASS_FINDING, EVENT_WARNING, "{title}[ {masked}][ in {path}][:{line}]" },
	{ "*", EVENT_CLASS_FINDING, EVENT_NOTICE, "{title}[ {masked}][ in {path}][:{line}]" },
};

static const struct event_kind key_names[] = {
	{ "high", EVENT_CLASS_KEY_NAME, EVENT_ERR, "{title} '{name}'[ in {path}][:{line}][; {suggestion} would do]" },
	{ "*", EVENT_CLASS_KEY_NAME, EVENT_NOTICE, "{title} '{name}'[ in {path}][:{line}][; {suggestion} would do]" },
};

static const struct event_kind call = {
	"api_call", EVENT_CLASS_CALL, EVENT_INFO,
	"[{team}: ]call of {model}[ by key {key}][: {input_tokens} tokens in][, {output_tokens} out][, {latency} ms]"
};

static const struct event_kind record = { "*", EVENT_CLASS_RECORD, EVENT_INFO, "record[ of {event}][ for {model}]" };

static const struct event_kind *first_match(const struct event_kind *kinds, size_t count, struct view text)
{
	size_t i = 0;

	while (i + 1 < count && !glob_match(view_of(kinds[i].type), text, 0))
		i++;
	return &kinds[i];
}

const struct event_kind *event_kind_of(const struct event *e, const struct event_facts *f)
{
	const struct view *facts = f->facts;

	switch (e->origin) {
	case EVENT_OWN:
		return first_match(own, ARRAY_LEN(own), e->type);
	case EVENT_INGEST:
		if (text_starts(facts[FACT_SCHEMA], VIEW("skant-finding/"))) {
			if (text_eq(facts[FACT_KIND], VIEW("keyname")))
				return first_match(key_names, ARRAY_LEN(key_names), facts[FACT_SEVERITY]);
			return first_match(findings, ARRAY_LEN(findings), facts[FACT_SEVERITY]);
		}
		return text_eq(facts[FACT_EVENT], VIEW("api_call")) || e->fields[EVENT_MODEL].len ? &call : &record;
	case EVENT_PLATFORM:
	case EVENT_CCA:
		break;
	}
	return first_match(activities, ARRAY_LEN(activities), e->type);
}
