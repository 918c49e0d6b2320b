/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/interp.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define HEAD_BYTES 4096 /* linkers put all of this first */

static bool is_program(const ElfW(Ehdr) * e, size_t len)
{
	unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

	return len >= sizeof(*e) && memcmp(e->e_ident, ELFMAG, SELFMAG) == 0 && e->e_ident[EI_CLASS] == class &&
	       e->e_ident[EI_DATA] == order && e->e_phentsize == sizeof(ElfW(Phdr));
}

/* The path that a header of that kind names, which ends in NUL. */
static enum interp read_path(struct view head, const ElfW(Phdr) * p, struct buf *ret)
{
	struct view path =
		p->p_offset < head.len ? view_sub(head, (size_t)p->p_offset, (size_t)p->p_filesz) : VIEW_NONE;

	if (path.len < 2 || path.len != p->p_filesz || memchr(path.ptr, '\0', path.len) != path.ptr + path.len - 1)
		return INTERP_UNKNOWN;
	return buf_add(ret, view_sub(path, 0, path.len - 1)) ? INTERP_UNKNOWN : INTERP_LOADER;
}

static enum interp read_head(struct view head, struct buf *ret)
{
	ElfW(Ehdr) e = { .e_phnum = 0 };

	memcpy(&e, head.ptr, head.len < sizeof(e) ? head.len : sizeof(e));
	if (!is_program(&e, head.len))
		return INTERP_UNKNOWN;
	for (size_t i = 0; i < e.e_phnum; i++) {
		ElfW(Phdr) p;
		struct view at =
			e.e_phoff < head.len ? view_sub(head, (size_t)e.e_phoff + i * sizeof(p), sizeof(p)) : VIEW_NONE;

		if (at.len != sizeof(p))
			return INTERP_UNKNOWN;
		memcpy(&p, at.ptr, sizeof(p));
		if (p.p_type == PT_INTERP)
			return read_path(head, &p, ret);
	}
	return INTERP_NONE;
}

enum interp interp_find(int program_fd, struct buf *ret)
{
	char head[HEAD_BYTES];
	ssize_t n = pread(program_fd, head, sizeof(head), 0);

	return n < 0 ? INTERP_UNKNOWN : read_head(view_from(head, (size_t)n), ret);
}
