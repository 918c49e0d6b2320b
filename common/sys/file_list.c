/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/sys/file.h"
#include "common/sys/file_system.h"

#define LIST_BYTES (1u << 30) /* names of one folder: some ten million */
#define LIST_FIRST_ENTRIES 256

static struct file_entry *new_entry(struct file_list *list)
{
	size_t cap = list->cap ? 2 * list->cap : LIST_FIRST_ENTRIES;
	struct file_entry *entries;

	if (list->count == list->cap) {
		entries = reallocarray(list->entries, cap, sizeof(*entries));
		if (!entries)
			return NULL;
		list->entries = entries;
		list->cap = cap;
	}
	return &list->entries[list->count++];
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

int file_list_add(struct file_list *list, const char *name, enum file_type type)
{
	struct file_entry *e;

	if (is_dots(name))
		return 0;
	e = new_entry(list);
	if (!e) {
		errno = ENOMEM;
		return -1;
	}
	*e = (struct file_entry){ .name = name, .name_len = strlen(name), .type = type };
	return 0;
}

enum file_type file_type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FILE_REGULAR;
	case S_IFDIR:
		return FILE_FOLDER;
	case S_IFLNK:
		return FILE_LINK;
	default:
		return FILE_SPECIAL;
	}
}

enum file_type file_type_ask(int folder_fd, const char *name)
{
	struct stat st;

	return fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? FILE_REGULAR : file_type_of(st.st_mode);
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct file_entry *)a)->name, ((const struct file_entry *)b)->name);
}

static void sort_entries(struct file_list *list)
{
	for (size_t i = 1; i < list->count; i++)
		if (compare_entries(&list->entries[i - 1], &list->entries[i]) > 0) {
			qsort(list->entries, list->count, sizeof(*list->entries), compare_entries);
			return;
		}
}

int file_list_read(struct file_list *list, int fd, int *ret_errno)
{
	int take_errno, fill_errno;

	if (!list->names.max)
		list->names = (struct buf)BUF_INIT(LIST_BYTES);
	buf_clear(&list->names);
	list->count = 0;
	take_errno = file_list_take(list, fd) < 0 ? errno : 0;
	fill_errno = file_list_fill(list, fd) < 0 ? errno : 0;
	sort_entries(list);
	if (!take_errno && !fill_errno)
		return 0;
	*ret_errno = take_errno ? take_errno : fill_errno;
	return -1;
}

void file_list_done(struct file_list *list)
{
	free(list->entries);
	buf_done(&list->names);
	*list = (struct file_list){ .entries = NULL };
}
