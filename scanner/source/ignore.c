/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/ignore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/sys/file.h"

#define BUCKETS 257 /* by last byte; the last bucket is of patterns that may end in any byte */
#define ANY_END 256

enum how {
	HOW_NAME,   /* the last name, literally */
	HOW_SUFFIX, /* the last name ends so: *.o */
	HOW_GLOB,   /* the last name, as a glob */
	HOW_PATH,   /* the path from the file's folder */
};

struct pattern {
	struct view text; /* of HOW_SUFFIX without its star, of HOW_PATH without its first slash */
	size_t literal;   /* how much of text, from its start, is literal */
	enum how how;
	bool is_negative, only_folders;
};

struct ignore_file {
	struct buf text;
	struct pattern *patterns;
	size_t count;
	bool nocase;
	unsigned starts[BUCKETS + 1]; /* of each bucket in order */
	unsigned *order;              /* indices of patterns, the last pattern of a bucket first */
};

/* Drops spaces at the end of a line, as far as no backslash stands before them. */
static struct view trim_end(struct view line)
{
	size_t end = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\\')
			i++;
		else if (line.ptr[i] == ' ')
			continue;
		end = i + 1;
	}
	return view_sub(line, 0, end < line.len ? end : line.len);
}

static size_t literal_len(struct view v)
{
	size_t len = 0;

	while (len < v.len && !memchr("*?[\\", v.ptr[len], 4))
		len++;
	return len;
}

/* false: the line has no pattern. */
static bool parse_line(struct view line, struct pattern *ret)
{
	*ret = (struct pattern){ .how = HOW_GLOB };
	if (line.len == 0 || line.ptr[0] == '#')
		return false;
	line = trim_end(line);
	if (line.len && line.ptr[0] == '!') {
		ret->is_negative = true;
		line = view_sub(line, 1, line.len);
	}
	if (line.len && line.ptr[line.len - 1] == '/') {
		ret->only_folders = true;
		line.len--;
	}
	if (line.len == 0 || line.len > IGNORE_PATTERN_BYTES)
		return false;
	if (text_find_byte(line, '/') != SIZE_MAX)
		ret->how = HOW_PATH;
	if (line.ptr[0] == '/')
		line = view_sub(line, 1, line.len);
	ret->text = line;
	ret->literal = literal_len(line);
	if (ret->how == HOW_GLOB && ret->literal == line.len) {
		ret->how = HOW_NAME;
	} else if (ret->how == HOW_GLOB && line.ptr[0] == '*' &&
		   literal_len(view_sub(line, 1, line.len)) == line.len - 1) {
		ret->how = HOW_SUFFIX;
		ret->text = view_sub(line, 1, line.len);
		ret->literal = ret->text.len;
	}
	return true;
}

static unsigned fold(char c, bool nocase)
{
	return (unsigned char)(nocase ? text_lower(c) : c);
}

/* The byte that whatever matches has to end in, or ANY_END. */
static unsigned bucket_of(const struct ignore_file *f, const struct pattern *p)
{
	char last;

	if (p->text.len == 0)
		return ANY_END;
	last = p->text.ptr[p->text.len - 1];
	if (p->literal == p->text.len)
		return fold(last, f->nocase);
	if (memchr("*?[]\\", last, 5) || (p->text.len > 1 && p->text.ptr[p->text.len - 2] == '\\') ||
	    text_find_byte(p->text, '[') != SIZE_MAX)
		return ANY_END;
	return fold(last, f->nocase);
}

static int put_in_order(struct ignore_file *f)
{
	unsigned next[BUCKETS];

	f->order = calloc(f->count + 1, sizeof(*f->order));
	if (!f->order)
		return -1;
	for (size_t i = 0; i < f->count; i++)
		f->starts[bucket_of(f, &f->patterns[i]) + 1]++;
	for (size_t b = 0; b < BUCKETS; b++) {
		f->starts[b + 1] += f->starts[b];
		next[b] = f->starts[b];
	}
	for (size_t i = f->count; i-- > 0;)
		f->order[next[bucket_of(f, &f->patterns[i])]++] = (unsigned)i;
	return 0;
}

