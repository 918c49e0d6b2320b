/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/logopts.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

/* MAYBE: a value behind = only; LOOK: only how git log prints, without a value in the next word. */
enum taking { REFUSED, FLAG, VALUE, NUMBER, MAYBE, LOOK };

static const struct {
	const char *name;
	enum taking taking;
} options[] = {
	{ "--", FLAG },
	{ "--end-of-options", FLAG },
	{ "--all", FLAG },
	{ "--branches", MAYBE },
	{ "--tags", MAYBE },
	{ "--remotes", MAYBE },
	{ "--glob", VALUE },
	{ "--exclude", VALUE },
	{ "--not", FLAG },
	{ "--reflog", FLAG },
	{ "--single-worktree", FLAG },
	{ "--ignore-missing", FLAG },
	{ "-n", NUMBER },
	{ "--max-count", NUMBER },
	{ "--skip", NUMBER },
	{ "--since", VALUE },
	{ "--after", VALUE },
	{ "--since-as-filter", VALUE },
	{ "--until", VALUE },
	{ "--before", VALUE },
	{ "--max-age", NUMBER },
	{ "--min-age", NUMBER },
	{ "--author", VALUE },
	{ "--committer", VALUE },
	{ "--grep", VALUE },
	{ "--all-match", FLAG },
	{ "--invert-grep", FLAG },
	{ "--regexp-ignore-case", FLAG },
	{ "--basic-regexp", FLAG },
	{ "--extended-regexp", FLAG },
	{ "--fixed-strings", FLAG },
	{ "--perl-regexp", FLAG },
	{ "-i", FLAG },
	{ "-E", FLAG },
	{ "-F", FLAG },
	{ "-P", FLAG },
	{ "--merges", FLAG },
	{ "--no-merges", FLAG },
	{ "--min-parents", NUMBER },
	{ "--max-parents", NUMBER },
	{ "--no-min-parents", FLAG },
	{ "--no-max-parents", FLAG },
	{ "--first-parent", FLAG },
	{ "--exclude-first-parent-only", FLAG },
	{ "--ancestry-path", MAYBE },
	{ "--cherry-pick", FLAG },
	{ "--left-only", FLAG },
	{ "--right-only", FLAG },
	{ "--full-history", FLAG },
	{ "--dense", FLAG },
	{ "--sparse", FLAG },
	{ "--show-pulls", FLAG },
	{ "--simplify-merges", FLAG },
	{ "--simplify-by-decoration", FLAG },
	{ "--remove-empty", FLAG },
	{ "--no-walk", MAYBE },
	{ "--do-walk", FLAG },
	{ "--date-order", LOOK },
	{ "--author-date-order", LOOK },
	{ "--topo-order", LOOK },
	{ "--reverse", LOOK },
	{ "--oneline", LOOK },
	{ "--graph", LOOK },
	{ "--pretty", LOOK },
	{ "--format", LOOK },
	{ "--date", LOOK },
	{ "--decorate", LOOK },
	{ "--no-decorate", LOOK },
	{ "--color", LOOK },
	{ "--no-color", LOOK },
	{ "--patch", LOOK },
	{ "--no-patch", LOOK },
	{ "--unified", LOOK },
	{ "--no-renames", LOOK },
	{ "--no-ext-diff", LOOK },
	{ "--no-textconv", LOOK },
	{ "--text", LOOK },
	{ "--binary", LOOK },
	{ "--cc", LOOK },
	{ "-p", LOOK },
	{ "-u", LOOK },
	{ "-s", LOOK },
	{ "-m", LOOK },
	{ "-c", LOOK },
	{ "-a", LOOK },
	{ "-U0", LOOK },
};

/* -3 */
static bool is_count(struct view word)
{
	uint64_t n;

	return word.len > 1 && text_u64(view_sub(word, 1, word.len), UINT64_MAX, &n) == 0;
}

/* What git takes for 0 would leave everything out. */
static int check_number(const char *word, bool is_given, const char *next, struct err *err)
{
	struct view whole = view_of(word);
	size_t equals = text_find_byte(whole, '=');
	struct view value = is_given ? view_sub(whole, equals + 1, whole.len) : view_of(next);
	uint64_t n;

	if (text_u64(value, INT32_MAX, &n) == 0)
		return 0;
	return err_set(err, ERR_USAGE, 0, "'%.*s' in --log-opts takes a whole number, not '%.*s'",
		       (int)(is_given ? equals : whole.len), word, (int)value.len, value.len ? value.ptr : "");
}

