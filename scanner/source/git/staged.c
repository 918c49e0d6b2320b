/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/staged.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/record.h"
#include "scanner/source/git/blobfeed.h"
#include "scanner/source/git/commit.h"
#include "scanner/source/git/indexdiff.h"
#include "scanner/source/git/origin.h"
#include "scanner/source/git/refs.h"
#include "scanner/source/git/treefind.h"
#include "scanner/source/gitcmd.h"
#include "scanner/source/gitdir.h"

#define INDEX_WHOLE_BYTES (512u << 10) /* of a larger index, only entries that matter are looked at */
#define MERGING_PREFIX "GITHEAD_"      /* git merge sets GITHEAD_<id> for its hooks, before there is a MERGE_HEAD */

struct staged {
	const struct staged_options *o;
	const struct item_sink *sink;
	struct gitindex index;
	struct oid head; /* null: there is no commit yet */
	struct oid *merging;
	size_t merging_count;
	struct origin_texts texts;
	struct origin origin;
	struct pool_task slot;
	bool *seen; /* for each of o->paths */
	bool has_told_parent, failed, is_stopped;
};

static enum object_result feed(struct staged *s, const struct oid *id, struct view path, bool is_again,
			       struct pool_task *slot)
{
	struct item item = { .origin = &s->origin, .is_again = is_again };
	struct blobfeed f = { .sink = s->sink, .slot = slot, .item = &item };
	enum object_result status;

	item_set_path(&item, path);
	status = object_pieces(s->o->reader, id, blobfeed_piece, &f, NULL);
	blobfeed_end(&f);
	s->failed |= status == OBJECT_NOMEM;
	return status;
}

static void emit(struct staged *s)
{
	if (s->slot.output)
		s->sink->emit(s->sink->context, &s->slot);
}

static void tell_unread(struct staged *s, struct view path, enum unread reason)
{
	struct item item = { .folder = VIEW_NONE };

	item_set_path(&item, path);
	s->sink->unread(s->sink->context, 0, &s->slot, &item, reason, 0);
}

static void tell_status(struct staged *s, struct view path, enum object_result status)
{
	if (status == OBJECT_MISSING)
		tell_unread(s, path, UNREAD_MISSING_OBJECT);
	else if (status == OBJECT_LIMIT)
		tell_unread(s, path, UNREAD_LIMIT);
	else if (status == OBJECT_CORRUPT)
		tell_unread(s, path, UNREAD_CORRUPT);
}

/* What cannot be compared is reported whole: nothing is missed, but the user may wonder. */
static void tell_parent(struct staged *s)
{
	if (!s->has_told_parent)
		s->o->note("some of the commit before this one cannot be read: what it had may be reported as new");
	s->has_told_parent = true;
}

/* Takes out of the slot what was in one of the blobs before. */
static void drop_known(struct staged *s, struct view path, const struct oid *before, size_t count)
{
	for (size_t i = 0; i < count && s->slot.output; i++) {
		struct pool_task slot = { .output = NULL };

		if (feed(s, &before[i], path, true, &slot) != OBJECT_OK)
			tell_parent(s);
		records_drop_known(s->slot.output, slot.output);
		records_free(slot.output);
	}
}

/* Scans the entry's blob; before are those that stand under its path elsewhere. Returns non-zero to end. */
static int take(struct staged *s, const struct gitindex_entry *e, const struct oid *before, size_t count)
{
	size_t hash_len = s->o->repo->hash_len;
	struct oid id = oid_from(e->id, hash_len);
	enum object_result status;

	origin_start(&s->origin, &s->texts, &id, OBJECT_BLOB, hash_len);
	status = feed(s, &id, e->path, false, &s->slot);
	if (s->slot.output && !s->o->whole_files)
		drop_known(s, e->path, before, count);
	tell_status(s, e->path, status);
	emit(s);
	s->is_stopped = s->sink->stopped(s->sink->context);
	return s->is_stopped || s->failed;
}

