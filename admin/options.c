/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/options.h"

#include <stddef.h>
#include <string.h>

#include "admin/options_id.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/opt_value.h"

#define TIMEOUT_MAX_S 3600
#define PAGE_ROWS_MAX 5000 /* of any list; the route knows its own */
#define RETRIES_MAX 100
#define RETRIES_USUAL 4
#define INTERVAL_MAX_S (24u * 3600)
#define INTERVAL_USUAL_S 30
#define RETIRES_WITHIN_DAYS 60 /* the notice that the provider gives */
#define DAYS_MAX 36'500
#define TOKENS_MAX 10'000'000 /* of one answer */
#define TOKENS_USUAL 1024
#define RATE_MAX UINT64_C(1'000'000'000'000)
#define JOBS_MAX 256
#define WAIT_MAX_S (7u * 24 * 3600)

void options_init(struct options *o)
{
	*o = (struct options){ .limit = UINT64_MAX,
			       .max_retries = RETRIES_USUAL,
			       .interval_s = INTERVAL_USUAL_S,
			       .retires_within_days = RETIRES_WITHIN_DAYS,
			       .max_tokens = TOKENS_USUAL };
}

int options_single(const struct texts *texts, const char *name, const char **ret, struct err *err)
{
	*ret = texts->count ? texts->items[0] : NULL;
	if (texts->count > 1)
		return err_set(err, ERR_USAGE, 0, "--%s may be given once here", name);
	return 0;
}

static int take_format(struct options *o, const char *value, struct err *err)
{
	for (unsigned i = 0; i < OUTPUT_FORMATS; i++)
		if (strcmp(value, output_format_names[i]) == 0) {
			o->format = (enum output_format)i;
			return 0;
		}
	return opt_refuse_word("output", OUTPUT_FORMAT_WORDS, value, err);
}

/* Where values go that are taken as they are. */
enum form {
	FORM_FLAG,
	FORM_TEXT,
	FORM_LIST,
	FORM_NUMBER,  /* uint64_t */
	FORM_SECONDS, /* uint64_t, in milliseconds */
};

