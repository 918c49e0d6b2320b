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

#define UTF8_BOM "\xEF\xBB\xBF"

enum pattern_kind {
	PATTERN_NAME,      /* the last name of the path is literal */
	PATTERN_SUFFIX,    /* ... ends in literal */
	PATTERN_PREFIX,    /* ... starts with literal */
	PATTERN_NAME_GLOB, /* ... matches glob */
	PATTERN_PATH,      /* the path is literal */
	PATTERN_PATH_GLOB, /* the path starts with literal, and what follows matches glob */
};

/* Patterns are numbered from 1 in the order of the file: the greatest number wins, 0 is none. */
struct pattern {
	struct view literal, glob;
	uint64_t needs; /* bytes that the last name must have: byte_bit of each */
	uint32_t next;  /* the pattern before this one in the same bucket */
	enum pattern_kind kind;
	bool is_negated, folders_only;
};

/* A pattern is in the bucket of what the last name of a matching path must be, end in or start with; one that tells
 * none of these is loose. Different keys may share a bucket: each candidate is compared in full. */
struct ignore_file {
	struct pattern *patterns;
	uint32_t count, loose, bucket_mask;
	uint32_t *buckets; /* the last pattern of each */
	bool nocase;
	char text[];
};

/* A path that is asked about. */
struct probe {
	struct view path, name;
	uint64_t bytes; /* byte_bit of each byte of the name */
	uint32_t hash;  /* of the name */
	bool is_folder;
};

/* Hashes and bits only preselect, so they fold letters whether case counts or not. */
static uint32_t fold(char c)
{
	return (unsigned char)c | 0x20;
}

static uint64_t byte_bit(char c)
{
	uint32_t folded = fold(c);

	return UINT64_C(1) << ((folded & 0x1F) | (folded & 0x40) >> 1);
}

static uint32_t mix(uint32_t hash)
{
	hash *= 0x9E3779B1;
	return hash ^ hash >> 15;
}

/* The name's hash, and byte_bit of each of its bytes. */
static uint32_t hash_name(struct view name, uint64_t *ret_bytes)
{
	uint32_t hash = 0;
	uint64_t bytes = 0;

	for (size_t i = 0; i < name.len; i++) {
		hash = (hash ^ fold(name.ptr[i])) * 0x01000193;
		bytes |= byte_bit(name.ptr[i]);
	}
	*ret_bytes = bytes;
	return mix(hash);
}

static uint32_t hash_first(char c)
{
	return mix(0x100 | fold(c));
}

static uint32_t hash_last(char c)
{
	return mix(0x200 | fold(c));
}

static bool is_same(const struct ignore_file *file, struct view a, struct view b)
{
	return file->nocase ? text_eq_nocase(a, b) : text_eq(a, b);
}

static size_t literal_len(struct view pattern)
{
	size_t len = 0;

	while (len < pattern.len && !glob_is_special(pattern.ptr[len]))
		len++;
	return len;
}

static bool is_stars(struct view v)
{
	while (v.len && v.ptr[0] == '*')
		v = view_sub(v, 1, v.len);
	return v.len == 0;
}

static bool has_slash(struct view v)
{
	return text_find_byte(v, '/') != SIZE_MAX;
}

static struct view last_name(struct view path)
{
	const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;

	return slash ? view_sub(path, (size_t)(slash - path.ptr) + 1, path.len) : path;
}

/* As git does: spaces at the end go, unless a backslash keeps them. */
static struct view trim_spaces(struct view line)
{
	size_t len = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == ' ')
			continue;
		if (line.ptr[i] == '\\' && ++i == line.len)
			return line;
		len = i + 1;
	}
	return view_sub(line, 0, len);
}

/* Cuts the next line that may hold a pattern off *rest. As in git, a CR before the LF is no part of it, and a NUL ends
 * it early. */
static bool next_pattern(struct view *rest, struct view *ret)
{
	struct view line;

	while (text_next_line(rest, &line)) {
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		*ret = trim_spaces(view_sub(line, 0, text_find_byte(line, '\0')));
		return true;
	}
	return false;
}

static void set_name_pattern(struct pattern *p, struct view text)
{
	size_t len = literal_len(text);
	struct view behind = view_sub(text, 1, text.len);

	p->literal = view_sub(text, 0, len);
	p->glob = text;
	if (len == text.len) {
		p->kind = PATTERN_NAME;
	} else if (is_stars(view_sub(text, len, text.len))) {
		p->kind = PATTERN_PREFIX;
	} else if (text.ptr[0] == '*' && literal_len(behind) == behind.len) {
		p->kind = PATTERN_SUFFIX;
		p->literal = behind;
	} else {
		p->kind = PATTERN_NAME_GLOB;
	}
}

