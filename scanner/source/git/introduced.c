/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/introduced.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/record.h"
#include "scanner/source/git/blobfeed.h"
#include "scanner/source/git/commit.h"
#include "scanner/source/git/treediff.h"

#define MESSAGE_PATH "COMMIT_EDITMSG" /* as git calls the file that one is written in */

void introduced_init(struct introduced *i, const struct introduced_options *options)
{
	*i = (struct introduced){ .o = *options };
	oidmap_init(&i->seen, options->hash_len);
	oidmap_init(&i->told, options->hash_len);
	origin_texts_init(&i->texts);
}

void introduced_done(struct introduced *i)
{
	oidmap_done(&i->seen);
	oidmap_done(&i->told);
	origin_texts_done(&i->texts);
	records_free(i->slot.output);
	i->slot.output = NULL;
}

static void emit(struct introduced *i, struct pool_task *slot)
{
	if (slot->output)
		i->o.sink->emit(i->o.sink->context, slot);
}

void introduced_unread(struct introduced *i, const struct oid *id, enum unread reason)
{
	char hex[OID_HEX_BYTES];
	struct item item = { .folder = VIEW_NONE };
	struct pool_task slot = { .output = NULL };

	if (oidmap_get(&i->told, id->bytes) != OIDMAP_NONE)
		return;
	i->failed |= oidmap_put(&i->told, id->bytes, 0) != 0;
	oid_hex(id, i->o.hash_len, hex);
	item.name = view_of(hex);
	i->o.sink->unread(i->o.sink->context, 0, &slot, &item, reason, 0);
	emit(i, &slot);
}

static void tell_status(struct introduced *i, const struct oid *id, enum object_result status)
{
	if (status == OBJECT_NOMEM)
		i->failed = true;
	else
		introduced_unread(i, id, object_unread(status));
}

static void feed(struct introduced *i, const struct oid *id, struct view path, bool is_again, struct pool_task *slot)
{
	struct item item = { .origin = &i->origin, .is_again = is_again };
	struct blobfeed f = { .sink = i->o.sink, .slot = slot, .item = &item };
	enum object_result status;

	item_set_path(&item, path);
	status = object_pieces(i->o.reader, id, blobfeed_piece, &f, NULL);
	blobfeed_end(&f);
	if (status != OBJECT_OK)
		tell_status(i, id, status);
}

/* Takes out of the slot what was in one of the objects before. */
static void drop_known(struct introduced *i, struct view path, const struct oid *before, size_t count)
{
	for (size_t k = 0; k < count && i->slot.output; k++) {
		struct pool_task slot = { .output = NULL };

		feed(i, &before[k], path, true, &slot);
		records_drop_known(i->slot.output, slot.output);
		records_free(slot.output);
	}
}

static bool is_counted(const struct introduced *i, const struct oid *id)
{
	return i->o.only && oidmap_get(i->o.only, id->bytes) != OIDMAP_NONE;
}

static bool is_wanted(const struct introduced *i, const struct oid *id)
{
	return !i->o.only || is_counted(i, id) || (i->o.is_also && i->o.is_also(i->o.context, id));
}

/* The commit's message comes where its path does in the order of paths. */
static void take_message(struct introduced *i)
{
	if (oid_is_null(&i->message))
		return;
	oid_hex(&i->message, i->o.hash_len, i->texts.object);
	i->origin.object_type = "commit";
	feed(i, &i->message, view_of(MESSAGE_PATH), is_counted(i, &i->message), &i->slot);
	emit(i, &i->slot);
	i->message = (struct oid){ .bytes = { 0 } };
}

static int take_changed(void *context, struct view path, const struct oid *blob, const struct oid *before, size_t count)
{
	struct introduced *i = context;
	struct origin_texts *t = &i->texts;

	if (i->o.sink->stopped(i->o.sink->context))
		return 1;
	if (!is_wanted(i, blob))
		return 0;
	if (text_cmp(path, view_of(MESSAGE_PATH)) > 0)
		take_message(i);
	oid_hex(blob, i->o.hash_len, t->object);
	i->origin.object_type = "blob";
	i->failed |= oidmap_put(&i->seen, blob->bytes, 0) != 0;
	feed(i, blob, path, is_counted(i, blob), &i->slot);
	if (i->slot.output && !i->o.whole_files)
		drop_known(i, path, before, count);
	emit(i, &i->slot);
	return 0;
}

static void take_unread(void *context, const struct oid *id, enum unread reason)
{
	introduced_unread(context, id, reason);
}

/* Reads a commit's tree and the ids of its parents. false when it cannot be read. */
static bool read_commit(struct introduced *i, const struct oid *id, struct oid *ret_tree, struct oid *ret_parents,
			size_t *ret_count)
{
	struct object object;
	struct commit commit;
	enum object_result status = object_read(i->o.reader, id, &object, NULL);

	*ret_count = 0;
	if (status == OBJECT_OK &&
	    (object.type != OBJECT_COMMIT || commit_parse(object.content, i->o.hash_len, &commit)))
		status = OBJECT_CORRUPT;
	if (status != OBJECT_OK) {
		tell_status(i, id, status);
		return false;
	}
	*ret_tree = commit.tree;
	while (ret_parents && *ret_count < TREEDIFF_PARENTS &&
	       commit_parent(&commit.parents, i->o.hash_len, &ret_parents[*ret_count]))
		++*ret_count;
	return true;
}

