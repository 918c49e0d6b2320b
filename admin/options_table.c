/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "admin/access_rows.h"
#include "admin/options.h"
#include "admin/options_id.h"

#define BIT(command) (UINT64_C(1) << (command))
#define FOR_ALL (BIT(COMMANDS) - 1)
#define FOR_ACTIVITIES (BIT(COMMAND_ACTIVITIES_QUERY) | BIT(COMMAND_ACTIVITIES_TAIL) | BIT(COMMAND_ACTIVITIES_TYPES))
#define FOR_ONE_KEY                                                                                                    \
	(BIT(COMMAND_KEYS_GET) | BIT(COMMAND_KEYS_RENAME) | BIT(COMMAND_KEYS_DISABLE) | BIT(COMMAND_KEYS_ENABLE) |     \
	 BIT(COMMAND_KEYS_ARCHIVE))
#define FOR_MEMBERS                                                                                                    \
	(BIT(COMMAND_MEMBERS_LIST) | BIT(COMMAND_MEMBERS_ADD) | BIT(COMMAND_MEMBERS_UPDATE) |                          \
	 BIT(COMMAND_MEMBERS_REMOVE))
#define FOR_LISTS                                                                                                      \
	(BIT(COMMAND_USERS_LIST) | BIT(COMMAND_INVITES_LIST) | BIT(COMMAND_WORKSPACES_LIST) |                          \
	 BIT(COMMAND_MEMBERS_LIST) | BIT(COMMAND_KEYS_LIST) | BIT(COMMAND_ACTIVITIES_QUERY) |                          \
	 BIT(COMMAND_MODELS_LIST) | BIT(COMMAND_GROUPS_LIST) | BIT(COMMAND_GROUPS_MEMBERS) | BIT(COMMAND_ORG_LIST) |   \
	 BIT(COMMAND_ORG_USERS))
#define FOR_WORKSPACE_EDITS (BIT(COMMAND_WORKSPACES_CREATE) | BIT(COMMAND_WORKSPACES_UPDATE))

#define FOR_POLICY                                                                                                     \
	(BIT(COMMAND_KEYS_AUDIT) | BIT(COMMAND_KEYS_RENAME) | BIT(COMMAND_COST) | BIT(COMMAND_USAGE_MESSAGES) |        \
	 BIT(COMMAND_POLICY_CHECK) | BIT(COMMAND_POLICY_SHOW) | BIT(COMMAND_ACCESS_REVIEW) |                           \
	 BIT(COMMAND_MODELS_CHECK) | FOR_REPORTS)
#define FOR_REPORTS                                                                                                    \
	(BIT(COMMAND_REPORT_KEYS) | BIT(COMMAND_REPORT_USAGE) | BIT(COMMAND_REPORT_ACCESS) | BIT(COMMAND_REPORT_ALL))
#define FOR_SUMS                                                                                                       \
	(BIT(COMMAND_USAGE_MESSAGES) | BIT(COMMAND_USAGE_CLAUDE_CODE) | BIT(COMMAND_USAGE_ESTIMATE) | BIT(COMMAND_COST))
#define FOR_ATTRIBUTED (BIT(COMMAND_USAGE_MESSAGES) | BIT(COMMAND_COST))
#define FOR_PRICED BIT(COMMAND_USAGE_ESTIMATE)
#define FOR_MESSAGES (BIT(COMMAND_MESSAGE_SEND) | BIT(COMMAND_MESSAGE_COUNT))
#define FOR_TIMES                                                                                                      \
	(FOR_SUMS | FOR_REPORTS | BIT(COMMAND_MODELS_CHECK) | BIT(COMMAND_ACTIVITIES_QUERY) |                          \
	 BIT(COMMAND_ACTIVITIES_TYPES))

#define FOR_PLAIN_OUTPUT                                                                                               \
	(FOR_ALL & ~(BIT(COMMAND_KEYS_AUDIT) | BIT(COMMAND_KEYS_EXPORT) | BIT(COMMAND_POLICY_TEMPLATE) | FOR_REPORTS))

