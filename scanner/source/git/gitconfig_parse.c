/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/gitconfig_parse.h"

#include "common/base/text.h"

#define END_OF_FILE (-1)

struct parser {
	struct view text;
	size_t at;
	unsigned line;
	bool at_end;
	size_t stem; /* length of key up to the variable's name */
	struct buf key, value;
	const char *wanted; /* what was expected where it went wrong; NULL = no memory */
};

static bool is_blank(int c) /* as git's isspace */
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_key_char(int c)
{
	return c == '-' || (c >= 0 && text_is_alnum((char)c));
}

/* The next byte. CR LF is a line's end, and so is the end of the text. */
static int next(struct parser *p)
{
	int c;

	if (p->at >= p->text.len) {
		p->at_end = true;
		return '\n';
	}
	c = (unsigned char)p->text.ptr[p->at++];
	if (c == '\r' && p->at < p->text.len && p->text.ptr[p->at] == '\n')
		c = (unsigned char)p->text.ptr[p->at++];
	if (c == '\n')
		p->line++;
	return c;
}

static int expected(struct parser *p, const char *what)
{
	p->wanted = what;
	return -1;
}

static int add(struct parser *p, struct buf *to, int c)
{
	return buf_add_byte(to, (char)c) ? expected(p, NULL) : 0;
}

/* What a backslash and c stand for; END_OF_FILE = nothing. */
static int unescape(int c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case '\\':
	case '"':
		return c;
	default:
		return END_OF_FILE;
	}
}

static int read_escape(struct parser *p)
{
	int c = next(p);

	if (c == '\n')
		return 0;
	c = unescape(c);
	if (c == END_OF_FILE)
		return expected(p, "one of \\\\ \\\" \\n \\t \\b or a line's end behind a backslash");
	return add(p, &p->value, c);
}

/* One byte of a value: a quote turns *is_quoted over, the rest is part of it. */
static int take_byte(struct parser *p, int c, bool *is_quoted)
{
	if (c == '\\')
		return read_escape(p);
	if (c != '"')
		return add(p, &p->value, c);
	*is_quoted = !*is_quoted;
	return 0;
}

static void skip_line(struct parser *p)
{
	while (next(p) != '\n')
		;
}

/* The rest of the line behind `=`. Blanks round it do not count, those inside do. */
static int read_value(struct parser *p)
{
	bool is_quoted = false;
	size_t kept = 0; /* length without the blanks at the end */

	buf_clear(&p->value);
	for (int c = next(p); c != '\n' || is_quoted; c = next(p)) {
		if (c == '\n')
			return expected(p, "a closing \" before the line's end");
		if (!is_quoted && (c == ';' || c == '#')) {
			skip_line(p);
			break;
		}
		if (!is_quoted && is_blank(c)) {
			if (p->value.len && add(p, &p->value, c))
				return -1;
			continue;
		}
		if (take_byte(p, c, &is_quoted))
			return -1;
		kept = p->value.len;
	}
	buf_cut(&p->value, kept);
	return 0;
}

/* `"subsection"]` */
static int read_subsection(struct parser *p, int c)
{
	static const char *const what = "[section \"subsection\"] on one line";

	while (c != '\n' && is_blank(c))
		c = next(p);
	if (c != '"')
		return expected(p, what);
	if (add(p, &p->key, '.'))
		return -1;
	for (;;) {
		c = next(p);
		if (c == '"')
			break;
		if (c == '\\')
			c = next(p);
		if (c == '\n')
			return expected(p, what);
		if (add(p, &p->key, c))
			return -1;
	}
	return next(p) == ']' ? 0 : expected(p, what);
}

/* `section]` or `section "subsection"]` */
static int read_section(struct parser *p)
{
	buf_clear(&p->key);
	for (;;) {
		int c = next(p);

		if (p->at_end)
			return expected(p, "a ] that ends the section's name");
		if (c == ']')
			break;
		if (is_blank(c)) {
			if (read_subsection(p, c))
				return -1;
			break;
		}
		if (!is_key_char(c) && c != '.')
			return expected(p, "letters, digits, - and . in a section's name");
		if (add(p, &p->key, text_lower((char)c)))
			return -1;
	}
	if (p->key.len == 0)
		return expected(p, "a section's name between [ and ]");
	if (add(p, &p->key, '.'))
		return -1;
	p->stem = p->key.len;
	return 0;
}

/* A variable that starts with c. *ret_has_value is false when its name stands alone. */
static int read_variable(struct parser *p, int c, bool *ret_has_value)
{
	buf_cut(&p->key, p->stem);
	for (; !p->at_end && is_key_char(c); c = next(p))
		if (add(p, &p->key, text_lower((char)c)))
			return -1;
	while (c == ' ' || c == '\t')
		c = next(p);
	*ret_has_value = c != '\n';
	if (!*ret_has_value)
		return 0;
	if (c != '=')
		return expected(p, "= behind a variable's name");
	return read_value(p);
}

static int fail(const struct parser *p, const char *name, struct err *err)
{
	bool behind = p->at && p->at <= p->text.len && p->text.ptr[p->at - 1] == '\n';

	if (!p->wanted)
		return err_nomem(err);
	return err_set(err, ERR_CONFIG, 0, "%s:%u: bad git configuration: expected %s", name,
		       behind && p->line > 1 && !p->at_end ? p->line - 1 : p->line, p->wanted);
}

