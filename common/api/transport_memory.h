/* SPDX-License-Identifier: Apache-2.0 */
/* What libcurl's memory is freed with: what it kept of a request (its headers, the credential's among them) is
 * overwritten when it lets go of it. */
#ifndef COMMON_API_TRANSPORT_MEMORY_H
#define COMMON_API_TRANSPORT_MEMORY_H

#include "common/base/base.h"

void transport_memory_free(void *ptr);
void *transport_memory_realloc(void *old, size_t size); /* never in place, as realloc would leave the old bytes */

#endif
