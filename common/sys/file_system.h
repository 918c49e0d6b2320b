/* SPDX-License-Identifier: Apache-2.0 */
/* The part of file.h that each system does in its own way: file_linux.c, or file_posix.c where MODE is portable. The
 * rest of file.h that is there too: file_short_read_is_end. */
#ifndef COMMON_SYS_FILE_SYSTEM_H
#define COMMON_SYS_FILE_SYSTEM_H

#include <sys/stat.h>

#include "common/sys/file.h"

/* The folder in which a process finds its own descriptors by their numbers. */
extern const char file_own_descriptors[];

/* Whether path, which is a link or is not, stands for an open descriptor, whatever it shows. */
bool file_is_descriptor(const char *path, bool is_link);

/* A file without a name, in folder, to be written: nobody sees it before it is whole, and whatever ends us takes it
 * along. -1 where there is no such thing. */
int file_open_unnamed(const char *folder, unsigned mode);
/* Gives it a name, which nothing has yet. 0, or -1 with errno. */
[[nodiscard]] int file_name_unnamed(int fd, const char *path);

/* Puts what the folder fd holds into list->names, which is empty, in a form of its own. 0, or -1 with errno. */
[[nodiscard]] int file_list_take(struct file_list *list, int fd);
/* Makes entries of it, now that names does not move any more. 0, or -1 with errno. */
[[nodiscard]] int file_list_fill(struct file_list *list, int fd);

/* For these two, in file_list.c. */
#define FILE_LIST_CHUNK_BYTES (64u << 10)
/* A new entry of that name, which stays; nothing for "." and "..". 0, or -1 with errno. */
[[nodiscard]] int file_list_add(struct file_list *list, const char *name, enum file_type type);
enum file_type file_type_of(mode_t mode);
/* Asks. What cannot be asked is taken for a file: opening it will say what is wrong. */
enum file_type file_type_ask(int folder_fd, const char *name);

#endif
