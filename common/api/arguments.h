/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of one call, gathered from what may be absent. What fails sticks until the call. */
#ifndef COMMON_API_ARGUMENTS_H
#define COMMON_API_ARGUMENTS_H

#include "common/api/record.h"

struct arguments {
	struct api_argument *items;
	size_t count, cap;
	char numbers[4][24]; /* texts of numbers */
	size_t number_count;
	bool has_failed;
};

void arguments_add(struct arguments *arguments, const char *name, struct view value); /* absent: nothing is added */
void arguments_add_list(struct arguments *arguments, const char *name, const struct view *values, size_t count);
void arguments_add_number(struct arguments *arguments, const char *name, uint64_t number); /* 0: nothing is added */

/* api_answer_get with them; ERR_NOMEM when not all could be added. */
[[nodiscard]] int arguments_call(const struct arguments *arguments, struct api *api, enum api_operation operation,
				 const struct record_type *type, struct api_answer *answer, void *ret, struct err *err);

void arguments_done(struct arguments *arguments);

#endif
