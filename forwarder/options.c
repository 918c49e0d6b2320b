/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/options.h"

#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/opt_value.h"
#include "forwarder/config.h"

#define TIMEOUT_MAX_S 3600
#define RETRIES_MAX 100
#define RETRIES_USUAL 4
#define NS_PER_S 1'000'000'000

#define BIT(command) (UINT64_C(1) << (command))
#define FOR_ALL (BIT(COMMANDS) - 1)
#define FOR_STATE (FOR_ALL & ~BIT(COMMAND_EMIT))
#define FOR_API (BIT(COMMAND_RUN) | BIT(COMMAND_CHECK) | BIT(COMMAND_VERIFY))
#define FOR_TIMES (BIT(COMMAND_VERIFY) | BIT(COMMAND_REPLAY))

enum {
	OPT_CONFIG,
	OPT_ONCE,
	OPT_SINK,
	OPT_JSON,
	OPT_FROM,
	OPT_TO,
	OPT_EXPORT,
	OPT_DEAD,
	OPT_SOCKET,
	OPT_STATE_DIR,
	OPT_LOG_LEVEL,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_PROFILE,
	OPT_BASE_URL,
	OPT_DIALECT,
	OPT_CA_FILE,
	OPT_API_TIMEOUT,
	OPT_MAX_RETRIES,
	OPT_REQUEST_LOG,
};

static const struct opt options[] = {
	{ OPT_CONFIG, "config", 'c', "FILE", "@file", CONFIG_FILE,
	  "the configuration; skantd.d/*.yaml beside it are read too", FOR_ALL, false },
	{ OPT_ONCE, "once", 0, NULL, NULL, NULL, "read each feed to its end, deliver to every sink, and end",
	  BIT(COMMAND_RUN), false },
	{ OPT_SINK, "sink", 0, "NAME", NULL, NULL, "probe this sink's receiver instead of asking the feeds",
	  BIT(COMMAND_CHECK), false },
	{ OPT_SINK, "sink", 0, "NAME", NULL, NULL,
	  "ask this sink's receiver only; with --export: the sink whose receiver wrote that", BIT(COMMAND_VERIFY),
	  false },
	{ OPT_SINK, "sink", 0, "NAME", NULL, NULL, "the sink that gets it again", BIT(COMMAND_REPLAY), false },
	{ OPT_JSON, "json", 0, NULL, NULL, NULL, "print JSON", BIT(COMMAND_STATUS) | BIT(COMMAND_VERIFY), false },
	{ OPT_FROM, "from", 0, "TIME", NULL, NULL, "from then on: an RFC 3339 time, or a date (midnight in UTC)",
	  FOR_TIMES, false },
	{ OPT_TO, "to", 0, "TIME", NULL, NULL, "up to then, exclusive; without it to the end", FOR_TIMES, false },
	{ OPT_EXPORT, "export", 0, "FILE", "@file", NULL,
	  "check what a receiver wrote instead of the receiver: JSON, syslog or CEF lines; - is standard input",
	  BIT(COMMAND_VERIFY), false },
	{ OPT_DEAD, "dead", 0, NULL, NULL, NULL, "send the sink's dead letters again", BIT(COMMAND_REPLAY), false },
	{ OPT_SOCKET, "socket", 0, "PATH", "@file", "the configuration's", "the socket of the ingest feed",
	  BIT(COMMAND_EMIT), false },
	{ OPT_STATE_DIR, "state-dir", 0, "DIR", "@file", NULL, "the state folder, instead of the configuration's",
	  FOR_STATE, false },
	{ OPT_PROFILE, "profile", 0, "NAME", NULL, "default", "the profile of skantctl.yaml", FOR_API, false },
	{ OPT_DIALECT, "dialect", 0, "DIALECT", "platform cca", "platform", "which API is spoken", FOR_API, false },
	{ OPT_BASE_URL, "base-url", 0, "URL", NULL, "https://api.anthropic.com", "where the API is", FOR_API, false },
	{ OPT_CA_FILE, "ca-file", 0, "FILE", "@file", "the system's", "certificates that are trusted", FOR_API, false },
	{ OPT_API_TIMEOUT, "api-timeout", 0, "SECONDS", NULL, "60", "how long one try of a request may take", FOR_API,
	  false },
	{ OPT_MAX_RETRIES, "max-retries", 0, "N", NULL, "4", "how often a request is tried again", FOR_API, false },
	{ OPT_REQUEST_LOG, "request-log", 0, "FILE", "@file", NULL,
	  "append a line of JSON for each request: method, path, status, request id, duration", FOR_API, false },
	{ OPT_LOG_LEVEL, "log-level", 0, "LEVEL", "error warn info debug", "info", "how much is said on standard error",
	  FOR_ALL, false },
	{ OPT_QUIET, "quiet", 'q', NULL, NULL, NULL, "nothing on standard error but errors", FOR_ALL, false },
	{ OPT_VERBOSE, "verbose", 'v', NULL, NULL, NULL, "say which kind of credential each request uses", FOR_ALL,
	  false },
};

