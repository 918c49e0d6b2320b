/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's memory: what it kept of a request (its headers, the credential's among them) is overwritten when it lets go
 * of it. Each piece is freed or grown by these only, as its length stands in front of it: no function that all systems
 * have tells it. As the functions of the C library without that part of the name. */
#ifndef COMMON_API_TRANSPORT_MEMORY_H
#define COMMON_API_TRANSPORT_MEMORY_H

#include "common/base/base.h"

void *transport_memory_malloc(size_t size);
void *transport_memory_calloc(size_t count, size_t size);
char *transport_memory_strdup(const char *text);
void transport_memory_free(void *ptr);
void *transport_memory_realloc(void *old, size_t size); /* never in place, as realloc would leave the old bytes */

#endif
