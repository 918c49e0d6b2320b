/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks of git: installed where git looks for them (core.hooksPath, linked work trees, bare repositories), beside the
 * hook that is there already, which is kept as NAME.before-skant and put back by uninstalling. */
#ifndef SCANNER_HOOK_GIT_H
#define SCANNER_HOOK_GIT_H

#include "common/base/err.h"
#include "scanner/hook_script.h"

enum hook_state {
	HOOK_NONE,
	HOOK_OTHER,     /* somebody else's */
	HOOK_ALTERED,   /* ours, with something behind it */
	HOOK_IDLE,      /* ours, but not executable: git leaves it out */
	HOOK_OUTDATED,  /* ours, of another version or from another path */
	HOOK_INSTALLED, /* as it would be written now */
};

struct hook_place {
	const struct hook_type *type;
	char *path;   /* of the hook */
	char *kept;   /* of the one before it */
	char *shared; /* value of core.hooksPath, for the message that says so; NULL when it is not set */
	struct buf script;
	enum hook_state state;
	bool has_kept;
	bool is_bare; /* the repository */
};

/* Asks git, in the current folder, where the hook belongs, and looks at what is there. 0, or -1 with err; hook_git_done
 * in any case. */
[[nodiscard]] int hook_git_find(const struct hook_type *type, struct hook_place *ret, struct err *err);
void hook_git_done(struct hook_place *place);

/* Writes the hook, unless it is there. 0, or -1 with err: nothing has changed then. */
[[nodiscard]] int hook_git_install(const struct hook_place *place, struct err *err);
/* Takes our hook away and puts the one before back. 0 (also when there is nothing to do), or -1 with err: a hook that
 * is not ours stays. */
[[nodiscard]] int hook_git_uninstall(const struct hook_place *place, struct err *err);

#endif
