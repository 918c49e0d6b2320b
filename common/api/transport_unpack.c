/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport_unpack.h"

enum transport_fault transport_unpack(struct gunzip *gunzip, struct view packed, struct transport_reply *reply)
{
	enum gunzip_result result = GUNZIP_OK;

	if (packed.len)
		result = reply->headers.is_gzip ? gunzip_add(gunzip, packed, &reply->body) : GUNZIP_BAD;
	if (result == GUNZIP_NO_MEMORY)
		return TRANSPORT_NO_MEMORY;
	if (result == GUNZIP_OK || reply->status >= 300)
		return TRANSPORT_OK;
	return result == GUNZIP_TOO_LARGE ? TRANSPORT_TOO_LARGE : TRANSPORT_BAD_CODING;
}
