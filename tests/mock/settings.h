/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line says. */
#ifndef TESTS_MOCK_SETTINGS_H
#define TESTS_MOCK_SETTINGS_H

#include "common/base/base.h"

enum prerender_order { PRERENDER_NONE = 0, PRERENDER_DESC = 1, PRERENDER_ASC = 2, PRERENDER_BOTH = 3 };

struct settings {
	const char *listen;
	const char *tls_dir; /* NULL: plain HTTP */
	const char *cert;
	const char *port_file, *credentials_dir, *script, *log; /* NULL: none */
	uint64_t seed;
	uint64_t users, workspaces, keys, invites, activities;
	uint64_t usage_daily;     /* requests a day; 0: as many as usage.c makes for its first keys */
	int64_t start_us, now_us; /* 0: by the real clock */
	const char *scopes;       /* of the compliance key, space-separated */
	uint64_t rate;            /* compliance requests a minute; 0: any number */
	uint64_t message_rate;    /* messages in any 60 seconds; 0: any number */
	enum prerender_order prerender;
	bool compliance_on, asc_allowed, self_feed, lenient, ends_with_input;
};

#endif
