/* SPDX-License-Identifier: Apache-2.0 */
/* How many tokens a request may have, before anybody has counted them. */
#ifndef COMMON_API_ESTIMATE_H
#define COMMON_API_ESTIMATE_H

#include "common/base/buf.h"

/* Of a request's body: four bytes make about one token. A long run of base64 is no text but an image, and counts
 * ESTIMATE_IMAGE_TOKENS however many bytes it has: the API makes larger images smaller before it reads them. */
uint64_t estimate_tokens(struct view body);

#define ESTIMATE_IMAGE_TOKENS 1600

#endif
