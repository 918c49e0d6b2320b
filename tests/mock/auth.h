/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks, and whether they may. */
#ifndef TESTS_MOCK_AUTH_H
#define TESTS_MOCK_AUTH_H

#include "tests/mock/call.h"

/* Makes the credentials of the model: full-shaped keys that exist while the mock runs. */
void auth_make(struct mock *m);

enum cred auth_who(const struct mock *m, const struct http_request *rq);

/* Whether c->cred may call c->route; false: it is answered. */
[[nodiscard]] bool auth_allows(struct call *c);

/* The names of the credentials' files, by enum cred; NULL: none. */
extern const char *const auth_files[CREDS];

#endif