/* The blob under the entry's path in a commit that is being merged. 1, 0 when it has none there, -1 = the same blob. */
static int find_merged(struct staged *s, const struct oid *commit, const struct gitindex_entry *e, struct oid *ret)
{
	size_t hash_len = s->o->repo->hash_len;
	enum tree_mode mode;
	enum object_result status = treefind_path(s->o->reader, hash_len, commit, e->path, ret, &mode);

	if (status == OBJECT_CORRUPT)
		tell_parent(s);
	if (status != OBJECT_OK || (mode != TREE_FILE && mode != TREE_LINK))
		return 0;
	return memcmp(ret->bytes, e->id, hash_len) == 0 ? -1 : 1;
}

static int take_changed(void *context, const struct gitindex_entry *e, const struct oid *before)
{
	struct staged *s = context;
	struct oid all[1 + GIT_MERGE_HEADS];
	size_t count = 0;

	if (before)
		all[count++] = *before;
	for (size_t i = 0; i < s->merging_count; i++) {
		int found = find_merged(s, &s->merging[i], e, &all[count]);

		if (found < 0)
			return 0;
		count += (size_t)found;
	}
	return take(s, e, all, count);
}

static void take_unread(void *context, struct view, enum object_result)
{
	tell_parent(context);
}

static int by_path(const void *key, const void *element)
{
	return text_cmp(*(const struct view *)key, view_of(*(const char *const *)element));
}

/* Whether the path, or a folder that it is in, is one of those asked for; each that is counts as seen. */
static bool is_wanted(struct staged *s, struct view path)
{
	const struct staged_options *o = s->o;
	bool found = false;

	for (;;) {
		const char *const *at = bsearch(&path, o->paths, o->path_count, sizeof(*o->paths), by_path);

		if (at)
			s->seen[at - o->paths] = found = true;
		if (path.len == 0)
			return found;
		while (path.len && path.ptr[path.len - 1] != '/')
			path.len--;
		path.len -= path.len > 0; /* the slash; "" is the root */
	}
}

static int scan_entries(struct staged *s, struct err *err)
{
	struct gitindex_cursor c;
	int ret = 0;

	if (gitindex_start(&s->index, &c, err))
		return -1;
	while (ret == 0 && gitindex_next(&c))
		if (is_wanted(s, c.entry.path) && indexdiff_is_content(&c.entry, s->o->repo->hash_len))
			ret = take(s, &c.entry, NULL, 0);
	gitindex_end(&c);
	return 0;
}

static int scan_paths(struct staged *s, struct err *err)
{
	s->seen = calloc(s->o->path_count, sizeof(*s->seen));
	if (!s->seen)
		return err_nomem(err);
	if (scan_entries(s, err))
		return -1;
	for (size_t i = 0; i < s->o->path_count && !s->is_stopped; i++)
		if (!s->seen[i])
			s->o->absent(s->o->context, s->o->paths[i]);
	return 0;
}

/* The tree of HEAD's commit. 1, 0 when there is none to compare with, or -1 with err. */
static int find_tree(struct staged *s, struct oid *ret, struct err *err)
{
	struct object object;
	struct commit commit;
	int status = refs_resolve(s->o->repo, "HEAD", &s->head, err);

	if (status)
		return status < 0 ? -1 : 0;
	if (object_read(s->o->reader, &s->head, &object, NULL) != OBJECT_OK || object.type != OBJECT_COMMIT ||
	    commit_parse(object.content, s->o->repo->hash_len, &commit)) {
		tell_parent(s);
		return 0;
	}
	*ret = commit.tree;
	return 1;
}

static int add_merging(struct staged *s, const struct oid *id, struct err *err)
{
	if (s->merging_count == GIT_MERGE_HEADS)
		return err_set(err, ERR_LIMIT, 0, "more than %d commits are being merged", GIT_MERGE_HEADS);
	s->merging[s->merging_count++] = *id;
	return 0;
}

/* What `git merge` says to its hooks, as long as there is no MERGE_HEAD. */
static int read_merging_environment(struct staged *s, struct err *err)
{
	for (char **at = environ; *at; at++) {
		struct view name = view_sub(view_of(*at), 0, text_find_byte(view_of(*at), '='));
		struct oid id;

		if (text_starts(name, VIEW(MERGING_PREFIX)) &&
		    oid_parse(view_sub(name, sizeof(MERGING_PREFIX) - 1, name.len), s->o->repo->hash_len, &id) == 0 &&
		    add_merging(s, &id, err))
			return -1;
	}
	return 0;
}

