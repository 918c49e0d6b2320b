/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/spend.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/policy/spend_data.h"

const char *const spend_kind_names[SPEND_KINDS] = {
	[SPEND_INPUT] = "uncached_input_tokens",
	[SPEND_CACHE_WRITE_5M] = "cache_creation.ephemeral_5m_input_tokens",
	[SPEND_CACHE_WRITE_1H] = "cache_creation.ephemeral_1h_input_tokens",
	[SPEND_CACHE_READ] = "cache_read_input_tokens",
	[SPEND_OUTPUT] = "output_tokens",
	[SPEND_WEB_SEARCH] = "web_search",
	[SPEND_OTHER] = "other",
};

bool spend_is_usd(struct view currency)
{
	return text_eq_nocase(currency, VIEW("USD"));
}

struct spend *spend_new(struct err *err)
{
	struct spend *spend = calloc(1, sizeof(*spend));

	if (spend)
		spend->scratch = calloc(1, sizeof(*spend->scratch));
	if (!spend || !spend->scratch) {
		free(spend);
		(void)err_nomem(err);
		return NULL;
	}
	spend->texts = (struct intern)INTERN_INIT(SPEND_TEXT_BYTES);
	return spend;
}

static void unsettle(struct spend *spend)
{
	free(TAKE(spend->ranks));
	free(TAKE(spend->order));
}

void spend_free(struct spend *spend)
{
	if (!spend)
		return;
	unsettle(spend);
	intern_done(&spend->texts);
	hashindex_done(&spend->group_index);
	hashindex_done(&spend->usage_index);
	free(spend->groups);
	free(spend->usage);
	free(spend->bills);
	free(spend->scratch->parts);
	free(spend->scratch->seen);
	free(spend->scratch);
	free(spend);
}

void spend_freep(struct spend **spend)
{
	spend_free(*spend);
}

static int add_text(struct spend *spend, struct view text, uint32_t *ret, struct err *err)
{
	if (intern_add(&spend->texts, text, ret) == 0)
		return 0;
	if (text.len > SPEND_TEXT_BYTES - spend->texts.bytes.len)
		return err_set(err, ERR_LIMIT, 0, "the names in usage and cost have more than %u bytes together",
			       SPEND_TEXT_BYTES);
	return err_nomem(err);
}

/* Makes room for one more row. */
static int grow(void **items, size_t count, size_t *cap, size_t size, struct err *err)
{
	void *grown;

	if (count >= SPEND_ROWS_MAX)
		return err_set(err, ERR_LIMIT, 0,
			       "usage and cost have more than %u rows; a shorter time, or one part of it after the "
			       "other, can be read",
			       SPEND_ROWS_MAX);
	grown = grow_items(*items, count, cap, size);
	if (!grown)
		return err_nomem(err);
	*items = grown;
	return 0;
}

#define GROW(spend, items, count, cap, err)                                                                            \
	grow((void **)&(spend)->items, (spend)->count, &(spend)->cap, sizeof(*(spend)->items), err)

struct wanted_group {
	const struct spend *spend;
	const struct spend_group *group;
};

#define GROUP_KEY_BYTES offsetof(struct spend_group, usage)

static bool is_group(const void *context, uint32_t item)
{
	const struct wanted_group *wanted = context;

	return memcmp(&wanted->spend->groups[item], wanted->group, GROUP_KEY_BYTES) == 0;
}

/* The group of a row. */
static int group_of(struct spend *spend, const struct spend_key *what, uint32_t *ret, struct err *err)
{
	const struct view texts[SPEND_TEXTS] = { what->workspace, what->model, what->tier, what->window, what->geo };
	struct spend_group group = { .usage = SPEND_NONE, .bills = SPEND_NONE };
	const struct wanted_group wanted = { spend, &group };
	uint32_t hash;

	if (__builtin_add_overflow(what->day, 0, &group.day))
		return err_set(err, ERR_LIMIT, 0, "a row of usage or cost is of a day that no calendar has");
	for (unsigned i = 0; i < SPEND_TEXTS; i++)
		if (add_text(spend, texts[i], &group.texts[i], err))
			return -1;
	hash = hashindex_of(&group, GROUP_KEY_BYTES);
	*ret = hashindex_find(&spend->group_index, hash, is_group, &wanted);
	if (*ret != HASHINDEX_NONE)
		return 0;
	if (GROW(spend, groups, group_count, group_cap, err))
		return -1;
	*ret = (uint32_t)spend->group_count;
	if (hashindex_add(&spend->group_index, hash, *ret))
		return err_nomem(err);
	spend->groups[spend->group_count++] = group;
	return 0;
}

