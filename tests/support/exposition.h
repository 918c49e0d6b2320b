/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a strict reader of the text exposition format 0.0.4 of Prometheus. Whatever a lenient reader would let
 * pass fails the test: a line without its newline, a sample in front of its TYPE or apart from its group, a name,
 * sample or label twice, an escape that is none, bytes that are not UTF-8, a counter below 0, a summary without its
 * parts. */
#ifndef TESTS_SUPPORT_EXPOSITION_H
#define TESTS_SUPPORT_EXPOSITION_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define EXPOSITION_NAMES 100
#define EXPOSITION_SAMPLES 8192

struct exposition {
	struct view names[EXPOSITION_NAMES]; /* that had a TYPE */
	size_t count;
	struct view type;                        /* of the last of them */
	struct view helped;                      /* the name of the last HELP */
	struct view samples[EXPOSITION_SAMPLES]; /* name and labels of those of the last name */
	size_t sample_count;
};

#define EXPOSITION_NEED(is_right, line)                                                                                \
	do {                                                                                                           \
		if (!(is_right))                                                                                       \
			fail_msg("%s: %.*s", #is_right, (int)(line).len, (line).ptr);                                  \
	} while (0)

static inline size_t exposition_name_len(struct view v, bool is_metric)
{
	size_t n = 0;

	while (n < v.len && (text_is_alpha(v.ptr[n]) || v.ptr[n] == '_' || (is_metric && v.ptr[n] == ':') ||
			     (n > 0 && text_is_digit(v.ptr[n]))))
		n++;
	return n;
}

/* Cuts "value" off *rest. */
static inline void exposition_value(struct view *rest, struct view line)
{
	size_t i = 1;

	EXPOSITION_NEED(rest->len > 1 && rest->ptr[0] == '"', line);
	while (i < rest->len && rest->ptr[i] != '"') {
		size_t len = text_utf8_len(view_sub(*rest, i, rest->len));

		EXPOSITION_NEED(len > 0, line);
		if (rest->ptr[i] == '\\') {
			EXPOSITION_NEED(i + 1 < rest->len && strchr("\\\"n", rest->ptr[i + 1]), line);
			len = 2;
		}
		i += len;
	}
	EXPOSITION_NEED(i < rest->len, line);
	*rest = view_sub(*rest, i + 1, rest->len);
}

/* Cuts {labels} off *rest; whether quantile is among them. */
static inline bool exposition_labels(struct view *rest, struct view line)
{
	struct view seen[8];
	bool has_quantile = false;

	for (size_t count = 0;; count++) {
		size_t len = exposition_name_len(view_sub(*rest, 1, rest->len), false);
		struct view name = view_sub(*rest, 1, len);

		EXPOSITION_NEED(len > 0 && count < 8, line);
		for (size_t i = 0; i < count; i++)
			EXPOSITION_NEED(!text_eq(seen[i], name), line);
		seen[count] = name;
		has_quantile = has_quantile || text_eq(name, VIEW("quantile"));
		*rest = view_sub(*rest, 1 + len, rest->len);
		EXPOSITION_NEED(rest->len && rest->ptr[0] == '=', line);
		*rest = view_sub(*rest, 1, rest->len);
		exposition_value(rest, line);
		EXPOSITION_NEED(rest->len && (rest->ptr[0] == ',' || rest->ptr[0] == '}'), line);
		if (rest->ptr[0] == '}')
			break;
	}
	*rest = view_sub(*rest, 1, rest->len);
	return has_quantile;
}

static inline void exposition_number(struct view v, bool is_counter, struct view line)
{
	char text[64], *end;
	double number;

	EXPOSITION_NEED(v.len > 1 && v.len < sizeof(text) && v.ptr[0] == ' ', line);
	memcpy(text, v.ptr + 1, v.len - 1);
	text[v.len - 1] = '\0';
	EXPOSITION_NEED(!text_is_space(text[0]), line);
	number = strtod(text, &end);
	EXPOSITION_NEED(*end == '\0' && !isnan(number), line);
	EXPOSITION_NEED(!is_counter || number >= 0, line);
}

static inline void exposition_comment(struct exposition *e, struct view line)
{
	bool is_type = text_starts(line, VIEW("# TYPE "));
	struct view rest = view_sub(line, 7, line.len), name;

	EXPOSITION_NEED(is_type || text_starts(line, VIEW("# HELP ")), line);
	name = view_sub(rest, 0, exposition_name_len(rest, true));
	rest = view_sub(rest, name.len, rest.len);
	EXPOSITION_NEED(name.len && rest.len > 1 && rest.ptr[0] == ' ', line);
	rest = view_sub(rest, 1, rest.len);
	if (!is_type) {
		e->helped = name;
		return;
	}
	EXPOSITION_NEED(text_eq(e->helped, name), line);
	for (size_t i = 0; i < e->count; i++)
		EXPOSITION_NEED(!text_eq(e->names[i], name), line);
	EXPOSITION_NEED(
		text_eq(rest, VIEW("counter")) || text_eq(rest, VIEW("gauge")) || text_eq(rest, VIEW("summary")), line);
	EXPOSITION_NEED(e->count < EXPOSITION_NAMES, line);
	e->names[e->count++] = name;
	e->type = rest;
	e->sample_count = 0;
}

static inline void exposition_sample(struct exposition *e, struct view line)
{
	bool is_summary = text_eq(e->type, VIEW("summary")), has_quantile = false;
	struct view rest = line, name = view_sub(line, 0, exposition_name_len(line, true)), group, suffix;

	EXPOSITION_NEED(e->count > 0, line);
	group = e->names[e->count - 1];
	EXPOSITION_NEED(text_starts(name, group), line);
	suffix = view_sub(name, group.len, name.len);
	EXPOSITION_NEED(suffix.len == 0 ||
				(is_summary && (text_eq(suffix, VIEW("_sum")) || text_eq(suffix, VIEW("_count")))),
			line);
	EXPOSITION_NEED(!text_eq(e->type, VIEW("counter")) || text_ends(name, VIEW("_total")), line);
	rest = view_sub(rest, name.len, rest.len);
	if (rest.len && rest.ptr[0] == '{')
		has_quantile = exposition_labels(&rest, line);
	EXPOSITION_NEED(has_quantile == (is_summary && suffix.len == 0), line);
	exposition_number(rest, text_eq(e->type, VIEW("counter")), line);
	name = view_sub(line, 0, line.len - rest.len);
	for (size_t i = 0; i < e->sample_count; i++)
		EXPOSITION_NEED(!text_eq(name, e->samples[i]), line);
	EXPOSITION_NEED(e->sample_count < EXPOSITION_SAMPLES, line);
	e->samples[e->sample_count++] = name;
}

static inline void exposition_check(struct view text)
{
	static struct exposition e;
	struct view line;

	e = (struct exposition){ .count = 0 };
	if (text.len)
		assert_int_equal(text.ptr[text.len - 1], '\n');
	while (text_next_line(&text, &line)) {
		EXPOSITION_NEED(line.len > 0 && line.ptr[line.len] == '\n', line);
		if (line.ptr[0] == '#')
			exposition_comment(&e, line);
		else
			exposition_sample(&e, line);
	}
}

#endif
