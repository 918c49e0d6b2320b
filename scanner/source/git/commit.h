/* SPDX-License-Identifier: Apache-2.0 */
/* Commits, tags and trees, taken apart (git-cat-file(1), gitformat-*; "Git Internals - Git Objects"). Content is
 * foreign data: whatever does not parse is refused. Views point into the content. */
#ifndef SCANNER_SOURCE_GIT_COMMIT_H
#define SCANNER_SOURCE_GIT_COMMIT_H

#include "scanner/source/git/object.h"

#define COMMIT_PARENTS_MAX 65536

struct person {
	struct view name, email;
	bool has_time;
	int64_t time_s;  /* since 1970-01-01 UTC; 0 when there is none */
	int offset_mins; /* of the person's clock from UTC */
};

struct commit {
	struct oid tree;
	struct view parents; /* the lines "parent HEX\n", for commit_parent */
	struct person author, committer;
	struct view message; /* behind the first empty line */
};

/* 0, or -1 when it is no commit. */
[[nodiscard]] int commit_parse(struct view content, size_t hash_len, struct commit *ret);
/* Its tree alone. */
[[nodiscard]] int commit_tree(struct view content, size_t hash_len, struct oid *ret);
/* Cuts the next parent off *rest (which starts as commit.parents). false at the end. */
bool commit_parent(struct view *rest, size_t hash_len, struct oid *ret);
/* The message's first line. */
struct view commit_subject(struct view message);

struct tag {
	struct oid target;
	enum object_type type; /* of the target; OBJECT_NONE when it says something unknown */
	struct person tagger;
	struct view message;
};

[[nodiscard]] int tag_parse(struct view content, size_t hash_len, struct tag *ret);

enum tree_mode { TREE_FILE, TREE_LINK, TREE_FOLDER, TREE_SUBMODULE };

struct tree_entry {
	enum tree_mode mode;
	struct view name;
	const char *id; /* hash_len raw bytes */
};

/* Cuts the next entry off *rest (which starts as the content). 1, 0 at the end, or -1 when the rest is none: what came
 * before still holds. */
int tree_next(struct view *rest, size_t hash_len, struct tree_entry *ret);

#endif