/* git compares the literal start by itself and takes the rest as a pattern of its own. That shows where the rest starts
 * with "**": a** and a**\/b then pass slashes, which gitignore(5) does not say. false: no part of the pattern has to
 * match the last name of a path alone. */
static bool set_path_pattern(struct pattern *p, struct view text, struct view tail)
{
	size_t len = literal_len(text);

	p->kind = len == text.len ? PATTERN_PATH : PATTERN_PATH_GLOB;
	p->literal = view_sub(text, 0, len);
	p->glob = view_sub(text, len, text.len);
	if (text_starts(p->glob, VIEW("**")) && len && text.ptr[len - 1] != '/')
		return false;
	/* A slash in a bracket separates nothing. */
	return !is_stars(tail) && text_find_byte(view_sub(text, 0, text.len - tail.len), '[') == SIZE_MAX;
}

/* Reads one line. *ret_tail is what the last name of a path has to match, or empty. false when nothing can match. */
static bool parse_pattern(struct view line, struct pattern *p, struct view *ret_tail)
{
	bool is_path;

	p->is_negated = text_starts(line, VIEW("!"));
	line = view_sub(line, p->is_negated ? 1 : 0, line.len);
	p->folders_only = text_ends(line, VIEW("/"));
	line.len -= p->folders_only ? 1 : 0;
	is_path = has_slash(line);
	if (text_starts(line, VIEW("/")))
		line = view_sub(line, 1, line.len);
	if (text_starts(line, VIEW("**/")) && !has_slash(view_sub(line, 3, line.len))) {
		is_path = false; /* a name at any depth is what a pattern without slash says, too */
		line = view_sub(line, 3, line.len);
	}
	if (line.len == 0 || line.len > IGNORE_PATTERN_BYTES)
		return false;
	*ret_tail = last_name(line);
	if (!is_path)
		set_name_pattern(p, line);
	else if (!set_path_pattern(p, line, *ret_tail))
		*ret_tail = VIEW_NONE;
	return true;
}

/* The bytes that are literal in tail, up to its first bracket. */
static uint64_t literal_bytes(struct view tail)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < tail.len && tail.ptr[i] != '['; i++) {
		if (tail.ptr[i] == '*' || tail.ptr[i] == '?')
			continue;
		if (tail.ptr[i] == '\\' && ++i == tail.len)
			break;
		bytes |= byte_bit(tail.ptr[i]);
	}
	return bytes;
}

/* Where the pattern with this tail is looked for. */
static uint32_t *bucket_of(struct ignore_file *file, struct view tail)
{
	uint64_t bytes;
	uint32_t hash;
	char last;

	if (tail.len == 0)
		return &file->loose;
	last = tail.ptr[tail.len - 1];
	if (literal_len(tail) == tail.len)
		hash = hash_name(tail, &bytes);
	else if (!glob_is_special(last) && last != ']')
		hash = hash_last(last);
	else if (!glob_is_special(tail.ptr[0]))
		hash = hash_first(tail.ptr[0]);
	else
		return &file->loose;
	return &file->buckets[hash & file->bucket_mask];
}

static void add_patterns(struct ignore_file *file, struct view text)
{
	struct view line, tail;

	while (next_pattern(&text, &line)) {
		struct pattern *p = &file->patterns[file->count];
		uint32_t *bucket;

		if (!parse_pattern(line, p, &tail))
			continue;
		p->needs = literal_bytes(tail);
		bucket = bucket_of(file, tail);
		p->next = *bucket;
		*bucket = ++file->count;
	}
}

static size_t count_patterns(struct view text)
{
	struct view line;
	size_t count = 0;

	while (next_pattern(&text, &line))
		count++;
	return count;
}

struct ignore_file *ignore_parse(struct view text, bool nocase)
{
	struct ignore_file *file;
	size_t patterns, buckets = 1;

	if (text_starts(text, VIEW(UTF8_BOM)))
		text = view_sub(text, sizeof(UTF8_BOM) - 1, text.len);
	patterns = count_patterns(text);
	while (buckets < 2 * patterns)
		buckets *= 2;
	file = calloc(1, sizeof(*file) + text.len);
	if (!file)
		return NULL;
	file->patterns = calloc(patterns + 1, sizeof(*file->patterns));
	file->buckets = calloc(buckets, sizeof(*file->buckets));
	if (!file->patterns || !file->buckets) {
		ignore_free(file);
		return NULL;
	}
	file->bucket_mask = (uint32_t)buckets - 1;
	file->nocase = nocase;
	if (text.len)
		memcpy(file->text, text.ptr, text.len);
	add_patterns(file, view_from(file->text, text.len));
	return file;
}

void ignore_free(struct ignore_file *file)
{
	if (!file)
		return;
	free(file->patterns);
	free(file->buckets);
	free(file);
}

