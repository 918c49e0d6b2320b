/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "scanner/readback.h"

#define SEVERAL "several" /* instruction sets */

struct reading {
	struct view object; /* the member "summary" */
	struct summary *sum;
	bool has_repositories; /* many, whose parts are joined as one scan would have them */
	struct err *err;
};

/* What no number can hold any more stays at the largest. */
static void add_up(uint64_t *total, uint64_t n)
{
	if (__builtin_add_overflow(*total, n, total))
		*total = UINT64_MAX;
}

static int add_number(const struct reading *g, struct view object, const char *key, uint64_t *total)
{
	struct view value = json_member(object, key);
	uint64_t n;

	if (!value.len)
		return 0;
	if (text_u64(value, UINT64_MAX, &n))
		return err_set(g->err, ERR_FORMAT, 0, "\"%s\" of the summary: a number was expected", key);
	add_up(total, n);
	return 0;
}

/* A member that is an object, or nothing. */
static struct view inner(const struct reading *g, const char *key)
{
	struct view value = json_member(g->object, key);

	return value.len && json_type_of(value) == JSON_OBJECT ? value : VIEW_NONE;
}

static unsigned reason_of(struct view value)
{
	for (unsigned i = 0; value.len && json_type_of(value) == JSON_STRING && i < UNREAD_COUNT; i++)
		if (json_string_is(value, view_of(unread_names[i])))
			return i;
	return UNREAD_COUNT;
}

/* A reason that is not known here may be one that should have been read. */
static int add_unread(struct reading *g)
{
	struct view cursor = inner(g, "unread"), key, value;
	uint64_t n;

	while (cursor.len && json_each_member(&cursor, &key, &value)) {
		unsigned reason = reason_of(key);

		if (text_u64(value, UINT64_MAX, &n))
			return err_set(g->err, ERR_FORMAT, 0, "\"unread\" of the summary: numbers were expected");
		if (reason == UNREAD_COUNT)
			g->sum->incomplete = true;
		else
			add_up(&g->sum->unread[reason], n);
	}
	return 0;
}

/* Of a member of a container: see struct item. *ret is 0 when the example says nothing sensible of it. 0, or -1 when
 * there is no memory. */
static int find_inside(struct view example, const char *path, size_t *ret)
{
	DEFER(buf_done) struct buf container = BUF_INIT(REPORT_TEXT_BYTES);
	struct view value = json_member(example, "container"), whole = view_of(path);

	*ret = 0;
	if (!value.len || json_type_of(value) != JSON_STRING)
		return 0;
	if (json_add_string(&container, value))
		return -1;
	if (container.len < whole.len && whole.ptr[container.len] == '!' && text_starts(whole, buf_view(&container)))
		*ret = whole.len - container.len;
	return 0;
}

static int add_example(struct reading *g, struct view example)
{
	DEFER(buf_done) struct buf path = BUF_INIT(REPORT_TEXT_BYTES);
	struct view value = json_member(example, "path");
	unsigned reason = reason_of(json_member(example, "reason"));
	size_t inside_len;
	char *kept;

	if (reason == UNREAD_COUNT || !value.len || json_type_of(value) != JSON_STRING)
		return 0;
	if (json_add_string(&path, value))
		return err_nomem(g->err);
	kept = strndup(path.len ? path.ptr : "", path.len);
	if (!kept || find_inside(example, kept, &inside_len)) {
		free(kept);
		return err_nomem(g->err);
	}
	summary_add_example(g->sum,
			    &(const struct summary_example){
				    .reason = (enum unread)reason, .path = kept, .inside_len = inside_len },
			    g->has_repositories);
	return 0;
}

static int add_examples(struct reading *g)
{
	struct view cursor = json_member(g->object, "unread_examples"), example;

	if (!cursor.len || json_type_of(cursor) != JSON_ARRAY)
		return 0;
	while ((g->has_repositories || g->sum->example_count < UNREAD_EXAMPLES) && json_each(&cursor, &example))
		if (json_type_of(example) == JSON_OBJECT && add_example(g, example))
			return -1;
	return 0;
}

static int add_baseline(struct reading *g)
{
	struct view baseline = inner(g, "baseline");
	struct summary *s = g->sum;

	if (!baseline.len)
		return 0;
	s->has_baseline = true;
	return add_number(g, baseline, "findings", &s->baseline) ||
			       add_number(g, baseline, "entries", &s->baseline_entries)
		       ? -1
		       : 0;
}

/* One of the names that this version knows, all parts' or "several". */
static void take_instructions(struct reading *g)
{
	static const char *const names[] = { "avx512", "avx2", "ssse3", "neon", "scalar", SEVERAL };
	struct view value = json_member(g->object, "instruction_set");
	const char *name = SEVERAL;

	for (size_t i = 0; value.len && json_type_of(value) == JSON_STRING && i < ARRAY_LEN(names); i++)
		if (json_string_is(value, view_of(names[i])))
			name = names[i];
	if (!g->sum->instructions)
		g->sum->instructions = name;
	else if (strcmp(g->sum->instructions, name) != 0)
		g->sum->instructions = SEVERAL;
}

static int add_numbers(struct reading *g)
{
	struct view findings = inner(g, "findings");
	struct summary *s = g->sum;
	uint64_t rules = 0;
	int ret = add_number(g, g->object, "files", &s->files) || add_number(g, g->object, "objects", &s->files) ||
		  add_number(g, g->object, "bytes", &s->bytes) ||
		  add_number(g, g->object, "known_packs", &s->known_packs) ||
		  add_number(g, g->object, "accepted_unread", &s->accepted) ||
		  add_number(g, g->object, "cut_reports", &s->cut_reports) ||
		  add_number(g, g->object, "lost_records", &s->lost_records) ||
		  add_number(g, g->object, "rules", &rules) || add_number(g, findings, "allowed", &s->allowed) ||
		  add_number(g, findings, "below_confidence", &s->below_confidence);

	if (rules > s->rules)
		s->rules = rules;
	return ret ? -1 : 0;
}

int readback_summary(struct view object, struct summary *s, struct err *err)
{
	struct reading g = { .object = json_member(object, "summary"), .sum = s, .err = err };
	bool is_first = !s->instructions, has_objects;
	struct view complete;

	if (!g.object.len || json_type_of(g.object) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "an object \"summary\" was expected");
	complete = json_member(g.object, "complete");
	g.has_repositories = json_member(g.object, "repositories").len > 0;
	has_objects = json_member(g.object, "objects").len > 0;
	s->are_objects = has_objects && (is_first || s->are_objects);
	s->incomplete |= !complete.len || json_type_of(complete) != JSON_TRUE;
	take_instructions(&g);
	return add_numbers(&g) || add_baseline(&g) || add_unread(&g) || add_examples(&g) ? -1 : 0;
}