/* How a word that starts with a dash is taken; *ret_given says whether it carries a value. */
static enum taking taking_of(struct view word, bool *ret_given)
{
	size_t equals = text_starts(word, VIEW("--")) ? text_find_byte(word, '=') : SIZE_MAX;
	struct view name = view_sub(word, 0, equals);

	*ret_given = equals != SIZE_MAX;
	if (is_count(word) || (word.len > 2 && text_starts(word, VIEW("-n")) && is_count(view_sub(word, 1, word.len))))
		return FLAG;
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (text_eq(name, view_of(options[i].name)))
			return options[i].taking == FLAG && *ret_given ? REFUSED : options[i].taking;
	return REFUSED;
}

/* Cuts the next word off *rest and puts it behind the others, ended by a NUL. 1, 0 when there is none, or -1. */
static int next_word(struct view *rest, struct buf *text, struct err *err)
{
	char quote = '\0';
	size_t i = 0;

	*rest = text_trim(*rest);
	if (!rest->len)
		return 0;
	for (; i < rest->len && (quote || !text_is_space(rest->ptr[i])); i++) {
		char c = rest->ptr[i];

		if (c == quote)
			quote = '\0';
		else if (!quote && (c == '\'' || c == '"'))
			quote = c;
		else if (buf_add_byte(text, c))
			return err_nomem(err);
	}
	if (quote)
		return err_set(err, ERR_USAGE, 0, "--log-opts has a %c without its end", quote);
	*rest = view_sub(*rest, i, rest->len);
	return buf_add_byte(text, '\0') ? err_nomem(err) : 1;
}

static int split(const char *given, struct logopts *l, struct err *err)
{
	size_t starts[LOGOPTS_WORDS_MAX];
	struct view rest = view_of(given);

	for (;;) {
		size_t start = l->text.len;
		int ret = next_word(&rest, &l->text, err);

		if (ret < 0)
			return -1;
		if (ret == 0)
			break;
		if (l->count == LOGOPTS_WORDS_MAX)
			return err_set(err, ERR_USAGE, 0, "--log-opts takes %d words at most", LOGOPTS_WORDS_MAX);
		starts[l->count++] = start;
	}
	l->words = calloc(l->count + 1, sizeof(*l->words));
	if (!l->words)
		return err_nomem(err);
	for (size_t i = 0; i < l->count; i++)
		l->words[i] = l->text.ptr + starts[i];
	return 0;
}

/* Leaves out how git log would print, refuses what is neither. */
static int choose(struct logopts *l, struct err *err)
{
	size_t kept = 0;
	bool is_path = false;

	for (size_t i = 0; i < l->count; i++) {
		const char *word = l->words[i];
		bool is_option = !is_path && word[0] == '-', is_given = false, takes_next;
		enum taking taking = is_option ? taking_of(view_of(word), &is_given) : FLAG;

		if (taking == REFUSED)
			return err_set(err, ERR_USAGE, 0,
				       "--log-opts takes revisions, paths and options that choose commits, not '%s'",
				       word);
		takes_next = (taking == VALUE || taking == NUMBER) && !is_given;
		if (takes_next && i + 1 == l->count)
			return err_set(err, ERR_USAGE, 0, "'%s' in --log-opts lacks its value", word);
		if (taking == NUMBER && check_number(word, is_given, l->words[i + 1], err))
			return -1;
		is_path |= is_option && text_eq(view_of(word), VIEW("--"));
		if (taking == LOOK)
			continue;
		l->words[kept++] = word;
		if (takes_next)
			l->words[kept++] = l->words[++i];
	}
	l->count = kept;
	l->words[kept] = NULL;
	return 0;
}

int logopts_read(const char *text, struct logopts *ret, struct err *err)
{
	*ret = (struct logopts){ .text = BUF_INIT(LOGOPTS_BYTES) };
	if (split(text, ret, err) == 0 && choose(ret, err) == 0)
		return 0;
	logopts_done(ret);
	return -1;
}

void logopts_done(struct logopts *l)
{
	free(l->words);
	buf_done(&l->text);
	l->words = NULL;
	l->count = 0;
}