/* In the order of enum command. */
static const struct opt_command commands[COMMANDS] = {
	{ "run", NULL, "stream events until told to stop",
	  "SIGTERM ends it in order, SIGHUP makes it read the configuration again (a bad one changes nothing), SIGUSR1 "
	  "writes its status to the log." },
	{ "check", NULL, "validate the configuration and try each credential",
	  "Says what each feed will hold, and what the provider does not record. With --sink it asks no API: it sends "
	  "marked test messages of rising size to that sink's receiver, so that one that cuts, splits or closes shows "
	  "before the first real event." },
	{ "status", NULL, "how feeds and sinks stand", "When no daemon runs: what its spool says." },
	{ "verify", NULL, "what can be proved to be complete",
	  "Checks the ledger's chain, lists upstream again for the time asked about and compares, and reads back from "
	  "receivers where that is possible. With --export it checks what a receiver wrote instead, from its first "
	  "event to its last one; with --sink only what that sink sends is expected of it." },
	{ "replay", NULL, "send events to a sink again (--sink, and --from or --dead)",
	  "They go out marked as a replay. A running daemon does it at once, else the next one that runs; "
	  "`skantd status` shows those that are not done." },
	{ "emit", "[FILE]", "send records to the ingest feed",
	  "One JSON object a line, from FILE or standard input: audit events of applications, or findings, as in "
	  "`skant dir -f jsonl . | skantd emit`." },
};

static const char *const footers[COMMANDS] = {
	[COMMAND_EMIT] = "Exit status:\n"
			 "  0   all records are stored\n"
			 "  1   some were refused, each with its line and the reason\n"
			 "  2   usage or configuration\n"
			 "  3   the socket may not be used, or FILE not be read\n"
			 "  75  nobody listens, or the connection broke: try later",
};

const struct opt_program options_program = {
	.name = "skantd",
	.summary = "skantd streams the activities and findings of a Claude organisation into journald and syslog, each "
		   "once, and can prove it.",
	.footer = "Credentials come from what the configuration names, never from an option.\n"
		  "\n"
		  "Exit status:\n"
		  "  0   done\n"
		  "  1   the check found problems; run --once: something could not be read or delivered\n"
		  "  2   usage or configuration\n"
		  "  3   the API refused, or a file or receiver could not be used\n"
		  "  75  try later: rate limit or network",
	.footers = footers,
	.commands = commands,
	.command_count = COMMANDS,
	.options = options,
	.option_count = ARRAY_LEN(options),
};

void options_init(struct options *o)
{
	*o = (struct options){ .config = CONFIG_FILE, .log_level = LOG_INFO, .max_retries = RETRIES_USUAL };
}

