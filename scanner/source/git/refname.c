/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/refname.h"

#include "common/base/text.h"

static bool is_bad_char(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f || memchr("~^:?*[\\", c, 7);
}

static bool component_is_valid(struct view c)
{
	if (c.len == 0 || c.ptr[0] == '.' || text_ends(c, VIEW(".lock")))
		return false;
	for (size_t i = 0; i < c.len; i++) {
		struct view two = view_sub(c, i, 2);

		if (is_bad_char(c.ptr[i]) || text_eq(two, VIEW("..")) || text_eq(two, VIEW("@{")))
			return false;
	}
	return true;
}

bool refname_is_valid(struct view name)
{
	if (text_ends(name, VIEW(".")) || text_eq(name, VIEW("@")))
		return false;
	for (;;) {
		size_t slash = text_find_byte(name, '/');

		if (!component_is_valid(view_sub(name, 0, slash)))
			return false;
		if (slash == SIZE_MAX)
			return true;
		name = view_sub(name, slash + 1, name.len);
	}
}

bool refname_is_pseudo(struct view name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') && name.ptr[i] != '_' && name.ptr[i] != '-')
			return false;
	return name.len > 0;
}

bool refname_is_of_tree(struct view name)
{
	static const char *const folders[] = { "refs/bisect/", "refs/worktree/", "refs/rewritten/" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (text_starts(name, view_of(folders[i])))
			return true;
	return refname_is_pseudo(name);
}

int refname_parse(struct view text, size_t hash_len, struct oid *ret_id, struct view *ret_target)
{
	*ret_target = VIEW_NONE;
	while (text.len && text_is_space(text.ptr[text.len - 1]))
		text.len--;
	if (text_starts(text, VIEW("ref:"))) {
		text = text_trim(view_sub(text, 4, text.len));
		*ret_target = text;
		return text.len && refname_is_valid(text) ? 0 : -1;
	}
	if (text.len > 2 * hash_len && !text_is_space(text.ptr[2 * hash_len]))
		return -1;
	return oid_parse(view_sub(text, 0, 2 * hash_len), hash_len, ret_id);
}
