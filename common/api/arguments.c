/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/arguments.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/grow.h"

void arguments_add(struct arguments *arguments, const char *name, struct view value)
{
	struct api_argument *items;

	if (!value.ptr)
		return;
	items = grow_items(arguments->items, arguments->count, &arguments->cap, sizeof(*items));
	if (!items) {
		arguments->has_failed = true;
		return;
	}
	arguments->items = items;
	items[arguments->count++] = (struct api_argument){ .name = name, .value = value };
}

void arguments_add_list(struct arguments *arguments, const char *name, const struct view *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		arguments_add(arguments, name, values[i]);
}

void arguments_add_number(struct arguments *arguments, const char *name, uint64_t number)
{
	char *text = arguments->numbers[arguments->number_count];

	if (number == 0)
		return;
	arguments->number_count++;
	(void)snprintf(text, sizeof(arguments->numbers[0]), "%llu", (unsigned long long)number);
	arguments_add(arguments, name, view_of(text));
}

int arguments_call(const struct arguments *arguments, struct api *api, enum api_operation operation,
		   const struct record_type *type, struct api_answer *answer, void *ret, struct err *err)
{
	if (arguments->has_failed) {
		*answer = (struct api_answer){ 0 };
		return err_nomem(err);
	}
	return api_answer_get(api, operation, arguments->items, arguments->count, type, answer, ret, err);
}

void arguments_done(struct arguments *arguments)
{
	free(arguments->items);
	*arguments = (struct arguments){ 0 };
}
