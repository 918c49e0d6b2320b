/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: commits, trees and tags of a hand-made pack, with whatever ids, parents and times one likes. */
#ifndef TESTS_SUPPORT_FORGE_H
#define TESTS_SUPPORT_FORGE_H

#include "scanner/source/git/commit.h"
#include "scanner/source/git/graph.h"
#include "tests/support/place.h"

#define FORGE_READER_BYTES ((size_t)64 << 20)

struct forged_entry {
	enum tree_mode mode;
	const char *name; /* NULL ends a list */
	unsigned id;
};

static inline void forge_add_hex(struct buf *out, const char *key, unsigned n)
{
	char hex[OID_HEX_BYTES];
	struct oid id = pack_id(n);

	oid_hex(&id, OID_SHA1_BYTES, hex);
	pack_need(buf_addf(out, "%s %s\n", key, hex) == 0);
}

/* parents: numbers, a 0 ends them. */
static inline void forge_commit(struct made_pack *m, unsigned n, unsigned tree, const unsigned *parents, long time_s)
{
	struct buf text = BUF_INIT(PACK_BYTES);

	forge_add_hex(&text, "tree", tree);
	for (; *parents; parents++)
		forge_add_hex(&text, "parent", *parents);
	pack_need(buf_addf(&text,
			   "author A <a@example.com> %ld +0000\ncommitter C <c@example.com> %ld +0000\n\ncommit %u\n",
			   time_s, time_s, n) == 0);
	(void)pack_add(m, pack_id(n), OBJECT_COMMIT, buf_view(&text));
	buf_done(&text);
}

#define PARENTS(...) ((const unsigned[]){ __VA_ARGS__ __VA_OPT__(, ) 0 })

static inline void forge_tree(struct made_pack *m, unsigned n, const struct forged_entry *entries)
{
	static const char *const modes[] = {
		[TREE_FILE] = "100644", [TREE_LINK] = "120000", [TREE_FOLDER] = "40000", [TREE_SUBMODULE] = "160000"
	};
	struct buf text = BUF_INIT(PACK_BYTES);

	for (; entries->name; entries++) {
		struct oid id = pack_id(entries->id);

		pack_need(buf_addf(&text, "%s %s%c", modes[entries->mode], entries->name, '\0') == 0);
		pack_need(buf_add(&text, view_from(id.bytes, OID_SHA1_BYTES)) == 0);
	}
	(void)pack_add(m, pack_id(n), OBJECT_TREE, buf_view(&text));
	buf_done(&text);
}

#define ENTRIES(...) ((const struct forged_entry[]){ __VA_ARGS__ __VA_OPT__(, ){ TREE_FILE, NULL, 0 } })

static inline void forge_tag(struct made_pack *m, unsigned n, const char *type, unsigned target)
{
	struct buf text = BUF_INIT(PACK_BYTES);

	forge_add_hex(&text, "object", target);
	pack_need(buf_addf(&text, "type %s\ntag t%u\ntagger T <t@example.com> 1 +0000\n\ntag %u\n", type, n, n) == 0);
	(void)pack_add(m, pack_id(n), OBJECT_TAG, buf_view(&text));
	buf_done(&text);
}

/* Ends the pack and opens the place, with a reader of its own. */
static inline struct object_reader *forge_open(struct place *p, struct made_pack *m)
{
	const char *folders[] = { p->folder };
	struct err err = ERR_INIT;
	struct object_reader *reader;

	put(p, m, "pack-1");
	p->objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	reader = p->objects ? object_reader_new(p->objects, FORGE_READER_BYTES, &err) : NULL;
	if (!reader)
		fail_msg("%s", err.text);
	return reader;
}

/* What was told to be unread: the first ids, and all their number. */
struct forge_unread {
	struct oid ids[16];
	enum unread reasons[16];
	size_t count;
};

static inline void forge_take_unread(void *context, const struct oid *id, enum unread reason)
{
	struct forge_unread *u = context;

	if (u->count < ARRAY_LEN(u->ids)) {
		u->ids[u->count] = *id;
		u->reasons[u->count] = reason;
	}
	u->count++;
}

static inline bool forge_was_told(const struct forge_unread *u, unsigned n, enum unread reason)
{
	struct oid id = pack_id(n);

	for (size_t i = 0; i < u->count && i < ARRAY_LEN(u->ids); i++)
		if (oid_eq(&u->ids[i], &id) && u->reasons[i] == reason)
			return true;
	return false;
}

#endif
