/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/commit.h"

#include "common/base/text.h"

#define TIME_MAX ((uint64_t)1 << 55)

/* Cuts "KEY VALUE\n" off the start of *rest. */
static bool take_line(struct view *rest, struct view key, struct view *ret)
{
	size_t end;

	if (!text_starts(*rest, key))
		return false;
	end = text_find_byte(*rest, '\n');
	if (end == SIZE_MAX)
		return false;
	*ret = view_sub(*rest, key.len, end - key.len);
	*rest = view_sub(*rest, end + 1, rest->len);
	return true;
}

static bool take_id(struct view *rest, struct view key, size_t hash_len, struct oid *ret)
{
	struct view line, at = *rest;

	if (!take_line(&at, key, &line) || oid_parse(line, hash_len, ret))
		return false;
	*rest = at;
	return true;
}

/* "+0200" in minutes; 0 for what is none. */
static int parse_offset(struct view v)
{
	uint64_t n;

	if (v.len != 5 || text_u64(view_sub(v, 1, 4), 9999, &n))
		return 0;
	n = n / 100 * 60 + n % 100;
	return v.ptr[0] == '-' ? -(int)n : (int)n;
}

/* What stands behind the last '>'. */
static struct view behind_mail(struct view v)
{
	size_t from = v.len;

	while (from > 0 && v.ptr[from - 1] != '>')
		from--;
	return text_trim(view_sub(v, from, v.len));
}

/* "Name <email> 1700000000 +0200": odd ones give what can be made of them, as git does. */
static struct person parse_person(struct view line)
{
	struct person p = { .time_s = 0 };
	size_t open = text_find_byte(line, '<'), close;
	struct view rest;
	uint64_t n;

	if (open == SIZE_MAX) {
		p.name = text_trim(line);
		return p;
	}
	p.name = text_trim(view_sub(line, 0, open));
	rest = view_sub(line, open + 1, line.len);
	close = text_find_byte(rest, '>');
	p.email = view_sub(rest, 0, close);
	if (close == SIZE_MAX)
		return p;
	rest = behind_mail(rest);
	if (text_u64(view_sub(rest, 0, text_find_byte(rest, ' ')), TIME_MAX, &n) == 0) {
		p.has_time = true;
		p.time_s = (int64_t)n;
	}
	close = text_find_byte(rest, ' ');
	if (close != SIZE_MAX)
		p.offset_mins = parse_offset(view_sub(rest, close + 1, rest.len));
	return p;
}

/* Goes over headers, some of which have continued lines, to behind the empty line. */
static struct view find_message(struct view rest)
{
	size_t end;

	if (text_starts(rest, VIEW("\n")))
		return view_sub(rest, 1, rest.len);
	end = text_find(rest, VIEW("\n\n"));
	return end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + 2, rest.len);
}

int commit_tree(struct view content, size_t hash_len, struct oid *ret)
{
	return take_id(&content, VIEW("tree "), hash_len, ret) ? 0 : -1;
}

int commit_parse(struct view content, size_t hash_len, struct commit *ret)
{
	struct view rest = content, line, start;
	struct oid parent;

	*ret = (struct commit){ .parents = VIEW_NONE };
	if (!take_id(&rest, VIEW("tree "), hash_len, &ret->tree))
		return -1;
	start = rest;
	while (take_id(&rest, VIEW("parent "), hash_len, &parent))
		;
	ret->parents = view_sub(start, 0, (size_t)(rest.ptr - start.ptr));
	if (take_line(&rest, VIEW("author "), &line))
		ret->author = parse_person(line);
	if (take_line(&rest, VIEW("committer "), &line))
		ret->committer = parse_person(line);
	ret->message = find_message(rest);
	return 0;
}

bool commit_parent(struct view *rest, size_t hash_len, struct oid *ret)
{
	return take_id(rest, VIEW("parent "), hash_len, ret);
}

struct view commit_subject(struct view message)
{
	while (text_starts(message, VIEW("\n")))
		message = view_sub(message, 1, message.len);
	return text_trim(view_sub(message, 0, text_find_byte(message, '\n')));
}

static enum object_type parse_type(struct view v)
{
	static const char *const names[] = {
		[OBJECT_COMMIT] = "commit", [OBJECT_TREE] = "tree", [OBJECT_BLOB] = "blob", [OBJECT_TAG] = "tag"
	};

	for (unsigned i = OBJECT_COMMIT; i <= OBJECT_TAG; i++)
		if (text_eq(v, view_of(names[i])))
			return (enum object_type)i;
	return OBJECT_NONE;
}

int tag_parse(struct view content, size_t hash_len, struct tag *ret)
{
	struct view rest = content, line;

	*ret = (struct tag){ .type = OBJECT_NONE };
	if (!take_id(&rest, VIEW("object "), hash_len, &ret->target) || !take_line(&rest, VIEW("type "), &line))
		return -1;
	ret->type = parse_type(line);
	if (take_line(&rest, VIEW("tag "), &line) && take_line(&rest, VIEW("tagger "), &line))
		ret->tagger = parse_person(line);
	ret->message = find_message(rest);
	return 0;
}

/* The octal mode that an entry starts with, up to its blank. */
static const char *parse_mode(const char *in, const char *end, enum tree_mode *ret)
{
	unsigned mode = 0;
	const char *start = in;

	for (; in < end && *in >= '0' && *in <= '7' && in - start < 8; in++)
		mode = mode << 3 | (unsigned)(*in - '0');
	if (in == start || in == end || *in != ' ')
		return NULL;
	switch (mode & 0170000) {
	case 0040000:
		*ret = TREE_FOLDER;
		break;
	case 0120000:
		*ret = TREE_LINK;
		break;
	case 0160000:
		*ret = TREE_SUBMODULE;
		break;
	default:
		*ret = TREE_FILE;
		break;
	}
	return in + 1;
}

int tree_next(struct view *rest, size_t hash_len, struct tree_entry *ret)
{
	const char *in = rest->ptr, *end = in + rest->len, *nul;

	if (rest->len == 0)
		return 0;
	in = parse_mode(in, end, &ret->mode);
	if (!in)
		return -1;
	nul = memchr(in, '\0', (size_t)(end - in));
	if (!nul || (size_t)(end - nul) < hash_len + 1)
		return -1;
	ret->name = view_from(in, (size_t)(nul - in));
	ret->id = nul + 1;
	*rest = view_from(nul + 1 + hash_len, (size_t)(end - (nul + 1 + hash_len)));
	return 1;
}
