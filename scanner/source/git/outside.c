/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/outside.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/git/commit.h"

enum { OPEN, KNOWN };

void outside_init(struct outside *o, struct object_reader *reader, size_t hash_len)
{
	*o = (struct outside){ .reader = reader };
	oidmap_init(&o->ids, hash_len);
	oidmap_init(&o->walked, hash_len);
}

void outside_done(struct outside *o)
{
	oidmap_done(&o->ids);
	oidmap_done(&o->walked);
}

int outside_add(struct outside *o, const struct oid *id)
{
	if (oidmap_get(&o->ids, id->bytes) != OIDMAP_NONE)
		return 0;
	o->open++;
	return oidmap_put(&o->ids, id->bytes, OPEN);
}

bool outside_is_known(const struct outside *o, const struct oid *id)
{
	return oidmap_get(&o->ids, id->bytes) == KNOWN;
}

/* Whether it is one of the ids, which then is known. */
static bool settle(struct outside *o, const struct oid *id)
{
	uint32_t state = oidmap_get(&o->ids, id->bytes);

	if (state == OPEN) {
		o->open--;
		(void)oidmap_put(&o->ids, id->bytes, KNOWN); /* it is there: that takes no memory */
	}
	return state != OIDMAP_NONE;
}

static int know_tree(struct outside *o, const struct oid *id, unsigned depth)
{
	DEFER(freep) char *copy = NULL;
	struct object object;
	struct tree_entry e;
	struct view rest;
	int failed;

	if (o->open == 0 || settle(o, id) || depth == GIT_TREE_DEPTH ||
	    oidmap_get(&o->walked, id->bytes) != OIDMAP_NONE)
		return 0;
	failed = oidmap_put(&o->walked, id->bytes, 0);
	if (failed || object_read(o->reader, id, &object, NULL) != OBJECT_OK || object.type != OBJECT_TREE)
		return failed;
	copy = malloc(object.content.len + 1);
	if (!copy)
		return -1;
	memcpy(copy, object.content.ptr, object.content.len);
	rest = view_from(copy, object.content.len);
	while (!failed && tree_next(&rest, o->ids.hash_len, &e) > 0) {
		struct oid entry = oid_from(e.id, o->ids.hash_len);

		if (e.mode == TREE_FOLDER)
			failed = know_tree(o, &entry, depth + 1);
		else
			(void)settle(o, &entry);
	}
	return failed;
}

int outside_know(struct outside *o, const struct oid *commit)
{
	struct object object;
	struct oid tree;

	(void)settle(o, commit);
	if (o->open == 0 || object_read(o->reader, commit, &object, NULL) != OBJECT_OK ||
	    object.type != OBJECT_COMMIT || commit_tree(object.content, o->ids.hash_len, &tree))
		return 0;
	return know_tree(o, &tree, 0);
}