#define OUTPUT_HELP "how the answer is printed; a table has tabs when standard output is no terminal"
#define MODEL_VIOLATION_WORDS "not-allowed not-pinned retires unknown"
/* name is a group of codes: those before age. */
#define KEY_VIOLATIONS                                                                                                 \
	"name format case character length team environment purpose empty-part age age-warn unused default-workspace " \
	"org-scope creator-gone duplicate-purpose no-expiry"
#define GROUPS_OF_KEYS "department team environment purpose key "
#define GROUP_HELP "one line for each of these; may be repeated, or several with commas between them"

/* Of both dialects together, as their tables have them; a wrong one is told with those that the dialect takes. */
#define LISTED_ROLES "user developer billing admin claude_code_user managed membership_admin owner primary_owner"
#define GIVEN_ROLES "user developer billing admin claude_code_user managed"
#define MEMBER_ROLES "user developer restricted_developer admin"
#define GIVEN_ROLES_HELP                                                                                               \
	"The role admin is given in the dialect cca only, claude_code_user and managed in platform only."

#define NAMED_KEY                                                                                                      \
	"By its id, or by its whole name where one key has it: several are told with workspace and state, and "        \
	"--workspace or an id chooses."

#define TIME_HELP "from then on: an RFC 3339 time, or a date (midnight in UTC)"

