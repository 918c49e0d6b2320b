/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/rangelist.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "scanner/source/git/commit.h"
#include "scanner/source/git/logopts.h"
#include "scanner/source/git/pushline.h"
#include "scanner/source/gitcmd.h"

#define WORD_BYTES (64u << 10)
#define MAX_AGE "--max-age=" /* how git rev-parse says a date */

struct words {                                  /* arguments of git that are put together */
	const char *items[GITCMD_ARGS_MAX + 1]; /* NULL behind the last */
	size_t count;
};

static int add_word(struct words *w, const char *word, struct err *err)
{
	if (w->count == GITCMD_ARGS_MAX)
		return err_set(err, ERR_USAGE, 0, "a range has at most %d words", GITCMD_ARGS_MAX);
	w->items[w->count++] = word;
	return 0;
}

static int add_id(struct oid **list, size_t *count, const struct oid *id, struct err *err)
{
	struct oid *grown = *list;

	if ((*count & (*count - 1)) == 0) { /* at each power of two there is no room left */
		grown = reallocarray(*list, *count ? 2 * *count : 1, sizeof(*grown));
		if (!grown)
			return err_nomem(err);
		*list = grown;
	}
	grown[(*count)++] = *id;
	return 0;
}

/* Reads the ids that git printed, one a line. */
static int take_ids(struct view rest, size_t hash_len, struct rangelist *ret, struct err *err)
{
	struct view line;
	struct oid id;

	while (text_next_line(&rest, &line)) {
		if (oid_parse(line, hash_len, &id))
			return err_set(err, ERR_USAGE, 0,
				       "git printed something else than ids of commits: a range takes no options that "
				       "change its output");
		if (add_id(&ret->commits, &ret->count, &id, err))
			return -1;
	}
	return 0;
}

static int run(const struct gitrepo *repo, const char *const *args, struct view input, struct buf *out, int *ret_status,
	       struct err *err)
{
	struct gitcmd_place place = { .dir = repo->dir, .root = repo->root, .store = repo->stores[0], .input = input };

	if (repo->store_count > 1) /* those of the environment */
		place.alternates = getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	return gitcmd_run_at(&place, args, out, ret_status, err);
}

static int list(const struct gitrepo *repo, const struct words *w, struct view input, struct rangelist *ret,
		struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PROC_OUTPUT_BYTES);
	int status;

	if (run(repo, w->items, input, &out, &status, err) || status) {
		if (err->kind == ERR_IO)
			err->kind = ERR_USAGE; /* git understood something else than was meant */
		return err->kind == ERR_NONE ? err_set(err, ERR_USAGE, 0, "git knows no such range") : -1;
	}
	return take_ids(buf_view(&out), repo->hash_len, ret, err);
}

/* The object that a revision with something behind it means. 0, 1 when it means none, or -1 with err. */
static int parse(const struct gitrepo *repo, struct view revision, const char *suffix, struct oid *ret, struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(WORD_BYTES), spec = BUF_INIT(WORD_BYTES);
	const char *args[] = { "rev-parse", "--verify", "--quiet", "--end-of-options", NULL, NULL };
	int status;

	if (buf_add(&spec, revision) || buf_add_text(&spec, suffix))
		return err_nomem(err);
	args[4] = spec.ptr;
	if (run(repo, args, VIEW_NONE, &out, &status, err))
		return -1;
	return status || oid_parse(text_trim(buf_view(&out)), repo->hash_len, ret) ? 1 : 0;
}

/* The commit that a revision means; likewise. Behind `:/text` nothing may stand: it would be part of the text. */
static int resolve(const struct gitrepo *repo, struct view revision, struct oid *ret, struct err *err)
{
	char hex[OID_HEX_BYTES];
	struct oid id;
	int status = parse(repo, revision, "^{commit}", ret, err);

	if (status != 1 || !text_starts(revision, VIEW(":/")))
		return status;
	status = parse(repo, revision, "", &id, err);
	if (status)
		return status;
	oid_hex(&id, repo->hash_len, hex);
	return parse(repo, view_of(hex), "^{commit}", ret, err);
}

