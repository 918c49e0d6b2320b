/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/unpackfind.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/self.h"
#include "scanner/unpack_wire.h"

#define PLACES 4

#ifndef SKANT_LIBEXECDIR
#define SKANT_LIBEXECDIR "/usr/local/libexec/skant"
#endif

/* Appends the folder that this program is in and something below it. */
static int add_beside(struct buf *out, struct view self, const char *below)
{
	while (self.len && self.ptr[self.len - 1] != '/')
		self.len--;
	return self.len ? buf_add(out, self) || buf_add_text(out, below) : 0;
}

static int add_place(struct buf *out, size_t place, struct view self)
{
	switch (place) {
	case 0:
		return buf_add(out, view_of(getenv("SKANT_LIBEXECDIR")));
	case 1:
		return add_beside(out, self, "../libexec/skant");
	case 2:
		return add_beside(out, self, ".");
	default:
		return buf_add_text(out, SKANT_LIBEXECDIR);
	}
}

int unpack_find(struct buf *ret)
{
	DEFER(buf_done) struct buf looked = BUF_INIT(PLACES * PATH_MAX);
	char self[PATH_MAX];
	ssize_t len = self_path(self);

	for (size_t place = 0; place < PLACES; place++) {
		buf_clear(ret);
		if (add_place(ret, place, view_from(self, len > 0 ? (size_t)len : 0)))
			break;
		if (ret->len == 0)
			continue;
		if (buf_add_text(&looked, looked.len ? ", " : "") || text_add_clean(&looked, buf_view(ret)) ||
		    buf_add_text(ret, "/" UNPACK_PROGRAM))
			break;
		if (access(ret->ptr, X_OK) == 0)
			return 0;
	}
	buf_clear(ret);
	(void)buf_add(ret, buf_view(&looked));
	return -1;
}
