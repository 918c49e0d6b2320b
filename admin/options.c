/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/options.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/opt_value.h"

#define TIMEOUT_MAX_S 3600
#define PAGE_ROWS_MAX 5000 /* of any list; the route knows its own */
#define RETRIES_MAX 100
#define RETRIES_USUAL 4
#define INTERVAL_MAX_S (24u * 3600)
#define INTERVAL_USUAL_S 30

#define BIT(command) (UINT64_C(1) << (command))
#define FOR_ALL (BIT(COMMANDS) - 1)
#define FOR_ACTIVITIES (BIT(COMMAND_ACTIVITIES_QUERY) | BIT(COMMAND_ACTIVITIES_TAIL) | BIT(COMMAND_ACTIVITIES_TYPES))
#define FOR_MEMBERS                                                                                                    \
	(BIT(COMMAND_MEMBERS_LIST) | BIT(COMMAND_MEMBERS_ADD) | BIT(COMMAND_MEMBERS_UPDATE) |                          \
	 BIT(COMMAND_MEMBERS_REMOVE))
#define FOR_LISTS                                                                                                      \
	(BIT(COMMAND_USERS_LIST) | BIT(COMMAND_INVITES_LIST) | BIT(COMMAND_WORKSPACES_LIST) |                          \
	 BIT(COMMAND_MEMBERS_LIST) | BIT(COMMAND_KEYS_LIST) | BIT(COMMAND_ACTIVITIES_QUERY) |                          \
	 BIT(COMMAND_MODELS_LIST))
#define FOR_WORKSPACE_EDITS (BIT(COMMAND_WORKSPACES_CREATE) | BIT(COMMAND_WORKSPACES_UPDATE))

#define PLATFORM_ROLES "user developer billing claude_code_user"

enum {
	OPT_OUTPUT,
	OPT_PROFILE,
	OPT_DIALECT,
	OPT_BASE_URL,
	OPT_CA_FILE,
	OPT_API_TIMEOUT,
	OPT_MAX_RETRIES,
	OPT_REQUEST_LOG,
	OPT_DRY_RUN,
	OPT_YES,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_NO_COLOUR,
	OPT_LIMIT,
	OPT_PAGE_SIZE,
	OPT_EMAIL,
	OPT_ROLE,
	OPT_STATUS,
	OPT_WORKSPACE,
	OPT_NAME,
	OPT_COLOUR,
	OPT_TAG,
	OPT_EXPIRES,
	OPT_FROM,
	OPT_TO,
	OPT_TYPE,
	OPT_ACTOR,
	OPT_ORDER,
	OPT_INTERVAL,
};