/* resolve for what a user has named: it has to be a commit. */
static int resolve_named(const struct gitrepo *repo, struct view revision, struct oid *ret, struct err *err)
{
	int status = revision.len ? resolve(repo, revision, ret, err) : 1;
	bool is_short = repo->shallow_count != 0;

	if (status < 0 && err->kind == ERR_IO)
		err->kind = ERR_USAGE; /* git understood something else than was meant */
	if (status <= 0)
		return status;
	return err_set(err, ERR_USAGE, 0, "there is no commit '%.*s' in this repository%s", (int)revision.len,
		       revision.ptr ? revision.ptr : "",
		       is_short ? ", which is a shallow clone: `git fetch --unshallow` brings the others" : "");
}

/* The first parent of a commit, or null. */
static void find_parent(struct object_reader *reader, size_t hash_len, const struct oid *id, struct oid *ret)
{
	struct object object;
	struct commit commit;

	*ret = (struct oid){ .bytes = { 0 } };
	if (object_read(reader, id, &object, NULL) == OBJECT_OK && object.type == OBJECT_COMMIT &&
	    commit_parse(object.content, hash_len, &commit) == 0)
		(void)commit_parent(&commit.parents, hash_len, ret);
}

/* The side that counts when no range says so: the parent of a single commit. The first of several may be one of a side
 * branch, whose parent is the sender's as well: then no side is to be trusted, and there is no configuration. */
static void find_base(const struct gitrepo *repo, struct object_reader *reader, struct rangelist *ret)
{
	if (ret->count == 1 && oid_is_null(&ret->base))
		find_parent(reader, repo->hash_len, &ret->commits[0], &ret->base);
}

/* Git takes what is no date for the time of day: then nothing would be read, and nothing found. */
static int check_since(const struct gitrepo *repo, const char *since, struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(WORD_BYTES), word = BUF_INIT(WORD_BYTES);
	uint64_t now = (uint64_t)clock_unix_s(), age;
	const char *args[] = { "rev-parse", NULL, NULL };
	struct view answer;
	int status;

	if (buf_addf(&word, "--since=%s", since))
		return err_nomem(err);
	args[1] = word.ptr;
	if (run(repo, args, VIEW_NONE, &out, &status, err))
		return -1;
	answer = text_trim(buf_view(&out));
	if (text_starts(answer, VIEW(MAX_AGE)) &&
	    text_u64(view_sub(answer, sizeof(MAX_AGE) - 1, answer.len), INT64_MAX, &age) == 0 && age < now)
		return 0;
	return err_set(err, ERR_USAGE, 0,
		       "a date before now was expected, such as 2026-01-31 or '2 weeks ago', not '%s'", since);
}

/* Words of --log-opts; without a revision they are about HEAD, as for git log. */
static int add_log_opts(const struct gitrepo *repo, const struct logopts *l, struct words *w, struct err *err)
{
	if (add_word(w, "--default", err) || add_word(w, "HEAD", err))
		return -1;
	for (size_t i = 0; i < l->count; i++) {
		struct view word = view_of(l->words[i]);
		size_t equals = text_find_byte(word, '=');
		struct view name = view_sub(word, 0, equals);

		if (add_word(w, l->words[i], err))
			return -1;
		if (!text_eq(name, VIEW("--since")) && !text_eq(name, VIEW("--after")))
			continue;
		if (equals == SIZE_MAX && (++i == l->count || add_word(w, l->words[i], err)))
			return -1;
		if (check_since(repo, equals == SIZE_MAX ? l->words[i] : l->words[i] + equals + 1, err))
			return -1;
	}
	return 0;
}

/* One end of a range, in hex; nothing stands for HEAD. */
static int put_end(const struct gitrepo *repo, struct view end, char hex[static OID_HEX_BYTES], struct oid *ret,
		   struct err *err)
{
	if (resolve_named(repo, end.len ? end : VIEW("HEAD"), ret, err))
		return -1;
	oid_hex(ret, repo->hash_len, hex);
	return 0;
}

