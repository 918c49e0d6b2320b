/* SPDX-License-Identifier: Apache-2.0 */
/* skant baseline: accepts what is there today. */
#include "common/sys/log.h"
#include "scanner/accept.h"
#include "scanner/cmd.h"

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
	ret = o->git ? cmd_git(&scan, args, count) : cmd_dir(&scan, args, count);
	accept_done(&accepting);
	return ret;
}
