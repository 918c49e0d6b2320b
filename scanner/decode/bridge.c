/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand between two parts of one text. Which language it is does not matter: it is alike in all of them. */
#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define BRIDGE_MAX 240 /* bytes between two parts: an operator, a comment, an indentation */
#define WORD_MAX 48    /* of a name or a call between them */
#define COMMENT_MAX 160
#define COLOUR_MAX 16 /* of a terminal's control sequence */
#define TAGS_MAX 640  /* of the tags between two parts: an office document's text has its properties there */

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_name_char(char c)
{
	return text_is_alnum(c) || c == '_' || c == '.' || c == '$' || c == ':';
}

/* Behind a control sequence of a terminal, such as a colour (ECMA-48, section 5.4); the place itself: there is none. */
static size_t skip_colour(struct view text, size_t at)
{
	struct view rest = view_sub(text, at, COLOUR_MAX);

	if (!text_starts(rest, VIEW("\x1B[")))
		return at;
	for (size_t i = 2; i < rest.len; i++)
		if (rest.ptr[i] >= '@' && rest.ptr[i] <= '~')
			return at + i + 1;
	return at;
}

/* Characters and tags that show nothing, or no more than a line's end. */
static size_t skip_invisible(struct view text, size_t at)
{
	static const struct view kinds[] = {
		{ "\xE2\x80\x8B", 3 }, { "\xE2\x80\x8C", 3 }, { "\xE2\x80\x8D", 3 }, { "\xE2\x81\xA0", 3 },
		{ "\xEF\xBB\xBF", 3 }, { "\xC2\xAD", 2 },     { "<wbr>", 5 },        { "<wbr/>", 6 },
		{ "<wbr />", 7 },      { "<br>", 4 },         { "<br/>", 5 },        { "<br />", 6 },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t next = skip_colour(text, at);

		if (text_starts(view_sub(text, at, text.len), kinds[i]))
			next = at + kinds[i].len;
		if (next > at)
			i = SIZE_MAX; /* from the first kind on again */
		at = next;
	}
	return at;
}

static size_t skip_blanks(struct view text, size_t at)
{
	while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
		at++;
	return at;
}

/* Behind a line's end, or SIZE_MAX. */
static size_t skip_eol(struct view text, size_t at)
{
	if (at < text.len && text.ptr[at] == '\r')
		at++;
	return at < text.len && text.ptr[at] == '\n' ? at + 1 : SIZE_MAX;
}

/* The next line's indentation, and what comments, quotations and patches have in front of each line. */
static size_t skip_lead(struct view text, size_t at)
{
	static const struct view leads[] = { { "//", 2 }, { "#", 1 }, { "*", 1 }, { ">", 1 },
					     { "--", 2 }, { ";", 1 }, { "+", 1 }, { "|", 1 } };

	at = skip_blanks(text, at);
	for (size_t i = 0; i < ARRAY_LEN(leads); i++)
		if (text_starts(view_sub(text, at, text.len), leads[i]))
			return skip_blanks(text, at + leads[i].len);
	return at;
}

/* Behind the mark that gives a value to the name before it; the text's length when there is none. */
static size_t skip_assignment(struct view text, size_t at)
{
	struct view rest = view_sub(text, at, text.len);

	if (text_starts(rest, VIEW("+=")) || text_starts(rest, VIEW(":=")))
		return at + 2;
	return text_starts(rest, VIEW("=")) || text_starts(rest, VIEW(":")) ? at + 1 : text.len;
}

/* Behind the dash of a list's element, or the name that a value is given to. SIZE_MAX: there is neither. */
static size_t skip_name(struct view text, size_t at)
{
	static const struct view commands[] = { { "export ", 7 }, { "set ", 4 } };
	size_t end;

	if (text_starts(view_sub(text, at, text.len), VIEW("- ")))
		return skip_blanks(text, at + 2);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (text_starts(view_sub(text, at, text.len), commands[i]))
			at = skip_blanks(text, at + commands[i].len);
	for (end = at; end < text.len && end - at < WORD_MAX && (text_is_alnum(text.ptr[end]) || text.ptr[end] == '_');)
		end++;
	if (end == at)
		return SIZE_MAX;
	end = skip_blanks(text, skip_assignment(text, skip_blanks(text, end)));
	/* the end of base64 text is no assignment */
	return end < text.len && text.ptr[end] != '=' && !text_is_space(text.ptr[end]) ? end : SIZE_MAX;
}