/* Where two sides parted; null when they have nothing in common. */
static int find_merge_base(const struct gitrepo *repo, const char *a, const char *b, struct oid *ret, struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(WORD_BYTES);
	const char *args[] = { "merge-base", a, b, NULL };
	int status;

	*ret = (struct oid){ .bytes = { 0 } };
	if (run(repo, args, VIEW_NONE, &out, &status, err))
		return -1;
	if (status == 0 && oid_parse(text_trim(buf_view(&out)), repo->hash_len, ret))
		return err_set(err, ERR_FORMAT, 0, "git prints an object's id in a form that is not understood");
	return 0;
}

/* A..B and A...B: git is given ids, so that it cannot understand something else. */
static int put_range(const struct gitrepo *repo, struct view range, size_t dots, struct buf *out, struct oid *ret_base,
		     struct err *err)
{
	bool is_symmetric = text_starts(view_sub(range, dots, 3), VIEW("..."));
	struct view a = view_sub(range, 0, dots), b = view_sub(range, dots + (is_symmetric ? 3 : 2), range.len);
	char hex_a[OID_HEX_BYTES], hex_b[OID_HEX_BYTES];
	struct oid id;

	if (!a.len && (!b.len || text_eq(b, VIEW("HEAD")) || text_eq(b, VIEW("@"))))
		return err_set(err, ERR_USAGE, 0,
			       "it is from HEAD to HEAD: the commit that it starts from was expected");
	if (put_end(repo, a, hex_a, ret_base, err) || put_end(repo, b, hex_b, &id, err))
		return -1;
	if (is_symmetric && find_merge_base(repo, hex_a, hex_b, ret_base, err))
		return -1;
	return buf_addf(out, "%s%s%s", hex_a, is_symmetric ? "..." : "..", hex_b) ? err_nomem(err) : 0;
}

/* Without dots it is that commit alone, or with a date all that it reaches. */
static int add_range(const struct gitrepo *repo, const struct rangelist_request *q, struct words *w, struct buf *out,
		     struct oid *ret_base, struct err *err)
{
	struct view range = view_of(q->range);
	size_t dots = text_find(range, VIEW(".."));
	char hex[OID_HEX_BYTES];
	struct oid id;

	if (dots != SIZE_MAX) {
		if (put_range(repo, range, dots, out, ret_base, err))
			return -1;
	} else {
		if (resolve_named(repo, range, &id, err))
			return -1;
		oid_hex(&id, repo->hash_len, hex);
		if (buf_addf(out, "%s%s", hex, q->since ? "" : "^!"))
			return err_nomem(err);
	}
	return add_word(w, out->ptr, err);
}

static int add_since(const struct gitrepo *repo, const char *since, struct words *w, struct buf *out, struct err *err)
{
	if (check_since(repo, since, err))
		return err_prefix(err, "--since");
	return buf_addf(out, "--since=%s", since) ? err_nomem(err) : add_word(w, out->ptr, err);
}

static int list_words(const struct gitrepo *repo, const struct rangelist_request *q, struct rangelist *ret,
		      struct err *err)
{
	DEFER(buf_done) struct buf since = BUF_INIT(WORD_BYTES), range = BUF_INIT(WORD_BYTES);
	DEFER(logopts_done) struct logopts opts = { .count = 0 };
	struct words w = { .items = { "rev-list", "--reverse", "--topo-order" }, .count = 3 };
	int failed = q->since ? add_since(repo, q->since, &w, &since, err) : 0;

	if (!failed && q->log_opts)
		failed = logopts_read(q->log_opts, &opts, err) || add_log_opts(repo, &opts, &w, err);
	else if (!failed && q->range)
		failed = add_range(repo, q, &w, &range, &ret->base, err) || add_word(&w, "--", err);
	else if (!failed)
		failed = add_word(&w, "HEAD", err) || add_word(&w, "--", err);
	return failed ? -1 : list(repo, &w, VIEW_NONE, ret, err);
}