static int find_merging(struct staged *s, struct err *err)
{
	DEFER(freep) struct oid *ids = NULL;
	size_t count;

	if (refs_pseudo(s->o->repo, "MERGE_HEAD", &ids, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (add_merging(s, &ids[i], err))
			return -1;
	return count ? 0 : read_merging_environment(s, err);
}

static int scan_changed(struct staged *s, struct err *err)
{
	struct indexdiff d = {
		.index = &s->index, .reader = s->o->reader, .changed = take_changed, .unread = take_unread, .context = s
	};
	struct oid tree;
	int status = find_tree(s, &tree, err);

	if (status < 0 || find_merging(s, err))
		return -1;
	if (indexdiff_run(&d, status ? &tree : NULL, err) < 0)
		return -1;
	s->index.has_stages |= d.has_stages;
	return 0;
}

/* Has git list what only it understands. */
static int ask_git(struct staged *s, const char *path, struct err *err)
{
	static const char *const args[] = { "ls-files", "--stage", "-z", "--full-name", NULL };
	const struct gitrepo *r = s->o->repo;
	struct gitcmd_place place = { .dir = r->dir, .root = r->root, .index = path, .store = r->stores[0] };
	DEFER(buf_done) struct buf listing = BUF_INIT(PROC_OUTPUT_BYTES);
	int status;

	place.alternates = getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	if (gitcmd_run_at(&place, args, &listing, &status, err))
		return -1;
	if (status)
		return err_set(err, ERR_IO, 0, "git cannot list the index '%s'", path);
	return gitindex_from_listing(&listing, r->hash_len, &s->index, err);
}

/* Where the index is: a relative GIT_INDEX_FILE starts at the work tree's root, as for git. */
static char *index_path(const struct gitrepo *r)
{
	const char *given = getenv("GIT_INDEX_FILE");

	return given && *given ? gitdir_path(r->root, given) : gitdir_path(r->dir, "index");
}

static int open_index(struct staged *s, struct err *err)
{
	DEFER(freep) char *path = index_path(s->o->repo);
	size_t hash_len = s->o->repo->hash_len;
	struct err trouble = ERR_INIT;

	if (!path)
		return err_nomem(err);
	if (gitindex_open(path, hash_len, s->o->path_count ? SIZE_MAX : INDEX_WHOLE_BYTES, &s->index, &trouble)) {
		s->index = (struct gitindex){ .hash_len = hash_len };
		if (trouble.errnum == ENOENT) /* nothing has been added yet */
			return 0;
		*err = trouble;
		return -1;
	}
	if (s->index.foreign.kind == ERR_NONE)
		return 0;
	gitindex_done(&s->index);
	return ask_git(s, path, err);
}

static int scan(struct staged *s, struct err *err)
{
	if (open_index(s, err))
		return -1;
	if (s->o->path_count ? scan_paths(s, err) : scan_changed(s, err))
		return -1;
	if (s->index.has_stages)
		s->o->note("the index has conflicts, with which git commits nothing: both sides of each are scanned");
	if (s->is_stopped)
		tell_unread(s, VIEW("index"), UNREAD_INTERRUPTED);
	emit(s);
	return s->failed ? err_nomem(err) : 0;
}

int staged_scan(const struct staged_options *o, const struct item_sink *sink, struct err *err)
{
	struct oid merging[GIT_MERGE_HEADS];
	struct staged s = { .o = o, .sink = sink, .merging = merging };
	int ret;

	origin_texts_init(&s.texts);
	ret = scan(&s, err);
	if (ret && err->kind == ERR_FORMAT) {
		tell_unread(&s, VIEW("index"), UNREAD_CORRUPT);
		emit(&s);
	}
	gitindex_done(&s.index);
	origin_texts_done(&s.texts);
	records_free(s.slot.output);
	free(s.seen);
	return ret;
}