/* The trees of the parents; of a shallow commit they are not here, and all its tree may be new. */
static size_t parent_trees(struct introduced *i, const struct oid *commit, const struct oid *parents, size_t count,
			   struct oid *ret)
{
	size_t n = 0, none;

	if (oid_is_among(commit, i->o.shallow, i->o.shallow_count)) {
		if (count)
			introduced_unread(i, commit, UNREAD_SHALLOW);
		return 0;
	}
	for (size_t k = 0; k < count; k++)
		n += read_commit(i, &parents[k], &ret[n], NULL, &none);
	return n;
}

void introduced_commit(struct introduced *i, const struct oid *id)
{
	struct oid tree, parents[TREEDIFF_PARENTS], trees[TREEDIFF_PARENTS];
	struct treediff d = { .reader = i->o.reader,
			      .hash_len = i->o.hash_len,
			      .changed = take_changed,
			      .unread = take_unread,
			      .context = i };
	size_t count;

	if (!read_commit(i, id, &tree, parents, &count))
		return;
	origin_start(&i->origin, &i->texts, id, OBJECT_COMMIT, i->o.hash_len);
	i->failed |= origin_add_commit(&i->origin, &i->texts, i->o.reader, id, i->o.hash_len) ||
		     oidmap_put(&i->seen, id->bytes, 0);
	i->origin.refs = i->refs;
	i->message = is_wanted(i, id) ? *id : (struct oid){ .bytes = { 0 } };
	if (i->o.first_parent && count > 1)
		count = 1;
	count = parent_trees(i, id, parents, count, trees);
	if (treediff_run(&d, &tree, trees, count) < 0)
		i->failed = true;
	take_message(i);
}

void introduced_object(struct introduced *i, const struct oid *id, enum object_type type)
{
	char hex[OID_HEX_BYTES];
	struct view path = view_of(MESSAGE_PATH);

	if (oidmap_get(&i->seen, id->bytes) != OIDMAP_NONE || !is_wanted(i, id))
		return;
	i->failed |= oidmap_put(&i->seen, id->bytes, 0) != 0;
	origin_start(&i->origin, &i->texts, id, type, i->o.hash_len);
	i->origin.refs = i->refs;
	oid_hex(id, i->o.hash_len, hex);
	if (type == OBJECT_TAG) {
		path = VIEW("TAG_EDITMSG");
		i->failed |= origin_add_tag(&i->origin, &i->texts, i->o.reader, id, i->o.hash_len) != 0;
	} else if (type == OBJECT_BLOB) {
		path = view_of(hex);
	} else {
		i->failed |= origin_add_commit(&i->origin, &i->texts, i->o.reader, id, i->o.hash_len) != 0;
	}
	feed(i, id, path, is_counted(i, id), &i->slot);
	emit(i, &i->slot);
}

/* All of a tree that a tag or a ref leads to without a commit. */
static void take_tree(struct introduced *i, const struct oid *id)
{
	struct treediff d = { .reader = i->o.reader,
			      .hash_len = i->o.hash_len,
			      .changed = take_changed,
			      .unread = take_unread,
			      .context = i };

	origin_start(&i->origin, &i->texts, id, OBJECT_TREE, i->o.hash_len);
	i->origin.refs = i->refs;
	if (treediff_run(&d, id, NULL, 0) < 0)
		i->failed = true;
}

void introduced_tip(struct introduced *i, const struct oid *tip)
{
	struct oid id = *tip;

	for (unsigned depth = 0; depth < GIT_TAG_DEPTH; depth++) {
		struct object object;
		struct tag tag;
		enum object_result status = object_read(i->o.reader, &id, &object, NULL);

		enum object_type type;

		if (status == OBJECT_LIMIT && object_type(i->o.reader, &id, UINT32_MAX, &type) == OBJECT_OK &&
		    type == OBJECT_BLOB) {
			introduced_object(i, &id, OBJECT_BLOB);
			return;
		}
		if (status != OBJECT_OK) {
			tell_status(i, &id, status);
			return;
		}
		if (object.type == OBJECT_TREE)
			take_tree(i, &id);
		else if (object.type == OBJECT_BLOB)
			introduced_object(i, &id, OBJECT_BLOB);
		if (object.type != OBJECT_TAG)
			return;
		if (tag_parse(object.content, i->o.hash_len, &tag)) {
			introduced_unread(i, &id, UNREAD_CORRUPT);
			return;
		}
		introduced_object(i, &id, OBJECT_TAG);
		id = tag.target;
	}
	introduced_unread(i, &id, UNREAD_LIMIT);
}