static int read_range(const struct gitrepo *repo, struct object_reader *reader, const struct rangelist_request *q,
		      struct rangelist *ret, struct err *err)
{
	if (list_words(repo, q, ret, err))
		return err_prefix(err, "cannot list the commits of '%s'",
				  q->range      ? q->range
				  : q->log_opts ? q->log_opts
						: q->since);
	ret->first_parent = q->log_opts && strstr(q->log_opts, "--first-parent");
	if (!q->log_opts && !q->since) /* what these choose says nothing of where it starts */
		find_base(repo, reader, ret);
	return 0;
}

/* Splits a line at its blanks; the last word is all that is left. */
static void split_line(struct view rest, struct view *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t blank = i + 1 < count ? text_find_byte(rest, ' ') : SIZE_MAX;

		words[i] = view_sub(rest, 0, blank);
		rest = blank == SIZE_MAX ? VIEW_NONE : view_sub(rest, blank + 1, rest.len);
	}
}

/* Lines of ids for git rev-list: of refs that the other side has, and of those that are new to it. */
struct push {
	struct buf known, fresh;
};

/* One line of what a pre-receive hook is told. */
static int take_receive_line(const struct gitrepo *repo, struct view line, struct rangelist *ret, struct push *push,
			     struct err *err)
{
	struct pushline parts;
	char hex[OID_HEX_BYTES];

	if (pushline_parse(line, repo->hash_len, &parts, err))
		return -1;
	if (oid_is_null(&parts.after))
		return 0; /* a ref is to go */
	if (add_id(&ret->tips, &ret->tip_count, &parts.after, err))
		return -1;
	oid_hex(&parts.after, repo->hash_len, hex);
	return buf_addf(&push->fresh, "%s\n", hex) ? err_nomem(err) : 0;
}

/* One line of what a pre-push hook is told. */
static int take_push_line(const struct gitrepo *repo, struct object_reader *reader, struct view line,
			  struct rangelist *ret, struct push *push, struct err *err)
{
	struct view word[4];
	struct oid local, remote;
	bool is_known;

	split_line(line, word, ARRAY_LEN(word));
	if (oid_parse(word[1], repo->hash_len, &local) || oid_parse(word[3], repo->hash_len, &remote))
		return err_set(err, ERR_USAGE, 0,
			       "a line of standard input is not 'LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID'");
	if (oid_is_null(&local))
		return 0; /* a ref is to go */
	if (add_id(&ret->tips, &ret->tip_count, &local, err))
		return -1;
	is_known = !oid_is_null(&remote) && object_exists(reader, &remote);
	if (buf_addf(is_known ? &push->known : &push->fresh, "%.*s\n", (int)word[1].len, word[1].ptr))
		return err_nomem(err);
	if (!is_known)
		return 0;
	if (oid_is_null(&ret->base))
		ret->base = remote;
	return buf_addf(&push->known, "^%.*s\n", (int)word[3].len, word[3].ptr) ? err_nomem(err) : 0;
}

/* Lists what a group of lines means; but (may be NULL) is one more argument. */
static int list_group(const struct gitrepo *repo, const struct buf *lines, const char *but, struct rangelist *ret,
		      struct err *err)
{
	struct words w = { .items = { "rev-list", "--reverse", "--topo-order", "--ignore-missing", "--stdin" },
			   .count = 5 };

	if (!lines->len)
		return 0;
	if (but && (add_word(&w, "--not", err) || add_word(&w, but, err)))
		return -1;
	if (list(repo, &w, buf_view(lines), ret, err))
		return err_prefix(err, "cannot list the commits that are to be pushed");
	return 0;
}

static int list_push(const struct gitrepo *repo, const struct rangelist_request *q, const struct push *push,
		     struct rangelist *ret, struct err *err)
{
	DEFER(buf_done) struct buf but = BUF_INIT(WORD_BYTES);

	if (q->is_receive ? buf_add_text(&but, "--all")
			  : buf_addf(&but, "--remotes%s%s", q->remote ? "=" : "", q->remote ? q->remote : ""))
		return err_nomem(err);
	return list_group(repo, &push->known, NULL, ret, err) || list_group(repo, &push->fresh, but.ptr, ret, err) ? -1
														   : 0;
}

