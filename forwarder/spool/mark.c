/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "forwarder/spool/base.h"

/* 1 a row of seq, chain, time; 0; -1 with err. */
static int read_mark(struct base *base, sqlite3_stmt *s, struct spool_head *ret, struct err *err)
{
	int status = base_step(base, s, err);
	struct view chain;

	*ret = (struct spool_head){ .seq = 0 };
	if (status <= 0)
		return status;
	chain = base_blob(s, 1);
	ret->seq = base_u64(s, 0);
	if (chain.len == sizeof(ret->chain))
		memcpy(ret->chain, chain.ptr, chain.len);
	ret->observed_ns = sqlite3_column_int64(s, 2);
	base_reset(s);
	return 1;
}

int mark_get(struct base *base, const char *name, struct spool_head *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_GET_MARK, err);

	*ret = (struct spool_head){ .seq = 0 };
	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(name));
	return read_mark(base, s, ret, err) < 0 ? -1 : 0;
}

int mark_set(struct base *base, const char *name, const struct spool_head *mark, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_SET_MARK, err);

	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(name));
	(void)sqlite3_bind_int64(s, 2, (int64_t)mark->seq);
	base_bind_blob(s, 3, view_from(mark->chain, sizeof(mark->chain)));
	(void)sqlite3_bind_int64(s, 4, mark->observed_ns);
	return base_run(base, s, err);
}

int mark_last(struct base *base, uint64_t seq, struct spool_head *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_LAST, err);

	*ret = (struct spool_head){ .seq = 0 };
	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, (int64_t)seq);
	return read_mark(base, s, ret, err) < 0 ? -1 : 0;
}

int mark_head(struct base *base, struct spool_head *ret, struct err *err)
{
	struct spool_head last;

	if (mark_get(base, MARK_HEAD, ret, err) || mark_last(base, INT64_MAX, &last, err))
		return -1;
	if (last.seq > ret->seq)
		*ret = last;
	return 0;
}
