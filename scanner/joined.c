/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/joined.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"

#define SLOTS_FIRST 1024 /* a power of two */

/* FNV-1a, 64 bits (Fowler, Noll, Vo) */
static uint64_t add_hash(uint64_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return (hash ^ 0xff) * 0x100000001b3;
}

static uint64_t hash_of(const struct finding *f)
{
	uint64_t hash = add_hash(0xcbf29ce484222325, f->secret_id);

	if (f->origin.repository)
		return hash;
	hash = add_hash(add_hash(hash, f->path), f->origin.commit);
	return (hash ^ f->start_line ^ f->start_column << 32) * 0x100000001b3;
}

static int by_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static bool is_same(const struct finding *a, const struct finding *b)
{
	if (a->origin.repository && b->origin.repository)
		return strcmp(a->secret_id, b->secret_id) == 0;
	if (a->origin.repository || b->origin.repository)
		return false;
	return a->start_line == b->start_line && a->start_column == b->start_column &&
	       strcmp(a->secret_id, b->secret_id) == 0 && strcmp(a->path, b->path) == 0 &&
	       by_text(a->origin.commit, b->origin.commit) == 0;
}

static unsigned verdict_rank(const struct finding *f)
{
	static const unsigned ranks[VERIFIED_COUNT] = {
		[VERIFIED_NOT] = 0, [VERIFIED_UNKNOWN] = 1, [VERIFIED_DEAD] = 2, [VERIFIED_LIVE] = 3
	};

	return ranks[f->verdict.state];
}

static int by_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_place(const struct finding *a, const struct finding *b)
{
	int order = strcmp(a->path, b->path);

	if (order == 0)
		order = by_number(a->start_line, b->start_line);
	if (order == 0)
		order = by_number(a->start_column, b->start_column);
	if (order == 0)
		order = by_text(a->origin.commit, b->origin.commit);
	return order ? order : strcmp(a->secret_id, b->secret_id);
}

/* Which of two finds of a secret in many repositories stands for both: what matters more, then what HEAD has, then the
 * first. Never 0 for two that differ in what a report tells first. */
static int by_weight(const struct finding *a, const struct finding *b)
{
	int order = by_number(b->severity, a->severity);

	if (order == 0)
		order = by_number(b->confidence, a->confidence);
	if (order == 0)
		order = by_number(b->origin.at_head, a->origin.at_head);
	if (order == 0)
		order = by_place(a, b);
	if (order == 0)
		order = by_text(a->origin.object, b->origin.object);
	if (order == 0)
		order = by_number(a->offset, b->offset);
	return order ? order : strcmp(a->rule->id, b->rule->id);
}

/* Strictly: of two that say as much, the first stays. */
static bool says_more(const struct finding *a, const struct finding *b)
{
	if (a->status != b->status)
		return a->status < b->status;
	if (verdict_rank(a) != verdict_rank(b))
		return verdict_rank(a) > verdict_rank(b);
	if (!a->inventory_count != !b->inventory_count)
		return a->inventory_count > 0;
	return a->origin.repository && by_weight(a, b) < 0;
}

static const char *put_text(char **at, const char *text)
{
	char *copied = *at;
	size_t len = text ? strlen(text) + 1 : 0;

	if (!text)
		return NULL;
	memcpy(copied, text, len);
	*at += len;
	return copied;
}

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static int copy_keys(const struct finding *f, struct inventory_key **ret)
{
	size_t count = f->inventory_count < INVENTORY_SHOWN ? f->inventory_count : INVENTORY_SHOWN;
	size_t size = count * sizeof(**ret);
	struct inventory_key *keys;
	char *at;

	*ret = NULL;
	if (count == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		const struct inventory_key *k = &f->inventory[i];

		size += size_of(k->id) + size_of(k->name) + size_of(k->status) + size_of(k->workspace_id) +
			size_of(k->workspace) + size_of(k->created_at) + size_of(k->expires_at);
	}
	keys = malloc(size);
	if (!keys)
		return -1;
	at = (char *)(keys + count);
	for (size_t i = 0; i < count; i++) {
		const struct inventory_key *k = &f->inventory[i];

		keys[i] = *k;
		keys[i].id = put_text(&at, k->id);
		keys[i].name = put_text(&at, k->name);
		keys[i].status = put_text(&at, k->status);
		keys[i].workspace_id = put_text(&at, k->workspace_id);
		keys[i].workspace = put_text(&at, k->workspace);
		keys[i].created_at = put_text(&at, k->created_at);
		keys[i].expires_at = put_text(&at, k->expires_at);
	}
	*ret = keys;
	return 0;
}

static int copy(const struct finding *f, struct joined_entry *ret)
{
	struct records *r = records_new();
	struct inventory_key *keys = NULL;

	if (!r || records_add_finding(r, f) || copy_keys(f, &keys)) {
		records_free(r);
		return -1;
	}
	*ret = (struct joined_entry){ .record = r->first, .keys = keys };
	ret->record->finding.inventory = keys;
	r->first = NULL;
	records_free(r);
	return 0;
}

