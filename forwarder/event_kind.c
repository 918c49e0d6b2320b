/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/base/text.h"
#include "forwarder/event_facts.h"

/* --- activities whose type is known by name --- */

static const struct known {
	const char *type; /* in the order of their bytes */
	enum event_class class;
	enum event_severity severity;
	const char *sentence;
	const char *enabled; /* only when that is what a switch was set to; NULL: whatever it is */
} known[] = {
	{ "admin.keys.create", EVENT_CLASS_KEY, EVENT_NOTICE, "{who} created API key[ {target}]", NULL },
	{ "admin.keys.revoke", EVENT_CLASS_KEY, EVENT_NOTICE, "{who} revoked API key[ {target}]", NULL },
	{ "admin.users.update", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} changed user[ {target}][ to role {role}]",
	  NULL },
	{ "admin_api_key_created", EVENT_CLASS_KEY, EVENT_WARNING, "{who} created admin key {key}[ (scopes: {scopes})]",
	  NULL },
	{ "admin_api_key_deleted", EVENT_CLASS_KEY, EVENT_WARNING, "{who} deleted admin key {key}", NULL },
	{ "admin_api_key_updated", EVENT_CLASS_KEY, EVENT_WARNING, "{who} changed admin key {key}[ ({updates})]",
	  NULL },
	{ "agents.create", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} created an agent[ ({target})]", NULL },
	{ "agents.update", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} changed an agent[ ({target})]", NULL },
	{ "api_key_created", EVENT_CLASS_KEY, EVENT_WARNING, "{who} created scoped key {key}[ (scopes: {scopes})]",
	  NULL },
	{ "audit_log_export_accessed", EVENT_CLASS_REPORT, EVENT_NOTICE, "{who} downloaded an export of the audit log",
	  NULL },
	{ "audit_log_export_started", EVENT_CLASS_REPORT, EVENT_NOTICE, "{who} asked for an export of the audit log",
	  NULL },
	{ "claude_chat_created", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} created chat {target}", NULL },
	{ "claude_chat_deleted", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} deleted chat {target}", NULL },
	{ "claude_chat_viewed", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} viewed chat {target}", NULL },
	{ "claude_file_uploaded", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} uploaded file {target}", NULL },
	{ "claude_project_created", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} created project {target}", NULL },
	{ "claude_project_deleted", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} deleted project {target}", NULL },
	{ "claude_user_role_updated", EVENT_CLASS_ACCESS, EVENT_WARNING,
	  "{who} changed the role of {person}[ from {old_role}][ to {role}]", NULL },
	{ "compliance_api_accessed", EVENT_CLASS_COMPLIANCE, EVENT_INFO,
	  "{who} asked the Compliance API[: {method}][ {url}][ ({status})]", NULL },
	{ "files.download", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} downloaded a file[ ({target})]", NULL },
	{ "files.upload", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} uploaded a file[ ({target})]", NULL },
	{ "group_member_added", EVENT_CLASS_ACCESS, EVENT_NOTICE, "{who} added members to group {target}", NULL },
	{ "group_member_removed", EVENT_CLASS_ACCESS, EVENT_NOTICE, "{who} removed members from group {target}", NULL },
	{ "magic_link_login_failed", EVENT_CLASS_SIGN_IN, EVENT_WARNING, "{who} could not sign in by a link in a mail",
	  NULL },
	{ "magic_link_login_succeeded", EVENT_CLASS_SIGN_IN, EVENT_INFO, "{who} signed in by a link in a mail", NULL },
	{ "messages.create", EVENT_CLASS_CALL, EVENT_INFO,
	  "{who} called {model}[: {input_tokens} tokens in][, {output_tokens} out][, {latency} ms][, {stop}]", NULL },
	{ "org_compliance_api_settings_updated", EVENT_CLASS_COMPLIANCE, EVENT_ALERT,
	  "{who} switched the Compliance API off: nothing is recorded until it is on again", "false" },
	{ "org_compliance_api_settings_updated", EVENT_CLASS_COMPLIANCE, EVENT_WARNING,
	  "{who} switched the Compliance API on: nothing was recorded while it was off", "true" },
	{ "org_compliance_api_settings_updated", EVENT_CLASS_COMPLIANCE, EVENT_WARNING,
	  "{who} changed the settings of the Compliance API", NULL },
	{ "org_data_export_accessed", EVENT_CLASS_REPORT, EVENT_WARNING,
	  "{who} downloaded an export of the organization's data", NULL },
	{ "org_data_export_started", EVENT_CLASS_REPORT, EVENT_WARNING,
	  "{who} asked for an export of the organization's data", NULL },
	{ "org_deletion_requested", EVENT_CLASS_WORKSPACE, EVENT_CRIT, "{who} asked for the organization to be deleted",
	  NULL },
	{ "org_external_key_created", EVENT_CLASS_KEY, EVENT_WARNING, "{who} set up encryption key {target}", NULL },
	{ "org_external_key_deleted", EVENT_CLASS_KEY, EVENT_WARNING, "{who} removed encryption key {target}", NULL },
	{ "org_members_exported", EVENT_CLASS_REPORT, EVENT_NOTICE, "{who} exported the list of members", NULL },
	{ "org_user_deleted", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} removed user {person} from the organization",
	  NULL },
	{ "org_user_invite_accepted", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} accepted an invitation[ ({target})]",
	  NULL },
	{ "org_user_invite_deleted", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} took an invitation back[ ({target})]",
	  NULL },
	{ "org_user_invite_sent", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} invited {person}[ as {role}]", NULL },
	{ "org_user_left", EVENT_CLASS_PERSON, EVENT_NOTICE, "{who} left the organization", NULL },
	{ "platform_agent_created", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} created agent {target}", NULL },
	{ "platform_agent_deleted", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} deleted agent {target}", NULL },
	{ "platform_agent_session_created", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} created a session ({target})",
	  NULL },
	{ "platform_api_key_created", EVENT_CLASS_KEY, EVENT_NOTICE,
	  "{who} created API key {key}[ in workspace {workspace}]", NULL },
	{ "platform_api_key_updated", EVENT_CLASS_KEY, EVENT_NOTICE, "{who} changed API key {key}[ ({updates})]",
	  NULL },
	{ "platform_cost_report_viewed", EVENT_CLASS_REPORT, EVENT_INFO, "{who} read the cost report", NULL },
	{ "platform_federated_authentication", EVENT_CLASS_SIGN_IN, EVENT_INFO,
	  "{who} exchanged a token of another issuer for credentials", NULL },
	{ "platform_file_content_downloaded", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} downloaded file {target}", NULL },
	{ "platform_file_deleted", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} deleted file {target}", NULL },
	{ "platform_file_uploaded", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} uploaded file {target}", NULL },
	{ "platform_usage_report_claude_code_viewed", EVENT_CLASS_REPORT, EVENT_INFO,
	  "{who} read the usage report of Claude Code", NULL },
	{ "platform_usage_report_messages_viewed", EVENT_CLASS_REPORT, EVENT_INFO, "{who} read the usage report",
	  NULL },
	{ "platform_workspace_archived", EVENT_CLASS_WORKSPACE, EVENT_WARNING,
	  "{who} archived workspace {workspace}: its keys are revoked", NULL },
	{ "platform_workspace_created", EVENT_CLASS_WORKSPACE, EVENT_NOTICE, "{who} created workspace {workspace}",
	  NULL },
	{ "platform_workspace_member_added", EVENT_CLASS_ACCESS, EVENT_NOTICE,
	  "{who} added {person} to workspace {workspace}[ as {role}]", NULL },
	{ "platform_workspace_member_removed", EVENT_CLASS_ACCESS, EVENT_NOTICE,
	  "{who} took {person} out of workspace {workspace}", NULL },
	{ "platform_workspace_member_updated", EVENT_CLASS_ACCESS, EVENT_NOTICE,
	  "{who} changed the role of {person} in workspace {workspace}[ ({updates})]", NULL },
	{ "platform_workspace_updated", EVENT_CLASS_WORKSPACE, EVENT_NOTICE,
	  "{who} changed workspace {workspace}[ ({updates})]", NULL },
	{ "primary_owner_transferred", EVENT_CLASS_ACCESS, EVENT_CRIT,
	  "{who} handed the organization to another primary owner[: {person}]", NULL },
	{ "rbac_role_assigned", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who} assigned role {target}", NULL },
	{ "rbac_role_unassigned", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who} took role {target} away", NULL },
	{ "role_assignment_granted", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who} granted role {role}[ on {target}]",
	  NULL },
	{ "role_assignment_revoked", EVENT_CLASS_ACCESS, EVENT_WARNING, "{who} revoked role {role}[ on {target}]",
	  NULL },
	{ "scim_user_created", EVENT_CLASS_PERSON, EVENT_NOTICE, "the directory added user[ {person}]", NULL },
	{ "scim_user_deleted", EVENT_CLASS_PERSON, EVENT_NOTICE, "the directory removed user[ {person}]", NULL },
	{ "scim_user_updated", EVENT_CLASS_PERSON, EVENT_NOTICE, "the directory changed user[ {person}]", NULL },
	{ "scoped_api_key_deleted", EVENT_CLASS_KEY, EVENT_WARNING, "{who} deleted scoped key {key}[ '{name}']", NULL },
	{ "scoped_api_key_updated", EVENT_CLASS_KEY, EVENT_WARNING, "{who} changed scoped key {key}[ ({updates})]",
	  NULL },
	{ "sessions.create", EVENT_CLASS_CONTENT, EVENT_INFO, "{who} started a session[ ({target})]", NULL },
	{ "sessions.event", EVENT_CLASS_CONTENT, EVENT_INFO, "something happened in a session of {who}[ ({target})]",
	  NULL },
	{ "social_login_succeeded", EVENT_CLASS_SIGN_IN, EVENT_INFO, "{who} signed in with another provider's account",
	  NULL },
	{ "sso_login_failed", EVENT_CLASS_SIGN_IN, EVENT_WARNING, "{who} could not sign in by single sign-on", NULL },
	{ "sso_login_succeeded", EVENT_CLASS_SIGN_IN, EVENT_INFO, "{who} signed in by single sign-on", NULL },
	{ "user_logged_out", EVENT_CLASS_SIGN_IN, EVENT_INFO, "{who} signed out", NULL },
};

