/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/rewrite.h"

#include "common/base/text.h"

/* Every command is bound to the copy: when it could not be made, nothing happens to the repository at hand. */
#define IN_COPY "git -C \"$work/clean.git\""

#define REMOVED "***REMOVED***"

/* One word for the shell. */
static int add_quoted(struct buf *out, struct view text)
{
	if (buf_add_byte(out, '\''))
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\'' ? buf_add_text(out, "'\\''") : buf_add_byte(out, text.ptr[i]))
			return -1;
	return buf_add_byte(out, '\'');
}

/* A file with a line for each text. */
static int add_file(struct buf *out, const char *name, const char *before, const struct textset *lines,
		    const char *after)
{
	if (buf_add_text(out, "       printf '%s\\n' \\\n"))
		return -1;
	for (size_t i = 0; i < lines->count; i++) {
		DEFER(buf_done) struct buf line = BUF_INIT(out->max);

		if (buf_addf(&line, "%s%s%s", before, lines->items[i], after) || buf_add_text(out, "         ") ||
		    add_quoted(out, buf_view(&line)) || buf_add_text(out, " \\\n"))
			return -1;
	}
	return buf_addf(out, "         >\"$work/%s\"\n", name);
}

static bool replaces(const struct rewrite *r)
{
	return r->patterns.count && (r->in_blobs || r->in_messages);
}

static bool strips(const struct rewrite *r)
{
	return r->strip && r->strip->count;
}

static int add_files(struct buf *out, const struct rewrite *r)
{
	if (buf_add_text(out, "       work=$(mktemp -d)\n") ||
	    (replaces(r) && add_file(out, "replace", "regex:", &r->patterns, "==>" REMOVED)))
		return -1;
	return strips(r) ? add_file(out, "strip", "", r->strip, "") : 0;
}

/* Python for one of filter-repo's callbacks: a line for each pattern. */
static int add_callback(struct buf *out, const struct rewrite *r, const char *name, const char *before,
			const char *after, const char *last)
{
	if (buf_addf(out, " \\\n         --%s '", name))
		return -1;
	for (size_t i = 0; i < r->patterns.count; i++)
		if (buf_addf(out, "\n           %srb\"%s\"%s", before, r->patterns.items[i], after))
			return -1;
	return buf_addf(out, "%s'", last);
}

/* Blobs with NULs keep their length, so that offsets in them stay right. */
static int add_blobs(struct buf *out, const struct rewrite *r)
{
	if (buf_add_text(out, " \\\n         --replace-text \"$work/replace\""))
		return -1;
	return add_callback(out, r, "blob-callback", "if b\"\\0\" in blob.data: blob.data = re.sub(",
			    ", lambda m: b\"*\" * len(m[0]), blob.data)", "");
}

static int add_people(struct buf *out, const struct rewrite *r)
{
	return add_callback(out, r, "name-callback", "name = re.sub(", ", b\"" REMOVED "\", name)",
			    "\n           return name") ||
	       add_callback(out, r, "email-callback", "email = re.sub(", ", b\"" REMOVED "\", email)",
			    "\n           return email");
}

static int add_filter(struct buf *out, const struct rewrite *r, const char *git, const char *how)
{
	bool any = r->patterns.count != 0;

	if (buf_addf(out, "       %s filter-repo%s --replace-refs delete-no-add", git, how) ||
	    (any && r->in_blobs && add_blobs(out, r)) ||
	    (any && r->in_messages && buf_add_text(out, " \\\n         --replace-message \"$work/replace\"")) ||
	    (any && r->in_people && add_people(out, r)) ||
	    (strips(r) && buf_add_text(out, " \\\n         --strip-blobs-with-ids \"$work/strip\"")))
		return -1;
	return buf_add_byte(out, '\n');
}

/* Refs to a blob or tree are no history that could be rewritten. */
static int add_straight(struct buf *out, const struct rewrite *r, const char *git)
{
	for (size_t i = 0; r->straight && i < r->straight->count; i++) {
		struct view name = view_of(r->straight->items[i]);
		DEFER(buf_done) struct buf clean = BUF_INIT(out->max);

		if (text_add_clean(&clean, name))
			return -1;
		if (!text_eq(buf_view(&clean), name)) /* no shell would take it as it is shown */
			continue;
		if (buf_addf(out, "       %s update-ref -d ", git) || add_quoted(out, name) || buf_add_byte(out, '\n'))
			return -1;
	}
	return 0;
}

