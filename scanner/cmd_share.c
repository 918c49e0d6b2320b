/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/cmd_share.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"

int cmd_print(const struct buf *out, int status)
{
	if (file_write_full(STDOUT_FILENO, buf_view(out)) == 0)
		return status;
	log_error("cannot write to standard output: %s", strerrordesc_np(errno));
	return EXIT_INCOMPLETE;
}

const struct rule *cmd_find_rule(const struct ruleset *rules, const char *id)
{
	const struct rule *rule = ruleset_find(rules, view_of(id));
	const char *ids[RULES_MAX], *nearest;

	if (rule)
		return rule;
	for (size_t i = 0; i < ruleset_count(rules); i++)
		ids[i] = ruleset_at(rules, i)->id;
	nearest = text_nearest(view_of(id), ids, ruleset_count(rules));
	if (nearest)
		log_error("there is no rule '%s'; did you mean '%s'?", id, nearest);
	else
		log_error("there is no rule '%s'; see `skant rules list`", id);
	return NULL;
}

int cmd_add_indented(struct buf *out, const char *text)
{
	struct view rest = view_of(text), line;

	while (text_next_line(&rest, &line))
		if (buf_add_text(out, line.len ? "  " : "") || text_add_clean(out, line) || buf_add_byte(out, '\n'))
			return -1;
	return 0;
}