static const struct opt options[] = {
	{ OPT_OUTPUT, "output", 'o', "FORMAT", OUTPUT_FORMAT_WORDS, "table",
	  "how the answer is printed; tables are separated by tabs when standard output is no terminal",
	  FOR_ALL & ~BIT(COMMAND_KEYS_EXPORT), false },
	{ OPT_LIMIT, "limit", 0, "N", NULL, "all", "print at most N rows", FOR_LISTS, false },
	{ OPT_PAGE_SIZE, "page-size", 0, "N", NULL, "the API's largest", "ask for N rows at a time", FOR_LISTS, false },
	{ OPT_WORKSPACE, "workspace", 0, "ID", NULL, NULL,
	  "the workspace; may be repeated by invites create, where it names what is joined, and by activities",
	  FOR_MEMBERS | FOR_ACTIVITIES | BIT(COMMAND_KEYS_LIST) | BIT(COMMAND_INVITES_CREATE), false },
	{ OPT_EMAIL, "email", 0, "ADDRESS", NULL, NULL, "the person's address",
	  BIT(COMMAND_USERS_LIST) | BIT(COMMAND_INVITES_LIST) | BIT(COMMAND_INVITES_CREATE), false },
	{ OPT_ROLE, "role", 0, "ROLE", PLATFORM_ROLES, NULL, "the role; may be repeated by lists",
	  BIT(COMMAND_USERS_LIST) | BIT(COMMAND_USERS_UPDATE) | BIT(COMMAND_INVITES_LIST) |
		  BIT(COMMAND_INVITES_CREATE) | BIT(COMMAND_MEMBERS_ADD) | BIT(COMMAND_MEMBERS_UPDATE),
	  false },
	{ OPT_STATUS, "status", 0, "STATUS", "active inactive archived expired pending accepted deleted all", NULL,
	  "only those in that state; workspaces list takes active (as without it), archived or all",
	  BIT(COMMAND_INVITES_LIST) | BIT(COMMAND_WORKSPACES_LIST) | BIT(COMMAND_KEYS_LIST), false },
	{ OPT_NAME, "name", 0, "NAME", NULL, NULL, "the name that it gets",
	  FOR_WORKSPACE_EDITS | BIT(COMMAND_KEYS_RENAME), false },
	{ OPT_COLOUR, "color", 0, "#RRGGBB", NULL, NULL, "the colour that the Console shows it in", FOR_WORKSPACE_EDITS,
	  false },
	{ OPT_TAG, "tag", 0, "KEY=VALUE", NULL, NULL,
	  "a tag; may be repeated, and takes the place of all tags there were", FOR_WORKSPACE_EDITS, false },
	{ OPT_EXPIRES, "expires-in-days", 0, "N", NULL, NULL, "how long the invitation lives (dialect cca)",
	  BIT(COMMAND_INVITES_CREATE), false },
	{ OPT_FROM, "from", 0, "TIME", NULL, NULL,
	  "from then on: an RFC 3339 time, or a date, which is its midnight in UTC", FOR_ACTIVITIES, false },
	{ OPT_TO, "to", 0, "TIME", NULL, "now", "until then, which is not part of it",
	  BIT(COMMAND_ACTIVITIES_QUERY) | BIT(COMMAND_ACTIVITIES_TYPES), false },
	{ OPT_TYPE, "type", 0, "TYPE", NULL, NULL, "only activities of that type; may be repeated", FOR_ACTIVITIES,
	  false },
	{ OPT_ACTOR, "actor", 0, "USER", NULL, NULL, "only what that user did; may be repeated", FOR_ACTIVITIES,
	  false },
	{ OPT_ORDER, "order", 0, "ORDER", "asc desc", "desc", "oldest or newest first", BIT(COMMAND_ACTIVITIES_QUERY),
	  false },
	{ OPT_INTERVAL, "interval", 0, "SECONDS", NULL, "30", "how often to ask for what is new",
	  BIT(COMMAND_ACTIVITIES_TAIL), false },
	{ OPT_PROFILE, "profile", 0, "NAME", NULL, "default", "the profile of skantctl.yaml", FOR_ALL, false },
	{ OPT_DIALECT, "dialect", 0, "DIALECT", "platform cca", "platform", "which API is spoken", FOR_ALL, false },
	{ OPT_BASE_URL, "base-url", 0, "URL", NULL, "https://api.anthropic.com", "where the API is", FOR_ALL, false },
	{ OPT_CA_FILE, "ca-file", 0, "FILE", "@file", "the system's", "certificates that are trusted", FOR_ALL, false },
	{ OPT_API_TIMEOUT, "api-timeout", 0, "SECONDS", NULL, NULL, "how long one try of a request may take", FOR_ALL,
	  false },
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
	{ "users list", NULL, "the organisation's users", NULL },
	{ "users get", "ID", "one user", NULL },
	{ "users update", "ID", "give a user another role (--role)", NULL },
	{ "users remove", "ID", "remove a user from the organisation",
	  "Keys of workspaces that the user made live on." },
	{ "invites list", NULL, "invitations", NULL },
	{ "invites create", NULL, "invite somebody (--email, --role)", NULL },
	{ "invites get", "ID", "one invitation", NULL },
	{ "invites revoke", "ID", "take an invitation back", NULL },
	{ "workspaces list", NULL, "the workspaces", "The default workspace is in no list of the API's." },
	{ "workspaces get", "ID", "one workspace", NULL },
	{ "workspaces create", NULL, "make a workspace (--name)", NULL },
	{ "workspaces update", "ID", "change a workspace's name or tags", NULL },
	{ "workspaces archive", "ID", "archive a workspace and revoke all its keys",
	  "This cannot be undone: it needs --yes, on a terminal as well." },
	{ "members list", NULL, "who is in a workspace (--workspace)", NULL },
	{ "members add", "USER", "add a user to a workspace (--workspace, --role)",
	  "Roles: user, developer, restricted_developer, admin." },
	{ "members update", "USER", "change a member's role (--workspace, --role)", NULL },
	{ "members remove", "USER", "take a user out of a workspace (--workspace)", NULL },
	{ "keys list", NULL, "API keys", NULL },
	{ "keys get", "ID", "one API key", NULL },
	{ "keys rename", "ID", "give a key another name (--name)", NULL },
	{ "keys disable", "ID", "make a key inactive", NULL },
	{ "keys enable", "ID", "make a key active again", NULL },
	{ "keys archive", "ID", "archive a key", NULL },
	{ "keys export", NULL, "the inventory of keys that `skant --inventory` reads", NULL },
	{ "activities query", NULL, "what was recorded in a time",
	  "With -o jsonl each line is one activity, the very bytes that the API gave, each id once." },
	{ "activities tail", NULL, "follow what is recorded, until interrupted", NULL },
	{ "activities types", NULL, "count the types of activities in a time", NULL },
	{ "models list", NULL, "the models", NULL },
	{ "verify", NULL, "whether keys are live",
	  "Reads keys from standard input, one a line, and asks the API once for each, free of charge. Asking about a "
	  "compliance key leaves a record in its owner's activity feed. Keys are shown masked." },
};

const struct opt_program options_program = {
	.name = "skantctl",
	.summary = "skantctl looks after a Claude organisation: people, workspaces, API keys, and what was done.",
	.footer = "Credentials come from the environment (ANTHROPIC_ADMIN_KEY and the like) or from what skantctl.yaml "
		  "names, never from an option.\n"
		  "\n"
		  "Exit status:\n"
		  "  0   done\n"
		  "  1   the check found problems, or the question was answered with no\n"
		  "  2   usage or configuration; nothing was sent\n"
		  "  3   the API refused, or its answer was of no use\n"
		  "  75  try later: rate limit or network",
	.commands = commands,
	.command_count = COMMANDS,
	.options = options,
	.option_count = ARRAY_LEN(options),
};

