/* SPDX-License-Identifier: Apache-2.0 */
/* Workspaces. The default one is in no list; its id is null in other records. */
#ifndef COMMON_API_ENDPOINT_WORKSPACE_H
#define COMMON_API_ENDPOINT_WORKSPACE_H

#include "common/api/record.h"

struct api_workspace {
	struct view id, type, name, display_color, compartment_id, external_key_id;
	struct api_time created_at, archived_at; /* archived_at null: it is live */
	struct view tags;                        /* JSON object of texts */
	struct view workspace_geo, default_inference_geo;
	struct view allowed_inference_geos; /* JSON: a text or an array of texts */
	struct view raw;
};

/* VIEW_NONE = not said. tags and data_residency are JSON objects. */
struct api_workspace_request {
	struct view name, tags, data_residency, external_key_id, display_color;
};

[[nodiscard]] int api_workspace_read(struct api_reader *reader, struct view row, struct api_workspace *ret,
				     struct err *err);

[[nodiscard]] int api_workspace_get(struct api *api, struct view id, struct api_answer *answer,
				    struct api_workspace *ret, struct err *err);
[[nodiscard]] int api_workspace_create(struct api *api, const struct api_workspace_request *request,
				       struct api_answer *answer, struct api_workspace *ret, struct err *err);
[[nodiscard]] int api_workspace_update(struct api *api, struct view id, const struct api_workspace_request *request,
				       struct api_answer *answer, struct api_workspace *ret, struct err *err);

/* For good, and all keys of the workspace with it: ask the person first. */
[[nodiscard]] int api_workspace_archive(struct api *api, struct view id, struct api_answer *answer,
					struct api_workspace *ret, struct err *err);

#endif
