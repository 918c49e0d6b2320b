/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: takes the items of a source; its findings are the texts KEY(...), and what it was told is kept as
 * lines. */
#ifndef TESTS_SUPPORT_KEYSINK_H
#define TESTS_SUPPORT_KEYSINK_H

#include <pthread.h>

#include "common/base/text.h"
#include "scanner/item.h"
#include "scanner/record.h"
#include "tests/support/unit.h"

struct keysink {
	pthread_mutex_t lock;
	struct buf found;  /* "SECRET PATH FIRST8-OF-COMMIT FROM;" in the order of the reports */
	struct buf unread; /* "NAME REASON;" */
	struct item_sink sink;
};

static const struct rule keysink_rule;

static inline void keysink_add(struct pool_task *slot, const struct item *item, struct view secret, uint64_t at)
{
	struct finding f = { .rule = &keysink_rule, .offset = at, .masked = "m", .status = STATUS_NEW };
	struct buf path = BUF_INIT(1u << 20);

	if (!slot->output)
		slot->output = records_new();
	assert_non_null(slot->output);
	assert_int_equal(item_add_path(item, &path), 0);
	f.path = f.below = path.ptr ? path.ptr : "";
	assert_in_range(secret.len, 1, SECRET_ID_BYTES - 1);
	memcpy(f.secret_id, secret.ptr, secret.len);
	if (item->origin)
		f.origin = *item->origin;
	assert_int_equal(records_add_finding(slot->output, &f), 0);
	buf_done(&path);
}

static inline void keysink_piece(void *, unsigned, struct pool_task *slot, const struct item *item,
				 const struct piece *piece)
{
	struct view rest = piece->bytes;
	size_t at;

	while ((at = text_find(rest, VIEW("KEY("))) != SIZE_MAX) {
		rest = view_sub(rest, at + 4, rest.len);
		keysink_add(slot, item, view_sub(rest, 0, text_find_byte(rest, ')')),
			    piece->offset + (uint64_t)(rest.ptr - piece->bytes.ptr));
	}
}

static inline bool keysink_suspects(void *, unsigned, const struct piece *piece)
{
	return text_find(piece->bytes, VIEW("KEY(")) != SIZE_MAX;
}

static inline void keysink_unread(void *context, unsigned, struct pool_task *, const struct item *item,
				  enum unread reason, int)
{
	struct keysink *k = context;

	pthread_mutex_lock(&k->lock);
	assert_int_equal(item_add_path(item, &k->unread), 0);
	assert_int_equal(buf_addf(&k->unread, " %s;", unread_names[reason]), 0);
	pthread_mutex_unlock(&k->lock);
}

static inline void keysink_emit(void *context, struct pool_task *slot)
{
	struct keysink *k = context;
	struct records *r = slot->output;

	pthread_mutex_lock(&k->lock);
	for (const struct record *i = r->first; i; i = i->next) {
		const struct origin *o = &i->finding.origin;

		if (i->is_finding)
			assert_int_equal(buf_addf(&k->found, "%s %s %.10s %s;", i->finding.secret_id, i->finding.path,
						  o->commit ? o->commit : "-", o->reached ? o->reached : "-"),
					 0);
	}
	pthread_mutex_unlock(&k->lock);
	records_free(r);
	slot->output = NULL;
}

static inline bool keysink_stopped(void *)
{
	return false;
}

static inline void keysink_pass(void *, unsigned, uint64_t)
{
}

static inline void keysink_init(struct keysink *k)
{
	*k = (struct keysink){ .found = BUF_INIT(1u << 20), .unread = BUF_INIT(1u << 20) };
	pthread_mutex_init(&k->lock, NULL);
	k->sink = (struct item_sink){ .context = k,
				      .pass = keysink_pass,
				      .suspects = keysink_suspects,
				      .piece = keysink_piece,
				      .unread = keysink_unread,
				      .emit = keysink_emit,
				      .stopped = keysink_stopped };
}

static inline void keysink_done(struct keysink *k)
{
	buf_done(&k->found);
	buf_done(&k->unread);
	pthread_mutex_destroy(&k->lock);
}

#define assert_found(k, text) assert_string_equal((k)->found.ptr ? (k)->found.ptr : "", text)
#define assert_unread(k, text) assert_string_equal((k)->unread.ptr ? (k)->unread.ptr : "", text)

#endif
