/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/bucket.h"

#include <string.h>

#include "common/api/record_table.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define SECONDS_PER_DAY 86400

struct bucket {
	struct api_time starting_at, ending_at;
	struct view results;
	struct view raw;
};

static const struct record_field fields[] = {
	REQUIRED(bucket, starting_at, RECORD_TIME),
	FIELD(bucket, ending_at, RECORD_TIME),
	REQUIRED(bucket, results, RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(bucket, "a bucket of time", fields);

static struct view argument_of(const struct api_argument *arguments, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(arguments[i].name, name) == 0)
			return arguments[i].value;
	return VIEW_NONE;
}

/* A time that was asked for: a date is its first moment. */
static struct api_time asked(const struct api_argument *arguments, size_t count, const char *name)
{
	struct api_time ret = { .text = argument_of(arguments, count, name) };
	int64_t days;

	if (clock_parse_date(ret.text, &days) == 0) {
		ret.unix_s = days * SECONDS_PER_DAY;
		ret.is_known = true;
	} else {
		ret.is_known = clock_parse_time(ret.text, &ret.unix_s, NULL) == 0;
	}
	return ret;
}

/* The largest page: of small buckets one may hold more than of days. */
static uint64_t page_size(const struct api_route *route, const struct api_argument *arguments, size_t count)
{
	struct view width = argument_of(arguments, count, "bucket_width");

	for (const struct api_parameter *p = route->parameters; p->name; p++)
		if (strcmp(p->name, "limit") == 0)
			return api_page_max(p, width);
	return 0;
}

int bucket_start(struct bucket_walk *walk, struct api *api, enum api_operation operation,
		 const struct api_argument *arguments, size_t count, struct err *err)
{
	enum api_dialect dialect = api_profile(api)->dialect;

	*walk = (struct bucket_walk){ 0 };
	if (api_reader_init(&walk->bucket_reader, dialect, operation, err) ||
	    api_reader_init(&walk->reader, dialect, operation, err))
		return -1;
	page_start(&walk->pages, api, operation, arguments, count, page_size(walk->reader.route, arguments, count));
	walk->pages.is_gapless = true;
	walk->is_flat = dialect == API_CCA;
	walk->starting_at = asked(arguments, count, "starting_at");
	walk->ending_at = asked(arguments, count, "ending_at");
	return 0;
}

/* Buckets come oldest first, those without results as well. */
static int check_order(const struct bucket_walk *walk, const struct bucket *bucket, struct err *err)
{
	DEFER(buf_done) struct buf times = BUF_INIT(64);

	if (!bucket->starting_at.is_known)
		return err_set(err, ERR_FORMAT, 0, "%s: bucket %llu: starting_at is no time",
			       api_operation_name(walk->pages.operation), (unsigned long long)walk->buckets + 1);
	if (walk->buckets == 0 || !walk->ending_at.is_known || bucket->starting_at.unix_s == walk->ending_at.unix_s)
		return 0;
	if (clock_add_rfc3339(&times, bucket->starting_at.unix_s) || buf_add_text(&times, " ") ||
	    clock_add_rfc3339(&times, walk->ending_at.unix_s))
		return err_nomem(err);
	return err_set(err, ERR_FORMAT, 0, "%s: bucket %llu begins at %.20s, where %.20s was expected",
		       api_operation_name(walk->pages.operation), (unsigned long long)walk->buckets + 1, times.ptr,
		       times.ptr + 21);
}

static int next_bucket(struct bucket_walk *walk, struct view row, struct err *err)
{
	struct bucket bucket;

	if (record_read(&walk->bucket_reader, &type, row, &bucket, err))
		return err_prefix(err, "%s", api_operation_name(walk->pages.operation));
	if (check_order(walk, &bucket, err))
		return -1;
	walk->buckets++;
	walk->starting_at = bucket.starting_at;
	walk->ending_at = bucket.ending_at;
	walk->results = bucket.results;
	return 0;
}

int bucket_next(struct bucket_walk *walk, struct view *ret, struct err *err)
{
	for (;;) {
		struct view row;
		int status;

		if (json_each(&walk->results, ret))
			return 1;
		status = page_row(&walk->pages, &row, err);
		if (status <= 0)
			return status;
		if (walk->is_flat) {
			*ret = row;
			return 1;
		}
		if (next_bucket(walk, row, err))
			return -1;
	}
}

void bucket_done(struct bucket_walk *walk)
{
	page_done(&walk->pages);
	api_reader_done(&walk->bucket_reader);
	api_reader_done(&walk->reader);
}
