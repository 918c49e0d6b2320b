/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/confine.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/base.h"
#include "common/base/sanitized.h"
#include "common/sys/callfilter.h"
#include "common/sys/landlock.h"

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif

static bool opens_to_write(const struct confine *c)
{
	for (size_t i = 0; i < c->place_count; i++)
		if (!c->places[i].only_moves)
			return true;
	return c->writes_anywhere;
}

static struct callfilter filter_of(const struct confine *c)
{
	bool runs = c->runs_anything || c->program_count, opens = opens_to_write(c);

	return (struct callfilter){ .runs_programs = runs,
				    .runs_descriptors = c->runs_anything,
				    .makes_files = opens || c->place_count,
				    .sets_modes = opens,
				    .opens_to_write = opens || runs, /* children have /dev/null for what they print */
				    .cuts_files = c->writes_anywhere || c->runs_anything,
				    .changes_files = c->writes_anywhere,
				    .signals = runs || c->signals || IS_SANITIZED,
				    .is_traced = IS_SANITIZED,
				    .pid = getpid() };
}

/* Programs here run nothing that somebody else wrote: what the kernel does against guessing ahead, which costs time at
 * each branch, is not asked for. */
static bool filter_calls(const struct confine *c)
{
	const struct callfilter f = filter_of(c);
	struct sock_filter instructions[CALLFILTER_MAX];
	const size_t count =
		c->is_filtered ? callfilter_make_more(&f, instructions) : callfilter_make(&f, instructions);
	const struct sock_fprog program = { .len = (unsigned short)count, .filter = instructions };
	const unsigned long flags = SECCOMP_FILTER_FLAG_TSYNC;

	if (!program.len)
		return false;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0 ||
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0;
}

/* Known before there is one, as what it does Landlock need not do. */
static bool has_filter(void)
{
	return callfilter_is_known() && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

struct confined confine_apply(const struct confine *c)
{
	struct confine mine = *c;
	struct confined ret = { .landlock = 0 };

#ifdef SKANT_WRITES_AT_EXIT
	mine.writes_anywhere = true;
#endif
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ret;
	ret.landlock = landlock_apply(&mine, has_filter());
	ret.is_filtered = filter_calls(&mine);
	if (!ret.is_filtered && has_filter())
		ret.landlock = landlock_apply(&mine, false); /* whoever started us keeps it from being used */
	ret.runs_anything = mine.runs_anything || (mine.program_count && !ret.landlock);
	return ret;
}
