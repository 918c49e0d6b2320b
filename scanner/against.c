/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/against.h"

#include "common/base/bounds.h"
#include "common/sys/log.h"
#include "scanner/item.h"
#include "scanner/source/target.h"
#include "scanner/source/worktree.h"

struct gathering {
	struct buf *text;
	bool is_full;
};

static bool is_marked(void *, unsigned, struct view)
{
	return true;
}

static void pass(void *, unsigned, uint64_t)
{
}

static void take_piece(void *context, unsigned, struct pool_task *, const struct item *, const struct piece *piece)
{
	struct gathering *g = context;
	struct view bytes = view_sub(piece->bytes, piece->is_first ? 0 : SCAN_OVERLAP_BYTES, piece->bytes.len);

	if (g->is_full)
		return;
	bytes = view_sub(bytes, 0, g->text->max - g->text->len);
	g->is_full = buf_add(g->text, bytes) || g->text->len == g->text->max || buf_add_byte(g->text, '\n');
}

static void take_unread(void *, unsigned, struct pool_task *, const struct item *, enum unread, int)
{
}

static void take_unread_text(void *, unsigned, struct pool_task *, const struct item *, enum unread, const char *)
{
}

static void emit(void *, struct pool_task *)
{
}

static bool stopped(void *context)
{
	const struct gathering *g = context;

	return g->is_full;
}

int against_read(const char *path, struct buf *text, struct err *err)
{
	struct worktree_options options = { .jobs = 1 };
	struct gathering g = { .text = text };
	const struct item_sink sink = { .context = &g,
					.is_marked = is_marked,
					.pass = pass,
					.piece = take_piece,
					.unread = take_unread,
					.unread_text = take_unread_text,
					.emit = emit,
					.stopped = stopped };

	if (target_check(&path, 1, err) || worktree_scan(&path, 1, &options, &sink, log_warn_text, err))
		return -1;
	return text->len ? 0 : err_set(err, ERR_USAGE, 0, "'%s' holds no text to measure rules with", path);
}
