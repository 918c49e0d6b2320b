/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/sandbox.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/sanitized.h"
#include "common/sys/self.h"
#include "scanner/unpack/calls.h"

/* What the C library would otherwise look up in files at the first name or date that it converts. */
static void look_up(void)
{
	(void)setenv("TZ", "UTC0", 1);
	tzset();
	(void)setlocale(LC_CTYPE, "C.UTF-8");
}

static struct rlimit at_most(unsigned long most)
{
	return (struct rlimit){ most, most };
}

static int bound_all(void)
{
	const struct rlimit none = at_most(0), data = at_most(UNPACK_DATA_BYTES), space = at_most(UNPACK_SPACE_BYTES);

	if (setrlimit(RLIMIT_CORE, &none))
		return -1;
#ifndef SKANT_WRITES_AT_EXIT
	if (setrlimit(RLIMIT_FSIZE, &none))
		return -1;
#endif
	if (IS_SANITIZED)
		return 0;
	self_keep_private();
#ifdef RLIMIT_NPROC
	if (setrlimit(RLIMIT_NPROC, &none))
		return -1;
#endif
#ifdef RLIMIT_AS
	if (setrlimit(RLIMIT_AS, &space))
		return -1;
#else
	(void)space;
#endif
	return setrlimit(RLIMIT_DATA, &data);
}

int sandbox_enter(int channel)
{
	look_up();
	if (bound_all())
		return -1;
	return IS_SANITIZED ? 0 : calls_filter(channel);
}
