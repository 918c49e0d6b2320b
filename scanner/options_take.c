/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "common/sys/opt_value.h"
#include "common/sys/pool.h"
#include "scanner/option_ids.h"
#include "scanner/options.h"
#include "scanner/report/report.h"

#define MEGABYTE 1'000'000u
#define MEMORY_MIN_BYTES (64u << 20)
#define MEMORY_USUAL_BYTES (1u << 30)
#define TIMEOUT_MAX_S (7u * 24 * 3600)

void options_init(struct options *o)
{
	*o = (struct options){ .fail_on = SEVERITY_MEDIUM,
			       .min_confidence = CONFIDENCE_MEDIUM,
			       .label = "stdin",
			       .max_memory_bytes = MEMORY_USUAL_BYTES,
			       .log_level = -1,
			       .archive_depth = UINT64_MAX,
			       .archive_ratio = UINT64_MAX,
			       .archive_bytes = UINT64_MAX,
			       .jobs = pool_processors(),
			       .decode_depth = UINT64_MAX,
			       .exit_code = 1 };
}

void options_done(struct options *o)
{
	for (size_t i = 0; i < o->report_count; i++)
		free(o->reports[i].text);
}

static int take_choice(const char *name, const char *value, const char *const *names, size_t count, unsigned *ret,
		       struct err *err)
{
	DEFER(buf_done) struct buf all = BUF_INIT(ERR_TEXT_BYTES);

	for (size_t i = 0; i < count; i++) {
		if (text_eq(view_of(value), view_of(names[i]))) {
			*ret = (unsigned)i;
			return 0;
		}
		if (buf_addf(&all, "%s%s", i ? ", " : "", names[i]))
			return err_nomem(err);
	}
	return err_set(err, ERR_USAGE, 0, "--%s takes one of %s, not '%s'", name, all.ptr, value);
}

/* FMT or FMT=FILE */
static int take_report(struct options *o, const char *value, struct err *err)
{
	struct report_request *r = &o->reports[o->report_count];
	char *equals;

	if (o->report_count == REPORTS_MAX)
		return err_set(err, ERR_USAGE, 0, "--report-format may be given %d times at most", REPORTS_MAX);
	r->text = strdup(value);
	if (!r->text)
		return err_nomem(err);
	o->report_count++;
	r->format = r->text;
	equals = strchr(r->text, '=');
	if (equals) {
		*equals = '\0';
		r->path = equals + 1;
	}
	if (!report_find(view_of(r->format)))
		return opt_refuse_word("report-format", REPORT_FORMATS, r->format, err);
	if (equals && !*r->path)
		return err_set(err, ERR_USAGE, 0, "--report-format %s= names no file", r->format);
	return 0;
}

/* I/N, or K+1/N: some number their tasks from 0, and not everybody who starts a program can add. */
static int take_shard(struct options *o, const char *value, struct err *err)
{
	struct view text = view_of(value), left;
	size_t slash = text_find_byte(text, '/');
	bool is_sum;
	uint64_t i = 0, n = 0;

	left = slash == SIZE_MAX ? VIEW_NONE : view_sub(text, 0, slash);
	is_sum = text_ends(left, VIEW("+1"));
	if (text_u64(view_sub(left, 0, left.len - (is_sum ? 2 : 0)), SHARDS_MAX, &i) ||
	    text_u64(view_sub(text, slash + 1, text.len), SHARDS_MAX, &n) || i + is_sum < 1 || i + is_sum > n)
		return err_set(err, ERR_USAGE, 0,
			       "--shard takes a part and how many there are, such as 1/4 to 4/4, or 0+1/4, at most %d, "
			       "not '%s'",
			       SHARDS_MAX, value);
	o->shard = (unsigned)(i + is_sum - 1);
	o->shard_count = (unsigned)n;
	return 0;
}

static int take_list(const char *name, const char **list, size_t *count, const char *value, struct err *err)
{
	if (*count == LIST_MAX)
		return err_set(err, ERR_USAGE, 0, "--%s may be given %d times at most", name, LIST_MAX);
	list[(*count)++] = value;
	return 0;
}

