/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation that a credential belongs to, and whether it records what happens in it.
 *
 * Every endpoint's header is alike: a struct for a record; NAME_read for the rows of a list, which page.h walks; and a
 * function for each call that gives one record. Arguments of lists are those of dialect.h. Single calls fail as
 * api_call does, and with ERR_FORMAT when the reply is not the record. */
#ifndef COMMON_API_ENDPOINT_ORG_H
#define COMMON_API_ENDPOINT_ORG_H

#include "common/api/record.h"

struct api_org {
	struct view id; /* a UUID */
	struct view type, name;
	struct view raw;
};

/* compliance_settings: "enabled" or "disabled"; while it is off nothing is recorded. */
struct api_compliance_settings {
	struct view state;
	struct view raw;
};

[[nodiscard]] int api_org_get(struct api *api, struct api_answer *answer, struct api_org *ret, struct err *err);

[[nodiscard]] int api_compliance_settings_get(struct api *api, struct api_answer *answer,
					      struct api_compliance_settings *ret, struct err *err);

#endif