bool options_config_is_absent(const struct options *o)
{
	return strcmp(o->config, CONFIG_FILE) == 0 && access(CONFIG_FILE, F_OK) != 0;
}

static int take_level(struct options *o, const char *value, struct err *err)
{
	for (unsigned i = 0; i < ARRAY_LEN(log_level_names); i++)
		if (strcmp(value, log_level_names[i]) == 0) {
			o->log_level = (enum log_level)i;
			return 0;
		}
	return opt_refuse_word("log-level", "error warn info debug", value, err);
}

static const char **text_of(struct options *o, int id)
{
	switch (id) {
	case OPT_CONFIG:
		return &o->config;
	case OPT_SINK:
		return &o->sink;
	case OPT_FROM:
		return &o->from;
	case OPT_TO:
		return &o->to;
	case OPT_EXPORT:
		return &o->export_file;
	case OPT_SOCKET:
		return &o->socket;
	case OPT_STATE_DIR:
		return &o->state_dir;
	case OPT_PROFILE:
		return &o->profile.name;
	case OPT_BASE_URL:
		return &o->profile.base_url;
	case OPT_DIALECT:
		return &o->profile.dialect;
	case OPT_CA_FILE:
		return &o->profile.ca_file;
	default:
		return &o->request_log;
	}
}

static int take_text(struct options *o, int id, const char *value, struct err *err)
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(options) && options[i].id != id)
		i++;
	if (!*value)
		return err_set(err, ERR_USAGE, 0, "the value of --%s is empty", options[i].name);
	*text_of(o, id) = value;
	return 0;
}

int options_take(void *context, int id, const char *value, struct err *err)
{
	struct options *o = context;
	uint64_t n;

	switch (id) {
	case OPT_ONCE:
		o->is_once = true;
		return 0;
	case OPT_JSON:
		o->as_json = true;
		return 0;
	case OPT_DEAD:
		o->dead_only = true;
		return 0;
	case OPT_QUIET:
		o->log_level = LOG_ERROR;
		return 0;
	case OPT_VERBOSE:
		o->log_level = LOG_DEBUG;
		return 0;
	case OPT_LOG_LEVEL:
		return take_level(o, value, err);
	case OPT_API_TIMEOUT:
		if (opt_number("api-timeout", value, 1, TIMEOUT_MAX_S, &n, err))
			return -1;
		o->timeout_ms = n * 1000;
		return 0;
	case OPT_MAX_RETRIES:
		if (opt_number("max-retries", value, 0, RETRIES_MAX, &n, err))
			return -1;
		o->max_retries = (unsigned)n;
		return 0;
	default:
		return take_text(o, id, value, err);
	}
}

static int read_time(const char *name, const char *text, int64_t *ret_ns, struct err *err)
{
	uint32_t ns;
	int64_t s;

	if (opt_time(name, text, &s, &ns, err))
		return -1;
	if (s > INT64_MAX / NS_PER_S - 1 || s < INT64_MIN / NS_PER_S + 1)
		return err_set(err, ERR_USAGE, 0, "--%s is too far away: the years 1678 to 2261 are known", name);
	*ret_ns = s * NS_PER_S + ns;
	return 0;
}

int options_range(const struct options *o, int64_t *ret_from_ns, int64_t *ret_to_ns, struct err *err)
{
	int64_t now_ns = (clock_unix_s() + 1) * NS_PER_S;

	*ret_from_ns = 0;
	*ret_to_ns = INT64_MAX; /* the ledger's times may lie ahead of the clock, when that was set back */
	if ((o->from && read_time("from", o->from, ret_from_ns, err)) ||
	    (o->to && read_time("to", o->to, ret_to_ns, err)))
		return -1;
	if (*ret_from_ns >= (o->to ? *ret_to_ns : now_ns))
		return err_set(err, ERR_USAGE, 0,
			       o->to ? "--from has to be before --to" : "--from has to be in the past");
	return 0;
}
