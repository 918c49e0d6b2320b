/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/agent_edit.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"

/* Appends rest with one or all of old replaced. */
static int replace(struct view rest, struct view old, struct view new, bool all, struct buf *out)
{
	do {
		size_t at = text_find(rest, old);

		if (at == SIZE_MAX)
			break;
		if (buf_add(out, view_sub(rest, 0, at)) || buf_add(out, new))
			return -1;
		rest = view_sub(rest, at + old.len, rest.len);
	} while (all);
	return buf_add(out, rest);
}

static int take(struct view edit, const char *member, struct buf *ret, bool *ret_is_there)
{
	struct view value = json_member(edit, member);

	*ret_is_there = value.len && json_type_of(value) == JSON_STRING;
	return *ret_is_there ? json_add_string(ret, value) : 0;
}

static int apply_one(struct view edit, struct buf *text)
{
	DEFER(buf_wipe) struct buf old = BUF_INIT(AGENT_EVENT_BYTES), new = BUF_INIT(AGENT_EVENT_BYTES);
	struct buf out = BUF_INIT(text->max);
	struct view all = json_member(edit, "replace_all");
	bool has_old, has_new;

	if (take(edit, "old_string", &old, &has_old) || take(edit, "new_string", &new, &has_new))
		return -1;
	if (!has_old || !has_new || !old.len)
		return 0;
	if (replace(buf_view(text), buf_view(&old), buf_view(&new), all.len && json_type_of(all) == JSON_TRUE, &out)) {
		buf_wipe(&out);
		return -1;
	}
	buf_wipe(text);
	*text = out;
	return 0;
}

int agent_edit_apply(struct view input, struct buf *text)
{
	struct view edits = json_member(input, "edits"), edit;

	if (!edits.len || json_type_of(edits) != JSON_ARRAY)
		return apply_one(input, text);
	while (json_each(&edits, &edit))
		if (json_type_of(edit) == JSON_OBJECT && apply_one(edit, text))
			return -1;
	return 0;
}
