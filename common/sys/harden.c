/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/harden.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/sys/self.h"

static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

static void keep_memory_private(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef SKANT_KEEP_DUMPABLE
	self_keep_private();
#endif
}

void harden_process(void)
{
	hold_standard_descriptors();
	keep_memory_private();
}
