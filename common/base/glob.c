/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/glob.h"

#include "common/base/bounds.h"
#include "common/base/text.h"

/* A place to go back to: the pattern behind a star, and how far into the text that star reaches so far. */
struct resume {
	const char *pattern; /* NULL = none */
	const char *text;
};

/* What is behind a star is tried from left to right. Only the last star of each kind needs a place to go back to: a
 * star in front of it could only take more text away from the rest, never give it more choice. */
struct glob {
	const char *pattern, *pattern_start, *pattern_end;
	const char *text, *text_end;
	unsigned flags;
	size_t steps;
	struct resume star;   /* stops at '/' */
	struct resume deep;   /* passes it */
	bool deep_is_folders; /* deep was followed by a slash: what is behind it starts behind a slash of the text */
};

bool glob_is_special(char c)
{
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

static char fold(const struct glob *g, char c)
{
	return g->flags & GLOB_NOCASE ? text_lower(c) : c;
}

/* git's classes of bytes: ASCII, and no vertical tab or form feed among the spaces. */
static bool is_graph(char c)
{
	return c > ' ' && c < 0x7F;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7F;
}

static bool is_print(char c)
{
	return c == ' ' || is_graph(c);
}

static bool is_punct(char c)
{
	return is_graph(c) && !text_is_alnum(c);
}

static bool is_hex_digit(char c)
{
	return text_hex_value(c) >= 0;
}

static const struct {
	const char *name;
	bool (*has)(char c);
} classes[] = {
	{ "alnum", text_is_alnum }, { "alpha", text_is_alpha }, { "blank", is_blank }, { "cntrl", is_control },
	{ "digit", text_is_digit }, { "graph", is_graph },      { "lower", is_lower }, { "print", is_print },
	{ "punct", is_punct },      { "space", is_space },      { "upper", is_upper }, { "xdigit", is_hex_digit },
};

/* A bracket while it is being read. */
struct set {
	const struct glob *g;
	const char *at;
	char c;        /* the byte of the text, folded */
	char previous; /* the member that a range could start with; NUL = none */
	bool has;
};

/* Takes the next byte of the set. false at the end of the pattern: the bracket is not closed. */
static bool set_next(struct set *s, char *ret)
{
	if (s->at == s->g->pattern_end)
		return false;
	*ret = *s->at++;
	return true;
}

static bool set_add_range(struct set *s)
{
	unsigned char low = (unsigned char)s->previous, c = (unsigned char)s->c, high;
	char end;

	if (!set_next(s, &end) || (end == '\\' && !set_next(s, &end)))
		return false;
	high = (unsigned char)end;
	s->has |= c >= low && c <= high;
	if ((s->g->flags & GLOB_NOCASE) && is_lower(s->c)) {
		c = (unsigned char)(c - 'a' + 'A');
		s->has |= c >= low && c <= high;
	}
	s->previous = '\0';
	return true;
}

/* The name of a class that starts behind "[:", which is at s->at. ret->ptr is NULL when no ":]" ends it and the
 * bracket is just a member. */
static bool set_class_name(const struct set *s, struct view *ret)
{
	struct view rest = view_from(s->at + 1, (size_t)(s->g->pattern_end - s->at - 1));
	size_t close = text_find_byte(rest, ']');

	if (close == SIZE_MAX)
		return false;
	*ret = close > 0 && rest.ptr[close - 1] == ':' ? view_sub(rest, 0, close - 1) : VIEW_NONE;
	return true;
}

static bool set_add_class(struct set *s, struct view name)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		if (!text_eq(view_of(classes[i].name), name))
			continue;
		s->has |= classes[i].has(s->c);
		if ((s->g->flags & GLOB_NOCASE) && classes[i].has == is_upper)
			s->has |= is_lower(s->c);
		s->at += name.len + 3;
		s->previous = '\0';
		return true;
	}
	return false;
}

/* Adds what the byte c, and the bytes behind it that belong to it, stand for. false when the bracket is broken. */
static bool set_add(struct set *s, char c)
{
	bool has_more = s->at < s->g->pattern_end;

	if (c == '-' && s->previous && has_more && *s->at != ']')
		return set_add_range(s);
	if (c == '[' && has_more && *s->at == ':') {
		struct view name;

		if (!set_class_name(s, &name))
			return false;
		if (name.ptr)
			return set_add_class(s, name);
	} else if (c == '\\' && !set_next(s, &c)) {
		return false;
	}
	s->has |= c == s->c;
	s->previous = c;
	return true;
}

/* The bracket whose first member is at g->pattern, against the byte c. */
static bool match_set(struct glob *g, char c)
{
	struct set s = { .g = g, .at = g->pattern, .c = c };
	bool is_negated = false;
	char member;

	if (s.at < g->pattern_end && (*s.at == '!' || *s.at == '^')) {
		is_negated = true;
		s.at++;
	}
	if (!set_next(&s, &member)) /* a ']' in the first place is a member */
		return false;
	do {
		if (!set_add(&s, member) || !set_next(&s, &member))
			return false;
	} while (member != ']');
	g->steps += (size_t)(s.at - g->pattern);
	g->pattern = s.at;
	return s.has != is_negated;
}

/* Matches what is no star against one byte of the text. */
static bool match_one(struct glob *g)
{
	char p = *g->pattern++, c = fold(g, *g->text++);
	bool is_slash = (g->flags & GLOB_PATH) && c == '/';

	switch (p) {
	case '?':
		return !is_slash;
	case '[':
		return match_set(g, c) && !is_slash;
	case '\\':
		return g->pattern < g->pattern_end && *g->pattern++ == c;
	default:
		return fold(g, p) == c;
	}
}