/* A line that goes on: at its end a mark that says so, or nothing. */
static size_t skip_line_end(struct view text, size_t at)
{
	bool is_marked = text.ptr[at] == '\\' || text.ptr[at] == '^' || text.ptr[at] == '`';
	size_t next = skip_eol(text, is_marked ? at + 1 : skip_blanks(text, at));

	if (next == SIZE_MAX)
		return SIZE_MAX;
	next = is_marked ? skip_blanks(text, next) : skip_lead(text, next);
	if (is_marked && next < text.len && text.ptr[next] == '\\')
		next++; /* Haskell's gap */
	return is_marked || skip_name(text, next) == SIZE_MAX ? next : SIZE_MAX;
}

/* Behind a comment that starts at a place; the place itself when there is none. */
static size_t skip_comment(struct view text, size_t at)
{
	struct view rest = view_sub(text, at, COMMENT_MAX);
	bool is_block = text_starts(rest, VIEW("/*"));
	size_t len;

	if (!is_block && !text_starts(rest, VIEW("//")) &&
	    !(text_starts(rest, VIEW("#")) && rest.len > 1 && rest.ptr[1] != '{' &&
	      !text_starts(rest, VIEW("#define"))))
		return at;
	len = text_find(rest, is_block ? VIEW("*/") : VIEW("\n"));
	return len == SIZE_MAX ? at : at + len + (is_block ? 2 : 1);
}

/* What has been met between two literals. */
struct between {
	bool has_word;    /* a name, */
	bool has_connect; /* and what makes it one that adds to the text */
	bool has_close;   /* the end of a part of a template */
	bool has_comma;   /* behind which a value's name may stand */
	bool guesses;     /* anything that looks like a program will do */
};

static size_t skip_word(struct view text, size_t at, struct between *b)
{
	static const struct view calls[] = { { "cat", 3 },   { "append", 6 }, { "push", 4 },  { "add", 3 },
					     { "write", 5 }, { "join", 4 },   { "Write", 5 }, { "Append", 6 },
					     { "Add", 3 },   { "String", 6 } };
	size_t end = at;
	struct view word;

	while (end < text.len && end - at < WORD_MAX && is_name_char(text.ptr[end]))
		end++;
	word = view_sub(text, at, end - at);
	if (word.len <= 2 && end < text.len && is_quote(text.ptr[end]))
		return end; /* a literal's prefix: f"", R"" */
	b->has_word = true;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		b->has_connect = b->has_connect || text_find(word, calls[i]) != SIZE_MAX;
	return end;
}

/* One step between two literals. SIZE_MAX: nothing that may stand there. */
static size_t step(struct view text, size_t at, struct between *b)
{
	static const struct view connects[] = { { "+=", 2 }, { ".=", 2 }, { "<<", 2 }, { "||", 2 },
						{ "..", 2 }, { "<>", 2 }, { "++", 2 } };
	struct view rest = view_sub(text, at, 2);
	size_t next = skip_comment(text, at);

	if (next > at)
		return next;
	for (size_t i = 0; i < ARRAY_LEN(connects); i++)
		if (text_starts(rest, connects[i])) {
			b->has_connect = true;
			return at + 2;
		}
	b->has_close = b->has_close || rest.ptr[0] == '}';
	b->has_comma = b->has_comma || rest.ptr[0] == ',';
	if (rest.ptr[0] == '=' && b->has_word)
		return at + (text_starts(rest, VIEW("=>")) ? 2 : 1);
	if (text_is_space(rest.ptr[0]) || text_find_byte(VIEW("+.,&|()[]\\;~{}@_*^#%"), rest.ptr[0]) != SIZE_MAX)
		return at + 1;
	return is_name_char(rest.ptr[0]) ? skip_word(text, at, b) : SIZE_MAX;
}

