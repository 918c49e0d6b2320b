/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/suppress/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/jsonw.h"
#include "scanner/suppress/baseline_set.h"

#define ID_BYTES (8u * BASELINE_TEXT_BYTES)

struct baseline *baseline_new(void)
{
	return calloc(1, sizeof(struct baseline));
}

void baseline_free(struct baseline *b)
{
	for (size_t i = 0; b && i < b->count; i++)
		free(b->entries[i]);
	if (b)
		free(b->entries);
	free(b);
}

void baseline_freep(struct baseline **b)
{
	baseline_free(*b);
	*b = NULL;
}

static const char *copy_text(char **out, const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = *out;

	memcpy(copy, text, len);
	*out += len;
	return copy;
}

int baseline_put(struct baseline *b, const struct baseline_entry *entry)
{
	size_t size = strlen(entry->id) + strlen(entry->path) + strlen(entry->rule_id) + 3;
	struct baseline_entry **grown = grow_items(b->entries, b->count, &b->cap, sizeof(*grown)), *copy;
	char *out;

	if (!grown)
		return -1;
	b->entries = grown;
	copy = malloc(sizeof(*copy) + size);
	if (!copy)
		return -1;
	*copy = *entry;
	out = (char *)(copy + 1);
	copy->id = copy_text(&out, entry->id);
	copy->path = copy_text(&out, entry->path);
	copy->rule_id = copy_text(&out, entry->rule_id);
	b->entries[b->count++] = copy;
	b->is_sorted = false;
	return 0;
}

/* By what it is known: entries that are about the same thing stand together. A name counts under its rule. */
static int by_id(const struct baseline_entry *a, const struct baseline_entry *b)
{
	int order = (int)a->by - (int)b->by;

	if (order == 0)
		order = strcmp(a->id, b->id);
	if (order == 0 && a->by == BASELINE_BY_NAME)
		order = strcmp(a->rule_id, b->rule_id);
	return order;
}

static int by_all(const void *x, const void *y)
{
	const struct baseline_entry *a = *(struct baseline_entry *const *)x, *b = *(struct baseline_entry *const *)y;
	int order = by_id(a, b);

	if (order == 0)
		order = strcmp(a->path, b->path);
	if (order == 0)
		order = strcmp(a->rule_id, b->rule_id);
	return order ? order : (int)a->in_history - (int)b->in_history;
}

void baseline_settle(struct baseline *b)
{
	size_t kept = 0;

	if (b->is_sorted || b->count == 0)
		return;
	qsort(b->entries, b->count, sizeof(struct baseline_entry *), by_all);
	for (size_t i = 1; i < b->count; i++) {
		if (by_all(&b->entries[kept], &b->entries[i]) == 0)
			free(b->entries[i]);
		else
			b->entries[++kept] = b->entries[i];
	}
	b->count = kept + 1;
	b->is_sorted = true;
}

static bool is_name(const struct finding *f)
{
	return f->rule->kind == KIND_KEYNAME;
}

/* What a name is compared by: as it is, but for bytes that would not come back from a file as they were. */
static int add_name(struct buf *out, const struct finding *f)
{
	return text_add_clean(out, view_sub(view_of(f->masked), 0, BASELINE_TEXT_BYTES));
}

int baseline_add(struct baseline *b, const struct finding *f)
{
	DEFER(buf_done) struct buf path = BUF_INIT(ID_BYTES), name = BUF_INIT(ID_BYTES);
	struct baseline_entry entry = { .by = is_name(f) ? BASELINE_BY_NAME : BASELINE_BY_SECRET,
					.id = f->secret_id,
					.rule_id = f->rule->id,
					.in_history = f->origin.is_known && (f->origin.commit || f->origin.reached) };

	if (secret_add_masked_text(&path, view_sub(view_of(f->below), 0, BASELINE_TEXT_BYTES), VIEW_NONE) ||
	    add_name(&name, f))
		return -1;
	entry.path = path.len ? path.ptr : "";
	if (is_name(f))
		entry.id = name.len ? name.ptr : "";
	return baseline_put(b, &entry);
}

/* Marks the entries that are known by the same as entry, if there is a mark to set. Whether there are any. */
static bool look_up(const struct baseline *b, const struct baseline_entry *entry, bool marks)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_id(b->entries[middle], entry) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == b->count || by_id(b->entries[low], entry) != 0)
		return false;
	for (; marks && low < b->count && by_id(b->entries[low], entry) == 0; low++)
		b->entries[low]->is_met = true;
	return true;
}

/* With the commit, and the form that holds in each. */
static bool place_is_in(const struct baseline *b, const char *path, const struct finding *f, bool marks)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 20);
	const char *commit = f->origin.is_known ? f->origin.commit : NULL;
	struct baseline_entry entry = { .by = BASELINE_BY_PLACE };
	bool with_commit, without;

	if ((commit && buf_addf(&text, "%s:", commit)) ||
	    buf_addf(&text, "%s:%s:%llu", path, f->rule->id, (unsigned long long)f->start_line))
		return false; /* rather reported than lost */
	entry.id = text.ptr;
	with_commit = look_up(b, &entry, marks);
	if (!commit)
		return with_commit;
	entry.id = text.ptr + strlen(commit) + 1;
	without = look_up(b, &entry, marks);
	return with_commit || without;
}

