/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/self.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"

void self_init(const char *)
{
}

const char *self_name(void)
{
	return program_invocation_short_name;
}

ssize_t self_path(char ret[static PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", ret, PATH_MAX - 1);

	if (len <= 0)
		return -1;
	ret[len] = '\0';
	return len;
}

unsigned self_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

size_t self_resident_bytes(void)
{
	char text[128];
	DEFER(closep) int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : file_read_full(fd, text, sizeof(text));
	struct view rest = view_from(text, len < 0 ? 0 : (size_t)len);
	uint64_t pages;

	rest = view_sub(rest, text_find_byte(rest, ' '), rest.len);
	rest = view_sub(rest, 1, rest.len);
	if (text_u64(view_sub(rest, 0, text_find_byte(rest, ' ')), UINT32_MAX, &pages))
		return 0;
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

void self_keep_private(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0);
}

int self_close_from(int first)
{
	return close_range((unsigned)first, ~0u, 0);
}

int self_close_in_child(posix_spawn_file_actions_t *actions, int first)
{
	return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