static const struct place {
	int id;
	enum form form;
	size_t offset;
	uint64_t min, max; /* of a number */
} places[] = {
#define PLACE(id, form, member, ...)                                                                                   \
	{                                                                                                              \
		id, form, offsetof(struct options, member), __VA_ARGS__                                                \
	}
	PLACE(OPT_PROFILE, FORM_TEXT, profile.name, 0, 0),
	PLACE(OPT_DIALECT, FORM_TEXT, profile.dialect, 0, 0),
	PLACE(OPT_BASE_URL, FORM_TEXT, profile.base_url, 0, 0),
	PLACE(OPT_CA_FILE, FORM_TEXT, profile.ca_file, 0, 0),
	PLACE(OPT_API_TIMEOUT, FORM_SECONDS, timeout_ms, 1, TIMEOUT_MAX_S),
	PLACE(OPT_MAX_RETRIES, FORM_NUMBER, max_retries, 0, RETRIES_MAX),
	PLACE(OPT_REQUEST_LOG, FORM_TEXT, request_log, 0, 0),
	PLACE(OPT_DRY_RUN, FORM_FLAG, dry_run, 0, 0),
	PLACE(OPT_YES, FORM_FLAG, yes, 0, 0),
	PLACE(OPT_QUIET, FORM_FLAG, quiet, 0, 0),
	PLACE(OPT_VERBOSE, FORM_FLAG, verbose, 0, 0),
	PLACE(OPT_NO_COLOUR, FORM_FLAG, no_colour, 0, 0),
	PLACE(OPT_LIMIT, FORM_NUMBER, limit, 1, UINT64_MAX - 1),
	PLACE(OPT_PAGE_SIZE, FORM_NUMBER, page_size, 1, PAGE_ROWS_MAX),
	PLACE(OPT_EMAIL, FORM_TEXT, email, 0, 0),
	PLACE(OPT_ROLE, FORM_LIST, roles, 0, 0),
	PLACE(OPT_STATUS, FORM_LIST, statuses, 0, 0),
	PLACE(OPT_WORKSPACE, FORM_LIST, workspaces, 0, 0),
	PLACE(OPT_NAME, FORM_TEXT, name, 0, 0),
	PLACE(OPT_COLOUR, FORM_TEXT, colour, 0, 0),
	PLACE(OPT_TAG, FORM_LIST, tags, 0, 0),
	PLACE(OPT_EXPIRES, FORM_TEXT, expires_in_days, 0, 0),
	PLACE(OPT_FROM, FORM_TEXT, from, 0, 0),
	PLACE(OPT_TO, FORM_TEXT, to, 0, 0),
	PLACE(OPT_TYPE, FORM_LIST, types, 0, 0),
	PLACE(OPT_ACTOR, FORM_LIST, actors, 0, 0),
	PLACE(OPT_ORDER, FORM_TEXT, order, 0, 0),
	PLACE(OPT_INTERVAL, FORM_NUMBER, interval_s, 1, INTERVAL_MAX_S),
	PLACE(OPT_POLICY, FORM_TEXT, policy, 0, 0),
	PLACE(OPT_VIOLATION, FORM_LIST, violations, 0, 0),
	PLACE(OPT_GROUP_BY, FORM_LIST, group_by, 0, 0),
	PLACE(OPT_BUCKET, FORM_TEXT, bucket, 0, 0),
	PLACE(OPT_KEY, FORM_LIST, keys, 0, 0),
	PLACE(OPT_PROJECTION, FORM_FLAG, projection, 0, 0),
	PLACE(OPT_PRICES, FORM_TEXT, prices, 0, 0),
	PLACE(OPT_DESCRIPTION, FORM_TEXT, description, 0, 0),
	PLACE(OPT_RETENTION_DAYS, FORM_NUMBER, retention_days, 1, DAYS_MAX),
	PLACE(OPT_ENCRYPT, FORM_FLAG, require_encryption, 0, 0),
	PLACE(OPT_REGION, FORM_LIST, regions, 0, 0),
	PLACE(OPT_AUDIT_LEVEL, FORM_TEXT, audit_level, 0, 0),
	PLACE(OPT_RECORD, FORM_TEXT, record, 0, 0),
	PLACE(OPT_VERIFY_RECORD, FORM_TEXT, verify_record, 0, 0),
	PLACE(OPT_REVIEWER, FORM_TEXT, reviewer, 0, 0),
	PLACE(OPT_SHOW, FORM_TEXT, show, 0, 0),
	PLACE(OPT_HTML, FORM_TEXT, html, 0, 0),
	PLACE(OPT_MODEL, FORM_TEXT, model, 0, 0),
	PLACE(OPT_MAX_TOKENS, FORM_NUMBER, max_tokens, 1, TOKENS_MAX),
	PLACE(OPT_SYSTEM, FORM_TEXT, system, 0, 0),
	PLACE(OPT_QUEUE, FORM_TEXT, queue, 0, 0),
	PLACE(OPT_RESULTS, FORM_TEXT, results, 0, 0),
	PLACE(OPT_RPM, FORM_NUMBER, rpm, 1, RATE_MAX),
	PLACE(OPT_ITPM, FORM_NUMBER, itpm, 1, RATE_MAX),
	PLACE(OPT_OTPM, FORM_NUMBER, otpm, 1, RATE_MAX),
	PLACE(OPT_TPD, FORM_NUMBER, tpd, 1, RATE_MAX),
	PLACE(OPT_USAGE_FILE, FORM_TEXT, usage_file, 0, 0),
	PLACE(OPT_INGEST, FORM_TEXT, ingest, 0, 0),
	PLACE(OPT_TEAM, FORM_TEXT, team, 0, 0),
	PLACE(OPT_FEATURE, FORM_TEXT, feature, 0, 0),
	PLACE(OPT_JOBS, FORM_NUMBER, jobs, 1, JOBS_MAX),
	PLACE(OPT_RETIRES_WITHIN, FORM_NUMBER, retires_within_days, 0, DAYS_MAX),
	PLACE(OPT_WAIT, FORM_SECONDS, wait_ms, 1, WAIT_MAX_S),
#undef PLACE
};

static const struct place *place_of(int id)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (places[i].id == id)
			return &places[i];
	return NULL;
}

static int take_text(const char **text, int id, const char *value, struct err *err)
{
	if (!*value)
		return err_set(err, ERR_USAGE, 0, "the value of --%s is empty", option_name(id));
	*text = value;
	return 0;
}

static int take_one_more(struct texts *list, int id, const char *value, struct err *err)
{
	if (list->count == LIST_MAX)
		return err_set(err, ERR_USAGE, 0, "--%s may be given %d times at most", option_name(id), LIST_MAX);
	return take_text(&list->items[list->count++], id, value, err);
}

static int take_number(const struct place *place, const char *value, void *where, struct err *err)
{
	uint64_t n;

	if (opt_number(option_name(place->id), value, place->min, place->max, &n, err))
		return -1;
	*(uint64_t *)where = place->form == FORM_SECONDS ? n * 1000 : n;
	return 0;
}

int options_take(void *context, int id, const char *value, struct err *err)
{
	struct options *o = context;
	const struct place *place = place_of(id);
	void *where;

	if (!place) /* the only one that is more than its value */
		return take_format(o, value, err);
	where = (char *)context + place->offset;
	switch (place->form) {
	case FORM_FLAG:
		*(bool *)where = true;
		return 0;
	case FORM_TEXT:
		return take_text(where, id, value, err);
	case FORM_LIST:
		return take_one_more(where, id, value, err);
	case FORM_NUMBER:
	case FORM_SECONDS:
		break;
	}
	return take_number(place, value, where, err);
}