static bool find(const struct baseline *b, const struct finding *f, bool marks)
{
	DEFER(buf_done) struct buf name = BUF_INIT(ID_BYTES);
	struct baseline_entry entry = { .by = BASELINE_BY_SECRET, .id = f->secret_id, .rule_id = f->rule->id };
	bool by_place, by_below;

	if (is_name(f)) {
		if (add_name(&name, f))
			return false;
		entry.by = BASELINE_BY_NAME;
		entry.id = name.len ? name.ptr : "";
	}
	if (look_up(b, &entry, marks))
		return true;
	if (!b->is_gitleaks)
		return false;
	by_place = place_is_in(b, f->path, f, marks);
	by_below = place_is_in(b, f->below, f, marks);
	return by_place || by_below;
}

bool baseline_has(const struct baseline *b, const struct finding *f)
{
	return find(b, f, false);
}

bool baseline_meet(struct baseline *b, const struct finding *f)
{
	return find(b, f, true);
}

bool baseline_is_gitleaks(const struct baseline *b)
{
	return b->is_gitleaks;
}

size_t baseline_whole_secrets(const struct baseline *b)
{
	return b->whole_secrets;
}

size_t baseline_count(const struct baseline *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++)
		n += !b->entries[i]->is_foreign;
	return n;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return len == 0 || (strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/'));
}

static bool is_covered(const struct baseline_scope *scope, const struct baseline_entry *e)
{
	for (size_t i = 0; e->in_history == scope->is_history && i < scope->count; i++)
		if (is_below(e->path, scope->below[i]))
			return true;
	return false;
}

size_t baseline_unmet(const struct baseline *b, const struct baseline_scope *scope)
{
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct baseline_entry *e = b->entries[i];

		n += !e->is_foreign && !e->is_met && is_covered(scope, e);
	}
	return n;
}

int baseline_keep(struct baseline *b, const struct baseline *old, const struct baseline_scope *scope, bool keep_unmet)
{
	for (size_t i = 0; i < old->count; i++) {
		const struct baseline_entry *e = old->entries[i];

		if ((!is_covered(scope, e) || (keep_unmet && !e->is_met)) && baseline_put(b, e))
			return -1;
	}
	baseline_settle(b);
	return 0;
}

/* Entries of one that other does not know; of those that are known by the same the first. */
static void tell_others(const struct baseline *one, const struct baseline *other, const struct baseline_scope *scope,
			bool came, void (*tell)(void *context, const char *path, const char *rule_id, bool came),
			void *context)
{
	for (size_t i = 0; i < one->count; i++) {
		const struct baseline_entry *e = one->entries[i];

		if (i && by_id(one->entries[i - 1], e) == 0)
			continue;
		if (!look_up(other, e, false) && (!scope || is_covered(scope, e)))
			tell(context, e->path, e->rule_id, came);
	}
}

void baseline_compare(const struct baseline *now, const struct baseline *old, const struct baseline_scope *scope,
		      void (*tell)(void *context, const char *path, const char *rule_id, bool came), void *context)
{
	tell_others(now, old, NULL, true, tell, context);
	tell_others(old, now, scope, false, tell, context);
}

/* For people: by path, then by rule. */
static int by_path(const void *x, const void *y)
{
	const struct baseline_entry *a = *(struct baseline_entry *const *)x, *b = *(struct baseline_entry *const *)y;
	int order = strcmp(a->path, b->path);

	if (order == 0)
		order = strcmp(a->rule_id, b->rule_id);
	return order ? order : by_all(x, y);
}

int baseline_add_text(struct baseline *b, struct buf *out)
{
	int ret = buf_add_text(out, "{\"schema\":\"skant-baseline/1\",\"findings\":[");

	baseline_settle(b);
	if (b->count)
		qsort(b->entries, b->count, sizeof(struct baseline_entry *), by_path);
	for (size_t i = 0; i < b->count && ret == 0; i++) {
		const struct baseline_entry *e = b->entries[i];
		struct jsonw w;

		ret = buf_add_text(out, i ? ",\n" : "\n");
		jsonw_init(&w, out, 0);
		jsonw_object(&w);
		jsonw_member_text(&w, "path", e->path);
		jsonw_member_text(&w, "rule_id", e->rule_id);
		jsonw_member_text(&w, e->by == BASELINE_BY_NAME ? "name" : "secret_id", e->id);
		if (e->in_history)
			jsonw_member_text(&w, "in", "history");
		jsonw_end(&w);
		ret = ret || !jsonw_ok(&w);
	}
	ret = ret || buf_add_text(out, b->count ? "\n]}\n" : "]}\n");
	if (b->count)
		qsort(b->entries, b->count, sizeof(struct baseline_entry *), by_all);
	return ret ? -1 : 0;
}