/* What the other side has not: of refs that are new there, what no remote-tracking ref leads to. */
static int read_push(const struct gitrepo *repo, struct object_reader *reader, const struct rangelist_request *q,
		     struct rangelist *ret, struct err *err)
{
	struct push push = { .known = BUF_INIT(PROC_OUTPUT_BYTES), .fresh = BUF_INIT(PROC_OUTPUT_BYTES) };
	struct view rest = q->push, line;
	int status = 0;

	while (status == 0 && text_next_line(&rest, &line)) {
		if (!line.len)
			continue;
		if (q->is_receive)
			status = take_receive_line(repo, line, ret, &push, err);
		else
			status = take_push_line(repo, reader, line, ret, &push, err);
	}
	if (status == 0)
		status = list_push(repo, q, &push, ret, err);
	buf_done(&push.known);
	buf_done(&push.fresh);
	if (status == 0)
		find_base(repo, reader, ret);
	return status;
}

int rangelist_unreached(const struct gitrepo *repo, const struct oid *ids, size_t count, struct rangelist *ret,
			struct err *err)
{
	DEFER(buf_done) struct buf lines = BUF_INIT(PROC_OUTPUT_BYTES);
	struct err ignored = ERR_INIT;
	char hex[OID_HEX_BYTES];
	int failed;

	*ret = (struct rangelist){ .count = 0 };
	for (size_t i = 0; i < count; i++) {
		oid_hex(&ids[i], repo->hash_len, hex);
		if (buf_addf(&lines, "%s\n", hex))
			return err_nomem(err);
	}
	/* most start from the default branch, and git need not look at thousands of refs to see that */
	failed = list_group(repo, &lines, "HEAD", ret, &ignored);
	if (!failed && ret->count == 0)
		return 0;
	rangelist_done(ret);
	if (list_group(repo, &lines, "--all", ret, err) == 0)
		return 0;
	rangelist_done(ret);
	return -1;
}

struct dated { /* a commit, for sorting */
	struct oid id;
	int64_t time_s;
};

static int by_time(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->time_s != y->time_s)
		return x->time_s < y->time_s ? -1 : 1;
	return memcmp(&x->id, &y->id, OID_MAX_BYTES);
}

/* Puts the commits into the order of reports, by their time, each once. */
static int sort(struct object_reader *reader, size_t hash_len, struct rangelist *l)
{
	struct dated *dated = calloc(l->count + 1, sizeof(*dated));
	size_t kept = 0;

	if (!dated)
		return -1;
	for (size_t i = 0; i < l->count; i++) {
		struct object object;
		struct commit commit;

		dated[i].id = l->commits[i];
		if (object_read(reader, &dated[i].id, &object, NULL) == OBJECT_OK && object.type == OBJECT_COMMIT &&
		    commit_parse(object.content, hash_len, &commit) == 0)
			dated[i].time_s = commit.committer.time_s;
	}
	if (l->count)
		qsort(dated, l->count, sizeof(*dated), by_time);
	for (size_t i = 0; i < l->count; i++)
		if (kept == 0 || !oid_eq(&l->commits[kept - 1], &dated[i].id))
			l->commits[kept++] = dated[i].id;
	l->count = kept;
	free(dated);
	return 0;
}

int rangelist_read(const struct gitrepo *repo, struct object_reader *reader, const struct rangelist_request *request,
		   struct rangelist *ret, struct err *err)
{
	*ret = (struct rangelist){ .count = 0 };
	if ((request->is_push ? read_push : read_range)(repo, reader, request, ret, err)) {
		rangelist_done(ret);
		return -1;
	}
	if (sort(reader, repo->hash_len, ret) == 0)
		return 0;
	rangelist_done(ret);
	return err_nomem(err);
}

void rangelist_done(struct rangelist *l)
{
	free(l->commits);
	free(l->tips);
	*l = (struct rangelist){ .count = 0 };
}