/* Opens name when it is a regular file; else *ret_fd is -1. */
static int open_file(int dir_fd, const char *name, enum ignore_links links, int *ret_fd, size_t *ret_size,
		     struct err *err)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (links == IGNORE_NO_LINKS ? O_NOFOLLOW : 0);
	DEFER(closep) int fd = openat(dir_fd, name, flags);
	struct stat st;

	*ret_fd = -1;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_IO, errno, "cannot read the ignore file '%s'", name);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_size > IGNORE_PATTERNS_BYTES)
		return err_set(err, ERR_LIMIT, 0, "the ignore file '%s' is too large: at most %u bytes are taken", name,
			       IGNORE_PATTERNS_BYTES);
	*ret_size = (size_t)st.st_size;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int ignore_load(int dir_fd, const char *name, enum ignore_links links, bool nocase, struct ignore_file **ret,
		struct err *err)
{
	DEFER(closep) int fd = -1;
	DEFER(freep) char *text = NULL;
	size_t size = 0;
	ssize_t len;

	*ret = NULL;
	if (open_file(dir_fd, name, links, &fd, &size, err))
		return -1;
	if (fd < 0 || size == 0)
		return 0;
	text = malloc(size);
	if (!text)
		return err_nomem(err);
	len = file_read_full(fd, text, size);
	if (len < 0)
		return err_set(err, ERR_IO, errno, "cannot read the ignore file '%s'", name);
	*ret = ignore_parse(view_from(text, (size_t)len), nocase);
	return *ret ? 0 : err_nomem(err);
}

static bool matches_path(const struct ignore_file *file, const struct pattern *p, struct view path)
{
	struct view start = view_sub(path, 0, p->literal.len);
	unsigned flags = GLOB_PATH | (file->nocase ? GLOB_NOCASE : 0u);

	return is_same(file, p->literal, start) && glob_match(p->glob, view_sub(path, start.len, path.len), flags);
}

static bool matches(const struct ignore_file *file, const struct pattern *p, const struct probe *probe)
{
	struct view name = probe->name;

	if ((p->needs & ~probe->bytes) || (p->folders_only && !probe->is_folder))
		return false;
	switch (p->kind) {
	case PATTERN_NAME:
		return is_same(file, p->literal, name);
	case PATTERN_SUFFIX:
		return name.len >= p->literal.len &&
		       is_same(file, p->literal, view_sub(name, name.len - p->literal.len, name.len));
	case PATTERN_PREFIX:
		return is_same(file, p->literal, view_sub(name, 0, p->literal.len));
	case PATTERN_NAME_GLOB:
		return glob_match(p->glob, name, file->nocase ? GLOB_NOCASE : 0);
	case PATTERN_PATH:
		return is_same(file, p->literal, probe->path);
	case PATTERN_PATH_GLOB:
		return matches_path(file, p, probe->path);
	}
	return false;
}

/* The last pattern of a bucket that matches, when it comes behind best; else best. */
static uint32_t last_match(const struct ignore_file *file, uint32_t number, const struct probe *probe, uint32_t best)
{
	while (number > best) {
		const struct pattern *p = &file->patterns[number - 1];

		if (matches(file, p, probe))
			return number;
		number = p->next;
	}
	return best;
}

static enum ignore_verdict match_probe(const struct ignore_file *file, const struct probe *probe)
{
	struct view name = probe->name;
	const uint32_t hashes[] = { probe->hash, hash_last(name.ptr[name.len - 1]), hash_first(name.ptr[0]) };
	uint32_t best = last_match(file, file->loose, probe, 0);

	for (size_t i = 0; i < ARRAY_LEN(hashes); i++)
		best = last_match(file, file->buckets[hashes[i] & file->bucket_mask], probe, best);
	if (!best)
		return IGNORE_NONE;
	return file->patterns[best - 1].is_negated ? IGNORE_INCLUDE : IGNORE_EXCLUDE;
}

static struct probe probe_of(struct view path, bool is_folder)
{
	struct probe probe = { .path = path, .name = last_name(path), .is_folder = is_folder };

	probe.hash = hash_name(probe.name, &probe.bytes);
	return probe;
}

enum ignore_verdict ignore_match(const struct ignore_file *file, struct view path, bool is_folder)
{
	struct probe probe = probe_of(path, is_folder);

	return probe.name.len ? match_probe(file, &probe) : IGNORE_NONE;
}

enum ignore_verdict ignore_scope_match(const struct ignore_scope *scope, struct view path, bool is_folder)
{
	struct probe probe = probe_of(path, is_folder);

	for (; scope && probe.name.len; scope = scope->outer) {
		enum ignore_verdict verdict = IGNORE_NONE;

		probe.path = view_sub(path, scope->base_len, path.len);
		if (scope->file)
			verdict = match_probe(scope->file, &probe);
		if (verdict != IGNORE_NONE)
			return verdict;
	}
	return IGNORE_NONE;
}
