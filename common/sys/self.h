/* SPDX-License-Identifier: Apache-2.0 */
/* This process, as the system tells of it: self_linux.c, or self_posix.c where MODE is portable. */
#ifndef COMMON_SYS_SELF_H
#define COMMON_SYS_SELF_H

#include <limits.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/types.h>

/* What main was called by, which stays. Before self_path: POSIX has nothing else that leads to a program's own file. */
void self_init(const char *argv0);

/* What this program was called by, without folders; "skant" when that is not known. */
const char *self_name(void);

/* Where this program's file is, behind links, with a NUL. Its length, or -1 when that is not known. */
ssize_t self_path(char ret[static PATH_MAX]);

/* How many processors this process may use; 1 when that is not known. */
unsigned self_processors(void);

/* Memory of this process that is in use, in bytes; 0 when the system does not tell. */
size_t self_resident_bytes(void);

/* From here on no other process of the user may read this one's memory, where the system can be told so. */
void self_keep_private(void);

/* Closes first and all descriptors behind it. 0, or -1 with errno. */
[[nodiscard]] int self_close_from(int first);
/* The same in a child that is about to be started. 0, or an errno. */
[[nodiscard]] int self_close_in_child(posix_spawn_file_actions_t *actions, int first);

#endif