/* Behind the quote or quotes at a place, which a backslash may stand before. */
static size_t skip_quotes(struct view text, size_t at)
{
	size_t from = at;

	if (at + 1 < text.len && text.ptr[at] == '\\' && is_quote(text.ptr[at + 1]))
		at++;
	if (at >= text.len || !is_quote(text.ptr[at]))
		return SIZE_MAX;
	for (char quote = text.ptr[at]; at < text.len && at - from < 4 && text.ptr[at] == quote; at++)
		continue;
	return at;
}

/* Where a template's next part opens: ${", #{', {". SIZE_MAX: none does. */
static size_t skip_template(struct view text, size_t at)
{
	if (at < text.len && (text.ptr[at] == '$' || text.ptr[at] == '#'))
		at++;
	if (at >= text.len || text.ptr[at] != '{')
		return SIZE_MAX;
	at++;
	if (at < text.len && text.ptr[at] == '{')
		at++;
	return skip_quotes(text, skip_blanks(text, at));
}

/* A literal may begin with the name of what stands before it, or end in a place for what comes: "${prefix}...",
 * "...%s". */
static size_t skip_reference(struct view text, size_t at)
{
	static const struct {
		struct view open;
		char close;
	} kinds[] = { { { "${", 2 }, '}' },  { { "#{", 2 }, '}' }, { { "{", 1 }, '}' },
		      { { "\\(", 2 }, ')' }, { { "$(", 2 }, ')' }, { { "%", 1 }, '%' } };
	struct view rest = view_sub(text, at, text.len);

	if (text_starts(rest, VIEW("%s")) || text_starts(rest, VIEW("%v")))
		return at + 2;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t end = at + kinds[i].open.len;

		if (!text_starts(rest, kinds[i].open))
			continue;
		while (end < text.len && end - at < WORD_MAX && (is_name_char(text.ptr[end]) || text.ptr[end] == ' '))
			end++;
		return end < text.len && text.ptr[end] == kinds[i].close ? end + 1 : at;
	}
	return at;
}

/* Behind the name of a value, which has quotes of its own in JSON; the place of its first quote when it is none. */
static size_t skip_quoted_name(struct view text, size_t at)
{
	size_t end = at + 1;

	while (end < text.len && end - at < WORD_MAX && is_name_char(text.ptr[end]))
		end++;
	if (end >= text.len || text.ptr[end] != text.ptr[at])
		return at;
	end = skip_blanks(text, end + 1);
	return end < text.len && text.ptr[end] == ':' ? skip_blanks(text, end + 1) : at;
}

/* Where the next literal, or the next part of a template, opens. SIZE_MAX: not here, or it is a value's name where
 * nothing is guessed. */
static size_t skip_opening(struct view text, size_t at, const struct between *b)
{
	size_t next = b->has_close ? skip_template(text, at) : SIZE_MAX;
	bool may_be_name = is_quote(text.ptr[at]) && (b->has_comma || b->guesses);
	size_t value = may_be_name ? skip_quoted_name(text, at) : at;

	if (value > at && !b->guesses)
		return SIZE_MAX;
	if (next == SIZE_MAX)
		next = skip_quotes(text, value);
	return next != SIZE_MAX && b->guesses ? skip_reference(text, next) : next;
}

static bool is_part_at(struct view text, size_t at, bool (*is_part)(char c))
{
	return at < text.len && is_part(text.ptr[at]);
}

/* Whether what was met between two literals makes them parts of one text. */
static bool is_bridge(const struct between *b)
{
	return !b->has_word || b->has_connect || b->guesses;
}

