/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/record.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"

struct records *records_new(void)
{
	struct records *r = calloc(1, sizeof(*r));

	if (r)
		r->end = &r->first;
	return r;
}

void records_free(struct records *r)
{
	struct record *next;

	if (!r)
		return;
	for (struct record *i = r->first; i; i = next) {
		next = i->next;
		free(i);
	}
	free(r);
}

/* A record with the texts behind it in the same block: each text pointer is moved to its copy. */
static struct record *record_new(struct records *r, const char **const *texts, size_t count)
{
	size_t size = sizeof(struct record);
	struct record *record;
	char *out;

	for (size_t i = 0; i < count; i++)
		size += *texts[i] ? strlen(*texts[i]) + 1 : 0;
	record = calloc(1, size);
	if (!record)
		return NULL;
	out = (char *)(record + 1);
	for (size_t i = 0; i < count; i++) {
		size_t len;

		if (!*texts[i])
			continue;
		len = strlen(*texts[i]) + 1;
		memcpy(out, *texts[i], len);
		*texts[i] = out;
		out += len;
	}
	*r->end = record;
	r->end = &record->next;
	r->bytes += size;
	return record;
}

int records_add_finding(struct records *r, const struct finding *f)
{
	struct finding copy = *f;
	struct origin *o = &copy.origin;
	struct verdict *v = &copy.verdict;
	const char **const texts[] = { &copy.path,       &copy.below,     &copy.masked,     &copy.line_before,
				       &copy.line_after, &copy.via,       &copy.allowed_by, &copy.suggestion,
				       &o->object,       &o->object_type, &o->commit,       &o->author,
				       &o->email,        &o->date,        &o->message,      &o->last,
				       &o->reached,      &o->refs,        &o->also_at,      &o->untrusted,
				       &o->repository,   &v->reason,      &v->organization };
	struct record *record = record_new(r, texts, ARRAY_LEN(texts));

	if (!record)
		return -1;
	record->is_finding = true;
	record->finding = copy;
	return 0;
}

int records_add_unread(struct records *r, const struct record_unread *u)
{
	struct record_unread copy = *u;
	const char **const texts[] = { &copy.path, &copy.below, &copy.detail };
	struct record *record;

	if (!unread_is_incomplete(u->reason) && r->kept[u->reason] >= UNREAD_EXAMPLES) {
		r->skipped[u->reason]++;
		return 0;
	}
	record = record_new(r, texts, ARRAY_LEN(texts));
	if (!record)
		return -1;
	record->unread = copy;
	r->kept[u->reason]++;
	return 0;
}

bool records_have_secret(const struct records *r, const char *secret_id)
{
	for (const struct record *i = r ? r->first : NULL; i; i = i->next)
		if (i->is_finding && strcmp(i->finding.secret_id, secret_id) == 0)
			return true;
	return false;
}

void records_drop_known(struct records *r, const struct records *before)
{
	struct record **at = r ? &r->first : NULL;

	while (at && *at) {
		struct record *i = *at;

		if (i->is_finding && records_have_secret(before, i->finding.secret_id)) {
			*at = i->next;
			free(i);
		} else {
			at = &i->next;
		}
	}
	if (r)
		r->end = at;
}

/* The link that leads to the finding of the same rule at the same place, or NULL. */
static struct record **find_same(struct records *r, const struct finding *f)
{
	for (struct record **at = &r->first; *at; at = &(*at)->next)
		if ((*at)->is_finding && (*at)->finding.rule == f->rule && (*at)->finding.offset == f->offset)
			return at;
	return NULL;
}

bool records_join(struct records *r, struct records *other)
{
	struct record **at;

	if (!r || !other)
		return false;
	for (at = &other->first; *at;) {
		struct record *i = *at, **same = i->is_finding ? find_same(r, &i->finding) : NULL;

		/* what is allowed under one path may not be so under another */
		if (same && ((*same)->finding.status != STATUS_ALLOWED || i->finding.status == STATUS_ALLOWED))
			i = NULL;
		if (!i || !i->is_finding) {
			at = &(*at)->next;
			continue;
		}
		*at = i->next;
		i->next = same ? (*same)->next : NULL;
		if (same) {
			struct record *old = *same;

			*same = i;
			if (r->end == &old->next)
				r->end = &i->next;
			free(old);
		} else {
			*r->end = i;
			r->end = &i->next;
		}
	}
	records_free(other);
	return true;
}

size_t records_count_new(const struct records *r)
{
	size_t n = 0;

	for (const struct record *i = r->first; i; i = i->next)
		n += i->is_finding && i->finding.status == STATUS_NEW;
	return n;
}
