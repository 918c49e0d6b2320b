/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that grow: the usual doubling, checked. */
#ifndef COMMON_BASE_GROW_H
#define COMMON_BASE_GROW_H

#include "common/base/base.h"

/* Makes room for one item behind count items of size bytes each. The items, which may have moved; NULL when there is no
 * memory: then they and *cap are as they were. items may be NULL when *cap is 0. */
void *grow_items(void *items, size_t count, size_t *cap, size_t size);

#endif