static const struct opt options[] = {
	{ OPT_OUTPUT, "output", 'o', "FORMAT", OUTPUT_FORMAT_WORDS, "table", OUTPUT_HELP, BIT(COMMAND_KEYS_AUDIT),
	  false },
	{ OPT_OUTPUT, "output", 'o', "FORMAT", OUTPUT_PLAIN_WORDS, "table", OUTPUT_HELP, FOR_PLAIN_OUTPUT, false },
	{ OPT_LIMIT, "limit", 0, "N", NULL, "all", "print at most N rows", FOR_LISTS, false },
	{ OPT_PAGE_SIZE, "page-size", 0, "N", NULL, "the API's largest", "ask for N rows at a time", FOR_LISTS, false },
	{ OPT_WORKSPACE, "workspace", 0, "WORKSPACE", NULL, NULL, "the workspace, by id or name", FOR_MEMBERS, false },
	{ OPT_WORKSPACE, "workspace", 0, "WORKSPACE", NULL, NULL, "only keys of that workspace, by id or name",
	  BIT(COMMAND_KEYS_LIST), false },
	{ OPT_WORKSPACE, "workspace", 0, "WORKSPACE", NULL, NULL,
	  "the workspace, by id or name, that the key of that name is in", FOR_ONE_KEY, false },
	{ OPT_WORKSPACE, "workspace", 0, "WORKSPACE", NULL, NULL,
	  "only what belongs to that workspace, by id or name; may be repeated",
	  BIT(COMMAND_KEYS_AUDIT) | FOR_ATTRIBUTED | FOR_ACTIVITIES, false },
	{ OPT_WORKSPACE, "workspace", 0, "WORKSPACE", NULL, NULL,
	  "the id of a workspace that is joined as well; may be repeated (dialect cca)", BIT(COMMAND_INVITES_CREATE),
	  false },
	{ OPT_EMAIL, "email", 0, "ADDRESS", NULL, NULL, "only the person with that address",
	  BIT(COMMAND_USERS_LIST) | BIT(COMMAND_INVITES_LIST), false },
	{ OPT_EMAIL, "email", 0, "ADDRESS", NULL, NULL, "the person's address", BIT(COMMAND_INVITES_CREATE), false },
	{ OPT_ROLE, "role", 0, "ROLE", LISTED_ROLES, NULL, "only those with that role; may be repeated",
	  BIT(COMMAND_USERS_LIST) | BIT(COMMAND_INVITES_LIST), false },
	{ OPT_ROLE, "role", 0, "ROLE", GIVEN_ROLES, NULL, "the role in the organisation",
	  BIT(COMMAND_USERS_UPDATE) | BIT(COMMAND_INVITES_CREATE), false },
	{ OPT_ROLE, "role", 0, "ROLE", MEMBER_ROLES " billing", NULL, "the role in the workspace",
	  BIT(COMMAND_MEMBERS_ADD), false },
	{ OPT_ROLE, "role", 0, "ROLE", MEMBER_ROLES, NULL, "the role in the workspace", BIT(COMMAND_MEMBERS_UPDATE),
	  false },
	{ OPT_STATUS, "status", 0, "STATUS", "pending accepted expired deleted", NULL,
	  "only those in that state; may be repeated", BIT(COMMAND_INVITES_LIST), false },
	{ OPT_STATUS, "status", 0, "STATUS", "active archived all", "active", "only those in that state",
	  BIT(COMMAND_WORKSPACES_LIST), false },
	{ OPT_STATUS, "status", 0, "STATUS", "active inactive archived expired", NULL, "only those in that state",
	  BIT(COMMAND_KEYS_LIST), false },
	{ OPT_NAME, "name", 0, "NAME", NULL, NULL, "the new name",
	  FOR_WORKSPACE_EDITS | BIT(COMMAND_KEYS_RENAME) | BIT(COMMAND_GROUPS_CREATE), false },
	{ OPT_NAME, "name", 0, "NAME", NULL, NULL, "only those whose name begins with that", BIT(COMMAND_GROUPS_LIST),
	  false },
	{ OPT_COLOUR, "color", 0, "#RRGGBB", NULL, NULL, "the colour that the Console shows it in", FOR_WORKSPACE_EDITS,
	  false },
	{ OPT_TAG, "tag", 0, "KEY=VALUE", NULL, NULL, "a tag; may be repeated; replaces all existing tags",
	  FOR_WORKSPACE_EDITS, false },
	{ OPT_EXPIRES, "expires-in-days", 0, "N", NULL, NULL, "how long the invitation lives (dialect cca)",
	  BIT(COMMAND_INVITES_CREATE), false },
	{ OPT_FROM, "from", 0, "TIME", NULL,
	  "the first of the month; the hour, or the day, before --to with --bucket 1m, or 1h; a year before with "
	  "--group-by month",
	  TIME_HELP, BIT(COMMAND_USAGE_MESSAGES), false },
	{ OPT_FROM, "from", 0, "TIME", NULL, "the first of the month; a year before with --group-by month", TIME_HELP,
	  BIT(COMMAND_COST), false },
	{ OPT_FROM, "from", 0, "TIME", NULL, "the first of the month", TIME_HELP, BIT(COMMAND_USAGE_CLAUDE_CODE),
	  false },
	{ OPT_FROM, "from", 0, "TIME", NULL, "a year before the first of the month", TIME_HELP, FOR_REPORTS, false },
	{ OPT_FROM, "from", 0, "TIME", NULL, "30 days before --to", TIME_HELP, BIT(COMMAND_MODELS_CHECK), false },
	{ OPT_FROM, "from", 0, "TIME", NULL, "now", TIME_HELP, BIT(COMMAND_ACTIVITIES_TAIL), false },
	{ OPT_FROM, "from", 0, "TIME", NULL, "all there is", TIME_HELP,
	  BIT(COMMAND_ACTIVITIES_QUERY) | BIT(COMMAND_ACTIVITIES_TYPES) | BIT(COMMAND_USAGE_ESTIMATE), false },
	{ OPT_TO, "to", 0, "TIME", NULL, "now", "up to then, exclusive", FOR_TIMES & ~FOR_PRICED, false },
	{ OPT_TO, "to", 0, "TIME", NULL, NULL, "up to then, exclusive", FOR_PRICED, false },
	{ OPT_TYPE, "type", 0, "TYPE", NULL, NULL, "only activities of that type; may be repeated", FOR_ACTIVITIES,
	  false },
	{ OPT_ACTOR, "actor", 0, "USER", NULL, NULL, "only what that user did, by id or address; may be repeated",
	  FOR_ACTIVITIES, false },
	{ OPT_ORDER, "order", 0, "ORDER", "asc desc", "desc", "oldest or newest first", BIT(COMMAND_ACTIVITIES_QUERY),
	  false },
	{ OPT_INTERVAL, "interval", 0, "SECONDS", NULL, "30", "how often to ask for what is new",
	  BIT(COMMAND_ACTIVITIES_TAIL), false },
	{ OPT_POLICY, "policy", 0, "FILE", "@file", "$SKANT_POLICY, /etc/skant/policy.yaml",
	  "the organisation's policy", FOR_POLICY, false },
	{ OPT_VIOLATION, "violation", 0, "CODE", KEY_VIOLATIONS, "all",
	  "only that violation; may be repeated; name stands for the eight codes after it", BIT(COMMAND_KEYS_AUDIT),
	  false },
	{ OPT_VIOLATION, "violation", 0, "CODE", MODEL_VIOLATION_WORDS, "all", "only that violation; may be repeated",
	  BIT(COMMAND_MODELS_CHECK), false },
	{ OPT_GROUP_BY, "group-by", 0, "WHAT",
	  "month day workspace " GROUPS_OF_KEYS "account service_account model tier context_window geo total", "model",
	  GROUP_HELP, BIT(COMMAND_USAGE_MESSAGES), false },
	{ OPT_GROUP_BY, "group-by", 0, "WHAT", "month day user key model terminal project total", "user,key",
	  GROUP_HELP, BIT(COMMAND_USAGE_CLAUDE_CODE), false },
	{ OPT_GROUP_BY, "group-by", 0, "WHAT", "team feature model day month stop_reason key", "team,model", GROUP_HELP,
	  BIT(COMMAND_USAGE_ESTIMATE), false },
	{ OPT_GROUP_BY, "group-by", 0, "WHAT",
	  "month day workspace " GROUPS_OF_KEYS "user model kind tier context_window geo total", "workspace",
	  GROUP_HELP, BIT(COMMAND_COST), false },
	{ OPT_BUCKET, "bucket", 0, "WIDTH", "1m 1h 1d", NULL, "one line for each minute, hour or day",
	  BIT(COMMAND_USAGE_MESSAGES), false },
	{ OPT_KEY, "key", 0, "KEY", NULL, NULL, "only what that key used, by id or name; may be repeated",
	  FOR_ATTRIBUTED, false },
	{ OPT_PROJECTION, "projection", 0, NULL, NULL, NULL,
	  "also what it will be by the end of the month at this pace, beside the policy's budget", BIT(COMMAND_COST),
	  false },
	{ OPT_PRICES, "prices", 0, "FILE", "@file", "built in", "a list of prices instead of the one built in",
	  FOR_PRICED, false },
	{ OPT_RETIRES_WITHIN, "retires-within", 0, "DAYS", NULL, "60",
	  "report models that retire, or may retire, within so many days", BIT(COMMAND_MODELS_CHECK), false },
	{ OPT_DESCRIPTION, "description", 0, "TEXT", NULL, NULL, "what the group is for", BIT(COMMAND_GROUPS_CREATE),
	  false },
	{ OPT_RETENTION_DAYS, "retention-days", 0, "N", NULL, NULL, "how long its data is kept",
	  BIT(COMMAND_GROUPS_CREATE), false },
	{ OPT_ENCRYPT, "require-encryption", 0, NULL, NULL, NULL, "its data has to be encrypted",
	  BIT(COMMAND_GROUPS_CREATE), false },
	{ OPT_REGION, "region", 0, "REGION", NULL, NULL, "a region that it may use; may be repeated",
	  BIT(COMMAND_GROUPS_CREATE), false },
	{ OPT_AUDIT_LEVEL, "audit-level", 0, "LEVEL", "none metadata full", NULL, "what is recorded of it",
	  BIT(COMMAND_GROUPS_CREATE), false },
	{ OPT_RECORD, "record", 0, "FILE", "@file", NULL,
	  "append a dated, hashed record of the review, and say when the next is due", BIT(COMMAND_ACCESS_REVIEW),
	  false },
	{ OPT_VERIFY_RECORD, "verify-record", 0, "FILE", "@file", NULL,
	  "check the records of reviews in that file instead: whether one was altered, and when the next is due",
	  BIT(COMMAND_ACCESS_REVIEW), false },
	{ OPT_REVIEWER, "reviewer", 0, "NAME", NULL, "the login name", "who reviews, for --record",
	  BIT(COMMAND_ACCESS_REVIEW), false },
	{ OPT_SHOW, "show", 0, "WHAT", ACCESS_SHOW_WORDS, "all", "only that part; admins with why they are",
	  BIT(COMMAND_ACCESS_REVIEW), false },
	{ OPT_HTML, "html", 0, "FILE", "@file", NULL, "where the page goes", FOR_REPORTS, false },
	{ OPT_MODEL, "model", 0, "MODEL", NULL, NULL, "the model", FOR_MESSAGES, false },
	{ OPT_MODEL, "model", 0, "MODEL", NULL, NULL, "only that model", FOR_ATTRIBUTED, false },
	{ OPT_MAX_TOKENS, "max-tokens", 0, "N", NULL, "1024", "the most tokens of an answer", BIT(COMMAND_MESSAGE_SEND),
	  false },
	{ OPT_SYSTEM, "system", 0, "TEXT", NULL, NULL, "the system prompt", FOR_MESSAGES, false },
	{ OPT_QUEUE, "queue", 0, "FILE", "@file", NULL, "prompts, one JSON object a line (`-`: standard input)",
	  FOR_MESSAGES, false },
	{ OPT_RESULTS, "results", 0, "FILE", "@file", "standard output",
	  "where results go, one JSON object a line; prompts that have an answer there are not sent again",
	  FOR_MESSAGES, false },
	{ OPT_RPM, "rpm", 0, "N", NULL, "no limit", "requests a minute, of all processes of this user", FOR_MESSAGES,
	  false },
	{ OPT_ITPM, "itpm", 0, "N", NULL, "no limit", "input tokens a minute, likewise", BIT(COMMAND_MESSAGE_SEND),
	  false },
	{ OPT_OTPM, "otpm", 0, "N", NULL, "no limit", "output tokens a minute, likewise", BIT(COMMAND_MESSAGE_SEND),
	  false },
	{ OPT_TPD, "tpd", 0, "N", NULL, "no limit", "tokens in 24 hours, likewise", BIT(COMMAND_MESSAGE_SEND), false },
	{ OPT_WAIT, "wait", 0, "SECONDS", NULL, "as long as it takes",
	  "how long a prompt may take, with all waiting for its turn and all tries", FOR_MESSAGES, false },
	{ OPT_USAGE_FILE, "usage-file", 0, "FILE", "@file", NULL,
	  "append a usage record for each request, as `usage estimate` reads it", BIT(COMMAND_MESSAGE_SEND), false },
	{ OPT_INGEST, "ingest", 0, "SOCKET", "@file", NULL, "give skantd an audit event for each request",
	  BIT(COMMAND_MESSAGE_SEND), false },
	{ OPT_TEAM, "team", 0, "TEAM", NULL, NULL, "the team in usage records", BIT(COMMAND_MESSAGE_SEND), false },
	{ OPT_TEAM, "team", 0, "TEAM", NULL, NULL, "only what keys of that team did, by their names", FOR_ATTRIBUTED,
	  false },
	{ OPT_FEATURE, "feature", 0, "FEATURE", NULL, NULL, "the feature in usage records", BIT(COMMAND_MESSAGE_SEND),
	  false },
	{ OPT_JOBS, "jobs", 'j', "N", NULL, "4", "how many requests at a time", FOR_MESSAGES, false },
	{ OPT_JOBS, "jobs", 'j', "N", NULL, "one a processor", "how many threads", BIT(COMMAND_USAGE_ESTIMATE), false },
	{ OPT_PROFILE, "profile", 0, "NAME", NULL, "default", "the profile of skantctl.yaml", FOR_ALL, false },
	{ OPT_DIALECT, "dialect", 0, "DIALECT", "platform cca", "platform", "which API is spoken", FOR_ALL, false },
	{ OPT_BASE_URL, "base-url", 0, "URL", NULL, "https://api.anthropic.com", "where the API is", FOR_ALL, false },
	{ OPT_CA_FILE, "ca-file", 0, "FILE", "@file", "the system's", "certificates that are trusted", FOR_ALL, false },
	{ OPT_API_TIMEOUT, "api-timeout", 0, "SECONDS", NULL, "60", "how long one try of a request may take",
	  FOR_ALL & ~FOR_MESSAGES, false },
	{ OPT_API_TIMEOUT, "api-timeout", 0, "SECONDS", NULL, "600", "how long one try of a request may take",
	  FOR_MESSAGES, false },
	{ OPT_MAX_RETRIES, "max-retries", 0, "N", NULL, "4", "how often a request is tried again", FOR_ALL, false },
	{ OPT_REQUEST_LOG, "request-log", 0, "FILE", "@file", NULL,
	  "append a line of JSON for each request: method, path, status, request id, duration", FOR_ALL, false },
	{ OPT_DRY_RUN, "dry-run", 0, NULL, NULL, NULL,
	  "print the request that would change something instead of sending it", FOR_ALL, false },
	{ OPT_YES, "yes", 'y', NULL, NULL, NULL, "do not ask before something is changed", FOR_ALL, false },
	{ OPT_QUIET, "quiet", 'q', NULL, NULL, NULL, "nothing on standard error but errors", FOR_ALL, false },
	{ OPT_VERBOSE, "verbose", 'v', NULL, NULL, NULL, "say which kind of credential each request uses", FOR_ALL,
	  false },
	{ OPT_NO_COLOUR, "no-color", 0, NULL, NULL, NULL, "accepted for scripts' sake: there is no colour", FOR_ALL,
	  true },
};