static int parse_lines(struct ignore_file *f)
{
	struct view rest = buf_view(&f->text), line;
	size_t lines = 1;

	if (text_starts(rest, VIEW("\xEF\xBB\xBF")))
		rest = view_sub(rest, 3, rest.len);
	for (size_t i = 0; i < rest.len; i++)
		lines += rest.ptr[i] == '\n';
	f->patterns = calloc(lines, sizeof(*f->patterns));
	if (!f->patterns)
		return -1;
	while (text_next_line(&rest, &line))
		if (parse_line(line, &f->patterns[f->count]))
			f->count++;
	return 0;
}

struct ignore_file *ignore_parse(struct view text, bool nocase)
{
	struct ignore_file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->text = (struct buf)BUF_INIT(IGNORE_PATTERNS_BYTES);
	f->nocase = nocase;
	if (buf_add(&f->text, text) || parse_lines(f) || put_in_order(f)) {
		ignore_free(f);
		return NULL;
	}
	return f;
}

void ignore_free(struct ignore_file *file)
{
	if (!file)
		return;
	buf_done(&file->text);
	free(file->patterns);
	free(file->order);
	free(file);
}

int ignore_load(int dir_fd, const char *name, enum ignore_links links, bool nocase, struct ignore_file **ret,
		struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(IGNORE_PATTERNS_BYTES);
	struct stat st;

	*ret = NULL;
	if (fstatat(dir_fd, name, &st, links == IGNORE_NO_LINKS ? AT_SYMLINK_NOFOLLOW : 0)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return err_set(err, ERR_IO, errno, "cannot look at '%s'", name);
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	if (file_read_at(dir_fd, name, &text, err))
		return -1;
	*ret = ignore_parse(buf_view(&text), nocase);
	if (!*ret)
		return err_nomem(err);
	if ((*ret)->count == 0) {
		ignore_free(*ret);
		*ret = NULL;
	}
	return 0;
}

static bool same(const struct ignore_file *f, struct view a, struct view b)
{
	return f->nocase ? text_eq_nocase(a, b) : text_eq(a, b);
}

static bool pattern_matches(const struct ignore_file *f, const struct pattern *p, struct view path, struct view name)
{
	unsigned nocase = f->nocase ? GLOB_NOCASE : 0;
	struct view text = p->how == HOW_PATH ? path : name;

	if (p->how == HOW_SUFFIX)
		return text.len >= p->text.len && same(f, view_sub(text, text.len - p->text.len, text.len), p->text);
	if (p->literal == p->text.len)
		return same(f, text, p->text);
	if (!same(f, view_sub(text, 0, p->literal), view_sub(p->text, 0, p->literal)))
		return false;
	return glob_match(p->text, text, nocase | (p->how == HOW_PATH ? GLOB_PATH : 0));
}

enum ignore_verdict ignore_match(const struct ignore_file *file, struct view path, bool is_folder)
{
	const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
	struct view name = slash ? view_sub(path, (size_t)(slash - path.ptr) + 1, path.len) : path;
	unsigned bucket, a, a_end, b, b_end;

	if (path.len == 0)
		return IGNORE_NONE;
	bucket = fold(path.ptr[path.len - 1], file->nocase);
	a = file->starts[bucket];
	a_end = file->starts[bucket + 1];
	b = file->starts[ANY_END];
	b_end = file->starts[ANY_END + 1];
	while (a < a_end || b < b_end) {
		bool take_a = b == b_end || (a < a_end && file->order[a] > file->order[b]);
		const struct pattern *p = &file->patterns[file->order[take_a ? a++ : b++]];

		if ((is_folder || !p->only_folders) && pattern_matches(file, p, path, name))
			return p->is_negative ? IGNORE_INCLUDE : IGNORE_EXCLUDE;
	}
	return IGNORE_NONE;
}

enum ignore_verdict ignore_scope_match(const struct ignore_scope *scope, struct view path, bool is_folder)
{
	for (; scope; scope = scope->outer) {
		enum ignore_verdict v;

		if (!scope->file)
			continue;
		v = ignore_match(scope->file, view_sub(path, scope->base_len, path.len), is_folder);
		if (v != IGNORE_NONE)
			return v;
	}
	return IGNORE_NONE;
}
