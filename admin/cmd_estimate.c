/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl usage estimate. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/ask.h"
#include "admin/cmd.h"
#include "admin/estimate_print.h"
#include "admin/period.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "common/sys/opt_value.h"
#include "common/sys/pool.h"

static const char usual_parts[] = "team,model";

static int take_part(struct view word, struct estimate_print *print, struct err *err)
{
	for (unsigned i = 0; i < ESTIMATE_PARTS; i++)
		if (text_eq(word, view_of(estimate_part_names[i]))) {
			for (size_t j = 0; j < print->part_count; j++)
				if (print->parts[j] == i)
					return 0;
			print->parts[print->part_count++] = (enum estimate_part)i;
			return 0;
		}
	return err_set(err, ERR_USAGE, 0,
		       "--group-by: usage estimate is not told by '%.*s'; it takes " ESTIMATE_PART_WORDS, (int)word.len,
		       word.ptr);
}

static int take_parts(struct view list, struct estimate_print *print, struct err *err)
{
	for (;;) {
		size_t comma = text_find_byte(list, ',');

		if (take_part(view_sub(list, 0, comma), print, err))
			return -1;
		if (comma == SIZE_MAX)
			return 0;
		list = view_sub(list, comma + 1, list.len);
	}
}

static int read_query(const struct options *o, struct estimate_query *query, struct estimate_print *print,
		      struct err *err)
{
	uint32_t ns;

	for (size_t i = 0; i < o->group_by.count; i++)
		if (take_parts(view_of(o->group_by.items[i]), print, err))
			return -1;
	if (!o->group_by.count && take_parts(view_of(usual_parts), print, err))
		return -1;
	for (size_t i = 0; i < print->part_count; i++)
		query->parts |= 1u << print->parts[i];
	query->from_s = INT64_MIN;
	query->to_s = INT64_MAX;
	if ((o->from && opt_time("from", o->from, &query->from_s, &ns, err)) ||
	    (o->to && opt_time("to", o->to, &query->to_s, &ns, err)))
		return -1;
	return period_check(query->from_s < query->to_s, true, err);
}

static int open_files(char **names, size_t count, struct estimate_file *files, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		bool is_stdin = strcmp(names[i], "-") == 0;

		if (is_stdin)
			ask_for_input("usage records, one JSON object a line");
		files[i].name = is_stdin ? "standard input" : names[i];
		files[i].fd = is_stdin ? STDIN_FILENO : open(names[i], O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (files[i].fd < 0)
			return err_set(err, ERR_USAGE, errno, "cannot open '%s'", names[i]);
	}
	return 0;
}

static void close_files(struct estimate_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (files[i].fd > STDIN_FILENO)
			(void)close(files[i].fd);
	free(files);
}

/* Lines that are no records do not keep the others from being priced, but the answer is not whole. */
static int tell_bad(const struct estimate_result *result, const struct estimate_file *files, struct err *err)
{
	uint64_t more = result->bad_count > USAGE_BAD_SHOWN ? result->bad_count - USAGE_BAD_SHOWN : 0;

	for (size_t i = 0; i < USAGE_BAD_SHOWN && i < result->bad_count; i++) {
		const struct estimate_bad *bad = &result->bad[i];

		log_error("%s:%llu:%llu: %s", files[bad->piece.file].name, (unsigned long long)bad->line,
			  (unsigned long long)bad->column, bad->text);
	}
	if (!result->bad_count)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
		       "%llu %s%s: what is printed is of all others, usage records on every line were expected",
		       (unsigned long long)result->bad_count,
		       result->bad_count == 1 ? "line is no usage record" : "lines are no usage records",
		       more ? ", of which the first are named" : "");
}

static unsigned thread_count(const struct options *o)
{
	return o->jobs ? (unsigned)o->jobs : pool_processors();
}

static int estimate(struct session *s, const struct estimate_query *query, struct estimate_print *print,
		    struct estimate_file *files, size_t count, struct err *err)
{
	DEFER(estimate_result_done) struct estimate_result result;

	if (estimate_run(query, files, count, thread_count(s->o), USAGE_CHUNK_BYTES, &result, err))
		return -1;
	print->tally = &result.tally;
	if (estimate_print(s, print, err))
		return -1;
	estimate_tell_unpriced(&result.tally);
	return tell_bad(&result, files, err);
}

int cmd_usage_estimate(struct session *s, char **args, size_t count, struct err *err)
{
	static char standard_input[] = "-";
	char *usual[] = { standard_input };
	DEFER(prices_freep)
	struct prices *prices = s->o->prices ? prices_read(s->o->prices, err) : prices_builtin(err);
	struct estimate_query query = { .prices = prices };
	struct estimate_print print = { .part_count = 0 };
	struct estimate_file *files;
	int ret;

	if (!prices || read_query(s->o, &query, &print, err))
		return -1;
	if (!count) {
		args = usual;
		count = 1;
	}
	files = calloc(count, sizeof(*files));
	if (!files)
		return err_nomem(err);
	ret = open_files(args, count, files, err) ? -1 : estimate(s, &query, &print, files, count, err);
	close_files(files, count);
	return ret;
}
