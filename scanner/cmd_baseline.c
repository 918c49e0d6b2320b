/* SPDX-License-Identifier: Apache-2.0 */
/* skant baseline: accepts what is there today. */
#include <stdlib.h>

#include "common/sys/log.h"
#include "scanner/accept.h"
#include "scanner/cmd.h"
#include "scanner/parts_read.h"
#include "scanner/privilege.h"
#include "scanner/setup.h"
#include "scanner/source/target.h"

static int check_options(const struct options *o, size_t count, struct err *err)
{
	if (o->explained_report && (o->git || count))
		return err_set(err, ERR_USAGE, 0,
			       "--report takes what a report names; nothing is scanned, so it goes with no %s",
			       o->git ? "--git" : "PATH");
	if (!o->git && o->full)
		return err_set(err, ERR_USAGE, 0, "--full is for a history; it goes with --git");
	return 0;
}

static int take(void *context, const struct finding *f)
{
	struct accepting *a = context;

	if (f->status == STATUS_ALLOWED)
		return 0;
	(void)baseline_meet(a->old, f);
	return baseline_add(a->found, f);
}

/* What a report names comes to what is there: what else it covered is not known, so nothing goes. */
static int accept_report(const struct options *o, struct accepting *a, struct err *err)
{
	static const struct baseline_scope nothing;
	DEFER(freep) char *root = target_root(".", err);
	DEFER(setup_done) struct setup setup = { .rules = NULL };
	struct parts parts;
	int ret;

	if (!root || setup_read(o, root, &setup, err) ||
	    accept_open(a, o->output, setup.baseline_path, setup.baseline_named_by, root, err))
		return EXIT_USAGE;
	privilege_narrow(o->privilege, a->path);
	parts_init(&parts, setup.rules, take, a);
	ret = parts_read(&parts, o->explained_report, err) ? EXIT_USAGE : EXIT_CLEAN;
	if (ret == EXIT_CLEAN && (accept_write(a, &nothing, parts.sum.incomplete, err) || parts.sum.incomplete))
		ret = EXIT_INCOMPLETE;
	parts_done(&parts);
	return ret;
}

int cmd_baseline(const struct options *o, char **args, size_t count)
{
	struct accepting accepting = { .verbose = o->verbose };
	struct options scan = *o;
	struct err err = ERR_INIT;
	int ret = EXIT_USAGE;

	if (check_options(o, count, &err)) {
		log_error("%s", err.text);
		return ret;
	}
	scan.accepting = &accepting;
	scan.exit_code = EXIT_CLEAN;
	if (o->explained_report)
		ret = accept_report(&scan, &accepting, &err);
	else
		ret = o->git ? cmd_git(&scan, args, count) : cmd_dir(&scan, args, count);
	if (err.kind != ERR_NONE)
		log_error("%s", err.text);
	accept_done(&accepting);
	return ret;
}
