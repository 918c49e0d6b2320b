/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/options.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/mock/feed.h"
#include "tests/mock/mock.h"
#include "tests/mock/when.h"

enum {
	LISTEN,
	TLS,
	CERT,
	PLAIN,
	PORT_FILE,
	CREDENTIALS,
	SEED,
	USERS,
	WORKSPACES,
	KEYS,
	INVITES,
	ACTIVITIES,
	USAGE,
	START,
	NOW,
	PRERENDER,
	SCRIPT,
	LOG,
	COMPLIANCE,
	SCOPES,
	ASC,
	SELF_FEED,
	RATE,
	MESSAGE_RATE,
	LENIENT,
	UNTIL_EOF,
};

#define EVERY 1u

static const struct opt options[] = {
	{ LISTEN, "listen", 0, "ADDRESS:PORT", NULL, "127.0.0.1:0", "where to listen; port 0 is any free one", EVERY,
	  false },
	{ TLS, "tls", 0, "DIR", NULL, NULL, "HTTPS, with the certificates that tests/mock/certs.sh DIR makes", EVERY,
	  false },
	{ CERT, "cert", 0, "NAME", "server wrong-host expired untrusted", "server",
	  "which of the certificates: server, wrong-host, expired, untrusted", EVERY, false },
	{ PLAIN, "plain", 0, NULL, NULL, NULL, "HTTP", EVERY, false },
	{ PORT_FILE, "port-file", 0, "FILE", "@file", NULL, "write the port there as soon as it listens", EVERY,
	  false },
	{ CREDENTIALS, "credentials", 0, "DIR", NULL, NULL,
	  "write the files api, admin, compliance, oauth, and foreign (another organisation's api)", EVERY, false },
	{ SEED, "seed", 0, "N", NULL, "1", "what everything is made from", EVERY, false },
	{ USERS, "users", 0, "N", NULL, "20", "members of the organisation", EVERY, false },
	{ WORKSPACES, "workspaces", 0, "N", NULL, "6", "workspaces but the default one", EVERY, false },
	{ KEYS, "keys", 0, "N", NULL, "14", "API keys", EVERY, false },
	{ INVITES, "invites", 0, "N", NULL, "8", "invitations", EVERY, false },
	{ ACTIVITIES, "activities", 0, "N", NULL, "500", "activities when it starts, of either dialect", EVERY, false },
	{ USAGE, "usage", 0, "N", NULL, "up to 3 an hour of each of 200 keys",
	  "requests a day, of all keys together: few of many keys, however long ago", EVERY, false },
	{ START, "start", 0, "TIME", NULL, "30 days before", "when the first activity happened (RFC 3339)", EVERY,
	  false },
	{ NOW, "now", 0, "TIME", NULL, NULL, "a clock that stands still (RFC 3339)", EVERY, false },
	{ PRERENDER, "prerender", 0, "[ORDER]", "asc desc both", "both",
	  "make the pages of 5000 activities before it listens; implies --self-feed off", EVERY, false },
	{ SCRIPT, "script", 0, "FILE", "@file", NULL, "what goes wrong, and what may be asked wrongly (README.md)",
	  EVERY, false },
	{ LOG, "log", 0, "FILE", "@file", NULL, "append a line of JSON for each request", EVERY, false },
	{ COMPLIANCE, "compliance", 0, "on|off", "on off", "on", "whether the Compliance API is enabled", EVERY,
	  false },
	{ SCOPES, "scopes", 0, "LIST", NULL, "the three that read compliance data",
	  "scopes of the compliance key, with spaces between them", EVERY, false },
	{ ASC, "asc", 0, "allowed|refused", "allowed refused", "allowed", "whether the parameter order is known", EVERY,
	  false },
	{ SELF_FEED, "self-feed", 0, "on|off", "on off", "on", "whether reads leave activities", EVERY, false },
	{ RATE, "rate", 0, "N", NULL, "any", "compliance requests a minute before 429", EVERY, false },
	{ MESSAGE_RATE, "message-rate", 0, "N", NULL, "any", "messages in any 60 seconds before 429", EVERY, false },
	{ LENIENT, "lenient", 0, NULL, NULL, NULL, "exit 0 whatever was asked", EVERY, false },
	{ UNTIL_EOF, "until-eof", 0, NULL, NULL, NULL,
	  "stop at the end of standard input too: with the program that started it", EVERY, false },
};

static const struct opt_command commands[] = {
	{ .name = "--tls DIR|--plain", .summary = "The provider's API as documented, in both dialects, for tests." },
};