struct wanted_usage {
	const struct spend *spend;
	uint32_t names[2]; /* group and key */
};

static bool is_usage(const void *context, uint32_t item)
{
	const struct wanted_usage *wanted = context;
	const struct spend_usage *usage = &wanted->spend->usage[item];

	return usage->group == wanted->names[0] && usage->api_key == wanted->names[1];
}

/* The row of a group and a key. */
static int usage_of(struct spend *spend, uint32_t group, uint32_t api_key, struct spend_usage **ret, struct err *err)
{
	const struct wanted_usage wanted = { spend, { group, api_key } };
	uint32_t hash = hashindex_of(wanted.names, sizeof(wanted.names));
	uint32_t found = hashindex_find(&spend->usage_index, hash, is_usage, &wanted);

	if (found == HASHINDEX_NONE) {
		if (GROW(spend, usage, usage_count, usage_cap, err))
			return -1;
		found = (uint32_t)spend->usage_count;
		if (hashindex_add(&spend->usage_index, hash, found))
			return err_nomem(err);
		spend->usage[spend->usage_count++] =
			(struct spend_usage){ .group = group, .api_key = api_key, .next = spend->groups[group].usage };
		spend->groups[group].usage = found;
	}
	*ret = &spend->usage[found];
	return 0;
}

int spend_add_usage(struct spend *spend, const struct spend_key *what, struct view api_key,
		    const uint64_t counts[static SPEND_KINDS], struct err *err)
{
	uint32_t group, key = SPEND_NONE;
	struct spend_usage *usage = NULL;

	unsettle(spend);
	if (group_of(spend, what, &group, err) || (api_key.ptr && add_text(spend, api_key, &key, err)) ||
	    usage_of(spend, group, key, &usage, err))
		return -1;
	for (unsigned i = 0; i < SPEND_KINDS; i++)
		if (__builtin_add_overflow(usage->counts[i], counts[i], &usage->counts[i]))
			return err_set(err, ERR_LIMIT, 0, "more %s than can be counted", spend_kind_names[i]);
	return 0;
}

/* The bill of a group and a kind. */
static int bill_of(struct spend *spend, struct spend_group *group, enum spend_kind kind, struct spend_bill **ret,
		   struct err *err)
{
	uint32_t at = group->bills;

	while (at != SPEND_NONE && spend->bills[at].kind != kind)
		at = spend->bills[at].next;
	if (at == SPEND_NONE) {
		if (GROW(spend, bills, bill_count, bill_cap, err))
			return -1;
		at = (uint32_t)spend->bill_count++;
		spend->bills[at] = (struct spend_bill){ .kind = (uint8_t)kind, .next = group->bills };
		group->bills = at;
	}
	*ret = &spend->bills[at];
	return 0;
}

int spend_add_cost(struct spend *spend, const struct spend_key *what, enum spend_kind kind, struct decimal amount_usd,
		   struct err *err)
{
	struct spend_bill *bill = NULL;
	struct decimal sum;
	uint32_t group;

	unsettle(spend);
	if (group_of(spend, what, &group, err) || bill_of(spend, &spend->groups[group], kind, &bill, err))
		return -1;
	if (decimal_add(spend_get(&bill->amount, bill->scale), amount_usd, &sum))
		return err_set(err, ERR_LIMIT, 0, "amounts of the cost report add up to more than can be counted");
	spend_put(&bill->amount, &bill->scale, sum);
	return 0;
}
