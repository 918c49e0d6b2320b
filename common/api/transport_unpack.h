/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that came compressed. */
#ifndef COMMON_API_TRANSPORT_UNPACK_H
#define COMMON_API_TRANSPORT_UNPACK_H

#include "common/api/transport.h"
#include "common/sys/gunzip.h"

/* Unpacks the body that came, of which packed is all that is compressed (empty: nothing is), into reply->body. Of a
 * refusal that cannot be unpacked the status is told all the same. */
enum transport_fault transport_unpack(struct gunzip *gunzip, struct view packed, struct transport_reply *reply);

#endif