/* --- all others, by what their names have in common: the first that fits --- */

static const struct family {
	const char *type; /* stars at its ends stand for anything */
	enum event_class class;
	enum event_severity severity;
} families[] = {
	/* The audit trail itself. */
	{ "*compliance*", EVENT_CLASS_COMPLIANCE, EVENT_WARNING },
	{ "audit_log_*", EVENT_CLASS_REPORT, EVENT_NOTICE },
	/* What opens a door: keys, tokens, secrets, certificates. */
	{ "*api_key*", EVENT_CLASS_KEY, EVENT_NOTICE },
	{ "*signing_key*", EVENT_CLASS_KEY, EVENT_WARNING },
	{ "*service_key*", EVENT_CLASS_KEY, EVENT_WARNING },
	{ "*external_key*", EVENT_CLASS_KEY, EVENT_WARNING },
	{ "*signing_secret*", EVENT_CLASS_KEY, EVENT_WARNING },
	{ "*_secret_*", EVENT_CLASS_KEY, EVENT_NOTICE },
	{ "step_up_*", EVENT_CLASS_SIGN_IN, EVENT_INFO },
	{ "*trusted_device*", EVENT_CLASS_SIGN_IN, EVENT_NOTICE },
	{ "*credential*", EVENT_CLASS_KEY, EVENT_NOTICE },
	{ "*_token_*", EVENT_CLASS_KEY, EVENT_NOTICE },
	{ "*_certificate_*", EVENT_CLASS_KEY, EVENT_NOTICE },
	/* Signing in. */
	{ "*login*", EVENT_CLASS_SIGN_IN, EVENT_INFO },
	{ "*_authentication*", EVENT_CLASS_SIGN_IN, EVENT_INFO },
	{ "*second_factor_magic_link", EVENT_CLASS_SIGN_IN, EVENT_INFO },
	{ "*logged_out", EVENT_CLASS_SIGN_IN, EVENT_INFO },
	{ "session_revoked", EVENT_CLASS_SIGN_IN, EVENT_NOTICE },
	{ "phone_code_*", EVENT_CLASS_SIGN_IN, EVENT_INFO },
	{ "lti_launch_*", EVENT_CLASS_SIGN_IN, EVENT_INFO },
	{ "abuse_decision_*", EVENT_CLASS_SIGN_IN, EVENT_WARNING },
	/* Whose work it is. */
	{ "claude_chat*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_artifact*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_published*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_project*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_file*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_skill*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_plugin*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_command*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "claude_code_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "design_project_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "platform_file_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "platform_skill_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "platform_memory_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "platform_dream_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "platform_agent_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "ccr_session_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "ccr_agent_*", EVENT_CLASS_CONTENT, EVENT_NOTICE },
	{ "cowork_session_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "session_share_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "pending_share_*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "files.*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "sessions.*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "agents.*", EVENT_CLASS_CONTENT, EVENT_INFO },
	{ "messages.*", EVENT_CLASS_CALL, EVENT_INFO },
	/* Who may what. */
	{ "*role*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*permission*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*capability_grant*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*federation*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*oauth_app*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*workspace_members_listed", EVENT_CLASS_REPORT, EVENT_INFO },
	{ "*workspace_member_viewed", EVENT_CLASS_REPORT, EVENT_INFO },
	{ "*workspace_member_spend*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "*workspace_member*", EVENT_CLASS_ACCESS, EVENT_NOTICE },
	{ "*service_account*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "group_*", EVENT_CLASS_ACCESS, EVENT_NOTICE },
	{ "org_sso_*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*second_factor*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*ip_restriction*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "org_directory_*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*domain_*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "*_identity_*", EVENT_CLASS_ACCESS, EVENT_WARNING },
	{ "ccr_channel_*", EVENT_CLASS_ACCESS, EVENT_NOTICE },
	{ "*_access_restored", EVENT_CLASS_ACCESS, EVENT_NOTICE },
	{ "org_discoverability_*", EVENT_CLASS_ACCESS, EVENT_NOTICE },
	/* Reading about the organization. */
	{ "*_report_*", EVENT_CLASS_REPORT, EVENT_INFO },
	{ "*_export_*", EVENT_CLASS_REPORT, EVENT_NOTICE },
	{ "*_exported", EVENT_CLASS_REPORT, EVENT_NOTICE },
	{ "*_listed", EVENT_CLASS_REPORT, EVENT_INFO },
	{ "org_user_viewed", EVENT_CLASS_REPORT, EVENT_INFO },
	{ "org_invite_viewed", EVENT_CLASS_REPORT, EVENT_INFO },
	/* People. */
	{ "*invite*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "org_user*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "*scim_*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "org_join_*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "org_parent_*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "org_member*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "account_*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "*seat_tier*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "user_consent_*", EVENT_CLASS_PERSON, EVENT_INFO },
	{ "age_verified", EVENT_CLASS_PERSON, EVENT_INFO },
	{ "admin.users.*", EVENT_CLASS_PERSON, EVENT_NOTICE },
	{ "admin.keys.*", EVENT_CLASS_KEY, EVENT_NOTICE },
	/* Workspaces, limits, the organization's own settings. */
	{ "*retention*", EVENT_CLASS_WORKSPACE, EVENT_WARNING },
	{ "*data_sharing*", EVENT_CLASS_WORKSPACE, EVENT_WARNING },
	{ "*data_residency*", EVENT_CLASS_WORKSPACE, EVENT_WARNING },
	{ "slack_workspace_*", EVENT_CLASS_ACTIVITY, EVENT_NOTICE },
	{ "*workspace*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "*spend_limit*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "*rate_limit*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "org_delet*", EVENT_CLASS_WORKSPACE, EVENT_CRIT },
	{ "org_bulk_delete_*", EVENT_CLASS_WORKSPACE, EVENT_CRIT },
	{ "org_*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "organization_*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "claude_organization_*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "inference_hooks_*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	{ "mcp_*", EVENT_CLASS_WORKSPACE, EVENT_NOTICE },
	/* What is left: extensions, integrations, billing, and what nobody knows yet. */
	{ "*_configuration_*", EVENT_CLASS_ACTIVITY, EVENT_NOTICE },
	{ "*_policy_*", EVENT_CLASS_ACTIVITY, EVENT_NOTICE },
	{ "*", EVENT_CLASS_ACTIVITY, EVENT_INFO },
};

#define OTHERS "activity {type} by {who}[ on {target}]"

/* What was tried and did not come about, or came about because a guard failed, deserves a look whatever it is. */
static const char *const failures[] = { "_failed",  "_failed_open", "_denied",    "_rejected",
					"_blocked", "_invalid",     "_truncated", "_tripped" };

/* And looking at a thing is less than changing it. */
static const char *const looks[] = { "_viewed", "_listed" };

static int compare(const void *key, const void *row)
{
	return text_cmp(*(const struct view *)key, view_of(((const struct known *)row)->type));
}

/* The row of a type that is known, or NULL. */
static const struct known *find_known(struct view type, struct view enabled)
{
	const struct known *k = bsearch(&type, known, ARRAY_LEN(known), sizeof(known[0]), compare);

	while (k && k > known && text_eq(type, view_of(k[-1].type)))
		k--;
	while (k && k->enabled && !text_eq(enabled, view_of(k->enabled)))
		k++; /* the last row of a type has no condition */
	return k;
}

static bool fits(struct view pattern, struct view type)
{
	bool is_open, is_unended;
	struct view word;

	if (pattern.len == 1)
		return true;
	is_open = pattern.ptr[0] == '*';
	is_unended = pattern.ptr[pattern.len - 1] == '*';
	word = view_sub(pattern, is_open, pattern.len - is_open - is_unended);
	if (is_open && is_unended)
		return text_find(type, word) != SIZE_MAX;
	if (is_open)
		return text_ends(type, word);
	return is_unended ? text_starts(type, word) : text_eq(type, word);
}

static bool ends_in(struct view type, const char *const *endings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_ends(type, view_of(endings[i])))
			return true;
	return false;
}

static struct event_kind kind_by_family(struct view type)
{
	const struct family *f = families;
	struct event_kind kind;

	while (!fits(view_of(f->type), type)) /* the last one fits everything */
		f++;
	kind = (struct event_kind){ f->class, f->severity, OTHERS };
	if (kind.severity > EVENT_WARNING && ends_in(type, failures, ARRAY_LEN(failures)))
		kind.severity = EVENT_WARNING;
	else if (ends_in(type, looks, ARRAY_LEN(looks)))
		kind.severity = EVENT_INFO;
	return kind;
}

/* --- what comes from elsewhere --- */

struct row {
	const char *word; /* NULL: any other */
	struct event_kind kind;
};

/* skantd's own, by their type: the first whose beginning it is. */
#define ITSELF "{anything}"
static const struct row own[] = {
	{ "skantd.started", { EVENT_CLASS_STARTED, EVENT_NOTICE, ITSELF } },
	{ "skantd.stopped", { EVENT_CLASS_STOPPED, EVENT_NOTICE, ITSELF } },
	{ "skantd.heartbeat", { EVENT_CLASS_HEARTBEAT, EVENT_INFO, ITSELF } },
	{ "skantd.alert_over", { EVENT_CLASS_ALERT, EVENT_NOTICE, ITSELF } },
	{ "skantd.alert", { EVENT_CLASS_ALERT, EVENT_ALERT, ITSELF } },
	{ "budget_incomplete", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "budget_", { EVENT_CLASS_BUDGET, EVENT_WARNING, ITSELF } },
	{ "model_", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "key_noncompliant", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "key_stale", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "keys_inventory", { EVENT_CLASS_KEY, EVENT_INFO, ITSELF } },
	{ "key_", { EVENT_CLASS_KEY, EVENT_NOTICE, ITSELF } },
	{ "user_outside_domains", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "user_role_changed", { EVENT_CLASS_ACCESS, EVENT_WARNING, ITSELF } },
	{ "user_", { EVENT_CLASS_PERSON, EVENT_NOTICE, ITSELF } },
	{ "invite_open_too_long", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "invite_outside_domains", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "invite_", { EVENT_CLASS_PERSON, EVENT_NOTICE, ITSELF } },
	{ "member_", { EVENT_CLASS_ACCESS, EVENT_NOTICE, ITSELF } },
	{ "access_inventory", { EVENT_CLASS_ACCESS, EVENT_INFO, ITSELF } },
	{ "access_too_many_admins", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "access_noncompliant", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "access_", { EVENT_CLASS_ACCESS, EVENT_NOTICE, ITSELF } },
	{ "content_on", { EVENT_CLASS_POLICY, EVENT_WARNING, ITSELF } },
	{ "audit_feed_missing", { EVENT_CLASS_POLICY, EVENT_ALERT, ITSELF } },
	{ "policy_", { EVENT_CLASS_POLICY, EVENT_NOTICE, ITSELF } },
	{ "usage", { EVENT_CLASS_USAGE, EVENT_INFO, ITSELF } },
	{ "cost", { EVENT_CLASS_COST, EVENT_INFO, ITSELF } },
	{ NULL, { EVENT_CLASS_RECORD, EVENT_INFO, ITSELF } },
};

/* Findings, by their severity. */
#define FOUND "{title}[ {masked}][ in {path}][:{line}]"
static const struct row findings[] = {
	{ "critical", { EVENT_CLASS_FINDING, EVENT_CRIT, FOUND } },
	{ "high", { EVENT_CLASS_FINDING, EVENT_ERR, FOUND } },
	{ "medium", { EVENT_CLASS_FINDING, EVENT_WARNING, FOUND } },
	{ NULL, { EVENT_CLASS_FINDING, EVENT_NOTICE, FOUND } },
};

#define NAMED "{title}[ '{name}'][ in {path}][:{line}][; {suggestion} would do]"
static const struct row key_names[] = {
	{ "critical", { EVENT_CLASS_KEY_NAME, EVENT_ERR, NAMED } },
	{ "high", { EVENT_CLASS_KEY_NAME, EVENT_ERR, NAMED } },
	{ "medium", { EVENT_CLASS_KEY_NAME, EVENT_WARNING, NAMED } },
	{ NULL, { EVENT_CLASS_KEY_NAME, EVENT_NOTICE, NAMED } },
};

/* What applications tell. */
static const struct event_kind call = {
	EVENT_CLASS_CALL, EVENT_INFO,
	"[{team}: ]call of {model}[ by key {key}][ for {feature}][: {input_tokens} tokens in][, {output_tokens} out]"
	"[, {latency} ms][, {stop}]"
};
static const struct event_kind record = { EVENT_CLASS_RECORD, EVENT_INFO,
					  "[{team}: ]record[ {event}] of {who}[: {message}]" };

static struct event_kind find(const struct row *rows, struct view text, bool (*is)(struct view, struct view))
{
	while (rows->word && !is(text, view_of(rows->word)))
		rows++;
	return rows->kind;
}

/* Where an event of skantd's says itself how urgent it is, that counts. */
static struct event_kind kind_of_own(struct view type, struct view severity)
{
	struct event_kind kind = find(own, type, text_starts);

	for (unsigned i = 0; i < EVENT_SEVERITIES; i++)
		if (text_eq(severity, view_of(event_severity_names[i])))
			kind.severity = (enum event_severity)i;
	return kind;
}

static struct event_kind kind_of_ingest(const struct event *e, const struct view *facts)
{
	if (!text_starts(facts[FACT_SCHEMA], VIEW("skant-finding/")))
		return text_eq(facts[FACT_EVENT], VIEW("api_call")) || e->fields[EVENT_MODEL].len ? call : record;
	return find(text_eq(facts[FACT_KIND], VIEW("keyname")) ? key_names : findings, facts[FACT_SEVERITY], text_eq);
}

struct event_kind event_kind_of(const struct event *e, const struct event_facts *f)
{
	const struct known *k;

	switch (e->origin) {
	case EVENT_OWN:
		return kind_of_own(e->type, f->facts[FACT_SEVERITY]);
	case EVENT_INGEST:
		return kind_of_ingest(e, f->facts);
	case EVENT_PLATFORM:
	case EVENT_CCA:
		break;
	}
	k = find_known(e->type, f->facts[FACT_ENABLED]);
	return k ? (struct event_kind){ k->class, k->severity, k->sentence } : kind_by_family(e->type);
}