/* What starts with c and is no blank. */
static int read_element(struct parser *p, int c, gitconfig_take *take, void *context, const char *name, struct err *err)
{
	unsigned line = p->line;
	bool has_value = false;

	if (c == '#' || c == ';') {
		skip_line(p);
		return 0;
	}
	if (c == '[')
		return read_section(p) ? fail(p, name, err) : 0;
	if (!text_is_alpha((char)c)) {
		(void)expected(p, "a [section], a variable's name or a comment");
		return fail(p, name, err);
	}
	if (read_variable(p, c, &has_value))
		return fail(p, name, err);
	return take(context, p->key.ptr, has_value ? p->value.ptr : NULL, line, err);
}

static void parser_done(struct parser *p)
{
	buf_done(&p->key);
	buf_done(&p->value);
}

int gitconfig_parse(struct view text, const char *name, gitconfig_take *take, void *context, struct err *err)
{
	DEFER(parser_done)
	struct parser p = { .text = text, .line = 1, .key = BUF_INIT(text.len + 2), .value = BUF_INIT(text.len + 1) };
	int ret = 0;

	if (buf_reserve(&p.key, 1) || buf_reserve(&p.value, 1)) /* from here on both are terminated */
		return err_nomem(err);
	if (text_starts(text, VIEW("\xEF\xBB\xBF")))
		p.at = 3;
	while (ret == 0) {
		int c = next(&p);

		if (p.at_end)
			break;
		if (!is_blank(c))
			ret = read_element(&p, c, take, context, name, err);
	}
	return ret;
}

int gitconfig_canonical(struct view key, struct buf *out, struct err *err)
{
	size_t first = text_find_byte(key, '.'), last = first;

	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] == '.')
			last = i;
	if (first == SIZE_MAX || first == 0 || last + 1 == key.len || !text_is_alpha(key.ptr[last + 1]))
		return err_set(err, ERR_CONFIG, 0, "bad key in git's environment: expected section.name");
	for (size_t i = 0; i < key.len; i++) {
		bool is_plain = i < first || i > last;
		char c = key.ptr[i];

		if ((is_plain && !is_key_char((unsigned char)c)) || c == '\n')
			return err_set(err, ERR_CONFIG, 0,
				       "bad key in git's environment: expected letters, digits and - round the dots");
		if (buf_add_byte(out, is_plain ? text_lower(c) : c))
			return err_nomem(err);
	}
	return 0;
}

/* Takes the text in single quotes that *rest starts with off it; \' and \! may stand between two quoted parts. 0, 1
 * when there is none, -1 when there is no memory. */
static int next_quoted(struct view *rest, struct buf *out)
{
	size_t at = 1;

	buf_clear(out);
	if (!rest->len || rest->ptr[0] != '\'')
		return 1;
	for (; at < rest->len; at++) {
		char c = rest->ptr[at];

		if (c == '\'') {
			struct view after = view_sub(*rest, at + 1, 3);

			if (!text_eq(after, VIEW("\\''")) && !text_eq(after, VIEW("\\!'"))) {
				*rest = view_sub(*rest, at + 1, rest->len);
				return buf_reserve(out, 1) ? -1 : 0;
			}
			c = after.ptr[1];
			at += 3;
		}
		if (buf_add_byte(out, c))
			return -1;
	}
	return 1;
}

static int bad_parameters(struct err *err)
{
	return err_set(err, ERR_CONFIG, 0,
		       "GIT_CONFIG_PARAMETERS is malformed: expected 'key'='value', each in single quotes");
}

/* Hands a pair over, value as it is (NULL = none). */
static int take_pair(struct view key, const char *value, gitconfig_take *take, void *context, struct err *err)
{
	DEFER(buf_done) struct buf canonical = BUF_INIT(key.len + 1);

	if (gitconfig_canonical(key, &canonical, err))
		return -1;
	return take(context, canonical.ptr, value, 0, err);
}

/* The older form, both in one pair of quotes: key=value, or key alone. */
static int take_joined(struct view pair, gitconfig_take *take, void *context, struct err *err)
{
	size_t equals = text_find_byte(pair, '=');
	struct view key = text_trim(view_sub(pair, 0, equals));

	if (!key.len)
		return bad_parameters(err);
	/* pair is a buffer's, and so terminated */
	return take_pair(key, equals == SIZE_MAX ? NULL : pair.ptr + equals + 1, take, context, err);
}

/* `='value'` or `=` behind a key. */
static int take_split(struct view *rest, struct view key, gitconfig_take *take, void *context, struct err *err)
{
	DEFER(buf_done) struct buf value = BUF_INIT(rest->len + 1);
	int status;

	*rest = view_sub(*rest, 1, rest->len);
	if (!rest->len || is_blank(rest->ptr[0]))
		return take_pair(key, NULL, take, context, err);
	status = next_quoted(rest, &value);
	if (status < 0)
		return err_nomem(err);
	if (status || (rest->len && !is_blank(rest->ptr[0])))
		return bad_parameters(err);
	return take_pair(key, value.ptr, take, context, err);
}

int gitconfig_parse_parameters(struct view text, gitconfig_take *take, void *context, struct err *err)
{
	DEFER(buf_done) struct buf key = BUF_INIT(text.len + 1);

	while (text.len) {
		int status = next_quoted(&text, &key);

		if (status)
			return status < 0 ? err_nomem(err) : bad_parameters(err);
		if (text.len && text.ptr[0] == '=')
			status = take_split(&text, buf_view(&key), take, context, err);
		else if (!text.len || is_blank(text.ptr[0]))
			status = take_joined(buf_view(&key), take, context, err);
		else
			return bad_parameters(err);
		if (status)
			return -1;
		while (text.len && is_blank(text.ptr[0]))
			text = view_sub(text, 1, text.len);
	}
	return 0;
}