/* "**" as a whole name, whatever the pattern's start is preceded by. */
static bool is_folders(const struct glob *g, const char *stars, const char *behind)
{
	bool starts = stars == g->pattern_start || stars[-1] == '/';
	struct view rest = view_from(behind, (size_t)(g->pattern_end - behind));

	return behind - stars > 1 && starts && (rest.len == 0 || rest.ptr[0] == '/' || text_starts(rest, VIEW("\\/")));
}

static void enter_stars(struct glob *g)
{
	const char *stars = g->pattern;

	while (g->pattern < g->pattern_end && *g->pattern == '*')
		g->pattern++;
	if ((g->flags & GLOB_PATH) && !is_folders(g, stars, g->pattern)) {
		g->star = (struct resume){ .pattern = g->pattern, .text = g->text };
		return;
	}
	g->star.pattern = NULL;
	if (g->pattern == g->pattern_end) {
		g->text = g->text_end;
		return;
	}
	g->deep_is_folders = (g->flags & GLOB_PATH) && *g->pattern == '/';
	if (g->deep_is_folders)
		g->pattern++; /* none at all is a number of folders, too */
	g->deep = (struct resume){ .pattern = g->pattern, .text = g->text };
}

/* Lets the last star take bytes, at least one, up to where what is behind it could start. */
static bool extend_star(struct glob *g)
{
	bool is_literal = g->star.pattern < g->pattern_end && !glob_is_special(*g->star.pattern);
	const char *text = g->star.text;

	do {
		if (text == g->text_end || *text == '/')
			return false;
		text++;
	} while (is_literal && text < g->text_end && fold(g, *text) != fold(g, *g->star.pattern) && *text != '/');
	g->steps += (size_t)(text - g->star.text);
	g->pattern = g->star.pattern;
	g->text = g->star.text = text;
	return true;
}

/* Lets the last star take more, and goes on behind it. false when none can. */
static bool go_back(struct glob *g)
{
	if (g->star.pattern && extend_star(g))
		return true;
	g->star.pattern = NULL;
	if (!g->deep.pattern)
		return false;
	if (g->deep_is_folders) {
		struct view rest = view_from(g->deep.text, (size_t)(g->text_end - g->deep.text));
		size_t slash = text_find_byte(rest, '/');

		if (slash == SIZE_MAX)
			return false;
		g->steps += slash;
		g->deep.text += slash;
	}
	if (g->deep.text == g->text_end)
		return false;
	g->pattern = g->deep.pattern;
	g->text = ++g->deep.text;
	return true;
}

/* Whether text cannot match because it does not end in the literal that pattern ends in: most globs are `*.ending`. */
static bool ends_otherwise(struct view pattern, struct view text, unsigned flags)
{
	char last = pattern.len ? pattern.ptr[pattern.len - 1] : '*';

	if (flags & GLOB_NOCASE || glob_is_special(last) || last == ']' || last == '/')
		return false;
	return text.len == 0 || text.ptr[text.len - 1] != last;
}

bool glob_match(struct view pattern, struct view text, unsigned flags)
{
	const char *p = pattern.len ? pattern.ptr : "", *t = text.len ? text.ptr : "";
	struct glob g = { .pattern = p,
			  .pattern_start = p,
			  .pattern_end = p + pattern.len,
			  .text = t,
			  .text_end = t + text.len,
			  .flags = flags };

	if (ends_otherwise(pattern, text, flags))
		return false;
	while (g.steps++ < GLOB_STEPS) {
		bool at_end = g.pattern == g.pattern_end;

		if (at_end && g.text == g.text_end)
			return true;
		if (!at_end && *g.pattern == '*')
			enter_stars(&g);
		else if ((at_end || g.text == g.text_end || !match_one(&g)) && !go_back(&g))
			return false;
	}
	return false;
}

/* The path without its last name, or nothing. */
static struct view folder_of(struct view path)
{
	while (path.len && path.ptr[path.len - 1] != '/')
		path.len--;
	return path.len ? view_sub(path, 0, path.len - 1) : VIEW_NONE;
}

static struct view last_name(struct view path)
{
	size_t folder = folder_of(path).len;

	return view_sub(path, folder ? folder + 1 : 0, path.len);
}

bool glob_path(struct view pattern, struct view path)
{
	bool is_folder = pattern.len > 1 && pattern.ptr[pattern.len - 1] == '/';
	bool is_tied;

	if (is_folder) {
		pattern.len--;
		path = folder_of(path);
	}
	is_tied = text_find_byte(pattern, '/') != SIZE_MAX;
	if (text_starts(pattern, VIEW("/")))
		pattern = view_sub(pattern, 1, pattern.len);
	while (path.len) {
		if (glob_match(pattern, is_tied ? path : last_name(path), GLOB_PATH))
			return true;
		path = is_folder ? folder_of(path) : VIEW_NONE;
	}
	return false;
}

const char *glob_flaw(const char *pattern)
{
	if (!*pattern)
		return "is empty";
	for (const char *p = pattern; *p; p++) {
		if (*p == '\\' && !*++p)
			return "ends in a '\\'";
		if (*p != '[')
			continue;
		p += p[1] == '!' || p[1] == '^' ? 2 : 1;
		for (p += *p == ']'; *p && *p != ']'; p++)
			if (*p == '\\' && p[1])
				p++;
		if (!*p)
			return "has a '[' without its ']'";
	}
	return NULL;
}
