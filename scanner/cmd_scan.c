/* SPDX-License-Identifier: Apache-2.0 */
/* skant dir, skant stdin: the same scan over different sources. */
#include <stdlib.h>
#include <unistd.h>

#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/session.h"
#include "scanner/source/stream.h"
#include "scanner/source/target.h"
#include "scanner/source/worktree.h"

int cmd_dir(const struct options *o, char **args, size_t count)
{
	static const char *const here[] = { "." };
	struct session s = { .options = o, .covers = COVERS_TARGETS, .context = { .command = "dir" } };
	struct worktree_options w = { .no_ignore = o->no_ignore,
				      .max_file_bytes = o->max_target_bytes,
				      .jobs = o->jobs };
	struct err err = ERR_INIT;
	DEFER(freep) char *root = NULL;

	s.targets = count ? (const char *const *)args : here;
	s.target_count = count ? count : 1;
	if (target_check(s.targets, s.target_count, &err))
		return session_refuse(&s, &err);
	root = target_root(s.targets[0], &err);
	if (!root || session_prepare(&s, root, o->jobs, &err))
		return session_refuse(&s, &err);
	session_confine(&s);
	(void)worktree_scan(s.targets, s.target_count, &w, pipeline_sink(s.pipeline), log_warn_text, &err);
	return session_conclude(&s, &err);
}

int cmd_stdin(const struct options *o, char **args, size_t count)
{
	const char *const target[] = { o->label };
	struct session s = { .options = o, .targets = target, .target_count = 1, .context = { .command = "stdin" } };
	struct err err = ERR_INIT;
	DEFER(freep) char *root = NULL;

	if (count) {
		(void)err_set(&err, ERR_USAGE, 0, "skant stdin reads standard input; it takes no '%s'", args[0]);
		return session_refuse(&s, &err);
	}
	root = target_root(".", &err);
	if (!root || session_prepare(&s, root, 1, &err))
		return session_refuse(&s, &err);
	session_confine(&s);
	(void)stream_scan(STDIN_FILENO, o->label, pipeline_sink(s.pipeline), &err);
	return session_conclude(&s, &err);
}
