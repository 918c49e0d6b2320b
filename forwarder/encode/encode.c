/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/encode/encode.h"

#include <string.h>

static const struct encoder *const all[] = { &encode_json, &encode_ecs,     &encode_ocsf,
					     &encode_cef,  &encode_rfc5424, &encode_rfc3164 };

const char *const encode_names[] = { "json", "ecs", "ocsf", "cef", "rfc5424", "rfc3164" };
const size_t encode_name_count = ARRAY_LEN(encode_names);

const struct encoder *encode_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}
