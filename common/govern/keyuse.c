/* SPDX-License-Identifier: Apache-2.0 */
#include "common/govern/keyuse.h"

#include <stdlib.h>
#include <string.h>

#include "common/api/endpoint_usage.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"

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

static int read_rows(struct bucket_walk *walk, struct keyuse *use, struct err *err)
{
	struct api_usage row;
	int status;

	while ((status = api_usage_next(walk, &row, err)) == 1)
		if (row.api_key_id.len && has_tokens(&row) && add(use, row.api_key_id, err))
			return -1;
	return status;
}

static int read_report(struct api *api, struct view from, struct view to, struct keyuse *use, struct err *err)
{
	const struct api_argument arguments[] = {
		{ "starting_at", from },
		{ "ending_at", to },
		{ "bucket_width", VIEW("1d") },
		{ "group_by", VIEW("api_key_id") },
	};
	struct bucket_walk walk;
	int status;

	if (bucket_start(&walk, api, API_USAGE_MESSAGES, arguments, ARRAY_LEN(arguments), err))
		return -1;
	status = read_rows(&walk, use, err);
	bucket_done(&walk);
	return status;
}

static int64_t midnight(int64_t unix_s)
{
	return unix_s - ((unix_s % DAY_S) + DAY_S) % DAY_S;
}

/* The report has buckets that end before its end: today's is one of them only when that is the next midnight. */
int keyuse_read(struct api *api, int64_t from_s, int64_t now_s, struct keyuse *ret, struct err *err)
{
	DEFER(buf_done) struct buf from = BUF_INIT(NAME_BYTES), to = BUF_INIT(NAME_BYTES);

	*ret = (struct keyuse){ .count = 0 };
	if (clock_add_rfc3339(&from, from_s < 0 ? 0 : midnight(from_s)) ||
	    clock_add_rfc3339(&to, midnight(now_s) + DAY_S))
		return err_nomem(err);
	return read_report(api, buf_view(&from), buf_view(&to), ret, err);
}