static int take_switch(struct options *o, const char *glob, bool on, struct err *err)
{
	if (o->switch_count == LIST_MAX)
		return err_set(err, ERR_USAGE, 0, "rules may be switched on and off %d times at most", LIST_MAX);
	o->switches[o->switch_count++] = (struct switch_request){ .glob = glob, .on = on };
	return 0;
}

static int take_trust(struct options *o, const char *value, struct err *err)
{
	static const char *const sides[] = { "base", "change" };
	unsigned n = 0;

	if (take_choice("trust", value, sides, ARRAY_LEN(sides), &n, err))
		return -1;
	o->trust_change = n == 1;
	return 0;
}

static int take_memory(struct options *o, const char *value, struct err *err)
{
	if (text_size(view_of(value), UINT64_MAX, &o->max_memory_bytes) || o->max_memory_bytes < MEMORY_MIN_BYTES)
		return err_set(err, ERR_USAGE, 0, "--max-memory takes a size of at least 64M, such as 256M, not '%s'",
			       value);
	return 0;
}

static int take_archive(struct options *o, int id, const char *value, struct err *err)
{
	if (id == OPT_ARCHIVE_DEPTH)
		return opt_number("max-archive-depth", value, 0, ARCHIVE_DEPTH_MAX, &o->archive_depth, err);
	if (id == OPT_ARCHIVE_RATIO)
		return opt_number("max-archive-ratio", value, 1, ARCHIVE_RATIO_MAX, &o->archive_ratio, err);
	if (text_size(view_of(value), ARCHIVE_BYTES_MAX, &o->archive_bytes) || o->archive_bytes == 0)
		return err_set(err, ERR_USAGE, 0, "--max-archive-bytes takes a size such as 1G, not '%s'", value);
	return 0;
}

static int take_level(struct options *o, int id, const char *value, struct err *err)
{
	static const char *const modes[] = { "auto", "always", "never" };
	unsigned n = 0;
	int ret;

	switch (id) {
	case OPT_FAIL_ON:
		ret = take_choice("fail-on", value, severity_names, ARRAY_LEN(severity_names), &n, err);
		o->fail_on = (enum severity)n;
		return ret;
	case OPT_MIN_CONFIDENCE:
		ret = take_choice("min-confidence", value, confidence_names, ARRAY_LEN(confidence_names), &n, err);
		o->min_confidence = (enum confidence)n;
		return ret;
	case OPT_PROGRESS:
		ret = take_choice("progress", value, modes, ARRAY_LEN(modes), &n, err);
		o->progress = (enum progress_mode)n;
		return ret;
	default:
		ret = take_choice("log-level", value, log_level_names, ARRAY_LEN(log_level_names), &n, err);
		o->log_level = (int)n;
		return ret;
	}
}

static int take_amount(struct options *o, int id, const char *value, struct err *err)
{
	uint64_t n = 0;

	switch (id) {
	case OPT_MAX_TARGET:
		if (opt_number("max-target-megabytes", value, 1, UINT64_MAX / MEGABYTE, &n, err))
			return -1;
		o->max_target_bytes = n * MEGABYTE;
		return 0;
	case OPT_DECODE_DEPTH:
		if (opt_number("max-decode-depth", value, 0, DECODE_DEPTH_MAX, &n, err))
			return -1;
		o->decode_depth = n;
		return 0;
	case OPT_JOBS:
		if (opt_number("jobs", value, 1, JOBS_MAX, &n, err))
			return -1;
		o->jobs = (unsigned)n;
		return 0;
	case OPT_TIMEOUT:
		return opt_number("timeout", value, 1, TIMEOUT_MAX_S, &o->timeout_s, err);
	default:
		if (opt_number("exit-code", value, 0, 255, &n, err))
			return -1;
		o->exit_code = (int)n;
		return 0;
	}
}