const struct opt_program options_program = {
	.name = "skant-mock",
	.summary = "The provider's API as documented, in both dialects, for tests.",
	.footer = "It stops at SIGTERM or SIGINT.\n\nExit codes:\n  0  fine\n  1  a request came that ought not to"
		  " have been sent\n  2  usage",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.options = options,
	.option_count = ARRAY_LEN(options),
};

void options_init(struct settings *s)
{
	*s = (struct settings){ .listen = "127.0.0.1:0",
				.cert = "server",
				.seed = 1,
				.users = 20,
				.workspaces = 6,
				.keys = 14,
				.invites = 8,
				.activities = 500,
				.scopes =
					"read:compliance_activities read:compliance_user_data read:compliance_org_data",
				.compliance_on = true,
				.asc_allowed = true,
				.self_feed = true };
}

static int take_number(const char *value, uint64_t max, uint64_t *ret, struct err *err)
{
	if (text_u64(view_of(value), max, ret))
		return err_set(err, ERR_USAGE, 0, "a number up to %llu was expected", (unsigned long long)max);
	return 0;
}

static int take_time(const char *value, int64_t *ret, struct err *err)
{
	if (when_parse(view_of(value), ret))
		return err_set(err, ERR_USAGE, 0, "a time such as 2026-11-24T12:00:00Z was expected");
	return 0;
}

static int take_switch(const char *value, const char *on, const char *off, bool *ret, struct err *err)
{
	*ret = strcmp(value, on) == 0;
	if (!*ret && strcmp(value, off) != 0)
		return err_set(err, ERR_USAGE, 0, "%s or %s was expected", on, off);
	return 0;
}

static int take_prerender(const char *value, enum prerender_order *ret, struct err *err)
{
	static const char *const names[] = { "", "desc", "asc", "both" };

	*ret = PRERENDER_BOTH;
	if (!value)
		return 0;
	for (size_t i = 1; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], value) == 0) {
			*ret = (enum prerender_order)i;
			return 0;
		}
	return err_set(err, ERR_USAGE, 0, "asc, desc or both was expected");
}

static int take_text(int id, const char *value, struct settings *s)
{
	switch (id) {
	case LISTEN:
		s->listen = value;
		break;
	case TLS:
		s->tls_dir = value;
		break;
	case CERT:
		s->cert = value;
		break;
	case PORT_FILE:
		s->port_file = value;
		break;
	case CREDENTIALS:
		s->credentials_dir = value;
		break;
	case SCRIPT:
		s->script = value;
		break;
	case LOG:
		s->log = value;
		break;
	case SCOPES:
		s->scopes = value;
		break;
	case LENIENT:
		s->lenient = true;
		break;
	case UNTIL_EOF:
		s->ends_with_input = true;
		break;
	default: /* PLAIN is what it is without TLS */
		break;
	}
	return 0;
}

static int take(int id, const char *value, struct settings *s, struct err *err)
{
	switch (id) {
	case SEED:
		return take_number(value, UINT64_MAX, &s->seed, err);
	case USERS:
		return take_number(value, 100'000, &s->users, err);
	case WORKSPACES:
		return take_number(value, 10'000, &s->workspaces, err);
	case KEYS:
		return take_number(value, 100'000, &s->keys, err);
	case INVITES:
		return take_number(value, 100'000, &s->invites, err);
	case ACTIVITIES:
		return take_number(value, FEED_COUNT_MAX, &s->activities, err);
	case USAGE:
		return take_number(value, 1'000'000, &s->usage_daily, err);
	case RATE:
		return take_number(value, 1'000'000, &s->rate, err);
	case MESSAGE_RATE:
		return take_number(value, MOCK_MESSAGE_RATE_MAX, &s->message_rate, err);
	case START:
		return take_time(value, &s->start_us, err);
	case NOW:
		return take_time(value, &s->now_us, err);
	case PRERENDER:
		return take_prerender(value, &s->prerender, err);
	case COMPLIANCE:
		return take_switch(value, "on", "off", &s->compliance_on, err);
	case ASC:
		return take_switch(value, "allowed", "refused", &s->asc_allowed, err);
	case SELF_FEED:
		return take_switch(value, "on", "off", &s->self_feed, err);
	default:
		return take_text(id, value, s);
	}
}

int options_take(void *context, int id, const char *value, struct err *err)
{
	if (take(id, value, context, err))
		return err_prefix(err, "--%s", options[id].name);
	return 0;
}

int options_check(struct settings *s, struct err *err)
{
	if (s->users == 0)
		return err_set(err, ERR_USAGE, 0, "--users: an organisation has at least one");
	if (s->prerender != PRERENDER_NONE)
		s->self_feed = false;
	return 0;
}
