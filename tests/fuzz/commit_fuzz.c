/* SPDX-License-Identifier: Apache-2.0 */
/* Input: an object's content, taken for a commit, a tag and a tree in turn. Whatever it is, all views lie in it, and a
 * tree's entries follow each other without a gap. */
#include "scanner/source/git/commit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lies_in(struct view all, struct view part)
{
	if (part.len && (part.ptr < all.ptr || part.ptr + part.len > all.ptr + all.len))
		abort();
}

static void check_person(struct view all, const struct person *p)
{
	lies_in(all, p->name);
	lies_in(all, p->email);
	if (p->time_s < 0 || p->offset_mins > 99 * 60 + 99 || p->offset_mins < -(99 * 60 + 99))
		abort();
}

static void check_commit(struct view all, size_t hash_len)
{
	struct commit c;
	struct oid parent;
	struct view rest;
	size_t bytes = 0;

	if (commit_parse(all, hash_len, &c))
		return;
	lies_in(all, c.message);
	lies_in(all, c.parents);
	lies_in(c.message, commit_subject(c.message));
	check_person(all, &c.author);
	check_person(all, &c.committer);
	for (rest = c.parents; commit_parent(&rest, hash_len, &parent);)
		bytes += sizeof("parent ") + 2 * hash_len;
	if (rest.len || bytes != c.parents.len)
		abort();
}

static void check_tag(struct view all, size_t hash_len)
{
	struct tag t;

	if (tag_parse(all, hash_len, &t))
		return;
	lies_in(all, t.message);
	check_person(all, &t.tagger);
}

static void check_tree(struct view all, size_t hash_len)
{
	struct view rest = all;
	struct tree_entry e;
	int status;

	for (;;) {
		struct view before = rest;

		status = tree_next(&rest, hash_len, &e);
		if (status <= 0)
			break;
		lies_in(before, e.name);
		lies_in(before, view_from(e.id, hash_len));
		if (e.name.ptr + e.name.len + 1 != e.id || e.id + hash_len != rest.ptr ||
		    rest.ptr + rest.len != all.ptr + all.len)
			abort();
	}
	if (status == 0 && rest.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view all = view_from(data, size);

	for (size_t hash_len = OID_SHA1_BYTES; hash_len <= OID_SHA256_BYTES; hash_len += 12) {
		check_commit(all, hash_len);
		check_tag(all, hash_len);
		check_tree(all, hash_len);
	}
	return 0;
}
