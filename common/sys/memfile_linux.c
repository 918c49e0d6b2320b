/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/memfile.h"

#include <fcntl.h>
#include <sys/mman.h>

int memfile_open(void)
{
	return memfd_create("skant container", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int memfile_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}
