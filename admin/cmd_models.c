/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl models list. */
#include "admin/cmd.h"
#include "admin/list.h"

static const struct column columns[] = {
	{ "id", "id" },
	{ "name", "display_name" },
	{ "created_at", "created_at" },
	{ "max_input_tokens", "max_input_tokens" },
	{ "max_tokens", "max_tokens" },
};

int cmd_models_list(struct session *s, char **, size_t count, struct err *err)
{
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_MODEL_LIST, &arguments, columns, ARRAY_LEN(columns), NULL, NULL };

	return session_args(NULL, 0, count, err) ? -1 : list_print(s, &listing, err);
}
