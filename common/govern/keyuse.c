/* SPDX-License-Identifier: Apache-2.0 */
#include "common/govern/keyuse.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/govern/ledger.h"

#define DAY_S 86400

void keyuse_done(struct keyuse *use)
{
	free(use->ids);
	textpool_done(&use->texts);
	*use = (struct keyuse){ .count = 0 };
}

/* Where id is or belongs. */
static size_t find(const struct keyuse *use, struct view id, bool *ret_found)
{
	size_t low = 0, high = use->count;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = text_cmp(view_of(use->ids[middle]), id);

		if (order == 0) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int add(struct keyuse *use, struct view id, struct err *err)
{
	bool is_known;
	size_t at = find(use, id, &is_known);
	const char **grown, *copy;

	if (is_known)
		return 0;
	if (use->count == DIRECTORY_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "the usage report names more than %u keys", DIRECTORY_KEYS_MAX);
	grown = grow_items(use->ids, use->count, &use->cap, sizeof(*use->ids));
	if (!grown)
		return err_nomem(err);
	use->ids = grown;
	copy = textpool_add(&use->texts, id);
	if (!copy)
		return err_nomem(err);
	memmove(grown + at + 1, grown + at, (use->count - at) * sizeof(*grown));
	grown[at] = copy;
	use->count++;
	return 0;
}

static bool has_tokens(const struct api_usage *row)
{
	return row->input_tokens || row->output_tokens.value || row->web_search_requests.value;
}

static int take(void *context, const struct api_usage *row, struct err *err)
{
	return row->api_key_id.len && has_tokens(row) ? add(context, row->api_key_id, err) : 0;
}

/* The report has buckets that end before its end: today's is one of them only when that is the next midnight. */
int keyuse_read(struct api *api, int64_t from_s, int64_t now_s, struct keyuse *ret, struct err *err)
{
	static const struct api_argument by_key[] = { { "group_by", { "api_key_id", sizeof("api_key_id") - 1 } } };
	const struct ledger_query query = { .from_s = from_s < 0 ? 0 : clock_floor(from_s, DAY_S),
					    .to_s = clock_floor(now_s, DAY_S) + DAY_S,
					    .arguments = by_key,
					    .count = ARRAY_LEN(by_key) };

	*ret = (struct keyuse){ .count = 0 };
	return ledger_each_usage(api, &query, take, ret, err);
}
