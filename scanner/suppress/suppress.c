/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/suppress/suppress.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "scanner/suppress/ignored.h"

struct allow {
	struct suppress_allow entry;
	struct allow *next;
};

struct unread_entry {
	struct suppress_unread entry;
	struct unread_entry *next;
};

struct suppress {
	struct allow *allows, **allows_end;
	struct unread_entry *unread, **unread_end;
	struct ignored ignored;
};

struct suppress *suppress_new(void)
{
	struct suppress *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->allows_end = &s->allows;
	s->unread_end = &s->unread;
	return s;
}

static void list_free(struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char *item;

		memcpy(&item, &list->items[i], sizeof(item)); /* ours: list_copy made it */
		free(item);
	}
	free((void *)(uintptr_t)list->items);
}

void suppress_free(struct suppress *s)
{
	if (!s)
		return;
	for (struct allow *a = s->allows, *next; a; a = next) {
		next = a->next;
		list_free(&a->entry.paths);
		list_free(&a->entry.rules);
		free((void *)(uintptr_t)a->entry.reason);
		free(a);
	}
	for (struct unread_entry *u = s->unread, *next; u; u = next) {
		next = u->next;
		list_free(&u->entry.paths);
		free((void *)(uintptr_t)u->entry.reason);
		free(u);
	}
	ignored_done(&s->ignored);
	free(s);
}

void suppress_freep(struct suppress **s)
{
	suppress_free(*s);
	*s = NULL;
}

static int list_copy(struct rule_list *to, const struct rule_list *from)
{
	char **items = calloc(from->count + 1, sizeof(*items));

	if (!items)
		return -1;
	*to = (struct rule_list){ .items = (const char *const *)items };
	for (; to->count < from->count; to->count++) {
		items[to->count] = strdup(from->items[to->count]);
		if (!items[to->count])
			return -1;
	}
	return 0;
}

int suppress_add_allow(struct suppress *s, const struct suppress_allow *allow, int64_t today)
{
	struct allow *a;

	if (today > allow->expires_days)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -1;
	*s->allows_end = a;
	s->allows_end = &a->next;
	a->entry.reason = strdup(allow->reason);
	if (!a->entry.reason || list_copy(&a->entry.paths, &allow->paths))
		return -1;
	return list_copy(&a->entry.rules, &allow->rules);
}

int suppress_add_unread(struct suppress *s, const struct suppress_unread *unread)
{
	struct unread_entry *u = calloc(1, sizeof(*u));

	if (!u)
		return -1;
	*s->unread_end = u;
	s->unread_end = &u->next;
	u->entry.reasons = unread->reasons;
	u->entry.reason = strdup(unread->reason);
	return !u->entry.reason || list_copy(&u->entry.paths, &unread->paths) ? -1 : 0;
}

int suppress_read(struct suppress *s, const char *path, void (*note)(const char *text), struct err *err)
{
	return ignored_read(&s->ignored, path, note, err);
}

struct view suppress_rule_here(struct view gitleaks_id)
{
	return text_eq(gitleaks_id, VIEW("anthropic-admin-api-key")) ? VIEW("anthropic-admin-key") : gitleaks_id;
}

const char *suppress_marker(struct view line)
{
	static const char *const markers[] = { "skant:allow", "gitleaks:allow" };

	for (size_t i = 0; i < ARRAY_LEN(markers); i++)
		if (text_find(line, view_of(markers[i])) != SIZE_MAX)
			return markers[i];
	return NULL;
}

/* A member of a container is meant by globs for its whole path, for its own, and for that of the container. */
static bool path_fits(const struct rule_list *globs, struct view below, size_t inside_len, size_t own_len)
{
	for (size_t i = 0; i < globs->count; i++) {
		struct view glob = view_of(globs->items[i]);

		if (item_is_meant(glob, below, own_len) ||
		    (inside_len && glob_path(glob, view_sub(below, 0, below.len - inside_len))))
			return true;
	}
	return globs->count == 0;
}

static bool rule_fits(const struct rule_list *globs, const char *id)
{
	for (size_t i = 0; i < globs->count; i++)
		if (glob_match(view_of(globs->items[i]), view_of(id), 0))
			return true;
	return globs->count == 0;
}

/* Of a place in history both forms count: with the commit, and the one that holds in each. */
static bool fingerprint_listed(const struct suppress *s, const char *path, const struct finding *f)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 20);
	const char *commit = f->origin.is_known ? f->origin.commit : NULL;
	size_t prefix = commit ? strlen(commit) + 1 : 0;

	if ((commit && buf_addf(&text, "%s:", commit)) ||
	    buf_addf(&text, "%s:%s:%llu", path, f->rule->id, (unsigned long long)f->start_line))
		return false; /* rather reported than lost */
	return ignored_has(&s->ignored, text.ptr) || (prefix && ignored_has(&s->ignored, text.ptr + prefix));
}

const char *suppress_reason(const struct suppress *s, const struct finding *f)
{
	for (const struct allow *a = s->allows; a; a = a->next)
		if (path_fits(&a->entry.paths, view_of(f->below), f->inside_len, f->own_len) &&
		    rule_fits(&a->entry.rules, f->rule->id))
			return a->entry.reason;
	if (s->ignored.count && (ignored_has(&s->ignored, f->secret_id) || fingerprint_listed(s, f->path, f) ||
				 fingerprint_listed(s, f->below, f)))
		return "listed in an ignore file";
	return NULL;
}

const char *suppress_accepts(const struct suppress *s, const struct record_unread *unread)
{
	for (const struct unread_entry *u = s->unread; u; u = u->next)
		if ((u->entry.reasons >> unread->reason & 1) &&
		    path_fits(&u->entry.paths, view_of(unread->below), unread->inside_len, unread->own_len))
			return u->entry.reason;
	return NULL;
}