static void take_flag(struct options *o, int id)
{
	switch (id) {
	case OPT_IGNORE_ALLOW:
		o->ignore_allow = true;
		break;
	case OPT_NO_IGNORE:
		o->no_ignore = true;
		break;
	case OPT_QUIET:
		o->quiet = true;
		break;
	case OPT_VERBOSE:
		o->verbose = true;
		break;
	case OPT_NO_COLOUR:
		o->no_colour = true;
		break;
	case OPT_CONNECTIVITY:
		o->connectivity = true;
		break;
	case OPT_FULL:
		o->full = true;
		break;
	case OPT_WHOLE_FILES:
		o->whole_files = true;
		break;
	case OPT_STAGED:
		o->staged = true;
		break;
	case OPT_GIT:
		o->git = true;
		break;
	case OPT_RESUME:
		o->resume = true;
		break;
	case OPT_VERIFY:
		o->verify = true;
		break;
	default: /* --redact, --no-banner: what they ask for is so anyway */
		break;
	}
}

/* The last one would win without a word, and the others be unread. */
static int take_range(struct options *o, const char *value, struct err *err)
{
	if (o->range)
		return err_set(err, ERR_USAGE, 0, "--range may be given once; '%s' was given already", o->range);
	o->range = value;
	return 0;
}

static void take_text(struct options *o, int id, const char *value)
{
	switch (id) {
	case OPT_REPORT_PATH:
		o->report_path = value;
		break;
	case OPT_CONFIG:
		o->config = value;
		break;
	case OPT_LABEL:
		o->label = value;
		break;
	case OPT_SINCE:
		o->since = value;
		break;
	case OPT_LOG_OPTS: /* pipelines hand over variables that may be empty */
		o->log_opts = text_trim(view_of(value)).len ? value : NULL;
		break;
	case OPT_CACHE:
		o->cache = value;
		break;
	case OPT_REPORT:
		o->explained_report = value;
		break;
	case OPT_INVENTORY:
		o->inventory = value;
		break;
	case OPT_BASELINE:
		o->baseline = value;
		break;
	case OPT_OUTPUT:
		o->output = value;
		break;
	case OPT_AGAINST:
		o->against = value;
		break;
	case OPT_REPOSITORIES:
		o->repositories = value;
		break;
	case OPT_PLAN:
		o->plan = value;
		break;
	default:
		o->hook_type = value;
		break;
	}
}

int options_take(void *context, int id, const char *value, struct err *err)
{
	struct options *o = context;

	switch (id) {
	case OPT_FORMAT:
		return take_report(o, value, err);
	case OPT_REPORT_PATH:
	case OPT_CONFIG:
	case OPT_LABEL:
	case OPT_SINCE:
	case OPT_LOG_OPTS:
	case OPT_CACHE:
	case OPT_INVENTORY:
	case OPT_BASELINE:
	case OPT_OUTPUT:
	case OPT_AGAINST:
	case OPT_REPOSITORIES:
	case OPT_PLAN:
	case OPT_TYPE:
	case OPT_REPORT:
		take_text(o, id, value);
		return 0;
	case OPT_RANGE:
		return take_range(o, value, err);
	case OPT_SHARD:
		return take_shard(o, value, err);
	case OPT_TRUST:
		return take_trust(o, value, err);
	case OPT_MAX_MEMORY:
		return take_memory(o, value, err);
	case OPT_ARCHIVE_DEPTH:
	case OPT_ARCHIVE_RATIO:
	case OPT_ARCHIVE_BYTES:
		return take_archive(o, id, value, err);
	case OPT_RULES:
		return take_list("rules", o->rules, &o->rule_count, value, err);
	case OPT_FROM:
		return take_list("from", o->from, &o->from_count, value, err);
	case OPT_ENABLE:
	case OPT_DISABLE:
		return take_switch(o, value, id == OPT_ENABLE, err);
	case OPT_FAIL_ON:
	case OPT_MIN_CONFIDENCE:
	case OPT_PROGRESS:
	case OPT_LOG_LEVEL:
		return take_level(o, id, value, err);
	case OPT_MAX_TARGET:
	case OPT_DECODE_DEPTH:
	case OPT_JOBS:
	case OPT_TIMEOUT:
	case OPT_EXIT_CODE:
		return take_amount(o, id, value, err);
	default:
		take_flag(o, id);
		return 0;
	}
}
