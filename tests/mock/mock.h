/* SPDX-License-Identifier: Apache-2.0 */
/* The mock as a whole, without a socket: requests go in, replies come out. One request at a time. */
#ifndef TESTS_MOCK_MOCK_H
#define TESTS_MOCK_MOCK_H

#include "common/base/err.h"
#include "tests/mock/feed.h"
#include "tests/mock/http.h"
#include "tests/mock/model.h"
#include "tests/mock/prerender.h"
#include "tests/mock/script.h"
#include "tests/mock/settings.h"

enum cred { CRED_NONE, CRED_API, CRED_ADMIN, CRED_COMPLIANCE, CRED_OAUTH, CRED_FOREIGN, CRED_UNKNOWN };

#define CREDS 6 /* those that mock->credentials has a value for, CRED_NONE among them */
#define CRED_BYTES 160
#define MOCK_MESSAGE_RATE_MAX 10'000
#define MOCK_REASONS 100 /* unexpected requests that are told */

extern const char *const cred_names[CRED_UNKNOWN + 1];

struct mock {
	const struct settings *settings;
	struct model model;
	struct feed feed, cca_feed;
	struct script script;
	struct prerender prerender;
	char credentials[CREDS][CRED_BYTES]; /* by enum cred */
	int64_t advanced_us;
	bool is_off; /* the Compliance API */
	uint64_t requests, connections;
	char *reasons[MOCK_REASONS]; /* of unexpected requests; owned */
	uint64_t unexpected;
	uint64_t *route_counts;
	int64_t minute; /* of the rate limit, and the requests in it */
	uint64_t minute_requests;
	/* When the last messages were taken (clock_mono_ns), the oldest at message_count % the rate. */
	uint64_t message_ns[MOCK_MESSAGE_RATE_MAX];
	uint64_t message_count;
	int log_fd; /* -1: none */
};

[[nodiscard]] int mock_init(struct mock *m, const struct settings *s, struct err *err);
void mock_done(struct mock *m);

int64_t mock_now(const struct mock *m); /* microseconds since 1970 */

/* Answers. *ret_wire says what is to be done to the bytes on their way. */
void mock_answer(struct mock *m, struct http_request *rq, struct http_reply *rp, struct wire_fault *ret_wire);

/* Writes the credentials' files into the folder, which is made when it is not there. */
[[nodiscard]] int mock_write_credentials(const struct mock *m, const char *dir, struct err *err);

#endif