static int add_notes(struct buf *out, const struct rewrite *r)
{
	if (replaces(r) && buf_add_text(out, "     Whatever else the pattern matches is replaced as well, such as "
					     "keys in tests that are allowed.\n"))
		return -1;
	if (strips(r) && buf_add_text(out, "     Files with encoded keys go whole, from each commit that has that "
					   "content, also from the last one: add\n     a version without the key "
					   "afterwards.\n"))
		return -1;
	if (r->straight && r->straight->count &&
	    buf_add_text(out, "     Refs that lead to a file without a commit are deleted: filter-repo leaves them as "
			      "they are.\n"))
		return -1;
	return 0;
}

static int add_copy(struct buf *out, const struct rewrite *r)
{
	if (buf_add_text(out,
			 "  4. Only then rewrite the history: in a fresh copy of what everybody fetches from, so that "
			 "nothing else\n     is lost. It needs git-filter-repo (Debian: apt-get install "
			 "git-filter-repo). All commits from the first\n     with a key on get new ids. In a clone; "
			 "a repository without a server takes the first block alone, then step 6.\n") ||
	    add_notes(out, r) || buf_add_byte(out, '\n') || add_files(out, r) ||
	    buf_add_text(out,
			 "\n       git clone --mirror --no-local \"$(git remote get-url origin)\" \"$work/clean.git\"\n"
			 "       repo=$(" IN_COPY " remote get-url origin)\n"
			 "       " IN_COPY " update-ref -d refs/stash\n") ||
	    add_straight(out, r, IN_COPY) || add_filter(out, r, IN_COPY, "") ||
	    buf_add_text(out,
			 "       skant git --full \"$work/clean.git\"\n\n"
			 "     The last command has to find nothing. If it does, see what is left: skant git --full "
			 "-f jsonl\n     \"$work/clean.git\" | skant explain --report -\n\n"))
		return -1;
	return 0;
}

static int add_push(struct buf *out)
{
	return buf_add_text(out,
			    "  5. Force-push it over the old history. Protected branches have to allow that for the "
			    "moment; a forge\n     refuses refs/pull/* and the like, which are for step 7.\n\n"
			    "       " IN_COPY " push --force --mirror \"$repo\"\n\n");
}

static int add_clones(struct buf *out, const struct rewrite *r)
{
	if (buf_add_text(out,
			 "  6. Tell everybody to clone anew: one merge or push from an old clone brings the keys back. "
			 "A clone that\n     cannot be made anew, or a repository without a server, is rewritten in "
			 "place, and comes to the same\n     commits. First commit or put away what is not "
			 "committed, and apply or drop what is stashed.\n\n"
			 "       git stash clear\n") ||
	    add_straight(out, r, "git") || add_filter(out, r, "git", " --force --partial") ||
	    buf_add_text(out, "       git reflog expire --expire=now --all\n"
			      "       git gc --prune=now\n"
			      "       skant git --full\n\n"))
		return -1;
	return 0;
}

static int add_server(struct buf *out)
{
	return buf_add_text(
		out, "  7. The server still has the old objects. In a repository of your own there:\n\n"
		     "       git reflog expire --expire=now --all\n"
		     "       git gc --prune=now\n\n"
		     "     On a forge ask its support, or use its page for that, to drop the refs of pull or merge "
		     "requests and\n     cached views of old commits. Forks, mirrors, caches and artifacts of CI, "
		     "images and packages have\n     copies of their own.\n\n"
		     "  8. Remove the copy.\n\n"
		     "       rm -rf \"$work\"\n");
}

int rewrite_add(struct buf *out, const struct rewrite *r)
{
	return add_copy(out, r) || add_push(out) || add_clones(out, r) || add_server(out) ? -1 : 0;
}

int rewrite_add_cleaning(struct buf *out)
{
	return buf_add_text(
		out, "  4. No ref and no stash leads there any more: no history has to be rewritten. This lets go "
		     "of it, and of\n     all else that only reflogs lead to; in every clone that has it, and on "
		     "the server:\n\n"
		     "       git reflog expire --expire=now --all\n"
		     "       git gc --prune=now\n"
		     "       skant git --full\n");
}
