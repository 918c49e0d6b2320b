/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/rule.h"

#include "common/base/text.h"

const char *const severity_names[4] = {
	[SEVERITY_LOW] = "low",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_CRITICAL] = "critical",
};

const char *const confidence_names[3] = {
	[CONFIDENCE_LOW] = "low",
	[CONFIDENCE_MEDIUM] = "medium",
	[CONFIDENCE_HIGH] = "high",
};

const char *const rule_kind_names[8] = {
	[KIND_API] = "api",
	[KIND_ADMIN] = "admin",
	[KIND_COMPLIANCE] = "compliance",
	[KIND_OAUTH] = "oauth",
	[KIND_OAUTH_REFRESH] = "oauth-refresh",
	[KIND_SESSION] = "session",
	[KIND_UNKNOWN] = "unknown",
	[KIND_KEYNAME] = "keyname",
};

static int index_of(struct view name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_eq(name, view_of(names[i])))
			return (int)i;
	return -1;
}

const char *severity_name(enum severity s)
{
	return severity_names[s];
}

const char *confidence_name(enum confidence c)
{
	return confidence_names[c];
}

const char *rule_kind_name(enum rule_kind k)
{
	return rule_kind_names[k];
}

int severity_from(struct view name)
{
	return index_of(name, severity_names, ARRAY_LEN(severity_names));
}

int confidence_from(struct view name)
{
	return index_of(name, confidence_names, ARRAY_LEN(confidence_names));
}

int rule_kind_from(struct view name)
{
	return index_of(name, rule_kind_names, ARRAY_LEN(rule_kind_names));
}
