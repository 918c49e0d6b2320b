/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_org.h"

#include "common/api/record_table.h"

static const struct record_field org_fields[] = {
	REQUIRED(api_org, id, RECORD_TEXT),
	FIELD(api_org, type, RECORD_TEXT),
	FIELD(api_org, name, RECORD_TEXT),
};

static const struct record_type org_type = RECORD_TYPE(api_org, "an organisation", org_fields);

static const struct record_field settings_fields[] = {
	FIELD_AS(api_compliance_settings, state, "state.type", RECORD_TEXT),
};

static const struct record_type settings_type =
	RECORD_TYPE(api_compliance_settings, "the compliance settings", settings_fields);

int api_org_get(struct api *api, struct api_answer *answer, struct api_org *ret, struct err *err)
{
	return api_answer_get(api, API_ORG_GET, NULL, 0, &org_type, answer, ret, err);
}

int api_compliance_settings_get(struct api *api, struct api_answer *answer, struct api_compliance_settings *ret,
				struct err *err)
{
	return api_answer_get(api, API_COMPLIANCE_SETTINGS_GET, NULL, 0, &settings_type, answer, ret, err);
}
