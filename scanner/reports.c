/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/reports.h"

#include <errno.h>

#include "common/sys/log.h"
#include "scanner/elsewhere.h"

/* NULL stands for the usual format: the text, or what a hook has to say. */
static int open_one(struct reports *r, const char *format, const char *path, const struct report_context *context,
		    struct err *err)
{
	const struct report_format *usual = context->hook ? &report_hook : &report_text;
	struct report *report;

	if (path && elsewhere_refuse(path, err))
		return -1;
	report = report_open(format ? report_find(view_of(format)) : usual, path, context, err);
	if (!report)
		return -1;
	r->items[r->count++] = report;
	return 0;
}

/* Each FMT=FILE is a report of its own; besides, there is one in the format that was given without file. */
int reports_open(struct reports *r, const struct options *o, const struct report_context *context, struct err *err)
{
	const char *main_format = NULL;
	bool any_file = false;

	for (size_t i = 0; i < o->report_count; i++) {
		any_file |= o->reports[i].path != NULL;
		if (o->reports[i].path ? open_one(r, o->reports[i].format, o->reports[i].path, context, err)
				       : main_format && err_set(err, ERR_USAGE, 0,
								"two report formats without a file; use -f %s=FILE",
								o->reports[i].format))
			return -1;
		if (!o->reports[i].path)
			main_format = o->reports[i].format;
	}
	if (!main_format && any_file && !o->report_path)
		return 0;
	return open_one(r, main_format, o->report_path, context, err);
}

int reports_close(struct reports *r, const struct summary *s)
{
	int ret = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct err err = ERR_INIT;

		if (report_close(r->items[i], s, &err) == 0)
			continue;
		ret = -1;
		if (err.errnum != EPIPE)
			log_error("%s", err.text);
	}
	r->count = 0;
	return ret;
}

void reports_abort(struct reports *r)
{
	for (size_t i = 0; i < r->count; i++)
		report_abort(r->items[i]);
	r->count = 0;
}