/* From the quote that ends a literal to the first byte of the next one. */
static size_t skip_between(struct view text, size_t at, bool (*is_part)(char c), bool guesses)
{
	struct between b = { .guesses = guesses };
	size_t start = at, next = skip_quotes(text, at);

	if (next == SIZE_MAX)
		return SIZE_MAX;
	if (next <= at + 2 && is_part_at(text, next, is_part))
		return next; /* a shell's "a"b and "a""b" */
	for (at = next; at < text.len && at - start < BRIDGE_MAX; at = next) {
		if (b.has_close && is_part(text.ptr[at]))
			return at;
		next = skip_opening(text, at, &b);
		if (next != SIZE_MAX && is_part_at(text, next, is_part))
			return is_bridge(&b) ? next : SIZE_MAX;
		if (next == SIZE_MAX)
			next = step(text, at, &b);
		if (next == SIZE_MAX)
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

size_t bridge_skip(struct view text, size_t at, bool (*is_part)(char c))
{
	size_t next = skip_invisible(text, at);
	size_t line = next < text.len ? skip_line_end(text, next) : SIZE_MAX;

	if (line != SIZE_MAX || next == at)
		next = line;
	if (next == SIZE_MAX)
		next = skip_template(text, at);
	if (next != SIZE_MAX && next > at)
		return next < text.len && is_part(text.ptr[next]) ? next : SIZE_MAX;
	return at < text.len ? skip_between(text, at, is_part, false) : SIZE_MAX;
}

size_t bridge_line_start(struct view text, size_t at)
{
	size_t start = at;

	while (start > 0 && at - start <= BRIDGE_WRAP_MAX && text.ptr[start - 1] != '\n')
		start--;
	return start;
}

/* A line's end, what a list or an assignment has in front of its text, and a quote. */
static size_t skip_to_value(struct view text, size_t at)
{
	at = skip_eol(text, skip_blanks(text, at));
	if (at == SIZE_MAX)
		return SIZE_MAX;
	at = skip_name(text, skip_blanks(text, at));
	if (at == SIZE_MAX)
		return SIZE_MAX;
	return skip_reference(text, at < text.len && is_quote(text.ptr[at]) ? at + 1 : at);
}

/* Behind the tags at a place and the blanks between them: the parts of a text that is marked up. SIZE_MAX: none. */
static size_t skip_tags(struct view text, size_t at)
{
	size_t start = at, end = at;

	while (at < text.len && at - start < TAGS_MAX) {
		size_t len = text_find_byte(view_sub(text, at, TAGS_MAX), '>');

		if (text.ptr[at] == '<' && len != SIZE_MAX)
			at = end = at + len + 1;
		else if (text_is_space(text.ptr[at]))
			at++;
		else
			break;
	}
	return end > start ? at : SIZE_MAX;
}

/* From the end of a string of a PDF page to the next one: "(...)-12(...)", "(...) Tj 0 -14 Td (...)". */
static size_t skip_shown(struct view text, size_t at)
{
	for (size_t end = at + 1; end < text.len && end - at < WORD_MAX; end++) {
		if (text.ptr[end] == '(')
			return end + 1;
		if (!text_is_space(text.ptr[end]) && !text_is_digit(text.ptr[end]) &&
		    text_find_byte(VIEW("-.[]TJjDdm*"), text.ptr[end]) == SIZE_MAX)
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

/* From one cell of a table to the next one, or over the blanks between two words. */
static size_t skip_cell(struct view text, size_t at)
{
	at = skip_blanks(text, at);
	if (at < text.len && text_find_byte(VIEW(",;|"), text.ptr[at]) != SIZE_MAX)
		at++;
	return skip_blanks(text, at);
}

static size_t guess_quoted(struct view text, size_t at, bool (*is_part)(char c))
{
	size_t next = skip_between(text, at, is_part, true);

	return next == SIZE_MAX ? skip_to_value(text, at + 1) : next;
}

size_t bridge_guess(struct view text, size_t at, bool (*is_part)(char c))
{
	size_t start = at, next;

	at = skip_reference(text, at);
	if (at >= text.len)
		return SIZE_MAX;
	if (is_quote(text.ptr[at]))
		next = guess_quoted(text, at, is_part);
	else if (text.ptr[at] == '<')
		next = skip_tags(text, at);
	else
		next = text.ptr[at] == ')' ? skip_shown(text, at) : skip_to_value(text, at);
	if (next == SIZE_MAX)
		next = skip_cell(text, at);
	return next > start && is_part_at(text, next, is_part) ? next : SIZE_MAX;
}