/* In the order of enum command. */
static const struct opt_command commands[COMMANDS] = {
	{ "auth check", NULL, "which credentials are set, and what each may do",
	  "Asks the API with each credential in turn, free of charge. Exit status 1 when one is dead, or not of the "
	  "kind that it is set as." },
	{ "org show", NULL, "the organisation", NULL },
	{ "org list", NULL, "the organisations that the Compliance API sees", NULL },
	{ "org users", "[ID]", "the people of an organisation, as the Compliance API lists them", NULL },
	{ "users list", NULL, "the organisation's users", NULL },
	{ "users get", "USER", "one user, by id or address", NULL },
	{ "users update", "USER", "give a user another role (--role)", GIVEN_ROLES_HELP },
	{ "users remove", "USER", "remove a user from the organisation",
	  "Keys of workspaces that the user made live on." },
	{ "invites list", NULL, "invitations", NULL },
	{ "invites create", NULL, "invite somebody (--email, --role)", GIVEN_ROLES_HELP },
	{ "invites get", "INVITATION", "one invitation, by id or address", NULL },
	{ "invites revoke", "INVITATION", "take an invitation back, by its id or address", NULL },
	{ "workspaces list", NULL, "the workspaces", "The default workspace is in no list of the API's." },
	{ "workspaces get", "WORKSPACE", "one workspace, by id or name", NULL },
	{ "workspaces create", NULL, "make a workspace (--name)", NULL },
	{ "workspaces update", "WORKSPACE", "change a workspace's name or tags", NULL },
	{ "workspaces archive", "WORKSPACE", "archive a workspace and revoke all its keys",
	  "This cannot be undone: it needs --yes, on a terminal as well." },
	{ "members list", NULL, "who is in a workspace (--workspace)", NULL },
	{ "members add", "USER", "add a user to a workspace (--workspace, --role)",
	  "The role billing is given in the dialect cca only, restricted_developer in platform only." },
	{ "members update", "USER", "change a member's role (--workspace, --role)", NULL },
	{ "members remove", "USER", "take a user out of a workspace (--workspace)", NULL },
	{ "keys list", NULL, "API keys", NULL },
	{ "keys get", "KEY", "one API key", NAMED_KEY },
	{ "keys rename", "KEY", "give a key another name (--name)", NAMED_KEY },
	{ "keys disable", "KEY", "make a key inactive", NAMED_KEY },
	{ "keys enable", "KEY", "make a key active again", NAMED_KEY },
	{ "keys archive", "KEY", "archive a key", NAMED_KEY },
	{ "keys export", NULL, "the inventory of keys that `skant --inventory` reads", NULL },
	{ "keys audit", NULL, "active keys against the policy: names, age, use, place, owner",
	  "Exit status 1 when a key breaks the policy. The API has no time of last use: it is taken from the usage "
	  "grouped by key." },
	{ "groups list", NULL, "groups of people", NULL },
	{ "groups get", "ID", "one group", NULL },
	{ "groups members", "ID", "who is in a group", NULL },
	{ "groups create", NULL, "make a group (--name; dialect cca)", NULL },
	{ "usage messages", NULL, "tokens used, by time and group",
	  "The dialect cca tells month, day, workspace, department and model." },
	{ "usage claude-code", NULL, "what people did with Claude Code",
	  "The dialect cca tells day, user (without --group-by) and project, which is known to it only." },
	{ "usage estimate", "[FILE ...]", "price records that applications wrote (JSON lines)", NULL },
	{ "cost", NULL, "what was billed, by time and group",
	  "With --group-by month each row tells its growth over the month before, where both are whole. The dialect "
	  "cca tells month, day, workspace, department, model and user, which is known to it only." },
	{ "policy check", NULL, "check the policy file, and the organisation against it", NULL },
	{ "policy show", NULL, "the policy with all defaults filled in", NULL },
	{ "policy template", NULL, "a policy file to begin with", NULL },
	{ "access review", NULL, "who may do what and why, against the policy",
	  "Exit status 1 when what is shown breaks the policy. The SHA-256 of a record's listing is that of what "
	  "-o jsonl prints." },
	{ "activities query", NULL, "what was recorded in a time",
	  "With -o jsonl each line is one activity, the very bytes that the API gave, each id once." },
	{ "activities tail", NULL, "follow what is recorded, until interrupted", NULL },
	{ "activities types", NULL, "count the types of activities in a time", NULL },
	{ "models list", NULL, "the models", NULL },
	{ "models check", NULL, "models in use that the policy does not allow, or that retire soon",
	  "Looks at the usage of the last 30 days, or from --from up to --to. Exit status 1 when there is one." },
	{ "message send", "[PROMPT]", "send one prompt, or a queue of them, within limits",
	  "Without PROMPT it is read from standard input. All processes of a user share the limits. Exit status 1 when "
	  "prompts of a queue have no answer, 75 when some are left." },
	{ "message count", "[PROMPT]", "count the tokens that a prompt has, free of charge", NULL },
	{ "report keys", NULL, "the inventory of keys as a page of HTML", NULL },
	{ "report usage", NULL, "usage and cost as a page of HTML", NULL },
	{ "report access", NULL, "people and their access as a page of HTML", NULL },
	{ "report all", NULL, "all three in one page", NULL },
	{ "verify", NULL, "whether keys are live",
	  "Reads keys from standard input, one a line, and asks the API once for each, free of charge. Asking about a "
	  "compliance key leaves a record in its owner's activity feed. Keys are shown masked." },
};

const struct opt_program options_program = {
	.name = "skantctl",
	.summary = "skantctl looks after a Claude organisation: people, workspaces, API keys, "
		   "spending, and the record of what was done.",
	.footer = "Credentials come from the environment (ANTHROPIC_ADMIN_KEY and the like) or from what skantctl.yaml "
		  "names, never from an option.\n"
		  "\n"
		  "Exit status:\n"
		  "  0   done\n"
		  "  1   the check found problems, or the question was answered with no\n"
		  "  2   usage or configuration; nothing was changed\n"
		  "  3   the API refused, or its answer was of no use\n"
		  "  75  try later: rate limit or network",
	.commands = commands,
	.command_count = COMMANDS,
	.options = options,
	.option_count = ARRAY_LEN(options),
};

const char *option_name(int id)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].id == id)
			return options[i].name;
	return "";
}