void options_init(struct options *o)
{
	*o = (struct options){ .limit = UINT64_MAX, .max_retries = RETRIES_USUAL, .interval_s = INTERVAL_USUAL_S };
}

int options_single(const struct texts *texts, const char *name, const char **ret, struct err *err)
{
	*ret = texts->count ? texts->items[0] : NULL;
	if (texts->count > 1)
		return err_set(err, ERR_USAGE, 0, "--%s may be given once here", name);
	return 0;
}

static int take_format(struct options *o, const char *value, struct err *err)
{
	for (unsigned i = 0; i < OUTPUT_FORMATS; i++)
		if (strcmp(value, output_format_names[i]) == 0) {
			o->format = (enum output_format)i;
			return 0;
		}
	return err_set(err, ERR_USAGE, 0, "option '--output' takes one of: " OUTPUT_FORMAT_WORDS);
}

static int take_amount(struct options *o, int id, const char *value, struct err *err)
{
	uint64_t n;

	switch (id) {
	case OPT_LIMIT:
		return opt_number("limit", value, 1, UINT64_MAX - 1, &o->limit, err);
	case OPT_PAGE_SIZE:
		return opt_number("page-size", value, 1, PAGE_ROWS_MAX, &o->page_size, err);
	case OPT_INTERVAL:
		return opt_number("interval", value, 1, INTERVAL_MAX_S, &o->interval_s, err);
	case OPT_API_TIMEOUT:
		if (opt_number("api-timeout", value, 1, TIMEOUT_MAX_S, &n, err))
			return -1;
		o->timeout_ms = n * 1000;
		return 0;
	default:
		if (opt_number("max-retries", value, 0, RETRIES_MAX, &n, err))
			return -1;
		o->max_retries = (unsigned)n;
		return 0;
	}
}

static const char **text_of(struct options *o, int id)
{
	switch (id) {
	case OPT_PROFILE:
		return &o->profile.name;
	case OPT_DIALECT:
		return &o->profile.dialect;
	case OPT_BASE_URL:
		return &o->profile.base_url;
	case OPT_CA_FILE:
		return &o->profile.ca_file;
	case OPT_REQUEST_LOG:
		return &o->request_log;
	case OPT_EMAIL:
		return &o->email;
	case OPT_NAME:
		return &o->name;
	case OPT_COLOUR:
		return &o->colour;
	case OPT_EXPIRES:
		return &o->expires_in_days;
	case OPT_FROM:
		return &o->from;
	case OPT_TO:
		return &o->to;
	default:
		return &o->order;
	}
}

static struct texts *list_of(struct options *o, int id)
{
	switch (id) {
	case OPT_ROLE:
		return &o->roles;
	case OPT_STATUS:
		return &o->statuses;
	case OPT_WORKSPACE:
		return &o->workspaces;
	case OPT_TAG:
		return &o->tags;
	case OPT_TYPE:
		return &o->types;
	default:
		return &o->actors;
	}
}

static void take_flag(struct options *o, int id)
{
	switch (id) {
	case OPT_DRY_RUN:
		o->dry_run = true;
		break;
	case OPT_YES:
		o->yes = true;
		break;
	case OPT_QUIET:
		o->quiet = true;
		break;
	case OPT_VERBOSE:
		o->verbose = true;
		break;
	default:
		o->no_colour = true;
		break;
	}
}

static const char *name_of(int id)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].id == id)
			return options[i].name;
	return "";
}

static int take_text(const char **text, int id, const char *value, struct err *err)
{
	if (!*value)
		return err_set(err, ERR_USAGE, 0, "the value of option '--%s' is empty", name_of(id));
	*text = value;
	return 0;
}

static int take_one_more(struct texts *list, int id, const char *value, struct err *err)
{
	if (list->count == LIST_MAX)
		return err_set(err, ERR_USAGE, 0, "option '--%s' may be given %d times", name_of(id), LIST_MAX);
	return take_text(&list->items[list->count++], id, value, err);
}

int options_take(void *context, int id, const char *value, struct err *err)
{
	struct options *o = context;

	switch (id) {
	case OPT_OUTPUT:
		return take_format(o, value, err);
	case OPT_ROLE:
	case OPT_STATUS:
	case OPT_WORKSPACE:
	case OPT_TAG:
	case OPT_TYPE:
	case OPT_ACTOR:
		return take_one_more(list_of(o, id), id, value, err);
	case OPT_LIMIT:
	case OPT_PAGE_SIZE:
	case OPT_INTERVAL:
	case OPT_API_TIMEOUT:
	case OPT_MAX_RETRIES:
		return take_amount(o, id, value, err);
	case OPT_DRY_RUN:
	case OPT_YES:
	case OPT_QUIET:
	case OPT_VERBOSE:
	case OPT_NO_COLOUR:
		take_flag(o, id);
		return 0;
	default:
		return take_text(text_of(o, id), id, value, err);
	}
}
