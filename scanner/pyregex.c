/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/pyregex.h"

#include "common/base/text.h"

#define NOT_PYTHON 1

/* Letters whose escapes mean the same in both; outside of a class some more do. */
#define SAME_EVERYWHERE "wWdDsSbnrtfa"
#define SAME_OUTSIDE "BA"

struct walk {
	struct view rest;
	struct buf *out;
	bool at_start;
};

static bool is_one_of(char c, const char *set)
{
	return text_find_byte(view_of(set), c) != SIZE_MAX;
}

static bool is_hex(char c)
{
	return text_is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'f');
}

static char at(const struct walk *w, size_t n)
{
	return n < w->rest.len ? w->rest.ptr[n] : '\0';
}

static void skip(struct walk *w, size_t n)
{
	w->rest = view_sub(w->rest, n, w->rest.len);
}

/* The next n bytes as they are. */
static int take(struct walk *w, size_t n)
{
	struct view part = view_sub(w->rest, 0, n);

	skip(w, n);
	return buf_add(w->out, part);
}

/* A byte that stands for itself. */
static int take_literal(struct walk *w, bool wants_backslash)
{
	unsigned char c = (unsigned char)at(w, 0);

	skip(w, 1);
	if (c < ' ' || c > '~' || c == '"' || c == '\'')
		return buf_addf(w->out, "\\x%02x", c);
	return buf_addf(w->out, "%s%c", wants_backslash ? "\\" : "", c);
}

static int take_escape(struct walk *w, bool in_class)
{
	char c = at(w, 1);

	if (c == 'x')
		return is_hex(at(w, 2)) && is_hex(at(w, 3)) ? take(w, 4) : NOT_PYTHON;
	if (c >= '1' && c <= '9')
		return in_class || text_is_digit(at(w, 2)) ? NOT_PYTHON : take(w, 2);
	if (text_is_alnum(c))
		return is_one_of(c, SAME_EVERYWHERE) || (!in_class && is_one_of(c, SAME_OUTSIDE)) ? take(w, 2)
												  : NOT_PYTHON;
	if (w->rest.len < 2)
		return NOT_PYTHON;
	skip(w, 1);
	return take_literal(w, true);
}

static int take_class(struct walk *w)
{
	int ret = take(w, at(w, 1) == '^' ? 2 : 1);

	if (!ret && at(w, 0) == ']')
		ret = take_literal(w, true);
	while (!ret && w->rest.len && at(w, 0) != ']') {
		char c = at(w, 0);

		if (c == '\\')
			ret = take_escape(w, true);
		else if (c == '[' && is_one_of(at(w, 1), ":.="))
			ret = NOT_PYTHON;
		else
			ret = take_literal(w, is_one_of(c, "[&|~")); /* sets in sets, of some later Python */
	}
	if (ret)
		return ret;
	return w->rest.len ? take(w, 1) : NOT_PYTHON;
}

/* What may stand behind a quantifier: `?` makes it lazy, `+` possessive, which not every Python has. */
static int take_suffix(struct walk *w)
{
	if (at(w, 0) == '?')
		return take(w, 1);
	if (at(w, 0) == '+')
		skip(w, 1);
	return 0;
}

/* Length of a quantifier {n}, {n,} or {n,m}; 0 when the brace stands for itself. */
static size_t braces(struct view v)
{
	size_t i = 1;

	while (i < v.len && text_is_digit(v.ptr[i]))
		i++;
	if (i == 1)
		return 0;
	if (i < v.len && v.ptr[i] == ',')
		for (i++; i < v.len && text_is_digit(v.ptr[i]);)
			i++;
	return i < v.len && v.ptr[i] == '}' ? i + 1 : 0;
}

static int take_quantifier(struct walk *w)
{
	size_t len = at(w, 0) == '{' ? braces(w->rest) : 1;
	int ret = len ? take(w, len) : take_literal(w, true);

	return ret || !len ? ret : take_suffix(w);
}

/* (?<=...) and (?<!...) need a fixed length in Python: those with anything that may vary are left to others. */
static int take_lookbehind(struct walk *w)
{
	size_t end = text_find_byte(w->rest, ')');

	for (size_t i = 4; i < end && end != SIZE_MAX; i++)
		if (is_one_of(at(w, i), "|*+?{("))
			return NOT_PYTHON;
	return end == SIZE_MAX ? NOT_PYTHON : take(w, 4);
}

static int take_name(struct walk *w, size_t start)
{
	skip(w, start);
	return buf_add_text(w->out, "(?P<");
}

static int take_group(struct walk *w)
{
	struct view v = w->rest;

	if (at(w, 1) == '*')
		return NOT_PYTHON;
	if (at(w, 1) != '?')
		return take(w, 1);
	if (is_one_of(at(w, 2), ":=!"))
		return take(w, 3);
	if (text_starts(v, VIEW("(?<=")) || text_starts(v, VIEW("(?<!")))
		return take_lookbehind(w);
	if (text_starts(v, VIEW("(?P<")))
		return take_name(w, 4);
	if (text_starts(v, VIEW("(?<")))
		return take_name(w, 3);
	if (text_starts(v, VIEW("(?i:")) || (w->at_start && text_starts(v, VIEW("(?i)"))))
		return take(w, 4);
	if (text_starts(v, VIEW("(?>"))) {
		skip(w, 3);
		return buf_add_text(w->out, "(?:");
	}
	return NOT_PYTHON;
}

static int take_next(struct walk *w)
{
	switch (at(w, 0)) {
	case '\\':
		return take_escape(w, false);
	case '[':
		return take_class(w);
	case '(':
		return take_group(w);
	case '*':
	case '+':
	case '?':
	case '{':
		return take_quantifier(w);
	default:
		return take_literal(w, false);
	}
}

int pyregex_add(struct buf *out, struct view pattern)
{
	struct walk w = { .rest = pattern, .out = out, .at_start = true };
	size_t before = out->len;
	int ret = 0;

	while (!ret && w.rest.len) {
		ret = take_next(&w);
		w.at_start = false;
	}
	if (ret)
		buf_cut(out, before);
	return ret;
}