static void entry_done(struct joined_entry *e)
{
	free(e->record);
	free(e->keys);
	free(e->also_at);
	textset_done(&e->places);
}

static int add_place(struct textset *places, struct view path)
{
	if (textset_add(places, path))
		return -1;
	if (places->count > JOINED_PLACES_MAX) /* the last one goes, so that it does not matter when it came */
		free(places->items[--places->count]);
	return 0;
}

/* Of one in many repositories: where it stands as well. */
static int add_places(struct joined_entry *e, const struct finding *f)
{
	struct view rest = view_of(f->origin.also_at), separator = VIEW("//");

	if (!f->origin.repository)
		return 0;
	if (add_place(&e->places, view_of(f->path)))
		return -1;
	while (rest.len) {
		size_t end = text_find(rest, separator);

		if (add_place(&e->places, view_sub(rest, 0, end)))
			return -1;
		rest = end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + separator.len, rest.len);
	}
	e->occurrences += f->origin.occurrences ? f->origin.occurrences : 1;
	return 0;
}

/* The other places of a record, as its also_at. */
static int tell_places(struct joined_entry *e)
{
	struct buf text = BUF_INIT(REPORT_TEXT_BYTES);
	struct finding *f = &e->record->finding;

	if (!f->origin.repository)
		return 0;
	for (size_t i = 0; i < e->places.count; i++) {
		if (strcmp(e->places.items[i], f->path) == 0)
			continue;
		if ((text.len && buf_add_text(&text, "//")) || buf_add_text(&text, e->places.items[i])) {
			buf_done(&text);
			return -1;
		}
	}
	f->origin.occurrences = e->occurrences;
	f->origin.also_at = e->also_at = text.len ? buf_detach(&text) : NULL;
	return 0;
}

/* What stands for both is the copy: it gets what is known of the other's places. */
static void replace(struct joined_entry *old, struct joined_entry *copy)
{
	copy->places = old->places;
	old->places = (struct textset){ .count = 0 };
	copy->occurrences = old->occurrences;
	entry_done(old);
	*old = *copy;
}

/* The slot of one like f, or the free one where it belongs. */
static size_t *slot_of(const struct joined *j, const struct finding *f)
{
	size_t at = (size_t)hash_of(f) & (j->slot_count - 1);

	while (j->slots[at] && !is_same(&j->entries[j->slots[at] - 1].record->finding, f))
		at = (at + 1) & (j->slot_count - 1);
	return &j->slots[at];
}

/* At most half of the slots are taken. */
static int make_slots(struct joined *j)
{
	size_t old = j->slot_count, count = old ? 2 * old : SLOTS_FIRST, *slots;

	if (2 * (j->count + 1) <= old)
		return 0;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return -1;
	free(j->slots);
	j->slots = slots;
	j->slot_count = count;
	for (size_t i = 0; i < j->count; i++)
		*slot_of(j, &j->entries[i].record->finding) = i + 1;
	return 0;
}

int joined_add(struct joined *j, const struct finding *f)
{
	struct joined_entry entry, *grown, *there;
	size_t *slot;

	if (make_slots(j))
		return -1;
	slot = slot_of(j, f);
	there = *slot ? &j->entries[*slot - 1] : NULL;
	j->doubles += there && !f->origin.repository;
	if (there && add_places(there, f))
		return -1;
	if (there && !says_more(f, &there->record->finding))
		return 0;
	grown = there ? j->entries : grow_items(j->entries, j->count, &j->cap, sizeof(*grown));
	if (!grown)
		return -1;
	j->entries = grown;
	if (copy(f, &entry))
		return -1;
	if (there) {
		replace(there, &entry);
		return 0;
	}
	if (add_places(&entry, f)) {
		entry_done(&entry);
		return -1;
	}
	j->entries[j->count++] = entry;
	*slot = j->count;
	return 0;
}

static int by_entry_place(const void *x, const void *y)
{
	return by_place(&((const struct joined_entry *)x)->record->finding,
			&((const struct joined_entry *)y)->record->finding);
}

struct records *joined_take(struct joined *j)
{
	struct records *r = records_new();

	if (!r)
		return NULL;
	free(j->slots);
	j->slots = NULL;
	j->slot_count = 0;
	if (j->count)
		qsort(j->entries, j->count, sizeof(*j->entries), by_entry_place);
	for (size_t i = 0; i < j->count; i++) {
		if (tell_places(&j->entries[i])) {
			records_free(r);
			return NULL;
		}
		*r->end = TAKE(j->entries[i].record);
		r->end = &(*r->end)->next;
	}
	return r;
}

void joined_done(struct joined *j)
{
	for (size_t i = 0; i < j->count; i++)
		entry_done(&j->entries[i]);
	free(j->entries);
	free(j->slots);
	*j = (struct joined){ .count = 0 };
}
